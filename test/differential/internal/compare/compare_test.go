package compare_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/test/differential/internal/compare"
	"github.com/strata-http/strata/test/differential/internal/lines"
)

func ptr[T any](v T) *T { return &v }

// accepted is a response that was taken.
func accepted(change func(*lines.Result)) lines.Result {
	r := lines.Result{
		Verdict: lines.Accept, Status: ptr(200), Phrase: lines.Of("OK"), Version: "HTTP/1.1", Headers: []lines.Field{{"Content-Length", "1"}, {"A", "b"}},
		Trailers: []lines.Field{}, Body: ptr([]byte("x")), Reusable: ptr(true), Interim: []int{}, Leftover: ptr([]byte{}),
	}
	if change != nil {
		change(&r)
	}
	return r
}

// TestDifferences: each part that is told and differs is a group of its own, and what is not told is none.
func TestDifferences(t *testing.T) {
	client, server := lines.Case{Side: lines.Client}, lines.Case{Side: lines.Server}
	refused := lines.Result{Verdict: lines.Reject, Rule: "bare-lf"}
	group := func(side, rule, key, detail string) compare.Group {
		return compare.Group{Side: side, Rule: rule, Key: key, Engine: "e", Detail: detail}
	}
	for _, tt := range []struct {
		name          string
		c             lines.Case
		strata, other lines.Result
		want          []compare.Group
	}{
		{"same", client, accepted(nil), accepted(nil), nil},
		{"nothing told", client, accepted(nil), lines.Result{Verdict: lines.Accept}, nil},
		{"skipped", client, accepted(nil), lines.Result{Skip: "cannot"}, nil},
		{"both refuse", client, refused, lines.Result{Verdict: lines.Hang}, nil},
		{"stricter", client, refused, accepted(nil), []compare.Group{group("client", "bare-lf", "verdict", "")}},
		{"laxer", client, accepted(nil), lines.Result{Verdict: lines.Reject, Reason: "no"}, []compare.Group{group("client", "accept", "verdict", "no")}},
		{"waits", server, lines.Result{Verdict: lines.Hang}, lines.Result{Verdict: lines.Reject}, []compare.Group{group("server", "hang", "wait", "")}},
		{"ends", client, accepted(nil), lines.Result{Verdict: lines.Crash}, []compare.Group{group("client", "accept", "crash", "")}},
		{"another message", client, accepted(nil), accepted(func(r *lines.Result) { r.Status, r.Body = ptr(100), nil }), []compare.Group{group("client", "accept", "status", "")}},
		{"body", client, accepted(nil), accepted(func(r *lines.Result) { r.Body = ptr([]byte("y")) }), []compare.Group{group("client", "accept", "body", "Content-Length")}},
		{"order and steering fields", client, accepted(nil), accepted(func(r *lines.Result) { r.Headers = []lines.Field{{"a", "b"}, {"Connection", "x"}} }), nil},
		{"a field", client, accepted(nil), accepted(func(r *lines.Result) { r.Headers[1][1] = "c" }), []compare.Group{group("client", "accept", "headers", "")}},
		{"reuse behind an excess", client, accepted(func(r *lines.Result) { r.MoreRule, r.Reusable = "unsolicited", ptr(false) }), accepted(nil),
			[]compare.Group{group("client", "unsolicited", "reusable", "Content-Length")}},
		{"messages", server, accepted(func(r *lines.Result) { r.Messages = ptr(2) }), accepted(func(r *lines.Result) { r.Messages = ptr(1) }),
			[]compare.Group{group("server", "accept", "messages", "Content-Length")}},
	} {
		if diff := cmp.Diff(tt.want, compare.Differences(tt.c, tt.strata, tt.other, "e")); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tt.name, diff)
		}
	}
	split := lines.Result{Verdict: lines.Reject, Rule: "nul"}
	if got := compare.Exactly(client, refused, split, "e"); len(got) != 1 || got[0].Key != "split" {
		t.Errorf("another rule when split: %v", got)
	}
}

// TestTally: the shortest example is kept.
func TestTally(t *testing.T) {
	tally, g := compare.Tally{}, compare.Group{Rule: "r"}
	for _, octets := range []string{"longer", "short", "longest"} {
		tally.Add(g, lines.Case{Octets: []byte(octets)})
	}
	if e := tally.Entries()[0]; e.Count != 3 || string(e.Example.Octets) != "short" {
		t.Errorf("%+v", e)
	}
}

// TestMinimise: what matters is left.
func TestMinimise(t *testing.T) {
	c := lines.Case{Octets: []byte("GET / HTTP/1.1\r\nHost: h\r\n\r\n")}
	got := compare.Minimise(c, 300, func(c lines.Case) bool { return bytes.Contains(c.Octets, []byte("Host")) })
	if string(got.Octets) != "Host" || len(c.Octets) < 20 {
		t.Errorf("%q of %q", got.Octets, c.Octets)
	}
}
