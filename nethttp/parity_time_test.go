package nethttp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

var errCause = errors.New("the cause")

// TestParityCancel: a context ends a request at whatever step, and its cause is the error.
func TestParityCancel(t *testing.T) {
	blocked := func(ctx context.Context, _, _ string) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	for _, c := range []struct {
		name  string
		serve func(r *run, p *peer)
		body  func() io.Reader
		knobs
	}{
		{name: "before"},
		{name: "while dialling", knobs: knobs{dial: blocked}},
		{name: "while a connection is waited for", knobs: knobs{maxConns: 1}},
		{name: "while sending", serve: func(_ *run, p *peer) { p.head(); hang(p) }, body: func() io.Reader { return endless{} }},
		{name: "while waiting", serve: func(_ *run, p *peer) { p.head(); hang(p) }},
		{name: "within the head", serve: func(_ *run, p *peer) { p.head(); p.send("HTTP/1.1 200 OK\r\n"); hang(p) }},
		{name: "within the content", serve: func(_ *run, p *peer) {
			p.head()
			p.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
			hang(p)
		}},
	} {
		parity{name: c.name, knobs: c.knobs, serve: func(r *run, p *peer) {
			if c.serve != nil {
				c.serve(r, p)
				return
			}
			always(okHello)(r, p)
		}, test: func(r *run) {
			ctx, cancel := context.WithCancelCause(r.Context())
			defer cancel(nil)
			var b io.Reader
			var body *tracked
			if c.body != nil {
				body = track(c.body())
				b = body
			}
			req, _ := http.NewRequestWithContext(ctx, "POST", r.url, b)
			switch c.name {
			case "before":
				cancel(errCause)
			case "while a connection is waited for":
				held, err := r.rt.RoundTrip(r.request("GET", "/", nil))
				if err != nil {
					r.Fatal(err)
				}
				defer held.Body.Close()
			}
			time.AfterFunc(20*time.Millisecond, func() { cancel(errCause) })
			resp, err := r.rt.RoundTrip(req)
			if err == nil {
				r.logf("%s", resp.Status)
				var content []byte
				content, err = io.ReadAll(resp.Body)
				r.logf("%q", content)
				resp.Body.Close()
			}
			r.logf("cause %v canceled %v", errors.Is(err, errCause), errors.Is(err, context.Canceled))
			if body != nil {
				r.logClosed(body)
			}
		}}.check(t)
	}
}

