package parity

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"strings"
	"sync"

	"github.com/strata-http/strata/internal/testcert"
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

var (
	makeCert  sync.Once
	localhost tls.Certificate
	roots     *x509.CertPool
)

// certificate returns that of this machine.
func (r *run) certificate() tls.Certificate {
	makeCert.Do(func() { localhost, roots, _ = testcert.New(r.t, "127.0.0.1") })
	return localhost
}

// trusted returns a configuration that trusts it.
func (r *run) trusted() *tls.Config {
	r.certificate()
	return &tls.Config{RootCAs: roots}
}

// tlsCases: handshakes and their errors.
func tlsCases() []parityCase {
	serve := func(r *run, config *tls.Config) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		if config.Certificates == nil {
			config.Certificates = []tls.Certificate{r.certificate()}
		}
		r.handle(tls.NewListener(l, config), func(p *peer) {
			for p.requestQuiet() {
				p.say(okay)
			}
		})
		return "https://" + l.Addr().String()
	}
	return []parityCase{
		{"tls: trusted", func(r *run) {
			c := r.client(&http.Transport{TLSClientConfig: r.trusted()})
			url := serve(r, &tls.Config{})
			r.get(c, url)
			r.get(c, url)
		}},
		{"tls: with ALPN", func(r *run) {
			res, err := r.client(&http.Transport{TLSClientConfig: r.trusted()}).Do(r.request("GET", serve(r, &tls.Config{NextProtos: []string{"http/1.1"}}), nil))
			r.response(res, err)
			if err == nil {
				r.sees("version %d, complete %t, peer certificates %d", res.TLS.Version, res.TLS.HandshakeComplete, len(res.TLS.PeerCertificates))
			}
		}},
		{"tls: a certificate of nobody", func(r *run) { r.get(r.client(nil), serve(r, &tls.Config{})) }},
		{"tls: a certificate of nobody that is taken", func(r *run) {
			r.get(r.client(&http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}), serve(r, &tls.Config{}))
		}},
		{"tls: another name", func(r *run) {
			config := r.trusted()
			config.ServerName = "other.example"
			r.get(r.client(&http.Transport{TLSClientConfig: config}), serve(r, &tls.Config{}))
		}},
		{"tls: no version in common", func(r *run) {
			config := r.trusted()
			config.MaxVersion = tls.VersionTLS12
			r.get(r.client(&http.Transport{TLSClientConfig: config}), serve(r, &tls.Config{MinVersion: tls.VersionTLS13}))
		}},
		{"tls: the server speaks HTTP", func(r *run) {
			r.get(r.client(nil), "https"+strings.TrimPrefix(r.answers2("HTTP/1.1 400 Bad Request\r\n\r\n"), "http"))
		}},
		{"tls: the server wants a certificate", func(r *run) {
			url := serve(r, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12})
			r.get(r.client(&http.Transport{TLSClientConfig: r.trusted()}), url)
		}},
		{"tls: the client has a certificate", func(r *run) {
			config := r.trusted()
			config.Certificates = []tls.Certificate{r.certificate()}
			r.get(r.client(&http.Transport{TLSClientConfig: config}), serve(r, &tls.Config{ClientAuth: tls.RequireAnyClientCert}))
		}},
		{"tls: DialTLSContext", func(r *run) {
			url := serve(r, &tls.Config{})
			t := &http.Transport{DialTLSContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				r.sees("dial %s", network)
				return (&tls.Dialer{Config: r.trusted()}).DialContext(ctx, network, address)
			}}
			r.get(r.client(t), url)
		}},
		{"tls: a handshake that takes too long", func(r *run) {
			url := "https://" + r.peers(func(p *peer) { io.Copy(io.Discard, p.b) })
			r.get(r.client(&http.Transport{TLSHandshakeTimeout: 1e7}), url)
		}},
		{"tls: cut in the handshake", func(r *run) {
			r.get(r.client(nil), "https://"+r.peers(func(p *peer) { p.b.ReadByte() }))
		}},
		{"tls: to a server of the engine", func(r *run) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				panic(err)
			}
			r.after(r.serve(&http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				r.note("handler", "tls %t, complete %t", q.TLS != nil, q.TLS != nil && q.TLS.HandshakeComplete)
			})}, tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{r.certificate()}})))
			r.get(r.client(&http.Transport{TLSClientConfig: r.trusted()}), "https://"+l.Addr().String())
		}},
	}
}

// answers2 is a peer that answers whatever comes.
func (r *run) answers2(answer string) string {
	return "http://" + r.peers(func(p *peer) { p.b.ReadByte(); p.say(answer); p.end() })
}

