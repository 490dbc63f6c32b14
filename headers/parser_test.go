package headers_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// sectionCase is a section and what is to become of it: lines, or an error.
type sectionCase struct {
	in       string
	lenient  wire.Lenient
	want     []string
	admitted wire.Lenient
	rule     wire.Rule
	at       int64
}

const (
	fold = wire.AllowObsFold
	// narrow are the leniencies that admit one deviation each and change the reading of nothing else.
	narrow = wire.AllowReasonControls<<1 - 1
)

var sections = []sectionCase{
	{in: "\r\n"},
	{in: "a: b\r\n\r\n", want: []string{"a: b"}},
	{in: "a:\r\nB: c \r\na:\td\r\n\r\n", want: []string{"a: ", "B: c", "a: d"}},
	{in: "a: b\r\nc d\r\n\r\n", rule: wire.RuleSpaceBeforeColon, at: 7},
	{in: "a: b\r\nc\r\n\r\n", rule: wire.RuleMissingColon, at: 7},
	{in: "a: b\r\n: c\r\n\r\n", rule: wire.RuleFieldName, at: 6},
	{in: "a: b\nc: d\r\n\r\n", rule: wire.RuleBareLF, at: 4},

	// The empty line.
	{in: "\n", rule: wire.RuleBareLF, at: 0},
	{in: "a: b\r\n\n", rule: wire.RuleBareLF, at: 6},
	{in: "a: b\r\n\n", lenient: wire.AllowBareLF, want: []string{"a: b"}, admitted: wire.AllowBareLF},
	{in: "a: b\n\r\n", lenient: wire.AllowBareLF, want: []string{"a: b"}, admitted: wire.AllowBareLF},
	{in: "\r\rX", rule: wire.RuleLineEnd, at: 0},
	{in: "a: b\r\n\rX", rule: wire.RuleLineEnd, at: 6}, // CVE-2023-30589
	{in: "a: b\r\n\rX", lenient: narrow, rule: wire.RuleLineEnd, at: 6},

	// Obs-fold, RFC 9112 section 5.2.
	{in: "a: b\r\n c\r\n\r\n", rule: wire.RuleObsFold, at: 6},
	{in: "a: b\r\n\tc\r\n\r\n", rule: wire.RuleObsFold, at: 6},
	{in: "Transfer-Encoding:\r\n chunked\r\n\r\n", rule: wire.RuleObsFold, at: 20}, // CVE-2022-32215
	{in: "Transfer-Encoding:\r\n chunked\r\n\r\n", lenient: fold, want: []string{"Transfer-Encoding: chunked"}, admitted: fold},
	{in: "a: b\r\n c\r\n\r\n", lenient: fold, want: []string{"a: b c"}, admitted: fold},
	{in: "a: b \t\r\n\t c \r\n\r\n", lenient: fold, want: []string{"a: b c"}, admitted: fold},
	{in: "a: b\r\n c\r\n  d\r\n\te\r\nf: g\r\n h\r\n\r\n", lenient: fold, want: []string{"a: b c d e", "f: g h"}, admitted: fold},
	{in: "a: b\r\n \r\n\r\n", lenient: fold, want: []string{"a: b"}, admitted: fold},
	{in: "a: b\r\n \t\r\n c\r\n\r\n", lenient: fold, want: []string{"a: b c"}, admitted: fold},
	{in: "a:\r\n \r\n\t\r\n\r\n", lenient: fold, want: []string{"a: "}, admitted: fold},
	{in: "a:\r\n \r\n b\r\n \r\nc: d\r\n\r\n", lenient: fold, want: []string{"a: b", "c: d"}, admitted: fold},
	{in: "a: b\r\n c: d\r\n\r\n", lenient: fold, want: []string{"a: b c: d"}, admitted: fold},
	{in: "a: b\n c\r\n\r\n", lenient: fold, rule: wire.RuleBareLF, at: 4},
	{in: "a: b\n c\n\n", lenient: fold | wire.AllowBareLF, want: []string{"a: b c"}, admitted: fold | wire.AllowBareLF},
	{in: "a: b\r\n c\x01\r\n\r\n", lenient: fold, rule: wire.RuleFieldValue, at: 8},

	// Whitespace before the first field line is no fold: it would belong to the start-line.
	{in: " a: b\r\nc: d\r\n\r\n", rule: wire.RuleLeadingSpace, at: 0}, // CVE-2024-27982
	{in: "\ta: b\r\n\r\n", lenient: fold, rule: wire.RuleLeadingSpace, at: 0},
	{in: " a: b\r\nc: d\r\n\r\n", lenient: wire.AllowLeadingSpace, want: []string{"c: d"}, admitted: wire.AllowLeadingSpace},
	{in: " \r\n\t\r\n x\r\n\r\n", lenient: wire.AllowLeadingSpace, admitted: wire.AllowLeadingSpace},
	{in: " a\r\nc: d\r\n e\r\n\r\n", lenient: wire.AllowLeadingSpace, rule: wire.RuleObsFold, at: 10},
	{in: " a\x00\r\nc: d\r\n\r\n", lenient: wire.AllowLeadingSpace, rule: wire.RuleNUL, at: 2},

	// Octets that are replaced.
	{in: "a: b\rc\r\nd: e\r\n\r\n", lenient: wire.AllowBareCR, want: []string{"a: b c", "d: e"}, admitted: wire.AllowBareCR},
	{in: "a: b\rTransfer-Encoding: chunked\r\n\r\n", rule: wire.RuleBareCR, at: 4},
	{in: "a: \x00b\x00\r\n\r\n", lenient: wire.AllowNUL, want: []string{"a: b"}, admitted: wire.AllowNUL},
	{in: "a: b\x01\r\n\r\n", lenient: wire.AllowControls, want: []string{"a: b\x01"}, admitted: wire.AllowControls},
	{in: "a: b\r\r\n \x00c\r\n\r\n", lenient: narrow, want: []string{"a: b  c"}, admitted: fold | wire.AllowBareCR | wire.AllowNUL},
	{in: "a : b\r\n\r\n", lenient: wire.AllowSpaceBeforeColon, want: []string{"a: b"}, admitted: wire.AllowSpaceBeforeColon},
	{in: "Content-Length : 5\r\nTransfer-Encoding\t : chunked\r\n\r\n", lenient: wire.AllowSpaceBeforeColon,
		want: []string{"Content-Length: 5", "Transfer-Encoding: chunked"}, admitted: wire.AllowSpaceBeforeColon},
	{in: "a: b\r\n\r\n", lenient: narrow, want: []string{"a: b"}},
}

