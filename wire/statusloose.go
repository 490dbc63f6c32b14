package wire

import "bytes"

// consumeWholeStatusLine is ConsumeStatusLine for the leniencies under which a status-line has no fixed
// shape: it waits for the whole line, takes it as it should be if it can, and apart by whitespace if not.
func consumeWholeStatusLine(b []byte, start, from int, lenient Lenient) (line StatusLine, next int, ok bool, err error) {
	lf := bytes.IndexByte(b[from:], '\n')
	if lf < 0 {
		if lenient&AllowHTTP09 == 0 && !beginsStatusLine(b[start:]) {
			if _, _, _, err = consumeStatusLine(b, start, start, lenient); err != nil {
				return line, 0, false, err
			}
		}
		return line, len(b), false, nil
	}
	next = from + lf + 1
	line, _, _, err = consumeStatusLine(b[:next], start, start, lenient)
	if err == nil {
		return line, next, true, nil
	}
	loose, admitted, bad, rule := splitStatusLine(b[:next-1], start, lenient)
	if rule == 0 {
		loose.Admitted = admitted
		return loose, next, true, nil
	}
	// What is wrong by the strict rules says more, but where just that is admitted.
	if e := err.(*SyntaxError); e.Rule.Lenient()&lenient == 0 {
		return line, 0, false, err
	}
	return line, 0, false, NewSyntaxError(rule, ElementStatusLine, b, bad)
}

// beginsStatusLine reports whether b, as far as it goes, may begin a status-line. What does not is refused at
// once: it need not be a line at all. Whitespace may stand before one.
func beginsStatusLine(b []byte) bool {
	const begin = "HTTP/"
	n := min(len(b), len(begin))
	return n == 0 || isWhitespace(b[0]) || string(b[:n]) == begin[:n]
}

// splitStatusLine takes the line that ends with b, whose LF is left out, apart: version, status, and a reason
// phrase that may be missing. bad is the offset of what breaks rule, at most that of the LF.
func splitStatusLine(b []byte, start int, lenient Lenient) (line StatusLine, admitted Lenient, bad int, rule Rule) {
	end := len(b)
	if end > start && b[end-1] == '\r' {
		end--
	} else if lenient&AllowBareLF == 0 {
		return line, 0, end, RuleBareLF
	} else {
		admitted |= AllowBareLF
	}
	i, versionEnd := nextWord(b[:end], start)
	if line.Version, bad = looseVersion(b[i:versionEnd], lenient); bad >= 0 {
		return line, 0, i + bad, versionRule(bad)
	}
	if line.Version.Major() != 1 {
		return line, 0, i + majorAt, RuleMajorVersion
	}
	if string(b[i:versionEnd]) != line.Version.String() {
		admitted |= AllowAnyVersion
	}
	status, statusEnd := nextWord(b[:end], versionEnd)
	loose := i != start || status != versionEnd+1 || b[versionEnd] != ' '
	if statusEnd-status != 3 || indexNotClass(b[status:statusEnd], classDigit) >= 0 {
		return line, 0, status, RuleStatusCode
	}
	for _, c := range b[status:statusEnd] {
		line.Status = 10*line.Status + int(c-'0')
	}
	line.ReasonStart, line.ReasonEnd = min(statusEnd+1, end), end
	if statusEnd == end {
		if lenient&AllowMissingReason == 0 {
			return line, 0, statusEnd, RuleMissingReason
		}
		admitted |= AllowMissingReason
	} else {
		loose = loose || b[statusEnd] != ' '
	}
	for line.ReasonStart < line.ReasonEnd && isWhitespace(b[line.ReasonStart]) {
		loose = loose || !isSpace(b[line.ReasonStart])
		line.ReasonStart++
	}
	for line.ReasonStart < line.ReasonEnd && isWhitespace(b[line.ReasonEnd-1]) {
		line.ReasonEnd--
		loose = loose || !isSpace(b[line.ReasonEnd])
	}
	if stop := scanReason(b[:line.ReasonEnd], line.ReasonStart, lenient); stop < line.ReasonEnd {
		return line, 0, stop, RuleReasonPhrase
	}
	if indexNotValue(b[line.ReasonStart:line.ReasonEnd]) >= 0 {
		admitted |= AllowReasonControls
	}
	if loose {
		if lenient&AllowLooseStatusLine == 0 {
			return line, 0, versionEnd, RuleStatusLine
		}
		admitted |= AllowLooseStatusLine
	}
	return line, admitted, -1, 0
}

// isWhitespace reports whether c is one of the octets that RFC 9112 section 4 counts as whitespace.
func isWhitespace(c byte) bool { return isSpace(c) || c == '\v' || c == '\f' || c == '\r' }

// nextWord returns where the next run of octets other than whitespace begins and ends.
func nextWord(b []byte, i int) (start, end int) {
	for i < len(b) && isWhitespace(b[i]) {
		i++
	}
	for start = i; i < len(b) && !isWhitespace(b[i]); i++ {
	}
	return start, i
}

// looseVersion reads a version as AllowAnyVersion admits it. bad is -1, or the offset of what is wrong.
func looseVersion(word []byte, lenient Lenient) (v Version, bad int) {
	if len(word) == versionLen {
		if v, bad = consumeVersion(word, 0); bad < 0 && v != 9 {
			return v, -1
		}
	}
	if lenient&AllowAnyVersion != 0 {
		if string(word) == "HTTP/0.9" {
			return HTTP10, -1
		}
		if bytes.HasPrefix(word, []byte("HTTP/1.")) {
			return HTTP11, -1
		}
	}
	if v, bad = consumeVersion(word, 0); bad >= 0 {
		return 0, bad
	}
	if len(word) == versionLen {
		return v, -1
	}
	return 0, min(len(word), versionLen)
}
