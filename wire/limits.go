package wire

import "math"

// Limits bound what a peer can make a recipient hold or do. Every limit is a [Rule] with a name of
// its own. In each field 0 means the default and a negative value no limit at all. Limits count
// octets of the message, never of a read, so that the outcome is the same for every segmentation.
type Limits struct {
	// Line is how many octets a start-line, a field line or a chunk-size line may have, its line end
	// included. Default 16 KiB. Rule: [RuleLimitLine].
	Line int
	// Section is how many octets the field section of a head may have, its empty line included.
	// Default 64 KiB. Rule: [RuleLimitSection].
	Section int
	// Fields is how many field lines one section may have. Default 256. Rule: [RuleLimitFields].
	Fields int
	// Trailer is how many octets a trailer section may have. Default 16 KiB. Rule:
	// [RuleLimitTrailer].
	Trailer int
	// Content is how many octets of content one message may have, transfer codings taken off.
	// Default: no limit. Rule: [RuleLimitContent].
	Content int64
	// ChunkOverhead is how many octets of chunked framing one message may have beyond what is fair:
	// for each chunk, its line ends counted, 16 octets and twice its data. So chunks of one octet pass
	// for ever and a message made of chunk extensions does not. Default 16 KiB. Rule: [RuleLimitChunkOverhead].
	ChunkOverhead int
	// Interim is how many interim responses may precede one final response. Default 100. Rule:
	// [RuleLimitInterim].
	Interim int
}

// Resolved returns l with the default in place of each 0 and the largest value in place of each
// negative one, so that a limit is one comparison. Sections are indexed by 32 bits, so "no limit" is
// 2 GiB for what counts octets of a head or a trailer section.
func (l Limits) Resolved() Limits {
	l.Line = resolve(l.Line, 16<<10)
	l.Section = resolve(l.Section, 64<<10)
	l.Fields = resolve(l.Fields, 256)
	l.Trailer = resolve(l.Trailer, 16<<10)
	l.ChunkOverhead = resolve(l.ChunkOverhead, 16<<10)
	l.Interim = resolve(l.Interim, 100)
	if l.Content <= 0 {
		l.Content = math.MaxInt64
	}
	return l
}

func resolve(v, byDefault int) int {
	switch {
	case v == 0:
		return byDefault
	case v < 0:
		return math.MaxInt32
	}
	return v
}
