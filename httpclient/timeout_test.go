package httpclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
)

// wantTimeout checks that err is a time-out of that phase, and no error of HTTP.
func wantTimeout(t testing.TB, err error, phase string) {
	t.Helper()
	var timeout *httpclient.TimeoutError
	if !errors.As(err, &timeout) {
		t.Fatalf("%v is no TimeoutError", err)
	}
	if string(timeout.Phase) != phase {
		t.Errorf("phase %q, want %q", timeout.Phase, phase)
	}
	var n net.Error
	if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &n) || !n.Timeout() {
		t.Errorf("%v does not look like a time-out", err)
	}
	if errors.Is(err, httpclient.ErrHTTP) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		t.Errorf("%v looks like something else", err)
	}
}

// heldUp is where an exchange is held up.
type heldUp struct {
	name   string
	phase  string
	limit  func(*httpclient.Timeouts, time.Duration)
	secure bool
	serve  func(p *peer) // holds it up; nil when no connection comes about
	dialer transport.Dialer
	source func() (body.Source, func())
	runs   time.Duration // how long before the limit begins to count
	times  int           // how many limits pass; 0 is 1: a write that makes progress begins anew
}

var blackHole = transport.DialerFunc(func(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
})

// heldUps are all the places where an exchange can be held up.
func heldUps() []heldUp {
	hold := func(p *peer) { p.hold() }
	respond := func(pieces ...string) func(*peer) {
		return func(p *peer) {
			p.request()
			for _, piece := range pieces {
				time.Sleep(time.Second)
				p.send(piece)
			}
			p.hold()
		}
	}
	dial := func(t *httpclient.Timeouts, d time.Duration) { t.Dial = d }
	handshake := func(t *httpclient.Timeouts, d time.Duration) { t.TLS = d }
	write := func(t *httpclient.Timeouts, d time.Duration) { t.Write = d }
	first := func(t *httpclient.Timeouts, d time.Duration) { t.FirstByte = d }
	between := func(t *httpclient.Timeouts, d time.Duration) { t.Between = d }
	large := func() (body.Source, func()) { return body.Bytes(make([]byte, 1<<20)), func() {} }
	return []heldUp{
		{name: "dialling", phase: "dial", limit: dial, dialer: blackHole},
		{name: "handshake", phase: "TLS handshake", limit: handshake, secure: true, serve: nil},
		{name: "small write", phase: "write", limit: write, source: func() (body.Source, func()) { return body.String(strings.Repeat("x", 12_000)), func() {} }, serve: mute, times: 2},
		{name: "large write", phase: "write", limit: write, source: large, serve: mute, times: 2},
		{name: "large string", phase: "write", limit: write, source: func() (body.Source, func()) { return body.String(strings.Repeat("x", 1<<20)), func() {} }, serve: mute, times: 2},
		{name: "large stream", phase: "write", limit: write, source: func() (body.Source, func()) { return body.Reader(endless{}), func() {} }, serve: mute, times: 2},
		{name: "first octet", phase: "first byte", limit: first, serve: respond()},
		{name: "first octet behind a stream", phase: "first byte", limit: first, serve: respond(),
			source: func() (body.Source, func()) { return body.Reader(onlyReader{strings.NewReader("hello")}), func() {} }},
		{name: "first octet behind an interim response", phase: "first byte", limit: first, serve: respond(hints103), runs: time.Second},
		{name: "within the head", phase: "between bytes", limit: between, serve: respond("HTTP/1.1 200 OK\r\nA:"), runs: time.Second},
		{name: "before the content", phase: "between bytes", limit: between, serve: respond(okHead + "Content-Length: 5\r\n\r\n"), runs: time.Second},
		{name: "within the content", phase: "between bytes", limit: between, serve: respond(okHead+"Content-Length: 50000\r\n\r\n", "hel", "lo"), runs: 3 * time.Second},
		{name: "within a chunk-size", phase: "between bytes", limit: between, serve: respond(chunkedHead, "5\r\nhello\r\n1"), runs: 2 * time.Second},
		{name: "content until close", phase: "between bytes", limit: between, serve: respond(okHead+"\r\n", "hello"), runs: 2 * time.Second},
		{name: "source", limit: nil, serve: hold, source: func() (body.Source, func()) {
			b := newBlocking("some")
			return body.Reader(b), func() { close(b.release) }
		}},
		{name: "iterable", limit: nil, serve: hold, source: func() (body.Source, func()) {
			b := newBlocking("")
			return body.Seq(func(yield func([]byte) bool) { _ = yield([]byte("some")) && blockedHere(b) }), func() { close(b.release) }
		}},
	}
}

func blockedHere(b *blocking) bool {
	b.Read(nil)
	return true
}

// mute neither reads nor writes, until long after it matters.
func mute(p *peer) {
	time.Sleep(time.Minute)
	p.hold()
}

// exchange does the exchange that h holds up, and returns how long it took.
func (h *heldUp) exchange(t *testing.T, ctx context.Context, timeouts httpclient.Timeouts) (time.Duration, error) {
	like := world{secure: h.secure, buffer: 4096}
	w := newWorld(t, &like)
	switch {
	case h.serve != nil:
		w.serve(h.serve)
	case h.dialer == nil:
		w.served.Go(func() { // no handshake
			nc, err := w.listener.Accept()
			if err == nil {
				io.Copy(io.Discard, nc)
				nc.Close()
			}
		})
	}
	options := []httpclient.Option{httpclient.WithTimeouts(timeouts)}
	if h.dialer != nil {
		options = append(options, httpclient.WithDialer(h.dialer))
	}
	c := w.conn(options...)
	source, release := body.None(), func() {}
	if h.source != nil {
		source, release = h.source()
	}
	start := time.Now()
	resp, err := c.Do(ctx, "POST", "/", nil, source)
	if err == nil {
		_, err = io.Copy(io.Discard, onlyReader{resp})
	}
	took := time.Since(start)
	if c.Connected() {
		t.Error("still connected")
	}
	release()
	w.listener.Close()
	if h.serve != nil {
		time.Sleep(2 * time.Minute) // the server, which only waits for the end of the connection, sees it
		synctest.Wait()
		w.mu.Lock()
		if len(w.open) > 0 {
			t.Error("the server's end is still open")
		}
		w.mu.Unlock()
	}
	return took, err
}

