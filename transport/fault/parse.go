package fault

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// A ParseError tells which statement of a script could not be read.
type ParseError struct {
	Line      int    // from 1
	Statement string // as it was written
	Err       error  // what is wrong with it
}

// Error quotes the statement.
func (e *ParseError) Error() string {
	return fmt.Sprintf("fault: script line %d: %q: %v", e.Line, e.Statement, e.Err)
}

// Unwrap returns Err.
func (e *ParseError) Unwrap() error { return e.Err }

// Parse reads a script: a fault a line, or several in a line with ";" between them. What follows "#" is a comment. A
// fault is its place, a colon, and its action; without a place, which is then anywhere, there is no colon.
//
//	place  = [ "conn" ( n | n "-" m | n "-" ) ] [ "sent" | "received" ] [ "at" offset | "after" duration ]
//	       | [ "conn" … ] ( "dial" | "tls" )
//
// The actions of octets are those of [Where], durations as time.ParseDuration has them, octets in hexadecimal for xor
// and as a Go string for replace:
//
//	cut · split n · delay duration · stall [duration] · black hole · reset · close · half-close · truncate ·
//	xor hex · replace "octets"
//
// Those of "dial" are refuse, time out duration, no such host, delay duration and stall; those of "tls"
// alert number, wrong host, expired and unknown authority. The statement "random seed" stands for the faults of
// [Random]. What a Script prints is read back as the same Script. An error is a [*ParseError], and no Script is returned
// with it.
func Parse(text string) (Script, error) {
	var script Script
	for i, line := range strings.Split(text, "\n") {
		for _, statement := range statements(line) {
			faults, err := parseStatement(statement)
			if err != nil {
				return nil, &ParseError{i + 1, statement, err}
			}
			script = append(script, faults...)
		}
	}
	return script, nil
}

// statements splits a line at ";" and ends it at "#", but for those within quotes.
func statements(line string) []string {
	var all []string
	quoted, start := false, 0
	add := func(end int) {
		if s := strings.TrimSpace(line[start:end]); s != "" {
			all = append(all, s)
		}
		start = end + 1
	}
	for i := 0; i < len(line); i++ {
		switch {
		case quoted && line[i] == '\\':
			i++
		case line[i] == '"':
			quoted = !quoted
		case !quoted && line[i] == ';':
			add(i)
		case !quoted && line[i] == '#':
			add(i)
			return all
		}
	}
	add(len(line))
	return all
}

func parseStatement(s string) (Script, error) {
	if seed, ok := strings.CutPrefix(s, "random "); ok {
		n, err := strconv.ParseUint(strings.TrimSpace(seed), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is not a seed", seed)
		}
		return Random(n).Script, nil
	}
	place, what, found := "", s, false
	// A colon within the octets of replace is none.
	if i := strings.IndexAny(s, `:"`); i >= 0 && s[i] == ':' {
		place, what, found = s[:i], s[i+1:], true
	}
	where, err := parseWhere(strings.Fields(place))
	switch {
	case err != nil:
		return nil, err
	case found && strings.TrimSpace(place) == "":
		return nil, errors.New("nothing stands before the colon")
	}
	a, err := parseAction(strings.TrimSpace(what), where.phase)
	if err != nil {
		return nil, err
	}
	return Script{{where, a}}, nil
}

// steps orders the words of a place: each step may come once.
var steps = map[string]int{
	"conn": 1, "sent": 2, "received": 2, "at": 3, "after": 3, "dial": 3, "tls": 3,
}

func parseWhere(words []string) (w Where, err error) {
	for before := 0; len(words) > 0 && err == nil; {
		word, argument := words[0], ""
		words = words[1:]
		step := steps[word]
		switch {
		case step == 0:
			return w, fmt.Errorf("%q is no word of a place", word)
		case step <= before:
			return w, fmt.Errorf("%q stands in the wrong order", word)
		}
		before = step
		switch word {
		case "conn", "at", "after":
			if len(words) == 0 {
				return w, fmt.Errorf("%q wants to know which", word)
			}
			argument, words = words[0], words[1:]
		}
		err = w.add(word, argument)
	}
	return w, err
}

func (w *Where) add(word, argument string) error {
	switch word {
	case "conn":
		return w.parseConns(argument)
	case "at":
		return w.parseOffset(argument)
	case "after":
		return w.parseAfter(argument)
	case "sent":
		*w = w.Sent()
		return nil
	case "received":
		*w = w.Received()
		return nil
	}
	if w.direction != Either {
		return fmt.Errorf("%q has no direction", word)
	}
	if *w = w.TLS().where; word == "dial" {
		*w = w.Dial().where
	}
	return nil
}

func (w *Where) parseConns(s string) error {
	from, to, ranged := strings.Cut(s, "-")
	first, ok := parseInt(from, 1)
	last := first
	if ranged {
		last = 0
		if to != "" && ok {
			last, ok = parseInt(to, first)
		}
	}
	if !ok || max(first, last) > math.MaxInt32 {
		return fmt.Errorf("%q is neither a connection nor a range of them", s)
	}
	*w = w.Conns(int(first), int(last))
	return nil
}

func (w *Where) parseOffset(s string) error {
	n, ok := parseInt(s, 0)
	if !ok {
		return fmt.Errorf("%q is not an offset", s)
	}
	*w = w.At(n)
	return nil
}

func (w *Where) parseAfter(s string) error {
	d, err := parseDuration(s)
	if err == nil {
		*w = w.After(d)
	}
	return err
}

func parseInt(s string, least int64) (n int64, ok bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n >= least
}

func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	return d, nil
}

// parseAction finds the verb that s begins with, and reads its argument.
func parseAction(s string, p phase) (action, error) {
	for k, verb := range verbs {
		rest, ok := strings.CutPrefix(s, verb.word)
		if !ok || rest != "" && rest[0] != ' ' && rest[0] != '\t' {
			continue
		}
		if verb.phase != p && !(p == dialling && (kind(k) == delay || kind(k) == stall)) {
			return action{}, fmt.Errorf("%q does not happen there", verb.word)
		}
		a := action{kind: kind(k)}
		err := a.parseArgument(strings.TrimSpace(rest))
		if err == nil && p == dialling && a.kind == stall && a.d > 0 {
			err = errors.New("a dial that goes on is delayed")
		}
		return a, err
	}
	return action{}, fmt.Errorf("%q is no action", s)
}

func (a *action) parseArgument(s string) (err error) {
	var n int64
	ok := true
	switch a.kind {
	case split:
		n, ok = parseInt(s, 1)
		a.n, ok = int(n), ok && n <= math.MaxInt
	case alert:
		n, ok = parseInt(s, 0)
		a.n, ok = int(n), ok && n <= math.MaxUint8
	case delay, timeOut:
		a.d, err = parseDuration(s)
	case stall:
		if s != "" {
			a.d, err = parseDuration(s)
			ok = err != nil || a.d > 0
		}
	case xor:
		var octets []byte
		octets, err = hex.DecodeString(s)
		a.octets, ok = string(octets), len(octets) > 0 || err != nil
	case replace:
		a.octets, err = strconv.Unquote(s)
		if err != nil {
			err = fmt.Errorf("%q is not a quoted string", s)
		}
		ok = a.octets != "" || err != nil
	default:
		ok = s == ""
	}
	switch {
	case err != nil:
		return err
	case !ok:
		return fmt.Errorf("%q cannot stand behind %q", s, verbs[a.kind].word)
	}
	return nil
}
