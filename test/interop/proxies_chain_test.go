package interop

import (
	"crypto/tls"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/test/peers"
	"github.com/strata-http/strata/transport"
)

// TestProxyChains reaches origins through two or three proxies, each by way of those before it.
func TestProxyChains(t *testing.T) {
	t.Parallel()
	origin := peers.Nginx(t)
	login := peers.Login(user, password)
	squid, tinyproxy, socks := peers.Squid(t, login), peers.Tinyproxy(t), peers.Microsocks(t, login)
	for _, tt := range []struct {
		name string
		urls []string // of the proxies, the nearest first
	}{
		{"CONNECT via SOCKS", []string{socks.URL("socks5h"), squid.URL("http")}},
		{"CONNECT with TLS via SOCKS", []string{socks.URL("socks5"), squid.URL("https")}},
		{"CONNECT via CONNECT", []string{tinyproxy.URL("http"), squid.URL("http")}},
		{"CONNECT via TLS via CONNECT", []string{tinyproxy.URL("http"), squid.URL("https"), tinyproxy.URL("http")}},
		{"SOCKS via CONNECT", []string{squid.URL("https"), socks.URL("socks5h")}},
		{"SOCKS via SOCKS", []string{socks.URL("socks5"), socks.URL("socks5h")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, url := range origin.URLs("/") {
				s := new(session)
				last := proxy.Server{Dialer: s.counting(transport.TCP{})}
				for i, at := range tt.urls {
					u, err := proxy.ParseURL(at)
					if err != nil {
						t.Fatal(err)
					}
					if i > 0 {
						last = proxy.Server{Dialer: last}
					}
					last.URL, last.TLS = u, &tls.Config{RootCAs: origin.RootCAs}
				}
				s.openRoute(t, origin, last.Route, url)
				forwarded := !strings.HasPrefix(url, "https:") && tt.urls[len(tt.urls)-1] == tinyproxy.URL("http")
				for _, name := range []string{"f-0", "f-65536", "f-1048576"} {
					readings[0].fetch(t, s, "/"+name, peers.Lookup(t, name))
					if forwarded {
						s.awaitClosed(t)
					}
				}
				if !forwarded {
					equal(t, "connections", 1, s.dials)
				}
				resp, _ := s.do(t, "HEAD", "/f-13", body.None())
				named := !strings.HasPrefix(url, "https:") && strings.HasPrefix(tt.urls[len(tt.urls)-1], "http")
				equal(t, "a proxy names itself", named, resp.Field("Via") != "")
			}
		})
	}
}

// TestProxyResolves names an origin in a way that only a proxy of the scheme socks5h understands: as the shorthand of an
// address that system resolvers take.
func TestProxyResolves(t *testing.T) {
	t.Parallel()
	origin := peers.Nginx(t)
	p := peers.Microsocks(t)
	for _, url := range origin.URLs("/f-13") {
		w := way{proxy: p, scheme: "socks5h", url: p.URL("socks5h"), nginx: origin}
		host := strings.Replace(url, "127.0.0.1", "127.1", 1)
		s := new(session)
		rule := w.server(t, s.counting(transport.TCP{})).Route
		s.openRoute(t, origin, rule, host,
			httpclient.WithTLSConfig(&tls.Config{RootCAs: origin.RootCAs, ServerName: "localhost"}))
		readings[0].fetch(t, s, s.target, peers.Lookup(t, "f-13"))
	}
	w := way{proxy: p, scheme: "socks5", url: p.URL("socks5"), nginx: origin}
	s := w.open(t, strings.Replace(origin.URL("/f-13"), "127.0.0.1", "localhost", 1))
	readings[0].fetch(t, s, s.target, peers.Lookup(t, "f-13"))
}

// throughHAProxy are the checks of [clientChecks] that hold with HAProxy between client and origin.
var throughHAProxy = []string{
	"get", "head", "not modified", "range", "chunked", "not found", "packed", "zipped",
	"methods", "echo", "mirror", "upload", "expect", "keep-alive",
}

// TestClientThroughHAProxy runs checks of the client with HAProxy in front of the origin, which it asks over connections
// of its own.
func TestClientThroughHAProxy(t *testing.T) {
	t.Parallel()
	for _, k := range peers.Kinds() {
		if k.Name == "python-1.0" || k.Name == "python-module" || k.Name == "apache" && !thorough() {
			continue
		}
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			p := peers.HAProxy(t, k.Start(t))
			for _, c := range clientChecks {
				for _, name := range throughHAProxy {
					if c.name == name && p.Has(c.need) {
						t.Run(name, func(t *testing.T) { c.run(t, p, p.URL(c.path)) })
					}
				}
			}
			t.Run("get over TLS", func(t *testing.T) { clientFiles(t, p, p.TLSURL("/")) })
			if p.Has(peers.Trailers) {
				t.Run("trailers", func(t *testing.T) { trailersThroughHAProxy(t, p) })
			}
		})
	}
}

// trailersThroughHAProxy has trailer sections, whose names HAProxy writes in lower case.
func trailersThroughHAProxy(t *testing.T, p *peers.Peer) {
	s := open(t, p, p.URL(peers.PathTrailers))
	for _, name := range []string{"f-1", "f-65536", "f-1048576"} {
		resp := readings[0].fetch(t, s, s.target+name, peers.Lookup(t, name))
		equal(t, "trailer", p.Name, resp.Trailers().GetString("x-peer"))
	}
	equal(t, "connections", 1, s.dials)
}
