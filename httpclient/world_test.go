package httpclient_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// world is a transport with a server at its other end.
type world struct {
	name   string
	secure bool
	tcp    bool
	buffer int // of the memory network; 0 is its default

	t         testing.TB
	listener  net.Listener
	network   *memory.Network
	roots     *x509.CertPool
	serverTLS *tls.Config
	wrap      func(net.Conn) net.Conn // put around each connection that is dialled, below TLS
	dials     atomic.Int32
	served    sync.WaitGroup

	mu   sync.Mutex
	open map[net.Conn]bool // on the server's side
	over bool              // shut was called
}

var allWorlds = []*world{
	{name: "memory"},
	{name: "tcp", tcp: true},
	{name: "tls over memory", secure: true},
	{name: "tls over tcp", secure: true, tcp: true},
}

// tinyWorlds have memory that holds less than a head.
var tinyWorlds = []*world{
	{name: "memory of 16 octets", buffer: 16},
	{name: "memory of 1 octet", buffer: 1},
	{name: "memory of 1000 octets", buffer: 1000},
	{name: "tls over memory of 64 octets", buffer: 64, secure: true},
}

var certificate = sync.OnceValues(func() (tls.Certificate, *x509.CertPool) {
	cert, roots, _ := testcert.New(certTB{})
	return cert, roots
})

// certTB lets a certificate be made once for all tests.
type certTB struct{ testing.TB }

func (certTB) Helper()                   {}
func (certTB) Fatal(args ...any)         { panic(args) }
func (certTB) Fatalf(f string, a ...any) { panic(f) }

func everywhere(t *testing.T, worlds []*world, test func(t *testing.T, w *world)) {
	for i := range worlds {
		t.Run(worlds[i].name, func(t *testing.T) { test(t, newWorld(t, worlds[i])) })
	}
}

func newWorld(t testing.TB, like *world) *world {
	w := &world{name: like.name, secure: like.secure, tcp: like.tcp, buffer: like.buffer, t: t, open: map[net.Conn]bool{}}
	var err error
	if w.tcp {
		w.listener, err = net.Listen("tcp", "127.0.0.1:0")
	} else {
		w.network = &memory.Network{BufferSize: w.buffer}
		w.listener, err = w.network.Listen("example.org:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	if w.secure {
		cert, roots := certificate()
		w.roots = roots
		w.serverTLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	}
	t.Cleanup(w.shut)
	return w
}

// shut ends the server and waits for it.
func (w *world) shut() {
	w.listener.Close()
	w.mu.Lock()
	w.over = true
	for nc := range w.open {
		nc.Close()
	}
	w.mu.Unlock()
	w.served.Wait()
}

// serve lets f serve every connection, which is closed when f returns.
func (w *world) serve(f func(*peer)) {
	w.served.Go(func() {
		for {
			raw, err := w.listener.Accept()
			if err != nil {
				return
			}
			w.served.Go(func() {
				w.track(raw, true)
				defer w.track(raw, false)
				defer raw.Close()
				nc := raw
				if w.secure {
					s := tls.Server(raw, w.serverTLS)
					if s.Handshake() != nil {
						return
					}
					defer s.Close()
					nc = s
				}
				p := &peer{Conn: nc, raw: raw, t: w.t}
				p.br = bufio.NewReader(io.TeeReader(nc, &p.seen))
				f(p)
			})
		}
	})
}

func (w *world) track(nc net.Conn, open bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if open {
		w.open[nc] = true
		if w.over {
			nc.Close() // accepted as the world ended
		}
	} else {
		delete(w.open, nc)
	}
}

// serveHTTP lets net/http serve.
func (w *world) serveHTTP(h http.Handler) {
	s := &http.Server{Handler: h}
	w.served.Go(func() {
		l := w.listener
		if w.secure {
			l = tls.NewListener(l, w.serverTLS)
		}
		s.Serve(l)
	})
	w.t.Cleanup(func() { s.Close() })
}

// DialContext makes a world a dialer, which reaches its listener by whatever address.
func (w *world) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	w.dials.Add(1)
	var nc net.Conn
	var err error
	if w.tcp {
		nc, err = transport.TCP{}.DialContext(ctx, network, w.listener.Addr().String())
	} else {
		nc, err = w.network.DialContext(ctx, network, w.listener.Addr().String())
	}
	if err == nil && w.wrap != nil {
		nc = w.wrap(nc)
	}
	return nc, err
}

// conn returns a Conn to example.org in this world.
func (w *world) conn(options ...httpclient.Option) *httpclient.Conn {
	w.t.Helper()
	options = append([]httpclient.Option{httpclient.WithDialer(w)}, options...)
	make := httpclient.New
	if w.secure {
		make = httpclient.NewTLS
		options = append([]httpclient.Option{httpclient.WithTLSConfig(&tls.Config{RootCAs: w.roots})}, options...)
	}
	c, err := make("example.org", options...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { c.Close() })
	return c
}

// peer is the server's end of a connection.
type peer struct {
	net.Conn
	raw  net.Conn // below TLS
	t    testing.TB
	seen bytes.Buffer // what br has read
	br   *bufio.Reader
}

// request reads one request and returns its octets and its content.
func (p *peer) request() (raw, content string, err error) {
	p.seen.Reset()
	if n := p.br.Buffered(); n > 0 {
		b, _ := p.br.Peek(n)
		p.seen.Write(b)
	}
	r, err := http.ReadRequest(p.br)
	if err != nil {
		return "", "", err
	}
	b, err := io.ReadAll(r.Body)
	all := p.seen.Bytes()
	return string(all[:len(all)-p.br.Buffered()]), string(b), err
}

// head reads up to the empty line behind a head.
func (p *peer) head() (string, error) {
	var head strings.Builder
	for {
		line, err := p.br.ReadString('\n')
		head.WriteString(line)
		if err != nil || line == "\r\n" {
			return head.String(), err
		}
	}
}

func (p *peer) send(s string) { io.WriteString(p.Conn, s) }

// hold keeps the connection until the client closes it.
func (p *peer) hold() { io.Copy(io.Discard, p.br) }

// answer serves one request after another with the same answer.
func answer(s string) func(*peer) {
	return func(p *peer) {
		for {
			if _, _, err := p.request(); err != nil {
				return
			}
			p.send(s)
		}
	}
}

const (
	okHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	okEmpty = "HTTP/1.1 204 No Content\r\n\r\n"
)

// bounded returns a context that ends a test that hangs.
func bounded(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// readAll reads the content of a response.
func readAll(t testing.TB, r httpclient.Response) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("reading content: %v", err)
	}
	return string(b)
}

// wantError checks that err is each of want.
func wantError(t testing.TB, err error, want ...error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, w := range want {
		if !errors.Is(err, w) {
			t.Errorf("error %v is not %v", err, w)
		}
	}
}

// counting counts what is written to a connection.
type counting struct {
	net.Conn
	writes, octets atomic.Int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.writes.Add(1)
	c.octets.Add(int64(n))
	return n, err
}

func (c *counting) Ready() (bool, error) { return transport.Peek(c.Conn) }

// count puts a counter around the connections of w.
func (w *world) count() *counting {
	c := new(counting)
	w.wrap = func(nc net.Conn) net.Conn {
		c.Conn = nc
		return c
	}
	return c
}

// transportReady asks below what a Conn may have put around its connection.
func transportReady(nc net.Conn) (bool, error) { return transport.Ready(nc) }
