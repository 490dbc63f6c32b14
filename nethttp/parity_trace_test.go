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
	"testing"
	"time"
)

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
