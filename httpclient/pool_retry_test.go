package httpclient_test

import (
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
)

// TestPoolRetry: what is sent again, and what is not.
func TestPoolRetry(t *testing.T) {
	rewind := func() (body.Source, error) { return body.Reader(strings.NewReader("x")), nil }
	reader := func() body.Source { return body.Reader(io.MultiReader(strings.NewReader("x"))) }
	for _, c := range []struct {
		name    string
		request httpclient.PoolRequest
		second  string // what the server answers on the connection that is used again, before it closes it
		again   bool
	}{
		{"GET", httpclient.PoolRequest{Method: "GET"}, "", true},
		{"PUT bytes", httpclient.PoolRequest{Method: "PUT", Content: body.String("x")}, "", true},
		{"DELETE", httpclient.PoolRequest{Method: "DELETE"}, "", true},
		{"POST", httpclient.PoolRequest{Method: "POST", Content: body.String("x")}, "", false},
		{"POST that may be repeated", httpclient.PoolRequest{Method: "POST", Content: body.String("x"), Repeatable: true}, "", true},
		{"PUT of a reader", httpclient.PoolRequest{Method: "PUT", Content: reader()}, "", false},
		{"PUT of a reader that rewinds", httpclient.PoolRequest{Method: "PUT", Content: reader(), Rewind: rewind}, "", true},
		{"unknown method", httpclient.PoolRequest{Method: "get"}, "", false},
		{"GET half answered", httpclient.PoolRequest{Method: "GET"}, "HTTP/1.1 200", false},
		{"GET with an interim response", httpclient.PoolRequest{Method: "GET"}, "HTTP/1.1 103 Early Hints\r\n\r\n", false},
		{"GET answered by nonsense", httpclient.PoolRequest{Method: "GET"}, "nonsense\r\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, &world{})
			var served atomic.Int64
			w.serve(func(p *peer) {
				for {
					if _, _, err := p.request(); err != nil {
						return
					}
					if served.Add(1) == 2 {
						p.send(c.second)
						return
					}
					p.send(okHello)
				}
			})
			p := w.pool(&httpclient.Pool{})
			c.request.Target = "/"
			first, err := p.Do(bounded(t), example, &httpclient.PoolRequest{Method: "GET", Target: "/"})
			if err != nil {
				t.Fatal(err)
			}
			readAll(t, first.Response)
			first.Close()

			resp, err := p.Do(bounded(t), example, &c.request)
			if (err == nil) != c.again {
				t.Fatalf("error %v", err)
			}
			want := int64(2)
			if c.again {
				want = 3
				if s := readAll(t, resp.Response); s != "hello" {
					t.Errorf("content %q", s)
				}
				if resp.Connection().Reused() {
					t.Error("on a connection that was used before")
				}
				resp.Close()
			}
			if served.Load() != want {
				t.Errorf("%d requests were served, want %d", served.Load(), want)
			}
		})
	}
}

// TestPoolRetryUnsent: of a request none of whose octets have left, the method does not matter.
func TestPoolRetryUnsent(t *testing.T) {
	w := newWorld(t, &world{})
	w.serve(answer(okHello))
	var broken atomic.Bool
	w.wrap = func(nc net.Conn) net.Conn { return &refusing{Conn: nc, broken: &broken} }
	p := w.pool(&httpclient.Pool{})
	post := &httpclient.PoolRequest{Method: "POST", Target: "/", Content: body.String("x")}
	for range 2 {
		resp, err := p.Do(bounded(t), example, post)
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, resp.Response)
		resp.Close()
		broken.Store(true)
	}
	if diff := cmp.Diff(httpclient.PoolStats{Open: 1, Idle: 1, Origins: 1, Dialled: 2, Reused: 1, Repeated: 1}, p.Stats(),
		cmpopts.IgnoreFields(httpclient.PoolStats{}, "Waited")); diff != "" {
		t.Error(diff)
	}
}

// refusing refuses the next write when broken.
type refusing struct {
	net.Conn
	broken *atomic.Bool
}

func (c *refusing) Ready() (bool, error) { return false, nil }

func (c *refusing) Write(p []byte) (int, error) {
	if c.broken.CompareAndSwap(true, false) {
		c.Conn.(interface{ CloseRead() error }).CloseRead()
		return 0, &net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}
	}
	return c.Conn.Write(p)
}

// TestPoolNeverRepeats: errors that tell nothing about the connection, and those of one that is new.
func TestPoolNeverRepeats(t *testing.T) {
	w := newWorld(t, &world{})
	w.serve(func(p *peer) { p.request() })
	p := w.pool(&httpclient.Pool{})
	_, err := p.Do(bounded(t), example, &httpclient.PoolRequest{Method: "GET", Target: "/"})
	wantError(t, err, httpclient.ErrRemoteDisconnected)
	if n := w.dials.Load(); n != 1 {
		t.Errorf("%d dials", n)
	}
	_, err = p.Do(bounded(t), example, &httpclient.PoolRequest{Method: "GET", Target: "/ /"})
	wantError(t, err, httpclient.ErrInvalidURL)
	if s := p.Stats(); s.Open != 0 || s.Repeated != 0 {
		t.Errorf("stats %+v", s)
	}
}
