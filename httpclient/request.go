package httpclient

import (
	"context"
	"errors"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/wire"
)

// Request sends a request: method, request-target and content as they are given, but for the userinfo of an http
// or https URI, which is left out (RFC 9110 section 4.2.4), and fields in their order and case, behind those that are added because fields, which may be nil, has none of that name:
// Host; Accept-Encoding: identity; and, for content, Content-Length where its length is known, else
// Transfer-Encoding: chunked. POST, PUT and PATCH, in any case, without content have Content-Length: 0. An
// empty target is "/".
//
// Small content goes out in the same write as the head when it is at hand: bytes, strings, files, and the readers
// of packages bytes and strings. Another source may block, and so the head goes before it.
//
// It dials when there is no connection, or when the one there is was closed by the server meanwhile; no
// request is ever sent twice. It returns when the request is sent, or as soon as the final response has
// begun: what is left of the content is then not sent, and the connection not used again.
//
// While a response is outstanding, or not read to its end, it is [ErrCannotSendRequest] and nothing is
// written (but see [Conn.Pipeline]). What must not be sent is refused before anything is dialled or
// written, with a [*wire.SyntaxError] that names the rule. ctx ends dialling and sending.
//
// A panic of content closes the connection and goes on as a panic of Request, with an error that wraps what
// content panicked with.
func (c *Conn) Request(ctx context.Context, method, target string, fields *headers.Fields, content body.Source) (err error) {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave(&err)
	return c.request(ctx, method, target, fields, content)
}

func (c *Conn) request(ctx context.Context, method, target string, fields *headers.Fields, content body.Source) error {
	if err := c.mayBegin(); err != nil {
		return err
	}
	c.content = content
	target = withoutUserinfo(target)
	if err := c.compose(method, target, fields, 0); err != nil {
		return err
	}
	if err := c.composeFraming(method, fields); err != nil {
		return err
	}
	c.out.Append(fields)
	if err := c.composeProxy(ctx, method, target); err != nil {
		return err
	}
	return c.start(ctx, method, target, false)
}

// mayBegin returns the error for a request that begins now.
func (c *Conn) mayBegin() error {
	switch {
	case c.step != stepIdle:
		return &protocolError{kind: ErrCannotSendRequest, err: errBegun}
	case c.reading && c.depth == 1:
		return &protocolError{kind: ErrCannotSendRequest, err: errUnread}
	case c.waiting >= c.depth && (c.connected || c.have):
		if c.depth > 1 {
			return &protocolError{kind: ErrCannotSendRequest, err: errPipeline}
		}
		return &protocolError{kind: ErrCannotSendRequest, err: errUnasked}
	}
	return nil
}

var (
	errUnread   = errors.New("the response before was not read to its end")
	errUnasked  = errors.New("Response was not called for the request before")
	errPipeline = errors.New("as many requests are in flight as Pipeline allows")
	errBegun    = errors.New("another request has begun")
)

