package interop

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/strata-http/strata/test/peers"
)

// proxied returns the arguments for a command through a proxy.
func (w way) proxied(method string, args ...string) []string {
	return append([]string{method, "--proxy", w.url, "--proxy-cacert", w.proxy.CAFile, "--cacert", w.nginx.CAFile}, args...)
}

// binaryProxy has the command go through a proxy.
func binaryProxy(t *testing.T, w way) {
	content := string(peers.Content(t, "f-65536"))
	for _, url := range w.python.URLs("") {
		out := filepath.Join(t.TempDir(), "out")
		succeed(t, "", w.proxied("get", "-o", out, url+peers.PathChunked+"f-1048576")...)
		fileOf(t, out, peers.Lookup(t, "f-1048576"))

		l := loadOf(t, "f-4095")
		got, err := peers.ParseEcho([]byte(succeed(t, string(l.content), w.proxied("post", "-d", "@-",
			"--proxy-header", "X-For-Proxy: 1", "-H", "X-Own: 1", "-H", "x-own: 2", url+peers.PathEcho)...)))
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "digest", l.SHA256, got.SHA256)
		checkOrigin(t, w, url, got)

		told := strata(t, "", w.proxied("get", "-v", url+"/f-65536")...)
		equal(t, "exit status", 0, told.status)
		equal(t, "content", content, told.stdout)
		equal(t, "tells the password", false, strings.Contains(told.stderr, password) ||
			strings.Contains(told.stderr, "dXNlcjpzZWNyZXQ="))
	}
}

// binaryProxyRefuses has a proxy refuse: the password, and the target.
func binaryProxyRefuses(t *testing.T, w way) {
	for _, url := range w.nginx.URLs("/f-13") {
		if w.proxy.User == "" {
			continue
		}
		wrong := w
		wrong.url = w.proxy.URLFor(w.scheme, user, "wrong")
		got := strata(t, "", wrong.proxied("get", url)...)
		if !w.tunnels(url) && strings.Contains(got.stdout, "401") {
			continue // by tinyproxy up to 1.11.1, in the manner of an origin
		}
		equal(t, "exit status", 3, got.status)
		equal(t, "standard output", "", got.stdout)
		checkTold(t, w, got.stderr, "407", "401")
	}
	got := strata(t, "", w.proxied("get", "https://"+closedPort(t)+"/")...)
	equal(t, "exit status", 3, got.status)
	checkTold(t, w, got.stderr, "503", "500", "502")
}

// checkTold has a message name the proxy, and one of the statuses by which an HTTP proxy refuses.
func checkTold(t *testing.T, w way, message string, statuses ...string) {
	t.Helper()
	told := w.socks()
	for _, status := range statuses {
		told = told || strings.Contains(message, " "+status+" ")
	}
	if !told || !strings.Contains(message, w.proxy.Addr(w.scheme)) {
		t.Errorf("message %q; want %s and one of %s", message, w.proxy.Addr(w.scheme), statuses)
	}
}

// TestBinaryProxyDigest has Squid ask for Digest, which the command answers, and never gives the password itself.
func TestBinaryProxyDigest(t *testing.T) {
	t.Parallel()
	binary(t)
	origin := peers.Nginx(t)
	p := peers.Squid(t, peers.DigestLogin(user, password))
	for _, scheme := range p.Schemes {
		w := way{proxy: p, scheme: scheme, url: p.URL(scheme), nginx: origin}
		for _, url := range origin.URLs("/f-13") {
			for _, args := range [][]string{{url}, {"--proxy-digest", url}} {
				equal(t, "content", string(peers.Content(t, "f-13")), succeed(t, "", w.proxied("get", args...)...))
			}
			wrong := w
			wrong.url = p.URLFor(scheme, user, "wrong")
			got := strata(t, "", wrong.proxied("get", "--proxy-digest", url)...)
			equal(t, "exit status", 3, got.status)
			checkTold(t, w, got.stderr, "407")
		}
	}
}

// TestBinaryProxyChain gives --proxy more than once.
func TestBinaryProxyChain(t *testing.T) {
	t.Parallel()
	binary(t)
	origin := peers.Nginx(t)
	login := peers.Login(user, password)
	squid, socks := peers.Squid(t, login), peers.Microsocks(t, login)
	for _, order := range [][]string{
		{socks.URL("socks5h"), squid.URL("https")},
		{squid.URL("http"), socks.URL("socks5")},
	} {
		for _, url := range origin.URLs("/f-65536") {
			got := succeed(t, "", "get", "--proxy", order[0], "--proxy", order[1], "--proxy-cacert", squid.CAFile,
				"--cacert", origin.CAFile, url)
			equal(t, "content", string(peers.Content(t, "f-65536")), got)
		}
	}
}

// TestBinaryNoProxy goes around a proxy that is not there.
func TestBinaryNoProxy(t *testing.T) {
	t.Parallel()
	origin := peers.Nginx(t)
	dead := "http://" + closedPort(t)
	url := origin.URL("/f-13")
	got := strata(t, "", "get", "--proxy", dead, url)
	equal(t, "exit status", 3, got.status)
	if want := strings.TrimPrefix(dead, "http://"); !strings.Contains(got.stderr, want) {
		t.Errorf("message %q does not name %s", got.stderr, want)
	}
	for _, list := range []string{"127.0.0.1", "127.0.0.0/8", "*", "example.org, 127.0.0.1"} {
		equal(t, "content", string(peers.Content(t, "f-13")), succeed(t, "", "get", "--proxy", dead, "--noproxy", list, url))
	}
}
