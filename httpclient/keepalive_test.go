package httpclient_test

import (
	"fmt"
	"io"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
)

// get does an exchange and returns the content.
func get(t testing.TB, c *httpclient.Conn) string {
	t.Helper()
	resp, err := c.Do(bounded(t), "GET", "/", nil, body.None())
	if err != nil {
		t.Fatal(err)
	}
	return readAll(t, resp)
}

// TestPersistence: which responses leave a connection that carries the next request.
func TestPersistence(t *testing.T) {
	tests := []struct {
		name     string
		method   string
		fields   []string
		response string
		content  string
		keeps    bool
	}{
		{"length", "GET", nil, okHello, "hello", true},
		{"length 0", "GET", nil, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true},
		{"chunked", "GET", nil, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello", true},
		{"204", "GET", nil, okEmpty, "", true},
		{"304", "GET", nil, "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", "", true},
		{"HEAD", "HEAD", nil, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "", true},
		{"Connection: close", "GET", nil, "HTTP/1.1 200 OK\r\nconnection: x, Close\r\nContent-Length: 5\r\n\r\nhello", "hello", false},
		{"request's Connection: close", "GET", []string{"Connection", "close"}, okHello, "hello", false},
		{"until close", "GET", nil, "HTTP/1.1 200 OK\r\n\r\nhello", "hello", false},
		{"HTTP/1.0", "GET", nil, "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", false},
		{"HTTP/1.0 keep-alive", "GET", nil, "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello", "hello", true},
		{"both framings", "GET", nil, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "hello", false},
		{"excess octets", "GET", nil, okHello + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", "hello", false},
		{"excess octets behind chunks", "GET", nil, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\nX", "hello", false},
		{"excess octets behind 204", "GET", nil, okEmpty + okHello, "", false},
		{"content to HEAD", "HEAD", nil, okHello, "", false},
	}
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		responses := make(chan string, 1)
		w.serve(func(p *peer) {
			for {
				if _, _, err := p.request(); err != nil {
					return
				}
				r := <-responses
				p.send(r)
				if strings.HasPrefix(r, "HTTP/1.1 200 OK\r\n\r\n") {
					return
				}
			}
		})
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				c := w.conn()
				before := w.dials.Load()
				responses <- test.response
				resp, err := c.Do(bounded(t), test.method, "/", fields(test.fields...), body.None())
				if err != nil {
					t.Fatal(err)
				}
				if resp.WillClose() && test.keeps {
					t.Error("WillClose")
				}
				if got := readAll(t, resp); got != test.content {
					t.Errorf("content %q", got)
				}
				if !strings.Contains(test.name, "excess") && !strings.Contains(test.name, "HEAD") && c.Connected() != test.keeps {
					t.Errorf("connected: %v", c.Connected())
				}
				responses <- "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext"
				if got := get(t, c); got != "next" {
					t.Errorf("the next response has %q", got)
				}
				want := int32(2)
				if test.keeps {
					want = 1
				}
				if got := w.dials.Load() - before; got != want {
					t.Errorf("%d dials, want %d", got, want)
				}
			})
		}
	})
}

// TestThousandExchanges on one connection.
func TestThousandExchanges(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(answer(okHello))
		c := w.conn()
		for range 1000 {
			if got := get(t, c); got != "hello" {
				t.Fatalf("content %q", got)
			}
		}
		if w.dials.Load() != 1 {
			t.Errorf("%d dials", w.dials.Load())
		}
	})
}

// TestOrderOfCalls: what is out of order is refused, and nothing is written.
func TestOrderOfCalls(t *testing.T) {
	w := newWorld(t, allWorlds[0])
	n := w.count()
	w.serve(answer(okHello))
	c := w.conn()
	ctx := bounded(t)
	request := func() error { return c.Request(ctx, "GET", "/", nil, body.None()) }

	_, err := c.Response(ctx)
	wantError(t, err, httpclient.ErrResponseNotReady, httpclient.ErrImproperState, httpclient.ErrHTTP)
	if w.dials.Load() != 0 {
		t.Error("dialled for a response")
	}
	if err := request(); err != nil {
		t.Fatal(err)
	}
	octets := n.octets.Load()
	wantError(t, request(), httpclient.ErrCannotSendRequest, httpclient.ErrImproperState, httpclient.ErrHTTP)
	resp, err := c.Response(ctx)
	if err != nil {
		t.Fatal(err)
	}
	wantError(t, request(), httpclient.ErrCannotSendRequest)
	_, err = c.Response(ctx)
	wantError(t, err, httpclient.ErrResponseNotReady)
	var half [2]byte
	if _, err := io.ReadFull(resp, half[:]); err != nil {
		t.Fatal(err)
	}
	wantError(t, request(), httpclient.ErrCannotSendRequest)
	if got := n.octets.Load(); got != octets {
		t.Errorf("%d octets were written", got-octets)
	}
	if got := readAll(t, resp); got != "llo" {
		t.Errorf("the rest of the content is %q", got)
	}
	if err := request(); err != nil {
		t.Fatalf("behind the content: %v", err)
	}
	if w.dials.Load() != 1 {
		t.Errorf("%d dials", w.dials.Load())
	}
}

// TestCloseResponse with content left closes the connection; the next request dials anew.
func TestCloseResponse(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		gone := make(chan error, 1)
		var served atomic.Int32
		w.serve(func(p *peer) {
			if served.Add(1) > 1 {
				answer(okHello)(p)
				return
			}
			p.request()
			p.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun")
			_, err := p.br.ReadByte()
			gone <- err
		})
		c := w.conn()
		resp, err := c.Do(bounded(t), "GET", "/", nil, body.None())
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Close(); err != nil {
			t.Fatal(err)
		}
		if c.Connected() {
			t.Error("still connected")
		}
		if err := <-gone; err == nil {
			t.Error("the server still got something")
		}
		_, err = resp.Read(make([]byte, 1))
		wantError(t, err, httpclient.ErrResponseClosed)
		if got := get(t, c); got != "hello" {
			t.Errorf("the next response has %q", got)
		}
		if w.dials.Load() != 2 {
			t.Errorf("%d dials", w.dials.Load())
		}
	})
}

