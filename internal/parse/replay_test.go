package parse_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/parse"
	"github.com/strata-http/strata/wire"
)

// summary writes a result as the tables of this package have it: the verdict with its rule, what is known of the first
// message, then what is out of the ordinary: more than one message, interim responses, "reusable".
func summary(r *parse.Result) string {
	var parts []string
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	add("%s", r.Verdict)
	if r.Rule != "" {
		add("%s", r.Rule)
	}
	for _, status := range r.Interim {
		add("(%d)", status)
	}
	switch {
	case r.Status != nil:
		add("%s %d %s", r.Version, *r.Status, *r.Reason)
	case r.Method != nil:
		add("%s %s %s", *r.Method, *r.Target, r.Version)
	}
	if r.Host != nil {
		add("host=%s", *r.Host)
	}
	fields := func(fields []parse.Field) {
		var lines []string
		for _, f := range fields {
			lines = append(lines, string(f[0])+": "+string(f[1]))
		}
		if len(lines) > 0 {
			add("{%s}", strings.Join(lines, " | "))
		}
	}
	fields(r.Headers)
	if len(r.Body) > 0 {
		add("%q", r.Body)
	}
	if len(r.Trailers) > 0 {
		add("trailers")
	}
	fields(r.Trailers)
	for _, m := range r.More {
		if m.Status != nil {
			add("+%d", *m.Status)
		} else {
			add("+%s %s", *m.Method, *m.Target)
		}
		if len(m.Body) > 0 {
			add("%q", m.Body)
		}
	}
	if r.MoreRule != "" {
		add("more-rule=%s", r.MoreRule)
	}
	if len(r.Leftover) > 0 {
		add("leftover=%q", r.Leftover)
	}
	if r.Reusable {
		add("reusable")
	}
	return strings.Join(parts, " ")
}

// messages is how many messages a summary stands for.
func messages(r *parse.Result) int {
	if r.Verdict != parse.Accept {
		return 0
	}
	return 1 + len(r.More)
}

// splits are the segmentations under which every input is read.
var splits = []int{0, 1, 2, 3, 7}

// testCase is octets of a peer and what the specifications make of them.
type testCase struct {
	name    string // with the section that decides
	methods string // of the outstanding requests, with spaces between them
	in      string
	eof     bool
	want    string
	at      int64 // the offset of the error; 0 is not looked at
}

