package memory

import (
	"sync"
	"time"
)

// A deadline is a moment after which operations fail. Its fields are guarded by the lock of cond, on which those
// operations wait.
type deadline struct {
	cond    *sync.Cond
	expired bool

	at    time.Time   // zero when none is to come
	timer *time.Timer // made for the first deadline in the future, then reused
}

// set replaces the deadline, a zero time removes it. The caller holds the lock.
func (d *deadline) set(t time.Time) {
	d.stop()
	d.expired = false
	// Those that wait are woken for any change: they may find themselves late.
	defer d.cond.Broadcast()
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	if left <= 0 {
		d.expired = true
		return
	}
	// The moment is kept on the monotonic clock, on which the timer runs also.
	d.at = time.Now().Add(left)
	if d.timer == nil {
		d.timer = time.AfterFunc(left, d.fire)
	} else {
		d.timer.Reset(left)
	}
}

// fire is called by the timer, and perhaps by one that was stopped or reset too late: what counts is the moment that
// is set now.
func (d *deadline) fire() {
	d.cond.L.Lock()
	defer d.cond.L.Unlock()
	if d.at.IsZero() {
		return
	}
	if left := time.Until(d.at); left > 0 {
		d.timer.Reset(left)
		return
	}
	d.at, d.expired = time.Time{}, true
	d.cond.Broadcast()
}

// stop ends the timer. The caller holds the lock.
func (d *deadline) stop() {
	if !d.at.IsZero() {
		d.timer.Stop()
		d.at = time.Time{}
	}
}
