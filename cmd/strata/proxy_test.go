package main

import (
	"crypto/tls"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/internal/testcert"
)

const (
	userinfo = "alice:hunter2@"
	basic    = "Basic YWxpY2U6aHVudGVyMg=="
)

// TestProxyForward: what a proxy is told by a request that it forwards.
func TestProxyForward(t *testing.T) {
	noProxyVariables(t)
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"plain", []string{"--proxy", "http://ADDR"}, "GET http://origin.example/a HTTP/1.1\r\nHost: origin.example\r\nUser-Agent: strata\r\nAccept-Encoding: identity\r\n\r\n"},
		{"without a scheme", []string{"--proxy=ADDR"}, "GET http://origin.example/a HTTP/1.1\r\nHost: origin.example\r\nUser-Agent: strata\r\nAccept-Encoding: identity\r\n\r\n"},
		{"credentials and fields", []string{"--proxy", "http://" + userinfo + "ADDR", "--proxy-header", "X: 1", "--proxy-header=x:2", "-H", "A: b"},
			"GET http://origin.example/a HTTP/1.1\r\nHost: origin.example\r\nUser-Agent: strata\r\nAccept-Encoding: identity\r\nA: b\r\nX: 1\r\nx: 2\r\nProxy-Authorization: " + basic + "\r\n\r\n"},
		{"credentials as a field", []string{"--proxy", "http://" + userinfo + "ADDR", "--proxy-header", "Proxy-Authorization: Bearer abc"},
			"GET http://origin.example/a HTTP/1.1\r\nHost: origin.example\r\nUser-Agent: strata\r\nAccept-Encoding: identity\r\nProxy-Authorization: Bearer abc\r\n\r\n"},
		{"without Accept-Encoding", []string{"--proxy", "http://" + userinfo + "ADDR", "-H", "Accept-Encoding:"},
			"GET http://origin.example/a HTTP/1.1\r\nHost: origin.example\r\nUser-Agent: strata\r\nProxy-Authorization: " + basic + "\r\n\r\n"},
		{"the server as a whole", []string{"--proxy", "http://ADDR", "--request-target", "*"}, "OPTIONS http://origin.example HTTP/1.1\r\nHost: origin.example\r\nUser-Agent: strata\r\nAccept-Encoding: identity\r\n\r\n"},
		{"not for others", []string{"--proxy", "http://ADDR", "--noproxy", "example.org, 10.0.0.0/8"}, "GET http://origin.example/a HTTP/1.1\r\nHost: origin.example\r\nUser-Agent: strata\r\nAccept-Encoding: identity\r\n\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeer(t, ok, nil)
			args := []string{"get", "http://origin.example/a"}
			if strings.HasPrefix(tt.want, "OPTIONS") {
				args[0] = "options"
			}
			for _, a := range tt.args {
				args = append(args, strings.ReplaceAll(a, "ADDR", p.addr))
			}
			got := strata(t, "", args...)
			if diff := cmp.Diff(result{0, "hi\n", ""}, got, cmp.AllowUnexported(result{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, p.request()); diff != "" {
				t.Errorf("on the wire: (-want +got)\n%s", diff)
			}
		})
	}
}

