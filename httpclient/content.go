package httpclient

import (
	"errors"
	"io"

	"github.com/strata-http/strata/body"
)

// Read reads content, as io.Reader does, and returns io.EOF at its end and ever after. Content that is
// cut short is an [*IncompleteReadError]. An error closes the connection.
func (r Response) Read(p []byte) (n int, err error) {
	c, err := r.enter()
	if err != nil {
		return 0, err
	}
	defer c.leave(&err)
	if len(p) == 0 {
		return 0, nil
	}
	n, err = c.loop.Read(p, c.endFunc)
	c.read += int64(n)
	if err == io.EOF {
		c.finish()
		c.linger()
		return n, io.EOF
	}
	if err == nil {
		err = c.tryEnd()
	}
	if err != nil {
		return n, c.readFailed(err)
	}
	return n, nil
}

// enter begins a call that reads content.
func (r Response) enter() (*Conn, error) {
	if !r.current() || r.c == nil {
		return nil, ErrResponseClosed
	}
	if err := r.c.enterAs(useOf(r.gen)); err != nil {
		return nil, err
	}
	c, err := r.readable()
	if err != nil {
		r.c.leave(&err)
	}
	return c, err
}

// readable returns the Conn to read from.
func (r Response) readable() (*Conn, error) {
	switch {
	case !r.current() || r.c == nil:
		return nil, ErrResponseClosed
	case r.h.ended || r.h.framing.Mode == body.Tunnel:
		r.c.linger()
		return nil, io.EOF
	case !r.c.reading:
		return nil, ErrResponseClosed
	}
	if err := r.c.pending; err != nil && len(r.c.loop.Pending()) == 0 {
		return nil, r.c.readFailed(err)
	}
	return r.c, nil
}

// readFailed closes the connection, and tells what the error means.
func (c *Conn) readFailed(err error) error {
	c.reading, c.pending = false, nil
	c.disconnect("reading failed")
	return c.receiveError(err, true)
}

// WriteTo writes the content to w, until its end or an error, without a copy in between.
func (r Response) WriteTo(w io.Writer) (n int64, err error) {
	c, err := r.enter()
	if err == io.EOF {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer c.leave(&err)
	for {
		if _, err := r.readable(); err == io.EOF {
			return n, c.meanwhile()
		} else if err != nil {
			return n, err
		}
		view, err := c.loop.View(c.endFunc)
		if err == io.EOF {
			c.finish()
			c.linger()
			return n, c.meanwhile()
		}
		if err != nil {
			return n, c.readFailed(err)
		}
		m, err := w.Write(view)
		if m < 0 || m > len(view) {
			return n, errWriteCount
		}
		c.loop.Discard(m)
		n += int64(m)
		c.read += int64(m)
		if err == nil && m < len(view) {
			err = io.ErrShortWrite
		}
		if err != nil {
			return n, err
		}
		if err := c.tryEnd(); err != nil {
			return n, c.readFailed(err)
		}
	}
}

var errWriteCount = errors.New("httpclient: the writer returned an impossible count")

// Close ends the response. Content that was not read to its end closes the connection; the next request
// dials anew. Close never waits. It may be called from another goroutine than the one that reads, whose call
// then fails with an error that is net.ErrClosed.
func (r Response) Close() (err error) {
	c := r.c
	if c == nil {
		return nil
	}
	for c.enterAs(useEnding) != nil {
		if !r.current() {
			return nil
		}
		now := c.use.state.Load()
		if now != useFree && now != useOf(r.gen) || now != useFree && c.interruptIn(now) {
			return nil
		}
	}
	defer c.leave(&err)
	if r.current() && r.h.ended && c.connected {
		c.settle()
	}
	if !r.current() || !c.reading {
		return nil
	}
	c.reading = false
	return c.disconnect("the response was closed before its end")
}