func TestParser(t *testing.T) {
	for _, c := range sections {
		got := replay(t, newParser(c.lenient, wire.Limits{}), c.in)
		if c.rule != 0 {
			if got.Err.Rule != c.rule || got.Err.Offset != c.at || got.Err.Found != c.in[c.at:c.at+1] {
				t.Errorf("%q (%v): %v; want one by %q at %d", c.in, c.lenient, got, c.rule.Name(), c.at)
			}
			continue
		}
		want := outcome{Lines: c.want, Next: len(c.in), Admitted: c.admitted}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (%v) (-want +got):\n%s", c.in, c.lenient, diff)
		}
	}
}

// Each leniency that a section can need admits its own deviation and no other.
func TestParserEachLenient(t *testing.T) {
	var bits []wire.Lenient
	for l := narrow; l != 0; l &= l - 1 {
		bits = append(bits, l&-l)
	}
	for _, c := range []struct {
		in   string
		bit  wire.Lenient
		want []string
	}{
		{"a: b\r\n c\r\n\r\n", wire.AllowObsFold, []string{"a: b c"}},
		{" a: b\r\nc: d\r\n\r\n", wire.AllowLeadingSpace, []string{"c: d"}},
		{"a: b\n\r\n", wire.AllowBareLF, []string{"a: b"}},
		{"a: b\r\n\n", wire.AllowBareLF, []string{"a: b"}},
		{"a: b\rc\r\n\r\n", wire.AllowBareCR, []string{"a: b c"}},
		{"a: b\x00c\r\n\r\n", wire.AllowNUL, []string{"a: b c"}},
		{"a: b\x01c\r\n\r\n", wire.AllowControls, []string{"a: b\x01c"}},
		{"a : b\r\n\r\n", wire.AllowSpaceBeforeColon, []string{"a: b"}},
	} {
		for _, set := range append(slices.Clone(bits), 0, narrow, narrow&^c.bit) {
			got := replay(t, newParser(set, wire.Limits{}), c.in)
			if set&c.bit != 0 {
				if !slices.Equal(got.Lines, c.want) || got.Admitted != c.bit {
					t.Errorf("%q with %v: %v; want %q", c.in, set, got, c.want)
				}
			} else if got.Err.Rule.Lenient() != c.bit {
				t.Errorf("%q with %v: %v", c.in, set, got)
			}
		}
	}
}

