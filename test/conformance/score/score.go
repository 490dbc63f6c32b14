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
	sides   map[string]*tally
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

// group lets a driver answer the cases of one configuration, and judges the answers.
func (s *score) group(driver []string, cases []conformance.Case, stderr io.Writer) error {
	d, err := start(append(slices.Clone(driver), configuration(&cases[0])...), s.timeout, stderr)
	if err != nil {
		return err
	}
	defer d.stop()
	for i := range cases {
		c := &cases[i]
		if !slices.Contains(d.about.Sides, c.Role) {
			continue
		}
		got, err := d.ask(c.JSON())
		if err != nil {
			return fmt.Errorf("%s: %w", c.ID(), err)
		}
		s.judge(c, got, d.about.Caps.Trailers)
	}
	return d.finish()
}

// judge counts one answer, and prints what is wrong with it.
func (s *score) judge(c *conformance.Case, got map[string]any, trailers bool) {
	if s.sides == nil {
		s.sides = map[string]*tally{"client": {}, "server": {}}
	}
	t := s.sides[c.Role]
	t.all++
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
		t.right++
		return
	}
	fmt.Fprintf(s.out, "%s %s (line %d of its page)\n%s\n", c.Role, c.ID(), c.Line, strings.Join(wrong, "\n"))
	if reason, ok := got["error"].(string); ok {
		fmt.Fprintf(s.out, "  error: %q\n", reason)
	}
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
