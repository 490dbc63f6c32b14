package httpserver

import (
	"errors"
	"io"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/wire"
)

// Read reads content, as io.Reader does, and returns io.EOF at its end and ever after. Content that is cut
// short, breaks a rule or is late is a [*RequestError], and the connection closes behind the response.
//
// A client that waits for 100 (Continue) is sent that by the first call.
func (r Request) Read(p []byte) (int, error) {
	if !r.current() {
		return 0, ErrHandlerReturned
	}
	x := r.x
	if err := x.mayRead(); err != nil {
		return 0, err
	}
	n, err := x.c.loop.Read(p, x.onEnd)
	if n > 0 && len(x.c.loop.Pending()) == 0 {
		x.lookForEnd()
	}
	return n, x.readFailed(err)
}

// lookForEnd notices the end of content that was read whole, where it has arrived, before anybody reads on: many
// a handler never does.
func (x *exchange) lookForEnd() {
	l := &x.c.loop
	l.Lock()
	ahead := x.c.machine.Ahead()
	l.Unlock()
	if ahead == 0 {
		l.TryEnd(x.onEnd) // an error is the next Read's too
	}
}

// WriteTo writes the content to w, until its end or an error, without a copy in between.
func (r Request) WriteTo(w io.Writer) (n int64, err error) {
	for {
		view, err := r.Peek()
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
		k, err := w.Write(view)
		if k < 0 || k > len(view) {
			k, err = 0, io.ErrShortWrite
		}
		r.x.c.loop.Discard(k)
		n += int64(k)
		if err == nil && k < len(view) {
			err = io.ErrShortWrite
		}
		if err != nil {
			return n, err
		}
	}
}

// Peek returns content that comes next without taking it, at least one octet. It may read once. At the end
// of the content it returns io.EOF. The slice holds until the next call that reads.
func (r Request) Peek() ([]byte, error) {
	if !r.current() {
		return nil, ErrHandlerReturned
	}
	x := r.x
	if err := x.mayRead(); err != nil {
		return nil, err
	}
	view, err := x.c.loop.View(x.onEnd)
	return view, x.readFailed(err)
}

// ReadAll reads the content to its end, up to limit octets; more is io.ErrShortBuffer, and what was read is
// returned with it. A negative limit is none. Memory grows with what arrives, never with what Content-Length
// says.
func (r Request) ReadAll(limit int64) ([]byte, error) {
	var all []byte
	for {
		view, err := r.Peek()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		if limit >= 0 && int64(len(all)+len(view)) > limit {
			return all, io.ErrShortBuffer
		}
		all = append(all, view...)
		r.x.c.loop.Discard(len(view))
	}
}

// OnChunk has f called for each chunk of the content that begins from now on, the last-chunk with size 0
// included, while content is read. ext is its chunk extensions, for [wire.ConsumeChunkExt]; it holds for the
// call.
func (r Request) OnChunk(f func(size int64, ext []byte)) {
	if r.current() {
		r.x.c.loop.OnChunk = f
	}
}

// mayRead is asked before content is read.
func (x *exchange) mayRead() error {
	switch {
	case x.readErr.Load() != nil:
		return x.readErr.Load()
	case x.ended.Load():
		return io.EOF
	case x.c.isHijacked():
		return ErrHijacked
	}
	return x.sendContinue()
}

// sendContinue sends 100 (Continue) where the client waits for it.
func (x *exchange) sendContinue() error {
	c := x.c
	c.loop.Lock()
	expects := c.machine.ExpectsContinue()
	c.loop.Unlock()
	if !expects || x.c.s.Protocol == wire.HTTP10 {
		return nil
	}
	x.send.Lock()
	defer x.send.Unlock()
	if x.committed {
		return nil // the client has its answer, and may send content or not
	}
	return x.interim(100, nil)
}

// onEnd keeps the trailers, at the end of the content.
func (x *exchange) onEnd(ev conn.Event) {
	if ev.Trailers != nil {
		x.trailers.CopyFrom(ev.Trailers)
	}
	x.ended.Store(true)
	x.watchNow()
}

func (x *exchange) readFailed(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	if errors.Is(err, driver.ErrInterrupted) {
		return ErrInterrupted
	}
	r := refused(err)
	x.readErr.Store(r)
	if !isProtocol(err) {
		x.endContext(ErrGone, false)
	}
	return r
}

// Interrupt ends a Read that another goroutine of the handler is in, and makes every later one fail: each
// returns [ErrInterrupted]. Content that was not read stays unread, as if nobody had asked for it.
func (r Request) Interrupt() {
	if r.current() && !r.x.ended.Load() && !r.x.c.isHijacked() {
		r.x.c.loop.Interrupt()
	}
}

// tryEnd sees to it that a request without content has ended before the handler runs, and one whose content
// was received with its head as far as it is empty. It reports false where the connection has failed.
func (x *exchange) tryEnd() bool {
	if x.framing.Mode != body.NoBody && !(x.framing.Mode == body.LengthDelimited && x.framing.Length == 0) {
		return true
	}
	_, err := x.c.loop.TryEnd(x.onEnd)
	return err == nil
}

// drain reads what the handler left of the content, within bounds. It reports whether the end was reached.
func (x *exchange) drain() bool {
	c := x.c
	if x.ended.Load() {
		return true
	}
	limit := c.drainLimit()
	if limit < 0 || x.framing.Mode == body.LengthDelimited && c.machine.Ahead() > limit || c.machine.ExpectsContinue() {
		return false
	}
	for {
		view, err := c.loop.View(x.onEnd)
		if err == io.EOF {
			return true
		}
		if limit -= int64(len(view)); err != nil || limit < 0 {
			return false
		}
		c.loop.Discard(len(view))
	}
}

func (c *serverConn) drainLimit() int64 {
	if c.s.Drain == 0 {
		return DefaultDrain
	}
	return c.s.Drain
}
