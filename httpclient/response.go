package httpclient

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/wire"
)

// head is the head of a response, in memory of its own.
type head struct {
	status   int
	version  wire.Version
	framing  body.Framing
	last     bool   // the connection closes behind it
	target   []byte // of the request
	octets   []byte
	reason   []byte
	fields   headers.Fields
	trailers headers.Fields
	ended    bool // the content was read to its end
}

func (h *head) set(from *conn.Head) {
	h.status, h.version, h.framing = from.Status, from.Version, from.Framing
	h.octets = append(h.octets[:0], from.Raw...)
	h.reason = append(h.reason[:0], from.Reason...)
	h.fields.CopyFrom(&from.Fields)
	h.trailers.Reset()
	h.ended = false
	if h.version.AtLeast11() {
		h.version = wire.HTTP11 // what a higher minor version adds may be ignored (RFC 9110 section 2.5)
	}
}

// Response is a response: its head, and its content as an io.Reader. It is a small value that looks into
// its [Conn], and holds until the next request or [Conn.Close]; then reading is [ErrResponseClosed] and
// the head is empty. [Response.Clone] keeps the head.
type Response struct {
	c   *Conn
	h   *head
	gen uint64
}

// Response waits for the response to the request that was sent. Interim responses before it are told to
// [WithInterim] and [Trace]. Without a request that waits for one it is [ErrResponseNotReady]. An error
// closes the connection. ctx ends the wait, and each Read of the content.
func (c *Conn) Response(ctx context.Context) (r Response, err error) {
	if err := c.enter(); err != nil {
		return Response{}, err
	}
	defer c.leave(&err)
	return c.response(ctx)
}

func (c *Conn) response(ctx context.Context) (Response, error) {
	if c.waiting == 0 {
		return Response{}, ErrResponseNotReady
	}
	if c.reading && !c.have { // the head may have come while the request was sent
		return Response{}, &protocolError{kind: ErrResponseNotReady, err: errUnread}
	}
	if err := c.complete(ctx); err != nil {
		return Response{}, err
	}
	if err := c.awaitHead(ctx); err != nil {
		c.have = false
		if c.depth == 1 {
			c.waiting = 0
		}
		c.disconnect(c.whyNoResponse())
		return Response{}, err
	}
	c.waiting--
	c.have, c.last.answered = false, true
	c.gen.Add(1)
	if c.reading {
		// What is wrong with the content is for whoever reads it.
		c.pending = c.tryEnd()
	}
	return Response{c: c, h: &c.head, gen: c.gen.Load()}, nil
}

// whyNoResponse says why the connection is closed before a response was read.
func (c *Conn) whyNoResponse() string {
	if c.machine.Err() != nil && c.loop.Started() {
		return "the response was refused"
	}
	return "no response was read"
}

var errGone = errors.New("the connection ended before this response")

func (c *Conn) awaitHead(ctx context.Context) error {
	if !c.connected && !c.have {
		return disconnected(errGone)
	}
	if err := c.loop.Begin(ctx, c.deadline); err != nil {
		return err
	}
	if d := c.timeouts.Head; d > 0 && !c.have {
		c.loop.HeadBy = time.Now().Add(d)
		defer func() { c.loop.HeadBy = time.Time{} }()
	}
	for !c.have {
		ev, err := c.loop.Next()
		if err != nil {
			return c.receiveError(err, c.loop.Started())
		}
		switch ev.Kind {
		case conn.InterimHead:
			if err := c.onInterim(ev.Head); err != nil {
				return err
			}
		case conn.ResponseHead:
			c.keep(ev.Head)
		default:
			return disconnected(errGone)
		}
	}
	return nil
}

// keep copies the head of the final response, which ends with the next read.
func (c *Conn) keep(h *conn.Head) {
	c.read, c.pending = 0, nil
	if len(c.targets) > 0 {
		c.head.target = append(c.head.target[:0], c.targets[0]...)
		c.targets = append(c.targets[:0], c.targets[1:]...)
	}
	if c.trace != nil && c.trace.ResponseHead != nil {
		c.trace.ResponseHead(h.Raw)
	}
	c.head.set(h)
	c.keepChallenges(h)
	c.head.last = c.machine.LastResponse()
	c.have, c.reading = true, h.Framing.Mode != body.Tunnel
}

// tryEnd looks whether the message has ended, as far as can be told without waiting: so that a response
// without content, and one whose content was read to its end, leave the connection free at once.
func (c *Conn) tryEnd() error {
	if !c.reading {
		return nil
	}
	ended, err := c.loop.TryEnd(c.endFunc)
	if err == nil && ended {
		c.finish()
	}
	return err
}

// onEnd keeps the trailers.
func (c *Conn) onEnd(ev conn.Event) {
	if ev.Trailers != nil {
		c.head.trailers.CopyFrom(ev.Trailers)
	}
}

