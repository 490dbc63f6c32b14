package conformance

import (
	"fmt"
	"strconv"
	"strings"
)

// receive reads a block of octets that a peer sent.
func (p *page) receive(c *Case, b block) (err error) {
	c.Direction = Receive
	if err := c.role(b.info); err != nil {
		return err
	}
	for _, option := range b.info[2:] {
		name, value, _ := strings.Cut(option, "=")
		switch {
		case option == "eof":
			c.EOF = true
		case name == "methods" && c.Role == "client" && value != "":
			c.Methods = strings.Split(value, ",")
		case (name == "lenient" || name == "preset") && value != "":
			c.Lenient = append(c.Lenient, strings.Split(value, ",")...)
		case name == "limit":
			limit, number, _ := strings.Cut(value, "=")
			n, err := strconv.ParseInt(number, 10, 64)
			if limit == "" || err != nil {
				return fmt.Errorf("a limit is limit=name=value, not %q", option)
			}
			c.Limits = append(c.Limits, Limit{limit, n})
		default:
			return fmt.Errorf("octets %s have no option %q", c.Role, option)
		}
	}
	c.Octets, err = p.octets(b)
	return err
}

// role sets the role that the words behind a fence name.
func (c *Case) role(info []string) error {
	if len(info) < 2 || info[1] != "client" && info[1] != "server" {
		return fmt.Errorf("behind %q stands the role of the engine, client or server", info[0])
	}
	c.Role = info[1]
	return nil
}

// outcome reads what must come out.
func (p *page) outcome(c *Case, b block) error {
	for i, line := range b.lines {
		key, raw, ok := strings.Cut(line, ":")
		value, err := word(strings.TrimPrefix(raw, " "))
		if err == nil {
			err = visible(line)
		}
		switch {
		case err != nil:
		case !ok || raw != "" && !strings.HasPrefix(raw, " ") || raw == " ":
			err = fmt.Errorf("a line of an outcome is key: value, not %q", line)
		case c.Direction == Send && key == "refused" && value != "":
			c.Refused = value
		case c.Direction == Receive:
			err = c.want(key, raw, value)
		default:
			err = fmt.Errorf("%q where no block is that it belongs to", line)
		}
		if err != nil {
			p.at = b.line + i
			return err
		}
	}
	return nil
}

// want adds an expectation. Raw is the value with the SP before it, before escapes were resolved.
func (c *Case) want(key, raw, value string) (err error) {
	var v any
	switch key {
	case "header", "trailer":
		return c.wantField(key+"s", raw)
	case "more":
		return c.wantLater(raw)
	case "verdict", "rule", "reason", "method", "target", "version":
		v = value
	case "more-rule", "host":
		if v = value; value == "-" {
			v = nil
		}
	case "offset", "status", "messages":
		v, err = strconv.Atoi(value)
	case "reusable":
		v, err = strconv.ParseBool(value)
	case "interim":
		v, err = statuses(value)
	case "body", "leftover":
		v = []byte(value)
		key += "_b64"
	default:
		return fmt.Errorf("no key of an outcome: %q", key)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	key = strings.ReplaceAll(key, "-", "_")
	if _, ok := c.Expect(key); ok {
		return fmt.Errorf("a second %s", key)
	}
	c.Want = append(c.Want, Expectation{key, v})
	return nil
}

// statuses reads status codes, and "-" for none.
func statuses(value string) ([]int, error) {
	all := []int{}
	if value == "-" {
		return all, nil
	}
	for _, word := range strings.Fields(value) {
		status, err := strconv.Atoi(word)
		if err != nil {
			return nil, err
		}
		all = append(all, status)
	}
	return all, nil
}

// entry returns the value of a key to add to, which has that value so far.
func (c *Case) entry(key string, none any) *any {
	for i := range c.Want {
		if c.Want[i].Key == key {
			return &c.Want[i].Value
		}
	}
	c.Want = append(c.Want, Expectation{key, none})
	return &c.Want[len(c.Want)-1].Value
}

// wantField adds a field line to those expected; "-" says that there is none.
func (c *Case) wantField(key, raw string) error {
	fields := c.entry(key, [][2]string{})
	if raw == " -" {
		return nil
	}
	field, err := fieldLine(raw)
	if err == nil {
		*fields = append((*fields).([][2]string), field)
	}
	return err
}

// fieldLine reads " Name: value".
func fieldLine(raw string) (field [2]string, err error) {
	name, value, ok := strings.Cut(strings.TrimPrefix(raw, " "), ":")
	if !ok {
		return field, fmt.Errorf("a field line is Name: value, not %q", raw)
	}
	if field[0], err = word(name); err != nil {
		return field, err
	}
	field[1], err = word(strings.TrimPrefix(value, " "))
	return field, err
}

// wantLater adds a message behind the first one to those expected; "-" says that there is none.
func (c *Case) wantLater(raw string) (err error) {
	more := c.entry("more", []Later{})
	if raw == " -" {
		return nil
	}
	heads := 1
	if c.Role == "server" {
		heads = 2
	}
	words, err := splitWords(strings.TrimPrefix(raw, " "), heads+1)
	if err != nil {
		return err
	}
	if len(words) < heads {
		return fmt.Errorf("a later message is METHOD target [content], or status [content], not %q", raw)
	}
	m := Later{Body: []byte{}}
	if len(words) > heads {
		m.Body = []byte(words[heads])
	}
	if c.Role == "server" {
		m.Method, m.Target = words[0], words[1]
	} else if m.Status, err = strconv.Atoi(words[0]); err != nil {
		return err
	}
	*more = append((*more).([]Later), m)
	return nil
}

// splitWords tells n words apart, the last of which has the rest of the text, and resolves their escapes.
func splitWords(text string, n int) ([]string, error) {
	words := strings.SplitN(text, " ", n)
	for i := range words {
		var err error
		if words[i], err = word(words[i]); err != nil {
			return nil, err
		}
	}
	return words, nil
}
