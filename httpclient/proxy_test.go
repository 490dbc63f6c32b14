package httpclient_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

const (
	proxyURL     = "http://alice:hunter2@proxy.example:3128"
	proxyAddress = "proxy.example:3128"
	proxyBasic   = "Basic YWxpY2U6aHVudGVyMg==" // what stands in proxyURL
)

// socks serves SOCKS 5 at address, with user and password, and tunnels into the network.
func (n *manualNetwork) socks(address, user, password string) {
	n.listen(address, func(nc net.Conn) {
		r := bufio.NewReader(nc)
		take := func(count int) string {
			b := make([]byte, count)
			io.ReadFull(r, b)
			n.heard(b)
			return string(b)
		}
		take(int(take(2)[1]))
		io.WriteString(nc, "\x05\x02")
		name := take(int(take(2)[1]))
		if name != user || take(int(take(1)[0])) != password {
			io.WriteString(nc, "\x01\x01")
			return
		}
		io.WriteString(nc, "\x01\x00")
		host := ""
		switch kind := take(4)[3]; kind {
		case 1:
			host = net.IP(take(4)).String()
		case 3:
			host = take(int(take(1)[0]))
		}
		port := take(2)
		far, err := n.Network.DialContext(context.Background(), "tcp", net.JoinHostPort(host, fmt.Sprint(int(port[0])<<8|int(port[1]))))
		if err != nil {
			io.WriteString(nc, "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00")
			return
		}
		n.track(far)
		io.WriteString(nc, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
		done := make(chan bool)
		go func() {
			io.Copy(far, r)
			far.Close()
			close(done)
		}()
		io.Copy(nc, far)
		nc.Close()
		<-done
	})
}

// TestProxyAbsoluteForm: what goes to a proxy that forwards, to the octet, and that the response is told of by the
// origin.
func TestProxyAbsoluteForm(t *testing.T) {
	const auth = "Proxy-Authorization: " + proxyBasic + "\r\n"
	for _, tt := range []struct {
		name           string
		host           string
		method, target string
		fields         []string
		want, url      string
	}{
		{"path", "origin.example", "GET", "/a?b", nil,
			"GET http://origin.example/a?b HTTP/1.1\r\nHost: origin.example\r\nAccept-Encoding: identity\r\n" + auth + "\r\n", "http://origin.example/a?b"},
		{"nothing", "origin.example:8080", "GET", "", nil,
			"GET http://origin.example:8080/ HTTP/1.1\r\nHost: origin.example:8080\r\nAccept-Encoding: identity\r\n" + auth + "\r\n", "http://origin.example:8080/"},
		{"as typed", "origin.example", "GET", "//a/../%zz", nil,
			"GET http://origin.example//a/../%zz HTTP/1.1\r\nHost: origin.example\r\nAccept-Encoding: identity\r\n" + auth + "\r\n", "http://origin.example//a/../%zz"},
		{"the server as a whole", "origin.example", "OPTIONS", "*", nil,
			"OPTIONS http://origin.example HTTP/1.1\r\nHost: origin.example\r\nAccept-Encoding: identity\r\n" + auth + "\r\n", "http://origin.example"},
		{"absolute already", "origin.example", "GET", "ftp://files.example/x", nil,
			"GET ftp://files.example/x HTTP/1.1\r\nHost: files.example\r\nAccept-Encoding: identity\r\n" + auth + "\r\n", "ftp://files.example/x"},
		{"IPv6 with a zone", "[fe80::1%eth0]:81", "GET", "/", nil,
			"GET http://[fe80::1]:81/ HTTP/1.1\r\nHost: [fe80::1]:81\r\nAccept-Encoding: identity\r\n" + auth + "\r\n", "http://[fe80::1]:81/"},
		{"fields in their order", "origin.example", "GET", "/", []string{"X: 1", "x: 2"},
			"GET http://origin.example/ HTTP/1.1\r\nHost: origin.example\r\nAccept-Encoding: identity\r\nX: 1\r\nx: 2\r\n" + auth + "\r\n", "http://origin.example/"},
		{"the caller's credentials", "origin.example", "GET", "/", []string{"proxy-authorization: Own abc"},
			"GET http://origin.example/ HTTP/1.1\r\nHost: origin.example\r\nAccept-Encoding: identity\r\nproxy-authorization: Own abc\r\n\r\n", "http://origin.example/"},
		{"content", "origin.example", "POST", "/", nil,
			"POST http://origin.example/ HTTP/1.1\r\nHost: origin.example\r\nAccept-Encoding: identity\r\nContent-Length: 2\r\n" + auth + "\r\nhi", "http://origin.example/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			network := manualServe(proxyAddress, func(manualRequest) string { return manualAnswer("200 OK", "spam") })
			defer network.Close()
			c := manualConn(t, network, tt.host, httpclient.WithProxy(proxyURL))
			content := body.None()
			if tt.method == "POST" {
				content = body.String("hi")
			}
			for range 2 { // on one connection
				resp, err := c.Do(t.Context(), tt.method, tt.target, manualFields(tt.fields...), content)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, network.Written()); diff != "" {
					t.Errorf("on the wire (-want +got):\n%s", diff)
				}
				if got, err := resp.ReadAll(); string(got) != "spam" && tt.method != "HEAD" || err != nil {
					t.Errorf("%q, %v", got, err)
				}
				if resp.URL() != tt.url || resp.Clone().URL() != tt.url {
					t.Errorf("URL %s, want %s", resp.URL(), tt.url)
				}
			}
			if got := network.Dialled(); len(got) != 1 || got[0] != proxyAddress {
				t.Errorf("dialled %v", got)
			}
		})
	}
}

