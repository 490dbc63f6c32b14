package httpclient

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/wire"
)

// step is how far a request has come that is sent in four steps.
type step uint8

const (
	stepIdle   step = iota
	stepFields      // behind PutRequest
	stepBody        // behind EndHeaders: content may follow
)

// PutRequest begins a request that is sent step by step: PutRequest, [Conn.PutHeader] for each field,
// [Conn.EndHeaders], [Conn.Send] for content. Nothing is dialled or written before EndHeaders. Host and
// Accept-Encoding: identity are added here, unless skip says otherwise; a field of the same name that is
// put later stands beside them, and two Host fields are refused. It is [ErrCannotSendRequest] where
// [Conn.Request] is.
func (c *Conn) PutRequest(method, target string, skip Skip) error {
	if err := c.mayBegin(); err != nil {
		return err
	}
	if target == "" {
		target = "/"
	}
	target = withoutUserinfo(target)
	if _, err := wire.AppendRequestLine(nil, method, target, wire.HTTP11, c.targetLeniency()); err != nil {
		return sendError(err)
	}
	if _, err := wire.ParseTarget(method, target); err != nil {
		return sendError(err)
	}
	if err := c.compose(method, target, nil, skip); err != nil {
		return err
	}
	c.method, c.target, c.step = method, target, stepFields
	return nil
}

func (c *Conn) targetLeniency() wire.Lenient {
	if c.config.ObsTarget {
		return wire.AllowObsTarget
	}
	return 0
}

// PutHeader adds a field line. Several values are joined by SP: that is how RFC 9112 section 5.2 reads the
// continuation lines that http.client sends. Without a PutRequest before, or behind EndHeaders, it is
// [ErrCannotSendHeader]. A name or value that cannot be sent is refused and nothing is added.
func (c *Conn) PutHeader(name string, values ...string) error {
	if c.step != stepFields {
		return ErrCannotSendHeader
	}
	value := strings.Join(values, " ")
	if err := wire.CheckField(name, value); err != nil {
		return sendError(err)
	}
	if err := c.checkTunnelled(c.target, name); err != nil {
		return err
	}
	c.out.Add(name, value)
	return nil
}

// PutHeaderFolded is [Conn.PutHeader], but for several values it sends what the documents of http.client
// say: continuation lines of CR LF HTAB and a value. That is an obs-fold, which RFC 9112 section 5.2
// forbids to senders and many servers refuse. Each value is checked by itself.
func (c *Conn) PutHeaderFolded(name string, values ...string) error {
	if len(values) < 2 {
		return c.PutHeader(name, values...)
	}
	if c.step != stepFields {
		return ErrCannotSendHeader
	}
	for _, value := range values {
		if err := wire.CheckField(name, value); err != nil {
			return sendError(err)
		}
	}
	line := c.out.Len()
	if err := c.PutHeader(name, values...); err != nil {
		return err // an empty value may stand between others alone
	}
	c.folds = append(c.folds, fold{line: line, values: slices.Clone(values)})
	return nil
}

// fold is a field line that goes out folded.
type fold struct {
	line   int
	values []string
}

// refold returns head, which the machine made of joined values, with the folds that were asked for. It
// goes from the last to the first, so that no fold stands before a line whose line ends it counts.
func (c *Conn) refold(head []byte) []byte {
	for i := len(c.folds) - 1; i >= 0; i-- {
		f := c.folds[i]
		at := 0
		for range f.line + 1 { // the start-line, and the field lines before
			at += bytes.IndexByte(head[at:], '\n') + 1
		}
		name, joined := c.out.At(f.line)
		value := at + len(name) + len(": ")
		rest := append([]byte(nil), head[value+len(joined):]...)
		head = append(head[:value], strings.Join(f.values, "\r\n\t")...)
		head = append(head, rest...)
	}
	return head
}

// EndHeaders sends the head, and content behind it in the same write where that is small. With content
// the message is complete, and framed as by [Conn.Request]: by the fields that were put, else by
// Content-Length or Transfer-Encoding, which are added. With [body.None] it stays open for
// [Conn.Send], framed by the fields that were put; [Conn.Response] ends it.
//
// Without a PutRequest before it is [ErrCannotSendHeader]. Errors are those of [Conn.Request]; those about
// fields leave the request as it is, so that it can be mended or given up with [Conn.Close].
func (c *Conn) EndHeaders(ctx context.Context, content body.Source) (err error) {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave(&err)
	if c.step != stepFields {
		return ErrCannotSendHeader
	}
	c.content = content
	open := content.Kind() == body.KindNone && content.Trailers() == nil
	c.put.CopyFrom(&c.out)
	if err := c.endHeaders(ctx, open); err != nil {
		c.out.CopyFrom(&c.put) // what was added goes with this content, and this attempt, alone
		return err
	}
	c.folds = c.folds[:0]
	c.step = stepIdle
	if open {
		c.step = stepBody
	}
	return nil
}

// endHeaders adds what is missing, and sends the head with c.content.
func (c *Conn) endHeaders(ctx context.Context, open bool) error {
	if !open {
		if err := c.composeFraming(c.method, &c.out); err != nil {
			return err
		}
	}
	if err := c.composeProxy(ctx, c.method, c.target); err != nil {
		return err
	}
	return c.start(ctx, c.method, c.target, open)
}

// Send sends content of a request whose head [Conn.EndHeaders] has sent: where the fields frame it by
// Transfer-Encoding: chunked, bytes and strings as one chunk, an iterable as a chunk for each element, a
// reader as one for each read; octets that are in the chunked coding already are marked by
// [body.Source.Coded]. More than Content-Length says is refused before it is written. Elsewhere than behind
// EndHeaders it is [ErrCannotSendRequest].
//
// When the final response has begun already, Send writes nothing more and returns [ErrResponseBegun]:
// the response is to be read.
func (c *Conn) Send(ctx context.Context, content body.Source) (err error) {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave(&err)
	if c.step != stepBody {
		return &protocolError{kind: ErrCannotSendRequest, err: errNotOpen}
	}
	if c.have {
		return ErrResponseBegun
	}
	if content.Trailers() != nil {
		return &protocolError{kind: ErrHTTP, err: wire.RuleTrailerUnframed}
	}
	if err := checkFile(&content); err != nil {
		return &protocolError{kind: ErrUnimplementedFileMode, err: err}
	}
	c.content = content
	if err := c.loop.Begin(ctx, c.deadline); err != nil {
		return err
	}
	if err := c.send(c.loop.Out(), true); err != nil {
		c.waiting = 0
		return err
	}
	return nil
}

var errNotOpen = errors.New("no request is open for content")

// complete ends a request that was left open.
func (c *Conn) complete(ctx context.Context) error {
	if c.step != stepBody {
		return nil
	}
	c.step = stepIdle
	if c.have {
		return nil // the response came first: the request is not ended, the connection not kept
	}
	if err := c.loop.Begin(ctx, c.deadline); err != nil {
		c.waiting = 0
		c.disconnect("the request was not complete")
		return err
	}
	if err := c.loop.EndMessage(); err != nil {
		c.waiting = 0
		err = c.exchangeError(err)
		c.disconnect("the request was not complete")
		return err
	}
	return nil
}
