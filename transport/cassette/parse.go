package cassette

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/strata-http/strata/transport/tap"
)

// DefaultLimit is how many octets of segments a cassette holds unless [Limit] says otherwise.
const DefaultLimit = 256 << 20

// maxLine is the longest line of a file that is read, in octets. Recorded ones are far shorter.
const maxLine = 1 << 20

// maxConnection is the highest number of a connection.
const maxConnection = 1<<31 - 1

// A FormatError tells what is wrong with a cassette, and where.
type FormatError struct {
	File string // as it was named
	Line int    // from 1
	What string
}

// Error begins with file and line, in the form that editors understand.
func (e *FormatError) Error() string {
	return fmt.Sprintf("cassette: %s:%d: %s", e.File, e.Line, e.What)
}

// ErrTooLarge is the error for a cassette whose segments exceed its [Limit].
var ErrTooLarge = errors.New("cassette: the octets exceed the limit")

// Parse reads a cassette. name is what errors call it, limit how many octets all segments may have together, 0 being
// [DefaultLimit]. What breaks the format is a [*FormatError]; what exceeds the limit is [ErrTooLarge].
func Parse(name string, r io.Reader, limit int64) ([]Event, error) {
	if limit <= 0 {
		limit = DefaultLimit
	}
	p := &parser{name: name, left: limit, limit: limit, conns: map[int]*progress{}}
	lines := bufio.NewReaderSize(r, 64<<10)
	for {
		text, err := p.readLine(lines)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := p.take(text); err != nil {
			return nil, err
		}
	}
	if p.line == 0 {
		p.line = 1
		return nil, p.fault("the file is empty; a cassette begins with the line %q", strings.TrimSuffix(Header, "\n"))
	}
	if err := p.complete(); err != nil {
		return nil, err
	}
	return p.events, nil
}

type parser struct {
	name        string
	line        int
	left, limit int64
	events      []Event
	conns       map[int]*progress
	octets      bool // the last event takes lines of octets
}

// progress is what has been told of one connection.
type progress struct {
	opened, over bool
	ended        [tap.In + 1]bool
}

func (p *parser) fault(format string, args ...any) error {
	return &FormatError{File: p.name, Line: p.line, What: fmt.Sprintf(format, args...)}
}

// readLine returns the next line without its end, which is LF or CR LF: a checkout may have changed it.
func (p *parser) readLine(r *bufio.Reader) (string, error) {
	var long []byte
	for {
		part, err := r.ReadSlice('\n')
		long = append(long, part...)
		switch {
		case len(long) > maxLine:
			p.line++
			return "", p.fault("the line is longer than %d octets", maxLine)
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(long) > 0, err == nil:
			p.line++
			long = bytes.TrimSuffix(long, []byte("\n"))
			return string(bytes.TrimSuffix(long, []byte("\r"))), nil
		case err == io.EOF:
			return "", io.EOF
		default:
			return "", fmt.Errorf("cassette: %s: %w", p.name, err)
		}
	}
}

// take takes one line.
func (p *parser) take(text string) error {
	if p.line == 1 {
		return p.header(text)
	}
	switch {
	case strings.HasPrefix(text, indent) && strings.Trim(text, " ") != "":
		return p.takeOctets(text[len(indent):])
	case strings.TrimSpace(text) == "", strings.HasPrefix(text, "#"):
		return nil
	case text[0] == ' ' || text[0] == '\t':
		return p.fault("a line of octets begins with two spaces, and a line of an event with none: %q", clip(text))
	}
	if err := p.complete(); err != nil {
		return err
	}
	return p.takeEvent(text)
}

func (p *parser) header(text string) error {
	word, version, _ := strings.Cut(text, " ")
	if word != magic {
		return p.fault("the first line is %q, want %q", clip(text), strings.TrimSuffix(Header, "\n"))
	}
	if version != strconv.Itoa(Version) {
		return p.fault("the format has version %q, and this program reads version %d", clip(version), Version)
	}
	return nil
}

// complete checks that the last event has its octets.
func (p *parser) complete() error {
	if !p.octets {
		return nil
	}
	p.octets = false
	last := &p.events[len(p.events)-1]
	if len(last.Octets) == 0 {
		return &FormatError{File: p.name, Line: last.Line, What: "a segment without octets"}
	}
	return nil
}