// TestNeverSentTwice: the server closes when it has read the request. That is an error, and the request
// was seen once.
func TestNeverSentTwice(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		var requests atomic.Int32
		w.serve(func(p *peer) {
			for {
				raw, _, err := p.request()
				if err != nil {
					return
				}
				if strings.HasPrefix(raw, "GET /bad") {
					requests.Add(1)
					return
				}
				p.send(okHello)
			}
		})
		for _, reused := range []bool{false, true} {
			for name, source := range map[string]body.Source{"GET": body.None(), "POST": body.String("hello"), "stream": body.Reader(onlyReader{strings.NewReader("hello")})} {
				requests.Store(0)
				c := w.conn()
				if reused {
					get(t, c)
				}
				before := w.dials.Load()
				_, err := c.Do(bounded(t), "GET", "/bad", nil, source)
				wantError(t, err, httpclient.ErrRemoteDisconnected, httpclient.ErrBadStatusLine, httpclient.ErrHTTP, syscall.ECONNRESET)
				if got := requests.Load(); got != 1 {
					t.Errorf("%s, reused %v: the server saw %d requests", name, reused, got)
				}
				if got := w.dials.Load() - before; got > 1 || reused && got > 0 {
					t.Errorf("%s, reused %v: %d dials", name, reused, got)
				}
				if c.Connected() {
					t.Error("still connected")
				}
				if get(t, c) != "hello" {
					t.Error("no new connection")
				}
			}
		}
	})
}

// TestServerClosesIdle: a connection that the server closed between requests is noticed and replaced.
func TestServerClosesIdle(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		closed := make(chan bool)
		w.serve(func(p *peer) {
			p.request()
			p.send(okHello)
			p.Close()
			closed <- true
		})
		c := w.conn()
		for i := range 3 {
			if got := get(t, c); got != "hello" {
				t.Errorf("content %q", got)
			}
			if got := int(w.dials.Load()); got != i+1 {
				t.Errorf("%d dials for %d requests", got, i+1)
			}
			<-closed
			waitReady(t, c)
		}
	})
}

// waitReady waits until something has arrived on an idle connection, FIN included.
func waitReady(t testing.TB, c *httpclient.Conn) {
	t.Helper()
	for ctx := bounded(t); ctx.Err() == nil; {
		if ready, _ := transportReady(c.NetConn()); ready {
			return
		}
	}
	t.Fatal("nothing arrived")
}

// TestExcessWhileIdle: octets that come when no request was sent never become a response.
func TestExcessWhileIdle(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		var served atomic.Int32
		w.serve(func(p *peer) {
			n := served.Add(1)
			p.request()
			p.send(okHello)
			if n == 1 {
				p.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
				p.hold()
			}
		})
		c := w.conn()
		get(t, c)
		if c.Connected() { // else they came along with the response
			waitReady(t, c)
		}
		if got := get(t, c); got != "hello" {
			t.Errorf("content %q", got)
		}
		if w.dials.Load() != 2 {
			t.Errorf("%d dials", w.dials.Load())
		}
	})
}

// TestStaleResponse: a Response of an earlier request has no head and no content; its clone keeps it.
func TestStaleResponse(t *testing.T) {
	w := newWorld(t, allWorlds[0])
	var n atomic.Int32
	w.serve(func(p *peer) {
		for {
			if _, _, err := p.request(); err != nil {
				return
			}
			p.send(fmt.Sprintf("HTTP/1.1 200 Number %d\r\nn: %[1]d\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nSum: %[1]d\r\n\r\n", n.Add(1)))
		}
	})
	c := w.conn()
	first, err := c.Do(bounded(t), "GET", "/", nil, body.None())
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, first)
	clone := first.Clone()
	check := func(when string, r httpclient.Response, want ...string) {
		t.Helper()
		got := []string{r.Status().String(), r.Reason(), r.Field("N"), r.Trailers().GetString("sum"), string(r.RawHead())}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", when, diff)
		}
	}
	whole := []string{first.Status().String(), "Number 1", "1", "1", "HTTP/1.1 200 Number 1\r\nn: 1\r\nTransfer-Encoding: chunked\r\n\r\n"}
	check("while current", first, whole...)
	if _, err := first.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("behind the end: %v", err)
	}
	second, err := c.Do(bounded(t), "GET", "/", nil, body.None())
	if err != nil {
		t.Fatal(err)
	}
	empty := []string{(httpclient.Response{}).Status().String(), "", "", "", ""}
	check("stale", first, empty...)
	_, err = first.Read(make([]byte, 1))
	wantError(t, err, httpclient.ErrResponseClosed)
	_, err = first.WriteTo(io.Discard)
	wantError(t, err, httpclient.ErrResponseClosed)
	if err := first.Close(); err != nil || !c.Connected() {
		t.Errorf("closing a stale response: %v", err)
	}
	check("clone", clone, whole...)
	_, err = clone.Read(make([]byte, 1))
	wantError(t, err, httpclient.ErrResponseClosed)
	if got := second.Reason(); got != "Number 2" {
		t.Errorf("reason %q", got)
	}
	c.Close()
	check("closed", second, empty...)
	_, err = second.Read(make([]byte, 1))
	wantError(t, err, httpclient.ErrResponseClosed)
	check("zero", httpclient.Response{}, empty...)
}
