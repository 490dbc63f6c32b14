package parity

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
)

// gzipped returns a response with content in gzip, cut by so many octets.
func gzipped(content string, cut int) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	io.WriteString(z, content)
	z.Close()
	octets := b.String()
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(octets)-cut, octets[:len(octets)-cut])
}

// codingCases: gzip that the transport asks for and takes off.
func codingCases() []parityCase {
	one := func(name, answer string, t *http.Transport, fields ...string) parityCase {
		return parityCase{"gzip: " + name, func(r *run) {
			if t == nil {
				t = &http.Transport{}
			}
			url := r.answers(answer, okay)
			c := r.client(t.Clone())
			r.get(c, url, fields...)
			r.get(c, url)
		}}
	}
	return []parityCase{
		one("taken off", gzipped("hello", 0), nil),
		one("taken off a large content", gzipped(strings.Repeat("hello", 100000), 0), nil),
		one("in upper case", strings.Replace(gzipped("hello", 0), "gzip", "GZIP", 1), nil),
		one("left on when it was asked for", gzipped("hello", 0), nil, "Accept-Encoding", "gzip"),
		one("left on when that is disabled", gzipped("hello", 0), &http.Transport{DisableCompression: true}),
		one("cut", gzipped("hello", 5), nil),
		one("of a checksum that is wrong", strings.TrimSuffix(gzipped("hello", 0), "\x00")+"\x01", nil),
		one("that is none", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", nil),
		one("of no content", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n", nil),
		one("twice", strings.Replace(gzipped("hello", 0), "gzip", "gzip, gzip", 1), nil),
		one("in two parts", gzipped("hello", 0), nil, "Range", "bytes=0-"),
	}
}

// traced returns a context whose trace notes all events, but those whose order depends on the moment.
func (r *run) traced() context.Context {
	sees := func(format string, args ...any) { r.note("trace", format, args...) }
	return httptrace.WithClientTrace(r.ctx, &httptrace.ClientTrace{
		GetConn: func(hostPort string) { sees("GetConn %t", strings.HasPrefix(hostPort, "127.0.0.1:")) },
		GotConn: func(i httptrace.GotConnInfo) {
			sees("GotConn reused %t idle %t, a net.Conn %t", i.Reused, i.WasIdle, i.Conn != nil)
		},
		PutIdleConn:          func(err error) { sees("PutIdleConn %s", class(err)) },
		GotFirstResponseByte: func() { sees("GotFirstResponseByte") },
		Got100Continue:       func() { sees("Got100Continue") },
		Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
			sees("Got1xxResponse %d %s", code, fieldsOf(http.Header(h)))
			return nil
		},
		DNSStart:          func(i httptrace.DNSStartInfo) { sees("DNSStart %s", i.Host) },
		DNSDone:           func(i httptrace.DNSDoneInfo) { sees("DNSDone %s", class(i.Err)) },
		ConnectStart:      func(network, addr string) { sees("ConnectStart %s", network) },
		ConnectDone:       func(network, addr string, err error) { sees("ConnectDone %s %s", network, class(err)) },
		TLSHandshakeStart: func() { sees("TLSHandshakeStart") },
		TLSHandshakeDone: func(s tls.ConnectionState, err error) {
			sees("TLSHandshakeDone %q %s", s.NegotiatedProtocol, class(err))
		},
		WroteHeaderField: func(name string, values []string) {
			if name == "User-Agent" || name == "Host" {
				values = nil
			}
			r.note("trace, fields", "%s %q", name, values)
		},
		WroteHeaders:    func() { sees("WroteHeaders") },
		Wait100Continue: func() { sees("Wait100Continue") },
		WroteRequest:    func(i httptrace.WroteRequestInfo) { sees("WroteRequest %s", class(i.Err)) },
	})
}

// traceCases: what httptrace.ClientTrace is told. The two goroutines of net/http tell of what is written and what is read
// in an order that depends on the moment, so the events are compared as a set.
func traceCases() []parityCase {
	one := func(name string, do func(*run, *http.Client, context.Context)) parityCase {
		return parityCase{"trace: " + name, func(r *run) {
			r.sorted = true
			do(r, r.client(&http.Transport{ExpectContinueTimeout: watchdog}), r.traced())
		}}
	}
	return []parityCase{
		one("GET", func(r *run, c *http.Client, ctx context.Context) {
			r.do(c, r.request("GET", r.answers(okay), nil).WithContext(ctx))
		}),
		one("a connection that is reused", func(r *run, c *http.Client, ctx context.Context) {
			url := r.answers(okay, okay)
			r.get(c, url)
			r.do(c, r.request("GET", url, nil).WithContext(ctx))
		}),
		one("POST", func(r *run, c *http.Client, ctx context.Context) {
			r.do(c, r.request("POST", r.answers(okay), strings.NewReader("content"), "A", "1", "A", "2").WithContext(ctx))
		}),
		one("a connection that is not kept", func(r *run, c *http.Client, ctx context.Context) {
			r.do(c, r.request("GET", r.answers("close HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"), nil).WithContext(ctx))
		}),
		one("interim responses", func(r *run, c *http.Client, ctx context.Context) {
			r.do(c, r.request("GET", r.answers("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"+okay), nil).WithContext(ctx))
		}),
		one("100 that was waited for", func(r *run, c *http.Client, ctx context.Context) {
			url := "http://" + r.peers(func(p *peer) {
				if lines, ok := p.requestHead(); ok {
					p.say("HTTP/1.1 100 Continue\r\n\r\n")
					p.content(lines)
					p.say(okay)
					p.request()
				}
			})
			r.do(c, r.request("POST", url, strings.NewReader("content"), "Expect", "100-continue").WithContext(ctx))
		}),
		one("nobody listens", func(r *run, c *http.Client, ctx context.Context) {
			r.do(c, r.request("GET", "http://"+closedPort(), nil).WithContext(ctx))
		}),
		{"trace: Got1xxResponse refuses", func(r *run) {
			ctx := httptrace.WithClientTrace(r.ctx, &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error { return errOfHook }})
			r.do(r.client(nil), r.request("GET", r.answers("HTTP/1.1 103 Early Hints\r\n\r\n"+okay), nil).WithContext(ctx))
		}},
	}
}