func (p *parser) takeEvent(text string) error {
	words, err := splitWords(text)
	if err != nil {
		return p.fault("%v", err)
	}
	e, ok := verbs[words[0]]
	if !ok {
		return p.fault("no event is called %q; there are dial, open, fail, >, <, >end, <end, >error, <error and close", clip(words[0]))
	}
	if len(words) < 3 {
		return p.fault("%q needs the number of a connection and a time, such as %q", words[0], words[0]+" 1 20ms")
	}
	e.Line = p.line
	n, err := strconv.ParseUint(words[1], 10, 31)
	if err != nil || n == 0 {
		return p.fault("%q is no number of a connection, which is between 1 and %d", clip(words[1]), maxConnection)
	}
	e.Connection = int(n)
	if e.Time, err = parseTime(words[2]); err != nil {
		return p.fault("%v", err)
	}
	if err := p.details(&e, words[3:]); err != nil {
		return err
	}
	if err := p.follow(e); err != nil {
		return err
	}
	p.octets = e.Kind == tap.Data
	p.events = append(p.events, e)
	return nil
}

func parseTime(word string) (time.Duration, error) {
	if word == "-" {
		return NoTime, nil
	}
	d, err := time.ParseDuration(word)
	if err != nil || d < 0 || word[0] == '+' {
		return 0, fmt.Errorf("%q is no time, such as 20ms, 1.5s or 1h, or - for none", clip(word))
	}
	return d, nil
}

// details are the words of an event behind its time.
func (p *parser) details(e *Event, words []string) error {
	wrong := func(want string) error {
		return p.fault("%q is followed by number, time%s; there is %q", verb(*e), want, clip(strings.Join(words, " ")))
	}
	switch e.Kind {
	case tap.Dial:
		if len(words) != 2 {
			return wrong(", network and address")
		}
		e.Network, e.Address = words[0], words[1]
	case tap.Open:
		if len(words) == 0 {
			return nil
		}
		if len(words) != 5 || words[2] != "->" {
			return wrong(" and, if they are known, the addresses as in tcp 192.0.2.1:5000 -> tcp 192.0.2.80:80")
		}
		e.Local, e.Remote = Addr{words[0], words[1]}, Addr{words[3], words[4]}
	case tap.Fail, tap.Error:
		if len(words) == 0 || !isFault(Fault(words[0])) {
			return wrong(" and one of refused, reset, broken-pipe, timeout, unreachable, no-host, cut, canceled and other")
		}
		if e.Fault = Fault(words[0]); e.Fault != Other {
			words = words[1:]
			if len(words) != 0 {
				return wrong(" and " + string(e.Fault) + " alone")
			}
			return nil
		}
		if len(words) != 2 {
			return wrong(`, other and the text of the error in quotes`)
		}
		e.Text = words[1]
	default:
		if len(words) != 0 {
			return wrong(" and nothing else")
		}
	}
	return nil
}

// follow checks that e can come behind what was told of its connection.
func (p *parser) follow(e Event) error {
	c := p.conns[e.Connection]
	if e.Kind == tap.Dial {
		if c != nil {
			return p.fault("connection %d is dialled a second time", e.Connection)
		}
		p.conns[e.Connection] = new(progress)
		return nil
	}
	switch {
	case c == nil:
		return p.fault("connection %d has no dial", e.Connection)
	case c.over:
		return p.fault("connection %d is over", e.Connection)
	case e.Kind == tap.Open || e.Kind == tap.Fail:
		if c.opened {
			return p.fault("connection %d is open already", e.Connection)
		}
		c.opened, c.over = true, e.Kind == tap.Fail
		return nil
	case !c.opened:
		return p.fault("connection %d is not open yet", e.Connection)
	case e.Kind == tap.Close:
		c.over = true
		return nil
	case c.ended[e.Direction]:
		return p.fault("direction %s of connection %d has ended", e.Direction, e.Connection)
	}
	c.ended[e.Direction] = e.Kind != tap.Data
	return nil
}

// takeOctets takes a line of octets.
func (p *parser) takeOctets(text string) error {
	if !p.octets {
		return p.fault("octets that belong to no segment: %q", clip(text))
	}
	e := &p.events[len(p.events)-1]
	e.lines = append(e.lines, mark{len(e.Octets), p.line})
	before := len(e.Octets)
	err := unescape(text, e, p.left)
	p.left -= int64(len(e.Octets) - before)
	switch {
	case err == ErrTooLarge || err == nil && p.left < 0:
		return fmt.Errorf("cassette: %s:%d: more than %d octets: %w", p.name, p.line, p.limit, ErrTooLarge)
	case err != nil:
		return p.fault("%v", err)
	}
	return nil
}

// clip shortens what is quoted in errors.
func clip(s string) string {
	const most = 80
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
