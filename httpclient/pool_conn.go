package httpclient

import "time"

// PooledConn is a connection that [Pool.Get] has given out. It is a small value, and stands for the connection until it is
// given back, by [PooledConn.Release] or [PooledConn.Discard]; then its methods do nothing.
type PooledConn struct {
	p      *Pool
	e      *poolEntry
	gen    uint32
	reused bool
	idle   time.Duration
}

// Conn returns the Conn to use, and nil when the connection was given back. The Conn and its Responses must not be used
// behind that: it serves another connection then. It does not connect anew: when its connection is gone, a request is
// [ErrNotConnected], or fails as the connection did, and whether another one may be tried says
// [PooledConn.MayRetry].
func (c PooledConn) Conn() *Conn {
	if c.p == nil {
		return nil
	}
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.e.gen != c.gen {
		return nil
	}
	return c.e.conn
}

// Reused reports whether the connection has been in use before, and was idle for [PooledConn.IdleTime].
func (c PooledConn) Reused() bool { return c.reused }

// IdleTime returns how long the connection was idle before it was given out.
func (c PooledConn) IdleTime() time.Duration { return c.idle }

// MayRetry reports whether a request that failed with err may be sent again, on another connection of the pool (RFC
// 9110 section 9.2.2): this one was used before, no octet of a response has come on it, the error is the connection's, not the
// caller's nor a time-out, and either repeatable is true, which says that the request may be applied twice (see
// [Idempotent]), or none of its octets has left. That the content can be sent from its beginning once more, is the
// caller's to see to. It is to be called before the connection is given back.
func (c PooledConn) MayRetry(err error, repeatable bool) bool {
	conn := c.Conn()
	return conn != nil && c.reused && conn.mayRepeat(err, repeatable)
}

// Idempotent reports whether RFC 9110 section 9.2.2 lets a client repeat a request of that method: GET, HEAD, OPTIONS, TRACE,
// PUT and DELETE.
func Idempotent(method string) bool {
	switch method {
	case "GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE":
		return true
	}
	return false
}

// claim ends c's hold on the connection, and returns the Conn.
func (c PooledConn) claim() *Conn {
	if c.p == nil {
		return nil
	}
	c.p.mu.Lock()
	defer c.p.mu.Unlock()
	if c.e.gen != c.gen {
		return nil
	}
	conn := c.e.conn
	c.e.conn = nil
	c.e.gen++
	return conn
}

// Release gives the connection back. When it is fit for another exchange, the response being read to its end, it goes to who
// waits for one, or is idle from now on; otherwise it is closed, as [PooledConn.Discard] does, and the error says
// why: [ErrNotReusable], [ErrPoolClosed], or that the pool has no room for it.
func (c PooledConn) Release() error {
	conn := c.claim()
	if conn == nil {
		return nil
	}
	if _, err := conn.park(); err != nil {
		c.drop(conn)
		return err
	}
	conn.shed()
	return c.p.comeBack(c.e)
}

// Discard closes the connection, in whatever state, and makes room for another. It may be called while another goroutine
// uses the Conn, whose call then fails.
func (c PooledConn) Discard() {
	if conn := c.claim(); conn != nil {
		c.drop(conn)
	}
}

func (c PooledConn) drop(conn *Conn) {
	conn.Close()
	conn.shed()
	c.p.mu.Lock()
	c.p.uncount(c.e.group)
	c.p.mu.Unlock()
}
