package httpclient

import "time"

// The decisions of a pool are made here, by functions of plain values: what happens to connections is done by whoever
// asked.

// poolView is what a decision about one origin rests on.
type poolView struct {
	closed bool // the pool takes no more requests

	// The limits; 0 is none, but for maxIdleOrigin and maxIdle, where negative is none and 0 keeps nothing.
	maxOrigin, maxTotal    int
	maxIdleOrigin, maxIdle int

	open, idle             int // connections of the pool: all, with those that are dialled; and the idle ones
	originOpen, originIdle int // those of the origin

	// The place in the queue of who waits longest, 0 for nobody: for a connection to the origin, and for one to
	// another origin that only the limit on all connections holds up.
	waiting, starved uint64
}

// poolEvent is what happens.
type poolEvent uint8

const (
	poolGet  poolEvent = iota // somebody wants a connection to the origin
	poolBack                  // a connection to the origin comes back, fit for another exchange
	poolGone                  // one that was counted is closed, and was taken off the counts
)

// poolVerdict is what is done about it.
type poolVerdict uint8

const (
	poolRefuse   poolVerdict = iota // nothing: the pool is closed
	poolReuse                       // take an idle connection
	poolDial                        // open one
	poolSwap                        // close the idle connection of any origin that is idle longest, and open one
	poolWait                        // go to the end of the queue
	poolHand                        // give the connection to who waits longest for the origin
	poolKeep                        // let the connection be idle
	poolReplace                     // let it be idle, and close the one of the origin that is idle longest
	poolOust                        // let it be idle, and close the one of any origin that is idle longest
	poolClose                       // close the connection
	poolWake                        // let who waits longest for the origin open one
	poolWakeElse                    // let who waits longest for another origin open one
	poolRest                        // nothing is to be done
)

// decidePool decides what is done about an event.
func decidePool(v poolView, e poolEvent) poolVerdict {
	switch e {
	case poolGet:
		return v.decideGet()
	case poolBack:
		return v.decideBack()
	}
	return v.decideGone()
}

// decideGet: whoever comes goes behind those who wait already, since else they might wait for ever.
func (v *poolView) decideGet() poolVerdict {
	switch {
	case v.closed:
		return poolRefuse
	case v.originIdle > 0:
		return poolReuse
	case full(v.originOpen, v.maxOrigin) || v.waiting > 0:
		return poolWait
	case !full(v.open, v.maxTotal):
		return poolDial
	case v.idle > 0:
		return poolSwap
	}
	return poolWait
}

func (v *poolView) decideBack() poolVerdict {
	switch {
	case v.closed:
		return poolClose
	case v.starved > 0 && (v.waiting == 0 || v.starved < v.waiting):
		return poolClose // which makes room for the one who waits longest
	case v.waiting > 0:
		return poolHand
	case v.maxIdleOrigin == 0 || v.maxIdle == 0:
		return poolClose
	case full(v.originIdle, v.maxIdleOrigin):
		return poolReplace // the fresher one is the likelier to live
	case full(v.idle, v.maxIdle):
		return poolOust
	}
	return poolKeep
}

func (v *poolView) decideGone() poolVerdict {
	mine := v.waiting > 0 && !full(v.originOpen, v.maxOrigin) && !full(v.open, v.maxTotal)
	other := v.starved > 0 && !full(v.open, v.maxTotal)
	switch {
	case mine && other && v.starved < v.waiting, other && !mine:
		return poolWakeElse
	case mine:
		return poolWake
	}
	return poolRest
}

// full reports whether n things are as many as a limit allows; limits of 0 and less are none.
func full(n, limit int) bool { return limit > 0 && n >= limit }

// outlived reports whether a connection that is idle since then has been so for too long. limit 0 and less is
// none.
func outlived(since, now time.Time, limit time.Duration) bool {
	return limit > 0 && now.Sub(since) >= limit
}
