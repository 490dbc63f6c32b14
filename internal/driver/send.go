package driver

import (
	"errors"

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
	if m.Expect && m.Source.Kind() != body.KindNone {
		ev, goOn, err := l.expect(out, m)
		if err != nil || !goOn {
			return ev, err
		}
		out = out[:0]
	}
	if l.fits(len(out), m.Source) {
		var err error
		if out, err = l.appendWhole(out, m); err != nil {
			return conn.Event{}, err
		}
		return conn.Event{}, l.write(out)
	}
	if len(out) > 0 {
		if err := l.write(out); err != nil {
			return conn.Event{}, err
		}
	}
	l.startHelper(m)
	if m.Blind {
		return conn.Event{}, l.FinishSend()
	}
	return l.await(m)
}

// EndMessage ends a message that was left open.
func (l *Loop) EndMessage() error {
	out, err := l.Conn.AppendEnd(l.Out(), nil)
	defer putBuffer(out)
	if err != nil {
		return err
	}
	return l.write(out)
}

// Write writes octets that the machine has appended.
func (l *Loop) Write(out []byte) error { return l.write(out) }

func (l *Loop) write(out []byte) error {
	if len(out) == 0 {
		return nil
	}
	if err := l.armWrite(); err != nil {
		return err
	}
	_, err := l.nc.Write(out)
	return l.explain(err, PhaseWrite)
}

// expect sends the head alone and waits. goOn says that the content is to be sent.
func (l *Loop) expect(out []byte, m Message) (ev conn.Event, goOn bool, err error) {
	if err := l.write(out); err != nil {
		return ev, false, err
	}
	l.awaited = l.Times.Continue
	defer func() { l.awaited = 0 }()
	for l.Conn.ExpectsContinue() {
		ev, err = l.Next()
		switch {
		case err != nil && isTimeout(err) && l.Times.Continue > 0 && err.(*TimeoutError).Phase != PhaseTotal:
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
	return f(h)
}

// await reads while the helper sends.
func (l *Loop) await(m Message) (conn.Event, error) {
	l.sending = true
	defer func() { l.sending = false }()
	for {
		ev, err := l.Next()
		switch {
		case err == errSent:
			return l.sent()
		case err != nil:
			return l.failed(err)
		case ev.Kind == conn.InterimHead:
			if err := callInterim(m.Interim, ev.Head); err != nil {
				return l.failed(err)
			}
		case m.Duplex:
			return ev, nil
		default:
			l.stopHelper()
			return ev, nil
		}
	}
}

// sent is the end of await when the helper is done. A peer that stops reading often has answered
// before, so a failed write is no reason not to look for the response.
func (l *Loop) sent() (conn.Event, error) {
	err := l.FinishSend()
	var w *writeError
	if !errors.As(err, &w) {
		return conn.Event{}, err
	}
	l.sending = false
	for {
		ev, readErr := l.Next()
		if readErr != nil {
			return conn.Event{}, w.err
		}
		if ev.Kind != conn.InterimHead {
			return ev, nil
		}
	}
}

// failed ends sending because reading failed. When the helper failed first, its error says more.
func (l *Loop) failed(err error) (conn.Event, error) {
	h := l.helper
	if !h.over() {
		l.stopHelper()
	}
	if h.over() && h.err != nil && !errors.Is(h.err, ErrStopped) {
		var w *writeError
		if !errors.As(h.err, &w) {
			err = h.err
		}
	}
	return conn.Event{}, err
}

// Sending reports whether a helper still sends, as it may with Duplex.
func (l *Loop) Sending() bool { return l.helper != nil && !l.helper.over() }

// FinishSend waits until a helper that still sends is done, and returns its error.
func (l *Loop) FinishSend() error {
	if l.helper == nil {
		return nil
	}
	<-l.helper.done
	err := l.helper.err
	l.helper = nil
	l.readSet, l.writeSet = true, true // the helper has set deadlines of its own
	return err
}
