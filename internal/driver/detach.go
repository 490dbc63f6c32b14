package driver

import (
	"errors"
	"io"
	"net"
	"time"

	"github.com/strata-http/strata/transport"
)

// Detach gives the connection up to whoever speaks the protocol that HTTP was switched to: the octets
// that were received behind the last head are the first that it reads. Deadlines are taken off. The
// loop is without a connection afterwards.
func (l *Loop) Detach() net.Conn {
	nc, early := l.Release()
	if len(early) == 0 {
		return nc
	}
	return &Leftover{Conn: nc, early: early}
}

// Release is [Loop.Detach] with the connection and those octets apart. Content that was received and not
// taken leads them.
func (l *Loop) Release() (nc net.Conn, early []byte) {
	nc = l.nc
	if l.watch != nil {
		l.unwatch()
	}
	l.clock = clock{}
	nc.SetDeadline(time.Time{})
	l.nc = nil
	if len(l.content) > 0 || l.r < l.w {
		early = append(append(early, l.content...), l.in[l.r:l.w]...)
	}
	l.release()
	return nc, early
}

// Forget drops what l, which has no connection, holds beyond memory of its own: functions of callers, and a timer, which
// belongs to the testing/synctest bubble that it was made in.
func (l *Loop) Forget() {
	l.ear = ear{}
	l.OnState, l.OnFirst, l.OnStage, l.OnChunk, l.OnWait = nil, nil, nil, nil, nil
	l.helper = nil
}

// Leftover is a connection that begins with octets received earlier.
type Leftover struct {
	net.Conn
	early []byte
}

// Read returns the early octets first.
func (c *Leftover) Read(p []byte) (int, error) {
	if len(c.early) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.early)
	c.early = c.early[n:]
	return n, nil
}

// NetConn returns the connection below.
func (c *Leftover) NetConn() net.Conn { return c.Conn }

// Ready implements transport.ReadyConn.
func (c *Leftover) Ready() (bool, error) {
	if len(c.early) > 0 {
		return true, nil
	}
	return transport.Peek(c.Conn)
}

// CloseWrite ends the sending direction, where the connection below can.
func (c *Leftover) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return errors.ErrUnsupported
}

// ReadFrom lets the connection below copy in its own way, which may be the kernel's.
func (c *Leftover) ReadFrom(r io.Reader) (int64, error) { return io.Copy(c.Conn, r) }
