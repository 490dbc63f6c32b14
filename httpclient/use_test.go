package httpclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
)

// TestResponseAsContent of another request, which is cancelled, or answered early, while the first server is
// silent. The Response is then closed by one goroutine while another reads it.
func TestResponseAsContent(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(func(p *peer) {
			for {
				raw, err := p.head()
				switch {
				case err != nil:
					return
				case strings.HasPrefix(raw, "GET /whole"):
					p.send(okHead + "Content-Length: 50000\r\n\r\n" + noise(50_000))
				case strings.HasPrefix(raw, "GET"):
					p.send(okHead + "Content-Length: 50000\r\n\r\n" + noise(20_000))
				case strings.HasPrefix(raw, "POST /early"):
					p.send(tooLarge)
					p.hold()
					return
				case strings.HasPrefix(raw, "POST /whole"):
					b := make([]byte, 50_000)
					if _, err := io.ReadFull(p.br, b); err != nil || string(b) != noise(50_000) {
						t.Error("other content was passed on")
					}
					p.send(okHello)
				default:
					p.hold()
					return
				}
			}
		})
		from, to := w.conn(), w.conn()
		for i := range 12 {
			target := []string{"/whole", "/early", "/cancelled"}[i%3]
			resp, err := from.Do(bounded(t), "GET", target, nil, body.None())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(bounded(t))
			if target == "/cancelled" {
				time.AfterFunc(time.Duration(i)*time.Millisecond, cancel)
			}
			passed, err := to.Do(ctx, "POST", target, nil, body.SizedReader(resp, resp.Remaining()))
			switch target {
			case "/cancelled":
				wantError(t, err, context.Canceled)
			default:
				if err != nil {
					t.Fatal(err)
				}
				readAll(t, passed)
			}
			cancel()
			if err := from.Close(); err != nil {
				t.Error(err)
			}
			for from.Close(); from.Request(bounded(t), "GET", "/whole", nil, body.None()) != nil; {
				runtime.Gosched() // the read that was ended has not returned yet
			}
			next, err := from.Response(bounded(t))
			if err != nil {
				t.Fatal(err)
			}
			if readAll(t, next) != noise(50_000) {
				t.Error("other content came")
			}
		}
	})
}

// TestCloseFromAnotherGoroutine ends what is under way, and the Conn can be used again.
func TestCloseFromAnotherGoroutine(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		held := make(chan bool, 1)
		script := make(chan func(*peer), 1)
		w.serve(func(p *peer) { (<-script)(p) })
		b := newBlocking("some")
		defer close(b.release)
		tests := map[string]struct {
			serve  func(*peer)
			source body.Source
		}{
			"response": {func(p *peer) {
				p.request()
				held <- true
				p.hold()
			}, body.None()},
			"writing": {func(p *peer) {
				p.head()
				held <- true
				time.Sleep(time.Millisecond)
				p.hold()
			}, body.Reader(endless{})},
			"source": {func(p *peer) {
				p.head()
				<-b.blocked
				held <- true
				p.hold()
			}, body.Reader(b)},
			"content": {func(p *peer) {
				p.request()
				p.send(okHead + "\r\nhello")
				held <- true
				p.hold()
			}, body.None()},
		}
		c := w.conn()
		for name, test := range tests {
			script <- test.serve
			closed := make(chan bool)
			go func() {
				<-held
				if err := c.Close(); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				close(closed)
			}()
			resp, err := c.Do(bounded(t), "POST", "/", nil, test.source)
			if err == nil {
				_, err = io.Copy(io.Discard, resp)
			}
			if !errors.Is(err, net.ErrClosed) && !errors.Is(err, httpclient.ErrResponseClosed) {
				t.Errorf("%s: %v", name, err)
			}
			<-closed
			if c.Connected() {
				t.Errorf("%s: still connected", name)
			}
			script <- answer(okHello)
			if get(t, c) != "hello" {
				t.Errorf("%s: not usable behind it", name)
			}
			c.Close()
		}
	})
}

// TestCallsWithinCalls: a writer may close, and may not read.
func TestCallsWithinCalls(t *testing.T) {
	w := newWorld(t, allWorlds[0])
	w.serve(answer(okHead + "Content-Length: 50000\r\n\r\n" + noise(50_000)))
	c := w.conn()
	for name, inside := range map[string]func(resp httpclient.Response) error{
		"close the response": func(r httpclient.Response) error { return r.Close() },
		"close":              func(httpclient.Response) error { return c.Close() },
		"read": func(r httpclient.Response) error {
			_, err := r.Read(make([]byte, 10))
			wantError(t, err, httpclient.ErrImproperState)
			return r.Close()
		},
		"request": func(r httpclient.Response) error {
			wantError(t, c.Request(bounded(t), "GET", "/", nil, body.None()), httpclient.ErrImproperState)
			return r.Close()
		},
	} {
		resp, err := c.Do(bounded(t), "GET", "/", nil, body.None())
		if err != nil {
			t.Fatal(err)
		}
		calls := 0
		n, err := resp.WriteTo(writerFunc(func(p []byte) (int, error) {
			if calls++; calls > 1 {
				return len(p), nil
			}
			before := string(p)
			if err := inside(resp); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if string(p) != before || !strings.HasPrefix(noise(50_000), before) {
				t.Errorf("%s: the octets have changed under the writer", name)
			}
			return len(p), nil
		}))
		if err == nil || n == 0 || c.Connected() {
			t.Errorf("%s: %d octets, error %v, connected %v", name, n, err, c.Connected())
		}
	}
	for _, wrong := range []int{-1, 1 << 20} {
		resp, err := c.Do(bounded(t), "GET", "/", nil, body.None())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := resp.WriteTo(writerFunc(func([]byte) (int, error) { return wrong, nil })); err == nil {
			t.Errorf("a writer returned %d", wrong)
		}
		if _, err := resp.WriteTo(writerFunc(func([]byte) (int, error) { return 0, nil })); !errors.Is(err, io.ErrShortWrite) {
			t.Errorf("a writer returned 0: %v", err)
		}
		if got := readAll(t, resp); got != noise(50_000) {
			t.Error("content was lost to a writer that took none")
		}
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestPipelinedSourceBlocks: behind a request that waits nobody reads meanwhile, and the context ends that too.
func TestPipelinedSourceBlocks(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(func(p *peer) { p.hold() })
		c := w.conn()
		if err := c.Pipeline(2); err != nil {
			t.Fatal(err)
		}
		if err := c.Request(bounded(t), "GET", "/", nil, body.None()); err != nil {
			t.Fatal(err)
		}
		b := newBlocking("some")
		ctx, cancel := context.WithCancel(bounded(t))
		go func() {
			<-b.blocked
			cancel()
		}()
		wantError(t, c.Request(ctx, "POST", "/", nil, body.Reader(b)), context.Canceled)
		if c.Connected() {
			t.Error("still connected")
		}
		close(b.release)
	})
}

// TestContentIsLetGo: an idle Conn keeps no content alive.
func TestContentIsLetGo(t *testing.T) {
	w := newWorld(t, allWorlds[0])
	w.serve(answer(okHello))
	c := w.conn()
	for _, size := range []int{100, 100_000} {
		content := make([]byte, size)
		kept := weak.Make(&content[0])
		resp, err := c.Do(bounded(t), "POST", "/", nil, body.Bytes(content))
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, resp)
		content = nil
		for range 10 {
			runtime.GC()
		}
		if kept.Value() != nil {
			t.Errorf("%d octets are kept", size)
		}
	}
	if !c.Connected() {
		t.Error("not idle")
	}
}
