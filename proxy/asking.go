package proxy

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

const (
	// maxRequests is how often a proxy is asked for one tunnel: without credentials, with an answer to its challenge,
	// and with one to the next, which Digest has for a stale nonce and other schemes for their second leg.
	maxRequests = 3
	// maxRefusal is how many octets of a refusal's content are read to keep the connection.
	maxRefusal = 64 << 10
	// maxDrain is how long that may take.
	maxDrain = time.Second
)

// asking is one tunnel as it is asked for.
type asking struct {
	Connect
	trace            *Trace
	network, address string

	loop        driver.Loop
	machine     conn.Conn
	connected   bool   // loop has a connection on which another request can be sent
	credentials string // of the request that was last
}

// tunnel asks until there is a tunnel, or nothing more to ask with.
func (x *asking) tunnel(ctx context.Context) (net.Conn, error) {
	credentials, err := x.authorize(ctx, nil)
	if err != nil {
		return nil, err
	}
	for asked := 1; ; asked++ {
		x.credentials = credentials
		tunnel, err := x.ask(ctx)
		var refused *RefusedError
		if err == nil || !errors.As(err, &refused) || refused.Status != status.ProxyAuthenticationRequired || asked == maxRequests {
			return tunnel, err
		}
		if credentials, err = x.authorize(ctx, refused); err != nil {
			return nil, err
		}
		if credentials == "" || credentials == x.credentials {
			return nil, refused
		}
		x.connected = x.drain(ctx)
	}
}

var errCredentials = errors.New("an octet in them cannot be sent in a field (RFC 9110 section 5.5)")

// authorize returns the credentials for the next request. refused is the answer to the one before.
func (x *asking) authorize(ctx context.Context, refused *RefusedError) (string, error) {
	if x.Auth == nil {
		return "", nil
	}
	r := &AuthRequest{Proxy: x.Proxy, Method: "CONNECT", Target: x.address, Refused: x.credentials}
	if refused != nil {
		r.Challenges = refused.Challenges()
	}
	credentials, err := x.Auth(ctx, r)
	if err == nil && !wire.IsFieldValue(credentials) {
		err = errCredentials
	}
	if err != nil {
		return "", &AuthError{Proxy: x.Proxy, Err: err}
	}
	return credentials, nil
}

// ask sends one request and reads the reply. A connection that is used again may be closed by the proxy meanwhile,
// though it did not say so: then the request is sent on a new one, which does no harm since CONNECT left nothing
// behind.
func (x *asking) ask(ctx context.Context) (net.Conn, error) {
	if x.connected {
		tunnel, err := x.askOnce(ctx)
		if err == nil || x.loop.Started() || !isGone(err) {
			return tunnel, err
		}
		x.loop.Close()
		x.connected = false
	}
	return x.askOnce(ctx)
}

// isGone reports whether err says that the peer has closed the connection.
func isGone(err error) bool {
	return errors.Is(err, wire.RuleNoResponse) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) ||
		errors.Is(err, transport.ErrNoCloseNotify) || errors.Is(err, net.ErrClosed)
}

func (x *asking) askOnce(ctx context.Context) (net.Conn, error) {
	if !x.connected {
		x.machine.Reset(conn.Client, conn.Config{Limits: x.Limits, Lenient: x.Lenient})
	}
	out, err := x.head()
	if err != nil {
		return nil, err
	}
	defer x.loop.Drop(out)
	if err := x.dial(ctx); err != nil {
		return nil, err
	}
	x.trace.ask("CONNECT", x.Proxy, x.address)
	if err := x.trace.request(x.Proxy, out); err != nil {
		return nil, &driver.CallerError{Err: err}
	}
	var deadline time.Time
	if x.Timeout > 0 {
		deadline = time.Now().Add(x.Timeout)
	}
	if err := x.loop.Begin(ctx, deadline); err != nil {
		return nil, err
	}
	tunnel, err := net.Conn(nil), x.loop.Write(out)
	if err == nil {
		tunnel, err = x.reply()
	}
	if late := (*driver.TimeoutError)(nil); x.Timeout > 0 && errors.As(err, &late) {
		err = &silentError{x.Proxy, x.Timeout}
	}
	return tunnel, err
}

// head returns the octets of the request. Nothing has been dialled for it yet.
func (x *asking) head() ([]byte, error) {
	fields := new(headers.Fields)
	if !x.Fields.Has("Host") {
		fields.Add("Host", x.address)
	}
	fields.Append(x.Fields)
	if x.credentials != "" {
		fields.Set(credentialsField, x.credentials)
	}
	buf := x.loop.Out()
	out, err := x.machine.AppendRequest(buf, "CONNECT", x.address, fields)
	if err == nil {
		out, err = x.machine.AppendEnd(out, nil)
	}
	if err != nil {
		x.loop.Drop(buf)
		return nil, err
	}
	return out, nil
}

// dial opens a connection to the proxy, where there is none.
func (x *asking) dial(ctx context.Context) error {
	if x.connected {
		return nil
	}
	d := x.Dialer
	if d == nil {
		d = transport.TCP{}
	}
	nc, err := d.DialContext(ctx, x.network, x.Proxy)
	if err != nil {
		return err
	}
	x.loop.Start(nc, &x.machine)
	x.connected = true
	return nil
}

// reply reads the reply.
func (x *asking) reply() (net.Conn, error) {
	for {
		ev, err := x.loop.Next()
		if e, ok := err.(*wire.SyntaxError); ok {
			line, _, _ := bytes.Cut(x.loop.Buffered(), []byte{'\n'})
			return nil, &ReplyError{Proxy: x.Proxy, Line: string(line[:min(len(line), 256)]), Err: e}
		}
		if err != nil {
			return nil, err
		}
		if ev.Kind != conn.ResponseHead {
			continue // an interim response: the machine bounds how many
		}
		if x.Reply != nil {
			x.Reply(ev.Head)
		}
		x.trace.reply(x.Proxy, ev.Head)
		if ev.Head.Framing.Mode != body.Tunnel {
			return nil, &RefusedError{
				Proxy: x.Proxy, Address: x.address, Status: status.Code(ev.Head.Status),
				Reason: string(ev.Head.Reason), Fields: ev.Head.Fields.Clone(),
			}
		}
		return x.loop.Detach(), nil
	}
}

// drain reads the content of a refusal, and reports whether the connection can carry another request. A connection
// that cannot is closed.
func (x *asking) drain(ctx context.Context) bool {
	buf := make([]byte, 4<<10)
	begun := x.loop.Begin(ctx, time.Now().Add(maxDrain))
	for left := maxRefusal; begun == nil && left > 0 && !x.machine.LastResponse(); {
		n, err := x.loop.Read(buf, nil)
		left -= n
		if err != nil {
			if x.machine.Reusable() && x.loop.Idle() && x.loop.Quiet() {
				return true
			}
			break
		}
	}
	x.loop.Close()
	return false
}

// withoutZone returns address without the zone of an IPv6 address (RFC 6874 section 1).
func withoutZone(address string) string {
	zone := strings.IndexByte(address, '%')
	if end := strings.LastIndexByte(address, ']'); strings.HasPrefix(address, "[") && 0 < zone && zone < end {
		return address[:zone] + address[end:]
	}
	return address
}
