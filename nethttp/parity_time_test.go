package nethttp_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
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

// trace logs the events of a ClientTrace.
func (r *run) trace(req *http.Request) *http.Request {
	return req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GetConn:              func(hostPort string) { r.logf("GetConn %s", hostPort) },
		GotConn:              func(i httptrace.GotConnInfo) { r.logf("GotConn %v %v %v", i.Conn != nil, i.Reused, i.WasIdle) },
		PutIdleConn:          func(err error) { r.logf("PutIdleConn %v", err == nil) },
		GotFirstResponseByte: func() { r.logf("GotFirstResponseByte") },
		Got100Continue:       func() { r.logf("Got100Continue") },
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			r.logf("Got1xxResponse %d %v", code, h)
			return nil
		},
		DNSStart:          func(i httptrace.DNSStartInfo) { r.logf("DNSStart %s", i.Host) },
		DNSDone:           func(i httptrace.DNSDoneInfo) { r.logf("DNSDone %v", i.Err) },
		ConnectStart:      func(network, addr string) { r.logf("ConnectStart %s %s", network, addr) },
		ConnectDone:       func(network, addr string, err error) { r.logf("ConnectDone %s %s %v", network, addr, err) },
		TLSHandshakeStart: func() { r.logf("TLSHandshakeStart") },
		TLSHandshakeDone:  func(s tls.ConnectionState, err error) { r.logf("TLSHandshakeDone %v %v", s.HandshakeComplete, err) },
		WroteHeaderField: func(name string, values []string) {
			if name != "User-Agent" {
				r.logf("WroteHeaderField %s %q", name, values)
			}
		},
		WroteHeaders:    func() { r.logf("WroteHeaders") },
		Wait100Continue: func() { r.logf("Wait100Continue"); r.awaits <- true },
		WroteRequest:    func(i httptrace.WroteRequestInfo) { r.logf("WroteRequest %v", i.Err); r.wrote <- true },
	}))
}

// TestParityTrace: a ClientTrace is told the same, in the same order.
func TestParityTrace(t *testing.T) {
	// The events of writing are told before those of reading: the server waits for them.
	wait := func(r *run) http.HandlerFunc {
		return func(w http.ResponseWriter, req *http.Request) {
			if req.Header.Get("Expect") != "" {
				<-r.awaits
			}
			b, _ := io.ReadAll(req.Body)
			<-r.wrote
			fmt.Fprintf(w, "%d octets", len(b))
		}
	}
	for _, secure := range []bool{false, true} {
		parity{name: fmt.Sprintf("secure %v", secure), secure: secure, handlerFor: wait, test: func(r *run) {
			for range 2 {
				r.do(r.trace(r.request("GET", "/", nil)))
			}
			req := r.request("POST", "/", struct{ io.Reader }{strings.NewReader(strings.Repeat("x", 100))})
			r.do(r.trace(req))
		}}.check(t)
	}
	parity{name: "interim responses", serve: func(r *run, p *peer) {
		for p.head() != "" {
			<-r.wrote
			p.send("HTTP/1.1 103 Early Hints\r\nlink: a\r\n\r\n" + okHello)
		}
	}, test: func(r *run) { r.do(r.trace(r.request("GET", "/", nil))) }}.check(t)
	parity{name: "Expect", knobs: knobs{continueTimeout: time.Minute}, handlerFor: wait, test: func(r *run) {
		req := r.request("POST", "/", strings.NewReader("hello"))
		req.Header.Set("Expect", "100-continue")
		r.do(r.trace(req))
	}}.check(t)
	parity{name: "an interim response is refused", serve: func(_ *run, p *peer) {
		p.head()
		p.send("HTTP/1.1 103 Early Hints\r\n\r\n" + okHello)
		p.hold()
	}, test: func(r *run) {
		req := r.request("GET", "/", nil)
		_, err := r.rt.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
			Got1xxResponse: func(int, textproto.MIMEHeader) error { return errCause },
		})))
		r.logf("%v", errors.Is(err, errCause))
	}}.check(t)
	parity{name: "dial fails", serve: always(okHello), test: func(r *run) {
		l, _ := net.Listen("tcp", "127.0.0.1:0")
		l.Close()
		req := r.request("GET", "/", nil)
		req.URL.Host = l.Addr().String()
		var log []string
		_, err := r.rt.RoundTrip(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
			GetConn:     func(string) { log = append(log, "GetConn") },
			GotConn:     func(httptrace.GotConnInfo) { log = append(log, "GotConn") },
			ConnectDone: func(_, _ string, err error) { log = append(log, fmt.Sprint("ConnectDone ", err != nil)) },
		})))
		r.logf("%q %v", log, err != nil)
	}}.check(t)
}

