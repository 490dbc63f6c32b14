package body

import (
	"math"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Kind tells what a [Decoder] found.
type Kind uint8

// The kinds of a [Piece]. NeedData, the zero value, means that more octets are needed.
const (
	NeedData Kind = iota
	Chunk         // a chunk head: Size and Ext
	Content       // octets of content: Data
	End           // the end of the body: the Trailers of the Decoder
)

// Piece is one step of decoding.
type Piece struct {
	Kind Kind
	Data []byte // a view of the content
	Size int64  // of the chunk; 0 for the last-chunk
	Ext  []byte // a view of the chunk's extensions: see [wire.ConsumeChunkExt]
}

// Decoder takes a message body apart. Set up with [Decoder.Start], it is given the octets behind the
// head by [Decoder.Next] until that returns End.
type Decoder struct {
	// Trailers is the trailer section, once Next has returned End: a view, like a Piece.
	Trailers headers.Fields

	mode     Mode
	step     decoderStep
	lenient  wire.Lenient
	admitted wire.Lenient
	placed   wire.Lenient // of admitted, what deviations has
	ahead    int64        // content octets to come: of the body or of the chunk
	room     int64        // content octets that the limit still allows
	overhead int          // octets of chunked framing counted against the limit
	maxOver  int
	line     int // limit on a chunk head
	head     wire.ChunkHead
	from     int // where a partial chunk head is resumed
	trailer  headers.Parser

	deviations []wire.Deviation
}

// decoderStep is the place of a Decoder within a body.
type decoderStep uint8

const (
	stepContent decoderStep = iota // for chunked: within chunk-data
	stepChunkHead
	stepChunkEnd
	stepTrailer
	stepEnd  // End is still to be told
	stepDone // it has been
)

// Start sets d up for one message body. Limits must be resolved (see [wire.Limits.Resolved]).
//
// Content that is known to exceed the limit is refused at once.
func (d *Decoder) Start(f Framing, limits *wire.Limits, lenient wire.Lenient) error {
	d.mode, d.lenient, d.admitted = f.Mode, lenient, 0
	d.room = limits.Content
	d.step = stepContent
	d.Trailers.Reset()
	switch f.Mode {
	case LengthDelimited:
		d.ahead = f.Length
		if d.ahead > d.room {
			return tooLarge(0)
		}
		if d.ahead == 0 {
			d.step = stepEnd
		}
	case Chunked:
		d.step, d.ahead = stepChunkHead, 0
		d.overhead, d.maxOver, d.line = 0, limits.ChunkOverhead, limits.Line
		d.head, d.from = wire.ChunkHead{}, 0
		d.trailer = headers.Parser{
			Element: wire.ElementTrailerSection,
			Lenient: lenient, Line: limits.Line, Fields: limits.Fields,
			Section: limits.Trailer, SectionRule: wire.RuleLimitTrailer,
		}
	case CloseDelimited:
		d.ahead = -1
	default:
		d.step = stepEnd
	}
	return nil
}

func tooLarge(at int) error {
	return &wire.SyntaxError{Rule: wire.RuleLimitContent, Element: wire.ElementContent, Offset: int64(at)}
}

// Admitted returns the leniencies used so far in this body.
func (d *Decoder) Admitted() wire.Lenient { return d.admitted }

// Next decodes at the front of data and consumes advance octets of it. What it did not consume must
// lead the data of the next call. With Kind NeedData it can do nothing more until data has grown;
// atEOF says that it will not grow. Next never writes to data. An error is a [*wire.SyntaxError] with
// an offset into data; after one the Decoder is of no more use.
func (d *Decoder) Next(data []byte, atEOF bool) (advance int, p Piece, err error) {
	d.deviations, d.placed = d.deviations[:0], d.admitted
	for {
		n, p, err := 0, Piece{}, error(nil)
		switch d.step {
		case stepContent:
			n, p, err = d.content(data[advance:], atEOF)
		case stepChunkHead:
			n, p, err = d.chunkHead(data[advance:])
		case stepChunkEnd:
			n, err = d.chunkEnd(data[advance:])
		case stepTrailer:
			n, err = d.trailers(data[advance:], atEOF)
		case stepEnd:
			d.step = stepDone
			return advance, Piece{Kind: End}, nil
		case stepDone:
			return advance, Piece{}, nil
		}
		if err != nil {
			rebase(err, advance)
			return advance, Piece{}, err
		}
		if d.lenient != 0 {
			d.place(advance)
		}
		advance += n
		if p.Kind != NeedData {
			return advance, p, nil
		}
		if n == 0 && d.step != stepEnd {
			return advance, p, d.starved(len(data), atEOF)
		}
	}
}

// rebase moves the offset of a wire.SyntaxError.
func rebase(err error, by int) {
	if e, ok := err.(*wire.SyntaxError); ok {
		e.Offset += int64(by)
	}
}

// starved is the error when there is nothing to do and nothing to come.
func (d *Decoder) starved(at int, atEOF bool) error {
	if !atEOF {
		return nil
	}
	element := wire.ElementContent
	if d.step == stepTrailer {
		element = wire.ElementTrailerSection
	}
	return &wire.SyntaxError{Rule: wire.RuleIncompleteContent, Element: element, Offset: int64(at)}
}

// place records the leniencies that were used since the last time, at offset at of data.
func (d *Decoder) place(at int) {
	for fresh := d.admitted &^ d.placed; fresh != 0; fresh &= fresh - 1 {
		d.deviations = append(d.deviations, wire.Deviation{Lenient: fresh & -fresh, Offset: int64(at)})
	}
	d.placed = d.admitted
}

// Deviations returns the leniencies that the last call of Next was the first to use in this body, with offsets
// into the data that it was given.
func (d *Decoder) Deviations() []wire.Deviation { return d.deviations }

func (d *Decoder) content(data []byte, atEOF bool) (int, Piece, error) {
	n := len(data)
	if d.ahead >= 0 {
		n = int(min(int64(n), d.ahead))
	} else if int64(n) > d.room {
		if d.room == 0 {
			return 0, Piece{}, tooLarge(0)
		}
		n = int(d.room)
	}
	if n > 0 {
		d.take(int64(n))
		return n, Piece{Kind: Content, Data: data[:n:n]}, nil
	}
	if d.ahead < 0 && atEOF {
		d.step = stepEnd
	}
	return 0, Piece{}, nil
}

// take counts n octets of content as gone by.
func (d *Decoder) take(n int64) {
	d.room -= n
	if d.ahead < 0 {
		return
	}
	if d.ahead -= n; d.ahead == 0 {
		d.step = stepEnd
		if d.mode == Chunked {
			d.step = stepChunkEnd
		}
	}
}

func (d *Decoder) chunkHead(data []byte) (int, Piece, error) {
	window := data[:min(len(data), d.line)]
	h, next, ok, err := wire.ConsumeChunkHead(window, 0, d.from, d.head, d.lenient)
	if err != nil {
		return 0, Piece{}, err
	}
	if !ok {
		if len(window) < len(data) {
			return 0, Piece{}, wire.NewSyntaxError(wire.RuleLimitLine, wire.ElementChunk, data, len(window))
		}
		d.head, d.from = h, next
		return 0, Piece{}, nil
	}
	d.head, d.from = wire.ChunkHead{}, 0
	d.admitted |= h.Admitted
	if err := d.charge(next, h.Size); err != nil {
		return 0, Piece{}, err
	}
	d.ahead, d.step = h.Size, stepContent
	if h.Size == 0 {
		d.step = stepTrailer
		d.trailer.Start(0)
	}
	return next, Piece{Kind: Chunk, Size: h.Size, Ext: data[h.ExtStart:max(h.ExtStart, h.ExtEnd)]}, nil
}

// charge counts a chunk head of n octets before size octets of data against the limits. What a chunk
// may cost for nothing is what an ordinary sender takes: a size, two line ends, and as much again as
// the data itself.
func (d *Decoder) charge(n int, size int64) error {
	if size > d.room {
		return tooLarge(0)
	}
	fair := 16 + 2*min(size, math.MaxInt32)
	d.overhead = int(max(int64(d.overhead+n+2)-fair, 0))
	if d.overhead > d.maxOver {
		return &wire.SyntaxError{Rule: wire.RuleLimitChunkOverhead, Element: wire.ElementChunk, Offset: 0}
	}
	return nil
}

func (d *Decoder) chunkEnd(data []byte) (int, error) {
	next, admitted, ok, err := wire.ConsumeChunkEnd(data, 0, d.lenient)
	if !ok {
		return 0, err
	}
	d.admitted |= admitted
	d.step = stepChunkHead
	return next, nil
}

func (d *Decoder) trailers(data []byte, atEOF bool) (int, error) {
	next, ok, err := d.trailer.Parse(&d.Trailers, data)
	if err != nil {
		return 0, err
	}
	if !ok {
		if !atEOF || d.lenient&wire.AllowTrailerEOF == 0 {
			return 0, nil
		}
		d.Trailers.Reset()
		d.admitted |= wire.AllowTrailerEOF
		next = len(data)
	}
	d.admitted |= d.trailer.Admitted()
	d.step = stepEnd
	return next, nil
}

// Ahead returns how many octets of content come next on the wire without anything between them: what
// may go past Next, if it is told by [Decoder.Skip]. It is -1 when that is until the connection closes,
// and 0 when the next octets are framing.
func (d *Decoder) Ahead() int64 {
	if d.step != stepContent {
		return 0
	}
	if d.ahead < 0 && d.room < math.MaxInt64>>1 {
		return d.room
	}
	return d.ahead
}

// Skip records that n octets of content went past Next. It returns false, and records nothing, when
// that is more than [Decoder.Ahead] allows.
func (d *Decoder) Skip(n int64) bool {
	if a := d.Ahead(); n < 0 || a >= 0 && n > a {
		return false
	}
	if n > 0 {
		d.take(n)
	}
	return true
}

// Done reports whether Next has returned End.
func (d *Decoder) Done() bool { return d.step == stepDone }
