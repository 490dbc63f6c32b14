package nethttp_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/nethttp"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// inBubble runs test in a bubble, with a server over a network in memory.
func inBubble(t *testing.T, serve func(*run, *peer), test func(r *run, t *nethttp.Transport)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var network memory.Network
		l, err := network.Listen("example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		r := &run{T: t, url: "http://example.org"}
		var served sync.WaitGroup
		served.Go(func() {
			for n := 1; ; n++ {
				nc, err := l.Accept()
				if err != nil {
					return
				}
				served.Go(func() {
					defer nc.Close()
					serve(r, newPeer(nc, n))
				})
			}
		})
		rt := &nethttp.Transport{DialContext: network.DialContext}
		r.rt = rt
		test(r, rt)
		rt.CloseIdleConnections()
		l.Close()
		served.Wait()
	})
}

func get(r *run, ctx context.Context, body io.Reader) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, "POST", r.url+"/", body)
	if err != nil {
		r.Fatal(err)
	}
	return r.rt.RoundTrip(req)
}

// TestTimeOnAFakeClock: hours take no time.
func TestTimeOnAFakeClock(t *testing.T) {
	inBubble(t, func(_ *run, p *peer) { p.head(); p.hold() }, func(r *run, rt *nethttp.Transport) {
		rt.ResponseHeaderTimeout = 3 * time.Hour
		begun := time.Now()
		_, err := get(r, r.Context(), nil)
		var ne net.Error
		if !errors.As(err, &ne) || !ne.Timeout() || time.Since(begun) != 3*time.Hour {
			r.Errorf("after %v: %v", time.Since(begun), err)
		}
		ctx, cancel := context.WithTimeout(r.Context(), time.Hour)
		defer cancel()
		begun = time.Now()
		_, err = get(r, ctx, nil)
		if err != context.DeadlineExceeded || time.Since(begun) != time.Hour {
			r.Errorf("after %v: %v", time.Since(begun), err)
		}
		if s := rt.Stats(); s.Open != 0 {
			r.Errorf("%+v", s)
		}
	})
}

func TestIdleConnTimeout(t *testing.T) {
	inBubble(t, always(okHello), func(r *run, rt *nethttp.Transport) {
		rt.IdleConnTimeout = time.Minute
		for range 2 {
			resp, err := get(r, r.Context(), nil)
			if err != nil {
				r.Fatal(err)
			}
			io.ReadAll(resp.Body)
			resp.Body.Close()
		}
		if s := rt.Stats(); s.Idle != 1 || s.Dialled != 1 {
			r.Errorf("%+v", s)
		}
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if s := rt.Stats(); s.Open != 0 || s.Expired != 1 {
			r.Errorf("%+v", s)
		}
	})
}

// TestCloseWhileReading: Close ends a Read in another goroutine.
func TestCloseWhileReading(t *testing.T) {
	inBubble(t, func(_ *run, p *peer) {
		p.head()
		p.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
		p.hold()
	}, func(r *run, rt *nethttp.Transport) {
		resp, err := get(r, r.Context(), nil)
		if err != nil {
			r.Fatal(err)
		}
		failed := make(chan error)
		go func() {
			_, err := io.ReadAll(resp.Body)
			failed <- err
		}()
		synctest.Wait()
		resp.Body.Close()
		if err := <-failed; err == nil || !strings.Contains(err.Error(), "closed response body") {
			r.Errorf("%v", err)
		}
		if s := rt.Stats(); s.Open != 0 {
			r.Errorf("%+v", s)
		}
	})
}

// TestCancelWhileReading: the end of the context ends a Read, whatever is buffered.
func TestCancelWhileReading(t *testing.T) {
	inBubble(t, func(_ *run, p *peer) {
		p.head()
		p.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
		p.hold()
	}, func(r *run, rt *nethttp.Transport) {
		ctx, cancel := context.WithCancel(r.Context())
		resp, err := get(r, ctx, nil)
		if err != nil {
			r.Fatal(err)
		}
		cancel()
		if n, err := resp.Body.Read(make([]byte, 3)); n != 0 || err != context.Canceled {
			r.Errorf("%d %v", n, err)
		}
		if s := rt.Stats(); s.Open != 0 {
			r.Errorf("%+v", s)
		}
	})
}

