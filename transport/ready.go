package transport

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// ReadyConn is the optional method by which a connection tells, without blocking, whether a Read would return at
// once. Every connection of this module has it; a type that wraps a net.Conn should have it also, written as
//
//	func (c *conn) Ready() (bool, error) { return transport.Peek(c.Conn) }
//
// with a look into its own buffer first, if it has one.
type ReadyConn interface {
	// Ready has the results of the function [Ready]. It consumes nothing, so whatever waits is still there for the
	// next Read, takes no notice of deadlines and changes none. A connection that cannot tell returns an
	// error that is [errors.ErrUnsupported].
	Ready() (ready bool, err error)
}

// probeTime is how long a foreign connection is read when it cannot be asked.
const probeTime = time.Millisecond

// Ready looks whether anything waits on an idle connection that is about to be used again:
//
//   - (false, nil): the connection is quiet, and fit for reuse. A Read would block.
//   - (true, nil): octets wait to be read. On an idle HTTP connection nobody asked for them.
//   - (true, io.EOF): the peer has ended its direction, by FIN or by close_notify.
//   - (true, err): the connection is broken or was closed on this side (ECONNRESET, [net.ErrClosed],
//     [ErrNoCloseNotify], ...); a Read would have returned err at once. Discard it: a socket tells such an error
//     once, and a Read after that may find io.EOF in its place.
//
// It never returns (false, err): whoever only wants to know whether to discard the connection tests the first result.
// The answer is of the moment; what the peer sends a moment later is seen by nobody before the next Read.
//
// A [ReadyConn] is asked. Stream sockets are peeked at through SyscallConn, on systems that can; nothing is consumed.
// Such a socket may be inside another type that has a SyscallConn method; when that type has a buffer of its own it
// must be a ReadyConn. Any other connection is read under a deadline of one millisecond, which clears the deadline
// that it had; an octet read so is lost, and the connection is fit for nothing but Close.
func Ready(c net.Conn) (ready bool, err error) {
	ready, err = Peek(c)
	if err == nil || !errors.Is(err, errors.ErrUnsupported) {
		return ready, err
	}
	return readBriefly(c)
}

// Peek is [Ready] without its last resort: it consumes nothing and changes no deadline, and returns
// false and [errors.ErrUnsupported] for a foreign connection. It is for the Ready methods of connections that wrap
// another.
func Peek(c net.Conn) (ready bool, err error) {
	if r, ok := c.(ReadyConn); ok {
		return r.Ready()
	}
	return peek(c)
}

// readBriefly reads one octet within probeTime.
func readBriefly(c net.Conn) (ready bool, err error) {
	if err := c.SetReadDeadline(time.Now().Add(probeTime)); err != nil {
		return true, err
	}
	var octet [1]byte
	n, err := c.Read(octet[:])
	if n > 0 {
		return true, nil
	}
	if err != nil && !isQuiet(err) {
		return true, err
	}
	if err := c.SetReadDeadline(time.Time{}); err != nil {
		return true, err
	}
	return false, nil
}

// isQuiet tells a read that ended because nothing came from one that failed. ETIMEDOUT calls itself a time-out too,
// but says that the peer is gone.
func isQuiet(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || isTimeout(err) && !errors.Is(err, syscall.ETIMEDOUT)
}
