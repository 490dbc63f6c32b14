package peers

import (
	"fmt"
	"strconv"
	"strings"
)

// Echo is a request as a peer received it.
type Echo struct {
	Method, Target, Protocol string
	// Length is the number of octets of content, transfer coding removed.
	Length int64
	// SHA256 of the content in lower-case hex, empty without EchoDigest.
	SHA256 string
	// Fields are the field lines as "Name: value", none without EchoFields and
	// EchoExact.
	Fields []string
	// Trailers are those of the trailer section, in their order and case, none
	// without EchoTrailers.
	Trailers []string
}

// ParseEcho reads the content of a response from [PathEcho]: lines of
// "key: value", an empty line, the field lines, and where there is a trailer
// section another empty line and that.
func ParseEcho(content []byte) (Echo, error) {
	facts, fields, found := strings.Cut(string(content), "\n\n")
	if !found {
		return Echo{}, fmt.Errorf("echo has no empty line: %q", content)
	}
	var e Echo
	seen := make(map[string]bool)
	for line := range strings.SplitSeq(facts, "\n") {
		key, value, found := strings.Cut(line, ": ")
		if !found || seen[key] {
			return Echo{}, fmt.Errorf("echo has line %q", line)
		}
		seen[key] = true
		if err := e.set(key, value); err != nil {
			return Echo{}, err
		}
	}
	for _, key := range []string{"method", "target", "protocol", "length"} {
		if !seen[key] {
			return Echo{}, fmt.Errorf("echo lacks %q: %q", key, content)
		}
	}
	fields, trailers, _ := strings.Cut(fields, "\n\n")
	e.Fields, e.Trailers = lines(fields), lines(trailers)
	return e, nil
}

func lines(section string) []string {
	section = strings.TrimSuffix(section, "\n")
	if section == "" {
		return nil
	}
	return strings.Split(section, "\n")
}

func (e *Echo) set(key, value string) error {
	switch key {
	case "method":
		e.Method = value
	case "target":
		e.Target = value
	case "protocol":
		e.Protocol = value
	case "sha256":
		e.SHA256 = value
	case "length":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fmt.Errorf("echo has length %q: %w", value, err)
		}
		e.Length = n
	default:
		return fmt.Errorf("echo has unknown key %q", key)
	}
	return nil
}
