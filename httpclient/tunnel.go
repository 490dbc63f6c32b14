package httpclient

import (
	"context"
	"errors"
	"net"
	"strconv"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// tunnel is the far end of a tunnel through the host that the Conn was made for.
type tunnel struct {
	address
	fields *headers.Fields
	reply  *headers.Fields // of the proxy's last reply
}

// SetTunnel makes the Conn a tunnel: what it was made for is a proxy, which is asked by CONNECT for a
// connection to host. host may have a port, or port may be given, which is else 0; with neither it is 443,
// or 80 for a Conn of [New]. fields, which may be nil, go into the CONNECT request alone, whose Host is made when they have
// none. To the proxy a Conn of [New] and one of [NewTLS] both speak plainly, as http.client does; that of
// NewTLS makes TLS inside the tunnel, and verifies the certificate against host. For a proxy that speaks
// TLS itself, give [WithDialer] a [transport.TLS].
//
// It is to be called before connecting: with a connection it is [ErrImproperState]. A reconnect tunnels
// again. A refusal is a [*proxy.RefusedError], which is no [ErrHTTP]; the connection is then closed. A reply
// that breaks the protocol, and none at all, are the errors that [Conn.Response] has for that.
func (c *Conn) SetTunnel(host string, port int, fields *headers.Fields) error {
	if c.connected || c.step != stepIdle {
		return &protocolError{kind: ErrImproperState, err: errConnected}
	}
	defaultPort := HTTPPort
	if c.secure {
		defaultPort = HTTPSPort
	}
	if c.route.AbsoluteForm {
		return &protocolError{kind: ErrImproperState, err: errForwarded}
	}
	a, err := parseHostPort(host, port, defaultPort)
	if err != nil {
		return err
	}
	for name, value := range fields.All() {
		if err := wire.CheckField(name, value); err != nil {
			return sendError(err)
		}
	}
	c.tunnel = &tunnel{address: a, fields: fields.Clone()}
	return nil
}

var (
	errConnected = errors.New("a tunnel is to be set before connecting")
	errForwarded = errors.New("the requests of this Conn are forwarded by a proxy; a route without absolute-form reaches the proxy to tunnel through")
)

// ProxyFields returns the header section of the proxy's reply to CONNECT, that of a refusal too, and nil
// before one was read. Behind [WithProxy] and its like it is that of the proxy next to the origin.
func (c *Conn) ProxyFields() *headers.Fields {
	if c.tunnel == nil {
		return c.route.reply
	}
	return c.tunnel.reply
}

// openTunnel opens a connection to the far end of the tunnel.
func (c *Conn) openTunnel(ctx context.Context) (net.Conn, error) {
	t := c.tunnel
	t.reply = nil
	var seen *observed // what is said to the proxy is shown as well
	through := proxy.Connect{
		Proxy: c.address.dial,
		Dialer: transport.DialerFunc(func(ctx context.Context, _, _ string) (net.Conn, error) {
			nc, err := c.openRaw(ctx)
			if err != nil {
				return nil, err
			}
			nc = c.observe(nc)
			seen, _ = nc.(*observed)
			return nc, nil
		}),
		Fields: t.fields,
		Reply: func(h *conn.Head) {
			t.reply = h.Fields.Clone()
			if c.trace != nil && c.trace.ProxyHead != nil {
				c.trace.ProxyHead(h.Raw)
			}
		},
		Limits: c.config.Limits, Lenient: c.config.Lenient, Timeout: c.timeouts.FirstByte,
	}
	// The authority of CONNECT always has its port (RFC 9110 section 9.3.6), and no zone.
	authority := net.JoinHostPort(bareHost(t.host), strconv.Itoa(t.port))
	ctx = proxy.WithTrace(ctx, &proxy.Trace{Request: func(_ string, head []byte) error {
		seen.head(head)
		if seen != nil && c.trace != nil && c.trace.ProxyRequestHead != nil {
			c.trace.ProxyRequestHead(head)
		}
		return nil
	}})
	nc, err := through.DialContext(ctx, "tcp", authority)
	if err != nil {
		return nil, c.proxyError(c.address.dial, err)
	}
	if seen != nil {
		// What follows is shown above TLS.
		seen.before, seen.out, seen.in = nil, nil, nil
	}
	if nc = unwrap(nc); c.secure {
		return c.openTLS(ctx, nc, t.host)
	}
	return speakFirst(nc, nil)
}

// proxyError tells what an error met on asking the proxy at address for a connection means to a caller.
func (c *Conn) proxyError(address string, err error) error {
	var (
		own    *driver.CallerError
		late   *TimeoutError
		reply  *proxy.ReplyError
		syntax *wire.SyntaxError
	)
	switch err.(type) {
	case *transport.DialError, *transport.TLSError, *proxy.RefusedError, *proxy.SOCKSError, *proxy.AuthError:
		return err
	}
	switch {
	case errors.As(err, &own):
		return own.Err
	case errors.As(err, &late):
		return &TimeoutError{Phase: driver.PhaseFirstByte}
	case errors.As(err, &reply):
		if !errors.As(err, &syntax) {
			return reply // of a SOCKS proxy
		}
		address, err = reply.Proxy, c.receiveError(reply.Err, true)
		if bad, ok := err.(*BadStatusLineError); ok {
			bad.Line = reply.Line
		}
	case errors.As(err, &syntax):
		return sendError(err)
	default:
		err = c.receiveError(err, false)
	}
	return &ProxyError{Proxy: address, Err: err}
}
