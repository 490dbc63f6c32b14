package cassette

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/strata-http/strata/transport/tap"
)

// Version is the version of the format that this package writes and reads.
const Version = 1

// magic is the first word of a cassette; the version follows.
const magic = "strata-cassette"

// Header is the first line of a cassette, with its line end.
const Header = magic + " 1\n"

// wrapAt is the length of a line's text behind which the next octet begins another line.
const wrapAt = 96

// indent begins a line of octets.
const indent = "  "

// Append appends e to dst in the format of the file, for whoever writes cassettes of other origin. A file is [Header]
// and then events. The result is what [Record] would write, which [Parse] reads; e must be one that Parse could have
// returned.
func Append(dst []byte, e Event) []byte {
	if e.Kind == tap.Dial {
		dst = append(dst, '\n')
	}
	dst = append(dst, verb(e)...)
	dst = append(dst, ' ')
	dst = strconv.AppendInt(dst, int64(e.Connection), 10)
	dst = append(dst, ' ')
	dst = append(dst, formatTime(e.Time)...)
	switch e.Kind {
	case tap.Dial:
		dst = appendWords(dst, e.Network, e.Address)
	case tap.Open:
		if e.Local != (Addr{}) || e.Remote != (Addr{}) {
			dst = appendWords(dst, e.Local.Net, e.Local.Address)
			dst = append(dst, " ->"...)
			dst = appendWords(dst, e.Remote.Net, e.Remote.Address)
		}
	case tap.Fail, tap.Error:
		dst = appendWords(dst, string(e.Fault))
		if e.Fault == Other {
			dst = append(dst, ' ')
			dst = appendQuoted(dst, e.Text)
		}
	}
	dst = append(dst, '\n')
	if e.Kind == tap.Data {
		dst = appendOctets(dst, indent, e.Octets, e.Redacted)
	}
	return dst
}

// verb is the first word of an event's line.
func verb(e Event) string {
	switch e.Kind {
	case tap.Data:
		return e.Direction.String()
	case tap.End, tap.Error:
		return e.Direction.String() + e.Kind.String()
	}
	return e.Kind.String()
}

// verbs are the events by their first word.
var verbs = func() map[string]Event {
	m := map[string]Event{}
	for _, k := range []tap.Kind{tap.Dial, tap.Open, tap.Fail, tap.Close} {
		m[k.String()] = Event{Kind: k}
	}
	for _, k := range []tap.Kind{tap.Data, tap.End, tap.Error} {
		for _, d := range []tap.Direction{tap.Out, tap.In} {
			e := Event{Kind: k, Direction: d}
			m[verb(e)] = e
		}
	}
	return m
}()

// formatTime writes a duration in ASCII.
func formatTime(d time.Duration) string {
	if d < 0 {
		return "-"
	}
	return strings.Replace(d.String(), "µ", "u", 1)
}

func appendWords(dst []byte, words ...string) []byte {
	for _, w := range words {
		dst = append(dst, ' ')
		if isBare(w) {
			dst = append(dst, w...)
		} else {
			dst = appendQuoted(dst, w)
		}
	}
	return dst
}

// isBare reports whether a word can stand without quotes.
func isBare(w string) bool {
	return w != "" && !strings.ContainsFunc(w, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '\\' })
}

// appendQuoted appends a word in quotes, in which a quote is \x22.
func appendQuoted(dst []byte, w string) []byte {
	dst = append(dst, '"')
	for i := range len(w) {
		if w[i] == '"' {
			dst = append(dst, `\x22`...)
		} else {
			dst = appendOctet(dst, w[i])
		}
	}
	return append(dst, '"')
}

// appendOctet appends one octet as text.
func appendOctet(dst []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch {
	case c == '\\':
		return append(dst, '\\', '\\')
	case ' ' <= c && c <= '~':
		return append(dst, c)
	case c == '\r':
		return append(dst, '\\', 'r')
	case c == '\n':
		return append(dst, '\\', 'n')
	case c == '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'x', hex[c>>4], hex[c&15])
}

// appendOctets appends octets as lines that begin with prefix.
func appendOctets(dst []byte, prefix string, octets []byte, redacted []Span) []byte {
	for i := 0; i < len(octets); {
		dst = append(dst, prefix...)
		start := len(dst)
		for i < len(octets) && len(dst)-start < wrapAt {
			for len(redacted) > 0 && redacted[0].End <= i {
				redacted = redacted[1:]
			}
			if len(redacted) > 0 && redacted[0].Start <= i {
				dst = append(dst, '\\', '[')
				dst = strconv.AppendInt(dst, int64(redacted[0].End-i), 10)
				dst = append(dst, ']')
				i = redacted[0].End
				continue
			}
			c := octets[i]
			dst = appendOctet(dst, c)
			if i++; c == '\n' {
				break
			}
		}
		// A space that ends a line would be lost in some editors, and is seen in none.
		if bytes.HasSuffix(dst, []byte(" ")) && len(dst) > start {
			dst = append(dst[:len(dst)-1], `\x20`...)
		}
		dst = append(dst, '\n')
	}
	return dst
}
