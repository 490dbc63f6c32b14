package script

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// Conn is one connection, to a peer that sends what is in its script.
type Conn struct {
	// Starved is called when a Read finds the script at its end, with the size of the buffer of that Read; it reports
	// whether the connection has closed there. If not, the Read waits for Close. It must not call c.
	Starved func(size int) (eof bool)

	mu      sync.Mutex
	changed sync.Cond
	octets  []byte
	held    bool // until the engine has written
	past    bool // the deadline for reading is over
	eof     bool
	closed  bool
	sent    []byte
}

// New returns a Conn whose peer sends octets; with afterWrite, once the engine has written something.
func New(octets []byte, afterWrite bool) *Conn {
	c := &Conn{octets: octets, held: afterWrite}
	c.changed.L = &c.mu
	return c
}

// Read yields what is left of the script.
func (c *Conn) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	asked := false
	for {
		switch {
		case c.closed:
			return 0, net.ErrClosed
		case c.past:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case !c.held && len(c.octets) > 0:
			n := copy(p, c.octets)
			c.octets = c.octets[n:]
			return n, nil
		case c.eof:
			return 0, io.EOF
		case !c.held && !asked:
			asked = true
			c.mu.Unlock()
			eof := c.Starved(len(p))
			c.mu.Lock()
			c.eof = c.eof || eof
		default:
			c.changed.Wait()
		}
	}
}

// Write takes what the engine sends.
func (c *Conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	c.held = false
	c.sent = append(c.sent, p...)
	c.changed.Broadcast()
	return len(p), nil
}

// Ready reports whether a Read would yield octets.
func (c *Conn) Ready() (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.held && len(c.octets) > 0, nil
}

// Close ends the connection, from the engine's side.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.changed.Broadcast()
	return nil
}

// Sent returns what the engine has written.
func (c *Conn) Sent() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]byte(nil), c.sent...)
}

// Rest returns what the engine has not read.
func (c *Conn) Rest() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.octets
}

// Closed reports whether the engine has closed the connection.
func (c *Conn) Closed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// SetReadDeadline knows two deadlines: one that is over, by which a reader is interrupted, and any other, which never
// comes.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.past = !t.IsZero() && t.Before(time.Now())
	c.changed.Broadcast()
	return nil
}

// SetDeadline is SetReadDeadline: a Write never waits.
func (c *Conn) SetDeadline(t time.Time) error { return c.SetReadDeadline(t) }

// SetWriteDeadline does nothing: a Write never waits.
func (c *Conn) SetWriteDeadline(time.Time) error { return nil }

// LocalAddr returns an address that means nothing.
func (c *Conn) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// RemoteAddr returns an address that means nothing.
func (c *Conn) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }
