package memory

import (
	"math"
	"math/bits"
	"time"
)

// A Link is what lies between the two ends of a connection, in one direction. The zero Link delivers at once.
//
// Time is that of package time, so in a testing/synctest bubble a slow link costs nothing. Octets under way count
// against the buffer of their direction, as those in TCP's window do: a link with much latency is only filled
// when the buffer holds Bandwidth times Latency.
type Link struct {
	// Latency is how long each octet travels, and so does the news that an end was closed or reset. Dialling takes
	// that of both directions. Zero or less is none.
	Latency time.Duration

	// Bandwidth is how many octets a second each connection may send in this direction; zero or less is no limit.
	// Octets arrive in packets: of 1460 octets, or as many as take a hundredth of a second where that is less.
	Bandwidth int64
}

// maxPacket is the most that arrives at once where there is a bandwidth: the segment of TCP over Ethernet.
const maxPacket = 1460

// A way is a direction's link with what is on it. It is guarded by the lock of the direction.
//
// What was written but has not arrived is a queue of trains: octets that were put on the line without a gap. Nothing is
// moved when time passes; advance looks at the clock and counts.
type way struct {
	latency   time.Duration
	bandwidth uint64 // 0 for no limit
	packet    uint64

	trains []train
	here   int       // octets that have arrived and were not read
	fin    time.Time // when the end arrives, zero when none is under way
	timer  *time.Timer
}

type train struct {
	begin time.Time // when its first octet left
	n     uint64    // octets in all
	seen  uint64    // octets that have arrived
}

// newWay returns nil for a link that delivers at once.
func newWay(l Link) *way {
	if l.Latency <= 0 && l.Bandwidth <= 0 {
		return nil
	}
	w := &way{latency: max(0, l.Latency)}
	if l.Bandwidth > 0 {
		w.bandwidth = uint64(l.Bandwidth)
		w.packet = min(maxPacket, max(1, w.bandwidth/100))
	}
	return w
}

// send puts n octets on the line, behind those that are still leaving.
func (w *way) send(now time.Time, n int) {
	if n == 0 {
		return
	}
	if last := len(w.trains) - 1; last >= 0 && w.follows(&w.trains[last], now) {
		w.trains[last].n += uint64(n)
		return
	}
	w.trains = append(w.trains, train{begin: now, n: uint64(n)})
}

// follows tells whether what is sent now follows t without a gap. At the very moment when t has left it does not:
// t may have arrived, and been counted to its end.
func (w *way) follows(t *train, now time.Time) bool {
	return w.bandwidth == 0 && now.Equal(t.begin) || now.Before(t.begin.Add(w.takes(t.n)))
}

// takes returns how long n octets take to leave, rounded up.
func (w *way) takes(n uint64) time.Duration {
	if w.bandwidth == 0 {
		return 0
	}
	hi, lo := bits.Mul64(n, uint64(time.Second))
	lo, carry := bits.Add64(lo, w.bandwidth-1, 0)
	if hi += carry; hi >= w.bandwidth {
		return math.MaxInt64
	}
	d, _ := bits.Div64(hi, lo, w.bandwidth)
	return time.Duration(min(d, math.MaxInt64))
}

// end sends the end of the direction. It cannot overtake octets: see advance.
func (w *way) end(now time.Time) {
	if w.fin.IsZero() {
		w.fin = now.Add(w.latency)
	}
}

// advance counts what has arrived by now, and reports whether the end has.
func (w *way) advance(now time.Time) (ended bool) {
	for len(w.trains) > 0 {
		t := &w.trains[0]
		arrived := w.arrived(t, now)
		w.here += int(arrived - t.seen)
		t.seen = arrived
		if t.seen < t.n {
			return false
		}
		w.trains = w.trains[1:]
	}
	return !w.fin.IsZero() && !now.Before(w.fin)
}

// arrived returns how many octets of t have arrived by now, in whole packets.
func (w *way) arrived(t *train, now time.Time) uint64 {
	travelled := now.Sub(t.begin) - w.latency
	switch {
	case travelled < 0:
		return t.seen
	case w.bandwidth == 0:
		return t.n
	}
	hi, lo := bits.Mul64(uint64(travelled), w.bandwidth)
	if hi >= uint64(time.Second) {
		return t.n
	}
	n, _ := bits.Div64(hi, lo, uint64(time.Second))
	if n >= t.n {
		return t.n
	}
	return n - n%w.packet
}

// next returns when something arrives that is not here yet, or zero when nothing is under way.
func (w *way) next() time.Time {
	if len(w.trains) == 0 {
		return w.fin
	}
	t := &w.trains[0]
	n := t.n
	if w.bandwidth > 0 {
		n = min(n, t.seen+w.packet)
	}
	return t.begin.Add(w.latency).Add(w.takes(n))
}

// wakeAt has wake called when the next thing arrives. wake takes the lock itself.
func (w *way) wakeAt(now time.Time, wake func()) {
	at := w.next()
	if at.IsZero() {
		return
	}
	if w.timer == nil {
		w.timer = time.AfterFunc(at.Sub(now), wake)
		return
	}
	w.timer.Reset(at.Sub(now))
}

// drop forgets what is under way.
func (w *way) drop() {
	w.trains, w.here = nil, 0
	if w.timer != nil {
		w.timer.Stop()
	}
}
