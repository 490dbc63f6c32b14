package proxy_test

import (
	"strings"
	"testing"

	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
)

// A Server's route: absolute-form for http through an HTTP proxy, which then is dialled itself; else a tunnel.
func TestServerRoute(t *testing.T) {
	for _, tt := range []struct {
		url, scheme string
		absolute    bool
		proxy       string
	}{
		{"http://u:p@proxy.example:3128", "http", true, "proxy.example:3128"},
		{"http://u:p@proxy.example:3128", "https", false, "proxy.example:3128"},
		{"socks5h://proxy.example", "http", false, "proxy.example:1080"},
		{"socks5h://proxy.example", "https", false, "proxy.example:1080"},
		{"socks5://proxy.example", "http", false, "proxy.example:1080"},
		{"", "http", false, ""},
	} {
		w := newWorld(t)
		w.echo("192.0.2.1:80")
		w.echo("proxy.example:3129")
		w.httpProxy("proxy.example:3128", httpProxy{})
		w.socksServer("proxy.example:1080", socksServer{})
		u, err := proxy.ParseURL(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		fields := fieldsOf("X", "y")
		r, err := proxy.Server{URL: u, Dialer: w, Fields: fields}.Route(tt.scheme, "192.0.2.1:80")
		if err != nil || r.AbsoluteForm != tt.absolute || r.Proxy != tt.proxy {
			t.Fatalf("%s for %s: %+v, %v", tt.url, tt.scheme, r, err)
		}
		if tt.absolute {
			credentials, err := r.Auth(t.Context(), new(proxy.AuthRequest))
			if r.Fields != fields || credentials != "Basic dTpw" || err != nil {
				t.Errorf("%s: %v, %q, %v", tt.url, r.Fields, credentials, err)
			}
			nc, err := r.Dialer.DialContext(t.Context(), "tcp", r.Proxy)
			if err != nil {
				t.Fatal(err)
			}
			nc.Close()
		} else {
			talk(t, r.Dialer, "192.0.2.1:80")
		}
		want := tt.proxy
		if want == "" {
			want = "192.0.2.1:80"
		}
		if got := w.dials(); len(got) != 1 || got[0] != want {
			t.Errorf("%s for %s: dialled %v", tt.url, tt.scheme, got)
		}
	}
	if _, err := (proxy.Server{URL: proxy.URL{Scheme: "gopher", Address: "h:1"}}).Route("http", "a:80"); err == nil {
		t.Error("a route by an unknown scheme")
	}
	if _, err := (proxy.Server{}).DialContext(t.Context(), "tcp", "a:80"); err == nil {
		t.Error("a dial without a proxy")
	}
	if direct, through := (proxy.Route{}), (proxy.Route{Proxy: "p:1"}); !direct.Direct() || through.Direct() {
		t.Error("which route is direct is not told")
	}
}

// set gives the environment these values and no others that matter.
func set(t *testing.T, env map[string]string) {
	t.Helper()
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "REQUEST_METHOD"} {
		t.Setenv(name, env[name])
	}
}

// via returns the proxy that the environment has for an origin, or "direct".
func via(t *testing.T, scheme, address string) string {
	t.Helper()
	settings, err := proxy.FromEnvironment()
	if err != nil {
		return err.Error()
	}
	r, err := settings.Rule(proxy.Server{})(scheme, address)
	if err != nil {
		return err.Error()
	}
	if r.Proxy == "" {
		return "direct"
	}
	return r.Proxy
}

