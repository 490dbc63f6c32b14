package tap

import (
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/strata-http/strata/transport"
)

// A conn is a connection whose octets are told.
type conn struct {
	net.Conn
	tap   *Tap
	about Connection

	// Turns of readers and writers, so that octets are told in the order in which they passed. They are channels
	// and no mutexes because whoever waits for one must be seen to block durably in a synctest bubble. Deadlines
	// and Close need no care here: they end the call that has the turn, and then the others.
	reading, writing turn

	mu      sync.Mutex // held while events of this connection are told
	pending bool       // a Write is under way whose outcome is not known
	waiting []Event    // what happened behind it
	held    int        // octets in waiting
	over    [In + 1]bool
	closed  bool
}

type turn chan struct{}

func (t turn) take() { t <- struct{}{} }
func (t turn) give() { <-t }

func newConn(t *Tap, base net.Conn, about Connection) *conn {
	return &conn{Conn: base, tap: t, about: about, reading: make(turn, 1), writing: make(turn, 1)}
}

// NetConn returns the base. What is read from it or written to it directly is not told.
func (c *conn) NetConn() net.Conn { return c.Conn }

// Ready implements transport.ReadyConn.
func (c *conn) Ready() (bool, error) { return transport.Peek(c.Conn) }

func (c *conn) Read(p []byte) (int, error) {
	c.reading.take()
	defer c.reading.give()
	n, err := c.Conn.Read(p)
	if n > 0 || err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.passed(time.Now(), In, p[:n], err)
	}
	return n, err
}

func (c *conn) Write(p []byte) (int, error) {
	c.writing.take()
	defer c.writing.give()
	began := time.Now()
	c.mu.Lock()
	c.pending = true
	c.mu.Unlock()

	n, err := c.Conn.Write(p)

	c.mu.Lock()
	defer c.mu.Unlock()
	behind := c.waiting
	c.pending, c.waiting, c.held = false, nil, 0
	c.passed(began, Out, p[:min(max(n, 0), len(p))], err)
	for _, e := range behind {
		c.tap.tell(e)
	}
	return n, err
}

// passed tells what a Read or a Write has done. The caller holds mu.
func (c *conn) passed(at time.Time, d Direction, octets []byte, err error) {
	if len(octets) > 0 {
		c.tell(Event{Kind: Data, Time: at, Direction: d, Octets: octets})
	}
	switch {
	case err == nil, c.over[d], isLocal(err):
	case d == In && err == io.EOF:
		c.end(at, d)
	default:
		c.over[d] = true
		c.tell(Event{Kind: Error, Time: at, Direction: d, Err: err})
	}
}

// isLocal tells errors that this side has made, by a deadline or by Close, from those that came over the wire.
func isLocal(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe)
}

func (c *conn) end(at time.Time, d Direction) {
	if !c.over[d] {
		c.over[d] = true
		c.tell(Event{Kind: End, Time: at, Direction: d})
	}
}

// tell tells one event, or keeps it while a Write is under way. The caller holds mu.
func (c *conn) tell(e Event) {
	e.Connection = c.about
	if !c.pending {
		c.tap.tell(e)
		return
	}
	e.Octets = slices.Clone(e.Octets)
	c.waiting = append(c.waiting, e)
	if c.held += len(e.Octets); c.held > MaxHeld {
		for _, e := range c.waiting {
			c.tap.tell(e)
		}
		c.waiting, c.held = nil, 0
	}
}

// CloseWrite ends this side's direction, where the base can.
func (c *conn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	at := time.Now()
	err := half.CloseWrite()
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.end(at, Out)
	}
	return err
}

func (c *conn) Close() error {
	at := time.Now()
	err := c.Conn.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.closed = true
		c.tell(Event{Kind: Close, Time: at})
	}
	return err
}
