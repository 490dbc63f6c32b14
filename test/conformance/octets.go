package conformance

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// maxOctets bounds what repetition may make of a line of a page.
const maxOctets = 1 << 22

// unescape returns the octets that a line of a block stands for. README.md describes how they are written.
func unescape(line string) (string, error) {
	if err := visible(line); err != nil {
		return "", err
	}
	return word(line)
}

// visible returns what of a line a reader would not see.
func visible(line string) error {
	switch {
	case line != strings.TrimRight(line, " \t"):
		return errors.New("whitespace at the end of a line; \\s stands for SP, \\t for HTAB")
	case strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) >= 0:
		return errors.New("an octet that is not printable ASCII; it is written \\xHH")
	}
	return nil
}

// word returns the octets that a part of a line stands for.
func word(part string) (string, error) { return resolve(part, true) }

// resolve resolves escapes, and repetitions where they are allowed.
func resolve(s string, repetitions bool) (string, error) {
	var b strings.Builder
	for len(s) > 0 {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			i = len(s)
		}
		b.WriteString(s[:i])
		if s = s[i:]; s == "" {
			break
		}
		text, n, err := escape(s, repetitions)
		if err != nil {
			return "", err
		}
		if b.Len()+len(text) > maxOctets {
			return "", fmt.Errorf("more than %d octets", maxOctets)
		}
		b.WriteString(text)
		s = s[n:]
	}
	return b.String(), nil
}

// escape returns what the escape at the front of s stands for, and its length.
func escape(s string, repetitions bool) (text string, n int, err error) {
	if len(s) < 2 {
		return "", 0, errors.New("a single \\ at the end of a line")
	}
	switch s[1] {
	case 'r':
		return "\r", 2, nil
	case 'n':
		return "\n", 2, nil
	case 't':
		return "\t", 2, nil
	case 's':
		return " ", 2, nil
	case '\\', '}':
		return s[1:2], 2, nil
	case 'x':
		if len(s) >= 4 {
			if v, err := strconv.ParseUint(s[2:4], 16, 8); err == nil {
				return string([]byte{byte(v)}), 4, nil
			}
		}
	case '{':
		if repetitions {
			return repetition(s)
		}
	}
	return "", 0, fmt.Errorf("unknown escape %q", s[:2])
}

// repetition returns what "\{3 ab}" at the front of s stands for, and its length.
func repetition(s string) (text string, n int, err error) {
	end := 2
	for ; end < len(s) && s[end] != '}'; end++ {
		if s[end] == '\\' {
			end++
		}
	}
	if end >= len(s) {
		return "", 0, fmt.Errorf("a repetition without end: %q", s)
	}
	digits, what, ok := strings.Cut(s[2:end], " ")
	times, err := strconv.Atoi(digits)
	if !ok || what == "" || err != nil || times < 1 {
		return "", 0, fmt.Errorf("a repetition is \\{times octets}, not %q", s[:end+1])
	}
	if what, err = resolve(what, false); err != nil {
		return "", 0, err
	}
	if times > maxOctets/len(what) {
		return "", 0, fmt.Errorf("more than %d octets", maxOctets)
	}
	return strings.Repeat(what, times), end + 1, nil
}

// Text returns octets as text of JSON has them in docs/parse.md: one code point, U+0000 to U+00FF, for each.
func Text(octets string) string {
	points := make([]rune, len(octets))
	for i := range len(octets) {
		points[i] = rune(octets[i])
	}
	return string(points)
}
