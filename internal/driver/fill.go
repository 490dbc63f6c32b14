package driver

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"
)

// fill reads more behind what there is.
func (l *Loop) fill() error {
	if l.nc == nil {
		return net.ErrClosed // a function of the caller's closed it
	}
	if l.readErr != nil {
		return l.readErr
	}
	var n int
	var err error
	if l.Lazy && l.park() {
		n, err = l.read(nil)
	} else {
		l.room()
		n, err = l.read(l.in[l.w:])
	}
	l.w += n
	if n > 0 {
		return nil
	}
	return err
}

// room makes space behind what there is: by moving it to the front, or, when a head fills the buffer,
// by a larger one. The limits of the machine bound how large.
func (l *Loop) room() {
	switch {
	case l.in == nil:
		l.in, l.r, l.w = getBuffer(), 0, 0
	case l.r == l.w:
		l.r, l.w = 0, 0
	case len(l.in) < bufferSize:
		l.grown(getBuffer())
	case l.w < len(l.in):
	case l.r > 0:
		l.w = copy(l.in, l.in[l.r:l.w])
		l.r = 0
	default:
		l.grown(make([]byte, 2*len(l.in)))
	}
}

// grown moves what there is to a larger buffer.
func (l *Loop) grown(larger []byte) {
	l.w = copy(larger, l.in[l.r:l.w])
	l.r = 0
	putBuffer(l.in)
	l.in = larger
}

// read reads into p, or, when that is nil, into a buffer that it takes when there is something to read. At
// the end of the connection it records that and returns 0 and nil: the machine knows what that means. An
// error that comes with octets is kept for later.
func (l *Loop) read(p []byte) (int, error) {
	for empty := 0; ; {
		phase, err := l.armNext()
		if err != nil {
			return 0, err
		}
		n, err := l.readInto(p)
		l.Heard = l.Heard || n > 0
		if n > 0 && l.OnFirst != nil && l.waiting && l.r == l.w {
			l.OnFirst()
		}
		switch {
		case err == io.EOF:
			l.atEOF = true
			return n, nil
		case err == nil && n == 0:
			if empty++; empty > maxEmptyReads {
				return 0, io.ErrNoProgress
			}
			continue
		case err == nil:
			return n, nil
		}
		err = l.explain(err, phase)
		if !isTimeout(err) {
			l.readErr = err
		} else if n == 0 && l.stopped.Load() {
			return 0, ErrInterrupted
		} else if n == 0 && l.interrupted() {
			continue // armRead knows why
		}
		if n > 0 {
			return n, nil
		}
		return 0, err
	}
}

func (l *Loop) readInto(p []byte) (int, error) {
	if p == nil {
		return l.readLazily()
	}
	n, err := l.nc.Read(p)
	if n < 0 || n > len(p) {
		return 0, ErrNegativeRead
	}
	return n, err
}

// readLimit returns when the next read has to be over, and which phase that is.
func (l *Loop) readLimit() (time.Time, Phase) {
	switch {
	case !l.HeadBy.IsZero():
		return l.headLimit()
	case !l.awaited.IsZero():
		return l.earlier(l.awaited), PhaseContinue
	case l.sending || l.ear.on:
		return l.deadline, PhaseTotal // the peer may be silent as long as it is sent to
	case l.waiting && l.r == l.w:
		return l.limit(l.Times.FirstByte), PhaseFirstByte
	}
	between := l.limit(l.Times.Between)
	if !l.ReadBy.IsZero() && (between.IsZero() || l.ReadBy.Before(between)) {
		return l.ReadBy, l.ReadPhase
	}
	return between, PhaseBetween
}

// headLimit is readLimit while the final response is awaited that has to be there in time.
func (l *Loop) headLimit() (time.Time, Phase) {
	next, phase := l.limit(l.Times.Between), PhaseBetween
	if l.waiting && l.r == l.w {
		next, phase = l.limit(l.Times.FirstByte), PhaseFirstByte
	}
	if next.IsZero() || l.HeadBy.Before(next) {
		return l.HeadBy, PhaseHead
	}
	return next, phase
}

// interrupted reports, once, that a read may have ended because sending did.
func (l *Loop) interrupted() bool {
	if l.ear.on && l.ear.written.Load() {
		return true
	}
	h := l.helper
	if h == nil || h.noticed || !h.over() {
		return false
	}
	h.noticed, l.readSet = true, true
	return true
}

func isTimeout(err error) bool {
	_, ok := err.(*TimeoutError)
	return ok
}

// timedOut reports whether a deadline ended an operation. Foreign connections may not know
// os.ErrDeadlineExceeded; ETIMEDOUT says that the peer is gone.
func timedOut(err error) bool {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	var e net.Error
	return errors.As(err, &e) && e.Timeout() && !errors.Is(err, syscall.ETIMEDOUT)
}