// TestProxySteps: a request sent in steps goes in absolute-form too, over a connection that is dialled anew when
// the proxy has closed it.
func TestProxySteps(t *testing.T) {
	network := manualServe(proxyAddress, func(manualRequest) string { return manualAnswer("200 OK", "", "Connection: close") })
	defer network.Close()
	c := manualConn(t, network, "origin.example", httpclient.WithProxy(proxyURL))
	for range 2 {
		manualCheck(c.PutRequest("GET", "/a", 0))
		manualCheck(c.PutHeader("X", "y"))
		manualCheck(c.EndHeaders(t.Context(), body.None()))
		resp, err := c.Response(t.Context())
		if err != nil || resp.URL() != "http://origin.example/a" {
			t.Fatal(resp.URL(), err)
		}
		want := "GET http://origin.example/a HTTP/1.1\r\nHost: origin.example\r\nAccept-Encoding: identity\r\nX: y\r\nProxy-Authorization: " + proxyBasic + "\r\n\r\n"
		if diff := cmp.Diff(want, network.Written()); diff != "" {
			t.Errorf("on the wire (-want +got):\n%s", diff)
		}
	}
	if got := network.Dialled(); len(got) != 2 {
		t.Errorf("dialled %v", got)
	}
}

// TestProxyTunnel: https through an HTTP proxy, and both schemes through SOCKS; each connection is tunnelled anew, and
// nothing that is for the proxy passes through.
func TestProxyTunnel(t *testing.T) {
	connect := func(address string) string {
		return "CONNECT " + address + " HTTP/1.1\r\nHost: " + address + "\r\nProxy-Authorization: " + proxyBasic + "\r\n\r\n"
	}
	const socks = "\x05\x02\x00\x02\x01\x05alice\x07hunter2\x05\x01\x00"
	for _, tt := range []struct {
		name, url string
		secure    bool
		want      string // what the proxy was told
	}{
		{"CONNECT", proxyURL, true, connect("www.python.org:443")},
		{"SOCKS", "socks5h://alice:hunter2@socks.example", true, socks + "\x03\x0ewww.python.org\x01\xbb"},
		{"SOCKS, plain", "socks5h://alice:hunter2@socks.example", false, socks + "\x03\x0ewww.python.org\x00\x50"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			network := new(manualNetwork)
			defer network.Close()
			network.proxy(proxyAddress, "HTTP/1.1 200 OK\r\nVia: proxy\r\n\r\n")
			network.socks("socks.example:1080", "alice", "hunter2")
			answer := func(r manualRequest) string { return manualAnswer("200 OK", r.Raw, "Connection: close") }
			network.serve("www.python.org:80", answer)
			network.serveTLS("www.python.org:443", answer)
			options := []httpclient.Option{httpclient.WithDialer(network), httpclient.WithProxy(tt.url)}
			newConn, want := httpclient.New, "http://www.python.org/a"
			if tt.secure {
				newConn, want = httpclient.NewTLS, "https://www.python.org/a"
				options = append(options, httpclient.WithTLSConfig(manualRoots()))
			}
			c := manualMust(newConn("www.python.org", options...))
			defer c.Close()
			for range 2 {
				resp, err := c.Do(t.Context(), "GET", "/a", nil, body.None())
				if err != nil {
					t.Fatal(err)
				}
				if resp.URL() != want || c.Host() != "www.python.org" {
					t.Errorf("URL %s, host %s", resp.URL(), c.Host())
				}
				raw, err := resp.ReadAll()
				if diff := cmp.Diff("GET /a HTTP/1.1\r\nHost: www.python.org\r\nAccept-Encoding: identity\r\n\r\n", string(raw)); diff != "" || err != nil {
					t.Errorf("the origin was told (-want +got):\n%s%v", diff, err)
				}
				if told := network.Written(); !strings.HasPrefix(told, tt.want) {
					t.Errorf("the proxy was told %q, want %q", told, tt.want)
				}
				if via := c.ProxyFields(); strings.HasPrefix(tt.url, "http") != (via != nil && via.GetString("Via") == "proxy") {
					t.Errorf("fields of the reply: %v", via)
				}
			}
			if got := network.Dialled(); len(got) != 2 || strings.Contains(got[0], "python") {
				t.Errorf("dialled %v", got)
			}
		})
	}
}

