package headers_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Lines that are no field lines, dropped alone or with all that follows.
func TestParserDropsLines(t *testing.T) {
	const (
		skip = wire.AllowBadLineSkipped
		ends = wire.AllowBadLineEnds
	)
	for _, c := range []sectionCase{
		{in: "a: b\r\nbad\r\nc: d\r\n\r\n", lenient: skip, want: []string{"a: b", "c: d"}, admitted: skip},
		{in: "bad\r\nGET / HTTP/1.1\r\n: x\r\nc: d\r\n\r\n", lenient: skip, want: []string{"c: d"}, admitted: skip},
		{in: "b\x00d\rx: y\r\nc: d\r\n\r\n", lenient: skip, want: []string{"c: d"}, admitted: skip},
		{in: "Content-Length : 5\r\n\r\n", lenient: skip, admitted: skip},
		{in: "a : b\r\n\r\n", lenient: skip | wire.AllowSpaceBeforeColon, want: []string{"a: b"}, admitted: wire.AllowSpaceBeforeColon},
		{in: "a(: b\r\n\r\n", lenient: skip | wire.AllowLooseName, want: []string{"a(: b"}, admitted: wire.AllowLooseName},
		{in: "bad\n\r\n", lenient: skip, rule: wire.RuleBareLF, at: 3},
		{in: "bad\nc: d\r\n\r\n", lenient: skip | wire.AllowBareLF, want: []string{"c: d"}, admitted: skip | wire.AllowBareLF},
		// What is wrong with a value is no reason to drop its line.
		{in: "a: b\x00\r\n\r\n", lenient: skip | ends, rule: wire.RuleNUL, at: 4},
		{in: "a: b\rc\r\n\r\n", lenient: skip | ends, rule: wire.RuleBareCR, at: 4},
		// The folds of a dropped line go with it; they do not become a part of the line before.
		{in: "a: b\r\nbad\r\n c\r\n\r\n", lenient: skip, rule: wire.RuleObsFold, at: 11},
		{in: "a: b\r\nbad\r\n c\r\n d\r\ne: f\r\n g\r\n\r\n", lenient: skip | fold, want: []string{"a: b", "e: f g"}, admitted: skip | fold},
		{in: "bad\r\n\tc: d\r\ne: f\r\n\r\n", lenient: skip | fold, want: []string{"e: f"}, admitted: skip | fold},

		{in: "a: b\r\nbad\r\nc: d\r\n e\r\n:\r\n\x00\r\n\r\n", lenient: ends, want: []string{"a: b"}, admitted: ends},
		{in: "bad\r\n\r\n", lenient: ends, admitted: ends},
		// Dropped alone: a line without a name, and the one that a mailbox puts before a message.
		{in: "a: b\r\n: x\r\nc: d\r\n\r\n", lenient: ends, want: []string{"a: b", "c: d"}, admitted: ends},
		{in: "From me\r\nc: d\r\nFrom\r\ne: f\r\n\r\n", lenient: ends, want: []string{"c: d"}, admitted: ends},
		{in: ":\r\n x\r\nc: d\r\n\r\n", lenient: ends | fold, want: []string{"c: d"}, admitted: ends | fold},
		{in: "bad\r\nc: d\n\r\n", lenient: ends, rule: wire.RuleBareLF, at: 9},
		{in: "bad\r\n\rX", lenient: ends, rule: wire.RuleLineEnd, at: 5},
		{in: "bad\r\nc: d\r\n\r\n", lenient: ends | skip, want: []string{"c: d"}, admitted: skip},
		{in: "a: b\r\n\r\n", lenient: ends | skip, want: []string{"a: b"}},
	} {
		got := replay(t, newParser(c.lenient, wire.Limits{}), c.in)
		want := outcome{Lines: c.want, Next: len(c.in), Admitted: c.admitted}
		if c.rule != 0 {
			got.Err.Found, got.Err.Element = "", ""
			want = outcome{Err: wire.SyntaxError{Rule: c.rule, Offset: c.at}}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (%v) (-want +got):\n%s", c.in, c.lenient, diff)
		}
	}
}

// Lines that are dropped count against the limits on octets.
func TestParserDropsLinesWithinLimits(t *testing.T) {
	for _, l := range []wire.Lenient{wire.AllowBadLineSkipped, wire.AllowBadLineEnds} {
		limits := wire.Limits{Line: 10, Section: 25}
		if got := replay(t, newParser(l, limits), "12345678\r\n12345678\r\n\r\n"); got.Next != 22 {
			t.Errorf("%v: %v", l, got)
		}
		if got := replay(t, newParser(l, limits), "12345678\r\n123456789\r\n\r\n"); got.Err.Rule != wire.RuleLimitLine || got.Err.Offset != 20 {
			t.Errorf("%v: %v", l, got)
		}
		if got := replay(t, newParser(l, limits), "12345678\r\n12345678\r\n1234\r\n\r\n"); got.Err.Rule != wire.RuleLimitSection || got.Err.Offset != 25 {
			t.Errorf("%v: %v", l, got)
		}
	}
}

