package main

import (
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/strata-http/strata/test/conformance"
)

// score is what was found so far.
type score struct {
	ignore  map[string]bool
	timeout time.Duration
	out     io.Writer
	// failures is how many cases had no answer.
	failures int
	sides    map[string]*tally
}

// tally counts the cases of a side.
type tally struct{ right, all int }

// configuration returns the arguments that a driver needs for a case.
func configuration(c *conformance.Case) []string {
	var args []string
	for _, name := range c.Lenient {
		if strings.HasPrefix(name, "Allow") {
			args = append(args, "--lenient", name)
		} else {
			args = append(args, "--preset", name)
		}
	}
	for _, limit := range c.Limits {
		args = append(args, "--limit", fmt.Sprintf("%s=%d", limit.Name, limit.Value))
	}
	return args
}

// byConfiguration groups cases that one start of a driver can take, in the order of the first of each group.
func byConfiguration(cases []conformance.Case) [][]conformance.Case {
	var groups [][]conformance.Case
	index := map[string]int{}
	for _, c := range cases {
		key := strings.Join(configuration(&c), "\x00")
		i, ok := index[key]
		if !ok {
			i, index[key] = len(groups), len(groups)
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], c)
	}
	return groups
}

// maxFailures is how many times a driver may fail to answer before it is given up.
const maxFailures = 10

// group lets a driver answer the cases of one configuration, and judges the answers. A driver that fails to answer a
// case has missed it, and is started anew for the next one.
func (s *score) group(command []string, cases []conformance.Case, stderr io.Writer) error {
	command = append(slices.Clone(command), configuration(&cases[0])...)
	d, err := start(command, s.timeout, stderr)
	if err != nil {
		return err
	}
	defer func() { d.stop() }()
	for i := range cases {
		c := &cases[i]
		if !slices.Contains(d.about.Sides, c.Role) {
			continue
		}
		got, err := d.ask(c.JSON())
		if err == nil {
			s.judge(c, got, d.about.Caps.Trailers)
			continue
		}
		s.miss(c, fmt.Sprintf("  %v\n", err))
		if s.failures++; s.failures == maxFailures {
			return fmt.Errorf("given up after %d cases without an answer: %w", maxFailures, err)
		}
		d.stop()
		another, err := start(command, s.timeout, stderr)
		if err != nil {
			return err
		}
		d = another
	}
	return d.finish()
}

// of returns the tally of a side.
func (s *score) of(side string) *tally {
	if s.sides == nil {
		s.sides = map[string]*tally{"client": {}, "server": {}}
	}
	return s.sides[side]
}

// miss counts a case as missed, and prints why.
func (s *score) miss(c *conformance.Case, why string) {
	s.of(c.Role).all++
	fmt.Fprintf(s.out, "%s %s (line %d of its page)\n%s", c.Role, c.ID(), c.Line, why)
}

// judge counts one answer, and prints what is wrong with it.
func (s *score) judge(c *conformance.Case, got map[string]any, trailers bool) {
	var wrong []string
	want := c.JSON().Want
	for _, w := range c.Want {
		if s.ignore[w.Key] || w.Key == "trailers" && !trailers {
			continue
		}
		if !reflect.DeepEqual(want[w.Key], got[w.Key]) {
			wrong = append(wrong, fmt.Sprintf("  %s: want %s, got %s", w.Key, text(want[w.Key]), text(got[w.Key])))
		}
	}
	if len(wrong) == 0 {
		t := s.of(c.Role)
		t.right, t.all = t.right+1, t.all+1
		return
	}
	if reason, ok := got["error"].(string); ok {
		wrong = append(wrong, fmt.Sprintf("  error: %q", reason))
	}
	s.miss(c, strings.Join(wrong, "\n")+"\n")
}

// text returns a value as JSON has it.
func text(value any) string {
	if value == nil {
		return "nothing"
	}
	b, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	if len(b) > 200 {
		return fmt.Sprintf("%s… (%d octets)", b[:200], len(b))
	}
	return string(b)
}

func (s *score) missed() int {
	n := 0
	for _, t := range s.sides {
		n += t.all - t.right
	}
	return n
}

// total prints the figures: "client 210/210, server 205/205".
func (s *score) total(left int) {
	var parts []string
	for _, side := range []string{"client", "server"} {
		if t := s.sides[side]; t != nil && t.all > 0 {
			parts = append(parts, fmt.Sprintf("%s %d/%d", side, t.right, t.all))
		}
	}
	line := strings.Join(parts, ", ")
	if line == "" {
		line = "no case that the driver can take"
	}
	if left > 0 {
		line += fmt.Sprintf(" (%d with a leniency or a limit left out; -configured takes them)", left)
	}
	fmt.Fprintln(s.out, line)
}
