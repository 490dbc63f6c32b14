package memory

import (
	"context"
	"net"
	"os"
	"sync"
	"time"
)

const defaultBacklog = 128

// A Listener takes the connections that are dialled to its address.
type Listener struct {
	network *Network
	addr    Addr

	mu      sync.Mutex
	changed sync.Cond // dials wait for room, Accept for connections
	queue   []*Conn
	backlog int
	closed  bool
	by      deadline
}

var _ net.Listener = (*Listener)(nil)

func newListener(n *Network, address string, backlog int) *Listener {
	if backlog < 1 {
		backlog = defaultBacklog
	}
	l := &Listener{network: n, addr: Addr(address), backlog: backlog}
	l.changed.L = &l.mu
	l.by.cond = &l.changed
	return l
}

// Accept waits for the next connection, a [*Conn]. After Close it fails with [net.ErrClosed], after the deadline
// with [os.ErrDeadlineExceeded], each in a *net.OpError.
func (l *Listener) Accept() (net.Conn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for {
		switch {
		case l.closed:
			return nil, opError("accept", l.addr.String(), net.ErrClosed)
		case l.by.expired:
			return nil, opError("accept", l.addr.String(), os.ErrDeadlineExceeded)
		case len(l.queue) > 0:
			c := l.queue[0]
			l.queue[0] = nil
			l.queue = l.queue[1:]
			l.changed.Broadcast()
			return c, nil
		}
		l.changed.Wait()
	}
}

// Close stops listening and frees the address. Accept and the dials that wait for room in the backlog return;
// connections that nobody accepted are reset. Connections that were accepted go on.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return opError("close", l.addr.String(), net.ErrClosed)
	}
	l.closed = true
	for _, c := range l.queue {
		c.Reset()
	}
	l.queue = nil
	l.by.stop()
	l.changed.Broadcast()
	l.network.remove(l)
	return nil
}

// Addr returns the address of the listener, an [Addr]; its port is never 0.
func (l *Listener) Addr() net.Addr { return l.addr }

// SetDeadline sets the moment after which Accept fails, one that blocks now included; the zero time means never.
func (l *Listener) SetDeadline(t time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return opError("set", l.addr.String(), net.ErrClosed)
	}
	l.by.set(t)
	return nil
}

// enqueue hands c to Accept, waiting for room.
func (l *Listener) enqueue(ctx context.Context, c *Conn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for watched := false; ; {
		switch {
		case l.closed:
			return errRefused
		case ctx.Err() != nil:
			return ctx.Err()
		case len(l.queue) < l.backlog:
			l.queue = append(l.queue, c)
			l.changed.Broadcast()
			return nil
		}
		if !watched {
			watched = true
			stop := context.AfterFunc(ctx, func() {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.changed.Broadcast()
			})
			defer stop()
		}
		l.changed.Wait()
	}
}
