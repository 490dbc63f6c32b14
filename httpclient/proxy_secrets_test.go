package httpclient_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
)

// lockedBuffer is a buffer for hooks of several kinds, which may be called at once.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// everything makes options by which all that a Conn tells of itself is written to w.
func everything(w io.Writer) []httpclient.Option {
	note := func(what string) func([]byte) {
		return func(b []byte) { fmt.Fprintf(w, "%s: %s\n", what, b) }
	}
	return []httpclient.Option{
		httpclient.WithDebug(w),
		httpclient.WithLogger(slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug}))),
		httpclient.WithSendHook(func(b []byte) error { note("hook")(b); return nil }),
		httpclient.WithTrace(&httpclient.Trace{
			Trace: transport.Trace{
				DialStart: func(network, address string) { fmt.Fprintln(w, "dial", network, address) },
				DialDone:  func(_ net.Conn, err error) { fmt.Fprintln(w, "dialled", err) },
				TLSStart:  func(host string) { fmt.Fprintln(w, "tls", host) },
				TLSDone:   func(s tls.ConnectionState, err error) { fmt.Fprintln(w, "tls", s.ServerName, err) },
			},
			BytesOut: note("out"), BytesIn: note("in"), RequestHead: note("request"), ResponseHead: note("response"), ProxyHead: note("proxy"),
			State:  func(party conn.Role, from, to conn.State) { fmt.Fprintln(w, party, from, to) },
			Closed: func(reason string) { fmt.Fprintln(w, "closed", reason) },
		}),
	}
}

// TestProxySecrets searches all that a Conn tells, and the error, for user and password, in every way to a proxy, with
// success and without.
func TestProxySecrets(t *testing.T) {
	secrets := []string{"alice", "hunter2", "YWxpY2U6aHVudGVyMg"}
	for _, reply := range []string{
		"HTTP/1.1 200 OK\r\n\r\n",
		"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nA:\x00\r\n\r\n",
		"",
	} {
		for name, make := range map[string]func(n *manualNetwork, options ...httpclient.Option) *httpclient.Conn{
			"absolute-form": func(_ *manualNetwork, o ...httpclient.Option) *httpclient.Conn {
				return manualMust(httpclient.New("www.python.org", append(o, httpclient.WithProxy(proxyURL))...))
			},
			"absolute-form, in fields": func(_ *manualNetwork, o ...httpclient.Option) *httpclient.Conn {
				return manualMust(httpclient.New("www.python.org", append(o, httpclient.WithRoute(proxy.Route{
					Proxy: proxyAddress, AbsoluteForm: true, Fields: manualFields("proxy-authorization: " + proxyBasic)}))...))
			},
			"tunnel": func(_ *manualNetwork, o ...httpclient.Option) *httpclient.Conn {
				return manualMust(httpclient.NewTLS("www.python.org", append(o, httpclient.WithProxy(proxyURL))...))
			},
			"SetTunnel": func(_ *manualNetwork, o ...httpclient.Option) *httpclient.Conn {
				c := manualMust(httpclient.NewTLS(proxyAddress, o...))
				manualCheck(c.SetTunnel("www.python.org", 0, manualFields("Proxy-Authorization: "+proxyBasic)))
				return c
			},
			"Connect as the dialer": func(n *manualNetwork, o ...httpclient.Option) *httpclient.Conn {
				return manualMust(httpclient.NewTLS("www.python.org", append(o, httpclient.WithDialer(proxy.Connect{
					Proxy: proxyAddress, Dialer: n, Auth: proxy.Basic(proxy.UserPassword("alice", "hunter2"))}))...))
			},
			"SOCKS": func(_ *manualNetwork, o ...httpclient.Option) *httpclient.Conn {
				return manualMust(httpclient.NewTLS("www.python.org", append(o, httpclient.WithProxy("socks5h://alice:hunter2@socks.example"))...))
			},
			"SOCKS, refused": func(_ *manualNetwork, o ...httpclient.Option) *httpclient.Conn {
				return manualMust(httpclient.NewTLS("nobody.example", append(o, httpclient.WithProxy("socks5h://alice:hunter2@socks.example"))...))
			},
			"nobody there": func(_ *manualNetwork, o ...httpclient.Option) *httpclient.Conn {
				return manualMust(httpclient.NewTLS("www.python.org", append(o, httpclient.WithProxy("http://alice:hunter2@nobody.example"))...))
			},
		} {
			t.Run(name, func(t *testing.T) {
				network := new(manualNetwork)
				defer network.Close()
				if strings.HasPrefix(name, "absolute") {
					network.serve(proxyAddress, func(manualRequest) string { return reply })
				} else {
					network.proxy(proxyAddress, reply)
				}
				network.socks("socks.example:1080", "alice", "hunter2")
				network.serveTLS("www.python.org:443", manualOK)
				var told lockedBuffer
				c := make(network, append(everything(&told), httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots()))...)
				defer c.Close()
				_, err := c.Do(t.Context(), "GET", "/", nil, body.None())
				fmt.Fprintf(&told, "%v\n%+v\n%#v\n", err, err, err)
				for _, secret := range secrets {
					if strings.Contains(told.String(), secret) {
						t.Errorf("%q stands in\n%s", secret, told.String())
					}
				}
				if !strings.Contains(told.String(), "dial tcp") {
					t.Errorf("nothing was told: %s", told.String())
				}
				received := network.ReceivedOctets()
				if name != "nobody there" && !strings.Contains(received, "YWxpY2U6aHVudGVyMg==") && !strings.Contains(received, "\x05alice") {
					t.Errorf("the proxy was not told: %q", received)
				}
			})
		}
	}
}

