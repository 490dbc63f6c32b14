package driver

import (
	"context"
	"errors"
	"os"
	"time"
)

// Times are limits for single steps of an exchange. A zero is no limit.
type Times struct {
	Write     time.Duration // one write to the peer
	FirstByte time.Duration // from the end of sending to the first octet of a response
	Between   time.Duration // between octets of a message
	Continue  time.Duration // for 100 (Continue), before the content is sent all the same
}

// Phase is the step in which time ran out.
type Phase string

// The phases.
const (
	PhaseDial      Phase = "dial" // this and the next one are for who opens connections
	PhaseTLS       Phase = "TLS handshake"
	PhaseWrite     Phase = "write"
	PhaseContinue  Phase = "continue" // never an error: sending goes on
	PhaseFirstByte Phase = "first byte"
	PhaseHead      Phase = "response head"
	PhaseBetween   Phase = "between bytes"
	PhaseTotal     Phase = "total"
)

// TimeoutError is the error when a limit ran out. It is os.ErrDeadlineExceeded and a net.Error.
type TimeoutError struct{ Phase Phase }

func (e *TimeoutError) Error() string   { return "time-out (" + string(e.Phase) + ")" }
func (e *TimeoutError) Timeout() bool   { return true }
func (e *TimeoutError) Temporary() bool { return true }
func (e *TimeoutError) Unwrap() error   { return os.ErrDeadlineExceeded }

// past is a deadline that ends an operation at once.
var past = time.Unix(1, 0)

// watch ends the I/O of a loop when a context ends. It is kept from one exchange to the next as long as
// the context is the same, so that a context made once costs once.
type watch struct {
	ctx   context.Context
	ended <-chan struct{} // the context's
	stop  func() bool
	done  chan struct{} // closed when the context's end has been carried out
}

// Begin makes ctx and deadline, which may be zero, hold for what follows. A context that cannot be
// cancelled costs nothing.
func (l *Loop) Begin(ctx context.Context, deadline time.Time) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	l.clock = clock{deadline: deadline, own: true}
	if ctx.Done() != nil {
		l.ctx = ctx
	}
	if d, ok := ctx.Deadline(); ok && (deadline.IsZero() || d.Before(deadline)) {
		// The context would end the wait too; its deadline does so without a second timer.
		l.deadline, l.own = d, false
	}
	if l.watch != nil {
		// Contexts of one channel end together, and unlike contexts channels can always be compared.
		if l.watch.ended == ctx.Done() {
			return nil
		}
		l.unwatch()
	}
	if l.ctx == nil {
		return nil
	}
	w := &watch{ctx: ctx, ended: ctx.Done(), done: make(chan struct{})}
	nc := l.nc
	w.stop = context.AfterFunc(ctx, func() {
		nc.SetDeadline(past)
		close(w.done)
	})
	l.watch = w
	return nil
}

// End ends what Begin began, where the connection is to be kept for no context in particular.
func (l *Loop) End() {
	l.clock = clock{}
	if l.watch != nil && l.watch.ctx.Err() != nil {
		l.unwatch()
	}
}

// unwatch takes the watch off. When its context has ended meanwhile, the past deadline that it sets is
// waited for, and taken back by the next operation.
func (l *Loop) unwatch() {
	if !l.watch.stop() {
		<-l.watch.done
		l.readSet, l.writeSet = true, true
	}
	l.watch = nil
}

// clock is what bounds the steps of one exchange.
type clock struct {
	ctx      context.Context // nil when it cannot be cancelled
	deadline time.Time       // for all of the exchange
	own      bool            // the deadline is the loop's limit, not the context's
}

// canceled returns why the context ended, or nil.
func (k *clock) canceled() error {
	if k.ctx != nil && k.ctx.Err() != nil {
		return context.Cause(k.ctx)
	}
	return nil
}

// limit returns when a step that may take d has to be over; the zero time is never.
func (k *clock) limit(d time.Duration) time.Time {
	if d <= 0 {
		return k.deadline
	}
	return k.earlier(time.Now().Add(d))
}

