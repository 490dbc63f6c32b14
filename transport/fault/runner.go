package fault

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"
)

// batch is how many exchanges are run before their goroutines are looked for, which takes as long as an exchange.
const batch = 32

// A runner runs a sweep.
type runner struct {
	*Sweep
	report *Report
	group  *group
}

// restart empties the report, and tells the goroutines of the first exchange from those of the next.
func (r *runner) restart() {
	r.report.Cases, r.group = nil, newGroup()
}

// try runs the exchange with one fault.
func (r *runner) try(ctx context.Context, f Fault) (Case, *Dialer) {
	d := &Dialer{Dialer: r.Dialer, Script: Script{f}, track: true}
	c := Case{Fault: f}
	number := len(r.report.Cases)
	begin := time.Now()
	within, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		err := errGone
		defer func() { done <- err }()
		r.group.do(within, number, func() { err = r.call(within, d) })
	}()
	hang := time.NewTimer(r.Timeout + r.Grace)
	defer hang.Stop()
	select {
	case c.Err = <-done:
		c.Elapsed = time.Since(begin)
		c.Outcome, c.Class = r.outcome(c.Err)
		cancel()
		r.lookForConns(&c, d)
	case <-hang.C:
		c.Elapsed = time.Since(begin)
		c.Outcome, c.Class, c.Stacks = Hang, Hang.String(), r.group.stacks()[number]
		c.Err = fmt.Errorf("fault: the exchange is still running %v after its context ended", r.Grace)
		// It may come to its end so, and in a synctest bubble it must.
		cancel()
		d.closeAll()
	}
	c.Struck = len(d.Unstruck()) == 0
	return c, d
}

// call runs the exchange, and makes an error of a panic.
func (r *runner) call(ctx context.Context, d *Dialer) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v\n%s", errPanic, p, debug.Stack())
		}
	}()
	return r.Exchange(ctx, d)
}

// lookForConns gives the exchange the time to close what it has opened.
func (r *runner) lookForConns(c *Case, d *Dialer) {
	if patient(r.Grace, func() bool { return d.open() == 0 }) {
		return
	}
	c.Outcome, c.Class = Leak, Leak.String()
	c.Err = fmt.Errorf("fault: the exchange left %d connections open; its error: %w", d.open(), orNone(c.Err))
	d.closeAll()
}

// lookForGoroutines gives the goroutines of all exchanges so far the time to end.
func (r *runner) lookForGoroutines() {
	var left map[int]string
	if patient(r.Grace, func() bool { left = r.group.stacks(); return len(left) == 0 }) {
		return
	}
	for n, stacks := range left {
		// One that left a connection open, or hung, has had its verdict.
		if c := &r.report.Cases[n]; c.Outcome != Leak && c.Outcome != Hang {
			c.Outcome, c.Class, c.Stacks = Leak, Leak.String(), stacks
			c.Err = fmt.Errorf("fault: the exchange left goroutines running; its error: %w", orNone(c.Err))
		}
	}
	r.group = newGroup() // which sees them no more
}

// patient waits until ok, for as long as limit, and reports whether it was.
func patient(limit time.Duration, ok func() bool) bool {
	end := time.Now().Add(limit)
	for pause := 20 * time.Microsecond; !ok(); pause *= 2 {
		if !time.Now().Before(end) {
			return false
		}
		time.Sleep(pause)
	}
	return true
}

var errNone = errors.New("none")

func orNone(err error) error {
	if err == nil {
		return errNone
	}
	return err
}

// open counts the connections that are not closed.
func (d *Dialer) open() (n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, c := range d.conns {
		if !isClosed(c.closed) {
			n++
		}
	}
	return n
}

func (d *Dialer) closeAll() {
	d.mu.Lock()
	conns := d.conns
	d.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
}
