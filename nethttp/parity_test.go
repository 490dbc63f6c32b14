package nethttp_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/nethttp"
)

// What a caller sees of http.Transport, a caller of nethttp.Transport is to see also. A case runs on both and logs what it
// sees; the logs are compared.

// knobs are what a case sets on a transport, of either kind.
type knobs struct {
	proxy               func(*http.Request) (*url.URL, error)
	connectHeader       http.Header
	onConnect           func(context.Context, *url.URL, *http.Request, *http.Response) error
	dial                func(ctx context.Context, network, addr string) (net.Conn, error)
	dialTLS             func(ctx context.Context, network, addr string) (net.Conn, error)
	tls                 *tls.Config
	headerTimeout       time.Duration
	handshakeTimeout    time.Duration
	continueTimeout     time.Duration
	maxIdle, maxConns   int
	maxHeader           int64
	noKeepAlive, noGzip bool
}

// side is one of the two.
type side struct {
	name string
	make func(k knobs) http.RoundTripper
}

var sides = []side{
	{"http.Transport", func(k knobs) http.RoundTripper {
		return &http.Transport{
			Proxy: k.proxy, ProxyConnectHeader: k.connectHeader, OnProxyConnectResponse: k.onConnect,
			DialContext: k.dial, DialTLSContext: k.dialTLS, TLSClientConfig: k.tls.Clone(),
			ResponseHeaderTimeout: k.headerTimeout, TLSHandshakeTimeout: k.handshakeTimeout,
			ExpectContinueTimeout: k.continueTimeout, MaxIdleConnsPerHost: k.maxIdle, MaxConnsPerHost: k.maxConns,
			MaxResponseHeaderBytes: k.maxHeader, DisableKeepAlives: k.noKeepAlive, DisableCompression: k.noGzip,
		}
	}},
	{"nethttp.Transport", func(k knobs) http.RoundTripper {
		return &nethttp.Transport{
			Proxy: k.proxy, ProxyConnectHeader: k.connectHeader, OnProxyConnectResponse: k.onConnect,
			DialContext: k.dial, DialTLSContext: k.dialTLS, TLSClientConfig: k.tls,
			ResponseHeaderTimeout: k.headerTimeout, TLSHandshakeTimeout: k.handshakeTimeout,
			ExpectContinueTimeout: k.continueTimeout, MaxIdleConnsPerHost: k.maxIdle, MaxConnsPerHost: k.maxConns,
			MaxResponseHeaderBytes: k.maxHeader, DisableKeepAlives: k.noKeepAlive, DisableCompression: k.noGzip,
		}
	}},
}

// run is one run of a case on one side.
type run struct {
	*testing.T
	rt  http.RoundTripper
	url string // of the server

	clone func(change func(*knobs)) http.RoundTripper // another transport of the same side
	mu    sync.Mutex
	log   []string

	wrote, awaits chan bool // a ClientTrace has been told
}

// logf logs what is seen.
func (r *run) logf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.log = append(r.log, fmt.Sprintf(format, args...))
}

// request makes a request to the server.
func (r *run) request(method, path string, body io.Reader) *http.Request {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
	r.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, method, r.url+path, body)
	if err != nil {
		r.Fatal(err)
	}
	return req
}

// do makes a round trip and logs all that a caller sees.
func (r *run) do(req *http.Request) {
	r.Helper()
	resp, err := r.rt.RoundTrip(req)
	if err != nil {
		r.logError(err)
		return
	}
	r.logResponse(resp, req)
}

func (r *run) logResponse(resp *http.Response, req *http.Request) {
	head := resp.Header.Clone()
	head.Del("Date")
	r.logf("%s %s %d %d.%d close=%v length=%d te=%q uncompressed=%v tls=%v same=%v", resp.Status, resp.Proto, resp.StatusCode,
		resp.ProtoMajor, resp.ProtoMinor, resp.Close, resp.ContentLength, resp.TransferEncoding, resp.Uncompressed,
		resp.TLS != nil, resp.Request == req)
	r.logf("header %v trailer %v", head, resp.Trailer)
	b, err := io.ReadAll(resp.Body)
	r.logf("content %q", b)
	if err != nil {
		r.logError(err)
	}
	r.logf("trailer %v", resp.Trailer)
	if err := resp.Body.Close(); err != nil {
		r.logf("close: %v", err)
	}
	_, err = resp.Body.Read(make([]byte, 1))
	if resp.ContentLength != 0 && resp.Request.Method != "HEAD" {
		r.logf("read after close: %v", err)
	}
}

// logError logs what is decided by an error.
func (r *run) logError(err error) {
	var ne net.Error
	var oe *net.OpError
	op := ""
	if errors.As(err, &oe) {
		op = oe.Op
	}
	r.logf("error: timeout=%v canceled=%v deadline=%v eof=%v unexpected=%v op=%q",
		errors.As(err, &ne) && ne.Timeout(), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), op)
}

// parity is a case.
type parity struct {
	name string
	knobs
	handler http.HandlerFunc      // serves, or
	serve   func(r *run, p *peer) // serves each connection
	secure  bool
	test    func(r *run)

	handlerFor func(*run) http.HandlerFunc // in the place of handler
}

