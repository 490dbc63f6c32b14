package httpclient

import (
	"net"
	"time"
)

// poolEntry is a connection of a pool. While it is idle, it is all that the pool has of it.
type poolEntry struct {
	nc    net.Conn
	group *poolGroup
	conn  *Conn     // nil while idle
	since time.Time // idle since then
	gen   uint32    // counts the times it was given out and came back
	// Neighbours among the idle ones: of the pool, and of the origin, the one that is idle longest first.
	older, newer               *poolEntry
	olderInGroup, newerInGroup *poolEntry
}

// poolGroup is what a pool has of one origin. It lives while there is a connection, or somebody who waits for one.
type poolGroup struct {
	origin         Origin
	settings       settings // of its connections
	open, idle     int
	oldest, newest *poolEntry
	first, last    *poolWaiter
}

// poolWaiter is a place in the queue.
type poolWaiter struct {
	group      *poolGroup
	place      uint64
	grant      chan *poolEntry // receives once: a connection, or nil for leave to open one
	prev, next *poolWaiter
	queued     bool
}

// groupOf returns what there is of an origin.
func (p *Pool) groupOf(o Origin) *poolGroup {
	g := p.groups[o]
	if g == nil {
		g = &poolGroup{origin: o}
		if p.groups == nil {
			p.groups = make(map[Origin]*poolGroup)
		}
		p.groups[o] = g
	}
	return g
}

// dropGroup forgets an origin of which there is nothing.
func (p *Pool) dropGroup(g *poolGroup) {
	if g.open == 0 && g.first == nil {
		delete(p.groups, g.origin)
	}
}

// view returns what a decision about g rests on.
func (p *Pool) view(g *poolGroup) poolView {
	v := poolView{
		closed: p.closed, maxOrigin: p.MaxPerOrigin, maxTotal: p.MaxTotal,
		maxIdleOrigin: orUnlimited(p.MaxIdlePerOrigin), maxIdle: orUnlimited(p.MaxIdle),
		open: p.open, idle: p.idle, originOpen: g.open, originIdle: g.idle,
	}
	if g.first != nil {
		v.waiting = g.first.place
	}
	if w := p.starved(g); w != nil {
		v.starved = w.place
	}
	return v
}

// orUnlimited makes of a limit as the caller sets it, where 0 is no limit and negative is nothing at all, one of
// poolView.
func orUnlimited(n int) int {
	switch {
	case n == 0:
		return -1
	case n < 0:
		return 0
	}
	return n
}

// starved returns who waits longest for a connection to another origin than that of g, and may have one as far as
// that origin goes. Without a limit on all connections there is nobody.
func (p *Pool) starved(g *poolGroup) *poolWaiter {
	if p.MaxTotal <= 0 || p.queued == 0 {
		return nil
	}
	var longest *poolWaiter
	for _, other := range p.groups {
		w := other.first
		if other != g && w != nil && !full(other.open, p.MaxPerOrigin) && (longest == nil || w.place < longest.place) {
			longest = w
		}
	}
	return longest
}

// enqueue makes a place at the end of the queue.
func (p *Pool) enqueue(g *poolGroup) *poolWaiter {
	p.place++
	w := &poolWaiter{group: g, place: p.place, grant: make(chan *poolEntry, 1), prev: g.last, queued: true}
	if g.last == nil {
		g.first = w
	} else {
		g.last.next = w
	}
	g.last = w
	p.queued++
	return w
}

// dequeue takes w off the queue.
func (p *Pool) dequeue(w *poolWaiter) {
	g := w.group
	if w.prev == nil {
		g.first = w.next
	} else {
		w.prev.next = w.next
	}
	if w.next == nil {
		g.last = w.prev
	} else {
		w.next.prev = w.prev
	}
	w.prev, w.next, w.queued = nil, nil, false
	p.queued--
}

// grantTo gives e, or with nil leave to open a connection, to w.
func (p *Pool) grantTo(w *poolWaiter, e *poolEntry) {
	p.dequeue(w)
	w.grant <- e
}

// shelve adds e to the idle ones.
func (p *Pool) shelve(e *poolEntry, now time.Time) {
	g := e.group
	e.since = now
	e.older, e.olderInGroup = p.newest, g.newest
	if p.newest == nil {
		p.oldest = e
	} else {
		p.newest.newer = e
	}
	if g.newest == nil {
		g.oldest = e
	} else {
		g.newest.newerInGroup = e
	}
	p.newest, g.newest = e, e
	p.idle++
	g.idle++
}

// unshelve takes e off the idle ones.
func (p *Pool) unshelve(e *poolEntry) {
	g := e.group
	if p.suspect == e {
		p.suspect = e.newer
	}
	if e.older == nil {
		p.oldest = e.newer
	} else {
		e.older.newer = e.newer
	}
	if e.newer == nil {
		p.newest = e.older
	} else {
		e.newer.older = e.older
	}
	if e.olderInGroup == nil {
		g.oldest = e.newerInGroup
	} else {
		e.olderInGroup.newerInGroup = e.newerInGroup
	}
	if e.newerInGroup == nil {
		g.newest = e.olderInGroup
	} else {
		e.newerInGroup.olderInGroup = e.olderInGroup
	}
	e.older, e.newer, e.olderInGroup, e.newerInGroup = nil, nil, nil, nil
	p.idle--
	g.idle--
}

// pick takes the idle connection of g that is to be used next.
func (p *Pool) pick(g *poolGroup) *poolEntry {
	e := g.newest
	if p.Order == LeastRecent {
		e = g.oldest
	}
	p.unshelve(e)
	return e
}

// uncount takes a connection off the counts, and lets somebody else open one.
func (p *Pool) uncount(g *poolGroup) {
	p.open--
	g.open--
	switch v := p.view(g); decidePool(v, poolGone) {
	case poolWake:
		p.count(g)
		p.grantTo(g.first, nil)
	case poolWakeElse:
		w := p.starved(g)
		p.count(w.group)
		p.grantTo(w, nil)
	}
	p.dropGroup(g)
}

// count adds a connection to the counts.
func (p *Pool) count(g *poolGroup) {
	p.open++
	g.open++
}
