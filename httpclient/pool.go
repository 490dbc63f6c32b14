package httpclient

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/strata-http/strata/transport"
)

// Origin is where a connection of a [Pool] leads to.
type Origin struct {
	// Scheme is "http" or "https".
	Scheme string
	// Host is the host, with a port or without, as for [New].
	Host string
	// Via tells connections to the same host apart that are not to be taken for one another: through different proxies,
	// with different certificates. To the Pool it means nothing else.
	Via string
}

// Order says which of several idle connections is used next.
type Order uint8

const (
	// MostRecent uses the connection that was used last: few stay busy, the others grow old and are closed.
	MostRecent Order = iota
	// LeastRecent uses the one that is idle longest: all stay in use.
	LeastRecent
)

// Pool keeps connections to any number of origins for further exchanges. The zero Pool is ready. Its fields must not be
// changed once it is in use; its methods may be called by several goroutines at once.
//
// An idle connection costs the pool a small struct: it has neither goroutine nor buffer, nor a timer of its own. Before it is
// used again, [transport.Ready] is asked; one that the server has closed, or on which octets came that nobody asked for, is
// closed, and the next one tried. Each connection that comes back has one of the others looked at in the same way, so that those that
// servers have closed do not heap up. What has been idle for too long is closed by one timer for the whole pool.
type Pool struct {
	// MaxPerOrigin and MaxTotal limit how many connections there are at a time, idle, in use and being opened; 0 is no
	// limit. Who comes when there are so many waits, first come first served. Idle connections of other origins give
	// way.
	MaxPerOrigin, MaxTotal int
	// MaxIdlePerOrigin and MaxIdle limit how many of them are idle. 0 is no limit, negative keeps none. When there are
	// so many, the one that is idle longest is closed.
	MaxIdlePerOrigin, MaxIdle int
	// IdleTime is how long a connection may be idle; 0 is without limit.
	IdleTime time.Duration
	// Order says which of several idle connections is used next.
	Order Order
	// New makes the Conn for a connection to be opened, where [New] and [NewTLS] with Options are not what is
	// wanted. Its options must not depend on ctx, nor on anything but the Origin: all connections of an origin are used
	// with those of the one opened last. A Conn that is not connected is connected by the Pool, with ctx.
	New func(ctx context.Context, o Origin) (*Conn, error)
	// Options are for every Conn, where New is not set.
	Options []Option

	mu             sync.Mutex
	groups         map[Origin]*poolGroup
	open, idle     int
	oldest, newest *poolEntry // of the idle ones
	suspect        *poolEntry // of them, the one that is looked at next
	queued         int
	place          uint64 // of who came last
	closed         bool
	timer          *time.Timer
	armed          bool // timer is running
	counts         poolCounts
}

// poolCounts counts what has happened.
type poolCounts struct{ dialled, reused, stale, expired, waited, repeated atomic.Int64 }

// PoolStats are the numbers of a [Pool] at one moment.
type PoolStats struct {
	Open    int // connections: in use, idle and being opened
	Idle    int
	Waiting int // calls that wait for a connection
	Origins int // of which there is a connection, or for which somebody waits

	// What has happened since the Pool was made.
	Dialled  int64 // connections opened
	Reused   int64 // times that one was used again
	Stale    int64 // idle ones that were found closed, or with octets on them, when they were to be used
	Expired  int64 // idle ones that were closed because of IdleTime
	Waited   int64 // calls that had to wait
	Repeated int64 // requests that [Pool.Do] has sent again
}

// ErrPoolClosed is the error of a [Pool] that was closed. It is net.ErrClosed.
var ErrPoolClosed error = &sentinel{"the pool is closed", net.ErrClosed}

// Get returns a connection to o: an idle one, or a new one, for which it may have to wait for others to come back. ctx ends the
// wait, and dialling. The error is that of ctx, as context.Cause has it, of New, of [Conn.Connect], or [ErrPoolClosed].
//
// The caller gives it back by [PooledConn.Release].
func (p *Pool) Get(ctx context.Context, o Origin) (PooledConn, error) {
	if ctx.Err() != nil {
		return PooledConn{}, context.Cause(ctx)
	}
	for {
		e, dial, err := p.take(ctx, o)
		if err != nil {
			return PooledConn{}, err
		}
		if dial != nil {
			return p.dial(ctx, dial)
		}
		if c, ok := p.wakeUp(e); ok {
			return c, nil
		}
	}
}

