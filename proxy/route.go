package proxy

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// Route is the way to an origin. The zero Route is the direct one.
type Route struct {
	// Dialer opens connections; nil is the dialer that the user of the Route has for direct ones. Without
	// AbsoluteForm it is given the origin's address, and what it returns reaches the origin, through whatever is
	// between. With AbsoluteForm it is given Proxy.
	Dialer transport.Dialer
	// Proxy is host:port of the proxy that is next to the origin. A Route without one is direct.
	Proxy string
	// AbsoluteForm tells that requests go to Proxy itself, which forwards them, with the request-target in
	// absolute-form (RFC 9112 section 3.2.2). It is for origins of the scheme http.
	AbsoluteForm bool
	// Fields go with each request in absolute-form: they are for the proxy, which takes those off that RFC 9110
	// section 7.6.1 calls hop-by-hop. One of a name that the request has already is left out. Without AbsoluteForm
	// none is sent.
	Fields *headers.Fields
	// Auth gives the credentials for requests in absolute-form. Without AbsoluteForm it is not asked.
	Auth Auth
}

// Direct reports whether no proxy stands between.
func (r *Route) Direct() bool { return r.Proxy == "" }

// Rule chooses the Route to an origin. scheme is "http" or "https" in lower case, address host:port with the host as it
// is dialled: a zone may follow an IPv6 address.
type Rule func(scheme, address string) (Route, error)

// Server is a proxy server and how to use it. It is a [transport.Dialer], which reaches any address through
// the proxy, and its method [Server.Route] is a [Rule]. Proxies are chained by giving one as the Dialer of another.
type Server struct {
	// URL says where it is. Its Userinfo is for Basic, where Auth is not set, and for SOCKS.
	URL URL
	// Dialer reaches the proxy; nil is [transport.TCP].
	Dialer transport.Dialer
	// TLS is for a proxy of the scheme https; nil is what the zero [transport.TLS] does.
	TLS *tls.Config
	// Auth answers the challenges of an HTTP proxy; nil is [Basic] with the URL's Userinfo, if that is set.
	Auth Auth
	// Fields are sent to an HTTP proxy alone, in CONNECT and with requests in absolute-form.
	Fields *headers.Fields
	// Reply is called with each final response to CONNECT; see [Connect].
	Reply func(*conn.Head)
	// Resolver finds addresses for a proxy of the scheme socks5; nil is [net.DefaultResolver].
	Resolver Resolver
	// Limits bound what an HTTP proxy can send in reply to CONNECT, and Lenient admits deviations in it.
	Limits  wire.Limits
	Lenient wire.Lenient
	// Timeout is for each request to the proxy; see [Connect] and [SOCKS5].
	Timeout time.Duration
}

var errNoProxy = errors.New("proxy: there is no proxy in the URL")

// DialContext opens a connection to address through the proxy, by CONNECT or SOCKS 5. Errors are those of [Connect]
// and [SOCKS5].
func (s Server) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	switch s.URL.Scheme {
	case HTTPScheme, HTTPSScheme:
		return Connect{
			Proxy: s.URL.Address, Dialer: s.first(), Fields: s.Fields, Auth: s.auth(), Reply: s.Reply,
			Limits: s.Limits, Lenient: s.Lenient, Timeout: s.Timeout,
		}.DialContext(ctx, network, address)
	case SOCKS5Scheme, SOCKS5HScheme:
		return SOCKS5{
			Proxy: s.URL.Address, Dialer: s.Dialer, Userinfo: s.URL.Userinfo, Resolver: s.resolver(), Timeout: s.Timeout,
		}.DialContext(ctx, network, address)
	}
	return nil, errNoProxy
}

// first returns the dialer that reaches the proxy itself.
func (s Server) first() transport.Dialer {
	if s.URL.Scheme == HTTPSScheme {
		return transport.TLS{Dialer: s.Dialer, Config: s.TLS}
	}
	return s.Dialer
}

func (s Server) auth() Auth {
	if s.Auth == nil && s.URL.Userinfo.IsSet() {
		return Basic(s.URL.Userinfo)
	}
	return s.Auth
}

func (s Server) resolver() Resolver {
	switch {
	case s.URL.Scheme == SOCKS5HScheme:
		return nil
	case s.Resolver != nil:
		return s.Resolver
	}
	return net.DefaultResolver
}

// Route returns the way through the proxy: for origins of the scheme http through an HTTP proxy that is absolute-form,
// for others a tunnel, and through a SOCKS proxy a connection. It is a [Rule]. A Server without a URL
// returns the direct Route, by its Dialer.
func (s Server) Route(scheme, address string) (Route, error) {
	switch {
	case s.URL.IsZero():
		return Route{Dialer: s.Dialer}, nil
	case defaultPorts[s.URL.Scheme] == 0:
		return Route{}, fmt.Errorf("proxy: unknown scheme %q", s.URL.Scheme)
	case scheme == "http" && (s.URL.Scheme == HTTPScheme || s.URL.Scheme == HTTPSScheme):
		first := s.first()
		if first == nil {
			first = transport.TCP{}
		}
		return Route{Dialer: first, Proxy: s.URL.Address, AbsoluteForm: true, Fields: s.Fields, Auth: s.auth()}, nil
	}
	return Route{Dialer: s, Proxy: s.URL.Address}, nil
}
