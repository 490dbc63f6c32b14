package driver

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/strata-http/strata/body"
)

// errSent interrupts a read when the helper is done.
var errSent = errors.New("driver: the body is sent")

// writeError is a failed write to the peer, as against a failed source.
type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

// helper sends one body.
type helper struct {
	clock
	l      *Loop
	nc     net.Conn
	source *body.Source
	block  int
	open   bool          // the message goes on behind the source
	times  time.Duration // limit of one write
	out    []byte
	err    error // to be read behind done
	done   chan struct{}

	finished atomic.Bool // err is set and a reader is being interrupted
	stop     atomic.Bool // sending was given up
	inSource atomic.Bool // within the source, which may block for ever
}

// over reports whether the helper has come to its end.
func (h *helper) over() bool { return h.finished.Load() }

func (l *Loop) startHelper(m Message) {
	h := &helper{
		clock: l.clock, l: l, nc: l.nc, source: m.Source, block: m.BlockSize, open: m.Open,
		times: l.Times.Write, done: make(chan struct{}),
	}
	if h.block <= 0 {
		h.block = bufferSize
	}
	if l.writeSet {
		l.nc.SetWriteDeadline(time.Time{})
		l.writeSet = false
	}
	l.helper = h
	go func() {
		h.out = getBuffer()[:0]
		h.err = h.run()
		putBuffer(h.out)
		h.finished.Store(true)
		if !h.stop.Load() {
			h.nc.SetReadDeadline(past) // whoever reads meanwhile waits for nothing else
		}
		close(h.done)
	}()
}

// stopHelper ends the helper, and waits for it unless it is inside a source that does not end: such a
// one finds out when the source returns, and touches nothing any more.
func (l *Loop) stopHelper() {
	h := l.helper
	if h == nil {
		return
	}
	h.stop.Store(true)
	h.nc.SetWriteDeadline(past)
	l.readSet, l.writeSet = true, true
	if h.inSource.Load() {
		if c, ok := h.source.Reader().(io.Closer); ok {
			c.Close()
		}
		return
	}
	<-h.done
}
