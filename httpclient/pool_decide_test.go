package httpclient

import (
	"testing"
	"time"
)

func TestDecidePool(t *testing.T) {
	open := poolView{maxIdleOrigin: -1, maxIdle: -1}
	with := func(change func(*poolView)) poolView {
		v := open
		change(&v)
		return v
	}
	cases := []struct {
		name  string
		view  poolView
		event poolEvent
		want  poolVerdict
	}{
		{"nothing there, no limits", open, poolGet, poolDial},
		{"an idle one", with(func(v *poolView) { v.open, v.originOpen, v.idle, v.originIdle = 1, 1, 1, 1 }), poolGet, poolReuse},
		{"an idle one, at the limit", with(func(v *poolView) {
			v.maxOrigin, v.maxTotal, v.open, v.originOpen, v.idle, v.originIdle = 1, 1, 1, 1, 1, 1
		}), poolGet, poolReuse},
		{"all in use, below the limit", with(func(v *poolView) { v.maxOrigin, v.originOpen, v.open = 2, 1, 1 }), poolGet, poolDial},
		{"all in use, at the limit", with(func(v *poolView) { v.maxOrigin, v.originOpen, v.open = 2, 2, 2 }), poolGet, poolWait},
		{"somebody waits already", with(func(v *poolView) { v.maxOrigin, v.originOpen, v.waiting = 2, 1, 7 }), poolGet, poolWait},
		{"total reached, another origin idle", with(func(v *poolView) { v.maxTotal, v.open, v.idle = 3, 3, 1 }), poolGet, poolSwap},
		{"total reached, none idle", with(func(v *poolView) { v.maxTotal, v.open = 3, 3 }), poolGet, poolWait},
		{"origin full, another idle", with(func(v *poolView) {
			v.maxOrigin, v.originOpen, v.maxTotal, v.open, v.idle = 1, 1, 9, 2, 1
		}), poolGet, poolWait},
		{"closed", with(func(v *poolView) { v.closed, v.originIdle = true, 1 }), poolGet, poolRefuse},

		{"back, nobody waits", open, poolBack, poolKeep},
		{"back, somebody waits", with(func(v *poolView) { v.waiting = 1 }), poolBack, poolHand},
		{"back, another waits longer", with(func(v *poolView) { v.waiting, v.starved = 5, 4 }), poolBack, poolClose},
		{"back, another waits less long", with(func(v *poolView) { v.waiting, v.starved = 4, 5 }), poolBack, poolHand},
		{"back, only another waits", with(func(v *poolView) { v.starved = 5 }), poolBack, poolClose},
		{"back, none is kept", with(func(v *poolView) { v.maxIdleOrigin = 0 }), poolBack, poolClose},
		{"back, none is kept in total", with(func(v *poolView) { v.maxIdle = 0 }), poolBack, poolClose},
		{"back, none is kept, somebody waits", with(func(v *poolView) { v.maxIdle, v.waiting = 0, 1 }), poolBack, poolHand},
		{"back, enough are kept", with(func(v *poolView) { v.maxIdleOrigin, v.originIdle, v.idle = 2, 2, 2 }), poolBack, poolReplace},
		{"back, room", with(func(v *poolView) { v.maxIdleOrigin, v.originIdle, v.maxIdle, v.idle = 2, 1, 3, 2 }), poolBack, poolKeep},
		{"back, enough in total", with(func(v *poolView) { v.maxIdleOrigin, v.originIdle, v.maxIdle, v.idle = 2, 1, 2, 2 }), poolBack, poolOust},
		{"back, closed", with(func(v *poolView) { v.closed = true }), poolBack, poolClose},

		{"gone, nobody waits", open, poolGone, poolRest},
		{"gone, somebody waits", with(func(v *poolView) { v.maxOrigin, v.waiting = 1, 3 }), poolGone, poolWake},
		{"gone, still full", with(func(v *poolView) { v.maxOrigin, v.originOpen, v.waiting = 1, 1, 3 }), poolGone, poolRest},
		{"gone, still full in total", with(func(v *poolView) { v.maxTotal, v.open, v.waiting, v.starved = 1, 1, 3, 2 }), poolGone, poolRest},
		{"gone, another waits longer", with(func(v *poolView) { v.maxTotal, v.waiting, v.starved = 1, 3, 2 }), poolGone, poolWakeElse},
		{"gone, another waits less long", with(func(v *poolView) { v.maxTotal, v.waiting, v.starved = 1, 2, 3 }), poolGone, poolWake},
		{"gone, mine is full, another waits", with(func(v *poolView) {
			v.maxOrigin, v.originOpen, v.maxTotal, v.waiting, v.starved = 1, 1, 5, 2, 3
		}), poolGone, poolWakeElse},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := decidePool(c.view, c.event); got != c.want {
				t.Errorf("%+v: verdict %d, want %d", c.view, got, c.want)
			}
		})
	}
}

func TestOutlived(t *testing.T) {
	t0 := time.Unix(1000, 0)
	for _, c := range []struct {
		after, limit time.Duration
		want         bool
	}{
		{time.Hour, 0, false},
		{time.Hour, -1, false},
		{time.Second - 1, time.Second, false},
		{time.Second, time.Second, true},
	} {
		if got := outlived(t0, t0.Add(c.after), c.limit); got != c.want {
			t.Errorf("idle for %v, limit %v: %v", c.after, c.limit, got)
		}
	}
}