func TestParserDeviations(t *testing.T) {
	in := "start-line\r\n a: b\r\nc : d\r\ne: f\rg\r\nh : i\x00\n\n"
	p := newParser(narrow, wire.Limits{})
	want := []wire.Deviation{
		{Lenient: wire.AllowLeadingSpace, Offset: 12}, {Lenient: wire.AllowSpaceBeforeColon, Offset: 19},
		{Lenient: wire.AllowBareCR, Offset: 26}, {Lenient: wire.AllowBareLF, Offset: 34}, {Lenient: wire.AllowNUL, Offset: 34},
	}
	f := new(headers.Fields)
	p.Start(12)
	for n := 12; n <= len(in); n++ {
		if _, ok, err := p.Parse(f, []byte(in[:n])); err != nil || ok != (n == len(in)) {
			t.Fatalf("%q: %v, %v", in[:n], ok, err)
		}
	}
	if diff := cmp.Diff(want, p.Deviations()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	p.Start(0)
	if got := p.Deviations(); len(got) != 0 {
		t.Errorf("at the next section: %v", got)
	}
}

func TestControlAdmit(t *testing.T) {
	const (
		bad   = wire.AllowBadLength
		many  = wire.AllowManyLengths
		close = wire.AllowCloseSubstring
	)
	for _, c := range []struct {
		lines   []string
		lenient wire.Lenient
		length  int64
		rule    wire.Rule
		framed  bool // there still is a Content-Length
		close   bool
		used    wire.Lenient
	}{
		{[]string{"Content-Length: 5"}, wire.LenientAll, 5, 0, true, false, 0},
		{[]string{"Content-Length: 5", "Content-Length: 5"}, wire.LenientAll, 5, 0, true, false, 0},
		{nil, wire.LenientAll, -1, 0, false, false, 0},

		{[]string{"Content-Length: x"}, bad, -1, 0, false, false, bad},
		{[]string{"Content-Length: -5"}, bad, -1, 0, false, false, bad},
		{[]string{"Content-Length: "}, bad, -1, 0, false, false, bad},
		{[]string{"Content-Length: 99999999999999999999"}, wire.LenientAll, -1, wire.RuleContentLength, true, false, 0}, // a number all the same
		{[]string{"Content-Length: 5, 6"}, bad, -1, 0, false, false, bad},
		{[]string{"Content-Length: 5,"}, bad, -1, 0, false, false, bad},
		{[]string{"Content-Length: x, 5"}, bad, -1, 0, false, false, bad},
		{[]string{"Content-Length: 5", "Content-Length: x"}, bad, 5, 0, true, false, bad},
		{[]string{"Content-Length: x"}, many | close, -1, wire.RuleContentLength, true, false, 0},
		{[]string{"Content-Length: 5", "Content-Length: 6"}, bad | close, 5, wire.RuleContentLengths, true, false, 0},

		{[]string{"Content-Length: 5", "Content-Length: 6"}, many, 5, 0, true, false, many},
		{[]string{"Content-Length: 5", "A: b", "Content-Length: x"}, many, 5, 0, true, false, many},
		{[]string{"Content-Length: x", "Content-Length: 5"}, many, -1, wire.RuleContentLength, true, false, many},
		{[]string{"Content-Length: x", "Content-Length: 5"}, many | bad, -1, 0, false, false, many | bad},
		{[]string{"Content-Length: 5, 6"}, many, 5, wire.RuleContentLengths, true, false, 0}, // one field line

		{[]string{"Connection: x-close-y"}, close, -1, 0, false, true, close},
		{[]string{"Connection: a", "connection: bCLOSE"}, close, -1, 0, false, true, close},
		{[]string{"Connection: close"}, close, -1, 0, false, true, 0},
		{[]string{"Connection: clos, e"}, close, -1, 0, false, false, 0},
		{[]string{"Connection: x-close-y"}, bad | many, -1, 0, false, false, 0},
	} {
		f := fields(c.lines...)
		ctl := f.Control()
		used := ctl.Admit(f, c.lenient)
		if used != c.used || ctl.ContentLength != c.length || ctl.Length.Rule != c.rule ||
			(ctl.LengthLine() >= 0) != c.framed || ctl.Close != c.close {
			t.Errorf("%q with %v: used %v, %+v", c.lines, c.lenient, used, ctl)
		}
		if again := ctl; again.Admit(f, 0) != 0 || again != ctl {
			t.Errorf("%q, strict: %+v", c.lines, again)
		}
	}
}