// TestBlockedSource: a body that never comes holds nothing up, and is closed.
func TestBlockedSource(t *testing.T) {
	inBubble(t, func(_ *run, p *peer) { p.head(); p.hold() }, func(r *run, rt *nethttp.Transport) {
		pr, pw := io.Pipe()
		defer pw.Close()
		b := track(pr)
		ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
		defer cancel()
		if _, err := get(r, ctx, b); err != context.DeadlineExceeded {
			r.Errorf("%v", err)
		}
		<-b.closed
	})
}

// TestReadToTheEndWhileSending: a response that was read to its end lets the request be sent on; Close ends that.
func TestReadToTheEndWhileSending(t *testing.T) {
	inBubble(t, func(r *run, p *peer) {
		p.head()
		p.send(okHello)
		r.logf("%q", dechunk(p.chunked()))
		p.hold()
	}, func(r *run, rt *nethttp.Transport) {
		for _, whole := range []bool{true, false} {
			pr, pw := io.Pipe()
			b := track(pr)
			resp, err := get(r, r.Context(), b)
			if err != nil {
				r.Fatal(err)
			}
			if all, err := io.ReadAll(resp.Body); string(all) != "hello" || err != nil {
				r.Errorf("%q %v", all, err)
			}
			io.WriteString(pw, "sent behind the response")
			if whole {
				pw.Close()
				synctest.Wait()
			}
			resp.Body.Close()
			<-b.closed
			pw.Close()
			synctest.Wait()
			if s := rt.Stats(); (s.Idle == 1) != whole {
				r.Errorf("whole %v: %+v", whole, s)
			}
			rt.CloseIdleConnections()
			synctest.Wait()
		}
		if len(r.log) != 2 || r.log[0] != `"sent behind the response|\r\n"` {
			r.Errorf("%q", r.log)
		}
	})
}

// TestBodyReaderPanics: a panic of the caller's body is one of RoundTrip, and nothing leaks.
func TestBodyReaderPanics(t *testing.T) {
	inBubble(t, func(_ *run, p *peer) { p.head(); p.hold() }, func(r *run, rt *nethttp.Transport) {
		b := track(panicking{})
		func() {
			defer func() {
				if recover() == nil {
					r.Error("no panic")
				}
			}()
			get(r, r.Context(), b)
		}()
		<-b.closed
		if s := rt.Stats(); s.Open != 0 {
			r.Errorf("%+v", s)
		}
	})
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("the body") }

// TestManyAtOnce: every request gets its own response, over few connections.
func TestManyAtOnce(t *testing.T) {
	r := &run{T: t}
	r.url = "http://" + r.serveRaw(func(r *run, p *peer) {
		for {
			head := p.head()
			if head == "" {
				return
			}
			content := dechunk(p.chunked())
			target := strings.Fields(head)[1]
			p.send(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s", len(target)+len(content), target, content))
		}
	})
	rt := &nethttp.Transport{MaxConnsPerHost: 4, MaxIdleConnsPerHost: 4}
	defer rt.CloseIdleConnections()
	r.rt = rt
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for j := range 20 {
				content := strings.Repeat("x", i*j*100)
				target := fmt.Sprintf("/%d/%d", i, j)
				req := r.request("POST", target, struct{ io.Reader }{strings.NewReader(content)})
				resp, err := rt.RoundTrip(req)
				if err != nil {
					t.Error(err)
					return
				}
				b, err := io.ReadAll(resp.Body)
				if resp.Body.Close(); err != nil || string(b) != target+content+"|\r\n" {
					t.Errorf("%s: %d octets, %v", target, len(b), err)
				}
			}
		})
	}
	all.Wait()
	if s := rt.Stats(); s.Dialled > 20 || s.Open > 4 {
		t.Errorf("%+v", s)
	}
}

// TestLargeContent passes unchanged both ways.
func TestLargeContent(t *testing.T) {
	parity{name: "8 MiB", handler: func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		io.Copy(w, r.Body)
	}, test: func(r *run) {
		content := bytes.Repeat([]byte("0123456789abcdef"), 512<<10)
		resp, err := r.rt.RoundTrip(r.request("POST", "/", bytes.NewReader(content)))
		if err != nil {
			r.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		r.logf("%v %v", bytes.Equal(b, content), err)
		resp.Body.Close()
	}}.check(t)
}

