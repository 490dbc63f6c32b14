package fault

import (
	"cmp"
	"io"
	"net"
	"slices"
	"syscall"
	"time"
)

// A half is one direction of a connection. What is not said to belong to the turn is guarded by conn.mu.
type half struct {
	c         *conn
	direction Direction
	by        deadline
	turn      chan struct{} // holds one item while a Read or Write is under way
	ended     chan struct{} // closed together with setting end

	plan   []Fault // still to strike, by offset
	passed int64   // octets
	end    error   // what calls return for ever: io.EOF, ECONNRESET, EPIPE

	piece  int // the most that passes at once, 0 is without limit
	delay  time.Duration
	masks  []mask
	hole   bool
	stall  bool
	until  time.Time // end of the stall; zero when it has none, or when nobody has waited for it yet
	length time.Duration
	inject []byte // received in the place of what comes, and then the end

	// These belong to the turn, and to Ready.
	held    []byte // octets that have come and are delayed
	heldEnd bool   // io.EOF has come behind them
	due     time.Time
}

// A mask changes octets from an offset on.
type mask struct {
	from   int64
	octets string
	xor    bool
}

func (h *half) init(c *conn, d Direction) {
	h.c, h.direction = c, d
	h.turn, h.ended = make(chan struct{}, 1), make(chan struct{})
	h.by.passed = make(chan struct{})
}

func (h *half) sort() {
	slices.SortStableFunc(h.plan, func(a, b Fault) int { return cmp.Compare(a.where.offset, b.where.offset) })
}

// finish makes calls return err from now on. mu is held.
func (h *half) finish(err error) {
	if h.end == nil {
		h.end = err
		close(h.ended)
	}
}

func (h *half) deadlineBelow(t time.Time) error {
	if h.direction == ReceivedOctets {
		return h.c.below.SetReadDeadline(t)
	}
	return h.c.below.SetWriteDeadline(t)
}

// take waits for the turn; release gives it back.
func (h *half) take() error {
	select {
	case <-h.c.closed:
		return net.ErrClosed
	default:
	}
	select {
	case h.turn <- struct{}{}:
		return nil
	case <-h.c.closed:
		return net.ErrClosed
	case <-h.ended:
		return h.verdict()
	case <-h.by.done():
		return errDeadline
	}
}

func (h *half) release() { <-h.turn }

// verdict is what calls return, nil while the direction is alive.
func (h *half) verdict() error {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	if h.c.isClosed {
		return net.ErrClosed
	}
	return h.end
}

// wait waits for d, or for ever when that is 0, and returns early with an error when the direction ends, or the
// deadline or Close comes.
func (h *half) wait(d time.Duration) error {
	var over <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-over:
		return nil
	case <-h.c.closed:
		return net.ErrClosed
	case <-h.ended:
		return h.verdict()
	case <-h.by.done():
		return errDeadline
	}
}

// A leave says what may pass next.
type leave struct {
	most  int           // octets, at least 1
	hole  bool          // they get lost
	last  bool          // an end strikes in the place of the first that comes
	delay time.Duration // by which they are late
	stall bool          // nothing passes: wait, for as long as delay says
	err   error         // nothing passes ever
}

// next strikes the faults whose offset is reached and tells what may pass then. begun is as for advance: what is to be
// written has begun to pass, what is received not before something has come.
func (h *half) next(begun bool) (leave, work) {
	h.c.mu.Lock()
	defer h.c.mu.Unlock()
	if h.c.isClosed {
		return leave{err: net.ErrClosed}, nil
	}
	todo := h.advance(begun)
	if h.end != nil {
		return leave{err: h.end}, todo
	}
	if h.stall {
		return h.stalled(), todo
	}
	l := leave{most: int(^uint(0) >> 1), hole: h.hole, delay: h.delay}
	if h.piece > 0 {
		l.most = h.piece
	}
	if len(h.plan) > 0 {
		ahead := h.plan[0].where.offset - h.passed
		if ahead == 0 {
			l.last, ahead = true, 1
		}
		l.most = int(min(int64(l.most), ahead))
	}
	return l, todo
}

