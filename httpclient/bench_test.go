package httpclient_test

import (
	"context"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
)

// canned is a connection that costs next to nothing: each write is answered with the same octets.
type canned struct {
	answer []byte

	mu    sync.Mutex
	come  sync.Cond
	rest  []byte
	ended bool // by a read deadline
}

func newCanned(answer string) *canned {
	c := &canned{answer: []byte(answer)}
	c.come.L = &c.mu
	return c
}

func (c *canned) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.rest) == 0 {
		if c.ended {
			return 0, os.ErrDeadlineExceeded
		}
		c.come.Wait()
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *canned) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.rest = c.answer
	c.come.Broadcast()
	return len(p), nil
}

func (c *canned) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = !t.IsZero()
	c.come.Broadcast()
	return nil
}

func (c *canned) Close() error                     { return nil }
func (c *canned) LocalAddr() net.Addr              { return nil }
func (c *canned) RemoteAddr() net.Addr             { return nil }
func (c *canned) SetDeadline(time.Time) error      { return nil }
func (c *canned) SetWriteDeadline(time.Time) error { return nil }
func (c *canned) Ready() (bool, error)             { return false, nil }

const hello = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nhello, world!"

func cannedConn(tb testing.TB, answer string) *httpclient.Conn {
	c, err := httpclient.New("example.org", httpclient.WithDialer(transport.DialerFunc(
		func(context.Context, string, string) (net.Conn, error) { return newCanned(answer), nil })))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	return c
}

func exchange(tb testing.TB, c *httpclient.Conn, ctx context.Context, method string, content body.Source, buf []byte) {
	resp, err := c.Do(ctx, method, "/", nil, content)
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := resp.Read(buf); err == io.EOF {
			return
		} else if err != nil {
			tb.Fatal(err)
		}
	}
}

// helloChunked has the content of hello in three chunks, with a trailer section.
const helloChunked = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n" +
	"5\r\nhello\r\n2;a=b\r\n, \r\n6\r\nworld!\r\n0\r\nSum: 1\r\n\r\n"

// exchanges are the kinds of exchanges that cost no allocation on a connection that is kept.
var exchanges = []struct {
	name, method string
	content      body.Source
	answer       string
}{
	{"GET", "GET", body.None(), hello},
	{"HEAD", "HEAD", body.None(), hello[:len(hello)-13]},
	{"GET chunked", "GET", body.None(), helloChunked},
	{"POST bytes", "POST", body.Bytes([]byte("some content")), hello},
	{"POST string", "POST", body.String("some content"), helloChunked},
}

func BenchmarkDo(b *testing.B) {
	for _, e := range exchanges {
		b.Run(e.name, func(b *testing.B) {
			c, buf := cannedConn(b, e.answer), make([]byte, 4096)
			ctx := context.Background()
			b.ReportAllocs()
			for b.Loop() {
				exchange(b, c, ctx, e.method, e.content, buf)
			}
		})
	}
}

// BenchmarkDoTCP is the same over a socket, with a server that does as little as can be.
func BenchmarkDoTCP(b *testing.B) {
	w := newWorld(b, allWorlds[1])
	w.serveCanned(hello)
	c, buf := w.conn(), make([]byte, 4096)
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		exchange(b, c, ctx, "GET", body.None(), buf)
	}
}

// serveCanned answers each read, which it takes for one request, and allocates nothing.
func (w *world) serveCanned(answer string) {
	w.serve(func(p *peer) {
		buf, octets := make([]byte, 4096), []byte(answer)
		for {
			if _, err := p.Conn.Read(buf); err != nil {
				return
			}
			if _, err := p.Conn.Write(octets); err != nil {
				return
			}
		}
	})
}

// TestNoAllocations: an exchange on a connection that is kept allocates nothing, with a context that was
// made once and with time-outs too.
func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	contexts := map[string]context.Context{"background": context.Background(), "cancellable": ctx}
	for _, e := range exchanges {
		conns := map[string]*httpclient.Conn{"canned": cannedConn(t, e.answer)}
		for i := range allWorlds[:2] {
			w := newWorld(t, allWorlds[i])
			w.serveCanned(e.answer)
			conns[w.name] = w.conn(httpclient.WithTimeouts(httpclient.Timeouts{
				Write: time.Minute, FirstByte: time.Minute, Between: time.Minute, Total: time.Hour,
			}))
		}
		for transport, c := range conns {
			for context, ctx := range contexts {
				buf := make([]byte, 4096)
				allocs := testing.AllocsPerRun(200, func() { exchange(t, c, ctx, e.method, e.content, buf) })
				if allocs != 0 {
					t.Errorf("%s over %s, %s context: %v allocations", e.name, transport, context, allocs)
				}
			}
		}
	}
}
