package wire

import "math/bits"

// ChunkHead is the line before chunk-data: chunk-size and chunk extensions (RFC 9112 section 7.1). A
// size of 0 makes it the last-chunk.
type ChunkHead struct {
	Size     int64
	ExtStart int     // the extensions, from their first ";" on, as offsets into the octets given
	ExtEnd   int     // equal to ExtStart when there are none
	Admitted Lenient // the leniency that was used

	phase chunkPhase
}

// chunkPhase is the place within a chunk head, kept so that a head that arrives in pieces is not read
// again.
type chunkPhase uint8

const (
	phaseSize chunkPhase = iota
	phaseSizeBWS
	phaseNameBWS // behind ";"
	phaseName
	phaseNameEnd // BWS behind a name
	phaseValueBWS
	phaseValue
	phaseQuoted
	phaseQuotedPair
	phaseValueEnd // behind a quoted-string, or BWS behind a value
	phaseLoose    // in extensions that have no form
)

// ConsumeChunkHead reads the chunk head that begins at b[start]. When b ends before the line does and
// all is well so far, ok is false; pass next as from, and h, to the call that has more octets. The
// first call passes start and the zero ChunkHead. Otherwise next is the offset of the chunk-data, or,
// behind the last-chunk, of the trailer section. The error is a [*SyntaxError].
//
// Whitespace around ";" and "=" is taken, as RFC 9112 section 7.1.1 requires of a recipient.
func ConsumeChunkHead(b []byte, start, from int, h ChunkHead, lenient Lenient) (_ ChunkHead, next int, ok bool, err error) {
	i := from
	if h.phase == phaseSize {
		var rule Rule
		if h.Size, i, rule = scanChunkSize(b, i, h.Size); rule != 0 {
			return h, 0, false, NewSyntaxError(rule, ElementChunk, b, i)
		}
		if i > start && i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n' {
			return h, i + 2, true, nil // by far the most frequent head: a size alone
		}
	}
	for ; i < len(b); i++ {
		c := b[i]
		if c == '\r' || c == '\n' {
			return h.lineEnd(b, start, i, lenient)
		}
		phase, fits := h.phase.step(c, i > start)
		if !fits && lenient&AllowLooseChunkExt != 0 && h.phase > phaseSizeBWS {
			phase, fits = phaseLoose, true
			h.Admitted |= AllowLooseChunkExt
		}
		if !fits {
			return h, 0, false, NewSyntaxError(h.phase.rule(), ElementChunk, b, i)
		}
		if phase == phaseNameBWS && h.ExtStart == 0 {
			h.ExtStart = i
		}
		h.phase = phase
	}
	return h, i, false, nil
}

// scanChunkSize goes on with a chunk-size at b[i:], of which size has been read.
func scanChunkSize(b []byte, i int, size int64) (int64, int, Rule) {
	for ; i < len(b); i++ {
		c := b[i]
		if octetClass[c]&classHex == 0 {
			break
		}
		// Letters have bit 0x40 set: 'A' and 'a' are 1 in their low nibble and stand for ten.
		digit := int64(c&0xF) + int64(c>>6)*9
		if bits.Len64(uint64(size)) > 59 {
			return size, i, RuleChunkSizeRange
		}
		size = size<<4 | digit
	}
	return size, i, 0
}

// step returns the phase behind c, which is neither CR nor LF.
func (p chunkPhase) step(c byte, sized bool) (_ chunkPhase, fits bool) {
	switch {
	case p == phaseQuoted && c == '"':
		return phaseValueEnd, true
	case p == phaseQuoted && c == '\\':
		return phaseQuotedPair, true
	case p == phaseQuoted:
		return phaseQuoted, octetClass[c]&classQdtext != 0
	case p == phaseQuotedPair:
		return phaseQuoted, octetClass[c]&classValue != 0
	case c == ';' && sized:
		return phaseNameBWS, p != phaseNameBWS && p != phaseValueBWS
	case isSpace(c) && sized:
		return p.space(), true
	case octetClass[c]&classToken != 0:
		switch p {
		case phaseNameBWS, phaseName:
			return phaseName, true
		case phaseValueBWS, phaseValue:
			return phaseValue, true
		}
	case c == '=':
		return phaseValueBWS, p == phaseName || p == phaseNameEnd
	case c == '"':
		return phaseQuoted, p == phaseValueBWS
	}
	return p, false
}

// space returns the phase behind whitespace outside a quoted-string.
func (p chunkPhase) space() chunkPhase {
	switch p {
	case phaseSize:
		return phaseSizeBWS
	case phaseName:
		return phaseNameEnd
	case phaseValue:
		return phaseValueEnd
	}
	return p
}

// rule returns what an octet that does not fit in phase p breaks.
func (p chunkPhase) rule() Rule {
	if p == phaseSize || p == phaseSizeBWS {
		return RuleChunkSize
	}
	return RuleChunkExt
}

