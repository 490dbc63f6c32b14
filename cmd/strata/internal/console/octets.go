package console

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const hex = "0123456789abcdef"

// Octet returns an octet as text that shows it: printable ASCII as itself, the others as in a Go string: \r, \n, \t,
// \x1b. A backslash is doubled, so that the text has one reading.
func Octet(c byte) string {
	switch {
	case c == '\r':
		return `\r`
	case c == '\n':
		return `\n`
	case c == '\t':
		return `\t`
	case c == '\\':
		return `\\`
	case c < 0x20 || c >= 0x7f:
		return string([]byte{'\\', 'x', hex[c>>4], hex[c&15]})
	}
	return string(rune(c))
}

// Visible returns octets as Octet does each.
func Visible[T ~string | ~[]byte](octets T) string {
	var b strings.Builder
	for i := range len(octets) {
		b.WriteString(Octet(octets[i]))
	}
	return b.String()
}

// Printable returns text as it is, but for what a terminal could act on: control characters, and octets that are no
// UTF-8, are shown as in a Go string.
func Printable[T ~string | ~[]byte](text T) string {
	var b strings.Builder
	for i, s := 0, string(text); i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(Octet(s[i]))
		case r == '\t', strconv.IsPrint(r):
			b.WriteString(s[i : i+n])
		case r < utf8.RuneSelf:
			b.WriteString(Octet(s[i]))
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		i += n
	}
	return b.String()
}
