package main

//go:generate go run . --docs ../../docs/differences.md

import (
	"slices"
	"strings"

	"github.com/strata-http/strata/test/differential/internal/compare"
	"github.com/strata-http/strata/test/differential/internal/lines"
)

// row explains groups: who differs, who is right, and why Strata stays as it is.
type row struct {
	side    string   // "" for both
	rules   []string // by which Strata refuses, or [compare.Accepted], [compare.Waits]; nil for any
	keys    []string // nil for any
	engines []string
	details []string // how Details begin; nil for any
	law     string   // the section that rules
	why     string

	// A case that shows it.
	example string
	method  string
	open    bool // the connection stays open behind the octets
}

// The engines.
const (
	nethttp  = "net/http"
	fasthttp = "fasthttp"
	node     = "node"
	h11      = "h11"
	python   = "http.client"
)

// accepted is what row.rules is where Strata takes the message.
var accepted = []string{compare.Accepted}

// known are all groups that have been explained. The first row that covers a group is the one.
var known = slices.Concat(refusedHeads, refusedFraming, takenHeads, takenFraming, bothTake, consequences)

// explain returns the first row of known that a group belongs to, or nil.
func explain(g compare.Group) *row {
	for i := range known {
		if known[i].covers(g) {
			return &known[i]
		}
	}
	return nil
}

func (r *row) covers(g compare.Group) bool {
	return (r.side == "" || r.side == g.Side) && has(r.rules, g.Rule) && has(r.keys, g.Key) && has(r.engines, g.Engine) &&
		(r.details == nil || slices.ContainsFunc(r.details, func(d string) bool { return strings.HasPrefix(g.Detail, d) }))
}

// has reports whether s is in list, or there is no list.
func has(list []string, s string) bool { return list == nil || slices.Contains(list, s) }

// shows returns the case that shows r.
func (r *row) shows() lines.Case {
	side := r.side
	if side == "" {
		side = sideOf(r.example)
	}
	return lines.Case{Side: side, Octets: []byte(r.example), EOF: !r.open, Method: r.method}
}