// finish ends the exchange: the connection is kept when it may carry another.
func (c *Conn) finish() {
	c.reading, c.head.ended = false, true
	if c.trace != nil && c.trace.LastByte != nil {
		c.trace.LastByte()
	}
	if c.waiting > 0 && c.connected && c.machine.InFlight() > 0 {
		return // pipelined responses follow
	}
	if c.sendsOn() && c.loop.Sending() {
		return // until the request is sent, or the Response closed
	}
	c.settled()
}

// settled ends an exchange of which both directions are over.
func (c *Conn) settled() {
	if c.sendsOn() {
		c.finishSending()
	}
	c.loop.End()
	switch {
	case !c.machine.Reusable():
		c.disconnect("it does not persist")
	case !c.loop.Idle():
		c.disconnect("octets came behind the response")
	}
}

// expected returns how many octets of content are still to come, or -1.
func (c *Conn) expected() int64 {
	if c.head.framing.Mode == body.LengthDelimited {
		return c.head.framing.Length - c.read
	}
	return -1
}

// current reports whether r is of the exchange under way, or a clone.
func (r Response) current() bool { return r.h != nil && (r.c == nil || r.gen == r.c.gen.Load()) }

func (r Response) headOrNone() *head {
	if !r.current() {
		return &noHead
	}
	return r.h
}

var noHead head

// Status returns the status code.
func (r Response) Status() status.Code { return status.Code(r.headOrNone().status) }

// Reason returns the reason phrase as the server sent it; it may be empty, or anything.
func (r Response) Reason() string { return string(r.headOrNone().reason) }

// Version returns the version of the response: [wire.HTTP10], or [wire.HTTP11] for that and every higher minor
// version, as RFC 9110 section 2.5 has it; 9 for a response of HTTP/0.9, which [wire.AllowHTTP09] admits. The
// digits as they came are in [Response.RawHead].
func (r Response) Version() wire.Version { return r.headOrNone().version }

// Fields returns the header section, in order and case. It must not be changed, and holds as long as r.
func (r Response) Fields() *headers.Fields { return &r.headOrNone().fields }

// Field returns the values of that name, in any case, joined by ", " when there are several. Where there is
// none it returns byDefault, joined likewise.
func (r Response) Field(name string, byDefault ...string) string {
	if value, ok := r.headOrNone().fields.Combined(name); ok {
		return value
	}
	return strings.Join(byDefault, ", ")
}

// Trailers returns the trailer section, which is complete when Read has returned io.EOF, and empty
// before that and where there is none.
func (r Response) Trailers() *headers.Fields { return &r.headOrNone().trailers }

// RawHead returns the octets of the head as they came, its empty line included.
func (r Response) RawHead() []byte { return r.headOrNone().octets }

// Framing returns how the content is delimited.
func (r Response) Framing() body.Framing { return r.headOrNone().framing }

// Deviations returns each leniency that reading the response has needed so far, with the offset in what the
// connection has received. It is empty for a clone of an earlier response.
func (r Response) Deviations() []wire.Deviation {
	if !r.current() || r.c == nil {
		return nil
	}
	return r.c.machine.Deviations()
}

// WillClose reports whether the connection is not used again behind this response.
func (r Response) WillClose() bool { return r.headOrNone().last }

// Closed reports whether there is nothing more to read: the content was read to its end, or the Response
// is not current any more.
func (r Response) Closed() bool { return !r.current() || r.h.ended || r.c == nil || !r.c.reading }

// Conn returns the Conn that the response came on, for its NetConn, TLS and SyscallConn; nil for a clone.
func (r Response) Conn() *Conn { return r.c }

// URL returns the URI that the request was for: the target itself in absolute-form, else put together with
// scheme and host (RFC 9110 section 7.1). It is empty for a request sent raw.
func (r Response) URL() string {
	h := r.headOrNone()
	target := string(h.target)
	if r.c != nil && r.c.url != "" && r.current() {
		return r.c.url
	}
	if r.c == nil || target == "" || target[0] != '/' && target != "*" {
		return target
	}
	if target == "*" {
		target = ""
	}
	scheme := "http://"
	if r.c.secure {
		scheme = "https://"
	}
	return scheme + string(r.c.hostValue()) + target
}

// Remaining returns how many octets of content are still to be read, and -1 when that is not known.
func (r Response) Remaining() int64 {
	switch h := r.headOrNone(); {
	case h.ended || h.framing.Mode == body.NoBody:
		return 0
	case h.framing.Mode == body.LengthDelimited && r.c != nil:
		return r.c.expected()
	}
	return -1
}

// Clone returns a Response with a copy of the head, and of the trailers as far as they have come, that
// holds for ever. It has no content.
func (r Response) Clone() Response {
	h := r.headOrNone()
	kept := &head{target: []byte(r.URL()), status: h.status, version: h.version, framing: h.framing, last: h.last, ended: h.ended}
	kept.octets = append(kept.octets, h.octets...)
	kept.reason = append(kept.reason, h.reason...)
	kept.fields.CopyFrom(&h.fields)
	kept.trailers.CopyFrom(&h.trailers)
	return Response{h: kept}
}