// earlier returns t, or the deadline for all of the exchange where that comes first.
func (k *clock) earlier(t time.Time) time.Time {
	if !k.deadline.IsZero() && k.deadline.Before(t) {
		return k.deadline
	}
	return t
}

// explain says why an operation ended: the context, one of the limits, or err itself.
func (k *clock) explain(err error, phase Phase) error {
	if err == nil || !timedOut(err) {
		return err
	}
	if errors.As(err, new(*CallerError)) {
		return err // a time-out of the caller's own making is not one of the connection
	}
	if cause := k.canceled(); cause != nil {
		return cause
	}
	if !k.deadline.IsZero() && !time.Now().Before(k.deadline) {
		if !k.own {
			return context.DeadlineExceeded
		}
		phase = PhaseTotal
	}
	return &TimeoutError{Phase: phase}
}

// armNext sets the deadline of the next read, and returns what it is for.
func (l *Loop) armNext() (Phase, error) {
	if l.Shared {
		l.mu.Lock()
		defer l.mu.Unlock()
	}
	limit, phase := l.readLimit()
	return phase, l.armRead(limit)
}

// SetReadBy sets ReadBy and its phase within a message, for a read that another goroutine may be in, too.
func (l *Loop) SetReadBy(t time.Time, phase Phase) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ReadBy, l.ReadPhase = t, phase
	if l.nc == nil {
		return
	}
	limit := l.limit(l.Times.Between)
	if !t.IsZero() && (limit.IsZero() || t.Before(limit)) {
		limit = t
	}
	l.nc.SetReadDeadline(limit)
	l.readSet = true
}

// SetWriteBy sets WriteBy, for a write that another goroutine may be in, too.
func (l *Loop) SetWriteBy(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.WriteBy = t
	if l.nc == nil {
		return
	}
	l.nc.SetWriteDeadline(l.writeLimit())
	l.writeSet = true
}

// ErrInterrupted is the error of a read that Interrupt has ended.
var ErrInterrupted = errors.New("driver: the read was interrupted")

// Interrupt ends a read that another goroutine is in, and those to come, until Resume. Nothing is lost by
// it. The connection must not be given up meanwhile.
func (l *Loop) Interrupt() {
	l.stopped.Store(true)
	l.nc.SetReadDeadline(past)
}

// Resume ends what Interrupt began, when nobody reads.
func (l *Loop) Resume() {
	if l.stopped.Swap(false) {
		l.readSet = true
	}
}

// armRead sets the deadline of the next read, which the zero time takes off. The context, the helper and
// OnWait are looked at behind that: their ends set a past deadline, which must not be undone here.
func (l *Loop) armRead(t time.Time) error {
	if !t.IsZero() || l.readSet {
		l.nc.SetReadDeadline(t)
		l.readSet = !t.IsZero()
	}
	if l.stopped.Load() {
		return ErrInterrupted
	}
	if l.sending && l.helper.over() || l.ear.on && l.ear.written.Load() {
		return errSent
	}
	if l.OnWait != nil && l.waiting && l.r == l.w {
		if err := l.OnWait(); err != nil {
			return err
		}
	}
	return l.canceled()
}

// armWrite is armRead for the next write.
func (l *Loop) armWrite() error {
	if l.Shared {
		l.mu.Lock()
		defer l.mu.Unlock()
	}
	t := l.writeLimit()
	if !t.IsZero() || l.writeSet {
		l.nc.SetWriteDeadline(t)
		l.writeSet = !t.IsZero()
	}
	if l.ear.on && l.ear.full.Load() {
		return errHeard
	}
	return l.canceled()
}

// writeLimit returns when the next write has to be over.
func (l *Loop) writeLimit() time.Time {
	t := l.limit(l.Times.Write)
	if !l.WriteBy.IsZero() && (t.IsZero() || l.WriteBy.Before(t)) {
		return l.WriteBy
	}
	return t
}