// TestTimeouts of each phase, by a clock that runs exactly.
func TestTimeouts(t *testing.T) {
	const limit = 7 * time.Second
	for _, h := range heldUps() {
		if h.limit == nil {
			continue
		}
		t.Run(h.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var timeouts httpclient.Timeouts
				h.limit(&timeouts, limit)
				took, err := h.exchange(t, t.Context(), timeouts)
				wantTimeout(t, err, h.phase)
				if want := h.runs + limit*time.Duration(max(h.times, 1)); took != want {
					t.Errorf("took %v, want %v", took, want)
				}
			})
		})
	}
}

// TestTotalTimeout covers every step.
func TestTotalTimeout(t *testing.T) {
	const limit = 7 * time.Second
	for _, h := range heldUps() {
		t.Run(h.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				took, err := h.exchange(t, t.Context(), httpclient.Timeouts{Total: limit})
				wantTimeout(t, err, "total")
				if took != limit {
					t.Errorf("took %v, want %v", took, limit)
				}
			})
		})
	}
}

// TestContextEnds at every step: by cancelling, by cancelling with a cause, and by a deadline.
func TestContextEnds(t *testing.T) {
	const limit = 7 * time.Second
	reason := errors.New("the user lost patience")
	contexts := map[string]struct {
		make func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		"cancel": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(ctx)
			time.AfterFunc(limit, cancel)
			return ctx, cancel
		}, context.Canceled},
		"cause": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(ctx)
			time.AfterFunc(limit, func() { cancel(reason) })
			return ctx, func() { cancel(nil) }
		}, reason},
		"deadline": {func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, limit)
		}, context.DeadlineExceeded},
	}
	for _, h := range heldUps() {
		for name, kind := range contexts {
			t.Run(h.name+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := kind.make(t.Context())
					defer cancel()
					// Longer limits of its own change nothing.
					took, err := h.exchange(t, ctx, httpclient.Timeouts{
						Dial: time.Hour, TLS: time.Hour, Write: time.Hour, FirstByte: time.Hour, Between: time.Hour, Total: time.Hour,
					})
					want := kind.want
					if want == reason && (h.phase == "dial" || h.phase == "TLS handshake") {
						want = context.Canceled // what dialers and crypto/tls return
					}
					wantError(t, err, want)
					if errors.Is(err, httpclient.ErrHTTP) {
						t.Errorf("%v looks like an error of HTTP", err)
					}
					if took != limit {
						t.Errorf("took %v, want %v", took, limit)
					}
				})
			})
		}
	}
}

// TestProgressIsNoTimeout: limits on steps bound silence, never how long all of it takes.
func TestProgressIsNoTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &world{buffer: 4096})
		defer w.shut()
		w.serve(func(p *peer) {
			p.head()
			for left := 200_000; left > 0; {
				time.Sleep(6 * time.Second)
				n, err := p.br.Read(make([]byte, 4096))
				if err != nil {
					t.Error(err)
				}
				left -= n
			}
			time.Sleep(6 * time.Second)
			for _, octet := range okHello {
				p.send(string(octet))
				time.Sleep(6 * time.Second)
			}
			p.hold()
		})
		c := w.conn(httpclient.WithTimeouts(httpclient.Timeouts{Write: 7 * time.Second, Between: 7 * time.Second, FirstByte: time.Minute}))
		defer c.Close()
		for _, source := range []body.Source{body.Bytes(make([]byte, 200_000)), body.String(strings.Repeat("x", 200_000))} {
			resp, err := c.Do(t.Context(), "POST", "/", nil, source)
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, resp); got != "hello" {
				t.Errorf("content %q", got)
			}
			c.Close()
		}
	})
}

// TestFirstByteCountsFromTheEndOfSending: the peer may be silent as long as it is sent to.
func TestFirstByteCountsFromTheEndOfSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, allWorlds[0])
		defer w.shut()
		w.serve(answer(okHello))
		c := w.conn(httpclient.WithTimeout(7 * time.Second))
		defer c.Close()
		resp, err := c.Do(t.Context(), "POST", "/", nil, body.Seq(func(yield func([]byte) bool) {
			for range 5 {
				time.Sleep(6 * time.Second)
				if !yield([]byte("x")) {
					return
				}
			}
			time.Sleep(time.Minute)
		}))
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, resp); got != "hello" {
			t.Errorf("content %q", got)
		}
	})
}

// TestTotalEndsWithTheExchange: it does not go on into the pause behind it.
func TestTotalEndsWithTheExchange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, allWorlds[0])
		defer w.shut()
		w.serve(answer(okHello))
		c := w.conn(httpclient.WithTimeouts(httpclient.Timeouts{Total: 7 * time.Second}))
		defer c.Close()
		for range 3 {
			resp, err := c.Do(t.Context(), "GET", "/", nil, body.None())
			if err != nil {
				t.Fatal(err)
			}
			readAll(t, resp)
			time.Sleep(time.Hour)
		}
		if w.dials.Load() != 1 {
			t.Errorf("%d dials", w.dials.Load())
		}
	})
}
