package driver

import (
	"io"
	"net"
	"os"
	"syscall"
)

// lazy waits for octets without a buffer to put them in: an idle connection then costs none.
type lazy struct {
	raw   syscall.RawConn // of a socket; nil where there is none to ask
	asked bool
	try   func(fd uintptr) bool
	n     int
	err   error
	first []byte // of a connection that is no socket: what it waits with
	kept  []byte // the beginning of a head, while the rest is waited for
}

// firstSize is how large a read is made for the first octets of a message on what is no socket. Many
// requests fit; the rest of a larger one is at hand without a wait.
const firstSize = 256

// mostParked is how many octets of a head that has begun are moved out of the buffer, so that a client which sends
// so few and lets the server wait costs it no more than them.
const mostParked = 256

// park gives the buffer back before a wait that may be long, and reports whether the next read is one without it.
// Content is worth a buffer where the connection cannot be waited for by itself.
func (l *Loop) park() bool {
	z := &l.lazy
	kept := l.in[l.r:l.w]
	switch {
	case len(kept) == 0 && (l.waiting || z.raw != nil):
		l.release()
		return true
	case len(kept) == 0 || len(kept) > mostParked || !l.waiting && z.raw == nil:
		return false
	case cap(l.in) > mostParked:
		if z.kept == nil {
			z.kept = make([]byte, 0, mostParked)
		}
		z.kept = append(z.kept[:0], kept...)
		l.release()
		l.in, l.w = z.kept, len(z.kept)
	}
	return true
}

// unpark makes buf, in which there is something behind what was kept, the buffer.
func (l *Loop) unpark(buf []byte) {
	if l.in == nil {
		l.in = buf
	} else {
		l.grown(buf)
	}
}

// readLazily reads octets into a buffer that it takes when they are there.
func (l *Loop) readLazily() (int, error) {
	z := &l.lazy
	if !z.asked {
		z.asked = true
		z.raw = rawConn(l.nc)
		if z.raw != nil {
			z.try = l.tryRead // made once: a method value is an allocation
		} else {
			z.first = make([]byte, firstSize)
		}
	}
	if z.raw == nil {
		n, err := l.nc.Read(z.first)
		if n < 0 || n > len(z.first) {
			return 0, ErrNegativeRead
		}
		if n > 0 {
			buf := getBuffer()
			copy(buf[l.w-l.r:], z.first[:n])
			l.unpark(buf)
		}
		return n, err
	}
	z.n, z.err = 0, nil
	if err := z.raw.Read(z.try); err != nil {
		return 0, err
	}
	switch {
	case z.err != nil:
		return 0, &net.OpError{
			Op: "read", Net: l.nc.LocalAddr().Network(), Source: l.nc.LocalAddr(), Addr: l.nc.RemoteAddr(),
			Err: os.NewSyscallError("read", z.err),
		}
	case z.n == 0:
		return 0, io.EOF
	}
	return z.n, nil
}

// tryRead is called when there may be something to read; false makes the runtime wait until there is. The
// buffer is held only when there was.
func (l *Loop) tryRead(fd uintptr) bool {
	buf := getBuffer()
	n, again, err := readSocket(fd, buf[l.w-l.r:])
	if again {
		putBuffer(buf)
		return false
	}
	if l.lazy.n, l.lazy.err = n, err; n > 0 {
		l.unpark(buf)
	} else {
		putBuffer(buf)
	}
	return true
}

// rawConn returns what l waits with, where nc is a socket of the kernel's and nothing above it sees octets.
func rawConn(nc net.Conn) syscall.RawConn {
	if !canReadSocket {
		return nil
	}
	switch nc.(type) {
	case *net.TCPConn, *net.UnixConn:
		if raw, err := nc.(syscall.Conn).SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}