// TestProxyTunnels: CONNECT, SOCKS and chains of them, to servers with TLS and without.
func TestProxyTunnels(t *testing.T) {
	noProxyVariables(t)
	cert, _, pem := testcert.New(t, "origin.example", "127.0.0.1")
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem, 0o600); err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	secure, plain := newTLSPeer(t, config, ok, nil), newPeer(t, ok, nil)
	toSecure, toPlain := newProxy(t, nil, secure.addr, nil), newProxy(t, nil, plain.addr, nil)
	byTLS, any := newProxy(t, config, secure.addr, nil), newProxy(t, nil, "", nil)
	connect := "CONNECT origin.example:443 HTTP/1.1\r\nHost: origin.example:443\r\n"
	for _, tt := range []struct {
		name  string
		args  []string
		proxy *testProxy
		want  []string
	}{
		{"CONNECT", []string{"https://origin.example", "--proxy", "http://" + toSecure.addr}, toSecure, []string{connect + "\r\n"}},
		{"with credentials and fields", []string{"https://origin.example", "--proxy", "http://" + userinfo + toSecure.addr, "--proxy-header", "X: y", "-H", "A: inside"}, toSecure,
			[]string{connect + "X: y\r\nProxy-Authorization: " + basic + "\r\n\r\n"}},
		{"TLS to the proxy", []string{"https://origin.example", "--proxy", "https://" + userinfo + byTLS.addr, "--proxy-cacert", ca}, byTLS,
			[]string{connect + "Proxy-Authorization: " + basic + "\r\n\r\n"}},
		{"TLS to the proxy, not verified", []string{"https://origin.example", "--proxy", "https://" + byTLS.addr, "--proxy-insecure"}, byTLS, []string{connect + "\r\n"}},
		{"socks5h", []string{"http://origin.example", "--proxy", "socks5h://" + toPlain.addr}, toPlain, []string{"origin.example:80"}},
		{"socks5h and TLS", []string{"https://origin.example", "--proxy", "socks5h://" + toSecure.addr}, toSecure, []string{"origin.example:443"}},
		{"socks5", []string{"http://origin.example", "--proxy", "socks5://" + toPlain.addr, "--resolve", "origin.example:80:192.0.2.7"}, toPlain, []string{"192.0.2.7:80"}},
		{"socks5, an address", []string{"http://192.0.2.9:81", "--proxy", "socks5://" + toPlain.addr}, toPlain, []string{"192.0.2.9:81"}},
		{"chain", []string{"https://origin.example", "--proxy", "socks5h://" + any.addr, "--proxy", "http://" + userinfo + any.addr, "--proxy", "http://" + toSecure.addr}, any,
			[]string{any.addr, "CONNECT " + toSecure.addr + " HTTP/1.1\r\nHost: " + toSecure.addr + "\r\nProxy-Authorization: " + basic + "\r\n\r\n"}},
		{"connect-to", []string{"http://origin.example", "--proxy", "http://" + any.addr, "--connect-to", "origin.example:80:" + plain.addr}, any,
			[]string{"CONNECT " + plain.addr + " HTTP/1.1\r\nHost: " + plain.addr + "\r\n\r\n"}},
		{"resolved proxy", []string{"https://origin.example", "--proxy", "http://proxy.example:" + portOf(toSecure.addr), "--resolve", "proxy.example:*:127.0.0.1"}, toSecure, []string{connect + "\r\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := plain
			if strings.HasPrefix(tt.args[0], "https") {
				p = secure
			}
			got := strata(t, "", append([]string{"get", "--cacert", ca}, tt.args...)...)
			if diff := cmp.Diff(result{0, "hi\n", ""}, got, cmp.AllowUnexported(result{})); diff != "" {
				t.Fatalf("(-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(tt.want, tt.proxy.heard()); diff != "" {
				t.Errorf("the proxy was told (-want +got)\n%s", diff)
			}
			inside := p.request()
			p.mu.Lock()
			p.requests = nil
			p.mu.Unlock()
			if strings.Contains(inside, "Proxy-") || strings.Contains(inside, "X: y") || !strings.HasPrefix(inside, "GET / HTTP/1.1\r\n") {
				t.Errorf("through the tunnel went %q", inside)
			}
			toSecure.heard()
		})
	}
	if got := strata(t, "", "get", "https://origin.example", "--proxy", "https://"+byTLS.addr); got.code != exitTLS || len(byTLS.heard()) > 0 {
		t.Errorf("a proxy with a certificate of nobody: %+v", got)
	}
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// TestProxyEnvironment: the variables, and the flags that take their place.
func TestProxyEnvironment(t *testing.T) {
	p := newPeer(t, ok, nil)
	for _, tt := range []struct {
		name string
		env  []string
		args []string
		code int // 0 where the proxy was used
	}{
		{"none", nil, nil, exitConnection},
		{"http_proxy", []string{"http_proxy", "http://" + p.addr}, nil, 0},
		{"HTTP_PROXY", []string{"HTTP_PROXY", p.addr}, nil, 0},
		{"https_proxy alone", []string{"https_proxy", p.addr}, nil, exitConnection},
		{"no_proxy", []string{"HTTP_PROXY", p.addr, "no_proxy", ".invalid"}, nil, exitConnection},
		{"--noproxy in its place", []string{"HTTP_PROXY", p.addr, "no_proxy", ".invalid"}, []string{"--noproxy", "a.example"}, 0},
		{"--noproxy", []string{"HTTP_PROXY", p.addr}, []string{"--noproxy", "invalid"}, exitConnection},
		{"--proxy ''", []string{"HTTP_PROXY", p.addr}, []string{"--proxy", ""}, exitConnection},
		{"--proxy in its place", []string{"HTTP_PROXY", "nobody.invalid", "NO_PROXY", "*"}, []string{"--proxy", p.addr}, 0},
		{"CGI: CVE-2016-5386, CVE-2016-1000110", []string{"HTTP_PROXY", p.addr, "REQUEST_METHOD", "GET"}, nil, exitConnection},
		{"malformed", []string{"HTTP_PROXY", "http://" + userinfo + p.addr + "x"}, nil, exitUsage},
		{"malformed, and not wanted", []string{"HTTP_PROXY", "http://" + userinfo + p.addr + "x"}, []string{"--proxy", p.addr}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			noProxyVariables(t)
			for i := 0; i < len(tt.env); i += 2 {
				t.Setenv(tt.env[i], tt.env[i+1])
			}
			// Nobody listens where the name leads to.
			got := strata(t, "", append([]string{"get", "http://origin.invalid:1/", "--resolve", "*:1:127.0.0.1"}, tt.args...)...)
			if got.code != tt.code || strings.Contains(got.stderr, "hunter2") || strings.Contains(got.stderr, "alice") {
				t.Errorf("%+v", got)
			}
		})
	}
	t.Run("loopback", func(t *testing.T) {
		noProxyVariables(t)
		t.Setenv("http_proxy", "http://127.0.0.1:1")
		if got := strata(t, "", "get", p.addr); got.code != 0 {
			t.Errorf("%+v", got)
		}
		if got := strata(t, "", "get", p.addr, "--proxy", "http://127.0.0.1:1"); got.code != exitConnection {
			t.Errorf("%+v", got)
		}
		if got := strata(t, "", "get", p.addr, "--proxy", "http://127.0.0.1:1", "--noproxy", "127.0.0.0/8"); got.code != 0 {
			t.Errorf("%+v", got)
		}
	})
}

