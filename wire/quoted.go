package wire

// ConsumeQuotedString returns the length of the quoted-string at the front of b, its quotes included,
// and 0 where there is none (RFC 9110 section 5.6.4).
func ConsumeQuotedString[T Octets](b T) int {
	if len(b) < 2 || b[0] != '"' {
		return 0
	}
	for i := 1; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c == '\\':
			if i++; i == len(b) || octetClass[b[i]]&classValue == 0 {
				return 0
			}
		case octetClass[c]&classQdtext == 0:
			return 0
		}
	}
	return 0
}

// AppendUnquoted appends what s stands for: the content of a quoted-string with its quoted pairs
// resolved, or s itself when it is not quoted.
func AppendUnquoted[T Octets](dst []byte, s T) []byte {
	if ConsumeQuotedString(s) != len(s) || len(s) == 0 {
		return append(dst, s...)
	}
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' {
			i++
		}
		dst = append(dst, s[i])
	}
	return dst
}

// AppendQuoted appends s as a token where it is one and as a quoted-string otherwise. An octet that
// neither can hold leaves dst as it was and is a [*SyntaxError] with [RuleFieldValue].
func AppendQuoted[T Octets](dst []byte, s T) ([]byte, error) {
	if IsToken(s) {
		return append(dst, s...), nil
	}
	if i := indexNotValue(s); i >= 0 {
		return dst, unsendable(RuleFieldValue, ElementFieldLine, s, i, 0)
	}
	dst = append(dst, '"')
	for i := range len(s) {
		if c := s[i]; c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"'), nil
}