// TestParityTunnel: to https origins through a proxy.
func TestParityTunnel(t *testing.T) {
	for _, scheme := range []string{"http", "https", "socks5", "socks5h"} {
		var through string
		var refuse error
		k := knobs{
			proxy: func(*http.Request) (*url.URL, error) { return url.Parse(through) },
			onConnect: func(_ context.Context, u *url.URL, req *http.Request, resp *http.Response) error {
				if req.Method != "CONNECT" || resp.StatusCode != 200 || u.String() != through {
					return fmt.Errorf("%s %d %s", req.Method, resp.StatusCode, u)
				}
				return refuse
			},
		}
		for _, refuse = range []error{nil, errCause} {
			parity{name: fmt.Sprint(scheme, " ", refuse), secure: true, knobs: k, handler: func(w http.ResponseWriter, r *http.Request) {
				io.WriteString(w, "hello")
			}, test: func(r *run) {
				var seen atomic.Value
				switch scheme {
				case "http", "https":
					p := httptest.NewUnstartedServer(tunnelling(r, &seen))
					p.Config.ErrorLog = log.New(io.Discard, "", 0)
					if scheme == "http" {
						p.Start()
					} else {
						p.StartTLS()
					}
					r.Cleanup(p.Close)
					through = p.URL
				default:
					through = scheme + "://" + r.serveRaw(socksPeer)
				}
				for range 2 {
					resp, err := r.rt.RoundTrip(r.request("GET", "/", nil))
					if err != nil {
						r.logf("refused: %v %v", errors.Is(err, errCause), refuse != nil)
						if refuse == nil {
							r.Error(err)
						}
						continue
					}
					b, err := io.ReadAll(resp.Body)
					r.logf("%q %v", b, err)
					resp.Body.Close()
				}
				r.logf("%v", seen.Load())
			}}.check(t)
		}
	}
}

// tunnelling is an HTTP proxy.
func tunnelling(r *run, seen *atomic.Value) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		seen.Store(fmt.Sprint(req.Method, " ", req.Host))
		to, err := net.Dial("tcp", req.Host)
		if err != nil {
			w.WriteHeader(502)
			return
		}
		nc, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			r.Error(err)
			return
		}
		io.WriteString(nc, "HTTP/1.1 200 OK\r\n\r\n")
		relay(nc, to)
	}
}

func relay(a, b net.Conn) {
	done := make(chan bool)
	go func() { io.Copy(a, b); a.Close(); close(done) }()
	io.Copy(b, a)
	b.Close()
	<-done
}

// socksPeer is a SOCKS proxy.
func socksPeer(r *run, p *peer) {
	hello := p.octets(2)
	p.octets(int(hello[1]))
	p.send("\x05\x00")
	request := p.octets(4)
	host := ""
	switch request[3] {
	case 1:
		host = net.IP(p.octets(4)).String()
	case 3:
		host = p.octets(int(p.octets(1)[0]))
	}
	port := p.octets(2)
	to, err := net.Dial("tcp", net.JoinHostPort(host, fmt.Sprint(int(port[0])<<8|int(port[1]))))
	if err != nil {
		r.Error(err)
		return
	}
	p.send("\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
	relay(p.Conn, to)
}
