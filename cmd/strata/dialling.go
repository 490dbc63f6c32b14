package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// dialling is what the flags say about the way to the server.
type dialling struct {
	proxies     secrets // as typed; the nearest first
	proxyFields secrets // lines, as typed
	proxyCA     once
	noProxy     once
	connectTo   connectToFlag
	resolve     resolveFlag
	source      once
	unixSocket  once

	proxyInsecure, proxyDigest bool
}

func (d *dialling) addFlags(f *pflag.FlagSet) {
	d.proxies.name, d.proxyFields.name = "URL", "'NAME: VALUE'"
	d.proxyCA.name, d.noProxy.name, d.source.name, d.unixSocket.name = "FILE", "LIST", "NAME", "PATH"
	f.Var(&d.proxies, "proxy", "go through this proxy, such as http://HOST:PORT, or '' for none (see 'strata help proxy'); can be given "+
		"more than once")
	f.Var(&d.noProxy, "noproxy", "go directly to these hosts: names, addresses, prefixes, with commas between, or *")
	f.Var(&d.proxyFields, "proxy-header", "send a field to the proxy alone; can be given more than once")
	f.BoolVar(&d.proxyDigest, "proxy-digest", false, "never give the proxy the password itself: wait until it asks, and answer by Digest")
	f.Var(&d.proxyCA, "proxy-cacert", "trust the certificates in this PEM file for a proxy of the scheme https")
	f.BoolVar(&d.proxyInsecure, "proxy-insecure", false, "do not verify the certificate of such a proxy")
	f.Var(&d.connectTo, "connect-to", "with HOST:PORT:HOST:PORT, connect to the second where the URL has the first; an empty part of FROM is any, of TO the "+
		"same; can be given more than once")
	f.Var(&d.resolve, "resolve", "take these addresses for a host and port, '*' for any; can be given more than once")
	f.Var(&d.source, "interface", "connect from this network interface or local address")
	f.Var(&d.unixSocket, "unix-socket", "connect to this Unix socket, whatever the URL says; with --proxy, the proxy listens there")
}

// secrets is the value of a flag that may hold a password. It takes everything, as the flag package would quote in its
// message what is refused here; what is wrong is told later, without it.
type secrets struct {
	values []string
	name   string
}

func (s *secrets) String() string { return "" }
func (s *secrets) Type() string   { return s.name }

func (s *secrets) Set(text string) error {
	s.values = append(s.values, text)
	return nil
}

// connectToFlag is the value of --connect-to.
type connectToFlag struct{ targets map[string]string }

func (f *connectToFlag) String() string { return "" }
func (f *connectToFlag) Type() string   { return "FROM:TO" }

func (f *connectToFlag) Set(text string) error {
	from, to, err := transport.ParseConnectTo(text)
	if err != nil {
		return errors.New("it is HOST:PORT:HOST:PORT; an IPv6 address stands in brackets")
	}
	if f.targets == nil {
		f.targets = map[string]string{}
	}
	f.targets[from] = to
	return nil
}

// applies reports whether another address is dialled for this one.
func (f *connectToFlag) applies(address string) bool {
	dialled := ""
	transport.ConnectTo{Targets: f.targets, Dialer: transport.DialerFunc(func(_ context.Context, _, to string) (net.Conn, error) {
		dialled = to
		return nil, net.ErrClosed
	})}.DialContext(context.Background(), "tcp", address)
	return len(f.targets) > 0 && dialled != address
}

// resolveFlag is the value of --resolve.
type resolveFlag struct{ hosts map[string][]string }

func (f *resolveFlag) String() string { return "" }
func (f *resolveFlag) Type() string   { return "HOST:PORT:IP,..." }

func (f *resolveFlag) Set(text string) error {
	hostPort, addresses, err := transport.ParseResolve(text)
	if err != nil || len(addresses) == 0 {
		return errors.New("it is HOST:PORT:ADDRESS, with more addresses behind commas; the addresses are IP addresses")
	}
	if f.hosts == nil {
		f.hosts = map[string][]string{}
	}
	f.hosts[hostPort] = addresses
	return nil
}

// way is how the server is reached.
type way struct {
	base  transport.Dialer // opens what is not dialled through a proxy
	rule  proxy.Rule
	hosts []string    // of proxies, for what is told of their TLS
	auth  *proxyLogin // nil where there are no user and password
	route proxy.Route // what rule has chosen
	url   proxy.URL   // of the proxy that is next to the server

	insecure bool // the certificates of proxies are not verified
}

// way puts the dialers together. Nothing is dialled yet.
func (d *dialling) way(lenient wire.Lenient) (*way, error) {
	w := &way{insecure: d.proxyInsecure}
	var err error
	if w.base, err = d.base(); err != nil {
		return nil, err
	}
	settings, chain, err := d.settings()
	if err != nil {
		return nil, err
	}
	via, err := d.server()
	if err != nil {
		return nil, err
	}
	via.Dialer, via.Lenient = w.base, lenient
	for _, u := range chain {
		w.hosts = append(w.hosts, hostOf(u.Address))
		before := via
		before.URL, before.Fields, before.Auth = u, nil, newLogin(u.Userinfo, d.proxyDigest).auth()
		via.Dialer = before
	}
	w.rule = func(scheme, address string) (proxy.Route, error) {
		return w.choose(d, settings, via, scheme, address)
	}
	return w, nil
}

