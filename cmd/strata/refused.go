package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/wire"
)

const (
	maxKept  = 128 << 10 // octets that are kept of a head: more than the limits let it have
	maxLines = 20        // lines of it that are shown at either end
	maxShown = 2 << 10   // octets of it that are shown at either end
	maxLine  = 480       // octets of a line
	besides  = 16        // octets of the refused line that are shown at its front, and on either side of the place
)

// arrived keeps the octets of a head until it has passed, for the case that it is refused. The mutex of log guards it.
type arrived struct {
	octets []byte
	base   int64 // the first one's offset in what the connection has received
	over   bool  // the head of the final response has passed
}

// arrive notes octets that were read.
func (l *log) arrive(octets []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.octets = append(l.octets, octets[:min(len(octets), maxKept-len(l.octets))]...)
	}
}

// forget drops what a proxy has said: no offset counts it.
func (l *log) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.octets = nil
}

// pass notes that a head was taken.
func (l *log) pass(head []byte, final bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.octets = l.octets[min(len(head), len(l.octets)):]
	l.base += int64(len(head))
	if l.over = final; final {
		l.octets = nil
	}
}

// failed shows what has come of a head that was not taken, and marks the place where err, which the exchange has ended
// with, was found.
func (l *log) failed(err error) {
	if l == nil || err == nil {
		return
	}
	mark, offset := "", int64(-1)
	var syntax *wire.SyntaxError
	var exit *exitError
	if errors.As(err, &exit) && errors.As(err, &syntax) && (exit.code == exitProtocol || exit.code == exitCut) {
		mark, offset = refusal(syntax, exit.code), syntax.Offset
	}
	l.mu.Lock()
	octets, at := l.octets, offset-l.base
	l.octets = nil
	l.mu.Unlock()
	switch {
	case len(octets) == 0:
		if mark != "" && offset > 0 { // within the content, or where nothing has come
			l.event("%s", mark)
		}
	case offset < 0 || at < 0 || at > int64(len(octets)):
		if end := bytes.Index(octets, []byte("\r\n\r\n")); end >= 0 {
			octets = octets[:end+4]
		}
		l.lines(splitLines(octets))
		if mark != "" {
			l.event("%s", mark)
		}
	default:
		l.place(octets, int(at), mark)
	}
}

// refusal returns what the mark says.
func refusal(err *wire.SyntaxError, code int) string {
	what, place := "refused", ""
	if code == exitCut {
		what = "cut short"
	}
	if err.Offset >= 0 {
		place = fmt.Sprintf(" at byte %d", err.Offset)
	}
	return what + place + ": rule " + err.Rule.Name()
}

// place shows octets up to the line with octets[at], and a mark below that octet.
func (l *log) place(octets []byte, at int, mark string) {
	start := bytes.LastIndexByte(octets[:at], '\n') + 1
	end := len(octets)
	if i := bytes.IndexByte(octets[at:], '\n'); i >= 0 {
		end = at + i + 1
	}
	l.lines(splitLines(octets[:start]))
	line := octets[start:end]
	at -= start
	if ending := len(line) - 2; at < ending && bytes.HasSuffix(line, []byte("\r\n")) {
		line = line[:ending]
	}
	front := visible(line[:at], besides, besides)
	l.line(console.Headers, "< ", front+visible(line[at:], besides, 0))
	l.event("%s^ %s", strings.Repeat(" ", len(front)), mark)
}

// splitLines returns the lines of octets, visible and without their ends, which are CR LF. Any other end stays, as it
// may be what is wrong.
func splitLines(octets []byte) []string {
	var all []string
	for line := range bytes.Lines(octets) {
		all = append(all, visible(bytes.TrimSuffix(line, []byte("\r\n")), maxLine, 0))
	}
	return all
}

// lines shows lines, those in the middle left out where they are many.
func (l *log) lines(all []string) {
	front := fitting(len(all), func(i int) string { return all[i] })
	rest := all[front:]
	back := fitting(len(rest), func(i int) string { return rest[len(rest)-1-i] })
	left := len(rest) - back
	for i, line := range all {
		switch {
		case i < front || i >= front+left:
			l.line(console.Headers, "< ", line)
		case i == front:
			l.event("(%d lines are not shown)", left)
		}
	}
}

// fitting returns how many of n lines can be shown.
func fitting(n int, line func(int) string) int {
	size := 0
	for i := range n {
		if size += len(line(i)); i == maxLines-1 || size > maxShown {
			return i
		}
	}
	return n
}

// visible returns octets so that all can be seen, and of more than front and back together only these, with a word on
// how many are between.
func visible(octets []byte, front, back int) string {
	middle := len(octets) - front - back
	if middle <= 0 {
		return console.Visible(octets)
	}
	return fmt.Sprintf("%s[%d octets]%s", console.Visible(octets[:front]), middle, console.Visible(octets[len(octets)-back:]))
}
