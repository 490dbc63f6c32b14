package httpclient

import (
	"context"
	"errors"
	"net"
	"strconv"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// WithProxy reaches the origin through the proxy at url: http or https, socks5 (names are resolved on this machine) or
// socks5h (by the proxy), "://", user and password with "@" where it wants them, host and port (see [proxy.ParseURL]).
// Through an HTTP proxy a Conn of [New] sends its requests in absolute-form (RFC 9112 section 3.2.2), one of [NewTLS]
// makes TLS inside a tunnel by CONNECT. The proxy itself is dialled by what [WithDialer] says.
//
// User and password go by Basic, or SOCKS, to the proxy alone. They stand in no error, and what [WithTrace],
// [WithDebug], [WithLogger] and [WithSendHook] are told has asterisks in their place. Errors of url are those of
// [New]. For another authentication, another proxy's certificate or fields for the proxy take [WithRouteRule].
//
// The errors of a tunnel are those of [Conn.SetTunnel]; a SOCKS proxy's refusal is a [*proxy.SOCKSError]. A 407 to a
// request in absolute-form is a response like any other.
func WithProxy(url string) Option {
	return func(c *Conn) {
		c.routing = func() (proxy.Rule, error) {
			u, err := proxy.ParseURL(url)
			if err != nil {
				return nil, err
			}
			via := c.proxyServer()
			via.URL = u
			return via.Route, nil
		}
	}
}

// WithProxyFromEnvironment reaches the origin as http_proxy, https_proxy and no_proxy say, in lower or upper case, which
// are read by New and NewTLS (see [proxy.FromEnvironment], also for CGI scripts). It is otherwise as [WithProxy].
func WithProxyFromEnvironment() Option {
	return func(c *Conn) {
		c.routing = func() (proxy.Rule, error) {
			settings, err := proxy.FromEnvironment()
			return settings.Rule(c.proxyServer()), err
		}
	}
}

// WithRoute reaches the origin by r. A Route in absolute-form is for a Conn of [New]: with [NewTLS] it is
// [ErrInvalidURL].
//
// When a response is a 407 (Proxy Authentication Required), its challenges are given to r.Auth for the next request. A
// Conn sends no request twice; to answer them, the caller sends it again.
func WithRoute(r proxy.Route) Option {
	return WithRouteRule(func(string, string) (proxy.Route, error) { return r, nil })
}

// WithRouteRule reaches the origin by what rule chooses, once, when the Conn is made: the Route method of a
// [proxy.Server], say. A Route without a Dialer is dialled by what [WithDialer] says. It is otherwise as [WithRoute].
func WithRouteRule(rule proxy.Rule) Option {
	return func(c *Conn) { c.routing = func() (proxy.Rule, error) { return rule, nil } }
}

// proxyServer returns how c uses a proxy.
func (c *Conn) proxyServer() proxy.Server {
	return proxy.Server{
		Dialer: c.dialer, Limits: c.config.Limits, Lenient: c.config.Lenient, Timeout: c.timeouts.FirstByte,
	}
}

// route is the way to the origin.
type route struct {
	proxy.Route
	reply      *headers.Fields   // of the proxy's last reply to CONNECT
	challenges []proxy.Challenge // of the last 407
	sent       string            // credentials with the last request in absolute-form
	refused    string            // those that challenges answer
}

// chooseRoute asks the rule that the options have set.
func (c *Conn) chooseRoute() error {
	if c.routing == nil {
		return nil
	}
	rule, err := c.routing()
	if err != nil {
		return &protocolError{kind: ErrInvalidURL, err: err}
	}
	scheme := "http"
	if c.secure {
		scheme = "https"
	}
	if c.route.Route, err = rule(scheme, c.address.dial); err != nil {
		return &protocolError{kind: ErrInvalidURL, err: err}
	}
	if c.route.AbsoluteForm && c.secure {
		return invalid("a route in absolute-form is for origins of the scheme http")
	}
	for name, value := range c.route.Fields.All() {
		if err := wire.CheckField(name, value); err != nil {
			return sendError(err)
		}
	}
	return nil
}

// way returns what opens connections, and the address that it is given.
func (c *Conn) way() (transport.Dialer, string) {
	d, address := c.route.Dialer, c.address.dial
	if d == nil {
		d = c.dialer
	}
	if c.route.AbsoluteForm {
		address = c.route.Proxy
	}
	return d, address
}

// dialled returns the host and port that is dialled first.
func (c *Conn) dialled() (host string, port int) {
	if c.route.Proxy != "" {
		if host, digits, err := net.SplitHostPort(c.route.Proxy); err == nil {
			port, _ := strconv.Atoi(digits)
			return host, port
		}
	}
	return c.host, c.port
}

// traceProxy returns a context in which what is said to proxies is told.
func (c *Conn) traceProxy(ctx context.Context) context.Context {
	c.route.reply = nil
	if c.route.Direct() && c.trace == nil && c.hooks.send == nil {
		return ctx // and yet a dialer that was given may have a proxy
	}
	return proxy.WithTrace(ctx, &proxy.Trace{
		Request: func(_ string, head []byte) error {
			if c.hooks.send != nil {
				if err := c.hooks.send(head); err != nil {
					return err
				}
			}
			if c.trace != nil && c.trace.BytesOut != nil {
				c.trace.BytesOut(head)
			}
			if c.trace != nil && c.trace.ProxyRequestHead != nil {
				c.trace.ProxyRequestHead(head)
			}
			return nil
		},
		Reply: func(_ string, h *conn.Head) {
			c.route.reply = h.Fields.Clone()
			if c.trace != nil && c.trace.BytesIn != nil {
				c.trace.BytesIn(h.Raw)
			}
			if c.trace != nil && c.trace.ProxyHead != nil {
				c.trace.ProxyHead(h.Raw)
			}
		},
	})
}

// sentTarget returns the request-target as it is sent: to a proxy that forwards, in absolute-form. Of a request about
// the server as a whole, that has no path (RFC 9112 section 3.2.4).
func (c *Conn) sentTarget(method, target string) string {
	switch {
	case !c.route.AbsoluteForm || method == "CONNECT":
		return target
	case target == "*":
		target = ""
	case target == "":
		target = "/"
	case target[0] != '/':
		return target
	}
	return "http://" + string(c.field) + target
}

const proxyAuthorization = "Proxy-Authorization"

var errForProxy = errors.New(proxyAuthorization + " is for the proxy, and would pass through the tunnel to the origin; " +
	"give it to SetTunnel, or credentials with the proxy")

// checkTunnelled refuses a field for the proxy in a request that no proxy reads. A request in absolute-form is for a
// proxy behind the tunnel.
func (c *Conn) checkTunnelled(target, name string) error {
	tunnelled := c.tunnel != nil || !c.route.Direct() && !c.route.AbsoluteForm
	if !tunnelled || !wire.EqualFold(name, proxyAuthorization) || target != "" && target[0] != '/' && target[0] != '*' {
		return nil
	}
	return &protocolError{kind: errNotSent, err: errForProxy}
}

// composeProxy adds the fields for a proxy that forwards, behind all others, unless there are such already.
func (c *Conn) composeProxy(ctx context.Context, method, target string) error {
	if !c.route.AbsoluteForm {
		if c.tunnel == nil && c.route.Direct() || !c.out.Has(proxyAuthorization) {
			return nil
		}
		return c.checkTunnelled(target, proxyAuthorization)
	}
	c.route.sent = ""
	others := c.out.Len()
	for name, value := range c.route.Fields.All() {
		if !c.isAmong(others, name) {
			c.out.AddBytes(name, value)
		}
	}
	if c.route.Auth == nil || c.isAmong(others, []byte(proxyAuthorization)) {
		return nil
	}
	credentials, err := c.route.Auth(ctx, &proxy.AuthRequest{
		Proxy: c.route.Proxy, Method: method, Target: c.sentTarget(method, target),
		Challenges: c.route.challenges, Refused: c.route.refused,
	})
	if err == nil && !wire.IsFieldValue(credentials) {
		err = errCredentials
	}
	if err != nil {
		return &proxy.AuthError{Proxy: c.route.Proxy, Err: err}
	}
	if credentials != "" {
		c.out.Set(proxyAuthorization, credentials)
		c.route.sent = credentials
	}
	return nil
}

// isAmong reports whether one of the first n fields of the request has that name.
func (c *Conn) isAmong(n int, name []byte) bool {
	for i := range n {
		if there, _ := c.out.At(i); wire.EqualFold(there, name) {
			return true
		}
	}
	return false
}

var errCredentials = errors.New("an octet in them cannot be sent in a field (RFC 9110 section 5.5)")

// keepChallenges remembers what a 407 of a proxy that forwards asks for.
func (c *Conn) keepChallenges(h *conn.Head) {
	if !c.route.AbsoluteForm {
		return
	}
	c.route.refused = ""
	if h.Status != 407 {
		return
	}
	c.route.refused, c.route.challenges = c.route.sent, nil
	for value := range h.Fields.Values("Proxy-Authenticate") {
		some, _ := proxy.ParseChallenges(string(value))
		c.route.challenges = append(c.route.challenges, some...)
	}
}

// routeError tells what an error met on dialling by a route means to a caller.
func (c *Conn) routeError(address string, err error) error {
	if c.route.Direct() {
		return asDialError(address, err)
	}
	return c.proxyError(c.route.Proxy, err)
}

// ProxyError is the error when a proxy does something else on being asked for a tunnel than to give or to refuse it: it
// breaks the protocol, says nothing, or is cut off. A refusal is a [*proxy.RefusedError] or a [*proxy.SOCKSError]; what a
// SOCKS proxy does wrong is a [*proxy.ReplyError].
type ProxyError struct {
	Proxy string // host:port of the proxy
	Err   error  // what it would be of a server
}

// Error names the proxy and the cause.
func (e *ProxyError) Error() string { return "proxy " + e.Proxy + ": " + e.Err.Error() }

// Unwrap returns Err.
func (e *ProxyError) Unwrap() error { return e.Err }
