package proxy

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/status"
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
	// Fields go into the request to the proxy, and nowhere else: Proxy-Authorization and the like. When
	// they have no Host, one is added: the address with its port.
	Fields *headers.Fields
	// Reply, when it is set, is called with the final response to CONNECT, refusals included. The head
	// holds for that call.
	Reply func(*conn.Head)
	// Limits bound what the proxy can send, and Lenient admits deviations in it.
	Limits  wire.Limits
	Lenient wire.Lenient
	// Timeout is for the whole request to the proxy, 0 for none.
	Timeout time.Duration
}

// RefusedError is the error when a proxy answers CONNECT with something other than 2xx. The connection to
// the proxy is closed then.
type RefusedError struct {
	Proxy   string // host:port of the proxy
	Address string // the address asked for
	Status  status.Code
	Reason  string
	Fields  *headers.Fields // of the refusal: Proxy-Authenticate and the like
}

// Error names the proxy, the address and the status.
func (e *RefusedError) Error() string {
	return fmt.Sprintf("proxy %s refused a tunnel to %s: %d %q", e.Proxy, e.Address, int(e.Status), e.Reason)
}

// ReplyError is the error when what a proxy sends in answer to CONNECT is no response, or nothing at all. The
// connection to the proxy is closed then.
type ReplyError struct {
	Proxy string // host:port of the proxy
	Line  string // the first line that it sent, 256 octets at most
	Err   error  // a [*wire.SyntaxError]
}

// Error names the proxy and what is wrong.
func (e *ReplyError) Error() string { return fmt.Sprintf("proxy %s: %v", e.Proxy, e.Err) }

// Unwrap returns Err.
func (e *ReplyError) Unwrap() error { return e.Err }

// DialContext opens a tunnel to address, host:port. What the far side sent behind the proxy's reply is
// the first that the connection reads. Errors are those of Dialer, a [*wire.SyntaxError] for an address or
// Fields that cannot be sent, [*RefusedError], [*ReplyError], those of the connection, and the context's.
func (p Connect) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	machine := conn.New(conn.Client, conn.Config{Limits: p.Limits, Lenient: p.Lenient})
	fields := new(headers.Fields)
	if !p.Fields.Has("Host") {
		fields.Add("Host", address)
	}
	fields.Append(p.Fields)
	var loop driver.Loop
	buf := loop.Out()
	out, err := machine.AppendRequest(buf, "CONNECT", address, fields)
	if err == nil {
		out, err = machine.AppendEnd(out, nil)
	}
	if err != nil {
		loop.Drop(buf)
		return nil, err
	}
	d := p.Dialer
	if d == nil {
		d = transport.TCP{}
	}
	nc, err := d.DialContext(ctx, network, p.Proxy)
	if err != nil {
		loop.Drop(out)
		return nil, err
	}
	loop.Start(nc, machine)
	tunnel, err := p.negotiate(ctx, &loop, out, address)
	if err != nil {
		loop.Close()
	}
	return tunnel, err
}

// negotiate sends the request and reads the reply.
func (p Connect) negotiate(ctx context.Context, loop *driver.Loop, out []byte, address string) (net.Conn, error) {
	defer loop.Drop(out)
	var deadline time.Time
	if p.Timeout > 0 {
		deadline = time.Now().Add(p.Timeout)
	}
	if err := loop.Begin(ctx, deadline); err != nil {
		return nil, err
	}
	if err := loop.Write(out); err != nil {
		return nil, err
	}
	for {
		ev, err := loop.Next()
		if e, ok := err.(*wire.SyntaxError); ok {
			line, _, _ := bytes.Cut(loop.Buffered(), []byte{'\n'})
			return nil, &ReplyError{Proxy: p.Proxy, Line: string(line[:min(len(line), 256)]), Err: e}
		}
		if err != nil {
			return nil, err
		}
		if ev.Kind != conn.ResponseHead {
			continue // an interim response: the machine bounds how many
		}
		if p.Reply != nil {
			p.Reply(ev.Head)
		}
		if ev.Head.Framing.Mode != body.Tunnel {
			return nil, &RefusedError{
				Proxy: p.Proxy, Address: address, Status: status.Code(ev.Head.Status),
				Reason: string(ev.Head.Reason), Fields: ev.Head.Fields.Clone(),
			}
		}
		return loop.Detach(), nil
	}
}
