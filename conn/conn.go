package conn

import (
	"math/bits"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Config is how a [Conn] treats its peer. The zero Config is strict.
type Config struct {
	// Limits bound what the peer can send.
	Limits wire.Limits
	// Lenient admits deviations in what the peer sends.
	Lenient wire.Lenient
	// ObsTarget lets AppendRequest send octets of 0x80 and above in a request-target, which RFC 9112
	// section 3.2 does not, and which much of the Web does.
	ObsTarget bool
	// Version is the version to send; 0 is HTTP/1.1.
	Version wire.Version
	// Pipeline is how many requests a client may have in flight; 0 is 1. A server always answers one
	// request at a time, in order.
	Pipeline int
	// Codings takes transfer codings other than chunked and leaves them on the content (see
	// [body.Framing].Coded). Without it such a message is refused, since nobody would decode it.
	Codings bool
}

// Conn is one party's view of one connection. It is not safe for concurrent use. Make one with [New].
type Conn struct {
	role   Role
	config Config
	limits wire.Limits // resolved
	states [2]State

	// What was announced about persistence: that no request follows the client's latest one, and that
	// no response follows the server's present one.
	clientLast, serverLast bool
	queue                  []exchange // requests in flight, oldest first: a part of memory
	memory                 []exchange

	// Receiving.
	err     error // sticky
	offset  int64 // octets of the connection before data
	from    int   // how far the partial head in data was read
	lined   bool  // the start-line of that head is complete
	skipped int   // octets of empty lines before a request-line
	interim int   // interim responses since the last final one
	request wire.RequestLine
	target  wire.Target
	status  wire.StatusLine
	head    Head
	parser  headers.Parser
	decoder body.Decoder

	deviations []wire.Deviation // of the message under way
	deviated   wire.Lenient     // what deviations has

	encoder body.Encoder
}

// exchange is what is remembered of a request in flight.
type exchange struct {
	body.Request
	upgrade bool         // it asks for another protocol
	expect  bool         // its client waits for 100 (Continue)
	last    bool         // no request follows it
	version wire.Version // of its client
}

// New returns the view of the party of that role of a connection that begins.
func New(role Role, config Config) *Conn {
	c := new(Conn)
	c.Reset(role, config)
	return c
}

// Reset makes c what New returns, and keeps its memory for another connection.
func (c *Conn) Reset(role Role, config Config) {
	if config.Version == 0 {
		config.Version = wire.HTTP11
	}
	if role == Server || config.Pipeline < 1 {
		config.Pipeline = 1
	}
	lenient := config.Lenient
	if role == Client {
		lenient |= wire.AllowObsFold // RFC 9112 section 5.2 asks it of a user agent
	} else {
		// What is dropped of a request may be what frames it: then its content would be the next request.
		lenient &^= wire.AllowBadLineEnds | wire.AllowBadLineSkipped
	}
	limits := config.Limits.Resolved()
	*c = Conn{
		role: role, config: config, limits: limits, queue: c.memory[:0], memory: c.memory,
		head: Head{Fields: c.head.Fields}, decoder: c.decoder, encoder: body.Encoder{},
		states: [2]State{StateIdle, StateIdle},
		parser: headers.Parser{
			Lenient: lenient, Line: limits.Line, Section: limits.Section, Fields: limits.Fields,
			SectionRule: wire.RuleLimitSection,
		},
	}
	c.head.Fields.Reset()
	c.decoder.Trailers.Reset()
}

// Release drops the views of data that c still has of the last event, so that an idle connection keeps none of
// that memory from being used for something else. Within a head, where there are none, it does nothing.
func (c *Conn) Release() {
	if c.lined || c.from > 0 {
		return
	}
	h := &c.head
	h.Method, h.Target, h.Host, h.Reason, h.Raw = nil, nil, nil, nil, nil
	release(&h.Fields)
	if c.states[c.role.Peer()] != StateBody {
		release(&c.decoder.Trailers)
	}
}

// release drops what f views, and its own memory where that is larger than most sections need.
func release(f *headers.Fields) {
	const most = 32
	if f.Len() > most {
		*f = headers.Fields{}
		return
	}
	f.Reset()
}

// Role returns the role of c.
func (c *Conn) Role() Role { return c.role }

// State returns the state of a party, as c knows it.
func (c *Conn) State(party Role) State { return c.states[party] }

// InFlight returns how many requests are in flight.
func (c *Conn) InFlight() int { return len(c.queue) }

// Reusable reports whether nothing is under way and another request may be sent or received.
func (c *Conn) Reusable() bool {
	return c.states[Client] == StateIdle && c.states[Server] == StateIdle
}

// Switched reports whether the protocol was switched: what follows is not HTTP, and [Conn.Next] leaves
// it in data.
func (c *Conn) Switched() bool { return c.states[Client] == StateSwitched }

// LastResponse reports whether the response under way, or the one that was last, is the last on this
// connection: the request or the response asked for that, or the framing does.
func (c *Conn) LastResponse() bool { return c.serverLast || c.clientLast && len(c.queue) <= 1 }

// ExpectsContinue reports whether the client of the oldest request in flight waits for 100 (Continue)
// before it sends content: it said so, and neither an interim 100 nor a final response nor any content
// was seen (RFC 9110 section 10.1.1).
func (c *Conn) ExpectsContinue() bool { return len(c.queue) > 0 && c.queue[0].expect }

// Offset returns how many octets of the connection were consumed.
func (c *Conn) Offset() int64 { return c.offset }

// Err returns the error that ended receiving, or nil.
func (c *Conn) Err() error { return c.err }

// Close records that this party sends no more. It is an error inside a message; the caller who closes
// the connection all the same need not ask.
func (c *Conn) Close() error { return c.input(c.role, InputClose) }

// first returns the oldest request in flight. For a server that answers where there was no request,
// it is one about which nothing is known.
func (c *Conn) first() exchange {
	if len(c.queue) == 0 {
		return exchange{version: wire.HTTP11, last: true}
	}
	return c.queue[0]
}

// legal returns the error for an input that is illegal now.
func (c *Conn) legal(party Role, in Input) error {
	if _, ok := Transition(party, c.states[party], in); !ok {
		return &StateError{Party: party, State: c.states[party], Input: in}
	}
	return nil
}

// input moves a party, and then both by the joint rules.
func (c *Conn) input(party Role, in Input) error {
	if err := c.legal(party, in); err != nil {
		return err
	}
	c.states[party] = transitions[party][c.states[party]][in]
	c.settle()
	return nil
}

// settle applies the joint rules until none applies.
func (c *Conn) settle() {
	for {
		rules := applicable[c.states[Client]][c.states[Server]]
		for ; rules != 0; rules &= rules - 1 {
			if j := &joints[bits.TrailingZeros16(rules)]; c.holds(j.when) {
				c.apply(j)
				break
			}
		}
		if rules == 0 {
			return
		}
	}
}

func (c *Conn) apply(j *joint) {
	if j.toClient != 0 {
		c.states[Client] = j.toClient
	}
	if j.toServer != 0 {
		c.states[Server] = j.toServer
	}
	if j.exchange {
		c.pop()
	}
}

func (c *Conn) holds(when Condition) bool {
	switch when {
	case SwitchAsked:
		n := len(c.queue)
		return n > 0 && c.queue[n-1].switches()
	case ClientLast:
		return c.clientLast || c.serverLast
	case ServerLast:
		return c.serverLast || c.first().last
	case MoreInFlight:
		return len(c.queue) > 1 && !c.serverLast
	}
	return true
}

func (e *exchange) switches() bool { return e.upgrade || e.Connect }

// pop forgets the oldest request in flight, whose exchange is over.
func (c *Conn) pop() {
	if len(c.queue) > 1 {
		c.queue = c.queue[1:]
	} else {
		c.queue = c.memory[:0]
	}
	c.interim = 0
}

// persists reports whether a message with these fields lets the connection persist (RFC 9112 section
// 9.3).
func persists(ctl *headers.Control, v wire.Version) bool {
	return !ctl.Close && (v.AtLeast11() || ctl.KeepAlive)
}
