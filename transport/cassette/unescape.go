package cassette

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/strata-http/strata/transport/tap"
)

// unescape appends to e the octets that a line stands for. No more than limit are made of a run of redacted ones.
func unescape(text string, e *Event, limit int64) error {
	if strings.HasSuffix(text, " ") {
		return errors.New(`the line ends in a space, which nobody sees: write it as \x20, or remove it`)
	}
	for len(text) > 0 {
		if n := plainRun(text); n > 0 {
			e.Octets = append(e.Octets, text[:n]...)
			text = text[n:]
			continue
		}
		if text[0] != '\\' {
			r, n := utf8.DecodeRuneInString(text)
			if r == utf8.RuneError && n == 1 || !unicode.IsPrint(r) {
				return fmt.Errorf(`%q cannot stand for itself: write \t, \r, \n or \x and two hexadecimal digits`, text[:n])
			}
			e.Octets = append(e.Octets, text[:n]...)
			text = text[n:]
			continue
		}
		if strings.HasPrefix(text, `\[`) {
			count, rest, err := redactedRun(text, e.Direction, limit)
			if err != nil {
				return err
			}
			start := len(e.Octets)
			e.Octets = append(e.Octets, make([]byte, count)...)
			for i := start; i < len(e.Octets); i++ {
				e.Octets[i] = Blank
			}
			e.Redacted = addSpan(e.Redacted, Span{start, len(e.Octets)})
			limit -= int64(count)
			text = rest
			continue
		}
		c, rest, err := unescapeOctet(text)
		if err != nil {
			return err
		}
		e.Octets = append(e.Octets, c)
		text = rest
	}
	return nil
}

// plainRun returns how many octets at the front of text are printable ASCII and stand for themselves.
func plainRun(text string) int {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '\\' {
			return i
		}
	}
	return len(text)
}

// addSpan adds a span behind the others, and joins it with the last one when they touch.
func addSpan(spans []Span, s Span) []Span {
	if n := len(spans); n > 0 && spans[n-1].End == s.Start {
		spans[n-1].End = s.End
		return spans
	}
	return append(spans, s)
}

// redactedRun reads \[n].
func redactedRun(text string, d tap.Direction, limit int64) (count int, rest string, err error) {
	digits, rest, ok := strings.Cut(text[2:], "]")
	n, err := strconv.ParseUint(digits, 10, 62)
	switch {
	case !ok || err != nil || n == 0:
		return 0, "", fmt.Errorf(`%q is no run of redacted octets, such as \[12]`, clip(text))
	case d != tap.Out:
		return 0, "", errors.New(`\[n] stands for octets that are compared, and these are to be replayed`)
	case int64(n) > limit:
		return 0, "", ErrTooLarge
	}
	return int(n), rest, nil
}

// unescapeOctet reads the escape that text begins with.
func unescapeOctet(text string) (c byte, rest string, err error) {
	if len(text) >= 2 {
		switch text[1] {
		case '\\':
			return '\\', text[2:], nil
		case 'r':
			return '\r', text[2:], nil
		case 'n':
			return '\n', text[2:], nil
		case 't':
			return '\t', text[2:], nil
		case 'x':
			if len(text) >= 4 {
				if high, low := digit(text[2]), digit(text[3]); high < 16 && low < 16 {
					return high<<4 | low, text[4:], nil
				}
			}
		}
	}
	return 0, "", fmt.Errorf(`%q is no escape; there are \\, \r, \n, \t, \x and two hexadecimal digits, and \[n]`, text[:min(4, len(text))])
}

// digit returns the value of a hexadecimal digit, 16 for anything else.
func digit(c byte) byte {
	switch {
	case '0' <= c && c <= '9':
		return c - '0'
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10
	}
	return 16
}

// splitWords takes the line of an event apart.
func splitWords(text string) ([]string, error) {
	var words []string
	for {
		text = strings.TrimLeft(text, " ")
		if text == "" {
			return words, nil
		}
		if text[0] != '"' {
			word, rest, _ := strings.Cut(text, " ")
			if !isBare(word) {
				return nil, fmt.Errorf("the word %q must stand in quotes", clip(word))
			}
			words, text = append(words, word), rest
			continue
		}
		word, rest, err := quotedWord(text[1:])
		if err != nil {
			return nil, err
		}
		words, text = append(words, word), rest
	}
}

// quotedWord reads a word behind its opening quote.
func quotedWord(text string) (word, rest string, err error) {
	var b []byte
	for len(text) > 0 {
		switch c := text[0]; {
		case c == '"':
			if rest = text[1:]; rest != "" && rest[0] != ' ' {
				return "", "", fmt.Errorf("a space is missing behind the quoted word %q", clip(string(b)))
			}
			return string(b), rest, nil
		case c == '\\':
			c, rest, err := unescapeOctet(text)
			if err != nil {
				return "", "", err
			}
			b, text = append(b, c), rest
		case c < ' ' || c == 0x7f:
			return "", "", fmt.Errorf(`%q cannot stand for itself: write \x and two hexadecimal digits`, c)
		default:
			b, text = append(b, c), text[1:]
		}
	}
	return "", "", fmt.Errorf("the closing quote is missing behind %q", clip(string(b)))
}
