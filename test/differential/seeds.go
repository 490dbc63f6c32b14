package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"

	"github.com/strata-http/strata/test/conformance"
	"github.com/strata-http/strata/test/differential/internal/lines"
)

// found are cases that this command has found worth keeping, a case a line as in docs/parse.md.
//
//go:embed testdata/found.jsonl
var found embed.FS

// seeds returns the cases that generation begins with: those of the conformance suite that are about one outstanding
// request, and those that were found.
func seeds() ([]lines.Case, error) {
	suite, err := conformance.All()
	if err != nil {
		return nil, err
	}
	var all []lines.Case
	for _, c := range suite {
		if c.Direction != conformance.Receive || len(c.Methods) > 1 || len(c.Octets) > 4<<10 {
			continue
		}
		seed := lines.Case{Side: c.Role, Octets: c.Octets, EOF: c.EOF}
		if len(c.Methods) == 1 {
			seed.Method = c.Methods[0]
		}
		all = append(all, seed)
	}
	text, err := found.ReadFile("testdata/found.jsonl")
	if err != nil {
		return nil, err
	}
	for i, line := range bytes.Split(bytes.TrimSpace(text), []byte("\n")) {
		var c lines.Case
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, fmt.Errorf("testdata/found.jsonl, line %d: %w", i+1, err)
		}
		all = append(all, c)
	}
	return all, nil
}
