package fault

import (
	"crypto/tls"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Direction is one of the two directions of a connection, seen from its owner.
type Direction uint8

// The directions. Either is both of them: a fault that ends the connection strikes where its offset is reached first,
// any other in each direction by itself.
const (
	Either Direction = iota
	SentOctets
	ReceivedOctets
)

// String returns "sent", "received" or "either".
func (d Direction) String() string {
	switch d {
	case SentOctets:
		return "sent"
	case ReceivedOctets:
		return "received"
	}
	return "either"
}

// Where is a place: on which connections, in which direction, at which octet or moment. Its methods narrow it in any
// order, or say what happens there and so make a [Fault]. The zero Where is offset 0 of either direction of every
// connection.
type Where struct {
	first, last int // connections, from 1; first 0 is all, last 0 with a first is all that follow
	direction   Direction
	phase       phase
	timed       bool
	offset      int64
	after       time.Duration
}

// Anywhere is the zero [Where]: every connection, either direction, offset 0. In [Everywhere] it leaves all to the
// run.
func Anywhere() Where { return Where{} }

// Conn is the nth connection, counted from 1. It panics when n is less.
func Conn(n int) Where { return Where{}.Conn(n) }

// Conns are the connections from the nth of first to that of last, both included; a last of 0 is without end. It panics
// when first is less than 1, or last less than first and not 0.
func Conns(first, last int) Where { return Where{}.Conns(first, last) }

// Sent is the direction in which the owner of the connection writes.
func Sent() Where { return Where{}.Sent() }

// Received is the direction in which the owner of the connection reads.
func Received() Where { return Where{}.Received() }

// At is behind the first offset octets. It panics when offset is negative.
func At(offset int64) Where { return Where{}.At(offset) }

// After is the moment when the connection has been open for d. It panics when d is negative.
func After(d time.Duration) Where { return Where{}.After(d) }

// Dial is the opening of a connection.
func Dial() Dialling { return Where{}.Dial() }

// TLS is the handshake on a connection, for an adapter below TLS.
func TLS() Handshaking { return Where{}.TLS() }

// Conn is as the function [Conn].
func (w Where) Conn(n int) Where { return w.Conns(n, n) }

// Conns is as the function [Conns].
func (w Where) Conns(first, last int) Where {
	if first < 1 || last != 0 && last < first {
		panic(fmt.Sprintf("fault: Conns(%d, %d): connections are counted from 1, upwards", first, last))
	}
	w.first, w.last = first, last
	return w
}

// Sent is as the function [Sent].
func (w Where) Sent() Where { return w.in(SentOctets) }

// Received is as the function [Received].
func (w Where) Received() Where { return w.in(ReceivedOctets) }

func (w Where) in(d Direction) Where {
	w.direction = d
	return w
}

// At is as the function [At]. It takes the place of an earlier After.
func (w Where) At(offset int64) Where {
	if offset < 0 {
		panic(fmt.Sprintf("fault: At(%d): an offset is not negative", offset))
	}
	w.offset, w.after, w.timed = offset, 0, false
	return w
}

// After is as the function [After]. It takes the place of an earlier At.
func (w Where) After(d time.Duration) Where {
	if d < 0 {
		panic(fmt.Sprintf("fault: After(%v): a connection has no time before it is open", d))
	}
	w.offset, w.after, w.timed = 0, d, true
	return w
}

// Dial is the opening of w's connections; its direction, offset and time count no more.
func (w Where) Dial() Dialling { return Dialling{Where{first: w.first, last: w.last, phase: dialling}} }

// TLS is the handshake on w's connections; its direction, offset and time count no more.
func (w Where) TLS() Handshaking {
	return Handshaking{Where{first: w.first, last: w.last, phase: handshaking}}
}

// String returns the place as it stands before the colon, "" for [Anywhere].
func (w Where) String() string {
	var words []string
	add := func(s ...string) { words = append(words, s...) }
	switch {
	case w.first == 0:
	case w.last == 0:
		add("conn", strconv.Itoa(w.first)+"-")
	case w.first == w.last:
		add("conn", strconv.Itoa(w.first))
	default:
		add("conn", strconv.Itoa(w.first)+"-"+strconv.Itoa(w.last))
	}
	if w.direction != Either {
		add(w.direction.String())
	}
	switch {
	case w.phase == dialling:
		add("dial")
	case w.phase == handshaking:
		add("tls")
	case w.timed:
		add("after", w.after.String())
	case w.offset > 0 || w.direction != Either:
		add("at", strconv.FormatInt(w.offset, 10))
	}
	return strings.Join(words, " ")
}

// on reports whether w includes the nth connection.
func (w Where) on(n int) bool {
	return w.first == 0 || n >= w.first && (w.last == 0 || n <= w.last)
}

func (w Where) do(a action) Fault { return Fault{w, a} }

// Split hands octets on in pieces of n at most: a Read returns no more, a Write is made of several below. It panics when
// n is less than 1. A later split takes its place.
func (w Where) Split(n int) Fault {
	if n < 1 {
		panic(fmt.Sprintf("fault: Split(%d): a piece has an octet at least", n))
	}
	return w.do(action{kind: split, n: n})
}

// Cut lets no single Read or Write reach across the offset, and does nothing else.
func (w Where) Cut() Fault { return w.do(action{kind: cut}) }

// Delay holds each piece for d: what a Read finds is returned d after it came, and what is written goes on d later. With
// a Split of n it makes a connection of n octets in d. It panics when d is negative.
func (w Where) Delay(d time.Duration) Fault {
	return w.do(action{kind: delay, d: positive("Delay", d)})
}

// Stall lets nothing pass until the deadline, the context or Close of whoever waits: a peer that is there and
// does nothing.
func (w Where) Stall() Fault { return w.do(action{kind: stall}) }

// StallFor is a [Where.Stall] that ends d after the first call that had to wait for it, and all goes on. It panics
// when d is negative; 0 is for ever.
func (w Where) StallFor(d time.Duration) Fault {
	return w.do(action{kind: stall, d: positive("StallFor", d)})
}

// BlackHole loses what follows without a sign: writes succeed and go nowhere, reads wait for what never comes.
func (w Where) BlackHole() Fault { return w.do(action{kind: hole}) }

// Reset ends the connection as the peer's RST does: both directions fail with ECONNRESET.
func (w Where) Reset() Fault { return w.do(action{kind: reset}) }

// Close ends the connection as if the peer had closed it: reads return io.EOF, writes fail with EPIPE.
func (w Where) Close() Fault { return w.do(action{kind: closing}) }

// HalfClose ends its direction alone. Received: the peer's FIN, reads return io.EOF. Sent: the peer sees FIN, and writes
// fail with EPIPE.
func (w Where) HalfClose() Fault { return w.do(action{kind: halfClose}) }

// Truncate cuts off what follows, then FIN: whoever reads sees io.EOF, while whoever writes succeeds and does not
// learn of it.
func (w Where) Truncate() Fault { return w.do(action{kind: truncate}) }

// Xor corrupts octets: the next len(mask) are combined with mask by exclusive or. It panics when there is none.
func (w Where) Xor(mask ...byte) Fault {
	return w.do(action{kind: xor, octets: some("Xor", string(mask))})
}

// Replace corrupts octets: it puts these in the place of as many that pass, so that what follows keeps its offset. It
// panics when there are none.
func (w Where) Replace(octets string) Fault {
	return w.do(action{kind: replace, octets: some("Replace", octets)})
}

// Dialling is the opening of connections, made by [Dial].
type Dialling struct{ where Where }

// Refuse fails the dial at once with ECONNREFUSED: nobody listens there.
func (d Dialling) Refuse() Fault { return d.where.do(action{kind: refuse}) }

// TimeOut fails the dial with ETIMEDOUT after wait, or with the end of the context before that: nobody is there. A
// kernel waits about two minutes. It panics when wait is negative.
func (d Dialling) TimeOut(wait time.Duration) Fault {
	return d.where.do(action{kind: timeOut, d: positive("TimeOut", wait)})
}

// NoSuchHost fails the dial with the *net.DNSError of a name that does not exist.
func (d Dialling) NoSuchHost() Fault { return d.where.do(action{kind: noSuchHost}) }

// Delay dials wait later, unless the context ends before that. It panics when wait is negative.
func (d Dialling) Delay(wait time.Duration) Fault {
	return d.where.do(action{kind: delay, d: positive("Delay", wait)})
}

// Stall leaves the dial without an answer until the context ends. An http.Transport goes on dialling when the request
// was given up, until its CloseIdleConnections.
func (d Dialling) Stall() Fault { return d.where.do(action{kind: stall}) }

// Handshaking is the handshake on connections, made by [TLS].
type Handshaking struct{ where Where }

// Alert sends the client a fatal alert (RFC 8446 section 6), which must be one that it can be sent in the clear, in the
// place of the server's first octet, and closes: 40 is handshake_failure.
func (h Handshaking) Alert(a tls.AlertError) Fault {
	return h.where.do(action{kind: alert, n: int(a)})
}

// WrongHost connects to an impostor whose certificate is for another host, "wrong.invalid".
func (h Handshaking) WrongHost() Fault { return h.where.do(action{kind: wrongHost}) }

// Expired connects to an impostor whose certificate expired an hour before.
func (h Handshaking) Expired() Fault { return h.where.do(action{kind: expired}) }

// UnknownAuthority connects to an impostor whose certificate is for the dialled host, and signed by nobody but
// itself.
func (h Handshaking) UnknownAuthority() Fault { return h.where.do(action{kind: unknownAuthority}) }

func positive(name string, d time.Duration) time.Duration {
	if d < 0 {
		panic(fmt.Sprintf("fault: %s(%v): a time is not negative", name, d))
	}
	return d
}

func some(name, octets string) string {
	if octets == "" {
		panic("fault: " + name + " without octets changes nothing")
	}
	return octets
}
