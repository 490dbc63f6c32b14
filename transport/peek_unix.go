//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package transport

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// peek looks into the receive buffer of a stream socket. The concrete types come first because the compiler then sees
// that the RawConn and the closure do not escape.
func peek(c net.Conn) (ready bool, err error) {
	var p peeker
	switch c := c.(type) {
	case *net.TCPConn:
		rc, e := c.SyscallConn()
		if e != nil {
			return true, e
		}
		err = rc.Control(func(fd uintptr) { p.peek(int(fd)) })
	case *net.UnixConn:
		rc, e := c.SyscallConn()
		if e != nil {
			return true, e
		}
		err = rc.Control(func(fd uintptr) { p.peek(int(fd)) })
	case syscall.Conn:
		return peekOther(c)
	default:
		return false, errors.ErrUnsupported
	}
	if err != nil {
		return true, err
	}
	return p.result(c)
}

// peekOther is for sockets inside other types.
func peekOther(c syscall.Conn) (ready bool, err error) {
	rc, err := c.SyscallConn()
	if err != nil {
		return true, err
	}
	var p peeker
	if err := rc.Control(func(fd uintptr) { p.peek(int(fd)) }); err != nil {
		return true, err
	}
	conn, _ := c.(net.Conn)
	return p.result(conn)
}

// peeker holds what one recvfrom returned. It runs under RawConn.Control, not Read: Read would wait for a reader in
// another goroutine and fail after a deadline.
type peeker struct {
	n   int
	err error
}

func (p *peeker) peek(fd int) {
	var octet [1]byte
	for {
		p.n, _, p.err = syscall.Recvfrom(fd, octet[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		if p.err != syscall.EINTR {
			return
		}
	}
}

func (p *peeker) result(c net.Conn) (ready bool, err error) {
	switch p.err {
	case nil:
		if p.n == 0 {
			return true, io.EOF
		}
		return true, nil
	case syscall.EAGAIN:
		return false, nil
	case syscall.ENOTSOCK:
		return false, errors.ErrUnsupported
	}
	return true, &net.OpError{
		Op: "read", Net: c.LocalAddr().Network(), Source: c.LocalAddr(), Addr: c.RemoteAddr(),
		Err: os.NewSyscallError("recvfrom", p.err),
	}
}
