package httpclient

import (
	"crypto/tls"
	"errors"
	"net"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/driver"
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
	// HeadWritten is called when that is done, AwaitContinue when 100 (Continue) is then waited for, and Written when
	// the request is written to its end, or with the error why it never will be: [ErrResponseBegun] where the final
	// response came first.
	HeadWritten   func()
	AwaitContinue func()
	Written       func(error)
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
		HeadWritten:      join0(a.HeadWritten, b.HeadWritten),
		AwaitContinue:    join0(a.AwaitContinue, b.AwaitContinue),
		Written:          join1(a.Written, b.Written),
		FirstByte:        join0(a.FirstByte, b.FirstByte), LastByte: join0(a.LastByte, b.LastByte),
		Closed: join1(a.Closed, b.Closed),
	}
}

// SetTrace puts t, which may be nil, in the place of what [WithTrace] has set, for what is begun from now on. BytesOut and
// BytesIn are told of connections that are opened from now on.
func (c *Conn) SetTrace(t *Trace) {
	c.trace = t
	if c.connected {
		c.traceLoop()
	}
}

// SetInterim puts f, which may be nil, in the place of what [WithInterim] has set, from the next request on.
func (c *Conn) SetInterim(f func(*conn.Head) error) { c.interim = f }

// traceLoop lets the loop tell the trace.
func (c *Conn) traceLoop() {
	t := c.trace
	c.loop.OnState, c.loop.OnFirst, c.loop.OnStage = nil, nil, nil
	if t == nil {
		return
	}
	c.loop.OnState, c.loop.OnFirst = t.State, t.FirstByte
	if t.HeadWritten != nil || t.AwaitContinue != nil || t.Written != nil {
		c.loop.OnStage = t.stage
	}
}

// stage tells what has been sent. It may be called by the goroutine that sends content.
func (t *Trace) stage(s driver.Stage, err error) {
	switch {
	case s == driver.StageHead && t.HeadWritten != nil:
		t.HeadWritten()
	case s == driver.StageContinue && t.AwaitContinue != nil:
		t.AwaitContinue()
	case s == driver.StageSent && t.Written != nil:
		if own := (*driver.CallerError)(nil); errors.As(err, &own) {
			err = own.Err
		} else if err == driver.ErrStopped {
			err = ErrResponseBegun
		}
		t.Written(err)
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
