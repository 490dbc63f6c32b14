package fault

import (
	"io"
	"os"
	"time"
)

var errDeadline = os.ErrDeadlineExceeded

// read returns octets that have come and that no fault keeps back.
func (h *half) read(p []byte) (int, error) {
	if err := h.take(); err != nil {
		return 0, err
	}
	defer h.release()
	for {
		l, todo := h.next(false)
		todo.do()
		if n, ok := h.injected(p); ok {
			return n, nil
		}
		switch {
		case l.err != nil:
			return 0, l.err
		case isClosed(h.by.done()):
			return 0, errDeadline
		case len(p) == 0:
			return 0, nil
		}
		n, err, done := h.readUnder(l, p)
		if done {
			return n, err
		}
	}
}

// readUnder does one step of a read.
func (h *half) readUnder(l leave, p []byte) (n int, err error, done bool) {
	switch {
	case l.hole:
		return 0, h.wait(0), true
	case l.stall:
		err = h.wait(l.delay)
		return 0, err, err != nil
	case h.held != nil || h.heldEnd:
		if d := time.Until(h.due); d > 0 {
			if err := h.wait(d); err != nil {
				return 0, err, true
			}
		}
		return h.deliver(l, p)
	}
	buf := p[:min(len(p), l.most)]
	n, err = h.c.below.Read(buf)
	return h.arrived(l, buf[:n], err)
}

// arrived decides about octets that have come from below, and about the error that came with them.
func (h *half) arrived(l leave, p []byte, err error) (n int, _ error, done bool) {
	if len(p) == 0 && err != nil && err != io.EOF {
		if end := h.verdict(); end != nil {
			err = end // what was below was closed, or woken, by a fault
		}
		return 0, err, true
	}
	if l.last && h.begin() {
		return 0, nil, false
	}
	h.c.mu.Lock()
	// What a fault has ended, by time, while the read was under way loses what came; a stall or a delay keeps it.
	gone, late := h.end != nil || h.hole, h.stall || h.delay > 0
	h.c.mu.Unlock()
	switch {
	case gone:
		return 0, nil, false
	case late:
		h.hold(p, err == io.EOF)
		return 0, nil, false
	}
	return h.passUp(p), err, true
}

// begin strikes an end at offset 0, in the place of what has come, and reports whether it did.
func (h *half) begin() bool {
	h.c.mu.Lock()
	todo := h.advance(true)
	struck := h.end != nil || h.inject != nil
	h.c.mu.Unlock()
	todo.do()
	return struck
}

// hold keeps octets back; p is the caller's.
func (h *half) hold(p []byte, end bool) {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	h.held, h.heldEnd = append([]byte{}, p...), end
	h.due = time.Now().Add(h.delay)
}

// deliver returns octets that were held.
func (h *half) deliver(l leave, p []byte) (n int, err error, done bool) {
	if l.last && h.begin() {
		return 0, nil, false
	}
	h.c.mu.Lock()
	n = copy(p[:min(len(p), l.most)], h.held)
	h.held = h.held[n:]
	if len(h.held) == 0 {
		h.held = nil
	}
	h.c.mu.Unlock()
	if n == 0 {
		return 0, io.EOF, true // and so it stays
	}
	return h.passUp(p[:n]), nil, true
}

// passUp counts octets that the caller is given.
func (h *half) passUp(p []byte) int {
	h.c.mu.Lock()
	todo := h.pass(p)
	h.c.mu.Unlock()
	todo.do()
	return len(p)
}

// injected returns octets that a fault has put in the place of those that would have come, and ends the direction behind
// them.
func (h *half) injected(p []byte) (n int, ok bool) {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	if h.inject == nil || h.c.isClosed {
		return 0, false
	}
	n = copy(p, h.inject)
	if h.inject = h.inject[n:]; len(h.inject) == 0 {
		h.inject = nil
		h.finish(io.EOF)
	}
	return n, true
}

// ready tells what a Read would find as far as that is known here.
func (h *half) ready() (ready bool, err error, known bool) {
	if err := h.verdict(); err != nil {
		return true, err, true
	}
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	waiting := h.held != nil || h.heldEnd
	switch {
	case h.inject != nil:
		return true, nil, true
	case h.hole, h.stall, h.stallAhead():
		return false, nil, true
	case waiting && time.Now().Before(h.due):
		return false, nil, true
	case h.held != nil:
		return true, nil, true
	case h.heldEnd:
		return true, io.EOF, true
	}
	return false, nil, false
}

// stallAhead reports whether the next Read would begin a stall or a black hole. mu is held.
func (h *half) stallAhead() bool {
	for _, f := range h.plan {
		if f.where.offset > h.passed {
			break
		}
		if f.what.kind == stall || f.what.kind == hole {
			return true
		}
	}
	return false
}

// write sends octets as far as no fault keeps them back.
func (h *half) write(p []byte) (sent int, err error) {
	if err := h.take(); err != nil {
		return 0, err
	}
	defer h.release()
	for {
		l, todo := h.next(len(p) > 0)
		todo.do()
		switch {
		case l.err != nil:
			return sent, l.err
		case isClosed(h.by.done()):
			return sent, errDeadline
		case l.stall || l.delay > 0:
			if err := h.wait(l.delay); err != nil {
				return sent, err
			}
			if l.stall {
				continue
			}
		}
		n, err := h.writeUnder(l, p[sent:])
		sent += n
		if err != nil || sent == len(p) {
			return sent, err
		}
	}
}

// writeUnder sends what may be sent at once.
func (h *half) writeUnder(l leave, p []byte) (n int, err error) {
	p = p[:min(len(p), l.most)]
	h.c.mu.Lock()
	lost := h.hole
	if len(h.masks) > 0 {
		p = append([]byte{}, p...) // a Write must not change the caller's octets
		h.change(p)
	}
	h.c.mu.Unlock()
	if n = len(p); !lost {
		n, err = h.c.below.Write(p)
	}
	h.c.mu.Lock()
	h.passed += int64(n)
	todo := h.advance(false)
	h.c.mu.Unlock()
	todo.do()
	if err != nil {
		if end := h.verdict(); end != nil {
			err = end
		}
	}
	return n, err
}