// check runs the case on both sides.
func (c parity) check(t *testing.T) {
	t.Run(c.name, func(t *testing.T) {
		var logs [2][]string
		for i := range sides {
			logs[i] = c.perform(t, i)
		}
		// What net/http says where two of its goroutines meet is not always the same. Strata is asked once.
		for range 5 {
			if slices.Equal(logs[0], logs[1]) {
				break
			}
			logs[0] = c.perform(t, 0)
		}
		if len(logs[0]) == 0 {
			t.Error("nothing was seen")
		}
		if diff := cmp.Diff(logs[0], logs[1]); diff != "" {
			t.Errorf("what is seen (-http.Transport +nethttp.Transport):\n%s", diff)
		}
	})
}

// perform runs the case on one side and returns what was seen.
func (c parity) perform(t *testing.T, side int) (seen []string) {
	s := sides[side]
	t.Run(s.name, func(t *testing.T) {
		r := &run{T: t, wrote: make(chan bool, 10), awaits: make(chan bool, 10)}
		k := c.knobs
		if c.handlerFor != nil {
			c.handler = c.handlerFor(r)
		}
		if c.handler != nil {
			server := httptest.NewUnstartedServer(c.handler)
			server.Config.ErrorLog = log.New(io.Discard, "", 0)
			if c.secure {
				server.StartTLS()
				if k.tls == nil {
					k.tls = server.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
					k.tls.NextProtos = nil
				}
			} else {
				server.Start()
			}
			defer server.Close()
			r.url = server.URL
		} else {
			r.url = "http://" + r.serveRaw(c.serve)
		}
		r.rt = s.make(k)
		r.clone = func(change func(*knobs)) http.RoundTripper {
			change(&k)
			rt := s.make(k)
			r.Cleanup(rt.(interface{ CloseIdleConnections() }).CloseIdleConnections)
			return rt
		}
		defer r.rt.(interface{ CloseIdleConnections() }).CloseIdleConnections()
		c.test(r)
		r.mu.Lock()
		for _, l := range r.log {
			seen = append(seen, strings.ReplaceAll(l, strings.TrimPrefix(strings.TrimPrefix(r.url, "http://"), "https://"), "SERVER"))
		}
		r.mu.Unlock()
	})
	return seen
}

// peer is the server's end of a connection.
type peer struct {
	net.Conn
	br *bufio.Reader
	n  int // of the connection, from 1
}

func newPeer(nc net.Conn, n int) *peer { return &peer{Conn: nc, br: bufio.NewReader(nc), n: n} }

// serveRaw serves every connection by f, one after the other has begun, and returns the address.
func (r *run) serveRaw(f func(*run, *peer)) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.Fatal(err)
	}
	var served sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	served.Go(func() {
		for n := 1; ; n++ {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, nc)
			mu.Unlock()
			served.Go(func() {
				defer nc.Close()
				f(r, newPeer(nc, n))
			})
		}
	})
	r.Cleanup(func() {
		l.Close()
		mu.Lock()
		for _, nc := range open {
			nc.Close()
		}
		mu.Unlock()
		served.Wait()
	})
	return l.Addr().String()
}

// head reads the head of a request; it is empty at the end of the connection.
func (p *peer) head() string {
	var head strings.Builder
	for {
		line, err := p.br.ReadString('\n')
		if err != nil {
			return ""
		}
		head.WriteString(line)
		if line == "\r\n" {
			return strings.Replace(head.String(), "User-Agent: Go-http-client/1.1\r\n", "User-Agent: strata\r\n", 1)
		}
	}
}

// octets reads n octets of content.
func (p *peer) octets(n int) string {
	b := make([]byte, n)
	io.ReadFull(p.br, b)
	return string(b)
}

// chunked reads content in the chunked coding, with its trailer section.
func (p *peer) chunked() string {
	var all strings.Builder
	for {
		line, err := p.br.ReadString('\n')
		all.WriteString(line)
		if err != nil || line == "0\r\n" {
			break
		}
		var n int
		fmt.Sscanf(line, "%x", &n)
		all.WriteString(p.octets(n + 2))
	}
	for {
		line, err := p.br.ReadString('\n')
		all.WriteString(line)
		if err != nil || line == "\r\n" {
			return all.String()
		}
	}
}

func (p *peer) send(s string) { io.WriteString(p.Conn, s) }

func (p *peer) hold() { io.Copy(io.Discard, p.br) }

// always answers every request so.
func always(answer string) func(*run, *peer) {
	return func(_ *run, p *peer) {
		for p.head() != "" {
			p.send(answer)
		}
	}
}

const okHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

// tracked is a body that tells whether it was closed.
type tracked struct {
	io.Reader
	closed chan struct{}
	once   sync.Once
}

func track(r io.Reader) *tracked { return &tracked{Reader: r, closed: make(chan struct{})} }

func (b *tracked) Close() error {
	b.once.Do(func() { close(b.closed) })
	return nil
}

// logClosed waits for the body to be closed.
func (r *run) logClosed(b *tracked) {
	select {
	case <-b.closed:
		r.logf("request body closed")
	case <-time.After(20 * time.Second):
		r.Error("the body of the request was never closed")
	}
}

// newTLSServer serves over TLS, and says nothing of handshakes that fail.
func newTLSServer(t *testing.T, h http.Handler) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}
