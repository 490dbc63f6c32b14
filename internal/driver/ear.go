package driver

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/strata-http/strata/conn"
)

// patience is how long the first write of a message may be held up before somebody listens meanwhile.
const patience = 10 * time.Millisecond

// errHeard ends a write whose message was answered before it was written.
var errHeard = errors.New("driver: the final response came first")

// ear hears a final response while the loop's goroutine is held up in the first write of a message. The
// kernel takes such a write at once and needs no ear; a pipe may take it when the peer reads, and not before.
type ear struct {
	timer *time.Timer
	heard chan struct{} // receives when the listener is done
	on    bool
	m     Message

	written atomic.Bool // the write is over, listening ends
	full    atomic.Bool // something was heard, writing ends

	// What was heard.
	ev  conn.Event
	err error
}

// writeFirst writes what of a message goes out first. When the final response begins before that is
// written, it returns its event, and the connection is broken unless all was written.
func (l *Loop) writeFirst(out []byte, m Message) (conn.Event, error) {
	if len(out) == 0 {
		return conn.Event{}, nil
	}
	if l.socket && len(out) <= bufferSize {
		return l.answered(l.write(out), m)
	}
	e := &l.ear
	e.on, e.m, e.ev, e.err = true, m, conn.Event{}, nil
	e.written.Store(false)
	e.full.Store(false)
	if e.timer == nil {
		e.heard = make(chan struct{}, 1)
		e.timer = time.AfterFunc(patience, l.listen)
	} else {
		e.timer.Reset(patience)
	}
	err := l.write(out)
	e.written.Store(true)
	if !e.timer.Stop() {
		l.nc.SetReadDeadline(past)
		<-e.heard
		l.readSet, l.writeSet = true, true
	}
	e.on, e.m = false, Message{}
	if _, panicked := e.err.(*Panic); panicked {
		l.broken = true
		rethrow(e.err)
	}
	switch ev := e.ev; {
	case ev.Kind != conn.NeedData:
		e.ev = conn.Event{}
		return ev, nil
	case e.err != nil && e.err != errSent:
		return conn.Event{}, e.err
	}
	return l.answered(err, m)
}

// listen reads until the write is over or the final response has begun. While it runs, the goroutine of
// the loop is within the write and uses neither machine nor read buffer.
func (l *Loop) listen() {
	e := &l.ear
	defer func() {
		if v := recover(); v != nil {
			e.ev, e.err = conn.Event{}, caught(v)
		}
		if e.err != errSent {
			e.full.Store(true)
			l.nc.SetWriteDeadline(past)
		}
		e.heard <- struct{}{}
	}()
	for {
		e.ev, e.err = l.Next()
		if e.err == nil && e.ev.Kind == conn.InterimHead {
			if e.err = callInterim(e.m.Interim, e.ev.Head); e.err == nil {
				continue
			}
			e.ev = conn.Event{}
		}
		break
	}
}

// answered looks for the response when a write has failed: a peer that stops reading often has answered
// before. When time ran out it has not, since somebody was listening all the while.
func (l *Loop) answered(failed error, m Message) (conn.Event, error) {
	w, ok := failed.(*writeError)
	if !ok || isTimeout(w.err) || !peerGone(w.err) || l.canceled() != nil {
		return conn.Event{}, failed
	}
	for {
		ev, err := l.Next()
		switch {
		case err != nil && l.Started() && !timedOut(err):
			return conn.Event{}, err
		case err != nil:
			return conn.Event{}, w.err
		case ev.Kind != conn.InterimHead:
			return ev, nil
		}
		if err := callInterim(m.Interim, ev.Head); err != nil {
			return conn.Event{}, err
		}
	}
}

// peerGone reports whether a write failed because the peer takes no more.
func peerGone(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, io.ErrClosedPipe) ||
		errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}
