package body

import (
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// coded checks content that its sender has put into the chunked coding himself.
type coded struct {
	decoder Decoder
	rest    []byte // octets of a partial line, as the decoder wants them again
	empty   bool   // there is to be no content
	ended   bool
	err     error // sticky: what the decoder has seen and nobody has sent cannot be made up for
}

// AppendCoded appends octets that are in the chunked coding already: chunks, and at last the last-chunk
// and the trailer section, cut anywhere. They go out as they are, once a strict decoder has taken them:
// a violation is its [*wire.SyntaxError] and appends nothing, as is content behind the end. A body that
// was begun so must go on so; [Encoder.AppendEnd] then appends nothing, and is an error with
// [wire.RuleContentShort] before the coding has come to its end.
func (e *Encoder) AppendCoded(dst, octets []byte) ([]byte, error) {
	if e.mode != Chunked || e.inside || e.done {
		return dst, senderError(wire.RuleContentUnframed, 0)
	}
	if e.coded == nil {
		limits := wire.Limits{}.Resolved()
		e.coded = &coded{empty: e.empty}
		if err := e.coded.decoder.Start(Framing{Mode: Chunked}, &limits, 0); err != nil {
			return dst, err
		}
	}
	if err := e.coded.check(octets); err != nil {
		return dst, err
	}
	return append(dst, octets...), nil
}

// check passes octets through the decoder. After an error the message cannot be completed.
func (c *coded) check(octets []byte) error {
	if c.err == nil {
		c.err = c.decode(octets)
	}
	return c.err
}

func (c *coded) decode(octets []byte) error {
	data := octets
	if len(c.rest) > 0 {
		data = append(c.rest, octets...)
	}
	for !c.ended {
		n, piece, err := c.decoder.Next(data, false)
		if err != nil {
			if e, ok := err.(*wire.SyntaxError); ok {
				e.Sent = true
			}
			return err
		}
		data = data[n:]
		switch piece.Kind {
		case Chunk:
			if c.empty && piece.Size > 0 {
				return senderError(wire.RuleContentForbidden, 0)
			}
		case End:
			c.ended, c.rest = true, nil
			if err := checkTrailers(&c.decoder.Trailers); err != nil {
				return err
			}
		case NeedData:
			c.rest = append(c.rest[:0], data...)
			return nil
		}
	}
	if len(data) > 0 {
		return senderError(wire.RuleContentExcess, 0)
	}
	return nil
}

// end is AppendEnd for a body that was begun by AppendCoded.
func (c *coded) end(trailers *headers.Fields) error {
	switch {
	case c.err != nil:
		return c.err
	case !c.ended:
		return senderError(wire.RuleContentShort, -1)
	case trailers.Len() > 0:
		return &wire.SyntaxError{Rule: wire.RuleTrailerUnframed, Element: wire.ElementTrailerSection, Offset: -1, Sent: true}
	}
	return nil
}
