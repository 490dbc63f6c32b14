package transport

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// errReading is what a TLSConn says to Ready while it is being read: it is not idle.
var errReading = errors.New("transport: Ready called during a Read")

// A TLSConn is a TLS session over a raw connection. It behaves as the session does, and besides tells an
// authentic end of the data from a cut one ([ErrNoCloseNotify]) and can be asked whether it is [Ready].
//
// After a write has timed out crypto/tls refuses all further writes; a read that timed out may be repeated.
type TLSConn struct {
	session net.Conn
	below   *rawConn

	// reading is held by Read and Ready, as the session itself serves one reader at a time.
	reading sync.Mutex
	// early is an octet that Ready found; the next Read returns it.
	early    [1]byte
	hasEarly bool
}

// Session returns what the handshake made: a [*tls.Conn], or what [TLS.Handshake] returned. Reading from it directly
// goes past what this type adds.
func (c *TLSConn) Session() net.Conn { return c.session }

// NetConn returns the raw connection. Reading or writing it destroys the session.
func (c *TLSConn) NetConn() net.Conn { return c.below.Conn }

// ConnectionState describes the session. It is zero when [TLS.Handshake] made one that does not tell.
func (c *TLSConn) ConnectionState() tls.ConnectionState {
	if s, ok := c.session.(interface{ ConnectionState() tls.ConnectionState }); ok {
		return s.ConnectionState()
	}
	return tls.ConnectionState{}
}

// Read reads application data. [io.EOF] means that the peer sent close_notify; the end of the raw connection without
// one is [ErrNoCloseNotify].
func (c *TLSConn) Read(p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.hasEarly && len(p) > 0 {
		p[0], c.hasEarly = c.early[0], false
		return 1, nil
	}
	n, err := c.session.Read(p)
	return n, c.ending(err)
}

// ending makes ErrNoCloseNotify of the errors by which a session passes on the end of the raw connection.
func (c *TLSConn) ending(err error) error {
	if err != nil && c.below.ended.Load() && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		return ErrNoCloseNotify
	}
	return err
}

// Write writes application data.
func (c *TLSConn) Write(p []byte) (int, error) { return c.session.Write(p) }

// Close sends close_notify, waiting five seconds at most until it is written, and closes the raw connection.
func (c *TLSConn) Close() error { return c.session.Close() }

// CloseWrite sends close_notify and forbids further writes; the peer reads [io.EOF], and this side may read on. The
// raw connection stays open in both directions. It returns [errors.ErrUnsupported] when [TLS.Handshake] made a
// session that cannot do it.
func (c *TLSConn) CloseWrite() error {
	if s, ok := c.session.(interface{ CloseWrite() error }); ok {
		return s.CloseWrite()
	}
	return errors.ErrUnsupported
}

// LocalAddr returns the local address of the raw connection.
func (c *TLSConn) LocalAddr() net.Addr { return c.session.LocalAddr() }

// RemoteAddr returns the peer's address of the raw connection.
func (c *TLSConn) RemoteAddr() net.Addr { return c.session.RemoteAddr() }

// SetDeadline sets both deadlines.
func (c *TLSConn) SetDeadline(t time.Time) error { return c.session.SetDeadline(t) }

// SetReadDeadline sets the deadline of reads.
func (c *TLSConn) SetReadDeadline(t time.Time) error { return c.session.SetReadDeadline(t) }

// SetWriteDeadline sets the deadline of writes. A write that it ends leaves the session unable to write.
func (c *TLSConn) SetWriteDeadline(t time.Time) error { return c.session.SetWriteDeadline(t) }

// Ready implements [ReadyConn]. Records that carry no application data, session tickets (RFC 8446 section 4.6.1)
// above all, are taken in on the way and are not reported, nor is a record of which only a part has come. A KeyUpdate
// that asks for an answer is answered, under the write deadline. During a Read in another goroutine the
// result is true and an error.
func (c *TLSConn) Ready() (ready bool, err error) {
	if !c.reading.TryLock() {
		return true, errReading
	}
	defer c.reading.Unlock()
	if c.hasEarly {
		return true, nil
	}
	if s, ok := c.session.(ReadyConn); ok {
		if ready, err := s.Ready(); !errors.Is(err, errors.ErrUnsupported) {
			return ready, c.ending(err)
		}
	}
	c.below.probing.Store(true)
	defer c.below.probing.Store(false)
	switch n, err := c.session.Read(c.early[:]); {
	case n > 0:
		// An error that came along is the session's last and will be returned again.
		c.hasEarly = true
		return true, nil
	case err == nil, errors.Is(err, errQuiet):
		return false, nil
	default:
		return true, c.ending(err)
	}
}
