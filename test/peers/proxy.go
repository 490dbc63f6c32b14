package peers

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"testing"
)

// Proxy is a running proxy server. It is stopped when the test that started it ends.
type Proxy struct {
	// Name is that of the [ProxyKind].
	Name string
	// Schemes are those of the URLs at which it is reached: "http", "https", "socks5", "socks5h".
	Schemes []string
	// User and Password are what it wants, empty where it takes everybody.
	User, Password string
	// Challenge is what it asks for them by: "Basic", "Digest", "SOCKS", or nothing.
	Challenge string
	// RootCAs and CAFile (PEM) hold the authority that signed its certificate, as those of a [Peer] do.
	RootCAs *x509.CertPool
	CAFile  string

	peer *Peer
}

// ProxyAt returns a proxy that the caller has started at addr and ends, which takes everybody.
func ProxyAt(t testing.TB, name, addr string, schemes ...string) *Proxy {
	t.Helper()
	c := common(t).certs
	return &Proxy{Name: name, Schemes: schemes, RootCAs: c.pool, CAFile: c.caFile, peer: &Peer{HTTPAddr: addr, HTTPSAddr: addr}}
}

// Addr returns host:port at which the proxy speaks the protocol of a scheme among Schemes.
func (p *Proxy) Addr(scheme string) string {
	if scheme == "https" {
		return p.peer.HTTPSAddr
	}
	return p.peer.HTTPAddr
}

// URL returns the proxy's URL, with user and password where it wants them.
func (p *Proxy) URL(scheme string) string { return p.URLFor(scheme, p.User, p.Password) }

// URLFor is URL with another user and password, or, when user is empty, without.
func (p *Proxy) URLFor(scheme, user, password string) string {
	u := url.URL{Scheme: scheme, Host: p.Addr(scheme)}
	if user != "" {
		u.User = url.UserPassword(user, password)
	}
	return u.String()
}

// Log returns what the proxy has written so far.
func (p *Proxy) Log() string { return p.peer.Log() }

// ProxyKind is one sort of proxy, with or without something in front of it.
type ProxyKind struct {
	// Name is "squid", "tinyproxy", "haproxy", "stunnel" or "microsocks".
	Name string
	// Start starts one.
	Start func(t testing.TB, options ...Option) *Proxy
}

// ProxyKinds returns every sort of proxy that the harness knows, whether it is installed or not.
//
// "haproxy" is HAProxy in front of tinyproxy: with [Login] in HTTP mode, and it is HAProxy that asks for the password;
// without, in TCP mode, with TLS. "stunnel" is stunnel, which speaks TLS, in front of tinyproxy.
func ProxyKinds() []ProxyKind {
	return []ProxyKind{
		{"squid", Squid},
		{"tinyproxy", Tinyproxy},
		{"haproxy", func(t testing.TB, options ...Option) *Proxy { return HAProxyFront(t, Tinyproxy(t), options...) }},
		{"stunnel", func(t testing.TB, options ...Option) *Proxy { return Stunnel(t, Tinyproxy(t, options...)) }},
		{"microsocks", Microsocks},
	}
}

// EachProxy runs f as a subtest against a fresh proxy of every kind.
func EachProxy(t *testing.T, f func(t *testing.T, p *Proxy), options ...Option) {
	t.Helper()
	for _, k := range ProxyKinds() {
		t.Run(k.Name, func(t *testing.T) { f(t, k.Start(t, options...)) })
	}
}

// Login has a proxy, and HAProxy in front of an origin, ask for a user name and a password, of letters and digits.
// HTTP proxies ask by Basic.
func Login(user, password string) Option {
	return func(s *settings) { s.Name, s.Password = user, password }
}

// DigestLogin is [Login] by Digest (RFC 7616), which only Squid knows.
func DigestLogin(user, password string) Option {
	return func(s *settings) { s.Name, s.Password, s.Digest = user, password, true }
}

// Realm is that of every challenge (RFC 9110 section 11.5).
const Realm = "peers"

// launchProxy is launch for a proxy.
func launchProxy(t testing.TB, s settings, pl plan, challenge string, schemes ...string) *Proxy {
	t.Helper()
	peer := launch(t, s, pl)
	p := &Proxy{Name: pl.name, Schemes: schemes, RootCAs: peer.RootCAs, CAFile: peer.CAFile, peer: peer}
	if s.Name != "" {
		p.User, p.Password, p.Challenge = s.Name, s.Password, challenge
	}
	return p
}

// behind returns the address at which a proxy is reached by another that stands in front of it.
func (p *Proxy) behind() string { return p.Addr("http") }

// bothListen is ready for a proxy on two ports, firstListens for one on its HTTPAddr and secondListens on its HTTPSAddr.
var (
	bothListen    = listening(func(p *Peer) []string { return []string{p.HTTPAddr, p.HTTPSAddr} })
	firstListens  = listening(func(p *Peer) []string { return []string{p.HTTPAddr} })
	secondListens = listening(func(p *Peer) []string { return []string{p.HTTPSAddr} })
)

func unheard(addr string) error { return fmt.Errorf("it does not listen on %s", addr) }
