package body_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/wire"
)

// narrow are the leniencies that admit one deviation each and change the reading of nothing else.
const narrow = wire.AllowReasonControls<<1 - 1

func TestDecoder(t *testing.T) {
	for _, c := range []struct {
		stream
		log  []string
		used int
	}{
		{stream{framing: body.Framing{}}, []string{"end"}, 0},
		{stream{framing: body.Framing{}, in: "other", eof: true}, []string{"end"}, 0},
		{stream{framing: body.Framing{Mode: body.Tunnel}, in: "other"}, []string{"end"}, 0},
		{stream{framing: length(0), in: "other"}, []string{"end"}, 0},
		{stream{framing: length(5), in: "hello"}, []string{"content hello", "end"}, 5},
		{stream{framing: length(5), in: "hello", eof: true}, []string{"content hello", "end"}, 5},
		{stream{framing: length(5), in: "hello, and more"}, []string{"content hello", "end"}, 5},
		{stream{framing: closeDelimit, eof: true}, []string{"end"}, 0},
		{stream{framing: closeDelimit, in: "hello\r\n\x00", eof: true}, []string{"content hello\r\n\x00", "end"}, 8},
		{stream{framing: chunked, in: "0\r\n\r\n"}, []string{"chunk 0", "end"}, 5},
		{stream{framing: chunked, in: "5\r\nhello\r\n0\r\n\r\n"}, []string{"chunk 5", "content hello", "chunk 0", "end"}, 15},
		{
			stream{framing: chunked, in: "3;a=\"b;c\" ; d\r\nhel\r\n002\r\nlo\r\n000;last\r\nA: b\r\nc:  d \r\n\r\nrest"},
			[]string{`chunk 3;a="b;c" ; d`, "content hel", "chunk 2", "content lo", "chunk 0;last", "trailer A: b", "trailer c: d", "end"}, 55,
		},
		{
			stream{framing: chunked, in: "2\r\n\r\n\r\n2\r\n0\r\r\n0\r\n\r\n"}, // content that looks like framing
			[]string{"chunk 2", "content \r\n", "chunk 2", "content 0\r", "chunk 0", "end"}, 19,
		},
		{
			stream{framing: chunked, in: "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n"},
			[]string{"chunk 10", "content 0123456789", "chunk 10", "content 0123456789", "chunk 0", "end"}, 35,
		},
	} {
		got := replay(t, c.stream)
		if diff := cmp.Diff(outcome{Log: c.log, Used: c.used, Over: true}, got); diff != "" {
			t.Errorf("%v, %q (-want +got):\n%s", c.framing.Mode, c.in, diff)
		}
	}
}

