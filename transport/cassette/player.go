package cassette

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/tap"
)

// A player replays a cassette. The tracks are the same for all its connections; which of them are taken is guarded by
// mu, which is never held while anything waits.
type player struct {
	config *config
	file   string
	tracks []*track

	mu     sync.Mutex
	next   int // the track of the next dial, when they are taken in order
	err    error
	closed bool
}

func newPlayer(file string, c *config) (*player, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("cassette: %w", err)
	}
	defer f.Close()
	events, err := Parse(file, f, c.limit)
	if err != nil {
		return nil, err
	}
	p := &player{config: c, file: file}
	p.tracks = tracks(events)
	return p, nil
}

// inOrder tells that the nth dial is the nth recorded one.
func (p *player) inOrder() bool { return !p.config.anyOrder && p.config.match == nil }

func (p *player) dial(ctx context.Context, network, address string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) {
		var already *transport.DialError
		if errors.As(err, &already) {
			return nil, err
		}
		return nil, &transport.DialError{Network: network, Address: address, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	t, left, err := p.choose(network, address)
	if err != nil {
		return fail(err)
	}
	model := t
	if t == nil {
		model = left[0]
	}
	if err := p.pause(ctx, model.dial, model.result); err != nil {
		return fail(err)
	}
	if model.result.Kind == tap.Fail {
		return fail(dialError(model.result, network, address))
	}
	return newConn(p, t, model, left, network, address), nil
}

// pause waits as long as it took from one event to the next.
func (p *player) pause(ctx context.Context, from, to Event) error {
	if !p.config.timed {
		return nil
	}
	timer := time.NewTimer(gap(from, to))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gap is the time between two events of a connection: none where it is not known, or where an edit has turned it
// around.
func gap(from, to Event) time.Duration {
	if from.Time < 0 || to.Time < 0 {
		return 0
	}
	return max(0, to.Time-from.Time)
}

// choose takes the track for a dial, or returns those that it may turn out to be.
func (p *player) choose(network, address string) (t *track, left []*track, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, nil, fmt.Errorf("cassette: the replay is over: %w", net.ErrClosed)
	}
	if p.inOrder() {
		t, err = p.takeNext(network, address)
		return t, nil, err
	}
	for _, t := range p.tracks {
		here := t.dial.Network == network && t.dial.Address == address
		switch {
		case t.taken, !here && (p.config.match == nil || t.result.Kind == tap.Fail):
		case t.result.Kind != tap.Fail && t.silent():
		case t.result.Kind == tap.Fail, t.peerFirst():
			if len(left) == 0 && here {
				t.taken = true
				return t, nil, nil
			}
		default:
			left = append(left, t)
		}
	}
	if len(left) > 0 {
		return nil, left, nil
	}
	// What is left at best is a connection that carried nothing.
	for _, t := range p.tracks {
		if !t.taken && t.dial.Network == network && t.dial.Address == address {
			t.taken = true
			return t, nil, nil
		}
	}
	return nil, nil, p.failed(&MismatchError{File: p.file, Line: p.lastLine(),
		What: fmt.Sprintf("%s %s is dialled, and no connection to it is left on the cassette", network, address)})
}

// takeNext takes the track of the next dial. The caller holds mu.
func (p *player) takeNext(network, address string) (*track, error) {
	if p.next == len(p.tracks) {
		return nil, p.failed(&MismatchError{File: p.file, Line: p.lastLine(),
			What: fmt.Sprintf("%s %s is dialled, and all %d connections of the cassette were dialled already", network, address, p.next)})
	}
	t := p.tracks[p.next]
	if t.dial.Network != network || t.dial.Address != address {
		return nil, p.failed(&MismatchError{File: p.file, Line: t.dial.Line, Connection: t.number,
			What: fmt.Sprintf("%s %s is dialled, and was %s %s when it was recorded",
				network, address, t.dial.Network, t.dial.Address)})
	}
	p.next++
	t.taken = true
	return t, nil
}

// lastLine is where the last dial stands, or the first line.
func (p *player) lastLine() int {
	if n := len(p.tracks); n > 0 {
		return p.tracks[n-1].dial.Line
	}
	return 1
}

// take takes a track for c, unless another connection has been faster.
func (p *player) take(t *track, c *conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if t.taken {
		return false
	}
	t.taken = true
	t.playing = c
	return true
}

func (p *player) isTaken(t *track) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return t.taken
}

// failed notes the first mismatch. The caller holds mu.
func (p *player) failed(err *MismatchError) error {
	if p.err == nil {
		p.err = err
	}
	return err
}

// fail is failed for a caller that does not hold mu.
func (p *player) fail(err *MismatchError) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failed(err)
}

func (p *player) failure() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.err
}

func (p *player) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	return p.err
}

// complete tells what was not played.
func (p *player) complete() error {
	p.mu.Lock()
	err := p.err
	playing := make([]*conn, len(p.tracks))
	for i, t := range p.tracks {
		playing[i] = t.playing
	}
	var missed []string
	miss := func(t *track, line int, what string) {
		missed = append(missed, fmt.Sprintf("%s:%d: connection %d %s", p.file, line, t.number, what))
	}
	for _, t := range p.tracks {
		if !t.taken && (p.inOrder() || !t.silent()) {
			miss(t, t.dial.Line, "was not dialled")
		}
	}
	p.mu.Unlock()
	for i, c := range playing {
		if c == nil {
			continue
		}
		if line, what := c.rest(); what != "" {
			miss(p.tracks[i], line, what)
		}
	}
	switch {
	case err != nil:
		return err
	case len(missed) == 0:
		return nil
	}
	const most = 10
	if n := len(missed) - most; n > 0 {
		missed = append(missed[:most], fmt.Sprintf("and %d more", n))
	}
	return errors.New("cassette: not all was played:\n\t" + strings.Join(missed, "\n\t"))
}
