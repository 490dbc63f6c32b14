package proxy

import (
	"context"
	"net"
	"time"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// Connect dials through an HTTP proxy: each DialContext opens a connection to the proxy and asks it, by
// the CONNECT method, for a tunnel to the address (RFC 9110 section 9.3.6).
type Connect struct {
	// Proxy is host:port of the proxy.
	Proxy string
	// Dialer reaches the proxy; nil is [transport.TCP]. For a proxy that speaks TLS it is a
	// [transport.TLS].
	Dialer transport.Dialer
	// Fields go into the request to the proxy, and nowhere else: User-Agent and the like. When they have no
	// Host, one is added: the address with its port.
	Fields *headers.Fields
	// Auth gives the credentials, where the proxy wants any: [Basic], or a function for any other scheme. A 407 is
	// answered up to two times, on the same connection where the proxy keeps it, else on a new one.
	Auth Auth
	// Reply, when it is set, is called with each final response to CONNECT, refusals included. The head
	// holds for that call. A [Trace] in the context is told the same.
	Reply func(*conn.Head)
	// Limits bound what the proxy can send, and Lenient admits deviations in it.
	Limits  wire.Limits
	Lenient wire.Lenient
	// Timeout is for each request to the proxy, up to the end of its reply's head, 0 for none. The error is
	// [os.ErrDeadlineExceeded] and names the proxy.
	Timeout time.Duration
}

// DialContext opens a tunnel to address, host:port; the zone of an IPv6 address is left out, since it means
// something on this machine only. What the far side sent behind the proxy's reply is the first that the connection
// reads.
//
// Errors are those of Dialer, a [*wire.SyntaxError] for an address or Fields that cannot be sent, [*RefusedError],
// [*ReplyError], [*AuthError], those of the connection, and the context's.
func (p Connect) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	x := &asking{Connect: p, trace: contextTrace(ctx), network: network, address: withoutZone(address)}
	tunnel, err := x.tunnel(ctx)
	if err != nil {
		x.loop.Close()
	}
	return tunnel, err
}
