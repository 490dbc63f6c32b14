package driver

import (
	"cmp"
	"errors"
	"io"
	"os"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
)

// ErrStopped is the error of a send that was given up because the final response had begun.
var ErrStopped = errors.New("sending stopped: the final response came first")

// Message says how Send sends.
type Message struct {
	// Source is the content.
	Source *body.Source
	// BlockSize is how many octets are read from a reader at a time; each read is one chunk where the
	// message is chunked. 0 is 16 KiB.
	BlockSize int
	// Duplex lets sending go on when the final response has begun.
	Duplex bool
	// Expect waits for 100 (Continue), or Times.Continue, before the content is sent.
	Expect bool
	// Open leaves the message open behind Source, for more calls of Send with no head, and at last
	// EndMessage.
	Open bool
	// Blind sends without reading meanwhile: for a pipelined request, before whose response others come.
	Blind bool
	// Interim is called for each interim response that comes meanwhile; the head holds for that call.
	Interim func(*conn.Head) error
}

// Stage is how far sending a message has come.
type Stage uint8

// The stages, in their order.
const (
	StageHead     Stage = iota + 1 // the head was written, with the content where they go together
	StageContinue                  // 100 (Continue) is waited for
	StageSent                      // all was written, or, with an error, never will be
)

// stage tells OnStage.
func (l *Loop) stage(s Stage, err error) {
	if l.OnStage != nil {
		l.OnStage(s, plain(err))
	}
}

// Out returns a slice of length 0 to append a head to, for [Loop.Send].
func (l *Loop) Out() []byte { return getBuffer()[:0] }

// Drop gives back what Out returned, where it is not sent.
func (l *Loop) Drop(out []byte) { putBuffer(out) }

// Send sends a message whose head is in out, which must come from Out, and which is given back. What
// fits goes out in one write. A longer body, or one whose source may block, is sent by a helper, while
// this goroutine reads: when the final response begins before the body is sent, Send returns its event,
// and sending stops, or with Duplex goes on. Otherwise the event is NeedData and the message is sent.
func (l *Loop) Send(out []byte, m Message) (conn.Event, error) {
	defer func() { putBuffer(out) }()
	if l.OnState != nil {
		l.reportStates()
	}
	waited := m.Expect && m.Source.Kind() != body.KindNone
	if waited {
		ev, goOn, err := l.expect(out, m)
		if err != nil || !goOn {
			l.stage(StageSent, cmp.Or(err, ErrStopped))
			return ev, plain(err)
		}
		out = out[:0]
	}
	if m.Source.Kind() == body.KindFile && m.Source.Trailers() == nil && l.Conn.Remain() == 0 {
		if size, err := Size(m.Source); err == nil && size == 0 {
			m.Source = new(body.Source)
		}
	}
	whole := l.fits(len(out), m.Source)
	if whole {
		var err error
		if out, err = l.appendWhole(out, m); err != nil {
			l.stage(StageSent, err)
			return conn.Event{}, err
		}
	}
	ev, err := l.sendParts(&out, m, whole, waited)
	return ev, plain(err)
}

// sendParts sends what of a message is in out, and the rest of its content; headGone tells that the head went before.
// It sets out to nil when it has given it away.
func (l *Loop) sendParts(out *[]byte, m Message, whole, headGone bool) (conn.Event, error) {
	var first []byte
	if !whole && m.Source.Kind() == body.KindReader && m.Source.Len() == 0 && len(*out) > 0 {
		// The head alone would be a whole message. It waits until the reader is found to be as empty.
		first, *out = *out, nil
	}
	if m.Blind {
		if err := l.write(*out); err != nil || whole {
			l.wroteFirst(true, err)
			return conn.Event{}, err
		}
		l.wroteFirst(false, nil)
		l.startHelper(m, first)
		return conn.Event{}, l.FinishSend()
	}
	ev, err := l.writeFirst(*out, m)
	if len(*out) > 0 && !headGone {
		l.wroteFirst(whole, err)
	} else if whole || err != nil {
		l.stage(StageSent, err)
	}
	if whole || err != nil || ev.Kind != conn.NeedData {
		putBuffer(first)
		return ev, err
	}
	l.startHelper(m, first)
	return l.await(m)
}

// wroteFirst tells the stages behind the first write, with which all may be sent.
func (l *Loop) wroteFirst(whole bool, err error) {
	if err == nil {
		l.stage(StageHead, nil)
	}
	if whole || err != nil {
		l.stage(StageSent, err)
	}
}

// EndMessage ends a message that was left open.
func (l *Loop) EndMessage() error {
	out, err := l.Conn.AppendEnd(l.Out(), nil)
	defer putBuffer(out)
	if err != nil {
		return err
	}
	return plain(l.write(out))
}

