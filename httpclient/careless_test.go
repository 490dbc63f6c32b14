package httpclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
)

// careless is a reader that returns what it likes.
type careless func(p []byte) (int, error)

func (f careless) Read(p []byte) (int, error) { return f(p) }

// recovered returns what f panics with.
func recovered(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// TestPanicsReachTheCaller: a panic in what the caller gave goes on in the goroutine of the call, where it can
// be recovered, and the Conn can be used again.
func TestPanicsReachTheCaller(t *testing.T) {
	boom := errors.New("boom")
	tests := map[string]struct {
		content body.Source
		want    error // nil for an error of the runtime
	}{
		"reader":       {body.Reader(careless(func([]byte) (int, error) { panic(boom) })), boom},
		"sized reader": {body.SizedReader(careless(func([]byte) (int, error) { panic(boom) }), 5), boom},
		"iterable":     {body.Seq(func(func([]byte) bool) { panic(boom) }), boom},
		"behind an element": {body.Seq(func(yield func([]byte) bool) {
			yield([]byte("some"))
			panic(boom)
		}), boom},
		"trailers": {body.String("some").WithTrailers(func() *headers.Fields { panic(boom) }), boom},
	}
	everywhere(t, append(allWorlds[:len(allWorlds):len(allWorlds)], tinyWorlds...), func(t *testing.T, w *world) {
		w.serve(func(p *peer) {
			for {
				if _, _, err := p.request(); err != nil {
					return
				}
				p.send(okHello)
			}
		})
		for name, test := range tests {
			c := w.conn()
			v := recovered(func() { c.Request(bounded(t), "POST", "/", nil, test.content) })
			err, _ := v.(error)
			if err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%s: %v", name, v)
			}
			if c.Connected() {
				t.Errorf("%s: still connected", name)
			}
			if got := get(t, c); got != "hello" {
				t.Errorf("%s: %q behind it", name, got)
			}
			c.Close()
		}
	})
}

// TestPanicOfInterimFunction does so even where the first write is held up and somebody else listens.
func TestPanicOfInterimFunction(t *testing.T) {
	boom := errors.New("boom")
	everywhere(t, append(allWorlds[:len(allWorlds):len(allWorlds)], tinyWorlds...), func(t *testing.T, w *world) {
		w.serve(func(p *peer) {
			p.send("HTTP/1.1 103 Early Hints\r\n\r\n")
			p.hold()
		})
		c := w.conn(httpclient.WithInterim(func(*conn.Head) error { panic(boom) }))
		v := recovered(func() {
			c.Do(bounded(t), "POST", "/", nil, body.Reader(endless{}))
		})
		if err, _ := v.(error); !errors.Is(err, boom) {
			t.Errorf("panic with %v", v)
		}
	})
}

// TestHijackIsForOneConnection: a Response that switched protocols does not give away a later connection.
func TestHijackIsForOneConnection(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(func(p *peer) {
			p.request()
			p.send("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: spam\r\n\r\n")
			p.hold()
		})
		c := w.conn()
		resp, err := c.Do(bounded(t), "GET", "/", manualFields("Connection: upgrade", "Upgrade: spam"), body.None())
		if err != nil {
			t.Fatal(err)
		}
		nc, err := resp.Hijack()
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		if err := c.Connect(bounded(t)); err != nil {
			t.Fatal(err)
		}
		_, err = resp.Hijack()
		wantError(t, err, httpclient.ErrResponseClosed)
		if !c.Connected() {
			t.Error("the later connection is gone")
		}
	})
}

// TestConnectForgetsTheUnanswered: on a new connection nobody waits for responses to what was sent on another.
func TestConnectForgetsTheUnanswered(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(func(p *peer) { p.request() })
		c := w.conn()
		if err := c.Pipeline(3); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := c.Request(bounded(t), "GET", "/", nil, body.None()); err != nil {
				t.Skip("the server has closed already")
			}
		}
		if _, err := c.Response(bounded(t)); err == nil {
			t.Fatal("a response")
		}
		if err := c.Connect(bounded(t)); err != nil {
			t.Fatal(err)
		}
		_, err := c.Response(bounded(t))
		wantError(t, err, httpclient.ErrResponseNotReady)
	})
}

// TestImpossibleCounts: a reader that returns them gives an error, never octets that were not read.
func TestImpossibleCounts(t *testing.T) {
	for name, count := range map[string]func(p []byte) int{
		"negative": func([]byte) int { return -1 },
		"too many": func(p []byte) int { return len(p) + 1 },
	} {
		lie := careless(func(p []byte) (int, error) { return count(p), nil })
		if _, err := httpclient.ReadResponse(lie, "GET"); err == nil {
			t.Errorf("%s: no error for a head", name)
		}
		resp, err := httpclient.ReadResponse(io.MultiReader(strings.NewReader(okHead+"\r\n"), lie), "GET")
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range []int{10, 100_000} {
			if n, err := resp.Read(make([]byte, size)); n != 0 || err == nil || err == io.EOF {
				t.Errorf("%s: %d octets, error %v", name, n, err)
			}
		}
	}
}

// TestCloseIsNeverLost: it ends a read, even when it comes between two.
func TestCloseIsNeverLost(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(func(p *peer) {
			p.request()
			p.send(okHead + "\r\n" + noise(5000))
			p.hold()
		})
		for i := range 40 {
			c := w.conn()
			resp, err := c.Do(bounded(t), "GET", "/", nil, body.None())
			if err != nil {
				t.Fatal(err)
			}
			end := resp.Close
			if i%2 == 0 {
				end = c.Close
			}
			closed := make(chan error)
			started := make(chan bool)
			go func() {
				<-started
				closed <- end()
			}()
			close(started)
			for err == nil {
				_, err = resp.Read(make([]byte, 1))
			}
			if !errors.Is(err, net.ErrClosed) && !errors.Is(err, httpclient.ErrResponseClosed) {
				t.Errorf("%d: %v", i, err)
			}
			if err := <-closed; err != nil {
				t.Error(err)
			}
			c.Close()
		}
	})
}

// TestCloseWhileDialling ends that, too.
func TestCloseWhileDialling(t *testing.T) {
	dialling := make(chan bool, 1)
	c, err := httpclient.New("example.org", httpclient.WithDialer(transport.DialerFunc(
		func(ctx context.Context, _, _ string) (net.Conn, error) {
			dialling <- true
			<-ctx.Done()
			return nil, ctx.Err()
		})))
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		<-dialling
		c.Close()
	}()
	wantError(t, c.Request(bounded(t), "GET", "/", nil, body.None()), net.ErrClosed)
}