// test reads a case under every segmentation.
func (tt *testCase) test(t *testing.T, side conn.Role, o parse.Options) {
	t.Helper()
	c := parse.Case{Side: side, Octets: []byte(tt.in), EOF: tt.eof, Methods: strings.Fields(tt.methods)}
	var whole *parse.Result
	for _, o.Split = range splits {
		r, err := parse.Run(c, o)
		if err != nil {
			t.Fatal(err)
		}
		if whole == nil {
			whole = r
			if got := summary(r); got != tt.want {
				t.Errorf("\n got %s\nwant %s\n%s%s", got, tt.want, r.Error, r.MoreError)
			}
			if r.Messages != messages(r) || (r.Error != "") != (r.Verdict == parse.Reject) {
				t.Errorf("%d messages, error %q", r.Messages, r.Error)
			}
			if tt.at != 0 && (r.Offset == nil || *r.Offset != tt.at) {
				t.Errorf("offset %v, want %d: %s", r.Offset, tt.at, r.Error)
			}
		} else if diff := cmp.Diff(whole, r, cmpopts.IgnoreFields(parse.Result{}, "Err")); diff != "" {
			t.Errorf("split in %d (-whole +split):\n%s", o.Split, diff)
		}
	}
	// What has not come yet can never be what a prefix is accused of: cut short, the outcome may only be less.
	for n := range len(tt.in) {
		c.Octets, c.EOF, o.Split = []byte(tt.in[:n]), false, 0
		r, err := parse.Run(c, o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict == parse.Reject && whole.Verdict != parse.Reject {
			t.Errorf("the first %d octets are rejected: %s", n, r.Error)
		}
		if c.EOF = true; r.Verdict == parse.Accept {
			continue
		}
		if r, err = parse.Run(c, o); err != nil || r.Verdict == parse.Hang {
			t.Errorf("the first %d octets, and closed: %s, %v", n, r.Verdict, err)
		}
	}
}

// testAll runs a table.
func testAll(t *testing.T, side conn.Role, o parse.Options, table []testCase) {
	for i := range table {
		t.Run(strconv.Itoa(i)+" "+table[i].name, func(t *testing.T) { table[i].test(t, side, o) })
	}
}

// TestOptions: each leniency and limit reaches the engine.
func TestOptions(t *testing.T) {
	lenient := func(l wire.Lenient) parse.Options { return parse.Options{Lenient: l} }
	limits := func(l wire.Limits) parse.Options { return parse.Options{Limits: l} }
	for _, tt := range []struct {
		side conn.Role
		o    parse.Options
		testCase
	}{
		{conn.Client, lenient(wire.AllowMissingReason), testCase{in: "HTTP/1.1 204\r\n\r\n", want: "accept HTTP/1.1 204  reusable"}},
		{conn.Client, lenient(wire.AllowNUL), testCase{in: "HTTP/1.1 204\r\n\r\n", want: "reject missing-reason"}},
		{conn.Client, lenient(wire.AllowHTTP09), testCase{in: "hi", eof: true, want: "accept HTTP/0.9 200  \"hi\""}},
		{conn.Client, lenient(wire.LenientHTTPClient), testCase{in: "HTTP/1.1 204\nA: a\x00b\n\n", want: "accept HTTP/1.1 204  {A: a b} reusable"}},
		{conn.Server, lenient(wire.AllowObsFold), testCase{in: "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n", want: "accept GET / HTTP/1.1 host=a {Host: a | A: b c} reusable"}},
		{conn.Server, lenient(wire.AllowMissingHost), testCase{in: "GET / HTTP/1.1\r\n\r\n", want: "accept GET / HTTP/1.1 reusable"}},
		{conn.Server, limits(wire.Limits{Line: 10}), testCase{in: get, want: "reject limit-line"}},
		{conn.Server, limits(wire.Limits{Section: 10}), testCase{in: get, want: "reject limit-section"}},
		{conn.Client, limits(wire.Limits{Fields: 1}), testCase{in: ok + "A:\r\nContent-Length: 0\r\n\r\n", want: "reject limit-fields"}},
		{conn.Client, limits(wire.Limits{Trailer: 5}), testCase{in: chunked + "0\r\nA: bcd\r\n\r\n", want: "reject limit-trailer HTTP/1.1 200 OK {Transfer-Encoding: chunked}"}},
		{conn.Client, limits(wire.Limits{Content: 4}), testCase{in: ok5, want: "reject limit-content"}},
		{conn.Client, limits(wire.Limits{ChunkOverhead: 1}), testCase{in: chunked + "0;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n", want: "reject limit-chunk-overhead HTTP/1.1 200 OK {Transfer-Encoding: chunked}"}},
		{conn.Client, limits(wire.Limits{Interim: 1}), testCase{in: "HTTP/1.1 100 \r\n\r\nHTTP/1.1 100 \r\n\r\n", want: "reject limit-interim (100)"}},
	} {
		t.Run(tt.want, func(t *testing.T) { tt.test(t, tt.side, tt.o) })
	}
}

// FuzzRun: the outcome is the same for every segmentation, and a connection that has closed leaves nothing to wait for.
func FuzzRun(f *testing.F) {
	for _, tt := range responses {
		f.Add([]byte(tt.in), tt.methods, false, tt.eof, uint8(1))
	}
	for _, tt := range requests {
		f.Add([]byte(tt.in), "", true, tt.eof, uint8(2))
	}
	f.Fuzz(func(t *testing.T, octets []byte, methods string, server, eof bool, split uint8) {
		c := parse.Case{Octets: octets, EOF: eof, Methods: strings.Fields(methods)}
		if server {
			c.Side = conn.Server
		}
		whole, err := parse.Run(c, parse.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if eof && whole.Verdict == parse.Hang || (whole.Verdict == parse.Accept) != (whole.Messages > 0) {
			t.Errorf("%s, %d messages", whole.Verdict, whole.Messages)
		}
		pieces, err := parse.Run(c, parse.Options{Split: int(split)})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(whole, pieces, cmpopts.IgnoreFields(parse.Result{}, "Err")); diff != "" {
			t.Errorf("(-whole +split):\n%s", diff)
		}
	})
}