// Limits hold at the octet, and the outcome is the same for every split.
func TestParserLimits(t *testing.T) {
	line := func(n int) string { return "a: " + strings.Repeat("x", n-5) + "\r\n" } // of n octets
	for _, c := range []struct {
		name    string
		in      string
		limits  wire.Limits
		lenient wire.Lenient
		rule    wire.Rule // 0: it passes
		at      int64
	}{
		{"line", line(20) + "\r\n", wire.Limits{Line: 20}, 0, 0, 0},
		{"line, one over", line(21) + "\r\n", wire.Limits{Line: 20}, 0, wire.RuleLimitLine, 20},
		{"line, no end", line(99), wire.Limits{Line: 20}, 0, wire.RuleLimitLine, 20},
		{"second line, one over", line(20) + line(21) + "\r\n", wire.Limits{Line: 20}, 0, wire.RuleLimitLine, 40},
		{"name, no end", strings.Repeat("n", 99), wire.Limits{Line: 20}, 0, wire.RuleLimitLine, 20},
		{"CR is the last octet allowed", line(20), wire.Limits{Line: 19}, 0, wire.RuleLimitLine, 19},
		{"error within the limit", "a: b\x00" + line(20), wire.Limits{Line: 20}, 0, wire.RuleNUL, 4},
		{"error behind the limit", line(20)[:18] + "xxxxx\x00", wire.Limits{Line: 20}, 0, wire.RuleLimitLine, 20},
		{"folds are lines each", "a: b\r\n " + line(13) + " " + line(13) + "\r\n", wire.Limits{Line: 14}, fold, 0, 0},
		{"fold, one over", "a: b\r\n " + line(14) + "\r\n", wire.Limits{Line: 14}, fold, wire.RuleLimitLine, 20},

		{"section", line(20) + line(20) + "\r\n", wire.Limits{Section: 42}, 0, 0, 0},
		{"section, one over", line(20) + line(21) + "\r\n", wire.Limits{Section: 42}, 0, wire.RuleLimitSection, 42},
		{"section, the empty line over", line(20) + line(22) + "\r\n", wire.Limits{Section: 42}, 0, wire.RuleLimitSection, 42},
		{"section, a line over", line(20) + line(25) + "\r\n", wire.Limits{Section: 42}, 0, wire.RuleLimitSection, 42},
		{"section and line at once", line(21), wire.Limits{Section: 20, Line: 20}, 0, wire.RuleLimitLine, 20},
		{"section before line", line(21), wire.Limits{Section: 19, Line: 20}, 0, wire.RuleLimitSection, 19},
		{"section of dropped lines", strings.Repeat(" x\r\n", 30), wire.Limits{Section: 42}, wire.AllowLeadingSpace, wire.RuleLimitSection, 42},
		{"section of folds", "a:\r\n" + strings.Repeat(" \r\n", 30), wire.Limits{Section: 42}, fold, wire.RuleLimitSection, 42},

		{"fields", line(6) + line(6) + line(6) + "\r\n", wire.Limits{Fields: 3}, 0, 0, 0},
		{"fields, one over", line(6) + line(6) + line(6) + line(6) + "\r\n", wire.Limits{Fields: 3}, 0, wire.RuleLimitFields, 18},
		{"folds are no fields", line(6) + line(6) + " b\r\n c\r\n\r\n", wire.Limits{Fields: 2}, fold, 0, 0},
		{"one field over, malformed", line(6) + line(6) + "\x00", wire.Limits{Fields: 2}, 0, wire.RuleLimitFields, 12},

		{"no limits", line(70_000) + "\r\n", wire.Limits{Line: -1, Section: -1, Fields: -1}, 0, 0, 0},
	} {
		p := newParser(c.lenient, c.limits)
		var got outcome
		if len(c.in) > 1000 {
			got = feed(t, p, new(headers.Fields), c.in, 3, 1, 65_535, 65_536)
		} else {
			got = replay(t, p, c.in)
		}
		if got.Err.Rule != c.rule || got.Err.Offset != c.at || c.rule == 0 && got.Next != len(c.in) {
			t.Errorf("%s: %v; want rule %q at %d", c.name, got, c.rule.Name(), c.at)
		}
		if c.rule.IsLimit() && (got.Err.Element == wire.ElementFieldLine) != (c.rule == wire.RuleLimitLine) {
			t.Errorf("%s: element %q", c.name, got.Err.Element)
		}
	}
}

