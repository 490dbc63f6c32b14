package transport

import (
	"context"
	"crypto/tls"
	"net"
)

// A Trace is told what happens while connections are opened. Any field may be nil. Hooks run in the goroutine that
// dials, and hold it up while they run; one Trace may be called by several dials at once.
//
// Every adapter of this module reports its own step and passes the context down, so TLS over TCP calls DialStart,
// DialDone, TLSStart, TLSDone in this order; a tunnel calls its proxy's steps first. Name resolution and the
// single attempts of Happy Eyeballs are reported by package net itself to a [net/http/httptrace.ClientTrace] in the
// same context.
type Trace struct {
	// DialStart is called before a connection to address is opened.
	DialStart func(network, address string)
	// DialDone is called when that ended. Exactly one of c and err is nil; the hook must not use c but for its
	// addresses.
	DialDone func(c net.Conn, err error)
	// TLSStart is called before the handshake with host.
	TLSStart func(host string)
	// TLSDone is called when that ended. The state is zero when err is not nil, or when [TLS.Handshake] made a
	// session that does not tell it.
	TLSDone func(state tls.ConnectionState, err error)
}

type traceKey struct{}

// WithTrace returns a context that carries t. A trace that ctx carries already is still called, after t.
// Changes of t after this call have no effect.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	if t == nil {
		return ctx
	}
	joined := *t
	if old := ContextTrace(ctx); old != nil {
		joined = Trace{
			DialStart: both2(t.DialStart, old.DialStart),
			DialDone:  both2(t.DialDone, old.DialDone),
			TLSStart:  both1(t.TLSStart, old.TLSStart),
			TLSDone:   both2(t.TLSDone, old.TLSDone),
		}
	}
	return context.WithValue(ctx, traceKey{}, &joined)
}

// ContextTrace returns the trace that ctx carries, nil when there is none. The result must not be changed.
func ContextTrace(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// TraceDial is for the authors of dialers: it reports DialStart to the trace in ctx and returns the function that
// reports DialDone, which is never nil and must be called once. Without a trace it allocates nothing.
func TraceDial(ctx context.Context, network, address string) (done func(net.Conn, error)) {
	if t := ContextTrace(ctx); t != nil {
		if t.DialStart != nil {
			t.DialStart(network, address)
		}
		if t.DialDone != nil {
			return t.DialDone
		}
	}
	return ignoreDial
}

func ignoreDial(net.Conn, error) {}

// traceTLS is TraceDial for handshakes.
func traceTLS(ctx context.Context, host string) (done func(tls.ConnectionState, error)) {
	if t := ContextTrace(ctx); t != nil {
		if t.TLSStart != nil {
			t.TLSStart(host)
		}
		if t.TLSDone != nil {
			return t.TLSDone
		}
	}
	return ignoreTLS
}

func ignoreTLS(tls.ConnectionState, error) {}

func both1[A any](f, g func(A)) func(A) {
	switch {
	case f == nil:
		return g
	case g == nil:
		return f
	}
	return func(a A) { f(a); g(a) }
}

func both2[A, B any](f, g func(A, B)) func(A, B) {
	switch {
	case f == nil:
		return g
	case g == nil:
		return f
	}
	return func(a A, b B) { f(a, b); g(a, b) }
}
