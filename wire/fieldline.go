package wire

import "bytes"

// FieldLine says where the parts of a field line stand, as offsets into the octets given (RFC 9112
// section 5). The name begins where the line does.
type FieldLine struct {
	NameEnd    int
	ValueStart int // OWS on either side of the value is left out
	ValueEnd   int
	Admitted   Lenient // the leniency that was used
}

// ConsumeFieldLine reads the field line that begins at b[start]. When b ends before the line does and
// all is well so far, ok is false; next is then where a later call, with more octets, goes on: pass it
// as from. The first call passes start for from. Otherwise next is the offset behind the line end. The
// error is a [*SyntaxError].
//
// It knows nothing of folds: the caller sees from the first octet of the next line whether that goes
// on with this one (RFC 9112 section 5.2), and reads it with [ConsumeFieldValue].
//
// Where Admitted has [AllowBareCR] or [AllowNUL], the value holds octets that are to be read as SP:
// see [AppendCleanValue].
func ConsumeFieldLine(b []byte, start, from int, lenient Lenient) (line FieldLine, next int, ok bool, err error) {
	i := start
	if from > start {
		if lenient&AllowSpaceBeforeColon != 0 {
			if next, ok, err = waits(b, start, from, lenient); !ok {
				return line, next, false, err
			}
		}
		if i = bytes.IndexByte(b[start:from], ':'); i >= 0 {
			i += start
		} else {
			i = from
		}
		for i > start && isSpace(b[i-1]) { // whitespace before the colon, which was admitted
			i--
		}
	}
	for i < len(b) && octetClass[b[i]]&classToken != 0 {
		i++
	}
	if lenient&AllowLooseName != 0 {
		for i < len(b) && b[i] > ' ' && b[i] <= '~' && b[i] != ':' {
			i++
		}
	}
	line.NameEnd = i
	if i < len(b) && isSpace(b[i]) && i > start && lenient&AllowSpaceBeforeColon != 0 {
		line.Admitted = AllowSpaceBeforeColon
		i = skipSpace(b, i)
	}
	if i == len(b) {
		return line, i, false, nil
	}
	if b[i] != ':' || i == start {
		return line, 0, false, badName(b, start, i)
	}
	value, next, ok, err := ConsumeFieldValue(b, i+1, max(from, i+1), lenient)
	line.ValueStart, line.ValueEnd = value.ValueStart, value.ValueEnd
	line.Admitted |= value.Admitted
	if ok && lenient&AllowLooseName != 0 && indexNotClass(b[start:line.NameEnd], classToken) >= 0 {
		line.Admitted |= AllowLooseName
	}
	return line, next, ok, err
}

// waits goes on with a field line of which b has no more than whitespace behind the name, or no more than a part
// of the value: then ok is false, and next is where a later call goes on. To find the end of the name at every
// such call would take quadratic time, when whitespace before the colon is long and arrives octet by octet.
func waits(b []byte, start, from int, lenient Lenient) (next int, ok bool, err error) {
	if colon := bytes.IndexByte(b[start:from], ':'); colon >= 0 {
		_, next, ok, err = ConsumeFieldValue(b, start+colon+1, from, lenient)
		return next, ok, err
	}
	if !isSpace(b[from-1]) {
		return from, true, nil
	}
	next = skipSpace(b, from)
	return next, next < len(b), nil
}

