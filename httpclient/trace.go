package httpclient

import (
	"crypto/tls"
	"net"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/transport"
)

// Trace is told what happens on a [Conn], layer by layer. Any field may be nil, and what is nil costs
// nothing. Slices hold for the call. Hooks run in the goroutine that does the thing, and hold it up;
// BytesOut and State may be called by the one that sends a body, never two of a kind at once.
type Trace struct {
	// Trace is told of dialling and TLS. A dialer of this module tells it as it dials; of a foreign one both
	// hooks are told when it has dialled.
	transport.Trace
	// BytesOut and BytesIn are called with octets as they are written and read, above TLS; of what passes to a
	// proxy, with the heads of CONNECT and of its reply. With BytesOut files are not sent by the kernel.
	//
	// BytesOut and RequestHead are shown the values of Proxy-Authorization fields as asterisks, as many as they have
	// octets.
	BytesOut, BytesIn func(octets []byte)
	// State is called when a party moves in the state machine.
	State func(party conn.Role, from, to conn.State)
	// Reuse is called when a request goes out on a connection that has carried one before.
	Reuse func()
	// RequestHead is called with the octets of the head of a request, when they are written.
	RequestHead func(raw []byte)
	// InterimHead and ResponseHead are called with the octets of the head of an interim, and of a final
	// response.
	InterimHead, ResponseHead func(raw []byte)
	// ProxyRequestHead is called with the octets of the head of a CONNECT request, before they are written, credentials
	// shown as in RequestHead; ProxyHead with those of the head of the proxy's reply.
	ProxyRequestHead, ProxyHead func(raw []byte)
	// FirstByte is called when the first octets of a response arrive, LastByte when its end was read.
	FirstByte, LastByte func()
	// Closed is called when the connection is closed. reason says why, in a few words.
	Closed func(reason string)
}

// WithTrace tells t what happens. Given more than once, all are told, in their order.
func WithTrace(t *Trace) Option { return func(c *Conn) { c.trace = joinTraces(c.trace, t) } }

// joinTraces returns a Trace that tells both; either may be nil.
func joinTraces(a, b *Trace) *Trace {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	return &Trace{
		Trace: transport.Trace{
			DialStart: join2(a.DialStart, b.DialStart),
			DialDone:  join2[net.Conn, error](a.DialDone, b.DialDone),
			TLSStart:  join1(a.TLSStart, b.TLSStart),
			TLSDone:   join2[tls.ConnectionState, error](a.TLSDone, b.TLSDone),
		},
		BytesOut: join1(a.BytesOut, b.BytesOut), BytesIn: join1(a.BytesIn, b.BytesIn),
		State: join3(a.State, b.State), Reuse: join0(a.Reuse, b.Reuse),
		RequestHead: join1(a.RequestHead, b.RequestHead), InterimHead: join1(a.InterimHead, b.InterimHead),
		ResponseHead: join1(a.ResponseHead, b.ResponseHead), ProxyHead: join1(a.ProxyHead, b.ProxyHead),
		ProxyRequestHead: join1(a.ProxyRequestHead, b.ProxyRequestHead),
		FirstByte:        join0(a.FirstByte, b.FirstByte), LastByte: join0(a.LastByte, b.LastByte),
		Closed: join1(a.Closed, b.Closed),
	}
}

func join0(a, b func()) func() {
	if a == nil || b == nil {
		return either(a, b, a == nil)
	}
	return func() { a(); b() }
}

func join1[T any](a, b func(T)) func(T) {
	if a == nil || b == nil {
		return either(a, b, a == nil)
	}
	return func(t T) { a(t); b(t) }
}

func join2[T, U any](a, b func(T, U)) func(T, U) {
	if a == nil || b == nil {
		return either(a, b, a == nil)
	}
	return func(t T, u U) { a(t, u); b(t, u) }
}

func join3[T, U, V any](a, b func(T, U, V)) func(T, U, V) {
	if a == nil || b == nil {
		return either(a, b, a == nil)
	}
	return func(t T, u U, v V) { a(t, u, v); b(t, u, v) }
}

func either[F any](a, b F, second bool) F {
	if second {
		return b
	}
	return a
}
