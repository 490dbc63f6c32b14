package driver

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/strata-http/strata/body"
)

// errSent interrupts a read that is made only until something is sent.
var errSent = errors.New("driver: the message is sent")

// errExited is the error for a source that ended the goroutine (runtime.Goexit).
var errExited = errors.New("driver: the source ended its goroutine")

// writeError is a failed write to the peer, as against a failed source.
type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

// CallerError is an error of the caller's own: of a source, or of a function for interim responses. It keeps
// such an error, which may be of any type, apart from what the peer did.
type CallerError struct{ Err error }

func (e *CallerError) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *CallerError) Unwrap() error { return e.Err }

// helper sends one body.
type helper struct {
	clock
	l      *Loop
	nc     net.Conn
	source body.Source // a copy: the caller's may be another one's before this source returns
	block  int
	open   bool          // the message goes on behind the source
	times  time.Duration // limit of one write
	staged func(Stage, error)
	first  []byte // a head that waits for the source to be found empty
	out    []byte
	err    error // to be read behind gone, or behind finished

	gone     chan struct{} // closed when nothing that is shared is touched any more
	finished atomic.Bool   // err is set and a reader is being interrupted
	stop     atomic.Bool   // sending was given up
	inSource atomic.Bool   // within the source, which may block for ever

	retired bool // the helper's own: gone is closed
	stopped bool // the loop's own: stopHelper was called
	noticed bool // the loop's own: the interruption was noticed
}

// over reports whether the helper has come to its end.
func (h *helper) over() bool { return h.finished.Load() }

func (l *Loop) startHelper(m Message, first []byte) {
	h := &helper{
		clock: l.clock, l: l, nc: l.nc, source: *m.Source, block: m.BlockSize, open: m.Open,
		times: l.Times.Write, staged: l.OnStage, first: first, gone: make(chan struct{}),
	}
	if h.block <= 0 {
		h.block = bufferSize
	}
	if l.writeSet {
		l.nc.SetWriteDeadline(time.Time{})
		l.writeSet = false
	}
	l.helper, l.Wrote = h, true
	go h.main()
}

func (h *helper) main() {
	h.out = getBuffer()[:0]
	err := errExited
	defer func() {
		if v := recover(); v != nil {
			err = caught(v)
		}
		h.retire(err)
		putBuffer(h.out)
		putBuffer(h.first)
	}()
	err = h.run()
}

// retire tells the loop how sending ended. From then on the helper touches nothing that is shared, though
// it may still be inside its source.
func (h *helper) retire(err error) {
	if h.retired {
		return
	}
	h.retired = true
	h.err = err
	if h.staged != nil {
		h.staged(StageSent, plain(err))
	}
	h.finished.Store(true)
	if h.leave() {
		h.nc.SetReadDeadline(past) // whoever reads meanwhile waits for nothing else
	}
	close(h.gone)
}

// wait waits until the helper is done, ended is closed, or it is later than the deadline, if there is one.
func (h *helper) wait(ended <-chan struct{}, deadline time.Time) {
	var late <-chan time.Time
	if !deadline.IsZero() {
		t := time.NewTimer(time.Until(deadline))
		defer t.Stop()
		late = t.C
	}
	select {
	case <-h.gone:
	case <-ended:
	case <-late:
	}
}

// stopHelper ends the helper, and waits for it unless it is inside a source that does not end: such a
// one finds out when the source returns, and touches nothing any more. A source that can be closed is,
// and is given a moment to return, so that it is seldom in use when the caller goes on.
func (l *Loop) stopHelper() {
	h := l.helper
	if h == nil || h.stopped {
		return
	}
	h.stopped = true
	h.stop.Store(true)
	h.nc.SetWriteDeadline(past)
	l.readSet, l.writeSet = true, true
	if h.inSource.Load() {
		l.broken = true
		if c, ok := h.source.Reader().(io.Closer); ok {
			h.closeSource(c)
		}
		return
	}
	<-h.gone
	if h.err != nil {
		l.broken = true
		return
	}
	l.helper = nil // it had sent everything
}

// closeSource closes the source, and gives it a moment to return from its Read. Close may itself wait for
// that.
func (h *helper) closeSource(c io.Closer) {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		c.Close()
	}()
	late := time.NewTimer(patience)
	defer late.Stop()
	for _, end := range [...]<-chan struct{}{closed, h.gone} {
		select {
		case <-end:
		case <-late.C:
			return
		}
	}
}
