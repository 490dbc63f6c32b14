package httpclient

import (
	"context"
	"net"

	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
)

// hooks are asked before something is done.
type hooks struct {
	connect func(ctx context.Context, host string, port int) error
	send    func(octets []byte) error
}

// WithConnectHook calls f before each dial with the host and port that will be dialled: the audit event
// http.client.connect. When f returns an error nothing is dialled, and the call that would have dialled
// returns it.
func WithConnectHook(f func(ctx context.Context, host string, port int) error) Option {
	return func(c *Conn) { c.hooks.connect = f }
}

// WithSendHook calls f with all octets before they are written, the plain ones above TLS, and those to a
// proxy: the audit event http.client.send. When f returns an error they are not written, the exchange ends with
// it, and the connection is closed. With a hook, files pass through memory. f may be called by another goroutine than the
// one that sends, never by two at once. The credentials in a Proxy-Authorization field are shown to it as asterisks.
func WithSendHook(f func(octets []byte) error) Option {
	return func(c *Conn) { c.hooks.send = f }
}

func (h *hooks) beforeConnect(ctx context.Context, dialled func() (host string, port int)) error {
	if h.connect == nil {
		return nil
	}
	host, port := dialled()
	return h.connect(ctx, host, port)
}

// observed is a connection on which octets are shown to somebody as they pass.
type observed struct {
	net.Conn
	before  func([]byte) error // asked before a write
	out, in func([]byte)       // told what was written, and read
	masked  []byte             // what they are shown of what is written next
}

// head says that a request's head is written next, which may have credentials for a proxy.
func (o *observed) head(octets []byte) {
	if o == nil {
		return
	}
	o.masked = nil
	if masked := proxy.Redact(octets); len(masked) > 0 && &masked[0] != &octets[0] {
		o.masked = masked
	}
}

// shown returns what of p may be shown.
func (o *observed) shown(p []byte) []byte {
	if len(o.masked) == 0 {
		return p
	}
	n := min(len(p), len(o.masked))
	return append(o.masked[:n:n], p[n:]...)
}

// observe wraps nc where somebody wants to see its octets; where nobody does, nothing stands between.
func (c *Conn) observe(nc net.Conn) net.Conn {
	o := &observed{Conn: nc, before: c.hooks.send}
	if c.trace != nil {
		o.out, o.in = c.trace.BytesOut, c.trace.BytesIn
	}
	if o.before == nil && o.out == nil && o.in == nil {
		return nc
	}
	return o
}

// unwrap returns the connection without what observe put around it.
func unwrap(nc net.Conn) net.Conn {
	if o, ok := nc.(*observed); ok {
		return o.Conn
	}
	return nc
}

func (o *observed) Write(p []byte) (int, error) {
	shown := o.shown(p)
	if o.before != nil {
		if err := o.before(shown); err != nil {
			return 0, &driver.CallerError{Err: err}
		}
	}
	n, err := o.Conn.Write(p)
	if o.out != nil && n > 0 {
		o.out(shown[:n])
	}
	o.masked = o.masked[min(n, len(o.masked)):]
	return n, err
}

func (o *observed) Read(p []byte) (int, error) {
	n, err := o.Conn.Read(p)
	if o.in != nil && n > 0 {
		o.in(p[:n])
	}
	return n, err
}

// NetConn returns the connection below.
func (o *observed) NetConn() net.Conn { return o.Conn }

// Ready implements transport.ReadyConn.
func (o *observed) Ready() (bool, error) { return transport.Ready(o.Conn) }
