package cassette

import "time"

// A deadline is a channel that is closed when a moment has come. Its methods are called under the lock of its
// connection; the channel may be waited for without.
type deadline struct {
	passed chan struct{}
	timer  *time.Timer
}

func (d *deadline) init() { d.passed = make(chan struct{}) }

func (d *deadline) isPassed() bool {
	select {
	case <-d.passed:
		return true
	default:
		return false
	}
}

// set replaces the moment; the zero time is never. Whoever waits must look for the new channel.
func (d *deadline) set(t time.Time) {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
	// A timer that was stopped too late closes the channel that it was made for, and no other.
	passed := make(chan struct{})
	d.passed = passed
	if t.IsZero() {
		return
	}
	left := time.Until(t)
	if left <= 0 {
		close(passed)
		return
	}
	d.timer = time.AfterFunc(left, func() { close(passed) })
}
