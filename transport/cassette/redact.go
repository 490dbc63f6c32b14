package cassette

import (
	"fmt"
	"regexp"

	"github.com/strata-http/strata/transport/tap"
)

// A Stream is one direction of one connection that is being recorded.
type Stream struct {
	// Connection numbers connections from 1, in the order in which they were dialled.
	Connection int
	// Direction is tap.Out for what this side writes.
	Direction tap.Direction
	// Network and Address are what was dialled.
	Network, Address string
}

// A Filter redacts the octets of one [Stream], of which it is given a window: the octets that it has not settled yet,
// with whatever has come behind them. It overwrites secrets in place, so that no length changes, neither that of a
// field value nor that of content that Content-Length has announced, and returns how many octets at the front of the
// window are settled: those are recorded, and not seen again. The others lead the next window, as they came. So a
// secret that is torn apart over several writes is held until it is whole. With end nothing more will come, and
// everything counts as settled.
//
// The octets are the Filter's for the call alone. It sees them after they were written or read: a Filter changes
// what is recorded, never what passes. More than [MaxWindow] octets cannot be held; a recording that would need that
// fails, rather than to let a secret through.
type Filter func(window []byte, end bool) (settled int)

// MaxWindow is how many octets of one stream a [Filter] can hold.
const MaxWindow = 64 << 10

// PatternWindow is the length up to which [RedactPattern] finds matches wherever the octets were cut.
const PatternWindow = 8 << 10

// Blank is what [RedactPattern] puts in the place of each octet of a secret.
const Blank = '*'

// Redact removes secrets while recording: f is called for each direction of each connection and returns a new Filter
// for it, or nil to record it as it is. When Redact is given several times, a later filter sees what an earlier one
// has made.
//
// Outbound octets that a filter has changed are recorded as redacted. When they are replayed they match any others,
// as many of them: a test needs no secret to be replayed, only one of the same length. Inbound octets are
// replayed as the filter has left them. Given to a replay, filters hide secrets in the diff of a [*MismatchError].
func Redact(f func(Stream) Filter) Option {
	return func(c *config) { c.redact = append(c.redact, f) }
}

// RedactPattern removes what re matches while recording, in both directions of every connection: the groups of a
// match, or all of it when re has no groups, are overwritten with [Blank], octet by octet. Matches of up to
// [PatternWindow] octets are found however reads and writes have cut them. This one blanks the values of three
// fields of HTTP, and the rest of what it matches stays:
//
//	cassette.RedactPattern(regexp.MustCompile(`(?im)^(?:authorization|cookie|set-cookie):[ \t]*([^\r\n]*)`))
//
// A pattern is tried on a window of the stream: the one octet before the window is known, so that \b and, with the
// flag m, ^ are exact, but $ and \z can match at a window's end. A secret that the chunked coding cuts, or
// that compression hides, is not found.
func RedactPattern(re *regexp.Regexp) Option {
	return Redact(func(Stream) Filter { return patternFilter(re) })
}

func patternFilter(re *regexp.Regexp) Filter {
	var before []byte // the last octet that was settled
	return func(window []byte, end bool) int {
		// Two windows are awaited, so that each octet is tried twice at most.
		if !end && len(window) < 2*PatternWindow || len(window) == 0 {
			return 0
		}
		lead := len(before)
		text := append(before[:lead:lead], window...)
		settled := len(window)
		if !end {
			settled -= PatternWindow
		}
		for _, match := range re.FindAllSubmatchIndex(text, -1) {
			if !end && match[0]-lead >= len(window)-PatternWindow {
				break // it will be tried again, with more behind it
			}
			if !end && match[1] == len(text) {
				return 0 // it may go on
			}
			groups := match
			if len(match) > 2 {
				groups = match[2:]
			}
			for ; len(groups) > 0; groups = groups[2:] {
				for i := max(groups[0]-lead, 0); i < groups[1]-lead; i++ {
					window[i] = Blank
				}
			}
			settled = max(settled, match[1]-lead)
		}
		before = append(before[:0], window[settled-1])
		return settled
	}
}

// A redaction runs the octets of one stream through its filters.
type redaction struct {
	stream Stream
	stages []stage
	raw    []byte // the octets not settled yet, as they came
	over   bool   // no more will come
}

// A stage is one filter and the window that it holds.
type stage struct {
	filter Filter
	window []byte
	shown  []byte // a copy of window, to be changed
}

func newRedaction(s Stream, make []func(Stream) Filter) *redaction {
	r := &redaction{stream: s}
	for _, f := range make {
		if filter := f(s); filter != nil {
			r.stages = append(r.stages, stage{filter: filter})
		}
	}
	return r
}

// push returns the octets that are settled now, and which of them were changed. The octets hold until the next call.
func (r *redaction) push(octets []byte, end bool) (settled []byte, changed []Span, err error) {
	switch {
	case r.over && len(octets) > 0:
		return nil, nil, fmt.Errorf("cassette: connection %d, direction %s: octets came behind its end",
			r.stream.Connection, r.stream.Direction)
	case r.over:
		return nil, nil, nil
	}
	r.over = end
	r.raw = append(r.raw, octets...)
	settled = octets
	for i := range r.stages {
		if settled, err = r.stages[i].push(settled, end); err != nil {
			return nil, nil, fmt.Errorf("cassette: redaction of connection %d, direction %s: %w",
				r.stream.Connection, r.stream.Direction, err)
		}
	}
	for i, c := range settled {
		if c != r.raw[i] {
			changed = addSpan(changed, Span{i, i + 1})
		}
	}
	r.raw = append(r.raw[:0], r.raw[len(settled):]...)
	return settled, changed, nil
}

func (s *stage) push(octets []byte, end bool) ([]byte, error) {
	s.window = append(s.window, octets...)
	// What the filter does not settle it is to see as it came, and so it works on a copy.
	s.shown = append(s.shown[:0], s.window...)
	n := s.filter(s.shown, end)
	if end {
		n = len(s.window)
	}
	if n < 0 || n > len(s.window) {
		return nil, fmt.Errorf("a filter was shown %d octets and says that it has settled %d", len(s.window), n)
	}
	s.window = append(s.window[:0], s.window[n:]...)
	if len(s.window) > MaxWindow {
		return nil, fmt.Errorf("a filter holds %d octets, and %d are the most", len(s.window), MaxWindow)
	}
	return s.shown[:n], nil
}
