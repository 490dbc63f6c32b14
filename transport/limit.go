package transport

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"time"
)

// Limit dials connections that carry at most so many octets a second. Time is that of package time, so over
// a network in memory, in a testing/synctest bubble, a limit costs nothing.
//
// The connection returned is a [*LimitedConn], or the Dialer's own where there is no limit.
type Limit struct {
	// Dialer opens the connections; nil is [TCP].
	Dialer Dialer

	// Read and Write are octets a second, for each connection and direction by itself; zero or less is no limit.
	Read, Write int64
}

// DialContext connects as the Dialer does, and returns its errors. Dialling itself, such as the handshake of a TLS below,
// is not held up.
func (l Limit) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := orTCP(l.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return l.Wrap(c), nil
}

// Wrap puts the limit on a connection that is open already, one that was accepted for example. Without a limit it
// returns c.
func (l Limit) Wrap(c net.Conn) net.Conn {
	if l.Read <= 0 && l.Write <= 0 {
		return c
	}
	return &LimitedConn{Conn: c, read: newPace(l.Read), write: newPace(l.Write)}
}

// A LimitedConn holds reads and writes up so that they keep to a [Limit]. They go in pieces, of as many octets as pass
// in a hundredth of a second and one at least; the first piece passes at once, the second when the time of the first
// is over. No more than a hundredth of a second in which nothing passed is made up for. Deadlines and Close end the wait;
// a write that they end has written whole pieces, as many as it says, and the connection can be used on.
type LimitedConn struct {
	net.Conn
	read, write *pace
}

// NetConn returns the connection below, which knows no limit.
func (c *LimitedConn) NetConn() net.Conn { return c.Conn }

// Read reads a piece at most.
func (c *LimitedConn) Read(p []byte) (n int, err error) {
	if len(p) == 0 || c.read.rate == 0 {
		return c.Conn.Read(p)
	}
	if err := c.read.enter(); err != nil {
		return 0, c.opError("read", err)
	}
	defer c.read.leave()
	n, err = c.Conn.Read(p[:min(len(p), c.read.piece)])
	c.read.spend(n)
	return n, err
}

// Write writes all of p, piece by piece. The octets of one Write are not mixed with those of another.
func (c *LimitedConn) Write(p []byte) (n int, err error) {
	if len(p) == 0 || c.write.rate == 0 {
		return c.Conn.Write(p)
	}
	if err := c.write.enter(); err != nil {
		return 0, c.opError("write", err)
	}
	defer c.write.leave()
	for {
		m, err := c.Conn.Write(p[n:min(len(p), n+c.write.piece)])
		c.write.spend(m)
		if n += m; n == len(p) || err != nil {
			return n, err
		}
		if err := c.write.wait(nil); err != nil {
			return n, c.opError("write", err)
		}
	}
}

// Close closes the connection below, and ends calls that wait.
func (c *LimitedConn) Close() error {
	c.read.close()
	c.write.close()
	return c.Conn.Close()
}

// CloseWrite ends the sending direction, where the connection below can, and is [errors.ErrUnsupported] elsewhere.
func (c *LimitedConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Ready implements [ReadyConn]. Octets that have come are reported although the limit may hold up their Read.
func (c *LimitedConn) Ready() (bool, error) { return Peek(c.Conn) }

// SetDeadline sets both deadlines.
func (c *LimitedConn) SetDeadline(t time.Time) error {
	err := c.Conn.SetDeadline(t)
	if err == nil {
		c.read.setDeadline(t)
		c.write.setDeadline(t)
	}
	return err
}

// SetReadDeadline sets the deadline of reads, those that wait for the limit included.
func (c *LimitedConn) SetReadDeadline(t time.Time) error {
	err := c.Conn.SetReadDeadline(t)
	if err == nil {
		c.read.setDeadline(t)
	}
	return err
}

// SetWriteDeadline sets the deadline of writes, those that wait for the limit included.
func (c *LimitedConn) SetWriteDeadline(t time.Time) error {
	err := c.Conn.SetWriteDeadline(t)
	if err == nil {
		c.write.setDeadline(t)
	}
	return err
}

func (c *LimitedConn) opError(op string, err error) error {
	e := &net.OpError{Op: op, Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
	if e.Source != nil {
		e.Net = e.Source.Network()
	}
	return e
}

// A pace holds one direction up.
type pace struct {
	rate  int64         // octets a second, 0 for no limit
	piece int           // octets that may pass together
	turn  chan struct{} // holds a token while a call is under way

	mu       sync.Mutex
	next     time.Time     // when the next piece may pass
	deadline time.Time     // zero for none
	changed  chan struct{} // closed, and replaced, when the deadline changes or the connection is closed
	closed   bool
}

func newPace(rate int64) *pace {
	if rate <= 0 {
		return new(pace)
	}
	rate = min(rate, 1<<50) // more is no limit, and would overflow
	return &pace{
		rate:    rate,
		piece:   int(min(max(1, rate/100), 1<<20)),
		turn:    make(chan struct{}, 1),
		changed: make(chan struct{}),
	}
}

// enter waits for its turn and for the moment when a piece may pass. Without an error leave must follow.
func (p *pace) enter() error {
	if err := p.wait(p.turn); err != nil {
		return err
	}
	err := p.wait(nil)
	if err != nil {
		p.leave()
	}
	return err
}

func (p *pace) leave() { <-p.turn }

// wait returns when turn has taken a token or, when turn is nil, when the next piece may pass; and with an error when
// the deadline passes or the connection is closed first.
func (p *pace) wait(turn chan<- struct{}) error {
	for {
		at, changed, err := p.look(turn == nil)
		if err != nil || turn == nil && at.IsZero() {
			return err
		}
		var timer *time.Timer
		var fires <-chan time.Time
		if !at.IsZero() {
			timer = time.NewTimer(time.Until(at))
			fires = timer.C
		}
		got := false
		select {
		case turn <- struct{}{}:
			got = true
		case <-fires:
		case <-changed:
		}
		if timer != nil {
			timer.Stop()
		}
		if got {
			return nil
		}
	}
}

// look tells whether something is in the way, until when (zero: for an unknown time, or, if paced, nothing is), and what
// is closed when that changes.
func (p *pace) look(paced bool) (at time.Time, changed <-chan struct{}, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	switch {
	case p.closed:
		return at, nil, net.ErrClosed
	case !p.deadline.IsZero() && !now.Before(p.deadline):
		return at, nil, os.ErrDeadlineExceeded
	}
	if paced {
		if !now.Before(p.next) {
			return time.Time{}, nil, nil
		}
		at = p.next
	}
	if !p.deadline.IsZero() && (at.IsZero() || p.deadline.Before(at)) {
		at = p.deadline
	}
	return at, p.changed, nil
}

// slack is how late a piece may pass without that the time is lost: timers are late on a real clock.
const slack = 10 * time.Millisecond

// spend counts octets that have passed.
func (p *pace) spend(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); p.next.Before(now.Add(-slack)) {
		p.next = now
	}
	// A piece is 1 MiB at most, so this does not overflow. Rounded up: a limit is kept.
	p.next = p.next.Add(time.Duration((int64(n)*int64(time.Second) + p.rate - 1) / p.rate))
}

func (p *pace) setDeadline(t time.Time) { p.change(func() { p.deadline = t }) }

func (p *pace) close() { p.change(func() { p.closed = true }) }

func (p *pace) change(f func()) {
	if p.rate == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	f()
	close(p.changed)
	p.changed = make(chan struct{})
}
