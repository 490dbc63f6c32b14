package advisories_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// script is a connection, and the dialer that gives it, from which octets are read that are there from the
// beginning, and then io.EOF. What is written to it goes nowhere.
type script struct {
	octets  string
	segment int // octets a read, at most
}

func (s *script) DialContext(context.Context, string, string) (net.Conn, error) { return s, nil }

func (s *script) Read(p []byte) (int, error) {
	if s.octets == "" {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), s.segment)], s.octets)
	s.octets = s.octets[n:]
	return n, nil
}

func (s *script) Write(p []byte) (int, error)      { return len(p), nil }
func (s *script) Close() error                     { return nil }
func (s *script) LocalAddr() net.Addr              { return memory.Addr("local") }
func (s *script) RemoteAddr() net.Addr             { return memory.Addr("remote") }
func (s *script) SetDeadline(time.Time) error      { return nil }
func (s *script) SetReadDeadline(time.Time) error  { return nil }
func (s *script) SetWriteDeadline(time.Time) error { return nil }
func (s *script) Ready() (bool, error)             { return true, nil }

// origin is a server in memory, and the recording dialer that leads to it.
type origin struct {
	t       testing.TB
	serve   func(p *peer)
	buffer  int // octets that a direction holds; 0 is the default of package memory
	link    link
	dials   atomic.Int32
	octets  atomic.Int64 // written by clients, over all connections
	serving sync.WaitGroup

	mu    sync.Mutex
	sent  [][]byte // what was written, by connection
	peers []net.Conn
}

// newOrigin returns an origin that serves each connection by serve, and closes it when serve returns.
func newOrigin(t testing.TB, serve func(p *peer)) *origin {
	o := &origin{t: t, serve: serve}
	t.Cleanup(o.shut)
	return o
}

func (o *origin) shut() {
	o.mu.Lock()
	for _, nc := range o.peers {
		nc.Close()
	}
	o.mu.Unlock()
	o.serving.Wait()
}

func (o *origin) DialContext(context.Context, string, string) (net.Conn, error) {
	near, far, err := o.link.pair(o.buffer)
	if err != nil {
		return nil, err
	}
	o.mu.Lock()
	n := int(o.dials.Add(1))
	o.sent = append(o.sent, nil)
	o.peers = append(o.peers, far)
	o.mu.Unlock()
	o.serving.Go(func() {
		defer far.Close()
		nc := far
		if o.link.secure {
			session := tls.Server(far, &tls.Config{Certificates: []tls.Certificate{certificate().server}})
			if session.Handshake() != nil {
				return
			}
			nc = session
		}
		o.serve(&peer{Conn: nc, br: bufio.NewReader(nc), n: n})
	})
	return &recorded{Conn: near, o: o, n: n - 1}, nil
}

// link is what the connections of an origin are made of.
type link struct{ tcp, secure bool }

var links = map[string]link{"memory": {}, "TCP": {tcp: true}, "TLS over memory": {secure: true}, "TLS over TCP": {tcp: true, secure: true}}

// pair returns the two ends of a connection.
func (l link) pair(buffer int) (near, far net.Conn, err error) {
	if !l.tcp {
		near, far := memory.PipeSize(buffer)
		return near, far, nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	if near, err = net.Dial("tcp", listener.Addr().String()); err == nil {
		far, err = listener.Accept()
	}
	return near, far, err
}

type certificates struct {
	server tls.Certificate
	roots  *x509.CertPool
}

// certificate is made once for all tests.
var certificate = sync.OnceValue(func() (c certificates) {
	c.server, c.roots, _ = testcert.New(certificateTB{}, "h")
	return c
})

type certificateTB struct{ testing.TB }

func (certificateTB) Helper()                        {}
func (certificateTB) Fatal(args ...any)              { panic(args) }
func (certificateTB) Fatalf(format string, _ ...any) { panic(format) }

// written returns all that clients have written to connection n, counted from 1.
func (o *origin) written(n int) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.sent[n-1])
}

// recorded is a connection whose writes are recorded before they are made.
type recorded struct {
	net.Conn
	o *origin
	n int
}

func (r *recorded) Write(p []byte) (int, error) {
	r.o.octets.Add(int64(len(p)))
	r.o.mu.Lock()
	r.o.sent[r.n] = append(r.o.sent[r.n], p...)
	r.o.mu.Unlock()
	return r.Conn.Write(p)
}

func (r *recorded) Ready() (bool, error) { return transport.Peek(r.Conn) }

// arrived waits until octets that the peer has sent can be read: a network may take its time.
func arrived(t testing.TB, c *httpclient.Conn) {
	t.Helper()
	for range 1_000_000 {
		if nc := c.NetConn(); nc == nil {
			return
		} else if ready, _ := transport.Ready(nc); ready {
			return
		}
		runtime.Gosched()
	}
	t.Fatal("nothing arrived")
}

// peer is the server's end of connection n, counted from 1.
type peer struct {
	net.Conn
	br *bufio.Reader
	n  int
}

// head reads the head of a request.
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

// request reads a request, as package net/http does, and its content.
func (p *peer) request() (method, target, content string, err error) {
	r, err := http.ReadRequest(p.br)
	if err != nil {
		return "", "", "", err
	}
	b, err := io.ReadAll(r.Body)
	return r.Method, r.RequestURI, string(b), err
}

func (p *peer) send(s string) { io.WriteString(p.Conn, s) }

// hold keeps the connection until the client ends it.
func (p *peer) hold() { io.Copy(io.Discard, p.br) }

const hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

// greet answers every request with hello.
func greet(p *peer) {
	for {
		if _, _, _, err := p.request(); err != nil {
			return
		}
		p.send(hello)
	}
}

// facade returns a client of o.
func facade(t testing.TB, o *origin, options ...httpclient.Option) *httpclient.Conn {
	t.Helper()
	makes := httpclient.New
	if o.link.secure {
		makes = httpclient.NewTLS
		options = append(options, httpclient.WithTLSConfig(&tls.Config{RootCAs: certificate().roots}))
	}
	c, err := makes("h", append([]httpclient.Option{httpclient.WithDialer(o)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// get does a GET of target and checks the content.
func get(t testing.TB, c *httpclient.Conn, target, want string) httpclient.Response {
	t.Helper()
	r, err := c.Do(t.Context(), "GET", target, nil, body.None())
	if err != nil {
		t.Fatalf("GET %s: %v", target, err)
	}
	content, err := io.ReadAll(r)
	if err != nil || string(content) != want {
		t.Fatalf("GET %s: %q, %v; want %q", target, content, err, want)
	}
	return r
}