// TestProxyMaskLength: what is shown in the place of credentials has their length, in each write and in all of them.
func TestProxyMaskLength(t *testing.T) {
	network := manualServe(proxyAddress, manualOK)
	defer network.Close()
	var shown, head string
	c := manualConn(t, network, "origin.example", httpclient.WithProxy(proxyURL), httpclient.WithTrace(&httpclient.Trace{
		BytesOut:    func(b []byte) { shown += string(b) },
		RequestHead: func(b []byte) { head = string(b) },
	}))
	content := strings.Repeat("\r\nProxy-Authorization: of the content\r\n", 3)
	for range 2 {
		if _, err := c.Do(t.Context(), "POST", "/", nil, body.String(content)); err != nil {
			t.Fatal(err)
		}
		written := network.Written()
		want := strings.ReplaceAll(written, proxyBasic, "***** ********************")
		if diff := cmp.Diff(want, shown); diff != "" || len(shown) != len(written) {
			t.Errorf("shown (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(strings.TrimSuffix(want, content), head); diff != "" {
			t.Errorf("head (-want +got):\n%s", diff)
		}
		shown = ""
	}
	if err := c.SendRaw(t.Context(), []byte("GET / HTTP/1.1\r\nHost: a\r\nProxy-Authorization: "+proxyBasic+"\r\n\r\n"), "GET"); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(shown, "YWxp") || !strings.Contains(shown, "Proxy-Authorization: *****") {
		t.Errorf("of raw octets %q was shown", shown)
	}
}

// TestProxyFieldsStayOutside: credentials for a proxy are refused in a request that would carry them to the origin.
// CVE-2025-4673 and CVE-2024-24758 are about such fields that went to another host.
func TestProxyFieldsStayOutside(t *testing.T) {
	network := new(manualNetwork)
	defer network.Close()
	network.proxy(proxyAddress, "HTTP/1.1 200 OK\r\n\r\n")
	network.socks("socks.example:1080", "u", "p")
	network.serve("origin.example:80", manualOK)
	tunnel := func() *httpclient.Conn {
		c := manualConn(t, network, proxyAddress)
		manualCheck(c.SetTunnel("origin.example", 0, nil))
		return c
	}
	socks := func() *httpclient.Conn {
		return manualConn(t, network, "origin.example", httpclient.WithProxy("socks5h://u:p@socks.example"))
	}
	for name, make := range map[string]func() *httpclient.Conn{"tunnel": tunnel, "SOCKS": socks} {
		c := make()
		_, err := c.Do(t.Context(), "GET", "/", manualFields("A: b", "proxy-authorization: secret"), body.None())
		if !errors.Is(err, httpclient.ErrHTTP) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
		manualCheck(c.PutRequest("GET", "/", 0))
		if err := c.PutHeader("Proxy-Authorization", "secret"); !errors.Is(err, httpclient.ErrHTTP) {
			t.Errorf("%s: %v", name, err)
		}
		c.Close()
		if got := network.Dialled(); len(got) > 0 {
			t.Errorf("%s: dialled %v", name, got)
		}
		// Behind a tunnel there may be another proxy, and then it is for that one.
		if _, err := c.Do(t.Context(), "GET", "http://far.example/", manualFields("Proxy-Authorization: for the second"), body.None()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		network.Dialled()
		network.ReceivedOctets()
	}
}

// TestCredentialsStayAtHome: what goes to one origin or its proxy goes nowhere else. Nothing is followed, so a response
// cannot send Authorization, Cookie or Proxy-Authorization anywhere (CVE-2023-45289, CVE-2024-45336, CVE-2025-4673,
// CVE-2022-31151, CVE-2023-45143, CVE-2024-24758); and one rule for several origins gives to each what is its own.
func TestCredentialsStayAtHome(t *testing.T) {
	network := new(manualNetwork)
	defer network.Close()
	redirect := func(manualRequest) string {
		return "HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n"
	}
	for _, address := range []string{proxyAddress, "evil.example:80"} {
		network.serve(address, redirect)
	}
	network.serve("second.example:3128", redirect)
	rule := func(_, address string) (proxy.Route, error) {
		switch address {
		case "evil.example:80":
			return proxy.Route{}, nil
		case "other.example:80":
			return proxy.Route{Proxy: "second.example:3128", AbsoluteForm: true}, nil
		}
		return proxy.Server{URL: manualMust(proxy.ParseURL(proxyURL)), Dialer: network}.Route("http", address)
	}
	private := manualFields("Authorization: Bearer a", "Cookie: b=c")
	for _, tt := range []struct {
		host, dialled string
		fields        bool
		want          string
	}{
		{"origin.example", proxyAddress, true, "GET http://origin.example/ HTTP/1.1\r\nHost: origin.example\r\nAccept-Encoding: identity\r\nAuthorization: Bearer a\r\nCookie: b=c\r\nProxy-Authorization: " + proxyBasic + "\r\n\r\n"},
		{"evil.example", "evil.example:80", false, "GET / HTTP/1.1\r\nHost: evil.example\r\nAccept-Encoding: identity\r\n\r\n"},
		{"other.example", "second.example:3128", false, "GET http://other.example/ HTTP/1.1\r\nHost: other.example\r\nAccept-Encoding: identity\r\n\r\n"},
	} {
		c := manualConn(t, network, tt.host, httpclient.WithRouteRule(rule))
		fields := private
		if !tt.fields {
			fields = nil
		}
		resp, err := c.Do(t.Context(), "GET", "/", fields, body.None())
		if err != nil || resp.Status() != 302 {
			t.Fatal(resp.Status(), err)
		}
		if diff := cmp.Diff(tt.want, network.ReceivedOctets()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.host, diff)
		}
		if got := network.Dialled(); len(got) != 1 || got[0] != tt.dialled {
			t.Errorf("%s: dialled %v", tt.host, got)
		}
	}
}

// TestNothingAboutTheClient: of the client, no field tells a proxy what the caller has not said (CVE-2022-32148 is about
// X-Forwarded-For).
func TestNothingAboutTheClient(t *testing.T) {
	network := manualServe(proxyAddress, manualOK)
	defer network.Close()
	c := manualConn(t, network, "origin.example", httpclient.WithRoute(proxy.Route{Proxy: proxyAddress, AbsoluteForm: true}))
	const head = "GET http://origin.example/ HTTP/1.1\r\nHost: origin.example\r\nAccept-Encoding: identity\r\n"
	for want, fields := range map[string]*headers.Fields{
		head + "\r\n":                          nil,
		head + "X-Forwarded-For: mine\r\n\r\n": manualFields("X-Forwarded-For: mine"),
	} {
		if _, err := c.Do(t.Context(), "GET", "/", fields, body.None()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, network.ReceivedOctets()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// TestTunnelIsVerified: behind a proxy that speaks TLS, the origin's certificate is still verified, against the
// origin's name, and the proxy sees nothing of the request (CVE-2022-32210).
func TestTunnelIsVerified(t *testing.T) {
	network := new(manualNetwork)
	defer network.Close()
	seen := make(chan string, 2)
	config := &tls.Config{Certificates: []tls.Certificate{manualCertificate("")}}
	network.listen("example.com:443", func(nc net.Conn) { // the certificate is good for this name
		session := tls.Server(nc, config)
		r, _, ok := network.receive(session, nil)
		if !ok {
			return
		}
		io.WriteString(session, "HTTP/1.1 200 OK\r\n\r\n")
		far, err := network.Network.DialContext(t.Context(), "tcp", r.Target)
		if err != nil {
			return
		}
		var inside bytes.Buffer
		done := make(chan bool)
		go func() {
			io.Copy(far, io.TeeReader(session, &inside))
			far.Close()
			close(done)
		}()
		io.Copy(session, far)
		session.Close()
		<-done
		seen <- inside.String()
	})
	network.serveTLS("www.python.org:443", manualOK)
	network.serveTLSConfig("far.example:443", &tls.Config{Certificates: []tls.Certificate{manualCertificate("")}}, manualOK)
	server := proxy.Server{URL: manualMust(proxy.ParseURL("https://alice:hunter2@example.com")), Dialer: network, TLS: manualRoots()}
	for _, host := range []string{"www.python.org", "far.example"} {
		c := manualMust(httpclient.NewTLS(host, httpclient.WithTLSConfig(manualRoots()), httpclient.WithRouteRule(server.Route)))
		_, err := c.Do(t.Context(), "GET", "/confidential", nil, body.None())
		var failed *transport.TLSError
		if host == "www.python.org" && err != nil || host == "far.example" && (!errors.As(err, &failed) || failed.Host != host) {
			t.Errorf("%s: %v", host, err)
		}
		c.Close()
		if inside := <-seen; strings.Contains(inside, "confidential") || !strings.HasPrefix(inside, "\x16\x03") {
			t.Errorf("%s: the proxy saw %q", host, inside)
		}
	}
}
