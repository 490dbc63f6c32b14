package fault

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Fault is one thing that goes wrong, and where. It is made by the methods of [Where], [Dialling] and
// [Handshaking], or by [Parse], and can be compared with ==. The zero Fault does nothing.
type Fault struct {
	where Where
	what  action
}

// A Script is a list of faults. At the same offset they strike in the order of the list, each when the one
// before is over: a stall of five seconds, then a reset.
type Script []Fault

// kind is what an action does.
type kind uint8

const (
	none kind = iota
	cut
	split
	delay
	stall
	hole
	reset
	closing
	halfClose
	truncate
	xor
	replace
	refuse
	timeOut
	noSuchHost
	wrongHost
	expired
	unknownAuthority
	alert
)

// An action is what happens at a place.
type action struct {
	kind   kind
	n      int           // split: octets; alert: its number
	d      time.Duration // delay; stall, where 0 is for ever; timeOut
	octets string        // xor, replace
}

// phase is the part of a connection's life that a fault belongs to.
type phase uint8

const (
	carrying phase = iota // octets pass
	dialling
	handshaking
)

// verbs holds the words of each action and the phase that it is for.
var verbs = [...]struct {
	word  string
	phase phase
}{
	none:             {"nothing", carrying},
	cut:              {"cut", carrying},
	split:            {"split", carrying},
	delay:            {"delay", carrying}, // and dialling
	stall:            {"stall", carrying},
	hole:             {"black hole", carrying},
	reset:            {"reset", carrying},
	closing:          {"close", carrying},
	halfClose:        {"half-close", carrying},
	truncate:         {"truncate", carrying},
	xor:              {"xor", carrying},
	replace:          {"replace", carrying},
	refuse:           {"refuse", dialling},
	timeOut:          {"time out", dialling},
	noSuchHost:       {"no such host", dialling},
	wrongHost:        {"wrong host", handshaking},
	expired:          {"expired", handshaking},
	unknownAuthority: {"unknown authority", handshaking},
	alert:            {"alert", handshaking},
}

// String returns the fault as text that [Parse] reads: "conn 1 received at 100: reset".
func (f Fault) String() string {
	if place := f.where.String(); place != "" {
		return place + ": " + f.what.String()
	}
	return f.what.String()
}

// Direction returns the direction that the fault is for.
func (f Fault) Direction() Direction { return f.where.direction }

// Offset returns the number of octets before the fault, 0 for one that strikes by time.
func (f Fault) Offset() int64 { return f.where.offset }

// Action returns the fault without its place: "reset", "split 3".
func (f Fault) Action() string { return f.what.String() }

// String returns the words of an action with their arguments.
func (a action) String() string {
	word := verbs[a.kind].word
	switch a.kind {
	case split, alert:
		return word + " " + strconv.Itoa(a.n)
	case stall:
		if a.d > 0 {
			return word + " " + a.d.String()
		}
	case delay, timeOut:
		return word + " " + a.d.String()
	case xor:
		return fmt.Sprintf("%s %x", word, a.octets)
	case replace:
		return word + " " + strconv.QuoteToASCII(a.octets)
	}
	return word
}

// ends reports whether nothing passes behind the action, in one direction at least.
func (a action) ends() bool {
	switch a.kind {
	case reset, closing, halfClose, truncate, alert:
		return true
	}
	return false
}

// String returns the script as text that [Parse] reads, a fault a line.
func (s Script) String() string {
	var b strings.Builder
	for _, f := range s {
		b.WriteString(f.String())
		b.WriteByte('\n')
	}
	return b.String()
}

// MarshalText implements encoding.TextMarshaler. It never fails.
func (s Script) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler by [Parse].
func (s *Script) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err == nil {
		*s = parsed
	}
	return err
}

// Set implements flag.Value: it adds what [Parse] makes of text, so that a flag can be given several times.
func (s *Script) Set(text string) error {
	parsed, err := Parse(text)
	if err == nil {
		*s = append(*s, parsed...)
	}
	return err
}
