package proxy

import (
	"context"

	"github.com/strata-http/strata/conn"
)

// Trace is told what passes between a dialer of this package and its proxy. Any field may be nil. Hooks run in the
// goroutine that dials; one Trace may be called by several dials at once. In a chain each proxy is told of, the
// nearest first. Credentials are shown as asterisks.
type Trace struct {
	// Ask is called when the proxy at host:port is about to be asked for a connection to address. protocol is
	// "CONNECT" or "SOCKS5".
	Ask func(protocol, proxy, address string)
	// Request is called with the octets of the head of a CONNECT request before they are written, credentials
	// replaced by as many asterisks (see [Redact]). When it returns an error nothing is written, and the dial fails
	// with that error.
	Request func(proxy string, head []byte) error
	// Reply is called with each final response to CONNECT, refusals included. The head holds for that call.
	Reply func(proxy string, head *conn.Head)
}

type traceKey struct{}

// WithTrace returns a context that carries t. A trace that ctx carries already is still called, after t. Changes of t
// after this call have no effect.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	if t == nil {
		return ctx
	}
	added := *t
	if older := contextTrace(ctx); older != nil {
		added = joined(added, *older)
	}
	return context.WithValue(ctx, traceKey{}, &added)
}

func contextTrace(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// joined returns a Trace that tells a and then b.
func joined(a, b Trace) Trace {
	return Trace{
		Ask: func(protocol, proxy, address string) {
			a.ask(protocol, proxy, address)
			b.ask(protocol, proxy, address)
		},
		Request: func(proxy string, head []byte) error {
			if err := a.request(proxy, head); err != nil {
				return err
			}
			return b.request(proxy, head)
		},
		Reply: func(proxy string, head *conn.Head) {
			a.reply(proxy, head)
			b.reply(proxy, head)
		},
	}
}

func (t *Trace) ask(protocol, proxy, address string) {
	if t != nil && t.Ask != nil {
		t.Ask(protocol, proxy, address)
	}
}

func (t *Trace) request(proxy string, head []byte) error {
	if t == nil || t.Request == nil {
		return nil
	}
	return t.Request(proxy, Redact(head))
}

func (t *Trace) reply(proxy string, head *conn.Head) {
	if t != nil && t.Reply != nil {
		t.Reply(proxy, head)
	}
}
