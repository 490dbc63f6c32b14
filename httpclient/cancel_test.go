package httpclient_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
)

// TestContextOverManyExchanges: one context made once, and others between that end when their exchange
// is over, or while the connection is idle.
func TestContextOverManyExchanges(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(answer(okHello))
		c := w.conn()
		long := bounded(t)
		do := func(ctx context.Context) {
			t.Helper()
			resp, err := c.Do(ctx, "GET", "/", nil, body.None())
			if err != nil {
				t.Fatal(err)
			}
			if got := readAll(t, resp); got != "hello" {
				t.Fatalf("content %q", got)
			}
		}
		for i := range 60 {
			ctx, cancel := context.WithCancel(context.Background())
			do(long)
			do(ctx)
			switch i % 3 {
			case 0:
				cancel()
			case 1:
				defer cancel()
			default:
				go cancel()
			}
			do(context.Background())
			do(context.WithValue(long, contextKey{}, "value"))
			do(uncomparable{long, nil})
			do(uncomparable{long, nil})
			cancel()
		}
		if w.dials.Load() != 1 {
			t.Errorf("%d dials", w.dials.Load())
		}
	})
}

type contextKey struct{}

// uncomparable is a context that == panics on.
type uncomparable struct {
	context.Context
	_ []int
}

// TestContextBetweenRequestAndResponse: each call is ruled by its own.
func TestContextBetweenRequestAndResponse(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(answer(okHello))
		c := w.conn()
		for range 20 {
			ctx, cancel := context.WithCancel(bounded(t))
			if err := c.Request(ctx, "GET", "/", nil, body.None()); err != nil {
				t.Fatal(err)
			}
			cancel()
			resp, err := c.Response(bounded(t))
			if err != nil {
				t.Fatal(err)
			}
			readAll(t, resp)
		}
		if w.dials.Load() != 1 {
			t.Errorf("%d dials", w.dials.Load())
		}
	})
}

// TestContextEndedBefore: nothing is dialled, and a connection there is stays.
func TestContextEndedBefore(t *testing.T) {
	w := newWorld(t, allWorlds[0])
	n := w.count()
	w.serve(answer(okHello))
	c := w.conn()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := c.Do(ctx, "GET", "/", nil, body.None())
	wantError(t, err, context.Canceled)
	if w.dials.Load() != 0 {
		t.Error("dialled")
	}
	get(t, c)
	octets := n.octets.Load()
	_, err = c.Do(ctx, "GET", "/", nil, body.None())
	wantError(t, err, context.Canceled)
	if n.octets.Load() != octets || !c.Connected() {
		t.Error("the connection was touched")
	}
	get(t, c)
	if w.dials.Load() != 1 {
		t.Errorf("%d dials", w.dials.Load())
	}
}

// TestCancelEverywhere: over real transports, at a moment when the exchange is held up for certain, or soon.
func TestCancelEverywhere(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		reached := make(chan bool, 1)
		script := make(chan func(*peer), 1)
		done := make(chan struct{})
		t.Cleanup(func() { close(done) })
		w.serve(func(p *peer) { (<-script)(p) })
		b := newBlocking("some")
		defer close(b.release)
		closer := &blockingCloser{blocking: newBlocking("some"), closed: make(chan struct{})}
		tests := []struct {
			name    string
			serve   func(p *peer)
			source  body.Source
			blocked chan struct{}
		}{
			{"writing", func(p *peer) {
				p.head()
				reached <- true
				<-done
			}, body.Bytes(hugeBytes()), nil},
			{"writing a file", func(p *peer) {
				p.head()
				reached <- true
				<-done
			}, body.File(sparseFile(t, huge)), nil},
			{"first octet", func(p *peer) {
				p.request()
				reached <- true
				p.hold()
			}, body.None(), nil},
			{"content", func(p *peer) {
				p.request()
				p.send(okHead + "Content-Length: 100000\r\n\r\nhello")
				reached <- true
				p.hold()
			}, body.None(), nil},
			{"source", func(p *peer) { p.hold() }, body.Reader(b), b.blocked},
			{"closing source", func(p *peer) { p.hold() }, body.Reader(closer), closer.blocked},
		}
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				ctx, cancel := context.WithCancel(bounded(t))
				defer cancel()
				c := w.conn()
				script <- test.serve
				go func() {
					if test.blocked != nil {
						<-test.blocked
					} else {
						<-reached
					}
					cancel()
				}()
				resp, err := c.Do(ctx, "POST", "/", nil, test.source)
				if err == nil {
					_, err = io.Copy(io.Discard, resp)
				}
				wantError(t, err, context.Canceled)
				if c.Connected() {
					t.Error("still connected")
				}
			})
		}
		<-closer.closed
	})
}

// TestCancelHandshake: crypto/tls gives up when the context ends.
func TestCancelHandshake(t *testing.T) {
	w := newWorld(t, allWorlds[1])
	ctx, cancel := context.WithCancel(bounded(t))
	w.served.Go(func() {
		nc, err := w.listener.Accept()
		if err != nil {
			return
		}
		nc.Read(make([]byte, 1))
		cancel()
		io.Copy(io.Discard, nc)
		nc.Close()
	})
	c, err := httpclient.NewTLS("example.org", httpclient.WithDialer(w), httpclient.WithTLSConfig(&tls.Config{}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Do(ctx, "GET", "/", nil, body.None())
	wantError(t, err, context.Canceled)
	var failed *transport.TLSError
	if !errors.As(err, &failed) {
		t.Errorf("%v is no TLSError", err)
	}
}
