package nethttp

import (
	"compress/gzip"
	"context"
	"io"
	"maps"
	"sync"

	"github.com/strata-http/strata/headers"
)

// content is the body of a response.
type content struct {
	x *exchange

	mu     sync.Mutex
	busy   bool // a Read is under way
	closed bool
	over   bool  // the connection is not ours any more
	err    error // what every further Read returns
	end    headers.Fields
}

// Read reads content. At its end the trailers are there and the connection is free for others.
func (c *content) Read(p []byte) (int, error) {
	if err := c.enter(); err != nil {
		return 0, err
	}
	n, err := 0, error(nil)
	if c.x.ctx.Err() != nil {
		err = context.Cause(c.x.ctx)
	} else {
		n, err = c.x.answer.Read(p)
	}
	return n, c.leave(err)
}

// WriteTo writes the content to w, without a copy in between. An error of w leaves the rest of the content to be
// read.
func (c *content) WriteTo(w io.Writer) (int64, error) {
	err := c.enter()
	if err == io.EOF {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	left := false
	defer func() {
		if !left { // w has panicked
			c.leave(errClosedBody)
		}
	}()
	n := int64(0)
	if c.x.ctx.Err() != nil {
		err = context.Cause(c.x.ctx)
	} else if n, err = c.x.answer.WriteTo(w); err == nil {
		err = io.EOF
	}
	left = true
	if err != io.EOF && c.x.ctx.Err() == nil && c.open() {
		c.leave(nil)
		return n, err
	}
	if err = c.leave(err); err == io.EOF {
		err = nil
	}
	return n, err
}

// open reports whether there is content to be read still: what failed was not reading.
func (c *content) open() bool {
	conn := c.x.conn.Conn()
	return conn != nil && conn.Connected() && !c.x.answer.Closed()
}

// leave ends a Read that ended with err, and returns what it returns.
func (c *content) leave(err error) error {
	if err == io.EOF {
		c.keepTrailers()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	switch {
	case c.closed: // meanwhile
		c.drop()
		if err == nil || err == io.EOF {
			return err
		}
		return errClosedBody
	case err == io.EOF:
		c.err = io.EOF
		if !c.x.conn.Conn().Sending() {
			c.drop()
		}
	case err != nil:
		c.err = c.x.failure(err)
		c.drop()
	default:
		return nil
	}
	return c.err
}

// enter begins a Read.
func (c *content) enter() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return errClosedBody
	case c.err != nil:
		return c.err
	case c.busy:
		return errConcurrent
	}
	c.busy = true
	return nil
}

// drop gives the connection back, or closes it. mu is held.
func (c *content) drop() {
	if !c.over {
		c.over = true
		c.x.release()
	}
}

// Close ends the response. Content that was not read to its end takes the connection with it, and so does the content of the
// request that is still being sent.
func (c *content) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	if c.busy {
		c.x.answer.Close() // the Read that is under way does the rest
		return nil
	}
	c.drop()
	return nil
}

// keepTrailers puts the trailer section into the response.
func (c *content) keepTrailers() {
	t := c.x.answer.Trailers()
	if t.Len() == 0 {
		return
	}
	c.end.CopyFrom(t)
	if set := c.x.set; set != nil && set.received != nil && set.received.resp == &c.x.resp {
		set.received.Trailers.CopyFrom(t)
	}
	r := newRecord(nil, t)
	h := header(r.lines)
	if c.x.resp.Trailer == nil {
		c.x.resp.Trailer = h
	} else {
		maps.Copy(c.x.resp.Trailer, h)
	}
}

func (c *content) fields() *headers.Fields { return fieldsOf(c.x.record.lines) }

func (c *content) trailers() *headers.Fields { return &c.end }

// noContent is the body of a response without content: it remembers the fields.
type noContent struct{ record *record }

func (*noContent) Read([]byte) (int, error)         { return 0, io.EOF }
func (*noContent) Close() error                     { return nil }
func (*noContent) WriteTo(io.Writer) (int64, error) { return 0, nil }
func (b *noContent) fields() *headers.Fields        { return fieldsOf(b.record.lines) }
func (*noContent) trailers() *headers.Fields        { return new(headers.Fields) }

// gzipContent decodes the content of a response that the Transport has asked to be coded.
type gzipContent struct {
	content *content // not embedded: what it writes is not decoded
	decoder *gzip.Reader
	failed  error
}

func (g *gzipContent) Close() error              { return g.content.Close() }
func (g *gzipContent) fields() *headers.Fields   { return g.content.fields() }
func (g *gzipContent) trailers() *headers.Fields { return g.content.trailers() }

// Read reads decoded content. The decoder is made with the first one, since that waits for the server.
func (g *gzipContent) Read(p []byte) (int, error) {
	g.content.mu.Lock()
	closed := g.content.closed
	g.content.mu.Unlock()
	switch {
	case closed:
		return 0, errClosedBody
	case g.failed != nil:
		return 0, g.failed
	}
	if g.decoder == nil {
		if g.decoder, g.failed = gzip.NewReader(g.content); g.failed != nil {
			g.decoder = nil
			return 0, g.failed
		}
	}
	return g.decoder.Read(p)
}
