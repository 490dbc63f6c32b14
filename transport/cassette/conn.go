package cassette

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/strata-http/strata/transport/tap"
)

// A conn is a connection that is replayed. Whoever waits does so for one of its channels, which a synctest bubble sees.
type conn struct {
	player *player

	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, when a Read that waits is to look again
	readBy  deadline
	writeBy deadline

	track         *track // nil as long as it is not known
	left          []*track
	local, remote net.Addr
	dialled       [2]string // network and address

	written []byte      // what was not matched with a turn yet
	passed  int         // outbound octets of the track that were written
	reached []time.Time // when each event that is outbound was, as far as passed goes
	looked  int         // how many events pass has looked at
	cursor  int         // the first event that has not happened yet
	last    time.Time   // when the one before it did

	arrived [][]byte // segments to be read
	waiting int      // octets in them
	ending  error    // how the inbound direction ended, once it did
	ended   bool     // CloseWrite was called
	closed  bool
	broken  error // a mismatch
}

func newConn(p *player, t, model *track, left []*track, network, address string) *conn {
	c := &conn{
		player: p, changed: make(chan struct{}), left: left, last: time.Now(), dialled: [2]string{network, address},
		local: Addr{"cassette", "client"}, remote: Addr{network, address}.netAddr(),
	}
	c.readBy.init()
	c.writeBy.init()
	c.addresses(model)
	if t != nil {
		p.mu.Lock()
		t.playing = c
		p.mu.Unlock()
		c.bind(t)
	}
	return c
}

func (c *conn) addresses(t *track) {
	if t.result.Local != (Addr{}) {
		c.local = t.result.Local.netAddr()
	}
	if t.result.Remote != (Addr{}) {
		c.remote = t.result.Remote.netAddr()
	}
}

// bind makes c the connection of t.
func (c *conn) bind(t *track) {
	c.track, c.left = t, nil
	c.reached = make([]time.Time, len(t.events))
	c.addresses(t)
	c.advance(time.Now())
}

// advance lets all happen that can. It returns the time at which the next thing does, when that is a matter of time.
// The caller holds mu.
func (c *conn) advance(now time.Time) (due time.Time) {
	for c.track != nil && c.cursor < len(c.track.events) {
		e := c.track.events[c.cursor]
		at := c.last
		switch {
		case e.Kind == tap.Close:
			return time.Time{} // this side decides when
		case e.Direction == tap.Out && e.Kind == tap.Error:
			// It waits for what is written beyond.
		case e.Direction == tap.Out:
			if c.reached[c.cursor].IsZero() {
				return time.Time{}
			}
			if r := c.reached[c.cursor]; r.After(at) {
				at = r
			}
		default:
			if c.player.config.timed {
				at = at.Add(gap(c.before(), e))
			}
			if at.After(now) {
				return at
			}
			c.arrive(e)
		}
		c.last = at
		c.cursor++
	}
	return time.Time{}
}

// before is the event before the one at the cursor.
func (c *conn) before() Event {
	if c.cursor == 0 {
		return c.track.result
	}
	return c.track.events[c.cursor-1]
}

// arrive makes an inbound event readable.
func (c *conn) arrive(e Event) {
	switch e.Kind {
	case tap.Data:
		c.arrived = append(c.arrived, e.Octets)
		c.waiting += len(e.Octets)
	case tap.End:
		c.ending = io.EOF
	case tap.Error:
		c.ending = ioError(e, "read", c.local, c.remote)
	}
	c.wake()
}

func (c *conn) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// Read returns what has arrived; see [Replay] and [Segments].
func (c *conn) Read(p []byte) (int, error) {
	for {
		c.mu.Lock()
		n, done, err := c.tryRead(p)
		if done {
			c.mu.Unlock()
			return n, err
		}
		due := c.advance(time.Now())
		changed, late := c.changed, c.readBy.passed
		if len(c.arrived) > 0 || c.ending != nil {
			c.mu.Unlock()
			continue
		}
		c.mu.Unlock()
		wait(due, changed, late)
	}
}

