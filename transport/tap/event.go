package tap

import (
	"net"
	"time"
)

// Kind tells what an [Event] is.
type Kind uint8

// The kinds of events. A connection that is dialled has one Dial, then one Open or one Fail; behind Open come Data,
// End and Error in any number, and one Close at last, if it is ever closed. One that is accepted begins with Open.
const (
	Dial  Kind = 1 + iota // a dial begins; the addresses are not known yet
	Open                  // the connection is there
	Fail                  // there is none: Err says why
	Data                  // Octets passed
	End                   // the direction has ended in an orderly way; nothing more passes in it
	Error                 // reading or writing failed: Err says how. Time-outs and calls after Close are not told
	Close                 // this side has closed the connection
)

var kindNames = [...]string{Dial: "dial", Open: "open", Fail: "fail", Data: "data", End: "end", Error: "error", Close: "close"}

// String returns "dial", "open" and so on.
func (k Kind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "unknown"
}

// Direction is one of the two directions of a connection.
type Direction uint8

// The directions, seen from this side.
const (
	Out Direction = 1 + iota // what this side writes
	In                       // what this side reads
)

// String returns ">" for [Out] and "<" for [In].
func (d Direction) String() string {
	switch d {
	case Out:
		return ">"
	case In:
		return "<"
	}
	return ""
}

// Connection tells which connection an [Event] belongs to.
type Connection struct {
	// ID numbers the connections of one [Tap] from 1, in the order in which they were dialled or accepted.
	ID int
	// Network and Address are what was dialled; for a connection that was accepted, those of its local end.
	Network, Address string
	// Local and Remote are the addresses of the two ends, nil until there is a connection.
	Local, Remote net.Addr
	// Accepted tells that the peer has dialled.
	Accepted bool
}

// An Event is something that happened on a connection.
type Event struct {
	Kind       Kind
	Connection Connection
	// Time is when it happened: when a Read returned, and when a Write began, so that what answers it is never
	// older.
	Time time.Time
	// Direction is set with Data, End and Error.
	Direction Direction
	// Octets are those of one Read or of one Write, as many as were read or taken by the base. They hold for the
	// call and must not be changed.
	Octets []byte
	// Err is set with Fail and Error.
	Err error
}

// A Sink is told events.
//
// A [Tap] calls it for one event at a time, and for the events of one connection in the order in which they happened:
// what was written comes before what answers it. The call holds up the Read, Write or dial that it tells of; it must
// not use the connection.
//
// While a Write is under way, which may take long when the peer does not read, later events of its connection wait
// until it is known how many octets were taken. When more than [MaxHeld] octets wait so, they are told before the
// Write is.
type Sink interface {
	Event(e Event)
}

// SinkFunc makes a [Sink] of a function.
type SinkFunc func(e Event)

// Event calls f.
func (f SinkFunc) Event(e Event) { f(e) }

// MaxHeld is how many octets of one connection are kept at most while they wait for a Write that is under way.
const MaxHeld = 1 << 20