// stalled starts the clock of a stall when somebody waits for it first. mu is held.
func (h *half) stalled() leave {
	if h.length == 0 {
		return leave{stall: true}
	}
	if h.until.IsZero() {
		h.until = time.Now().Add(h.length)
	}
	return leave{stall: true, delay: max(time.Until(h.until), 1)}
}

// advance strikes what is due. begun says that octets would pass now, so that an end at offset 0 is due too. mu is held.
func (h *half) advance(begun bool) (todo work) {
	for h.end == nil {
		if h.stall {
			if h.until.IsZero() || time.Now().Before(h.until) {
				break
			}
			h.stall = false
		}
		if len(h.plan) == 0 || h.plan[0].where.offset > h.passed {
			break
		}
		f := h.plan[0]
		if f.what.ends() && h.passed == 0 && !begun {
			break
		}
		h.plan = h.plan[1:]
		todo.add(h.strike(f))
	}
	return todo
}

// strike begins the action of f here. mu is held.
func (h *half) strike(f Fault) (todo work) {
	c := h.c
	if c.struck != nil {
		todo = append(todo, func() { c.struck(f) })
	}
	switch a := f.what; a.kind {
	case split:
		h.piece = a.n
	case delay:
		h.delay = a.d
	case stall:
		h.stall, h.length, h.until = true, a.d, time.Time{}
	case hole:
		h.hole = true
	case xor, replace:
		h.masks = append(h.masks, mask{h.passed, a.octets, a.kind == xor})
	case alert:
		h.inject = []byte{21, 3, 3, 0, 2, 2, byte(a.n)} // fatal, in a record of its own (RFC 8446 section 5.1)
		c.out.finish(syscall.EPIPE)
		todo = append(todo, c.down(false))
	case reset:
		c.finish(syscall.ECONNRESET, syscall.ECONNRESET)
		todo = append(todo, c.down(true))
	case closing:
		c.finish(io.EOF, syscall.EPIPE)
		todo = append(todo, c.down(false))
	case halfClose, truncate:
		todo = append(todo, h.strikeHalf(a.kind)...)
	}
	return todo
}

// strikeHalf ends one direction. mu is held.
func (h *half) strikeHalf(k kind) work {
	switch {
	case h.direction == ReceivedOctets:
		h.finish(io.EOF)
		// A Read may be under way.
		h.deadlineBelow(time.Unix(1, 0))
		if k == truncate {
			go h.drain()
		}
		return nil
	case k == truncate:
		h.hole = true // writers do not learn of it
	default:
		h.finish(syscall.EPIPE)
	}
	return work{h.closeWrite}
}

// closeWrite sends FIN. A Write that is under way below, which only a fault by time can meet, is ended by it.
func (h *half) closeWrite() {
	if s, ok := h.c.below.(interface{ CloseWrite() error }); ok {
		s.CloseWrite()
	}
}

// drain drops what comes, until there is no more or the connection is closed.
func (h *half) drain() {
	select {
	case h.turn <- struct{}{}:
	case <-h.c.closed:
		return
	}
	defer h.release()
	h.c.mu.Lock()
	err := h.c.below.SetReadDeadline(time.Time{})
	h.c.mu.Unlock()
	if err == nil {
		io.Copy(io.Discard, h.c.below)
	}
}

// pass counts octets, changes them where a mask is on them, and strikes what they make due. mu is held.
func (h *half) pass(p []byte) work {
	h.change(p)
	h.passed += int64(len(p))
	if len(p) == 0 {
		return nil
	}
	return h.advance(false)
}

// change applies the masks to the octets that pass next, in place. mu is held.
func (h *half) change(p []byte) {
	for _, m := range h.masks {
		skip := max(0, h.passed-m.from) // of the mask; it never begins behind the first octet of p
		for i := 0; i < len(p) && skip+int64(i) < int64(len(m.octets)); i++ {
			if o := m.octets[skip+int64(i)]; m.xor {
				p[i] ^= o
			} else {
				p[i] = o
			}
		}
	}
}
