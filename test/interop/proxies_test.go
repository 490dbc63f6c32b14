package interop

import (
	"bytes"
	"context"
	"crypto/tls"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/test/peers"
	"github.com/strata-http/strata/transport"
)

// user and password are what proxies are told to ask for.
const user, password = "user", "secret"

// way is a way to origins, through a proxy.
type way struct {
	proxy         *peers.Proxy
	scheme        string // of the proxy's URL
	url           string // with the user and password to give
	nginx, python *peers.Peer
}

// wayChecks are run through every kind of proxy, one that takes everybody and one that asks who it is, by every scheme
// that it speaks.
var wayChecks = []struct {
	name string
	run  func(t *testing.T, w way)
}{
	{"get", proxyGet},
	{"send", proxySend},
	{"password refused", proxyRefusesPassword},
	{"target refused", proxyRefusesTarget},
	{"command", binaryProxy},
	{"command refused", binaryProxyRefuses},
}

func TestProxies(t *testing.T) {
	t.Parallel()
	binary(t)
	nginx, python := peers.Nginx(t), peers.PythonHTTP(t)
	for _, login := range []struct {
		name    string
		options []peers.Option
	}{{"open", nil}, {"login", []peers.Option{peers.Login(user, password)}}} {
		for _, k := range peers.ProxyKinds() {
			t.Run(k.Name+" "+login.name, func(t *testing.T) {
				t.Parallel()
				p := k.Start(t, login.options...)
				for _, scheme := range p.Schemes {
					for _, c := range wayChecks {
						t.Run(c.name+" "+scheme, func(t *testing.T) { c.run(t, way{p, scheme, p.URL(scheme), nginx, python}) })
					}
				}
			})
		}
	}
}

// socks reports whether the proxy speaks SOCKS.
func (w way) socks() bool { return strings.HasPrefix(w.scheme, "socks5") }

// tunnels reports whether octets to the origin of url pass as they are.
func (w way) tunnels(url string) bool { return w.socks() || strings.HasPrefix(url, "https:") }

// keeps reports whether one connection carries all requests to the origin of url. Behind each that it forwards, tinyproxy
// closes without saying so, and whoever passes its octets on does too.
func (w way) keeps(url string) bool {
	return w.tunnels(url) || w.proxy.Name == "squid" || w.proxy.Name == "strata" || w.proxy.Name == "haproxy" && w.proxy.User != ""
}

// between has what is to happen between two requests: a proxy that does not keep a connection ends it, which is awaited,
// since a request that meets that under way fails, and rightly so.
func (w way) between(t *testing.T, s *session, url string) {
	t.Helper()
	if !w.keeps(url) {
		s.awaitClosed(t)
	}
}

// server returns the proxy as a dialer.
func (w way) server(t *testing.T, below transport.Dialer) proxy.Server {
	t.Helper()
	u, err := proxy.ParseURL(w.url)
	if err != nil {
		t.Fatal(err)
	}
	return proxy.Server{URL: u, Dialer: below, TLS: &tls.Config{RootCAs: w.proxy.RootCAs}}
}

// open makes a session for the origin of url, whose dials are those to the proxy.
func (w way) open(t *testing.T, url string, options ...httpclient.Option) *session {
	t.Helper()
	s := new(session)
	rule := w.server(t, s.counting(transport.TCP{})).Route
	s.openRoute(t, w.nginx, rule, url, options...)
	return s
}

// openRoute makes s a session for the origin of url that is reached as rule says.
func (s *session) openRoute(t *testing.T, p *peers.Peer, rule proxy.Rule, url string, options ...httpclient.Option) {
	t.Helper()
	scheme, rest, _ := strings.Cut(url, "://")
	host, target, _ := strings.Cut(rest, "/")
	s.target = "/" + target
	create := httpclient.New
	if scheme == "https" {
		create = httpclient.NewTLS
	}
	var err error
	s.Conn, err = create(host, append([]httpclient.Option{
		httpclient.WithRouteRule(rule),
		httpclient.WithTLSConfig(&tls.Config{RootCAs: p.RootCAs}),
	}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	s.ctx = ctx
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the connection: %v", err)
		}
		cancel()
	})
}

// checkDials checks how many connections to the proxy there were.
func (w way) checkDials(t *testing.T, s *session, url string, requests int) {
	t.Helper()
	want := 1
	if !w.keeps(url) {
		want = requests
	}
	equal(t, "connections to the proxy", want, s.dials)
}

// proxyGet gets files of every size, with a length and chunked, and many in a row.
func proxyGet(t *testing.T, w way) {
	for _, url := range w.nginx.URLs("/") {
		s := w.open(t, url)
		requests := 0
		for _, prefix := range []string{"/", peers.PathChunked} {
			for _, f := range peers.Files(t) {
				if f.Size <= 1<<20 || thorough() {
					readings[0].fetch(t, s, prefix+f.Name, f)
					w.between(t, s, url)
					requests++
				}
			}
		}
		for range 20 {
			resp, content := s.do(t, "HEAD", "/f-65536", body.None())
			equal(t, "status", 200, int(resp.Status()))
			equal(t, "content", 0, len(content))
			w.between(t, s, url)
			requests++
		}
		resp, _ := s.get(t, "/f-13", "If-Modified-Since", peers.ModTime.Format("Mon, 02 Jan 2006 15:04:05 GMT"))
		equal(t, "status", 304, int(resp.Status()))
		requests++
		w.checkDials(t, s, url, requests)
	}
}

// proxySend has an origin tell what came to it.
func proxySend(t *testing.T, w way) {
	for _, url := range w.python.URLs(peers.PathEcho) {
		s := w.open(t, url)
		requests := 0
		for _, name := range []string{"f-0", "f-13", "f-65536", "f-1048576"} {
			l := loadOf(t, name)
			for _, source := range []body.Source{body.Bytes(l.content), body.Reader(bytes.NewReader(l.content))} {
				got := s.echoed(t, "POST", s.target, source, "X-Own", "1", "x-own", "2")
				equal(t, name+" length", l.Size, got.Length)
				equal(t, name+" digest", l.SHA256, got.SHA256)
				equal(t, "target", peers.PathEcho, got.Target)
				checkOrigin(t, w, url, got)
				w.between(t, s, url)
				requests++
			}
		}
		w.checkDials(t, s, url, requests)
	}
}

// checkOrigin checks that the origin has got what is for it, and nothing that is for the proxy.
func checkOrigin(t *testing.T, w way, url string, got peers.Echo) {
	t.Helper()
	for _, line := range got.Fields {
		name, value, _ := strings.Cut(line, ": ")
		if strings.EqualFold(name, "Proxy-Authorization") || strings.Contains(value, password) ||
			strings.EqualFold(name, "X-For-Proxy") && w.tunnels(url) {
			t.Errorf("the origin was sent %q", line)
		}
	}
	if w.tunnels(url) {
		equal(t, "fields in the tunnel", []string{"X-Own: 1", "x-own: 2"}, got.Fields[len(got.Fields)-2:])
	}
}