func TestFromEnvironment(t *testing.T) {
	both := map[string]string{"http_proxy": "http://lower.example:1", "HTTP_PROXY": "http://upper.example:2", "HTTPS_PROXY": "socks5h://u:p@upper.example:3"}
	with := func(kv ...string) map[string]string {
		m := map[string]string{}
		for k, v := range both {
			m[k] = v
		}
		for i := 0; i < len(kv); i += 2 {
			m[kv[i]] = kv[i+1]
		}
		return m
	}
	for _, tt := range []struct {
		name            string
		env             map[string]string
		scheme, address string
		want            string
	}{
		{"nothing set", nil, "http", "a.example:80", "direct"},
		{"lower case first", both, "http", "a.example:80", "lower.example:1"},
		{"upper case", both, "https", "a.example:443", "upper.example:3"},
		{"without a scheme", with("http_proxy", "plain.example:8"), "http", "a.example:80", "plain.example:8"},
		{"localhost", both, "http", "localhost:80", "direct"},
		{"loopback", both, "http", "127.1.2.3:80", "direct"},
		{"loopback, IPv6", both, "http", "[::1]:80", "direct"},
		{"domain", with("NO_PROXY", "b.example, a.example"), "http", "www.a.example:80", "direct"},
		{"the domain itself", with("NO_PROXY", "a.example"), "http", "A.EXAMPLE:80", "direct"},
		{"no part of a label", with("NO_PROXY", "a.example"), "http", "ba.example:80", "lower.example:1"},
		{"leading dot", with("no_proxy", ".a.example"), "http", "a.example:80", "lower.example:1"},
		{"leading dot, below", with("no_proxy", ".a.example"), "http", "x.a.example:80", "direct"},
		{"port", with("no_proxy", "a.example:8080"), "http", "a.example:8080", "direct"},
		{"other port", with("no_proxy", "a.example:8080"), "http", "a.example:80", "lower.example:1"},
		{"star", with("no_proxy", "*"), "https", "a.example:443", "direct"},
		{"address", with("no_proxy", "192.0.2.1"), "http", "192.0.2.1:80", "direct"},
		{"prefix", with("no_proxy", "192.0.2.0/24"), "http", "192.0.2.200:80", "direct"},
		{"outside the prefix", with("no_proxy", "192.0.2.0/24"), "http", "192.0.3.1:80", "lower.example:1"},
		{"prefix, IPv6", with("no_proxy", "fe80::/10"), "http", "[fe80::1]:80", "direct"},
		{"prefix, IPv6 with a zone", with("no_proxy", "fe80::/10"), "http", "[fe80::1%eth0]:80", "direct"},
		{"CGI, lower case", with("REQUEST_METHOD", "GET"), "http", "a.example:80", "lower.example:1"},
		{"CGI, https", with("REQUEST_METHOD", "GET"), "https", "a.example:443", "upper.example:3"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			set(t, tt.env)
			if got := via(t, tt.scheme, tt.address); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestHTTPoxy: what a request can put into the environment of a CGI script, HTTP_PROXY, chooses no proxy; the other
// variables still do (CVE-2016-5386, CVE-2016-1000110).
func TestHTTPoxy(t *testing.T) {
	evil := map[string]string{"HTTP_PROXY": "http://evil.example:1"}
	set(t, evil)
	if got := via(t, "http", "a.example:80"); got != "evil.example:1" {
		t.Errorf("not in a CGI script: %s", got)
	}
	evil["REQUEST_METHOD"] = "GET"
	set(t, evil)
	if got := via(t, "http", "a.example:80"); got != "direct" {
		t.Errorf("in a CGI script: %s", got)
	}
}

// TestNoProxyZone: the zone of an IPv6 address is no part of a name, however it ends (CVE-2025-22870).
func TestNoProxyZone(t *testing.T) {
	u, err := proxy.ParseURL("http://proxy.example:3128")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"*.example.com", "example.com", ".example.com"} {
		for _, everywhere := range []bool{false, true} {
			rule := proxy.Settings{HTTP: u, NoProxy: list, Loopback: everywhere}.Rule(proxy.Server{})
			r, err := rule("http", "[2001:db8::1%.example.com]:80")
			if err != nil || r.Direct() {
				t.Errorf("NO_PROXY=%s, Loopback %v: %+v, %v", list, everywhere, r, err)
			}
		}
	}
}

// A variable that cannot be understood is an error, not a direct connection; and its secret is not told.
func TestEnvironmentMalformed(t *testing.T) {
	for _, name := range []string{"http_proxy", "HTTPS_PROXY"} {
		set(t, map[string]string{name: "http://alice:hunter2@proxy.example:port"})
		_, err := proxy.FromEnvironment()
		if err == nil || !contains(err.Error(), "roxy in the environment") || contains(err.Error(), "hunter2") || contains(err.Error(), "alice") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// With Loopback, and there alone, origins on this machine go through the proxy as well, but for those of NoProxy. For all
// other origins both ways of reading the list agree.
func TestNoProxyAgrees(t *testing.T) {
	hosts := []string{"a.example:80", "A.example:80", "x.a.example:80", "ba.example:80", "a.example:8080", "192.0.2.1:80", "192.0.3.1:80",
		"[2001:db8::1]:80", "[2001:db9::1]:8080", "[fe80::1%eth0]:80", "[2001:db8::1%.a.example]:80", "[::ffff:192.0.2.1]:80", "xn--bcher-kva.example:80"}
	loopback := []string{"localhost:80", "127.0.0.1:80", "[::1]:80", "127.0.0.1:8080"}
	lists := []string{"", "*", "a.example", ".a.example", "*.a.example", "A.EXAMPLE:80", "a.example:8080", "b.example,, a.example ,", "192.0.2.1",
		"192.0.2.0/24", "192.0.2.1:80", "2001:db8::/32", "2001:db8::1", "[2001:db8::1]:80", "[2001:db9::1]:80", "fe80::/10", "fe80::1", "::ffff:192.0.2.1",
		"example", ":80", ".", "a", "/24", "bücher.example", "localhost", "127.0.0.1", "127.0.0.0/8", "::1", "localhost:81", "127.0.0.1:80"}
	u, err := proxy.ParseURL("http://proxy.example:3128")
	if err != nil {
		t.Fatal(err)
	}
	ask := func(list string, everywhere bool, address string) bool {
		r, err := proxy.Settings{HTTP: u, NoProxy: list, Loopback: everywhere}.Rule(proxy.Server{})("http", address)
		if err != nil {
			t.Fatal(err)
		}
		return !r.Direct()
	}
	through := 0
	for _, list := range lists {
		for _, host := range hosts {
			theirs, ours := ask(list, false, host), ask(list, true, host)
			if theirs != ours {
				t.Errorf("NO_PROXY=%s: %s through the proxy: %v, with Loopback %v", list, host, theirs, ours)
			}
			if ours {
				through++
			}
		}
		for _, host := range loopback {
			if ask(list, false, host) {
				t.Errorf("NO_PROXY=%s: %s through the proxy", list, host)
			}
		}
	}
	if all := len(lists) * len(hosts); through == 0 || through == all {
		t.Errorf("%d of %d through the proxy: the table shows nothing", through, all)
	}
	for _, tt := range []struct {
		list, host string
		want       bool
	}{
		{"", "localhost:80", true}, {"localhost", "localhost:80", false}, {"localhost:81", "localhost:80", true},
		{"127.0.0.0/8", "127.0.0.1:80", false}, {"127.0.0.1", "127.0.0.1:80", false}, {"::1", "[::1]:80", false},
		{"127.0.0.1:80", "127.0.0.1:8080", true}, {"*", "127.0.0.1:80", false}, {"", "[::1]:80", true},
	} {
		if got := ask(tt.list, true, tt.host); got != tt.want {
			t.Errorf("NO_PROXY=%s: %s through the proxy: %v", tt.list, tt.host, got)
		}
	}
	for _, bad := range [][2]string{{"ftp", "a:21"}, {"http", "a"}} {
		if _, err := (proxy.Settings{HTTP: u}).Rule(proxy.Server{})(bad[0], bad[1]); err == nil {
			t.Errorf("%q is an origin", bad)
		}
	}
}

func contains(s, part string) bool { return strings.Contains(s, part) }

var _ transport.Dialer = proxy.Server{}
