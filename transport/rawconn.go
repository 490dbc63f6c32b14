package transport

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// errQuiet ends a probing read when nothing waits below. crypto/tls may be read again after it because it is
// temporary.
var errQuiet error = quietError{}

type quietError struct{}

func (quietError) Error() string        { return "transport: nothing waits to be read" }
func (quietError) Timeout() bool        { return true }
func (quietError) Temporary() bool      { return true }
func (quietError) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// A rawConn stands between a TLS session and the raw connection. It notes the end of the raw stream, which the session
// may report as if it were authentic, and while probing it refuses to block.
type rawConn struct {
	net.Conn

	ended   atomic.Bool // a Read has returned io.EOF
	probing atomic.Bool // reads return errQuiet where they would block
	held    atomic.Bool // io.EOF came along with octets and is still to be returned

	mu        sync.Mutex
	deadline  time.Time // of reads, as the caller set it
	suspended bool      // while a probe reads under a deadline of its own
}

// NetConn returns the raw connection.
func (c *rawConn) NetConn() net.Conn { return c.Conn }

func (c *rawConn) Read(p []byte) (int, error) {
	if c.probing.Load() {
		return c.probe(p)
	}
	return c.read(p)
}

// read returns octets before the end that came along with them: only a session that asks for more than the octets up
// to close_notify learns that there is no more.
func (c *rawConn) read(p []byte) (int, error) {
	if c.held.Load() {
		c.ended.Store(true)
		return 0, io.EOF
	}
	n, err := c.Conn.Read(p)
	if err == io.EOF {
		if n > 0 {
			c.held.Store(true)
			return n, nil
		}
		c.ended.Store(true)
	}
	return n, err
}

// probe is a read that does not block: what is below is peeked at first, and where that is impossible the read gets
// a short deadline.
func (c *rawConn) probe(p []byte) (int, error) {
	if c.held.Load() {
		return c.read(p)
	}
	ready, err := Peek(c.Conn)
	peeked := err == nil || !errors.Is(err, errors.ErrUnsupported)
	switch {
	case peeked && !ready:
		return 0, errQuiet
	case peeked && err != nil && err != io.EOF:
		return 0, err // a socket tells it once, and a Read now would find io.EOF
	}
	var limit time.Time // none is needed for what waits already
	if !peeked {
		limit = time.Now().Add(probeTime)
	}
	if err := c.suspendDeadline(limit); err != nil {
		return 0, err
	}
	n, err := c.read(p)
	if n == 0 && err != nil && isQuiet(err) {
		err = errQuiet
	}
	if e := c.restoreDeadline(); e != nil && err == nil {
		err = e
	}
	return n, err
}

// suspendDeadline puts limit in the place of the caller's read deadline, which does not count while Ready looks: the
// question is what waits, not what time it is.
func (c *rawConn) suspendDeadline(limit time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.suspended = true
	if limit.Equal(c.deadline) {
		return nil
	}
	return c.Conn.SetReadDeadline(limit)
}

// restoreDeadline brings the caller's read deadline back, or the one that was set meanwhile.
func (c *rawConn) restoreDeadline() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.suspended = false
	return c.Conn.SetReadDeadline(c.deadline)
}

func (c *rawConn) SetDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	if c.suspended {
		return c.Conn.SetWriteDeadline(t)
	}
	return c.Conn.SetDeadline(t)
}

func (c *rawConn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	if c.suspended {
		return nil
	}
	return c.Conn.SetReadDeadline(t)
}
