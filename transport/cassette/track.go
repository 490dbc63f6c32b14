package cassette

import (
	"bytes"
	"sort"

	"github.com/strata-http/strata/transport/tap"
)

// A track is one recorded connection, as it is replayed.
type track struct {
	number int
	dial   Event
	result Event   // Open or Fail
	events []Event // behind result
	ends   []int   // for each of events, how many outbound octets there are up to it, its own included

	out      []byte // all outbound octets
	redacted []Span // of out
	lines    []mark // of out
	turns    []span // of out; the last may be empty and then ends what is written
	taken    bool
	playing  *conn
}

// A span of outbound octets, and the line of the file where it begins.
type span struct{ start, end, line int }

// tracks arranges events by connection, in the order in which they were dialled.
func tracks(events []Event) []*track {
	byNumber := map[int]*track{}
	var all []*track
	for _, e := range events {
		if e.Kind == tap.Dial {
			t := &track{number: e.Connection, dial: e}
			byNumber[e.Connection] = t
			all = append(all, t)
			continue
		}
		t := byNumber[e.Connection]
		if t.result.Kind == 0 {
			t.result = e
			continue
		}
		t.add(e)
	}
	for _, t := range all {
		if t.result.Kind == 0 {
			// The recording ended before it was known what became of the dial.
			t.result = Event{Kind: tap.Fail, Fault: Canceled, Time: NoTime, Line: t.dial.Line}
		}
		t.findTurns()
	}
	return all
}

func (t *track) add(e Event) {
	if e.Kind == tap.Data && e.Direction == tap.Out {
		base := len(t.out)
		for _, s := range e.Redacted {
			t.redacted = addSpan(t.redacted, Span{s.Start + base, s.End + base})
		}
		for _, m := range e.lines {
			t.lines = append(t.lines, mark{m.offset + base, m.line})
		}
		t.out = append(t.out, e.Octets...)
	}
	t.events = append(t.events, e)
	t.ends = append(t.ends, len(t.out))
}

// findTurns cuts what is written where something inbound comes between.
func (t *track) findTurns() {
	start, line := 0, 0
	cut := func(end int) {
		if end > start {
			t.turns = append(t.turns, span{start, end, line})
			start, line = end, 0
		}
	}
	for i, e := range t.events {
		switch e.Direction {
		case tap.Out:
			if line == 0 {
				line = e.Line
			}
		case tap.In:
			cut(t.ends[i])
		}
	}
	cut(len(t.out))
}

// turn returns the turn that an outbound octet belongs to, for the one behind the last an empty turn.
func (t *track) turn(offset int) span {
	i := sort.Search(len(t.turns), func(i int) bool { return t.turns[i].end > offset })
	if i < len(t.turns) {
		return t.turns[i]
	}
	last := t.result.Line
	if n := len(t.events); n > 0 {
		last = t.events[n-1].Line
	}
	return span{len(t.out), len(t.out), last}
}

// spans returns the redacted ones of a part of what is written, counted from its start.
func (t *track) spans(start, end int) []Span {
	var part []Span
	for _, s := range t.redacted {
		if from, to := max(s.Start, start), min(s.End, end); from < to {
			part = append(part, Span{from - start, to - start})
		}
	}
	return part
}

// line returns the line of the file on which an outbound octet stands.
func (t *track) line(offset int) int {
	i := sort.Search(len(t.lines), func(i int) bool { return t.lines[i].offset > offset })
	if offset >= len(t.out) || i == 0 {
		return t.turn(offset).line
	}
	return t.lines[i-1].line
}

// agree returns how many octets of p are those of t from offset on, redacted ones being any.
func (t *track) agree(offset int, p []byte) int {
	p = p[:min(len(p), len(t.out)-offset)]
	if bytes.Equal(p, t.out[offset:offset+len(p)]) {
		return len(p)
	}
	spans := t.redacted[sort.Search(len(t.redacted), func(i int) bool { return t.redacted[i].End > offset }):]
	for i := range p {
		at := offset + i
		for len(spans) > 0 && spans[0].End <= at {
			spans = spans[1:]
		}
		if p[i] != t.out[at] && (len(spans) == 0 || at < spans[0].Start) {
			return i
		}
	}
	return len(p)
}

// silent tells that no octets have passed: the connection was dialled in vain, as clients with a pool do at times.
func (t *track) silent() bool {
	for _, e := range t.events {
		if e.Kind == tap.Data {
			return false
		}
	}
	return true
}

// peerFirst tells that something inbound comes before anything is written.
func (t *track) peerFirst() bool {
	return len(t.events) > 0 && t.events[0].Direction == tap.In
}
