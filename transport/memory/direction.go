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

	ring    ring          // octets that were written and not read, those under way included
	way     *way          // what lies between the ends; nil when octets arrive as they are written
	ahead   time.Duration // how long news from the writing end travels
	back    time.Duration // the same from the reading end
	writing bool          // a Write has its turn: its octets lie together however often it must wait

	// What the reading end knows.
	readerGone bool // it is closed, and its calls return net.ErrClosed
	ended      bool // no octets come behind those that are here
	shut       bool // it takes no more of them
	readReset  bool // the writing end has reset the connection

	// What the writing end knows.
	writerGone bool // it is closed, and its calls return net.ErrClosed
	refused    bool // no more octets are taken
	writeReset bool // the reading end has reset the connection

	readBy, writeBy deadline
}

// newDirection returns a direction over link, whose reading end answers over back.
func newDirection(size int, link, back Link) *direction {
	d := &direction{ring: ring{max: size}, way: newWay(link), ahead: link.Latency, back: back.Latency}
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
			n := d.take(p)
			d.writable.Broadcast()
			return n, nil
		}
		if d.way != nil {
			d.way.wakeAt(time.Now(), d.arrive)
		}
		d.readable.Wait()
	}
}

// arrive wakes readers when something has come over the link.
func (d *direction) arrive() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.readable.Broadcast()
}

// take moves octets that are here to p.
func (d *direction) take(p []byte) int {
	if d.way == nil {
		return d.ring.take(p)
	}
	n := d.ring.take(p[:min(len(p), d.way.here)])
	d.way.here -= n
	return n
}

// state tells what a read would find, deadlines aside: octets or an error when ready is true.
func (d *direction) state() (ready bool, err error) {
	here := d.ring.n
	if d.way != nil {
		if !d.shut && d.way.advance(time.Now()) {
			d.ended = true
		}
		here = d.way.here
	}
	switch {
	case d.readerGone:
		return true, net.ErrClosed
	case d.readReset:
		return true, os.NewSyscallError("read", syscall.ECONNRESET)
	case here > 0:
		return true, nil
	case d.ended:
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
			if d.way != nil {
				d.way.send(time.Now(), m)
			}
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
	case d.writeReset:
		return os.NewSyscallError("write", syscall.ECONNRESET)
	case d.refused:
		return os.NewSyscallError("write", syscall.EPIPE)
	}
	return nil
}

// end marks the orderly end by the writing end; what was written can still be read.
func (d *direction) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sendEnd()
	d.wake()
}

func (d *direction) sendEnd() {
	d.refused = true
	if d.way == nil {
		d.ended = true
		return
	}
	d.way.end(time.Now())
}

// refuse makes writes fail; what has come can still be read.
func (d *direction) refuse() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.way != nil {
		d.way.advance(time.Now())
	}
	d.shut, d.ended = true, true
	d.later(d.back, func() { d.refused = true })
	d.wake()
}

// closeWriter is end, and the writing end is gone.
func (d *direction) closeWriter(reset bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.writerGone, d.refused = true, true
	if reset {
		d.later(d.ahead, func() {
			d.readReset = true
			d.drop()
		})
	} else {
		d.sendEnd()
	}
	d.writeBy.stop()
	d.wake()
}

// closeReader makes writes fail, and what was written is lost. It reports whether the reading end was there until now.
// Until the writing end learns of it the octets stay, so that a writer who knows nothing yet is held up by a full
// buffer as before.
func (d *direction) closeReader(reset bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.readerGone {
		return false
	}
	d.readerGone, d.shut = true, true
	d.later(d.back, func() {
		d.refused = true
		d.writeReset = d.writeReset || reset
		d.drop()
	})
	d.readBy.stop()
	d.wake()
	return true
}

// later does what news does to the other end when it has travelled. The caller holds the lock, and f runs under it.
func (d *direction) later(latency time.Duration, f func()) {
	if latency <= 0 {
		f()
		return
	}
	time.AfterFunc(latency, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		f()
		d.wake()
	})
}

// drop forgets all octets.
func (d *direction) drop() {
	d.ring.drop()
	if d.way != nil {
		d.way.drop()
	}
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
