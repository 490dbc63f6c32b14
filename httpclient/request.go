package httpclient

import (
	"context"
	"strconv"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/wire"
)

// Request sends a request: method, request-target and content as they are given, and fields in their
// order and case, behind those that are added because fields, which may be nil, has none of that name:
// Host; Accept-Encoding: identity; and, for content, Content-Length where its length is known, else
// Transfer-Encoding: chunked. POST, PUT and PATCH without content have Content-Length: 0. An empty target
// is "/".
//
// It dials when there is no connection, or when the one there is was closed by the server meanwhile; no
// request is ever sent twice. It returns when the request is sent, or as soon as the final response has
// begun: what is left of the content is then not sent, and the connection not used again.
//
// While a response is outstanding, or not read to its end, it is [ErrCannotSendRequest] and nothing is
// written. What must not be sent is refused before anything is dialled or written, with a
// [*wire.SyntaxError] that names the rule. ctx ends dialling and sending.
func (c *Conn) Request(ctx context.Context, method, target string, fields *headers.Fields, content body.Source) error {
	if c.waiting || c.reading {
		return &protocolError{kind: ErrCannotSendRequest, err: errUnread}
	}
	if target == "" {
		target = "/"
	}
	c.content = content
	if err := c.compose(method, fields); err != nil {
		return err
	}
	c.renew()
	if !c.connected && c.manual {
		return ErrNotConnected
	}
	reused := c.connected
	if !reused {
		c.machine.Reset(conn.Client, c.config)
	}
	out, err := c.appendHead(method, target)
	if err != nil {
		return sendError(err)
	}
	c.gen++
	c.have, c.read = false, 0
	if err := c.begin(ctx, reused); err != nil {
		c.loop.Drop(out)
		c.disconnect("the request was not sent")
		return err
	}
	return c.send(out)
}

var errUnread = &sentinel{"the response before was not read to its end", nil}

// renew closes a connection that cannot carry the next request: one that was closed, or on which octets
// came that no request asked for.
func (c *Conn) renew() {
	if c.connected && !c.loop.Quiet() {
		c.disconnect("the server closed it, or sent what nobody asked for, while it was idle")
	}
}

// begin makes ctx and the time-outs hold, and dials where needed.
func (c *Conn) begin(ctx context.Context, reused bool) error {
	c.deadline = time.Time{}
	if c.timeouts.Total > 0 {
		c.deadline = time.Now().Add(c.timeouts.Total)
	}
	if reused {
		if c.trace != nil && c.trace.Reuse != nil {
			c.trace.Reuse()
		}
	} else if err := c.dial(ctx); err != nil {
		return err
	}
	return c.loop.Begin(ctx, c.deadline)
}

// appendHead lets the machine make the head. Nothing has been dialled for it yet.
func (c *Conn) appendHead(method, target string) ([]byte, error) {
	buf := c.loop.Out()
	out, err := c.machine.AppendRequest(buf, method, target, &c.out)
	if err != nil {
		c.loop.Drop(buf)
	}
	return out, err
}

// send sends the head, and the content behind it.
func (c *Conn) send(out []byte) error {
	if c.trace != nil && c.trace.RequestHead != nil {
		c.trace.RequestHead(out)
	}
	ev, err := c.loop.Send(out, driver.Message{
		Source: &c.content, BlockSize: c.blockSize, Expect: c.machine.ExpectsContinue(), Interim: c.interimFunc,
	})
	if err != nil {
		c.disconnect("sending failed")
		return c.exchangeError(err)
	}
	c.waiting = true
	if ev.Kind == conn.ResponseHead {
		c.keep(ev.Head)
	}
	return nil
}

// exchangeError tells what an error of an exchange means: it may have come from either direction.
func (c *Conn) exchangeError(err error) error {
	if c.machine.Err() != nil {
		return c.receiveError(err, false)
	}
	return c.receiveOrSendError(err)
}

func (c *Conn) receiveOrSendError(err error) error {
	if e, ok := err.(*wire.SyntaxError); ok {
		return sendError(e)
	}
	return c.receiveError(err, false)
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
func (c *Conn) Do(ctx context.Context, method, target string, fields *headers.Fields, content body.Source) (Response, error) {
	if err := c.Request(ctx, method, target, fields, content); err != nil {
		return Response{}, err
	}
	return c.Response(ctx)
}

// compose puts the fields of a request together in c.out: the automatic ones first, as http.client
// does, then the caller's.
func (c *Conn) compose(method string, fields *headers.Fields) error {
	c.out.Reset()
	if c.config.Version != wire.HTTP10 {
		if !fields.Has("Host") {
			c.out.Add("Host", c.field)
		}
		if !fields.Has("Accept-Encoding") {
			c.out.Add("Accept-Encoding", "identity")
		}
	}
	if err := c.composeFraming(method, fields); err != nil {
		return err
	}
	c.out.Append(fields)
	return nil
}

// composeFraming adds Content-Length or Transfer-Encoding, unless the caller has framed the content.
func (c *Conn) composeFraming(method string, fields *headers.Fields) error {
	content := &c.content
	size, err := driver.Size(content)
	if err != nil {
		return err
	}
	chunked := fields.Has("Transfer-Encoding")
	if fields.Has("Content-Length") || chunked {
		return nil
	}
	switch {
	case content.Trailers() != nil || size < 0:
		if c.config.Version == wire.HTTP10 {
			return &wire.SyntaxError{Rule: wire.RuleCodingInHTTP10, Element: wire.ElementContent, Offset: -1}
		}
		c.out.Add("Transfer-Encoding", "chunked")
	case content.Kind() != body.KindNone, expectsContent(method):
		var digits [20]byte
		c.out.AddBytes(contentLength, strconv.AppendInt(digits[:0], size, 10))
	}
	return nil
}

var contentLength = []byte("Content-Length")

// expectsContent reports whether a request of that method is taken to have content, if only none.
func expectsContent(method string) bool {
	return wire.EqualFold(method, "POST") || wire.EqualFold(method, "PUT") || wire.EqualFold(method, "PATCH")
}