// lineEnd ends the head at the CR or LF at b[i].
func (h ChunkHead) lineEnd(b []byte, start, i int, lenient Lenient) (_ ChunkHead, next int, ok bool, err error) {
	fail := func(rule Rule, at int) (ChunkHead, int, bool, error) {
		return h, 0, false, NewSyntaxError(rule, ElementChunk, b, at)
	}
	switch h.phase {
	case phaseSize:
		if i == start {
			return fail(RuleChunkSize, i)
		}
	case phaseNameBWS, phaseValueBWS, phaseQuoted, phaseQuotedPair:
		if lenient&AllowLooseChunkExt == 0 {
			return fail(RuleChunkExt, i)
		}
		h.Admitted |= AllowLooseChunkExt
	}
	end := i
	for isSpace(b[end-1]) { // a digit stands before it, so this ends
		end--
	}
	if end < i {
		if lenient&AllowChunkSpace == 0 {
			return fail(RuleChunkSpace, end)
		}
		h.Admitted |= AllowChunkSpace
	}
	next, admitted, ok, rule := consumeChunkLineEnd(b, i, lenient)
	if rule != 0 {
		return fail(rule, next)
	}
	if !ok {
		return h, i, false, nil
	}
	h.Admitted |= admitted
	if h.ExtStart > 0 {
		h.ExtEnd = end
	}
	return h, next, true, nil
}

func consumeChunkLineEnd(b []byte, i int, lenient Lenient) (next int, admitted Lenient, ok bool, rule Rule) {
	asLine := lenient &^ AllowBareLF
	if lenient&AllowChunkBareLF != 0 {
		asLine |= AllowBareLF
	}
	next, admitted, ok, rule = consumeLineEnd(b, i, asLine)
	if rule == RuleBareLF {
		rule = RuleChunkBareLF
	}
	if admitted != 0 {
		admitted = AllowChunkBareLF
	}
	return next, admitted, ok, rule
}

// ConsumeChunkEnd reads the CRLF behind chunk-data at b[start]. Results are those of
// [ConsumeChunkHead].
func ConsumeChunkEnd(b []byte, start int, lenient Lenient) (next int, admitted Lenient, ok bool, err error) {
	next, admitted, ok, rule := consumeChunkLineEnd(b, start, lenient)
	if rule != 0 {
		if rule == RuleLineEnd {
			rule = RuleChunkEnd
		}
		return 0, 0, false, NewSyntaxError(rule, ElementChunk, b, next)
	}
	return next, admitted, ok, nil
}

// AppendChunkHead appends a chunk head: the size in hexadecimal and the extensions, which begin with
// ";" or are empty. A negative size, a malformed extension, and whitespace in one outside a
// quoted-string, which RFC 9110 section 5.6.3 keeps a sender from, leave dst as it was and are a
// [*SyntaxError].
func AppendChunkHead[T Octets](dst []byte, size int64, ext T) ([]byte, error) {
	if size < 0 {
		return dst, unsendable(RuleChunkSizeRange, ElementChunk, "", 0, 0)
	}
	top := max(bits.Len64(uint64(size))-1, 0) &^ 3 // the shift of the first digit
	if i := indexBadExt(ext); i >= 0 {
		return dst, unsendable(RuleChunkExt, ElementChunk, ext, i, top/4+1)
	}
	const hex = "0123456789abcdef"
	for shift := top; shift >= 0; shift -= 4 {
		dst = append(dst, hex[size>>shift&0xF])
	}
	dst = append(dst, ext...)
	return append(dst, '\r', '\n'), nil
}

// indexBadExt returns the offset at which ext stops to be a list of chunk extensions as a sender may
// write them, or -1.
func indexBadExt[T Octets](ext T) int {
	phase := phaseSize
	for i := range len(ext) {
		next, fits := phase.step(ext[i], true)
		if !fits || isSpace(ext[i]) && next != phaseQuoted {
			return i
		}
		phase = next
	}
	switch phase {
	case phaseSize, phaseName, phaseValue, phaseValueEnd:
		return -1
	}
	return len(ext)
}

// ConsumeChunkExt reads the first of the chunk extensions in ext, which is as [ConsumeChunkHead] found
// it. The value is as it was sent, a quoted-string with its quotes (see [AppendUnquoted]), and nil
// where the extension has none. n is where the next one begins, and 0 when there is none in ext.
func ConsumeChunkExt(ext []byte) (name, value []byte, n int) {
	phase, start := phaseSize, 0
	for ; n < len(ext); n++ {
		next, fits := phase.step(ext[n], true)
		if !fits || next == phaseNameBWS && name != nil && phase != phaseNameBWS {
			break
		}
		switch {
		case next == phaseName:
			if phase != phaseName {
				start = n
			}
			name = ext[start : n+1]
		case next == phaseValue && phase != phaseValue, next == phaseQuoted && phase == phaseValueBWS:
			start = n
			value = ext[start : n+1]
		case phase == phaseValue && next == phaseValue, phase == phaseQuoted, phase == phaseQuotedPair:
			value = ext[start : n+1]
		}
		phase = next
	}
	if name == nil {
		return nil, nil, 0
	}
	return name, value, n
}