// TestProxyTCP: the same over the kernel, with proxies made of net/http, and names that are resolved here.
func TestProxyTCP(t *testing.T) {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %v", r.RequestURI, r.Header["Proxy-Authorization"])
	}))
	defer origin.Close()
	forward := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %v", r.RequestURI, r.Header["Proxy-Authorization"])
	}))
	defer forward.Close()
	network := new(manualNetwork)
	defer network.Close()
	u := manualMust(url.Parse(origin.URL))
	for _, tt := range []struct{ url, want string }{
		{"http://alice:hunter2@" + forward.Listener.Addr().String(), origin.URL + "/x [" + proxyBasic + "]"},
		{"", "/x []"},
	} {
		c := manualMust(httpclient.New(u.Host, httpclient.WithProxy(tt.url)))
		for range 2 {
			resp, err := c.Do(t.Context(), "GET", "/x", nil, body.None())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := resp.ReadAll(); string(got) != tt.want || err != nil {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
		}
		c.Close()
	}

	l := manualMust(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	asked := make(chan string, 1)
	go func() { // SOCKS for one connection to wherever
		nc, err := l.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		b := make([]byte, 3)
		io.ReadFull(nc, b)
		io.WriteString(nc, "\x05\x00")
		b = make([]byte, 10)
		io.ReadFull(nc, b)
		asked <- string(b[:8])
		io.WriteString(nc, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
		far, err := net.Dial("tcp", origin.Listener.Addr().String())
		if err != nil {
			return
		}
		defer far.Close()
		go io.Copy(far, nc)
		io.Copy(nc, far)
	}()
	c := manualMust(httpclient.New("127.0.0.9:80", httpclient.WithProxy("socks5://"+l.Addr().String())))
	defer c.Close()
	resp, err := c.Do(t.Context(), "GET", "/x", nil, body.None())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := resp.ReadAll(); string(got) != "/x []" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got := <-asked; got != "\x05\x01\x00\x01\x7f\x00\x00\x09" {
		t.Errorf("asked for %q", got)
	}
}

// TestProxyFromEnvironment: the variables are read when the Conn is made.
func TestProxyFromEnvironment(t *testing.T) {
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "REQUEST_METHOD"} {
		t.Setenv(name, "")
	}
	network := new(manualNetwork)
	defer network.Close()
	network.serve(proxyAddress, manualOK)
	network.serve("origin.example:80", manualOK)
	network.serve("direct.example:80", manualOK)
	t.Setenv("HTTP_PROXY", proxyURL)
	t.Setenv("no_proxy", "direct.example")
	get := func(host string) string {
		c := manualConn(t, network, host, httpclient.WithProxyFromEnvironment())
		if _, err := c.Do(t.Context(), "GET", "/", nil, body.None()); err != nil {
			t.Fatal(err)
		}
		return network.Dialled()[0]
	}
	if got := get("origin.example"); got != proxyAddress {
		t.Errorf("dialled %s", got)
	}
	if got := get("direct.example"); got != "direct.example:80" {
		t.Errorf("dialled %s", got)
	}
	t.Setenv("REQUEST_METHOD", "GET")
	if got := get("origin.example"); got != "origin.example:80" {
		t.Errorf("dialled %s", got)
	}
	t.Setenv("http_proxy", "http://alice:hunter2@:x")
	if _, err := httpclient.New("a", httpclient.WithProxyFromEnvironment()); !errors.Is(err, httpclient.ErrInvalidURL) || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
}

// TestRoute: a Route of the caller's own, and rules that cannot be.
func TestRoute(t *testing.T) {
	network := new(manualNetwork)
	defer network.Close()
	network.serve("origin.example:80", manualOK)
	network.serve("gateway.example:1", manualOK)
	for name, tt := range map[string]struct {
		route proxy.Route
		want  string
	}{
		"direct":          {proxy.Route{}, "origin.example:80"},
		"direct, fields":  {proxy.Route{Fields: manualFields("X: never sent")}, "origin.example:80"},
		"absolute":        {proxy.Route{Proxy: "gateway.example:1", AbsoluteForm: true, Fields: manualFields("X: y")}, "gateway.example:1"},
		"its own dialler": {proxy.Route{Proxy: "p:1", Dialer: transport.DialerFunc(network.DialContext)}, "origin.example:80"},
	} {
		c := manualConn(t, network, "origin.example", httpclient.WithRoute(tt.route))
		if _, err := c.Do(t.Context(), "GET", "/", nil, body.None()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := network.Dialled(); len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: dialled %v, want %s", name, got, tt.want)
		}
		written := network.Written()
		if strings.Contains(written, "never sent") || tt.route.AbsoluteForm != strings.Contains(written, "GET http://origin.example/ HTTP/1.1\r\n") ||
			tt.route.AbsoluteForm != strings.Contains(written, "\r\nX: y\r\n") {
			t.Errorf("%s: %q", name, written)
		}
	}
	no := errors.New("no way")
	absolute := proxy.Route{Proxy: "p:1", AbsoluteForm: true}
	if _, err := httpclient.New("a", httpclient.WithRouteRule(func(string, string) (proxy.Route, error) { return absolute, no })); !errors.Is(err, no) || !errors.Is(err, httpclient.ErrInvalidURL) {
		t.Error(err)
	}
	if _, err := httpclient.NewTLS("a", httpclient.WithRoute(absolute)); !errors.Is(err, httpclient.ErrInvalidURL) {
		t.Error(err)
	}
	absolute.Fields = manualFields("X: a\nb")
	if _, err := httpclient.New("a", httpclient.WithRoute(absolute)); !errors.As(err, new(*wire.SyntaxError)) {
		t.Error(err)
	}
	if _, err := httpclient.New("a", httpclient.WithProxy("http://alice:hunter2@")); !errors.Is(err, httpclient.ErrInvalidURL) || strings.Contains(err.Error(), "hunter2") {
		t.Error(err)
	}
	asked := ""
	rule := func(scheme, address string) (proxy.Route, error) {
		asked += scheme + " " + address + "; "
		return proxy.Route{}, nil
	}
	manualMust(httpclient.NewTLS("[::1]", httpclient.WithRouteRule(rule)))
	manualMust(httpclient.New("bücher.example:81", httpclient.WithRouteRule(rule)))
	if asked != "https [::1]:443; http xn--bcher-kva.example:81; " {
		t.Error(asked)
	}
}
