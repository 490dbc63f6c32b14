package conformance

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// follows tells behind which verbs the lines of a head or a trailer section stand.
var follows = map[string][]string{
	"field":   {"request", "response", "field"},
	"trailer": {"end", "trailer"},
}

// words tells how many words stand behind a verb.
var words = map[string]int{
	"request": 2, "response": 2, "field": 2, "content": 1, "chunk": 2, "coded": 1, "end": 0, "trailer": 2, "raw": 2,
	"receive": 1, "close": 0,
}

// send reads the steps of a send case.
func (p *page) send(c *Case, b block) error {
	c.Direction = Send
	if err := c.role(b.info); err != nil {
		return err
	}
	for _, option := range b.info[2:] {
		name, value, _ := strings.Cut(option, "=")
		var err error
		switch {
		case name == "version" && value != "":
			c.Version = value
		case name == "pipeline":
			c.Pipeline, err = strconv.Atoi(value)
		case option == "obs-target":
			c.ObsTarget = true
		default:
			err = fmt.Errorf("send %s has no option %q", c.Role, option)
		}
		if err != nil {
			return err
		}
	}
	before := ""
	for i, line := range b.lines {
		step, err := readStep(line, before)
		if err != nil {
			p.at = b.line + i
			return err
		}
		step.Line = b.line + i
		c.Steps = append(c.Steps, step)
		before = step.Verb
	}
	if len(c.Steps) == 0 {
		return fmt.Errorf("nothing is sent")
	}
	return nil
}

// readStep reads one step, which stands behind one with the verb before.
func readStep(line, before string) (Step, error) {
	if err := visible(line); err != nil {
		return Step{}, err
	}
	verb, rest, _ := strings.Cut(line, ":")
	n, ok := words[verb]
	if !ok {
		return Step{}, fmt.Errorf("no step of a send case: %q", line)
	}
	if after, ok := follows[verb]; ok {
		if !slices.Contains(after, before) {
			return Step{}, fmt.Errorf("%s: stands behind %s only", verb, strings.Join(after, " or "))
		}
		field, err := fieldLine(rest)
		return Step{Verb: verb, Words: field[:]}, err
	}
	if n == 0 {
		if line != verb {
			return Step{}, fmt.Errorf("nothing stands behind %s", verb)
		}
		return Step{Verb: verb}, nil
	}
	step := Step{Verb: verb}
	var err error
	step.Words, err = splitWords(strings.TrimPrefix(rest, " "), n)
	for len(step.Words) < n {
		step.Words = append(step.Words, "")
	}
	return step, err
}