// choose is the rule, which notes what it has chosen.
func (w *way) choose(d *dialling, settings proxy.Settings, via proxy.Server, scheme, address string) (proxy.Route, error) {
	w.url = settings.HTTP
	if scheme == "https" {
		w.url = settings.HTTPS
	}
	if d.connectTo.applies(address) {
		// A proxy that forwards would connect to what the request names: it takes a tunnel to reach another one.
		settings.HTTPS, scheme = w.url, "https"
	}
	w.auth = newLogin(w.url.Userinfo, d.proxyDigest)
	via.Auth = w.auth.auth()
	if via.Fields.Has("Proxy-Authorization") {
		w.auth, via.Auth = nil, func(context.Context, *proxy.AuthRequest) (string, error) { return "", nil }
	}
	route, err := settings.Rule(via)(scheme, address)
	if err != nil {
		return route, err
	}
	if route.Direct() {
		w.url, route.Dialer = proxy.URL{}, w.base
	} else {
		w.hosts = append(w.hosts, hostOf(route.Proxy))
	}
	if !route.AbsoluteForm {
		if w.url.Scheme == proxy.SOCKS5Scheme && len(d.resolve.hosts) > 0 {
			route.Dialer = transport.Resolve{Dialer: route.Dialer, Hosts: d.resolve.hosts} // names are resolved here
		}
		if len(d.connectTo.targets) > 0 {
			route.Dialer = transport.ConnectTo{Dialer: route.Dialer, Targets: d.connectTo.targets}
		}
	}
	w.route = route
	return route, nil
}

func hostOf(address string) string {
	host, _, _ := net.SplitHostPort(address)
	return host
}

var errUnixAnd = errors.New("--unix-socket leaves nothing to --interface and --resolve")

// base returns what opens the first connection, to the server or to a proxy.
func (d *dialling) base() (transport.Dialer, error) {
	if d.unixSocket.given {
		if d.source.given || len(d.resolve.hosts) > 0 {
			return nil, errUnixAnd
		}
		if d.unixSocket.value == "" {
			return nil, errors.New("--unix-socket needs a path")
		}
		return transport.Unix{Path: d.unixSocket.value}, nil
	}
	var base transport.Dialer = transport.TCP{}
	if d.source.given {
		local, err := localAddresses(d.source.value)
		if err != nil {
			return nil, err
		}
		base = transport.SourceAddress{Local: local}
	}
	if len(d.resolve.hosts) > 0 {
		base = transport.Resolve{Dialer: base, Hosts: d.resolve.hosts}
	}
	return base, nil
}

// localAddresses returns what --interface names: an address, or those of an interface.
func localAddresses(name string) ([]netip.Addr, error) {
	if ip, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{ip}, nil
	}
	local, err := transport.InterfaceAddrs(name)
	if err != nil {
		return nil, fmt.Errorf("--interface: %q is neither an address nor an interface with one: %w", name, err)
	}
	return local, nil
}

var errNoneAnd = errors.New("--proxy '' is for no proxy, and cannot be given with another")

// settings returns which proxy is for which scheme, and those on the way to it.
func (d *dialling) settings() (s proxy.Settings, chain []proxy.URL, err error) {
	switch {
	case len(d.proxies.values) > 0:
		s.Loopback = true // who names a proxy means it for every server
		for _, text := range d.proxies.values {
			u, err := proxy.ParseURL(text)
			if err != nil {
				return s, nil, fmt.Errorf("--proxy: %w", err)
			}
			chain = append(chain, u)
		}
		if len(chain) > 1 && slices.ContainsFunc(chain, proxy.URL.IsZero) {
			return s, nil, errNoneAnd
		}
		last := len(chain) - 1
		s.HTTP, s.HTTPS, chain = chain[last], chain[last], chain[:last]
	case !d.unixSocket.given: // who names a socket means that, not the way to the Internet
		if s, err = proxy.FromEnvironment(); err != nil {
			return s, nil, fmt.Errorf("%w; --proxy '' goes without", err)
		}
	}
	if d.noProxy.given {
		s.NoProxy = d.noProxy.value
	}
	return s, chain, nil
}

// server returns how a proxy is used.
func (d *dialling) server() (proxy.Server, error) {
	via := proxy.Server{Fields: new(headers.Fields)}
	for _, line := range d.proxyFields.values {
		name, value, ok := strings.Cut(line, ":")
		value = strings.Trim(value, " \t")
		if err := wire.CheckField(name, value); err != nil || !ok {
			return via, errors.New("--proxy-header: a field is given as 'Name: value', of octets that can be sent")
		}
		if slices.ContainsFunc([]string{"Host", "Content-Length", "Transfer-Encoding"}, func(s string) bool { return wire.EqualFold(s, name) }) {
			return via, fmt.Errorf("--proxy-header: %s is no field for the proxy alone", name)
		}
		via.Fields.Add(name, value)
	}
	via.TLS = &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, InsecureSkipVerify: d.proxyInsecure}
	if d.proxyCA.given {
		pem, err := os.ReadFile(d.proxyCA.value)
		if err != nil {
			return via, fileError(err)
		}
		via.TLS.RootCAs = x509.NewCertPool()
		if !via.TLS.RootCAs.AppendCertsFromPEM(pem) {
			return via, fileError(fmt.Errorf("--proxy-cacert: there is no certificate in %q", d.proxyCA.value))
		}
	}
	return via, nil
}
