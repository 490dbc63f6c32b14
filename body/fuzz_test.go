package body_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/internal/fuzztest"
	"github.com/strata-http/strata/wire"
)

// FuzzChunked checks that a chunked body has the same outcome whole and split, with content that goes past
// the Decoder too, that decoding allocates in proportion, and that what it decodes to can be encoded and decodes to
// the same.
func FuzzChunked(f *testing.F) {
	for _, seed := range []string{
		"0\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n", codedBody, "2\r\nhiXX0\r\n\r\n", "2\nhi\n0\n\n", "2;a\nb\r\n", "2 \r\nhi\r\n0\r\n A: b\r\n\r\n",
		"10000000000000002\r\n", "0\r\nA: b\r\n c\r\nd : \x00\r\n\r\n", "1;" + strings.Repeat("x", 300) + "\r\n",
	} {
		f.Add([]byte(seed), uint64(0), uint(3), uint(7), uint8(0), true)
		f.Add([]byte(seed), uint64(wire.LenientAll), uint(1), uint(2), uint8(20), false)
	}
	for i, seed := range fuzztest.Bodies(f) {
		f.Add([]byte(seed), uint64(0), uint(i), uint(2*i), uint8(0), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, in []byte, bits uint64, cut1, cut2 uint, limit uint8, eof bool) {
		if len(in) > 4096 {
			return
		}
		s := stream{
			in: string(in), eof: eof, framing: chunked, lenient: wire.Lenient(bits) & wire.LenientAll,
			limits: wire.Limits{
				Line: int(limit), Trailer: 2 * int(limit), Fields: int(limit) / 8, Content: 10 * int64(limit), ChunkOverhead: int(limit) / 2,
			},
		}
		var d body.Decoder
		fuzztest.Bounded(t, len(in), func() { drain(s) })
		whole := decode(t, &d, s, 0)
		cuts := []int{int(cut1 % uint(len(in)+1)), int(cut2 % uint(len(in)+1))}
		slices.Sort(cuts)
		if split := decode(t, &d, s, 0, fuzztest.Places(in)...); !cmp.Equal(whole, split) {
			t.Fatalf("%q: %v; octet by octet: %v", in, whole, split)
		}
		for _, skip := range []int{0, 1, 1 + int(cut1%16)} {
			if split := decode(t, &d, s, skip, cuts...); !cmp.Equal(whole, split) {
				t.Fatalf("%q: %v; cut at %d, skipping %d: %v", in, whole, cuts, skip, split)
			}
		}
		if whole.Over {
			reencode(t, &d, s, whole)
		}
	})
}

// drain decodes s and looks at nothing.
func drain(s stream) {
	var d body.Decoder
	limits := s.limits.Resolved()
	if d.Start(s.framing, &limits, s.lenient) != nil {
		return
	}
	for in := []byte(s.in); ; {
		n, p, err := d.Next(in, s.eof)
		if in = in[n:]; err != nil || p.Kind == body.NeedData || p.Kind == body.End {
			return
		}
	}
}

// FuzzPlain checks the bodies that are not chunked: they are as long as their framing says, no more is taken and
// nothing is set aside for what was only announced.
func FuzzPlain(f *testing.F) {
	for i, seed := range fuzztest.Bodies(f) {
		f.Add([]byte(seed), uint8(i), int64(len(seed)), uint(i), uint(2*i), int64(0), true)
	}
	f.Add([]byte("hello"), uint8(0), int64(1e15), uint(1), uint(2), int64(0), false)
	f.Fuzz(func(t *testing.T, in []byte, mode uint8, announced int64, cut1, cut2 uint, limit int64, eof bool) {
		if len(in) > 4096 || announced < 0 {
			return
		}
		framing := []body.Framing{{}, length(announced), closeDelimit}[mode%3]
		s := stream{in: string(in), eof: eof, framing: framing, limits: wire.Limits{Content: limit}}
		fuzztest.Bounded(t, len(in), func() { drain(s) })
		var d body.Decoder
		whole := decode(t, &d, s, 0)
		cuts := []int{int(cut1 % uint(len(in)+1)), int(cut2 % uint(len(in)+1))}
		slices.Sort(cuts)
		if split := decode(t, &d, s, 0, fuzztest.Places(in)...); !cmp.Equal(whole, split) {
			t.Fatalf("%q: %v; octet by octet: %v", in, whole, split)
		}
		for _, skip := range []int{0, 1, 1 + int(cut1%16)} {
			if split := decode(t, &d, s, skip, cuts...); !cmp.Equal(whole, split) {
				t.Fatalf("%q: %v; cut at %d, skipping %d: %v", in, whole, cuts, skip, split)
			}
		}
		want := map[body.Mode]int64{body.LengthDelimited: announced, body.CloseDelimited: int64(len(in))}[framing.Mode]
		if got := strings.Join(whole.of("content"), ""); whole.Over && got != string(in[:want]) {
			t.Fatalf("%v of %q: %q", framing, in, got)
		}
	})
}

// reencode writes what s was decoded to, and decodes that.
func reencode(t *testing.T, d *body.Decoder, s stream, want outcome) {
	t.Helper()
	e, dst := encode(t, chunked)
	for _, text := range want.of("content") {
		var err error
		if dst, err = e.AppendContent(dst, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	trailers := want.of("trailer")
	dst, err := e.AppendEnd(dst, section(trailers...))
	if err != nil { // a field that no sender puts there, or a control character that was admitted
		trailers = nil
		if dst, err = e.AppendEnd(dst, nil); err != nil {
			t.Fatal(err)
		}
	}
	got := decode(t, d, stream{in: string(dst), framing: chunked, limits: wire.Limits{Line: -1, Trailer: -1, Fields: -1}}, 0)
	if !got.Over || got.Used != len(dst) || !slices.Equal(got.of("content"), want.of("content")) || !slices.Equal(got.of("trailer"), trailers) {
		t.Fatalf("%q decoded: %v; encoded: %q; decoded again: %v", s.in, want, dst, got)
	}
}