// Framing that has been read in two ways by two recipients. The log stands at where the error came.
func TestDecoderChunkTorture(t *testing.T) {
	for _, c := range []struct {
		in   string
		rule wire.Rule
		at   int64
	}{
		{"2\r\nhiXX0\r\n\r\n", wire.RuleChunkEnd, 5}, // CVE-2025-43859
		{"2\r\nhi0\r\n\r\n", wire.RuleChunkEnd, 5},
		{"2\r\nhi\rX0\r\n\r\n", wire.RuleChunkEnd, 5},
		{"2\nhi\r\n0\r\n\r\n", wire.RuleChunkBareLF, 1},
		{"2\r\nhi\n0\r\n\r\n", wire.RuleChunkBareLF, 5},
		{"2;a\nb\r\nhi\r\n0\r\n\r\n", wire.RuleChunkBareLF, 3}, // CVE-2025-22871
		{"2;a=\"\n\"\r\nhi\r\n0\r\n\r\n", wire.RuleChunkExt, 5},
		{"2\rX\nhi\r\n0\r\n\r\n", wire.RuleLineEnd, 1},
		{"2;a\rb\r\nhi\r\n0\r\n\r\n", wire.RuleLineEnd, 3},
		{"2 \r\nhi\r\n0\r\n\r\n", wire.RuleChunkSpace, 1},
		{"2 2\r\nhi\r\n0\r\n\r\n", wire.RuleChunkSize, 2},
		{"\r\nhi\r\n0\r\n\r\n", wire.RuleChunkSize, 0},
		{";a\r\n0\r\n\r\n", wire.RuleChunkSize, 0},
		{"0x2\r\nhi\r\n0\r\n\r\n", wire.RuleChunkSize, 1},
		{"+2\r\nhi\r\n0\r\n\r\n", wire.RuleChunkSize, 0},
		{"-1\r\n", wire.RuleChunkSize, 0},
		{"2_0\r\n", wire.RuleChunkSize, 1},
		{"\u0662\r\n", wire.RuleChunkSize, 0},
		{"10000000000000002\r\nhi\r\n0\r\n\r\n", wire.RuleChunkSizeRange, 16}, // 65 bits: CVE-2021-32714
		{"8000000000000000\r\n", wire.RuleChunkSizeRange, 15},
		{"2;\r\nhi\r\n0\r\n\r\n", wire.RuleChunkExt, 2},
		{"2;=a\r\nhi\r\n0\r\n\r\n", wire.RuleChunkExt, 2},
		{"2\r\nhi\r\n\r\n", wire.RuleChunkSize, 7},
		{"2\r\nhi\r\nGET / HTTP/1.1\r\n", wire.RuleChunkSize, 7},
		{"0\r\n\n", wire.RuleBareLF, 3},
		{"0\r\n\rX", wire.RuleLineEnd, 3},
		{"0\r\nA : b\r\n\r\n", wire.RuleSpaceBeforeColon, 4},
		{"0\r\n A: b\r\n\r\n", wire.RuleLeadingSpace, 3},
		{"0\r\nA: b\r\n c\r\n\r\n", wire.RuleObsFold, 9},
		{"0\r\nA: b\rC\r\n\r\n", wire.RuleBareCR, 7},
		{"0\r\nA\r\n\r\n", wire.RuleMissingColon, 4},
	} {
		got := replay(t, stream{framing: chunked, in: c.in})
		if got.Err.Rule != c.rule || got.Err.Offset != c.at || got.Err.Found != c.in[c.at:c.at+1] {
			t.Errorf("%q: %v; want %q at %d", c.in, got, c.rule.Name(), c.at)
		}
	}
}

// The leniencies of the chunked coding, one by one, and what each of them leaves refused.
func TestDecoderLenient(t *testing.T) {
	end := []string{"chunk 2", "content hi", "chunk 0", "end"}
	for _, c := range []struct {
		in      string
		lenient wire.Lenient
		log     []string
		rule    wire.Rule
	}{
		{"2\nhi\n0\n\r\n", wire.AllowChunkBareLF, end, 0},
		{"2\nhi\r\n0\r\n\n", wire.AllowChunkBareLF, nil, wire.RuleBareLF},
		{"2\r\nhi\r\n0\r\n\n", wire.AllowBareLF, end, 0},
		{"2\r\nhi\n0\r\n\r\n", wire.AllowBareLF, nil, wire.RuleChunkBareLF},
		{"2 \t\r\nhi\r\n0 \r\n\r\n", wire.AllowChunkSpace, end, 0},
		{"2 \nhi\r\n0\r\n\r\n", wire.AllowChunkSpace, nil, wire.RuleChunkBareLF},
		{"2\r\nhi \r\n0\r\n\r\n", narrow, nil, wire.RuleChunkEnd},
		{"2;;\r\nhi\r\n0\r\n\r\n", wire.AllowLooseChunkExt, []string{"chunk 2;;", "content hi", "chunk 0", "end"}, 0},
		{"2,\r\nhi\r\n0\r\n\r\n", wire.LenientAll, nil, wire.RuleChunkSize},
		{"2\r\nhi\r\n0\r\nA: b\r\n c\r\n\r\n", wire.AllowObsFold, []string{"chunk 2", "content hi", "chunk 0", "trailer A: b c", "end"}, 0},
	} {
		got := replay(t, stream{framing: chunked, in: c.in, lenient: c.lenient})
		if c.rule != 0 && got.Err.Rule != c.rule {
			t.Errorf("%q with %v: %v; want %q", c.in, c.lenient, got, c.rule.Name())
		} else if c.rule == 0 && (!slices.Equal(got.Log, c.log) || got.Admitted != c.lenient) {
			t.Errorf("%q with %v: %v; want %q", c.in, c.lenient, got, c.log)
		}
	}
}

