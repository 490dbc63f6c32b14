package body

import (
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// Latin1Error is the error for text that ISO-8859-1 cannot hold.
type Latin1Error struct {
	Char   rune
	Offset int64 // in octets of the text
}

// Error names the character, its place and the way out.
func (e *Latin1Error) Error() string {
	return fmt.Sprintf("body: character %+q at byte %d is not in ISO-8859-1; body.String sends text as its UTF-8 octets", e.Char, e.Offset)
}

// Latin1 returns a Source of text, UTF-8 as Go has it, encoded as ISO-8859-1: what http.client does with a
// str. A character above U+00FF is a [*Latin1Error].
func Latin1(text string) (Source, error) {
	b, err := appendLatin1(nil, text, 0)
	if err != nil {
		return Source{}, err
	}
	return Source{kind: KindBytes, b: b, size: int64(len(b))}, nil
}

// appendLatin1 appends text, which begins at offset at of the whole.
func appendLatin1(dst []byte, text string, at int64) ([]byte, error) {
	for i, c := range text {
		if c > 0xFF {
			return dst, &Latin1Error{Char: c, Offset: at + int64(i)}
		}
		dst = append(dst, byte(c))
	}
	return dst, nil
}

// Latin1Reader returns a Source of the text that r reads, UTF-8, encoded as ISO-8859-1 as it is sent: what
// http.client does with a file opened as text. A character above U+00FF ends the request with a
// [*Latin1Error].
func Latin1Reader(r io.Reader) Source { return Reader(&latin1Reader{r: r}) }

type latin1Reader struct {
	r    io.Reader
	in   []byte // read and not yet encoded: at most a part of a character behind what out was made of
	out  []byte
	at   int64
	err  error
	full [4096]byte
}

// Read implements io.Reader.
func (l *latin1Reader) Read(p []byte) (int, error) {
	for len(l.out) == 0 {
		if l.err != nil {
			return 0, l.err
		}
		n, err := l.r.Read(l.full[len(l.in):])
		l.in = l.full[:len(l.in)+n]
		l.err = err
		l.encode()
		if n == 0 && err == nil {
			return 0, nil
		}
	}
	n := copy(p, l.out)
	l.out = l.out[n:]
	return n, nil
}

// encode takes all whole characters of in; at the end of the text it takes what is left as well.
func (l *latin1Reader) encode() {
	whole := len(l.in)
	for back := 1; back <= min(utf8.UTFMax-1, whole) && l.err == nil; back++ {
		if c := l.in[whole-back]; utf8.RuneStart(c) {
			if !utf8.FullRune(l.in[whole-back:]) {
				whole -= back
			}
			break
		}
	}
	out, err := appendLatin1(l.out[:0], string(l.in[:whole]), l.at)
	l.out, l.at = out, l.at+int64(whole)
	if err != nil {
		l.err = err
	}
	l.in = l.full[:copy(l.full[:], l.in[whole:])]
}

// Close closes the reader below, where it can be.
func (l *latin1Reader) Close() error {
	if c, ok := l.r.(io.Closer); ok {
		return c.Close()
	}
	return errors.ErrUnsupported
}