// take takes an idle connection out, or returns the group for which one may be opened.
func (p *Pool) take(ctx context.Context, o Origin) (e *poolEntry, dial *poolGroup, err error) {
	p.mu.Lock()
	g := p.groupOf(o)
	switch decidePool(p.view(g), poolGet) {
	case poolReuse:
		e = p.pick(g)
		p.mu.Unlock()
		return e, nil, nil
	case poolDial:
		p.count(g)
		p.mu.Unlock()
		return nil, g, nil
	case poolSwap:
		old := p.oldest
		p.unshelve(old)
		p.open--
		old.group.open--
		p.dropGroup(old.group)
		p.count(g)
		p.mu.Unlock()
		old.nc.Close()
		return nil, g, nil
	case poolWait:
		w := p.enqueue(g)
		p.mu.Unlock()
		p.counts.waited.Add(1)
		return p.wait(ctx, w)
	}
	p.dropGroup(g)
	p.mu.Unlock()
	return nil, nil, ErrPoolClosed
}

// wait waits for what w is granted.
func (p *Pool) wait(ctx context.Context, w *poolWaiter) (e *poolEntry, dial *poolGroup, err error) {
	select {
	case e, ok := <-w.grant:
		return w.granted(e, ok)
	case <-ctx.Done():
	}
	p.mu.Lock()
	if w.queued {
		p.dequeue(w)
		p.dropGroup(w.group)
		p.mu.Unlock()
		return nil, nil, context.Cause(ctx)
	}
	p.mu.Unlock()
	if e, ok := <-w.grant; ok { // it came too late
		p.putBack(w.group, e)
	}
	return nil, nil, context.Cause(ctx)
}

func (w *poolWaiter) granted(e *poolEntry, ok bool) (*poolEntry, *poolGroup, error) {
	switch {
	case !ok:
		return nil, nil, ErrPoolClosed
	case e == nil:
		return nil, w.group, nil
	}
	return e, nil, nil
}

// putBack gives back what was granted and is not wanted any more: with nil, leave to open a connection.
func (p *Pool) putBack(g *poolGroup, e *poolEntry) {
	if e != nil {
		p.comeBack(e)
		return
	}
	p.mu.Lock()
	p.uncount(g)
	p.mu.Unlock()
}

// wakeUp makes e, which was idle, ready for use, unless it is not fit any more: then it is closed.
func (p *Pool) wakeUp(e *poolEntry) (PooledConn, bool) {
	stale := outlived(e.since, time.Now(), p.IdleTime)
	if stale {
		p.counts.expired.Add(1)
	} else if stale, _ = transport.Ready(e.nc); stale {
		p.counts.stale.Add(1)
	}
	if stale {
		e.nc.Close()
		p.mu.Lock()
		p.uncount(e.group)
		p.mu.Unlock()
		return PooledConn{}, false
	}
	c := shells.Get().(*Conn)
	h := p.handOut(e, c)
	c.adopt(&e.nc)
	h.reused, h.idle = true, time.Since(e.since)
	p.counts.reused.Add(1)
	return h, true
}

// handOut gives e out, whose Conn is c. For one that is used again it fills in the settings.
func (p *Pool) handOut(e *poolEntry, c *Conn) PooledConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !c.connected {
		c.settings = e.group.settings
	} else {
		e.group.settings = c.settings
	}
	e.conn = c
	e.gen++
	return PooledConn{p: p, e: e, gen: e.gen}
}

// dial opens a connection that was counted already.
func (p *Pool) dial(ctx context.Context, g *poolGroup) (PooledConn, error) {
	opened := false
	defer func() {
		if !opened { // functions of the caller's may panic
			p.putBack(g, nil)
		}
	}()
	c, err := p.newConn(ctx, g.origin)
	if err != nil {
		return PooledConn{}, err
	}
	if !c.Connected() {
		if err := c.Connect(ctx); err != nil {
			return PooledConn{}, err
		}
	}
	opened = true
	c.manual = true // to open connections is the pool's affair
	c.checked = true
	p.counts.dialled.Add(1)
	return p.handOut(&poolEntry{group: g, nc: c.loop.NetConn()}, c), nil
}

func (p *Pool) newConn(ctx context.Context, o Origin) (*Conn, error) {
	switch {
	case p.New != nil:
		c, err := p.New(ctx, o)
		if c == nil && err == nil {
			err = errors.New("httpclient: Pool.New returned neither a Conn nor an error")
		}
		return c, err
	case o.Scheme == "http":
		return New(o.Host, p.Options...)
	case o.Scheme == "https":
		return NewTLS(o.Host, p.Options...)
	}
	return nil, invalid("%q is neither http nor https", o.Scheme)
}
