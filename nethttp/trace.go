package nethttp

import (
	"context"
	"crypto/tls"
	"net/http/httptrace"
	"net/textproto"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
)

// traceDial returns a context in which the trace is told of handshakes. Of names and addresses package net tells it.
func (x *exchange) traceDial(ctx context.Context) context.Context {
	if x.trace == nil || x.trace.TLSHandshakeStart == nil && x.trace.TLSHandshakeDone == nil {
		return ctx
	}
	t := &transport.Trace{TLSDone: x.trace.TLSHandshakeDone}
	if start := x.trace.TLSHandshakeStart; start != nil {
		t.TLSStart = func(string) { start() }
	}
	if t.TLSDone != nil {
		t.TLSDone = func(s tls.ConnectionState, err error) { x.trace.TLSHandshakeDone(s, bare(err)) }
	}
	return transport.WithTrace(ctx, t)
}

// watch lets the trace be told of the exchange.
func (x *exchange) watch(c *httpclient.Conn, s *scratch) {
	if x.trace == nil {
		return
	}
	c.SetInterim(x.interim)
	t := &httpclient.Trace{HeadWritten: func() { x.wroteHead(s) }, AwaitContinue: x.trace.Wait100Continue}
	if wrote := x.trace.WroteRequest; wrote != nil {
		body := x.body
		t.Written = func(err error) { wrote(httptrace.WroteRequestInfo{Err: body.explain(err)}) }
	}
	if f := x.trace.GotFirstResponseByte; f != nil {
		t.FirstByte = func() {
			if f != nil {
				f()
				f = nil
			}
		}
	}
	c.SetTrace(t)
}

// wroteHead tells the field lines, those of a name together, and that they are written.
func (x *exchange) wroteHead(s *scratch) {
	if f := x.trace.WroteHeaderField; f != nil {
		told := make(map[string]bool)
		for name, value := range s.fields.All() {
			if told[string(name)] {
				continue
			}
			told[string(name)] = true
			values := []string{string(value)}
			for i, more := 0, false; i < s.fields.Len(); i++ {
				n, v := s.fields.At(i)
				if string(n) != string(name) {
					continue
				}
				if more {
					values = append(values, string(v))
				}
				more = true
			}
			f(string(name), values)
		}
	}
	if x.trace.WroteHeaders != nil {
		x.trace.WroteHeaders()
	}
}

// interim tells an interim response.
func (x *exchange) interim(h *conn.Head) error {
	if h.Status == 100 && x.trace.Got100Continue != nil {
		x.trace.Got100Continue()
	}
	if f := x.trace.Got1xxResponse; f != nil {
		r := newRecord(h.Raw, &h.Fields)
		return f(h.Status, textproto.MIMEHeader(header(r.lines)))
	}
	return nil
}
