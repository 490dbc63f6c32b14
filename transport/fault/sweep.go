package fault

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/strata-http/strata/transport"
)

// ErrWrong is what an exchange returns, wrapped, when it had a result without an error and the result was wrong.
var ErrWrong = errors.New("fault: wrong result")

// errPanic is in the error of an exchange that panicked.
var errPanic = errors.New("fault: the exchange panicked")

// errGone is the error of an exchange that ended its goroutine, as t.Fatal does.
var errGone = errors.New("fault: the exchange left its goroutine without returning")

// A Sweep runs an exchange with a fault at every offset. [Everywhere] is the short way to it.
type Sweep struct {
	// Dialer reaches the peer, which must be ready for many exchanges, one after the other; nil is transport.TCP.
	Dialer transport.Dialer

	// Exchange does the whole of what is tested, by connections that it dials through d alone: it makes a client,
	// uses it, checks what it got, and closes it. It returns nil for the right result, an error that is
	// [ErrWrong] for another result, and else the client's error. ctx ends after Timeout.
	Exchange func(ctx context.Context, d transport.Dialer) error

	// Faults are tried one at a time. What their places leave open, each run fills in: the offset, from 0 to
	// the end; with no direction, both in turn; with no connection, each that the exchange opens when nothing is
	// wrong. A fault of dialling, of TLS or by time is tried once on each of these connections. No faults are
	// [Losses].
	Faults Script

	// Step leaves offsets out: only its multiples and the last are tried. 0 is 1.
	Step int64

	// Timeout is what an exchange has before its context ends; 0 is 10 seconds. In a testing/synctest bubble none of
	// it is spent in waiting.
	Timeout time.Duration

	// Grace is how long after that an exchange may take to return, and after it returned its goroutines to end,
	// before it counts as a hang or a leak; 0 is 10 seconds.
	Grace time.Duration

	// Class names what an error means to the client's user, and returns "" for an error that nobody could make
	// sense of. Nil is [Class].
	Class func(error) string

	// Judge, when it is set, is shown each case before it is filed, and may change what was made of it.
	Judge func(*Case)
}

// Losses returns the faults that [Everywhere] tries unless it is given others: all that lose octets or time, and none
// that change octets, which a receiver cannot always notice.
func Losses() Script {
	w := Anywhere()
	return Script{
		w.Cut(), w.StallFor(time.Second), w.Stall(), w.BlackHole(), w.Reset(), w.Close(), w.HalfClose(), w.Truncate(),
	}
}

// Everywhere runs exchange once without a fault, to learn how many octets pass, and then once for each of the faults
// at each octet of either direction of each connection: see [Sweep], whose fields have their zero values but for those
// given here. It looks for hangs, connections left open and goroutines left behind, by the exchange's goroutines alone,
// so that the peer may run in the same process.
//
// The error is that of the run without a fault, or of ctx. What the faults did is in the Report, whose Err is for a
// test to check. Inside a testing/synctest bubble the stalls take no time:
//
//	report, err := fault.Everywhere(t.Context(), &network, exchange)
func Everywhere(ctx context.Context, d transport.Dialer, exchange func(context.Context, transport.Dialer) error, faults ...Fault) (*Report, error) {
	return Sweep{Dialer: d, Exchange: exchange, Faults: faults}.Run(ctx)
}

// Run runs the sweep. See [Everywhere].
func (s Sweep) Run(ctx context.Context) (*Report, error) {
	s.fill()
	r := &runner{Sweep: &s, report: new(Report), group: newGroup()}
	first, d := r.try(ctx, Fault{})
	r.report.Cases = []Case{first}
	r.lookForGoroutines()
	if first = r.report.Cases[0]; first.Outcome != Correct {
		return nil, fmt.Errorf("fault: without a fault: %v: %w", first.Outcome, first.Err)
	}
	for _, c := range d.conns {
		r.report.Conns = append(r.report.Conns, Octets{Sent: c.out.passed, Received: c.in.passed})
	}
	r.restart()
	for _, template := range s.Faults {
		for _, f := range s.spread(template, r.report.Conns) {
			if err := ctx.Err(); err != nil {
				return r.report, err
			}
			c, _ := r.try(ctx, f)
			if s.Judge != nil {
				s.Judge(&c)
			}
			r.report.Cases = append(r.report.Cases, c)
			if len(r.report.Cases)%batch == 0 {
				r.lookForGoroutines()
			}
		}
	}
	r.lookForGoroutines()
	return r.report, nil
}

func (s *Sweep) fill() {
	if len(s.Faults) == 0 {
		s.Faults = Losses()
	}
	if s.Timeout <= 0 {
		s.Timeout = 10 * time.Second
	}
	if s.Grace <= 0 {
		s.Grace = 10 * time.Second
	}
	if s.Step < 1 {
		s.Step = 1
	}
	if s.Class == nil {
		s.Class = Class
	}
}

// spread makes of one fault those for every place that it leaves open.
func (s *Sweep) spread(f Fault, conns []Octets) (all Script) {
	for i, octets := range conns {
		w := f.where
		if w.first == 0 {
			w = w.onConn(i + 1)
		} else if i > 0 {
			break // the places are given, and the offsets are those of the first
		}
		if w.phase != carrying || w.timed {
			all = append(all, Fault{w, f.what})
			continue
		}
		for _, d := range []Direction{SentOctets, ReceivedOctets} {
			if w.direction != Either && w.direction != d {
				continue
			}
			for at := int64(0); ; at = min(at+s.Step, octets.in(d)) {
				all = append(all, Fault{w.in(d).At(at), f.what})
				if at == octets.in(d) {
					break
				}
			}
		}
	}
	return all
}

// onConn is Conn for any phase.
func (w Where) onConn(n int) Where {
	w.first, w.last = n, n
	return w
}

func (s *Sweep) outcome(err error) (Outcome, string) {
	switch {
	case err == nil:
		return Correct, Correct.String()
	case errors.Is(err, ErrWrong):
		return Wrong, Wrong.String()
	case errors.Is(err, errPanic), errors.Is(err, errGone):
		return Unclear, Unclear.String()
	}
	if class := s.Class(err); class != "" {
		return Failed, class
	}
	return Unclear, Unclear.String()
}