// start sends the head that c.out was composed for, with c.content behind it. Nothing is dialled before
// the head is known to be right. With open the message goes on.
func (c *Conn) start(ctx context.Context, method, target string, open bool) error {
	if target == "" {
		target = "/"
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	c.renew()
	if !c.connected && c.manual {
		return ErrNotConnected
	}
	reused := c.connected
	if !reused {
		c.newMachine()
	}
	out, err := c.appendHead(method, target)
	if err != nil {
		return sendError(err)
	}
	c.newExchange(target)
	c.last = outcome{}
	c.loop.Wrote, c.loop.Heard = false, false
	if err := c.begin(ctx, reused); err != nil {
		c.loop.Drop(out)
		c.disconnect("the request was not sent")
		return err
	}
	if c.trace != nil && c.trace.RequestHead != nil {
		c.trace.RequestHead(proxy.Redact(out))
	}
	c.showHead(out)
	if err := c.send(out, open); err != nil {
		return err
	}
	c.waiting++
	return nil
}

// newExchange makes the Response before stale, unless it may still be read while this request is
// pipelined behind it.
func (c *Conn) newExchange(target string) {
	if c.waiting == 0 && !c.reading {
		c.gen.Add(1)
		c.have, c.read = false, 0
	}
	c.targets = append(c.targets, target)
}

// renew closes a connection that cannot carry the next request: one that was closed, or on which octets
// came that no request asked for.
func (c *Conn) renew() {
	if c.connected && c.waiting == 0 && !c.reading && !c.checked {
		c.settle()
		if !c.loop.Quiet() {
			c.disconnect("the server closed it, or sent what nobody asked for, while it was idle")
		}
	}
	c.checked = false
	if !c.connected {
		c.waiting, c.targets = 0, c.targets[:0]
	}
}

// begin makes ctx and the time-outs hold, and dials where needed.
func (c *Conn) begin(ctx context.Context, reused bool) error {
	c.startClock()
	if reused {
		if c.trace != nil && c.trace.Reuse != nil {
			c.trace.Reuse()
		}
	} else if err := c.dial(ctx); err != nil {
		return err
	}
	return c.loop.Begin(ctx, c.deadline)
}

// startClock begins the time that [Timeouts].Total allows.
func (c *Conn) startClock() {
	c.deadline = time.Time{}
	if c.timeouts.Total > 0 {
		c.deadline = time.Now().Add(c.timeouts.Total)
	}
}

// appendHead lets the machine make the head. Nothing has been dialled for it yet.
func (c *Conn) appendHead(method, target string) ([]byte, error) {
	buf := c.loop.Out()
	out, err := c.machine.AppendRequest(buf, method, c.sentTarget(method, target), &c.out)
	if err != nil {
		c.loop.Drop(buf)
		return nil, err
	}
	return c.refold(out), nil
}

// showHead prepares what somebody who looks on is shown of a head.
func (c *Conn) showHead(head []byte) {
	if o, ok := c.loop.NetConn().(*observed); ok {
		o.head(head)
	}
}

// send sends out and c.content behind it.
func (c *Conn) send(out []byte, open bool) error {
	panicked := true // what the caller gave may
	defer func() {
		if panicked {
			c.step, c.content = stepIdle, body.Source{}
			c.disconnect("sending panicked")
		}
	}()
	ev, err := c.loop.Send(out, driver.Message{
		Source: &c.content, BlockSize: c.blockSize, Open: open, Blind: c.waiting > 0 || c.reading,
		Duplex: c.duplex && !open,
		Expect: c.machine.ExpectsContinue(), Interim: c.interimFunc,
	})
	panicked = false
	c.content = body.Source{} // an idle Conn keeps no content alive
	if err != nil {
		c.step = stepIdle
		err = c.exchangeError(err) // which looks at what was received
		c.disconnect("sending failed")
		return err
	}
	if ev.Kind == conn.ResponseHead {
		c.keep(ev.Head)
	}
	return nil
}

// exchangeError tells what an error means that came while sending: it may be of either direction.
func (c *Conn) exchangeError(err error) error {
	var own *driver.CallerError
	if errors.As(err, &own) {
		c.last.own = true
		return own.Err // of whatever type: it tells nothing about the server
	}
	if c.machine.Err() == nil {
		if e, ok := err.(*wire.SyntaxError); ok {
			return sendError(e)
		}
	}
	return c.receiveError(err, c.loop.Started())
}

// onInterim is called by the loop for each interim response.
func (c *Conn) onInterim(h *conn.Head) error {
	if c.trace != nil && c.trace.InterimHead != nil {
		c.trace.InterimHead(h.Raw)
	}
	if c.interim != nil {
		return c.interim(h)
	}
	return nil
}

// Do is [Conn.Request] and then [Conn.Response].
func (c *Conn) Do(ctx context.Context, method, target string, fields *headers.Fields, content body.Source) (r Response, err error) {
	if err := c.enter(); err != nil {
		return Response{}, err
	}
	defer c.leave(&err)
	if err := c.request(ctx, method, target, fields, content); err != nil {
		return Response{}, err
	}
	return c.response(ctx)
}

// Skip tells which automatic fields [Conn.PutRequest] leaves out.
type Skip uint8

// The fields that can be left out.
const (
	SkipHost Skip = 1 << iota
	SkipAcceptEncoding
)