// The default limits are those of wire.Limits: 16 KiB, 64 KiB and 256 lines.
func TestParserDefaultLimits(t *testing.T) {
	for _, c := range []struct {
		name string
		in   string
		rule wire.Rule
	}{
		{"line", "a: " + strings.Repeat("b", 16<<10), wire.RuleLimitLine},
		{"section", strings.Repeat("a: "+strings.Repeat("b", 1<<10)+"\r\n", 65), wire.RuleLimitSection},
		{"fields", strings.Repeat("a: b\r\n", 257), wire.RuleLimitFields},
	} {
		if got := feed(t, newParser(0, wire.Limits{}), new(headers.Fields), c.in, 0); got.Err.Rule != c.rule {
			t.Errorf("%s: %v; want %q", c.name, got, c.rule.Name())
		}
	}
}

// A trailer section has a limit of its own and its own name in errors.
func TestParserOfTrailers(t *testing.T) {
	p := &headers.Parser{Element: wire.ElementTrailerSection, Line: 100, Section: 10, Fields: 1, SectionRule: wire.RuleLimitTrailer}
	for in, want := range map[string]wire.Rule{
		"a: b\r\na: b\r\n\r\n": wire.RuleLimitFields, "a: bcdefgh\r\n": wire.RuleLimitTrailer, "\rX": wire.RuleLineEnd, "\n": wire.RuleBareLF,
	} {
		got := replay(t, p, in)
		if got.Err.Rule != want || got.Err.Element != wire.ElementTrailerSection || !errors.Is(&got.Err, want) {
			t.Errorf("%q: %v", in, got)
		}
	}
}

// A Parser and a Fields serve one section after the other; nothing of the one before is left.
func TestParserAgain(t *testing.T) {
	p, f := newParser(narrow, wire.Limits{}), new(headers.Fields)
	for _, in := range []string{"a: b\r\n c\r\n\r\n", "d: e\r\n\r\n", "x: \x00\r\ny: z", "a: \r\n b\r\n\r\n", "\r\n"} {
		got := feed(t, p, f, in, 0)
		want := feed(t, newParser(narrow, wire.Limits{}), new(headers.Fields), in, 0)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

// Where a line's value stands, for errors that name it.
func TestFieldsOffset(t *testing.T) {
	f := parsed(t, []byte("GET / HTTP/1.1\r\na: b\r\nlong:  c\r\n\r\n"), 16)
	if f.Offset(0) != 19 || f.Offset(1) != 29 {
		t.Errorf("%d, %d", f.Offset(0), f.Offset(1))
	}
	if got := fields("a: b", "c: d").Offset(1); got != 0 {
		t.Errorf("of a Fields that was not parsed: %d", got)
	}
}
