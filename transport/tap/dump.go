package tap

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"
)

// A Dump is a [Sink] that writes events for people to read: a line for each, with the seconds since the first one and
// the number of the connection, and below it the octets that passed, sixteen a line, in hexadecimal and as text.
//
//	0.000000 #1 dial tcp example.org:80
//	0.012345 #1 open 192.0.2.1:51000 -> 192.0.2.80:80
//	0.012400 #1 > 18 octets
//	  00000000  47 45 54 20 2f 20 48 54  54 50 2f 31 2e 31 0d 0a  |GET / HTTP/1.1..|
//	  00000010  0d 0a                                             |..|
//	0.030000 #1 < end
//	0.030100 #1 close
//
// The offset at the left counts the octets of the connection in that direction. An octet that is not printable ASCII
// is a dot in the text.
type Dump struct {
	mu      sync.Mutex
	w       io.Writer
	began   time.Time
	offsets map[stream]int64
	buf     []byte
	err     error
}

// A stream is one direction of one connection.
type stream struct {
	id        int
	direction Direction
}

// NewDump returns a Dump that writes to w, once for each event.
func NewDump(w io.Writer) *Dump { return &Dump{w: w, offsets: map[stream]int64{}} }

// Err returns the first error of the writer, after which nothing more is written.
func (d *Dump) Err() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.err
}

// Event writes e. A Dump may be given events by several taps, whose connections then share their numbers.
func (d *Dump) Event(e Event) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.began.IsZero() {
		d.began = e.Time
	}
	d.buf = fmt.Appendf(d.buf[:0], "%.6f #%d ", e.Time.Sub(d.began).Seconds(), e.Connection.ID)
	d.buf = append(d.buf, describe(e)...)
	d.buf = append(d.buf, '\n')
	s := stream{e.Connection.ID, e.Direction}
	switch e.Kind {
	case Data:
		d.buf = appendHex(d.buf, d.offsets[s], e.Octets)
		d.offsets[s] += int64(len(e.Octets))
	case Close:
		delete(d.offsets, stream{s.id, Out})
		delete(d.offsets, stream{s.id, In})
	}
	if d.err == nil {
		_, d.err = d.w.Write(d.buf)
	}
}

// describe is the line of an event behind the connection's number.
func describe(e Event) string {
	switch e.Kind {
	case Dial:
		return fmt.Sprintf("dial %s %s", printable(e.Connection.Network), printable(e.Connection.Address))
	case Open:
		arrow := "->"
		if e.Connection.Accepted {
			arrow = "<-"
		}
		return fmt.Sprintf("open %s %s %s", address(e.Connection.Local), arrow, address(e.Connection.Remote))
	case Data:
		if len(e.Octets) == 1 {
			return e.Direction.String() + " 1 octet"
		}
		return fmt.Sprintf("%s %d octets", e.Direction, len(e.Octets))
	case End:
		return e.Direction.String() + " end"
	case Error:
		return fmt.Sprintf("%s error: %s", e.Direction, printable(e.Err.Error()))
	case Fail:
		return "fail: " + printable(e.Err.Error())
	}
	return e.Kind.String()
}

func address(a fmt.Stringer) string {
	if a == nil {
		return "?"
	}
	return printable(a.String())
}

// printable quotes what a terminal could act on.
func printable(s string) string {
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r == '\uFFFD' || !strconv.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}

// perLine is how many octets a line of a dump shows.
const perLine = 16

func appendHex(dst []byte, offset int64, octets []byte) []byte {
	for len(octets) > 0 {
		line := octets[:min(perLine, len(octets))]
		octets = octets[len(line):]
		dst = append(dst, "  "...)
		dst = appendOffset(dst, offset)
		dst = append(dst, ' ')
		offset += int64(len(line))
		for i := range perLine {
			if i == perLine/2 {
				dst = append(dst, ' ')
			}
			if i < len(line) {
				dst = append(dst, ' ', digits[line[i]>>4], digits[line[i]&15])
			} else {
				dst = append(dst, "   "...)
			}
		}
		dst = append(dst, "  |"...)
		for _, c := range line {
			if c < ' ' || c > '~' {
				c = '.'
			}
			dst = append(dst, c)
		}
		dst = append(dst, "|\n"...)
	}
	return dst
}

const digits = "0123456789abcdef"

// appendOffset appends an offset in eight hexadecimal digits, or as many as it needs.
func appendOffset(dst []byte, offset int64) []byte {
	width := 8
	for offset>>(4*width) > 0 {
		width++
	}
	for ; width > 0; width-- {
		dst = append(dst, digits[offset>>(4*(width-1))&15])
	}
	return dst
}