// With that leniency the end of the connection ends a trailer section, and nothing else.
func TestDecoderTrailerEOF(t *testing.T) {
	const in = "2\r\nhi\r\n0\r\nA: b\r\nc: d"
	for n := range len(in) + 1 {
		s := stream{framing: chunked, in: in[:n], eof: true, lenient: wire.AllowTrailerEOF}
		got := replay(t, s)
		want := outcome{Log: []string{"chunk 2", "content hi", "chunk 0", "end"}, Used: n, Admitted: wire.AllowTrailerEOF, Over: true}
		if n < len("2\r\nhi\r\n0\r\n") {
			if got.Err.Rule != wire.RuleIncompleteContent || got.Err.Offset != int64(n) {
				t.Errorf("%q: %v", in[:n], got)
			}
		} else if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in[:n], diff)
		}
		if got.Err.Rule == 0 {
			s.lenient = wire.LenientAll &^ wire.AllowTrailerEOF
			if got := replay(t, s); got.Err.Rule != wire.RuleIncompleteContent || got.Err.Element != wire.ElementTrailerSection {
				t.Errorf("%q with %v: %v", in[:n], s.lenient, got)
			}
		}
	}
	s := stream{framing: chunked, in: in + "\x00", eof: true, lenient: wire.AllowTrailerEOF}
	if got := replay(t, s); got.Err.Rule != wire.RuleNUL {
		t.Errorf("%v", got)
	}
}

// Each leniency is told by the call that is the first to need it, with its place in that call's data.
func TestDecoderDeviations(t *testing.T) {
	var d body.Decoder
	limits := wire.Limits{}.Resolved()
	if err := d.Start(chunked, &limits, narrow); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		data string
		want []wire.Deviation
	}{
		{"1 \r\n", []wire.Deviation{{Lenient: wire.AllowChunkSpace, Offset: 0}}},
		{"x", nil},
		{"\n1 \n", []wire.Deviation{{Lenient: wire.AllowChunkBareLF, Offset: 0}}},
		{"x\r\n0 \n", nil},
		{"A : b\r\n\n", []wire.Deviation{{Lenient: wire.AllowBareLF, Offset: 0}, {Lenient: wire.AllowSpaceBeforeColon, Offset: 0}}},
	} {
		for at := 0; at < len(c.data); {
			n, _, err := d.Next([]byte(c.data[at:]), false)
			if err != nil {
				t.Fatalf("%q: %v", c.data, err)
			}
			got := slices.Clone(d.Deviations())
			if at == 0 && !cmp.Equal(c.want, got, cmpopts.EquateEmpty()) || at > 0 && len(got) > 0 {
				t.Errorf("%q at %d: %v; want %v at first", c.data, at, got, c.want)
			}
			at += n
		}
	}
}

// What one message needed is not told of the next, whatever its framing.
func TestDecoderForgets(t *testing.T) {
	var d body.Decoder
	first := stream{framing: chunked, in: "0 \r\nA : b\r\n\r\n", lenient: narrow}
	if got := decode(t, &d, first, 0); got.Admitted != wire.AllowChunkSpace|wire.AllowSpaceBeforeColon {
		t.Errorf("%v", got)
	}
	for _, s := range []stream{
		{framing: length(1), in: "x"}, {framing: chunked, in: "0\r\n\r\n"}, {framing: closeDelimit, eof: true}, {},
	} {
		if got := decode(t, &d, s, 0); got.Admitted != 0 || d.Trailers.Len() != 0 || !got.Over {
			t.Errorf("%v: %v, trailers %q", s.framing.Mode, got, d.Trailers.String())
		}
	}
}

