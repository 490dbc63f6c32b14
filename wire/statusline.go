package wire

// StatusLine says where the parts of a status-line stand, as offsets into the octets given (RFC 9112
// section 4).
type StatusLine struct {
	Status      int // three digits, any
	ReasonStart int
	ReasonEnd   int
	Version     Version
	Admitted    Lenient // the leniency that was used
}

// statusPrefix is how long a status-line is up to the reason phrase: HTTP/1.1 SP 200 SP.
const statusPrefix = versionLen + 1 + 3 + 1

// ConsumeStatusLine reads the status-line that begins at b[start]. Its other parameters and its
// results are those of [ConsumeRequestLine]. The reason phrase may be empty.
func ConsumeStatusLine(b []byte, start, from int, lenient Lenient) (line StatusLine, next int, ok bool, err error) {
	if lenient&(AllowLooseStatusLine|AllowAnyVersion) != 0 {
		return consumeWholeStatusLine(b, start, from, lenient)
	}
	return consumeStatusLine(b, start, from, lenient)
}

func consumeStatusLine(b []byte, start, from int, lenient Lenient) (line StatusLine, next int, ok bool, err error) {
	i := start + statusPrefix
	line, bad, rule := consumeStatusPrefix(b, start, lenient)
	if rule != 0 {
		return line, 0, false, NewSyntaxError(rule, ElementStatusLine, b, bad)
	}
	if line.Admitted&AllowMissingReason != 0 {
		i-- // the line end stands where the SP should
	} else if len(b) < i {
		return line, start, false, nil
	} else {
		i = scanReason(b, max(i, from), lenient)
	}
	line.ReasonStart = min(start+statusPrefix, i)
	line.ReasonEnd = i
	next, admitted, ok, rule := consumeLineEnd(b, i, lenient)
	if rule != 0 {
		if rule == RuleLineEnd && b[i] != '\r' {
			rule = RuleReasonPhrase
		}
		return line, 0, false, NewSyntaxError(rule, ElementStatusLine, b, next)
	}
	line.Admitted |= admitted
	if ok && lenient&AllowReasonControls != 0 && indexNotValue(b[line.ReasonStart:line.ReasonEnd]) >= 0 {
		line.Admitted |= AllowReasonControls
	}
	return line, next, ok, nil
}

// consumeStatusPrefix reads what stands before the reason phrase, as far as b goes. These thirteen
// octets are read again when more of them arrive: they have no inner place worth keeping.
func consumeStatusPrefix(b []byte, start int, lenient Lenient) (line StatusLine, bad int, rule Rule) {
	v, bad := consumeVersion(b, start)
	if bad >= 0 {
		return line, bad, versionRule(bad - start)
	}
	line.Version = v
	i := start + versionLen
	if len(b) < i {
		return line, 0, 0
	}
	if v.Major() != 1 {
		return line, start + majorAt, RuleMajorVersion
	}
	if len(b) > i && b[i] != ' ' {
		if b[i] != '\n' && !isWhitespace(b[i]) {
			return line, i, RuleVersion
		}
		return line, i, RuleStatusLine
	}
	for k := range 3 {
		if i = start + versionLen + 1 + k; i >= len(b) {
			return line, 0, 0
		}
		if octetClass[b[i]]&classDigit == 0 {
			if k == 0 && isSpace(b[i]) {
				return line, i, RuleStatusLine
			}
			return line, i, RuleStatusCode
		}
		line.Status = 10*line.Status + int(b[i]-'0')
	}
	if i++; i >= len(b) || b[i] == ' ' {
		return line, 0, 0
	}
	switch {
	case octetClass[b[i]]&classDigit != 0:
		return line, i, RuleStatusCode
	case b[i] != '\r' && b[i] != '\n':
		return line, i, RuleStatusLine
	case lenient&AllowMissingReason == 0:
		return line, i, RuleMissingReason
	}
	line.Admitted = AllowMissingReason
	return line, 0, 0
}

// versionRule returns the rule that a status-line breaks whose version goes wrong at its octet at.
func versionRule(at int) Rule {
	if at < len("HTTP/") {
		return RuleNoStatusLine
	}
	return RuleVersion
}

// scanReason returns the offset of the first octet from i on that ends a reason phrase or cannot
// stand in one.
func scanReason(b []byte, i int, lenient Lenient) int {
	for i < len(b) {
		c := b[i]
		if octetClass[c]&classValue == 0 {
			if lenient&AllowReasonControls == 0 || c == '\r' || c == '\n' || c == 0 {
				break
			}
		}
		i++
	}
	return i
}

// AppendStatusLine appends a status-line. The major version must be 1, the status from 100 to 999, and
// the reason, which may be empty, must hold what a reason phrase may hold; otherwise dst is returned as
// it was, with a [*SyntaxError].
func AppendStatusLine[T Octets](dst []byte, v Version, status int, reason T) ([]byte, error) {
	if v.Major() != 1 {
		return dst, unsendable(RuleMajorVersion, ElementStatusLine, "", 0, majorAt)
	}
	if status < 100 || status > 999 {
		return dst, unsendable(RuleStatusCode, ElementStatusLine, "", 0, versionLen+1)
	}
	if i := indexNotValue(reason); i >= 0 {
		return dst, unsendable(RuleReasonPhrase, ElementStatusLine, reason, i, statusPrefix)
	}
	dst = AppendVersion(dst, v)
	dst = append(dst, ' ', '0'+byte(status/100), '0'+byte(status/10%10), '0'+byte(status%10), ' ')
	dst = append(dst, reason...)
	return append(dst, '\r', '\n'), nil
}