// upgradeCases: connections that become another protocol's, and cookies.
func upgradeCases() []parityCase {
	return []parityCase{
		{"upgrade: 101 with octets behind it", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				p.requestHead()
				p.say("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly")
				line, err := p.b.ReadString('\n')
				p.sees("line %q %s", line, class(err))
				p.say("late\n")
				_, err = p.b.ReadByte()
				p.sees("end %s", class(err))
			})
			res, err := r.client(nil).Do(r.request("GET", url, nil, "Connection", "Upgrade", "Upgrade", "echo"))
			if err != nil {
				r.sees("error %s", class(err))
				return
			}
			r.head(res)
			rw, ok := res.Body.(io.ReadWriteCloser)
			r.sees("an io.ReadWriteCloser %t", ok)
			if !ok {
				return
			}
			io.WriteString(rw, "hello\n")
			line, err := bufio.NewReader(rw).ReadString('\n')
			r.sees("line %q %s", line, class(err))
			r.sees("close %s", class(rw.Close()))
			_, err = rw.Read(make([]byte, 1))
			r.sees("read after it failed %t", err != nil)
		}},
		{"upgrade: refused", func(r *run) {
			r.get(r.client(nil), r.answers(okay), "Connection", "Upgrade", "Upgrade", "echo")
		}},
		{"upgrade: CONNECT by hand", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				p.requestHead()
				p.say("HTTP/1.1 200 OK\r\n\r\nearly\n")
				p.end()
			})
			pr, pw := io.Pipe()
			req := r.request("CONNECT", url, pr)
			req.Host = "a.example:1"
			res, err := r.trip(nil).RoundTrip(req)
			if err != nil {
				r.sees("error %s", class(err))
				return
			}
			r.head(res)
			line, err := bufio.NewReader(res.Body).ReadString('\n')
			r.sees("line %q %s", line, class(err))
			pw.Close()
			res.Body.Close()
		}},
		{"upgrade: CONNECT refused", func(r *run) {
			req := r.request("CONNECT", r.answers("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"), nil)
			req.Host = "a.example:1"
			res, err := r.trip(nil).RoundTrip(req)
			r.response(res, err)
		}},
		{"client: cookies", func(r *run) {
			c := r.client(nil)
			c.Jar, _ = cookiejar.New(nil)
			url := r.answers("HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=\"2\"; Path=/x\r\nContent-Length: 0\r\n\r\n", okay, okay)
			r.get(c, url)
			r.get(c, url+"/x/y")
			r.get(c, url+"/z")
		}},
		{"client: secrets stay when a redirect leads elsewhere", func(r *run) {
			there := r.answers(okay)
			here := r.answers("HTTP/1.1 302 Found\r\nLocation: " + strings.Replace(there, "127.0.0.1", "localhost", 1) + "/\r\nContent-Length: 0\r\n\r\n")
			res, err := r.client(nil).Do(r.request("GET", here, nil, "Authorization", "secret", "Cookie", "a=b", "X-Other", "c"))
			if err != nil {
				r.sees("error %s", class(err))
				return
			}
			h := res.Request.Header
			r.sees("secrets there: %q %q, others %q", h.Values("Authorization"), h.Values("Cookie"), h.Values("X-Other"))
			res.Body.Close()
		}},
		{"client: a redirect without end", func(r *run) {
			list := make([]string, 12)
			for i := range list {
				list[i] = "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"
			}
			r.get(r.client(nil), r.answers(list...))
		}},
		{"client: a redirect to nowhere", func(r *run) {
			r.get(r.client(nil), r.answers("HTTP/1.1 302 Found\r\nLocation: http://%zz/\r\nContent-Length: 0\r\n\r\n"))
		}},
		{"client: a redirect without Location", func(r *run) {
			r.get(r.client(nil), r.answers("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"))
		}},
		{"client: https asked of a server that speaks http", func(r *run) {
			addr := r.handler(func(http.ResponseWriter, *http.Request) {})
			r.get(r.client(nil), "https://"+addr)
		}},
		{"client: the default User-Agent", func(r *run) {
			addr := r.peers(func(p *peer) {
				for {
					line, err := p.b.ReadString('\n')
					if err != nil || line == "\r\n" {
						break
					}
					if strings.HasPrefix(line, "User-Agent") {
						p.sees("%q", line)
					}
				}
				p.say(okay)
				p.requestQuiet()
			})
			r.get(r.client(nil), "http://"+addr)
		}},
	}
}
