package memory

import (
	"io"
	"net"
	"time"
)

// DefaultBufferSize is how many octets one direction of a connection holds unless something else is asked for.
const DefaultBufferSize = 64 << 10

// Addr is the address of a listener or of one end of a connection: host:port.
type Addr string

// Network returns "memory".
func (Addr) Network() string { return "memory" }

// String returns the address.
func (a Addr) String() string { return string(a) }

// A Conn is one end of a connection in memory. Each of its two directions holds a bounded number of octets: Write
// blocks while its direction is full, Read while it is empty. Its methods may be called by several goroutines at once;
// the octets of one Write are never mixed with those of another.
//
// Errors but io.EOF are *net.OpError values. A time-out is [os.ErrDeadlineExceeded], with Timeout and Temporary
// true; what was written before it stays written, and the connection can be used on. After a Close or Reset on this
// side everything fails with [net.ErrClosed].
type Conn struct {
	in, out       *direction
	local, remote net.Addr
}

// Pipe returns the two ends of a connection whose directions hold [DefaultBufferSize] octets each.
func Pipe() (*Conn, *Conn) { return PipeSize(DefaultBufferSize) }

// PipeSize returns the two ends of a connection whose directions hold size octets each; size less than one
// counts as [DefaultBufferSize].
func PipeSize(size int) (*Conn, *Conn) {
	return newPair(size, Link{}, Link{}, Addr("pipe:1"), Addr("pipe:2"))
}

// newPair returns the ends a and b of a connection; up is the link from a to b, down the other one.
func newPair(size int, up, down Link, a, b net.Addr) (*Conn, *Conn) {
	if size < 1 {
		size = DefaultBufferSize
	}
	ab, ba := newDirection(size, up, down), newDirection(size, down, up)
	return &Conn{in: ba, out: ab, local: a, remote: b}, &Conn{in: ab, out: ba, local: b, remote: a}
}

// Read reads what has come, at most len(p) octets. After the peer's Close or CloseWrite it returns what is left and
// then io.EOF, after a reset ECONNRESET.
func (c *Conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	if err != nil && err != io.EOF {
		err = c.opError("read", err)
	}
	return n, err
}

// Write writes all of p unless it fails. After the peer's Close or CloseRead, or this side's CloseWrite, it fails with
// EPIPE, after a reset with ECONNRESET.
func (c *Conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	if err != nil {
		err = c.opError("write", err)
	}
	return n, err
}

// Close closes this end. The peer reads what was written, then io.EOF; what the peer wrote and was not read is
// lost, and its further writes fail. Blocked calls of this end return.
func (c *Conn) Close() error { return c.shut(false) }

// Reset closes this end in the way that TCP's RST does: octets under way in both directions are lost, and the peer's
// calls, those that block now included, fail with ECONNRESET.
func (c *Conn) Reset() error { return c.shut(true) }

func (c *Conn) shut(reset bool) error {
	if !c.in.closeReader(reset) {
		return c.opError("close", net.ErrClosed)
	}
	c.out.closeWriter(reset)
	return nil
}

// CloseWrite ends this side's direction: the peer reads what was written, then io.EOF. Reading goes on. Writes on this
// side, those that block now included, fail with EPIPE.
func (c *Conn) CloseWrite() error {
	if err := c.open("close"); err != nil {
		return err
	}
	c.out.end()
	return nil
}

// CloseRead refuses what else the peer may write: its writes fail with EPIPE. This side reads what had come
// before, then io.EOF.
func (c *Conn) CloseRead() error {
	if err := c.open("close"); err != nil {
		return err
	}
	c.in.refuse()
	return nil
}

func (c *Conn) open(op string) error {
	c.in.mu.Lock()
	defer c.in.mu.Unlock()
	if c.in.readerGone {
		return c.opError(op, net.ErrClosed)
	}
	return nil
}

// Ready tells without blocking, and whatever the deadline, whether a Read would return at once, and with which error;
// it consumes nothing. See transport.Ready.
func (c *Conn) Ready() (ready bool, err error) {
	c.in.mu.Lock()
	ready, err = c.in.state()
	c.in.mu.Unlock()
	if err != nil && err != io.EOF {
		err = c.opError("read", err)
	}
	return ready, err
}

// LocalAddr returns the address of this end, an [Addr].
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the other end, an [Addr].
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline sets the deadlines of reads and writes.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline sets the moment after which reads fail, one that blocks now included; the zero time means never. A
// deadline may be set again at any time, also after it has passed.
func (c *Conn) SetReadDeadline(t time.Time) error {
	if err := c.in.setReadDeadline(t); err != nil {
		return c.opError("set", err)
	}
	return nil
}

// SetWriteDeadline does for writes what SetReadDeadline does for reads.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if err := c.out.setWriteDeadline(t); err != nil {
		return c.opError("set", err)
	}
	return nil
}

func (c *Conn) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: "memory", Source: c.local, Addr: c.remote, Err: err}
}