// plain returns what a writeError holds.
func plain(err error) error {
	if w, ok := err.(*writeError); ok {
		return w.err
	}
	return err
}

// Write writes octets that the machine has appended.
func (l *Loop) Write(out []byte) error { return plain(l.write(out)) }

// write writes out. The limit on a write is one on a write without progress.
func (l *Loop) write(out []byte) error {
	for len(out) > 0 {
		err := l.armWrite()
		n := 0
		if err == nil {
			n, err = l.nc.Write(out)
			l.Wrote = l.Wrote || n > 0
			if err == nil && n < len(out) {
				err = io.ErrShortWrite
			} else if err != nil {
				err = l.explain(err, PhaseWrite)
			}
		}
		if err == nil {
			return nil
		}
		if out = out[n:]; n == 0 || !isTimeout(err) {
			l.broken = true
			return &writeError{err}
		}
	}
	return nil
}

// expect sends the head alone and waits. goOn says that the content is to be sent.
func (l *Loop) expect(out []byte, m Message) (ev conn.Event, goOn bool, err error) {
	ev, err = l.writeFirst(out, m)
	if err == nil {
		l.stage(StageHead, nil)
	}
	if err != nil || ev.Kind != conn.NeedData {
		return ev, false, err
	}
	l.stage(StageContinue, nil)
	if l.Times.Continue > 0 {
		l.awaited = time.Now().Add(l.Times.Continue)
		defer func() { l.awaited = time.Time{} }()
	}
	for l.Conn.ExpectsContinue() {
		ev, err = l.Next()
		switch t, ok := err.(*TimeoutError); {
		case ok && t.Phase == PhaseContinue:
			return conn.Event{}, true, nil // RFC 9110 section 10.1.1: no client need wait for ever
		case err != nil:
			return ev, false, err
		case ev.Kind == conn.InterimHead:
			if err := callInterim(m.Interim, ev.Head); err != nil {
				return ev, false, err
			}
		default:
			return ev, false, nil
		}
	}
	return conn.Event{}, true, nil
}

func callInterim(f func(*conn.Head) error, h *conn.Head) error {
	if f == nil {
		return nil
	}
	if err := f(h); err != nil {
		return &CallerError{err}
	}
	return nil
}

// await reads while the helper sends.
func (l *Loop) await(m Message) (conn.Event, error) {
	l.sending = true
	defer func() { l.sending = false }()
	for {
		ev, err := l.Next()
		switch {
		case err == errSent:
			l.sending = false
			return l.answered(l.FinishSend(), m)
		case err != nil:
			return conn.Event{}, l.failed(err)
		case ev.Kind == conn.InterimHead:
			if err := callInterim(m.Interim, ev.Head); err != nil {
				return conn.Event{}, l.failed(err)
			}
		case m.Duplex:
			return ev, nil
		default:
			l.stopHelper()
			return ev, nil
		}
	}
}

// failed ends sending because reading failed. When the helper failed first, by an error of its own, that
// says more.
func (l *Loop) failed(err error) error {
	h := l.helper
	l.broken = true
	if h == nil || h.stopped {
		return err // the loop was closed meanwhile
	}
	if !h.over() {
		l.stopHelper()
		return err
	}
	rethrow(h.err)
	if _, ok := h.err.(*writeError); h.err != nil && !ok {
		return h.err
	}
	return err
}

// Sending reports whether a helper still sends, as it may with Duplex.
func (l *Loop) Sending() bool { return l.helper != nil && !l.helper.over() }

// Helping reports whether a helper was started whose end is not taken notice of yet, by [Loop.FinishSend].
func (l *Loop) Helping() bool { return l.helper != nil }

// AwaitSend waits until a helper is done, or d has passed, or the context has ended, and reports whether it is
// done.
func (l *Loop) AwaitSend(d time.Duration) bool {
	h := l.helper
	if h == nil || h.over() {
		return true
	}
	var ended <-chan struct{}
	if l.ctx != nil {
		ended = l.ctx.Done()
	}
	h.wait(ended, l.earlier(time.Now().Add(d)))
	return h.over()
}

// FinishSend waits until a helper that still sends is done, and returns its error. The context and the
// deadline end that, even while a source blocks.
func (l *Loop) FinishSend() error {
	h := l.helper
	if h == nil {
		return nil
	}
	if !h.over() {
		var ended <-chan struct{}
		if l.ctx != nil {
			ended = l.ctx.Done()
		}
		h.wait(ended, l.deadline)
		if !h.over() {
			l.stopHelper()
			l.broken = true
			return l.explain(os.ErrDeadlineExceeded, PhaseTotal)
		}
	}
	<-h.gone
	h.noticed = true
	l.readSet, l.writeSet = true, true // the helper has set deadlines of its own
	if h.err != nil {
		l.broken = true
		rethrow(h.err)
		return h.err
	}
	l.helper = nil
	return nil
}
