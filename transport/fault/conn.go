package fault

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/strata-http/strata/transport"
)

// A conn is a connection with faults.
//
// Nothing waits while it holds mu, and calls take their turn on channels: in a synctest bubble a goroutine that waits
// for a lock does not count as blocked.
type conn struct {
	below   net.Conn
	in, out half
	closed  chan struct{} // closed by Close
	struck  func(Fault)   // told of each fault when it strikes; may be nil

	mu       sync.Mutex
	isClosed bool
	isDown   bool // below is closed
	timers   []*time.Timer
}

// Wrap returns c with faults; it counts as connection 1, and faults of dialling and TLS do not concern it. The
// connection returned has the methods Ready (see transport.ReadyConn), CloseWrite, which is [errors.ErrUnsupported]
// where c has none, and NetConn, which returns c.
func Wrap(c net.Conn, faults ...Fault) net.Conn { return newConn(c, 1, faults, nil) }

func newConn(below net.Conn, number int, faults Script, struck func(Fault)) *conn {
	c := &conn{below: below, closed: make(chan struct{}), struck: struck}
	c.in.init(c, ReceivedOctets)
	c.out.init(c, SentOctets)
	var timed Script
	for _, f := range faults {
		switch {
		case !f.where.on(number):
		case f.what.kind == alert:
			c.in.plan = append(c.in.plan, f) // at offset 0
		case f.where.phase != carrying:
		case f.where.timed:
			timed = append(timed, f)
		default:
			c.plan(f)
		}
	}
	c.in.sort()
	c.out.sort()
	for _, f := range timed {
		c.schedule(f)
	}
	return c
}

// plan files a fault under its direction.
func (c *conn) plan(f Fault) {
	for _, h := range []*half{&c.in, &c.out} {
		if f.where.direction == Either || f.where.direction == h.direction {
			h.plan = append(h.plan, f)
		}
	}
}

// schedule sets the timer of a fault, or lets it strike when its time has come already.
func (c *conn) schedule(f Fault) {
	if f.where.after == 0 {
		c.strikeNow(f)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.timers = append(c.timers, time.AfterFunc(f.where.after, func() { c.strikeNow(f) }))
}

// strikeNow lets a fault strike whose time has come.
func (c *conn) strikeNow(f Fault) {
	var todo work
	c.mu.Lock()
	for _, h := range []*half{&c.in, &c.out} {
		if f.where.direction == Either || f.where.direction == h.direction {
			if !c.isClosed && h.end == nil {
				todo.add(h.strike(f))
			}
		}
	}
	c.mu.Unlock()
	todo.do()
}

// Read reads octets that are received, as far as no fault is in the way.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	if err != nil {
		err = c.opError("read", err)
	}
	return n, err
}

// Write writes octets that are sent, as far as no fault is in the way.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	if err != nil {
		err = c.opError("write", err)
	}
	return n, err
}

// Close closes the connection, what is below it included.
func (c *conn) Close() error {
	c.mu.Lock()
	if c.isClosed {
		c.mu.Unlock()
		return c.opError("close", net.ErrClosed)
	}
	c.isClosed = true
	close(c.closed)
	for _, t := range c.timers {
		t.Stop()
	}
	down := c.isDown
	c.isDown = true
	c.mu.Unlock()
	c.in.by.set(time.Time{})
	c.out.by.set(time.Time{})
	if down {
		return nil
	}
	return c.below.Close()
}

// CloseWrite ends the sent direction.
func (c *conn) CloseWrite() error {
	c.mu.Lock()
	switch {
	case c.isClosed:
		c.mu.Unlock()
		return c.opError("close", net.ErrClosed)
	case c.out.end != nil || c.out.hole:
		// The end has been sent already, or nothing arrives any more.
		c.mu.Unlock()
		return nil
	}
	c.mu.Unlock()
	if s, ok := c.below.(interface{ CloseWrite() error }); ok {
		return s.CloseWrite()
	}
	return errors.ErrUnsupported
}

// Ready implements [transport.ReadyConn]: what a fault holds back does not wait to be read.
func (c *conn) Ready() (ready bool, err error) {
	ready, err, known := c.in.ready()
	if known {
		if err != nil {
			err = c.opError("read", err)
		}
		return ready, err
	}
	return transport.Peek(c.below)
}

// NetConn returns the connection without faults.
func (c *conn) NetConn() net.Conn { return c.below }

// LocalAddr returns the local address of the wrapped connection.
func (c *conn) LocalAddr() net.Addr { return c.below.LocalAddr() }

// RemoteAddr returns the peer's address of the wrapped connection.
func (c *conn) RemoteAddr() net.Addr { return c.below.RemoteAddr() }

// SetDeadline sets both deadlines.
func (c *conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline sets the deadline of reads, which ends a stall too.
func (c *conn) SetReadDeadline(t time.Time) error { return c.setDeadline(&c.in, t) }

// SetWriteDeadline sets the deadline of writes, which ends a stall too.
func (c *conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(&c.out, t) }

func (c *conn) setDeadline(h *half, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isClosed {
		return c.opError("set", net.ErrClosed)
	}
	h.by.set(t)
	if h.end != nil || c.isDown {
		return nil // nobody reads or writes below any more
	}
	return h.deadlineBelow(t)
}

// opError makes of a bare error what package net returns; io.EOF and what came from below stay as they are.
func (c *conn) opError(op string, err error) error {
	_, bare := err.(syscall.Errno)
	switch {
	case bare:
		err = os.NewSyscallError(op, err)
	case err != net.ErrClosed && err != os.ErrDeadlineExceeded:
		return err
	}
	local, remote := c.LocalAddr(), c.RemoteAddr()
	e := &net.OpError{Op: op, Source: local, Addr: remote, Err: err}
	if local != nil {
		e.Net = local.Network()
	}
	return e
}

// Work is what a fault has to do when mu is free again.
type work []func()

func (w *work) add(more work) { *w = append(*w, more...) }

func (w work) do() {
	for _, f := range w {
		f()
	}
}

// finish ends both directions. mu is held.
func (c *conn) finish(forReads, forWrites error) {
	c.in.finish(forReads)
	c.out.finish(forWrites)
}

// down closes the connection below, by a reset or in order.
func (c *conn) down(byReset bool) func() {
	return func() {
		c.mu.Lock()
		done := c.isDown
		c.isDown = true
		c.mu.Unlock()
		if done {
			return
		}
		if byReset {
			resetBelow(c.below)
		}
		c.below.Close()
	}
}

// resetBelow resets the first connection that can be reset, from c downwards, and reports nothing: where none can, its
// Close has to do.
func resetBelow(c net.Conn) {
	switch r := c.(type) {
	case interface{ Reset() error }:
		r.Reset()
	case interface{ SetLinger(sec int) error }:
		r.SetLinger(0)
		c.Close()
	case interface{ NetConn() net.Conn }:
		resetBelow(r.NetConn())
	}
}