func hang(p *peer) {
	for {
		if _, err := p.br.ReadByte(); err != nil {
			return
		}
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestParityTimeouts: what runs out is a net.Error, also where an http.Client looks.
func TestParityTimeouts(t *testing.T) {
	silent := func(_ *run, p *peer) { p.head(); p.hold() }
	for _, c := range []struct {
		name    string
		url     string
		timeout time.Duration // of the client
		serve   func(*run, *peer)
		read    bool
		knobs
	}{
		{name: "response header", serve: silent, knobs: knobs{headerTimeout: 20 * time.Millisecond}},
		{name: "within the head", serve: func(_ *run, p *peer) { p.head(); p.send("HTTP/1.1 200 OK\r\n"); p.hold() }, knobs: knobs{headerTimeout: 20 * time.Millisecond}},
		{name: "behind an interim response", serve: func(_ *run, p *peer) { p.head(); p.send("HTTP/1.1 103 Early Hints\r\n\r\n"); p.hold() }, knobs: knobs{headerTimeout: 20 * time.Millisecond}},
		{name: "client", serve: silent, timeout: 20 * time.Millisecond},
		{name: "client, within the content", serve: func(_ *run, p *peer) {
			p.head()
			p.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
			p.hold()
		}, timeout: 50 * time.Millisecond, read: true},
		{name: "handshake", serve: func(_ *run, p *peer) { p.hold() }, url: "https", knobs: knobs{handshakeTimeout: 20 * time.Millisecond}},
		{name: "dial", knobs: knobs{dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
			d := net.Dialer{Timeout: time.Nanosecond}
			return d.DialContext(ctx, "tcp", "127.0.0.1:1")
		}}, serve: silent},
	} {
		parity{name: c.name, knobs: c.knobs, serve: c.serve, test: func(r *run) {
			client := &http.Client{Transport: r.rt, Timeout: c.timeout}
			req := r.request("GET", "/", nil)
			if c.url != "" {
				req.URL.Scheme = c.url
			}
			resp, err := client.Do(req)
			if err == nil && c.read {
				_, err = io.ReadAll(resp.Body)
				resp.Body.Close()
			}
			var ue *url.Error
			r.logf("url.Error %v %v", errors.As(err, &ue), ue != nil && ue.Timeout())
			var ne net.Error
			r.logf("net.Error %v", errors.As(err, &ne) && ne.Timeout())
		}}.check(t)
	}
}

// TestParityDialErrors: the errors of dialling and of TLS come as they are.
func TestParityDialErrors(t *testing.T) {
	parity{name: "the dialer's own", serve: always(okHello), knobs: knobs{dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errCause
	}}, test: func(r *run) {
		_, err := r.rt.RoundTrip(r.request("GET", "/", nil))
		r.logf("%v", err == errCause)
	}}.check(t)
	parity{name: "a proxy of an unknown scheme", serve: always(okHello), knobs: knobs{proxy: func(*http.Request) (*url.URL, error) {
		return url.Parse("gopher://proxy.example")
	}}, test: func(r *run) {
		_, err := r.rt.RoundTrip(r.request("GET", "/", nil))
		r.logError(err)
	}}.check(t)
	parity{name: "a proxy that cannot be reached", serve: always(okHello), knobs: knobs{
		dial:  func(context.Context, string, string) (net.Conn, error) { return nil, errCause },
		proxy: func(*http.Request) (*url.URL, error) { return url.Parse("http://proxy.example") },
	}, test: func(r *run) {
		for _, scheme := range []string{"http", "https"} {
			req := r.request("GET", "/", nil)
			req.URL.Scheme = scheme
			_, err := r.rt.RoundTrip(req)
			r.logError(err)
			r.logf("%v", errors.Is(err, errCause))
		}
	}}.check(t)
	parity{name: "a proxy that hangs up", serve: func(_ *run, p *peer) { p.head() }, test: func(r *run) {
		at, _ := url.Parse(r.url)
		proxied := r.clone(func(k *knobs) { k.proxy = http.ProxyURL(at) })
		req := r.request("GET", "/", nil)
		req.URL.Scheme = "https"
		_, err := proxied.RoundTrip(req)
		r.logError(err)
	}}.check(t)
	parity{name: "refused", serve: always(okHello), test: func(r *run) {
		l, _ := net.Listen("tcp", "127.0.0.1:0")
		l.Close()
		req := r.request("GET", "/", nil)
		req.URL.Host = l.Addr().String()
		_, err := r.rt.RoundTrip(req)
		oe, ok := err.(*net.OpError)
		r.logf("%v %v %v", ok, ok && oe.Op == "dial", errors.Is(err, syscall.ECONNREFUSED))
	}}.check(t)
	parity{name: "certificate", secure: true, handler: func(http.ResponseWriter, *http.Request) {}, knobs: knobs{tls: &tls.Config{}}, test: func(r *run) {
		_, err := r.rt.RoundTrip(r.request("GET", "/", nil))
		_, ok := err.(*tls.CertificateVerificationError)
		r.logf("%v", ok)
	}}.check(t)
	parity{name: "HTTP where TLS is expected", serve: func(_ *run, p *peer) { p.send("HTTP/1.1 400 Bad Request\r\n\r\n") }, test: func(r *run) {
		req := r.request("GET", "/", nil)
		req.URL.Scheme = "https"
		_, err := (&http.Client{Transport: r.rt}).Do(req)
		r.logf("%v", errors.Is(err, http.ErrSchemeMismatch))
	}}.check(t)
	parity{name: "TLS", secure: true, handler: func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }, test: func(r *run) {
		for range 2 {
			r.do(r.request("GET", "/", nil))
		}
	}}.check(t)
	var dials atomic.Int32
	parity{name: "own TLS", secure: true, knobs: knobs{dialTLS: func(ctx context.Context, network, addr string) (net.Conn, error) {
		dials.Add(1)
		nc, err := net.Dial(network, addr)
		if err != nil {
			return nil, err
		}
		return tls.Client(nc, &tls.Config{InsecureSkipVerify: true}), nil // the handshake is left to the transport
	}}, handler: func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") }, test: func(r *run) {
		dials.Store(0)
		for range 2 {
			r.do(r.request("GET", "/", nil))
		}
		r.logf("%d dials", dials.Load())
	}}.check(t)
}

// TestParityExpect: Expect: 100-continue.
func TestParityExpect(t *testing.T) {
	for _, c := range []struct {
		name   string
		answer string
		wait   time.Duration
		sent   bool
	}{
		{"100", "HTTP/1.1 100 Continue\r\n\r\n", time.Minute, true},
		{"417", "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", time.Minute, false},
		{"another final response", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", time.Minute, false},
		{"nothing, for a moment", "", 10 * time.Millisecond, true},
		{"not to wait", "", 0, true},
	} {
		parity{name: c.name, knobs: knobs{continueTimeout: c.wait}, serve: func(r *run, p *peer) {
			for {
				head := p.head()
				if head == "" {
					return
				}
				r.logf("head %q", head)
				if p.send(c.answer); c.sent {
					r.logf("content %q", p.octets(5))
					p.send(okHello)
				}
			}
		}, test: func(r *run) {
			for range 2 {
				b := track(strings.NewReader("hello"))
				req := r.request("POST", "/", b)
				req.ContentLength = 5
				req.Header.Set("Expect", "100-continue")
				r.do(req)
				r.logClosed(b)
			}
		}}.check(t)
	}
}
