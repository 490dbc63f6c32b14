package wire

import "bytes"

// RequestLine says where the parts of a request-line stand, as offsets into the octets given (RFC
// 9112 section 3).
type RequestLine struct {
	MethodEnd   int // the method begins where the line does
	TargetStart int
	TargetEnd   int
	Version     Version
	Admitted    Lenient // the leniency that was used
}

// ConsumeRequestLine reads the request-line that begins at b[start]. When b ends before the line does
// and all is well so far, ok is false; next is then where a later call, with more octets, goes on:
// pass it as from. The first call passes start for from. Otherwise next is the offset behind the line
// end. The error is a [*SyntaxError].
//
// A valid line has any token for its method, any HTTP/1 minor version, and a request-target of the
// right octets; [ParseTarget] looks at its form.
func ConsumeRequestLine(b []byte, start, from int, lenient Lenient) (line RequestLine, next int, ok bool, err error) {
	// Where an earlier call stopped tells the part in which it stopped: each SP ends one.
	i := start
	if sp := bytes.IndexByte(b[start:from], ' '); sp < 0 {
		i = from
	} else {
		i += sp
	}
	for i < len(b) && octetClass[b[i]]&classToken != 0 {
		i++
	}
	if i == len(b) {
		return line, i, false, nil
	}
	if b[i] != ' ' || i == start {
		return line, 0, false, badMethod(b, start, i)
	}
	line.MethodEnd = i
	line.TargetStart = i + 1

	i = max(line.TargetStart, from)
	if from > line.TargetStart {
		if sp := bytes.IndexByte(b[line.TargetStart:from], ' '); sp >= 0 {
			i = line.TargetStart + sp
		}
	}
	i = scanTarget(b, i, lenient)
	if i == len(b) {
		return line, i, false, nil
	}
	if b[i] != ' ' || i == line.TargetStart {
		return line, 0, false, badTarget(b, i)
	}
	line.TargetEnd = i
	if lenient&AllowObsTarget != 0 && hasObsText(b[line.TargetStart:i]) {
		line.Admitted = AllowObsTarget
	}
	return consumeRequestVersion(b, line, lenient)
}

func consumeRequestVersion(b []byte, line RequestLine, lenient Lenient) (RequestLine, int, bool, error) {
	i := line.TargetEnd + 1
	v, bad := consumeVersion(b, i)
	if bad >= 0 {
		rule := RuleVersion
		if c := b[bad]; c == ' ' || c == '\r' || c == '\n' {
			rule = RuleRequestLine
		}
		return line, 0, false, NewSyntaxError(rule, ElementRequestLine, b, bad)
	}
	if len(b)-i < versionLen {
		// At most eight octets are read again: the version has no inner place worth keeping.
		return line, i, false, nil
	}
	line.Version = v
	if v.Major() != 1 {
		return line, 0, false, NewSyntaxError(RuleMajorVersion, ElementRequestLine, b, i+majorAt)
	}
	i += versionLen
	next, admitted, ok, rule := consumeLineEnd(b, i, lenient)
	if rule != 0 {
		if rule == RuleLineEnd && b[i] != '\r' {
			rule = RuleRequestLine
		}
		return line, 0, false, NewSyntaxError(rule, ElementRequestLine, b, next)
	}
	line.Admitted |= admitted
	return line, next, ok, nil
}

// scanTarget returns the offset of the first octet from i on that a request-target cannot hold.
func scanTarget(b []byte, i int, lenient Lenient) int {
	for {
		for i+8 <= len(b) {
			x := load64(b, i)
			hash := x ^ '#'*lowBits
			if (controls(x, 0x21)|(hash-lowBits)&^hash|x)&highBits != 0 {
				break
			}
			i += 8
		}
		for i < len(b) && octetClass[b[i]]&classTarget != 0 {
			i++
		}
		if i == len(b) || b[i] < 0x80 || lenient&AllowObsTarget == 0 {
			return i
		}
		i++
	}
}

func hasObsText(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return true
		}
	}
	return false
}

func badMethod(b []byte, start, i int) error {
	rule := RuleMethod
	if c := b[i]; c == '\r' || c == '\n' {
		rule = RuleRequestLine
	}
	return NewSyntaxError(rule, ElementRequestLine, b, i)
}

func badTarget(b []byte, i int) error {
	rule := RuleTarget
	if c := b[i]; c == ' ' || c == '\t' || c == '\r' || c == '\n' {
		rule = RuleRequestLine
	}
	return NewSyntaxError(rule, ElementRequestLine, b, i)
}

// consumeLineEnd reads CRLF at b[i:], or LF alone where that is admitted. When rule is not 0, next is
// the offset of the offending octet; when ok is false there, i is where to go on.
func consumeLineEnd(b []byte, i int, lenient Lenient) (next int, admitted Lenient, ok bool, rule Rule) {
	switch {
	case i == len(b):
		return i, 0, false, 0
	case b[i] == '\n':
		if lenient&AllowBareLF == 0 {
			return i, 0, false, RuleBareLF
		}
		return i + 1, AllowBareLF, true, 0
	case b[i] != '\r':
		return i, 0, false, RuleLineEnd
	case i+1 == len(b):
		return i, 0, false, 0
	case b[i+1] != '\n':
		return i, 0, false, RuleLineEnd
	}
	return i + 2, 0, true, 0
}

// AppendRequestLine appends a request-line. The method must be a token, the target must hold the octets
// that a request-target may hold, obs-text among them only when lenient has [AllowObsTarget], and the
// major version must be 1; otherwise dst is returned as it was, with a [*SyntaxError]. The form of the
// target is the caller's to check, with [ParseTarget].
func AppendRequestLine[M, T Octets](dst []byte, method M, target T, v Version, lenient Lenient) ([]byte, error) {
	if !IsToken(method) {
		return dst, unsendable(RuleMethod, ElementRequestLine, method, max(0, indexNotClass(method, classToken)), 0)
	}
	base := len(method) + 1 // where the target begins
	if len(target) == 0 {
		return dst, unsendable(RuleRequestLine, ElementRequestLine, target, 0, base)
	}
	for i := range len(target) {
		if c := target[i]; octetClass[c]&classTarget == 0 && (c < 0x80 || lenient&AllowObsTarget == 0) {
			return dst, unsendable(RuleTarget, ElementRequestLine, target, i, base)
		}
	}
	if v.Major() != 1 {
		return dst, unsendable(RuleMajorVersion, ElementRequestLine, "", 0, base+len(target)+1+majorAt)
	}
	dst = append(dst, method...)
	dst = append(dst, ' ')
	dst = append(dst, target...)
	dst = append(dst, ' ')
	dst = AppendVersion(dst, v)
	return append(dst, '\r', '\n'), nil
}