// proxyCases: what a proxy is sent, and what it may answer.
func proxyCases() []parityCase {
	via := func(address string) func(*http.Request) (*url.URL, error) {
		return http.ProxyURL(&url.URL{Scheme: "http", Host: address})
	}
	tunnel := func(name, answer string, change func(*run, *http.Transport)) parityCase {
		return parityCase{"proxy: CONNECT " + name, func(r *run) {
			address := r.peers(func(p *peer) {
				if p.requestHeadOf("PROXY") {
					p.say(answer)
					p.end()
				}
			})
			t := &http.Transport{Proxy: via(address)}
			if change != nil {
				change(r, t)
			}
			_, err := r.client(t).Do(r.request("GET", "https://a.example/b", nil))
			r.sees("error %s", class(err))
		}}
	}
	return []parityCase{
		{"proxy: absolute-form", func(r *run) {
			c := r.client(&http.Transport{Proxy: http.ProxyURL(must(url.Parse(r.answers(okay, okay))))})
			r.get(c, "http://a.example/b?c")
			r.get(c, "http://other.example:81/")
		}},
		{"proxy: credentials", func(r *run) {
			u := must(url.Parse(r.answers(okay)))
			u.User = url.UserPassword("user", "pass:word")
			r.get(r.client(&http.Transport{Proxy: http.ProxyURL(u)}), "http://a.example/b?c")
		}},
		{"proxy: 407", func(r *run) {
			u := must(url.Parse(r.answers("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n")))
			r.get(r.client(&http.Transport{Proxy: http.ProxyURL(u)}), "http://a.example/b?c")
		}},
		{"proxy: the function fails", func(r *run) {
			t := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return nil, errOfHook }}
			r.get(r.client(t), "http://a.example/")
		}},
		{"proxy: nobody listens", func(r *run) {
			r.get(r.client(&http.Transport{Proxy: via(closedPort())}), "http://a.example/")
		}},
		{"proxy: nobody listens for CONNECT", func(r *run) {
			r.get(r.client(&http.Transport{Proxy: via(closedPort())}), "https://a.example/")
		}},
		{"proxy: an unknown scheme", func(r *run) {
			r.get(r.client(&http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "gopher", Host: "p"})}), "http://a.example/")
		}},
		tunnel("refused", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", nil),
		tunnel("asks for credentials", "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", nil),
		tunnel("with fields", "HTTP/1.1 500 Odd\r\n\r\n", func(_ *run, t *http.Transport) {
			t.ProxyConnectHeader = http.Header{"A": {"b"}, "User-Agent": {"own"}}
		}),
		tunnel("with fields of a function", "HTTP/1.1 500 Odd\r\n\r\n", func(r *run, t *http.Transport) {
			t.GetProxyConnectHeader = func(_ context.Context, _ *url.URL, target string) (http.Header, error) {
				r.sees("asked for %s", target)
				return http.Header{"A": {"b"}, "User-Agent": {"own"}}, nil
			}
		}),
		tunnel("whose fields fail", "HTTP/1.1 500 Odd\r\n\r\n", func(_ *run, t *http.Transport) {
			t.GetProxyConnectHeader = func(context.Context, *url.URL, string) (http.Header, error) { return nil, errOfHook }
		}),
		tunnel("whose reply is shown", "HTTP/1.1 418 Teapot\r\nA: b\r\n\r\n", func(r *run, t *http.Transport) {
			t.OnProxyConnectResponse = func(_ context.Context, _ *url.URL, req *http.Request, res *http.Response) error {
				r.sees("%s %s: %s %s", req.Method, req.Host, res.Status, fieldsOf(res.Header))
				return errOfHook
			}
		}),
		tunnel("cut", "HTTP/1.1 200", nil),
		tunnel("of no HTTP", "SSH-2.0\r\n", nil),
		tunnel("without TLS behind it", "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", nil),
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// requestHeadOf reads and notes the head of a request to a host that is called something else than it is.
func (p *peer) requestHeadOf(name string) bool {
	lines, ok := p.requestHead()
	return ok && len(lines) > 0 && name != ""
}
