package fuzztest

import (
	"bytes"
	"testing"

	"github.com/strata-http/strata/test/conformance"
)

// maxSeed leaves out the few cases that are about limits: fuzzing would do nothing but copy them.
const maxSeed = 4 << 10

// Cases returns the receive cases of the conformance suite that are about an engine of that role, "client" or
// "server".
func Cases(tb testing.TB, role string) []conformance.Case {
	tb.Helper()
	all, err := conformance.All()
	if err != nil {
		tb.Fatal(err)
	}
	var cases []conformance.Case
	for _, c := range all {
		if c.Direction == conformance.Receive && c.Role == role && len(c.Octets) <= maxSeed {
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 {
		tb.Fatalf("no cases of %s", role)
	}
	return cases
}

// StartLines returns the first line of each case of that role, with its line end.
func StartLines(tb testing.TB, role string) []string {
	tb.Helper()
	return each(tb, []string{role}, func(octets []byte) [][]byte { return [][]byte{line(octets)} })
}

// FieldLines returns the lines behind the first one of each case, up to the first empty line.
func FieldLines(tb testing.TB) []string {
	tb.Helper()
	return each(tb, both, func(octets []byte) [][]byte {
		section, _ := parts(octets)
		return bytes.SplitAfter(section, []byte("\n"))
	})
}

// Sections returns the header section of each case, with its empty line.
func Sections(tb testing.TB) []string {
	tb.Helper()
	return each(tb, both, func(octets []byte) [][]byte {
		section, _ := parts(octets)
		return [][]byte{section}
	})
}

// Bodies returns what stands behind the header section of each case.
func Bodies(tb testing.TB) []string {
	tb.Helper()
	return each(tb, both, func(octets []byte) [][]byte {
		_, body := parts(octets)
		return [][]byte{body}
	})
}

var both = []string{"client", "server"}

// each returns the pieces of all cases, each once and none of them empty.
func each(tb testing.TB, roles []string, cut func([]byte) [][]byte) []string {
	tb.Helper()
	var all []string
	known := map[string]bool{"": true}
	for _, role := range roles {
		for _, c := range Cases(tb, role) {
			for _, piece := range cut(c.Octets) {
				if s := string(piece); !known[s] {
					known[s] = true
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// line returns the first line of octets, with its line end.
func line(octets []byte) []byte {
	if i := bytes.IndexByte(octets, '\n'); i >= 0 {
		return octets[:i+1]
	}
	return octets
}

// parts returns what stands behind the first line: up to and with the empty line, and the rest.
func parts(octets []byte) (section, body []byte) {
	rest := octets[len(line(octets)):]
	for at := 0; at < len(rest); {
		l := line(rest[at:])
		at += len(l)
		if len(bytes.TrimRight(l, "\r\n")) == 0 {
			return rest[:at], rest[at:]
		}
	}
	return rest, nil
}