// TestDialling: the flags that say how the first connection is made.
func TestDialling(t *testing.T) {
	noProxyVariables(t)
	p := newPeer(t, ok, nil)
	port := portOf(p.addr)
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Skip(err)
	}
	u := newPeerOn(t, l, ok, nil)
	for _, tt := range []struct {
		name string
		args []string
		peer *peer
		want string // of the request
	}{
		{"resolve", []string{"a.invalid:" + port, "--resolve", "a.invalid:" + port + ":127.0.0.1"}, p, "\r\nHost: a.invalid:" + port + "\r\n"},
		{"resolve, several", []string{"a.invalid:" + port, "--resolve", "*:*:[::1],127.0.0.1"}, p, "\r\nHost: a.invalid:" + port + "\r\n"},
		{"connect-to", []string{"a.invalid/x", "--connect-to", "a.invalid:80:" + p.addr}, p, "\r\nHost: a.invalid\r\n"},
		{"connect-to, any", []string{"a.invalid:81", "--connect-to", "b.invalid::c.invalid:", "--connect-to", "::" + p.addr}, p, "\r\nHost: a.invalid:81\r\n"},
		{"connect-to a resolved name", []string{"a.invalid", "--connect-to", "a.invalid::b.invalid:" + port, "--resolve", "b.invalid:" + port + ":127.0.0.1"}, p, "\r\nHost: a.invalid\r\n"},
		{"interface, address", []string{p.addr, "--interface", "127.0.0.1"}, p, "GET / "},
		{"interface, name", []string{p.addr, "--interface", loopbackName(t)}, p, "GET / "},
		{"unix-socket", []string{"http://docker/v1", "--unix-socket", socket}, u, "GET /v1 HTTP/1.1\r\nHost: docker\r\n"},
		{"unix-socket of a proxy", []string{"http://a.invalid/v1", "--unix-socket", socket, "--proxy", "http://proxy"}, u, "GET http://a.invalid/v1 HTTP/1.1\r\nHost: a.invalid\r\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := strata(t, "", append([]string{"get"}, tt.args...)...)
			if got.code != 0 || got.stdout != "hi\n" {
				t.Fatalf("%+v", got)
			}
			if request := tt.peer.request(); !strings.Contains(request, tt.want) {
				t.Errorf("%q, want %q in it", request, tt.want)
			}
			tt.peer.mu.Lock()
			tt.peer.requests = nil
			tt.peer.mu.Unlock()
		})
	}
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	if got := strata(t, "", "get", "http://docker/", "--unix-socket", socket); got.code != 0 {
		t.Errorf("with http_proxy: %+v", got)
	}
	if got := strata(t, "", "get", "http://127.0.0.1:1/", "--proxy", "", "--interface", "192.0.2.77"); got.code != exitConnection {
		t.Errorf("an address of nobody: %+v", got)
	}
}

func loopbackName(t *testing.T) string {
	interfaces, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range interfaces {
		if i.Flags&net.FlagLoopback != 0 {
			return i.Name
		}
	}
	return "127.0.0.1"
}