// wait returns at the time due, if there is one, or when one of the channels is closed.
func wait(due time.Time, changed, late <-chan struct{}) {
	var timer <-chan time.Time
	if !due.IsZero() {
		t := time.NewTimer(time.Until(due))
		defer t.Stop()
		timer = t.C
	}
	select {
	case <-timer:
	case <-changed:
	case <-late:
	}
}

// tryRead is Read as far as it need not wait.
func (c *conn) tryRead(p []byte) (n int, done bool, err error) {
	switch {
	case c.closed:
		return 0, true, c.opError("read", net.ErrClosed)
	case len(p) == 0:
		return 0, true, nil
	case c.broken != nil:
		return 0, true, c.broken // whatever the deadline: it is the answer that helps
	case c.readBy.isPassed():
		return 0, true, c.opError("read", os.ErrDeadlineExceeded)
	case len(c.arrived) > 0:
		return c.deliver(p), true, nil
	case c.ending != nil:
		return 0, true, c.ending
	}
	return 0, false, nil
}

// deliver copies what the segmentation allows.
func (c *conn) deliver(p []byte) (n int) {
	how := c.player.config.segments
	if by := c.player.config.segmentBy; by != nil {
		p = p[:min(len(p), max(1, by(c.waiting)))]
	}
	if how > 0 {
		p = p[:min(len(p), int(how))]
	}
	for len(p) > n && len(c.arrived) > 0 {
		k := copy(p[n:], c.arrived[0])
		n += k
		if c.arrived[0] = c.arrived[0][k:]; len(c.arrived[0]) == 0 {
			c.arrived = c.arrived[1:]
		}
		if how == Recorded {
			break
		}
	}
	c.waiting -= n
	return n
}

// Write compares p with what was recorded. It never waits.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.writable("write"); err != nil || len(p) == 0 {
		return 0, err
	}
	n, err := c.match(p)
	c.advance(time.Now())
	c.wake() // also for what is due later: a Read that waits knows no time yet
	return n, err
}

// writable returns why nothing can be written.
func (c *conn) writable(op string) error {
	switch {
	case c.closed:
		return c.opError(op, net.ErrClosed)
	case c.broken != nil:
		return c.broken
	case op == "write" && c.writeBy.isPassed():
		return c.opError(op, os.ErrDeadlineExceeded)
	case c.ended && op == "write":
		return c.opError(op, os.NewSyscallError(op, syscall.EPIPE))
	}
	return nil
}

// CloseWrite ends this side's direction. It is a mismatch where that was not recorded.
func (c *conn) CloseWrite() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.writable("close"); err != nil || c.ended {
		return err
	}
	err := c.matchEnd()
	c.advance(time.Now())
	c.wake()
	return err
}

// Close closes the connection. A Read that waits returns.
func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	c.closed = true
	c.readBy.set(time.Time{})
	c.writeBy.set(time.Time{})
	c.wake()
	return nil
}

// Ready implements transport.ReadyConn.
func (c *conn) Ready() (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.advance(time.Now())
	switch {
	case c.closed:
		return true, c.opError("read", net.ErrClosed)
	case c.broken != nil:
		return true, c.broken
	case len(c.arrived) > 0:
		return true, nil
	case c.ending != nil:
		return true, c.ending
	}
	return false, nil
}

func (c *conn) LocalAddr() net.Addr {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.local
}

func (c *conn) RemoteAddr() net.Addr {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.remote
}

func (c *conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

func (c *conn) SetReadDeadline(t time.Time) error { return c.setDeadline(&c.readBy, t) }

func (c *conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(&c.writeBy, t) }

func (c *conn) setDeadline(d *deadline, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	d.set(t)
	c.wake() // a Read that waits is to wait for the new one
	return nil
}

func (c *conn) opError(op string, err error) error { return opError(op, c.local, c.remote, err) }
