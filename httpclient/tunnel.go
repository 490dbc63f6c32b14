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

// tunnel is the far end of a tunnel through the host that the Conn was made for.
type tunnel struct {
	address
	fields *headers.Fields
	reply  *headers.Fields // of the proxy's last reply
}

// SetTunnel makes the Conn a tunnel: what it was made for is a proxy, which is asked by CONNECT for a
// connection to host. host may have a port, or port may be given; both absent it is 443, or 80 for a Conn
// of [New]. fields, which may be nil, go into the CONNECT request alone, whose Host is made when they have
// none. To the proxy a Conn of [New] and one of [NewTLS] both speak plainly, as http.client does; that of
// NewTLS makes TLS inside the tunnel, and verifies the certificate against host. For a proxy that speaks
// TLS itself, give [WithDialer] a [transport.TLS].
//
// It is to be called before connecting: with a connection it is [ErrImproperState]. A reconnect tunnels
// again. A refusal is a [*proxy.RefusedError], which is no [ErrHTTP]; the connection is then closed.
func (c *Conn) SetTunnel(host string, port int, fields *headers.Fields) error {
	if c.connected || c.step != stepIdle {
		return &protocolError{kind: ErrImproperState, err: errConnected}
	}
	defaultPort := 80
	if c.secure {
		defaultPort = 443
	}
	a, err := parseAddress(host, defaultPort)
	if err != nil {
		return err
	}
	if port > 0 {
		if port > 65535 {
			return invalid("port %d is above 65535", port)
		}
		a.port = port
		a.dial = net.JoinHostPort(a.host, strconv.Itoa(port))
	}
	for name, value := range fields.All() {
		if err := wire.CheckField(name, value); err != nil {
			return sendError(err)
		}
	}
	a.field = []byte(hostField(a.host, a.port, defaultPort))
	c.tunnel = &tunnel{address: a, fields: fields.Clone()}
	return nil
}

var errConnected = errors.New("a tunnel is to be set before connecting")

// ProxyFields returns the header section of the proxy's reply to CONNECT, that of a refusal too, and nil
// before one was read.
func (c *Conn) ProxyFields() *headers.Fields {
	if c.tunnel == nil {
		return nil
	}
	return c.tunnel.reply
}

// openTunnel opens a connection to the far end of the tunnel.
func (c *Conn) openTunnel(ctx context.Context) (net.Conn, error) {
	t := c.tunnel
	t.reply = nil
	through := proxy.Connect{
		Proxy:  c.address.dial,
		Dialer: transport.DialerFunc(func(ctx context.Context, _, _ string) (net.Conn, error) { return c.openRaw(ctx) }),
		Fields: t.fields,
		Reply:  func(h *conn.Head) { t.reply = h.Fields.Clone() },
		Limits: c.config.Limits, Timeout: c.timeouts.FirstByte,
	}
	// The authority of CONNECT always has its port (RFC 9110 section 9.3.6), and no zone.
	authority := net.JoinHostPort(bareHost(t.host), strconv.Itoa(t.port))
	nc, err := through.DialContext(ctx, "tcp", authority)
	if err != nil || !c.secure {
		return nc, err
	}
	return c.openTLS(ctx, nc, t.host)
}
