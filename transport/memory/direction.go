package memory

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// A direction is one of the two byte streams of a connection.
//
// Everything waits on one of two condition variables and never on a lock that a waiting goroutine holds, since in a
// synctest bubble only the former blocks durably.
type direction struct {
	mu       sync.Mutex
	readable sync.Cond // readers wait for octets, the end, an error or their deadline
	writable sync.Cond // writers wait for room, their turn, an error or their deadline

	ring    ring
	writing bool // a Write has its turn: its octets lie together however often it must wait

	ended      bool // the writing end has closed its direction
	refused    bool // the reading end takes no more
	reset      bool // either end has reset the connection
	readerGone bool // the reading end is closed, and its calls return net.ErrClosed
	writerGone bool // the same of the writing end

	readBy, writeBy deadline
}

func newDirection(size int) *direction {
	d := &direction{ring: ring{max: size}}
	d.readable.L, d.writable.L = &d.mu, &d.mu
	d.readBy.cond, d.writeBy.cond = &d.readable, &d.writable
	return d
}

func (d *direction) read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		switch ready, err := d.state(); {
		case d.readerGone:
			return 0, err
		case len(p) == 0:
			return 0, nil
		case d.readBy.expired:
			return 0, os.ErrDeadlineExceeded
		case err != nil:
			return 0, err
		case ready:
			n := d.ring.take(p)
			d.writable.Broadcast()
			return n, nil
		}
		d.readable.Wait()
	}
}

// state tells what a read would find, deadlines aside: octets or an error when ready is true.
func (d *direction) state() (ready bool, err error) {
	switch {
	case d.readerGone:
		return true, net.ErrClosed
	case d.reset:
		return true, os.NewSyscallError("read", syscall.ECONNRESET)
	case d.ring.n > 0:
		return true, nil
	case d.ended, d.refused:
		return true, io.EOF
	}
	return false, nil
}

func (d *direction) write(p []byte) (n int, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.writing && d.writeError() == nil {
		d.writable.Wait()
	}
	if err := d.writeError(); err != nil {
		return 0, err
	}
	d.writing = true
	for {
		if m := d.ring.put(p[n:]); m > 0 {
			n += m
			d.readable.Broadcast()
		}
		if n == len(p) {
			break
		}
		d.writable.Wait()
		if err = d.writeError(); err != nil {
			break
		}
	}
	d.writing = false
	d.writable.Broadcast()
	return n, err
}

// writeError tells why nothing can be written now.
func (d *direction) writeError() error {
	switch {
	case d.writerGone:
		return net.ErrClosed
	case d.writeBy.expired:
		return os.ErrDeadlineExceeded
	case d.reset:
		return os.NewSyscallError("write", syscall.ECONNRESET)
	case d.ended, d.refused:
		return os.NewSyscallError("write", syscall.EPIPE)
	}
	return nil
}

// end marks the orderly end; what was written can still be read.
func (d *direction) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	d.wake()
}

// refuse makes writes fail; what was written can still be read.
func (d *direction) refuse() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refused = true
	d.wake()
}

// closeWriter is end, and the writing end is gone.
func (d *direction) closeWriter(reset bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended, d.writerGone = true, true
	if reset {
		d.reset = true
		d.ring.drop()
	}
	d.writeBy.stop()
	d.wake()
}

// closeReader drops the octets, since nobody will read them. It reports whether the reading end was there until now.
func (d *direction) closeReader(reset bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.readerGone {
		return false
	}
	d.refused, d.readerGone = true, true
	d.reset = d.reset || reset
	d.ring.drop()
	d.readBy.stop()
	d.wake()
	return true
}

func (d *direction) wake() {
	d.readable.Broadcast()
	d.writable.Broadcast()
}

func (d *direction) setReadDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.readerGone {
		return net.ErrClosed
	}
	d.readBy.set(t)
	return nil
}

func (d *direction) setWriteDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.writerGone {
		return net.ErrClosed
	}
	d.writeBy.set(t)
	return nil
}