// ConsumeFieldValue reads the rest of a field line from b[start] on, the octet behind the colon or the
// first octet of a line that continues a folded one. Parameters and results are those of
// [ConsumeFieldLine]; NameEnd is not set.
func ConsumeFieldValue(b []byte, start, from int, lenient Lenient) (line FieldLine, next int, ok bool, err error) {
	i := from
scan:
	for {
		for i+8 <= len(b) {
			if stop := controls(load64(b, i), 0x20); stop != 0 {
				i += firstMark(stop)
				break
			}
			i += 8
		}
		for i < len(b) && b[i] >= ' ' && b[i] != 0x7F {
			i++
		}
		if i == len(b) {
			return line, i, false, nil
		}
		switch c := b[i]; {
		case c == '\t':
		case c == '\r':
			if i+1 == len(b) {
				return line, i, false, nil
			}
			if b[i+1] == '\n' {
				next = i + 2
				break scan
			}
			if lenient&AllowBareCR == 0 {
				return line, 0, false, NewSyntaxError(RuleBareCR, ElementFieldLine, b, i)
			}
		case c == '\n':
			if lenient&AllowBareLF == 0 {
				return line, 0, false, NewSyntaxError(RuleBareLF, ElementFieldLine, b, i)
			}
			next = i + 1
			break scan
		case c == 0:
			if lenient&AllowNUL == 0 {
				return line, 0, false, NewSyntaxError(RuleNUL, ElementFieldLine, b, i)
			}
		default:
			if lenient&AllowControls == 0 {
				return line, 0, false, NewSyntaxError(RuleFieldValue, ElementFieldLine, b, i)
			}
		}
		i++
	}
	if next == i+1 {
		line.Admitted = AllowBareLF
	}
	if lenient&(AllowBareCR|AllowNUL|AllowControls) != 0 {
		line.Admitted |= admittedInValue(b[start:i])
	}
	line.ValueStart = start
	for line.ValueStart < i && isSpace(b[line.ValueStart]) {
		line.ValueStart++
	}
	for i > line.ValueStart && isSpace(b[i-1]) {
		i--
	}
	line.ValueEnd = i
	return line, next, true, nil
}

// admittedInValue tells which leniency the octets of an admitted value needed.
func admittedInValue(value []byte) (l Lenient) {
	for _, c := range value {
		switch {
		case octetClass[c]&classValue != 0:
		case c == '\r':
			l |= AllowBareCR
		case c == 0:
			l |= AllowNUL
		default:
			l |= AllowControls
		}
	}
	return l
}

// badName tells what is wrong at b[i], where a field name ends without colon.
func badName(b []byte, start, i int) error {
	rule := RuleFieldName
	switch c := b[i]; {
	case i == start:
	case c == '\r' || c == '\n':
		rule = RuleMissingColon
	case isSpace(c):
		// Whitespace before a colon is an error of its own; before anything else the line has no
		// colon where one belongs, which is the same to whoever reads octet by octet.
		rule = RuleSpaceBeforeColon
	}
	return NewSyntaxError(rule, ElementFieldLine, b, i)
}

// AppendCleanValue appends value with SP in place of each CR and NUL, and, for lines of a folded
// value, in place of each obs-fold together with the whitespace around it (RFC 9110 section 5.5, RFC
// 9112 sections 2.2 and 5.2). OWS at either end is left out.
func AppendCleanValue(dst, value []byte) []byte {
	start := len(dst)
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\n':
			for len(dst) > start && (isSpace(dst[len(dst)-1])) {
				dst = dst[:len(dst)-1]
			}
			i = skipSpace(value, i+1) - 1
			c = ' '
		case c == '\r' || c == 0:
			c = ' '
		}
		dst = append(dst, c)
	}
	for len(dst) > start && isSpace(dst[len(dst)-1]) {
		dst = dst[:len(dst)-1]
	}
	lead := skipSpace(dst, start)
	return append(dst[:start], dst[lead:]...)
}

// AppendFieldLine appends name ":" SP value CRLF. The name must be a token and the value a field value
// without whitespace at its ends; otherwise dst is returned as it was, with a [*SyntaxError].
func AppendFieldLine[N, V Octets](dst []byte, name N, value V) ([]byte, error) {
	if err := CheckField(name, value); err != nil {
		return dst, err
	}
	dst = append(dst, name...)
	dst = append(dst, ':', ' ')
	dst = append(dst, value...)
	return append(dst, '\r', '\n'), nil
}

// CheckField returns nil when [AppendFieldLine] would take name and value, else the [*SyntaxError]
// that it would return.
func CheckField[N, V Octets](name N, value V) error {
	if i := indexNotClass(name, classToken); i >= 0 || len(name) == 0 {
		return unsendable(RuleFieldName, ElementFieldLine, name, max(i, 0), 0)
	}
	i := indexNotValue(value)
	if i < 0 && !edgeSpace(value) {
		return nil
	}
	rule := RuleFieldValue
	switch {
	case i < 0:
		rule, i = RuleEdgeSpace, 0
		if !isSpace(value[0]) {
			i = len(value) - 1
		}
	case value[i] == 0:
		rule = RuleNUL
	case value[i] == '\r':
		rule = RuleBareCR
	case value[i] == '\n':
		rule = RuleBareLF
	}
	return unsendable(rule, ElementFieldLine, value, i, len(name)+len(": "))
}
