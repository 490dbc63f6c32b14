package generate

import (
	"bytes"
	"slices"
	"strconv"
)

func digits(n int) string { return strconv.Itoa(n) }
func hex(n int) string    { return strconv.FormatInt(int64(n), 16) }

// interesting are octets that mean something to a parser of HTTP/1.
var interesting = []string{
	"\r\n", "\n", "\r", " ", "\t", ":", ";", ",", "\x00", "\v", "\f", "\x7f", "\x80", "\xff", "\"", "\\", "=", "\r\n\r\n", "\n\n", "\r\r\n",
	"\r\n ", "\r\n\t", "0", "HTTP/1.1", "chunked", "close", "\x1b", "\x85", "\xa0", "%", "/", "*", "@", "#", "?", "-", "+", "_", "[", "]",
	"Content-Length: 1\r\n", "Transfer-Encoding: chunked\r\n", "Host: x\r\n", "\xe2\x80\xa8", "'", "(", "{", "|",
}

// mutate returns octets changed in one place or a few.
func (m *maker) mutate(octets, partner []byte) []byte {
	b := slices.Clone(octets)
	for {
		b = m.once(b, partner)
		if m.IntN(5) > 1 {
			return b
		}
	}
}

// once makes one mutation.
func (m *maker) once(b, partner []byte) []byte {
	switch m.IntN(10) {
	case 0: // another octet
		if len(b) > 0 {
			b[m.IntN(len(b))] ^= 1 << m.IntN(8)
		}
	case 1, 2: // octets that mean something, in the place of others
		at := m.place(b)
		b = slices.Replace(b, at, min(len(b), at+1), []byte(interesting[m.IntN(len(interesting))])...)
	case 3, 4: // or between others
		b = slices.Insert(b, m.place(b), []byte(interesting[m.IntN(len(interesting))])...)
	case 5: // octets that are missing
		at := m.place(b)
		b = slices.Delete(b, at, min(len(b), at+1+m.IntN(1+m.IntN(4))))
	case 6:
		return m.lines(b)
	case 7: // the end is missing
		return b[:m.IntN(len(b)+1)]
	case 8: // a piece from elsewhere, or twice
		if len(partner) == 0 || m.one(2) {
			partner = b
		}
		from := m.IntN(len(partner) + 1)
		piece := slices.Clone(partner[from:min(len(partner), from+m.IntN(1+m.IntN(60)))])
		b = slices.Insert(b, m.place(b), piece...)
	case 9:
		return m.letterCase(b)
	}
	return b
}

// place returns an offset, often one beside a delimiter, where parsers decide.
func (m *maker) place(b []byte) int {
	at := m.IntN(len(b) + 1)
	if m.one(2) {
		if i := bytes.IndexAny(b[at:], "\r\n:; ,=/"); i >= 0 {
			at += i + m.IntN(2)
		}
	}
	return at
}

// lines takes a line away, doubles it, moves it, or puts another one beside it.
func (m *maker) lines(b []byte) []byte {
	all := bytes.SplitAfter(b, []byte("\n"))
	i, j := m.IntN(len(all)), m.IntN(len(all))
	switch m.IntN(4) {
	case 0:
		all = slices.Delete(all, i, i+1)
	case 1:
		all = slices.Insert(all, j, all[i])
	case 2:
		all[i], all[j] = all[j], all[i]
	case 3:
		framing := m.of("Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 0\r\n", "Host: other\r\n", "Connection: close\r\n", "Transfer-Encoding: x\r\n", "Expect: 100-continue\r\n", " fold\r\n", "X\r\n", ": v\r\n")
		all = slices.Insert(all, min(len(all), max(1, i)), []byte(framing))
	}
	return bytes.Join(all, nil)
}

// letterCase turns the case of the letters of one word.
func (m *maker) letterCase(b []byte) []byte {
	at := m.IntN(len(b) + 1)
	for ; at < len(b) && (b[at]|0x20 >= 'a' && b[at]|0x20 <= 'z'); at++ {
		b[at] ^= 0x20
	}
	return b
}