// Wherever the connection ends, the content is either complete or known not to be.
func TestDecoderEOFAtEveryOctet(t *testing.T) {
	for _, c := range []struct {
		framing body.Framing
		in      string
	}{
		{length(5), "hello"},
		{length(1 << 40), "hello"}, // and nothing is allocated for what is claimed: CVE-2025-13836
		{closeDelimit, "hello"},
		{chunked, "3;a=\"b\"\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n"},
	} {
		for n := range len(c.in) + 1 {
			got := replay(t, stream{framing: c.framing, in: c.in[:n], eof: true})
			complete := c.framing == closeDelimit || n == len(c.in) && c.framing.Length < 6
			if complete && (!got.Over || got.Err.Rule != 0) {
				t.Errorf("%v, %q and EOF: %v", c.framing.Mode, c.in[:n], got)
			}
			want := wire.SyntaxError{Rule: wire.RuleIncompleteContent, Element: wire.ElementContent, Offset: int64(n)}
			if i := strings.Index(c.in, "0\r\n"); i > 0 && n >= i+3 {
				want.Element = wire.ElementTrailerSection
			}
			if !complete && got.Err != want {
				t.Errorf("%v, %q and EOF: %v; want %v", c.framing.Mode, c.in[:n], got, want.Error())
			}
			if open := decode(t, new(body.Decoder), stream{framing: c.framing, in: c.in[:n]}, 0); open.Err.Rule != 0 {
				t.Errorf("%v, %q without EOF: %v", c.framing.Mode, c.in[:n], open)
			}
		}
	}
}

// Ahead is what may go past Next; more than that is refused and changes nothing.
func TestDecoderSkip(t *testing.T) {
	var d body.Decoder
	limits := wire.Limits{}.Resolved()
	start := func(f body.Framing, limits wire.Limits) {
		t.Helper()
		if err := d.Start(f, &limits, 0); err != nil {
			t.Fatal(err)
		}
	}
	check := func(what string, ahead int64, refused ...int64) {
		t.Helper()
		if got := d.Ahead(); got != ahead {
			t.Errorf("%s: Ahead is %d; want %d", what, got, ahead)
		}
		for _, n := range append(refused, -1) {
			if d.Skip(n) || d.Ahead() != ahead {
				t.Errorf("%s: Skip(%d) is not refused", what, n)
			}
		}
		if !d.Skip(0) || d.Ahead() != ahead {
			t.Errorf("%s: Skip(0)", what)
		}
	}
	next := func(data string, want body.Kind) {
		t.Helper()
		if _, p, err := d.Next([]byte(data), false); p.Kind != want || err != nil {
			t.Errorf("%q: %v, %v; want %v", data, p.Kind, err, want)
		}
	}
	start(length(5), limits)
	check("length", 5, 6)
	d.Skip(2)
	check("length, 2 skipped", 3, 4)
	d.Skip(3)
	check("length, all skipped", 0, 1)
	next("", body.End)

	start(chunked, limits)
	check("chunk head", 0, 1)
	next("5;", body.NeedData)
	check("within a chunk head", 0, 1)
	next("5;a\r\n", body.Chunk)
	check("chunk-data", 5, 6)
	d.Skip(5)
	check("behind chunk-data", 0, 1)
	next("\r\n0\r\n", body.Chunk)
	check("trailer section", 0, 1)
	next("\r\n", body.End)
	check("over", 0, 1)

	start(closeDelimit, limits)
	check("close-delimited", -1)
	if !d.Skip(1 << 40) {
		t.Error("close-delimited: Skip is refused")
	}
	limits.Content = 7
	start(closeDelimit, limits)
	check("close-delimited with a limit", 7, 8)
	d.Skip(7)
	check("at the limit", 0, 1)
	start(body.Framing{}, limits)
	check("no body", 0, 1)
}

// Content and trailers are views of what Next was given: nothing is copied.
func TestDecoderViews(t *testing.T) {
	data := []byte("5;ext\r\nhello\r\n0\r\nA: b\r\n\r\n")
	var d body.Decoder
	limits := wire.Limits{}.Resolved()
	if err := d.Start(chunked, &limits, 0); err != nil {
		t.Fatal(err)
	}
	at := 0
	for !d.Done() {
		n, p, err := d.Next(data[at:], false)
		if err != nil {
			t.Fatal(err)
		}
		at += n
		if len(p.Data) > 0 && (&p.Data[0] != &data[at-len(p.Data)] || cap(p.Data) != len(p.Data)) {
			t.Errorf("%q is no view of its place, or has a capacity of %d", p.Data, cap(p.Data))
		}
	}
	if name, value := d.Trailers.At(0); &name[0] != &data[17] || string(value) != "b" {
		t.Errorf("trailer %q: %q is no view", name, value)
	}
	if at != len(data) {
		t.Errorf("consumed %d of %q", at, data)
	}
}
