package cassette

import (
	"fmt"
	"io"
	"time"

	"github.com/strata-http/strata/transport/tap"
)

// match takes octets that are written. The caller holds mu.
func (c *conn) match(p []byte) (int, error) {
	if c.track == nil {
		return c.search(p)
	}
	if c.player.config.match != nil {
		return c.matchTurns(p)
	}
	t := c.track
	n := t.agree(c.passed, p)
	c.pass(c.passed + n)
	if n == len(p) {
		return n, nil
	}
	if err := c.writeError(); err != nil {
		return n, err
	}
	return n, c.mismatch(t, c.passed, p[n:])
}

// writeError is the error by which writing ended when it was recorded, if all before it was written.
func (c *conn) writeError() error {
	if c.passed < len(c.track.out) {
		return nil
	}
	for _, e := range c.track.events {
		if e.Kind == tap.Error && e.Direction == tap.Out {
			return ioError(e, "write", c.local, c.remote)
		}
	}
	return nil
}

// pass notes that the outbound octets up to that offset were written.
func (c *conn) pass(offset int) {
	c.passed = offset
	now := time.Now()
	for ; c.looked < len(c.reached) && c.track.ends[c.looked] <= offset; c.looked++ {
		if c.track.events[c.looked].Kind == tap.Data {
			c.reached[c.looked] = now
		}
	}
}

// matchEnd takes CloseWrite. The caller holds mu.
func (c *conn) matchEnd() error {
	if c.track == nil {
		if err := c.searchEnd(); err != nil {
			return err
		}
	}
	t := c.track
	if c.passed == len(t.out) && len(c.written) == 0 {
		for i, e := range t.events {
			if e.Kind == tap.End && e.Direction == tap.Out {
				c.ended = true
				c.reached[i] = time.Now()
				return nil
			}
		}
	}
	c.broken = c.player.fail(&MismatchError{File: c.player.file, Line: t.line(c.passed), Connection: t.number,
		Offset: int64(c.passed), What: "the writing direction is closed where that was not recorded",
		Diff: c.player.diff(t, c.passed, nil)})
	return c.broken
}

// mismatch breaks the connection: rest is written where t has something else.
func (c *conn) mismatch(t *track, offset int, rest []byte) error {
	what := "what is written differs from what was recorded"
	if offset == len(t.out) {
		what = "more is written than was recorded"
	}
	c.broken = c.player.fail(&MismatchError{File: c.player.file, Line: t.line(offset), Connection: t.number,
		Offset: int64(offset), What: what, Diff: c.player.diff(t, offset, rest)})
	return c.broken
}

// matchTurns takes octets by the function given to Match.
func (c *conn) matchTurns(p []byte) (int, error) {
	c.written = append(c.written, p...)
	for len(c.written) > 0 {
		t := c.track
		turn := t.turn(c.passed)
		if turn.start == turn.end {
			if err := c.writeError(); err != nil {
				return 0, err
			}
			return 0, c.mismatch(t, c.passed, c.written)
		}
		n, err := c.ask(t, turn)
		if err != nil {
			c.broken = c.player.fail(&MismatchError{File: c.player.file, Line: turn.line, Connection: t.number,
				Offset: int64(turn.start), What: "what is written does not match what was recorded", Err: err,
				Diff: c.player.diff(t, turn.start, c.written)})
			return 0, c.broken
		}
		if n == 0 {
			break
		}
		c.written = c.written[n:]
		c.pass(turn.end)
	}
	return len(p), nil
}

// ask calls the function given to Match.
func (c *conn) ask(t *track, turn span) (int, error) {
	index := 0
	for index < len(t.turns) && t.turns[index].start < turn.start {
		index++
	}
	n, err := c.player.config.match(Turn{
		Recorded: t.dial.Address, Dialled: c.dialled[1], Connection: t.number, Line: turn.line, Index: index,
		Octets: t.out[turn.start:turn.end:turn.end], Redacted: t.spans(turn.start, turn.end),
	}, c.written[:len(c.written):len(c.written)])
	if err == nil && (n < 0 || n > len(c.written)) {
		err = fmt.Errorf("the matching function was given %d octets and says that %d match", len(c.written), n)
	}
	return n, err
}

// search takes octets of a connection that is not known yet. The caller holds mu.
func (c *conn) search(p []byte) (int, error) {
	c.written = append(c.written, p...)
	var possible []*track
	var nearest *track // of those that do not fit, the one that agrees longest
	var reason error
	for _, t := range c.left {
		if c.player.isTaken(t) {
			continue
		}
		fit, err := c.fits(t)
		switch {
		case err != nil:
			if nearest == nil || t.agree(0, c.written) > nearest.agree(0, c.written) {
				nearest, reason = t, err
			}
		case fit && c.player.take(t, c):
			return c.found(t, len(p))
		case !fit:
			possible = append(possible, t)
		}
	}
	if c.left = possible; len(possible) > 0 {
		return len(p), nil
	}
	return 0, c.nowhere(nearest, reason)
}

// fits reports whether what is written completes the first turn of t; the error says why it never will.
func (c *conn) fits(t *track) (bool, error) {
	turn := t.turn(0)
	if c.player.config.match != nil {
		if turn.start == turn.end {
			return false, io.ErrUnexpectedEOF
		}
		n, err := c.ask(t, turn)
		return n > 0, err
	}
	want := min(turn.end, len(c.written))
	if t.agree(0, c.written[:want]) < want || turn.start == turn.end {
		return false, errDiffers
	}
	return want == turn.end, nil
}

var errDiffers = fmt.Errorf("the octets differ")

// found binds c to t and takes what was written as its own.
func (c *conn) found(t *track, n int) (int, error) {
	written := c.written
	c.written = nil
	c.bind(t)
	taken, err := c.match(written)
	if err != nil {
		return max(0, n-(len(written)-taken)), err
	}
	return n, nil
}

// nowhere breaks a connection that is none of those recorded.
func (c *conn) nowhere(nearest *track, reason error) error {
	m := &MismatchError{File: c.player.file, Line: 1, What: "what is written fits no connection that is left on the cassette"}
	if nearest != nil {
		at := nearest.agree(0, c.written)
		m.Line, m.Connection, m.Offset = nearest.line(at), nearest.number, int64(at)
		m.What += "; the nearest differs"
		m.Diff = c.player.diff(nearest, at, c.written[at:])
		if reason != errDiffers {
			m.Err = reason
		}
	} else {
		m.What += ", since all of them are taken"
	}
	c.broken = c.player.fail(m)
	return c.broken
}

// searchEnd chooses a connection whose writing direction was closed behind what is written.
func (c *conn) searchEnd() error {
	for _, t := range c.left {
		if len(t.out) == len(c.written) && t.agree(0, c.written) == len(t.out) && c.player.take(t, c) {
			_, err := c.found(t, 0)
			return err
		}
	}
	var nearest *track
	if len(c.left) > 0 {
		nearest = c.left[0]
	}
	return c.nowhere(nearest, errDiffers)
}

// rest tells what of the connection's track was not played.
func (c *conn) rest() (line int, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := c.track
	switch {
	case t == nil:
		return 0, ""
	case c.passed < len(t.out):
		return t.line(c.passed), fmt.Sprintf("was not written beyond octet %d of %d", c.passed, len(t.out))
	case len(c.arrived) > 0:
		return t.events[max(c.cursor-1, 0)].Line, "was not read to its end"
	case c.cursor < len(t.events) && t.events[c.cursor].Kind != tap.Close:
		return t.events[c.cursor].Line, "was not played from here on"
	}
	return 0, ""
}
