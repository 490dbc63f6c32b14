package httpclient

import (
	"errors"
	"time"

	"github.com/strata-http/strata/transport"
)

// errNoRoom and errAwaited say why a connection that is fit for another exchange was closed.
var (
	errNoRoom  = errors.New("httpclient: the pool keeps no more idle connections")
	errAwaited = errors.New("httpclient: a connection to another origin is waited for longer than one to this")
)

// comeBack gives e, which is fit for another exchange, to who waits, or lets it be idle, or closes it. The error says why
// it was closed.
func (p *Pool) comeBack(e *poolEntry) (why error) {
	p.mu.Lock()
	g, now := e.group, time.Now()
	v := p.view(g)
	var out *poolEntry
	switch decidePool(v, poolBack) {
	case poolHand:
		e.since = now
		p.grantTo(g.first, e)
	case poolKeep:
		p.shelve(e, now)
	case poolReplace:
		out = g.oldest
		p.unshelve(out)
		p.shelve(e, now)
	case poolOust:
		out = p.oldest
		p.unshelve(out)
		p.shelve(e, now)
	default:
		out, why = e, errNoRoom
		if v.closed {
			why = ErrPoolClosed
		} else if v.starved > 0 {
			why = errAwaited
		}
	}
	if out != nil {
		p.uncount(out.group)
	}
	dead := p.inspect(now)
	p.arm(now)
	p.mu.Unlock()
	for _, e := range [...]*poolEntry{out, dead} {
		if e != nil {
			e.nc.Close()
		}
	}
	return why
}

// quietTime is how long a connection has to be idle before it is looked at for no reason of its own.
const quietTime = time.Second

// inspect looks at one idle connection, the next one each time, and takes it out of the pool when it is not fit any
// more. One that cannot tell without a read is passed over.
func (p *Pool) inspect(now time.Time) *poolEntry {
	e := p.suspect
	if e == nil {
		e = p.oldest
	}
	if e == nil {
		return nil
	}
	p.suspect = e.newer
	if !outlived(e.since, now, quietTime) {
		return nil
	}
	if ready, err := transport.Peek(e.nc); !ready || errors.Is(err, errors.ErrUnsupported) {
		return nil
	}
	p.unshelve(e)
	p.uncount(e.group)
	p.counts.stale.Add(1)
	return e
}

// arm sets the timer to when the connection that is idle longest has been so for too long. A timer that runs is left
// alone: it fires in time, or too early and is set again.
func (p *Pool) arm(now time.Time) {
	if p.armed || p.oldest == nil || p.IdleTime <= 0 {
		return
	}
	p.armed = true
	// Not reset but made anew: a timer belongs to the testing/synctest bubble that it was made in, a Pool need not.
	p.timer = time.AfterFunc(p.IdleTime-now.Sub(p.oldest.since), p.sweep)
}

// sweep closes what has been idle for too long.
func (p *Pool) sweep() {
	p.mu.Lock()
	now := time.Now()
	var out *poolEntry // a chain by newer
	for p.oldest != nil && outlived(p.oldest.since, now, p.IdleTime) {
		out = p.takeOldest(out)
		p.counts.expired.Add(1)
	}
	p.armed = false
	p.arm(now)
	p.mu.Unlock()
	closeChain(out)
}

// takeOldest takes the connection that is idle longest out of the pool, in front of a chain.
func (p *Pool) takeOldest(chain *poolEntry) *poolEntry {
	e := p.oldest
	p.unshelve(e)
	p.uncount(e.group)
	e.newer = chain
	return e
}

func closeChain(e *poolEntry) {
	for ; e != nil; e = e.newer {
		e.nc.Close()
	}
}

// CloseIdle closes the connections that are idle now.
func (p *Pool) CloseIdle() {
	p.mu.Lock()
	var out *poolEntry
	for p.oldest != nil {
		out = p.takeOldest(out)
	}
	if p.armed {
		p.timer.Stop()
		p.armed = false
	}
	p.mu.Unlock()
	closeChain(out)
}

// Close closes idle connections and ends the wait of all who wait. Connections in use are closed when they come back. Get is
// [ErrPoolClosed] from then on.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	for _, g := range p.groups {
		for g.first != nil {
			w := g.first
			p.dequeue(w)
			close(w.grant)
		}
		p.dropGroup(g)
	}
	p.mu.Unlock()
	p.CloseIdle()
	return nil
}

// Stats returns the numbers of the moment.
func (p *Pool) Stats() PoolStats {
	p.mu.Lock()
	s := PoolStats{Open: p.open, Idle: p.idle, Waiting: p.queued, Origins: len(p.groups)}
	p.mu.Unlock()
	s.Dialled, s.Reused = p.counts.dialled.Load(), p.counts.reused.Load()
	s.Stale, s.Expired = p.counts.stale.Load(), p.counts.expired.Load()
	s.Waited, s.Repeated = p.counts.waited.Load(), p.counts.repeated.Load()
	return s
}