// TestCopy: io.Copy has the content written by the body itself, and sees what a Read would return.
func TestCopy(t *testing.T) {
	const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7\r\n, world\r\n0\r\nSum: 1\r\n\r\n"
	inBubble(t, always(chunked), func(r *run, rt *nethttp.Transport) {
		resp, err := get(r, r.Context(), nil)
		if err != nil {
			r.Fatal(err)
		}
		to := &picky{room: 3}
		n, err := io.Copy(to, resp.Body)
		if n != 3 || err != errFull {
			r.Errorf("%d %v", n, err)
		}
		to.room = 100
		n, err = io.Copy(to, resp.Body)
		if n != 9 || err != nil || to.String() != "hello, world" || resp.Trailer.Get("Sum") != "1" {
			r.Errorf("%d %v %q %v", n, err, to.String(), resp.Trailer)
		}
		if s := rt.Stats(); s.Idle != 1 {
			r.Errorf("%+v", s)
		}
		if n, err := io.Copy(to, resp.Body); n != 0 || err != nil {
			r.Errorf("%d %v", n, err)
		}
		resp.Body.Close()
		if _, err := io.Copy(to, resp.Body); err == nil {
			r.Error("copied behind Close")
		}
	})
	inBubble(t, func(_ *run, p *peer) { p.head(); p.send(chunked[:60]) }, func(r *run, rt *nethttp.Transport) {
		resp, err := get(r, r.Context(), nil)
		if err != nil {
			r.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, struct{ io.Reader }{resp.Body}); !errors.Is(err, io.ErrUnexpectedEOF) {
			r.Errorf("%v", err)
		}
		if resp, err = get(r, r.Context(), nil); err != nil {
			r.Fatal(err)
		}
		if _, err := resp.Body.(io.WriterTo).WriteTo(io.Discard); !errors.Is(err, io.ErrUnexpectedEOF) {
			r.Errorf("%v", err)
		}
		resp.Body.Close()
		if resp, err = get(r, r.Context(), nil); err != nil {
			r.Fatal(err)
		}
		closing := writerFunc(func(p []byte) (int, error) { resp.Body.Close(); return len(p), nil })
		if _, err := resp.Body.(io.WriterTo).WriteTo(closing); err == nil {
			r.Error("copied behind Close")
		}
		if s := rt.Stats(); s.Open != 0 {
			r.Errorf("%+v", s)
		}
	})
}

var errFull = errors.New("full")

// picky takes so many octets.
type picky struct {
	strings.Builder
	room int
}

func (w *picky) Write(p []byte) (int, error) {
	n := min(len(p), w.room)
	w.room -= n
	if w.Builder.Write(p[:n]); n < len(p) {
		return n, errFull
	}
	return n, nil
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// canned is a connection that costs next to nothing: each write is answered with the same octets.
type canned struct {
	net.Conn
	rest string
}

const cannedHello = "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 22:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello"

func (c *canned) Read(p []byte) (int, error) {
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}
func (c *canned) Write(p []byte) (int, error)      { c.rest = cannedHello; return len(p), nil }
func (c *canned) Close() error                     { return nil }
func (c *canned) SetDeadline(time.Time) error      { return nil }
func (c *canned) SetReadDeadline(time.Time) error  { return nil }
func (c *canned) SetWriteDeadline(time.Time) error { return nil }
func (c *canned) Ready() (bool, error)             { return false, nil }

var _ transport.ReadyConn = (*canned)(nil)

// TestAllocations: what a round trip allocates, on a connection that is used again.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	dial := func(context.Context, string, string) (net.Conn, error) { return &canned{}, nil }
	rt := &nethttp.Transport{DialContext: dial}
	defer rt.CloseIdleConnections()
	req, err := http.NewRequest("GET", "http://example.org/path", nil)
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	got := testing.AllocsPerRun(200, func() {
		resp, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = resp.Body.Read(buf)
		}
		resp.Body.Close()
	})
	t.Logf("%v allocations for each round trip, 2 of them for a connection that is no socket", got)
	if got > 14 {
		t.Errorf("%v allocations for each round trip", got)
	}
}
