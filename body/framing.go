package body

import (
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Mode is how a message body is delimited.
type Mode uint8

// The modes. The zero value is no body.
const (
	NoBody          Mode = iota
	LengthDelimited      // by Content-Length
	Chunked              // by the last-chunk and the trailer section
	CloseDelimited       // by the end of the connection; responses only
	Tunnel               // no message any more: what follows the head belongs to another protocol
)

// String returns "length-delimited" and the like.
func (m Mode) String() string {
	return [...]string{"no body", "length-delimited", "chunked", "close-delimited", "tunnel"}[m]
}

// Framing is how the body of one message is delimited, and what that means for the connection.
type Framing struct {
	Mode Mode
	// Length is the octets of a length-delimited body; for others it is 0.
	Length int64
	// Coded says that the content keeps a transfer coding other than chunked, which the recipient
	// asked to have undecoded.
	Coded bool
	// LastUse says that the message may be delivered and the connection not be used again, since
	// peers may disagree on where this message ended: a response with Transfer-Encoding has
	// Content-Length too, or is of HTTP/1.0. To whoever tests servers it is a sign of smuggling.
	LastUse bool
}

// RequestFraming decides how the body of a request is delimited, by the numbered steps of RFC 9112
// section 6.3. A fault means that the message is to be refused, with 400, or 501 for
// [wire.RuleUnknownCoding]. With codings, transfer codings other than chunked are taken and left on the
// content.
func RequestFraming(c *headers.Control, v wire.Version, codings bool) (Framing, headers.Fault) {
	// 1, 2: about responses.
	// 3: Transfer-Encoding and Content-Length. A server may refuse; to do less helps only smuggling.
	if c.Coded {
		switch {
		case c.Coding.Rule != 0:
			return Framing{}, c.Coding
		case c.LengthLine() >= 0:
			return Framing{}, headers.Fault{Rule: wire.RuleCodingAndLength, Line: c.LengthLine()}
		case !v.AtLeast11():
			// Section 6.1: such framing is faulty. A request with faulty framing is refused.
			return Framing{}, headers.Fault{Rule: wire.RuleCodingInHTTP10, Line: c.CodingLine()}
		// 4: in a request, chunked comes last. This asks for 400, where an unknown coding only recommends 501.
		case !c.Chunked:
			return Framing{}, headers.Fault{Rule: wire.RuleChunkedNotFinal, Line: c.CodingLine()}
		case c.OtherCoding && !codings:
			return Framing{}, headers.Fault{Rule: wire.RuleUnknownCoding, Line: c.CodingLine()}
		}
		return Framing{Mode: Chunked, Coded: c.OtherCoding}, headers.Fault{}
	}
	// 5: an invalid Content-Length. A list of equal values was taken for one.
	if c.Length.Rule != 0 {
		return Framing{}, c.Length
	}
	// 6: a valid one.
	if c.ContentLength >= 0 {
		return Framing{Mode: LengthDelimited, Length: c.ContentLength}, headers.Fault{}
	}
	// 7: a request with neither has no body. 8 is about responses.
	return Framing{}, headers.Fault{}
}

// Request is what of a request decides the framing of its response.
type Request struct {
	Head    bool // its method is HEAD
	Connect bool // its method is CONNECT
}

// ResponseFraming decides how the body of the response with that status to req is delimited, by the
// numbered steps of RFC 9112 section 6.3. A fault means that the response is to be refused. With
// codings, transfer codings other than chunked are taken and left on the content.
func ResponseFraming(req Request, status int, c *headers.Control, v wire.Version, codings bool) (Framing, headers.Fault) {
	// 2: 2xx to CONNECT: a tunnel begins behind the head; both framing fields are ignored. Step 1 holds
	// for 204 too: a tunnel is no body.
	if req.Connect && status/100 == 2 {
		return Framing{Mode: Tunnel}, headers.Fault{}
	}
	// 1: these have no body, whatever their fields say. But Transfer-Encoding in HTTP/1.0 is faulty in any
	// message (section 6.1).
	if req.Head || status < 200 && status >= 100 || status == 204 || status == 304 {
		return Framing{LastUse: c.Coded && !v.AtLeast11()}, headers.Fault{}
	}
	if c.Coded {
		f := Framing{Coded: c.OtherCoding}
		switch fault := c.Coding; {
		case fault.Rule != 0 && fault.Rule != wire.RuleChunkedNotFinal:
			return f, fault
		case c.OtherCoding && !codings:
			return f, headers.Fault{Rule: wire.RuleUnknownCoding, Line: c.CodingLine()}
		}
		// 3: Transfer-Encoding overrides Content-Length, and in HTTP/1.0 it is faulty (section 6.1):
		// the message is processed and the connection is not used again.
		f.LastUse = c.LengthLine() >= 0 || !v.AtLeast11()
		// 4: chunked, when it comes last; else until the connection closes.
		f.Mode = CloseDelimited
		if c.Chunked {
			f.Mode = Chunked
		}
		return f, headers.Fault{}
	}
	// 5: an invalid Content-Length.
	if c.Length.Rule != 0 {
		return Framing{}, c.Length
	}
	// 6: a valid one.
	if c.ContentLength >= 0 {
		return Framing{Mode: LengthDelimited, Length: c.ContentLength}, headers.Fault{}
	}
	// 7 is about requests. 8: until the connection closes.
	return Framing{Mode: CloseDelimited}, headers.Fault{}
}
