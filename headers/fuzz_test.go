package headers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/fuzztest"
	"github.com/strata-http/strata/wire"
)

// FuzzFieldSection checks that a section has the same outcome whole and split, that reading it allocates in
// proportion, that what it gives can be written and read back, and that its control fields mean the same in the copy.
func FuzzFieldSection(f *testing.F) {
	for i, c := range sections {
		f.Add([]byte(c.in), uint64(c.lenient), uint(i), uint(2*i+1), uint8(i))
	}
	for i, section := range fuzztest.Sections(f) {
		f.Add([]byte(section), uint64(0), uint(i), uint(3*i), uint8(0))
	}
	f.Add([]byte(browserRequest), uint64(0), uint(100), uint(500), uint8(0))
	f.Add([]byte("Content-Length: 5, 5\r\nTransfer-Encoding: \"a, chunked\r\n\r\n"), uint64(0), uint(9), uint(30), uint8(0))
	f.Fuzz(func(t *testing.T, in []byte, bits uint64, cut1, cut2 uint, limit uint8) {
		if len(in) > 4096 {
			return
		}
		lenient := wire.Lenient(bits) & wire.LenientAll
		p := newParser(lenient, wire.Limits{Line: int(limit), Section: 3 * int(limit), Fields: int(limit) / 4})
		got := new(headers.Fields)
		fuzztest.Bounded(t, len(in), func() {
			p.Start(0)
			p.Parse(new(headers.Fields), in)
		})
		whole := feed(t, p, got, string(in), 0)
		cuts := []int{int(cut1 % uint(len(in)+1)), int(cut2 % uint(len(in)+1))}
		slices.Sort(cuts)
		for _, cuts := range [][]int{fuzztest.Places(in), cuts} {
			if split := feed(t, p, got, string(in), 7, cuts...); !cmp.Equal(whole, split) {
				t.Fatalf("%q: %v; cut at %d: %v", in, whole, cuts, split)
			}
		}
		if whole.Next == 0 {
			return
		}
		control := got.Control()
		copied := got.Clone()
		if !cmp.Equal(control, copied.Control(), ignoreLines) {
			t.Fatalf("%q: %+v; copied: %+v", in, control, copied.Control())
		}
		written, err := got.AppendTo(nil)
		if err != nil && whole.Admitted&(wire.AllowControls|wire.AllowLooseName) == 0 {
			t.Fatalf("%q: not written: %v", in, err)
		}
		if err != nil {
			return
		}
		back := feed(t, newParser(0, wire.Limits{Line: -1, Section: -1, Fields: -1}), new(headers.Fields), string(written)+"\r\n", 0)
		if !cmp.Equal(whole.Lines, back.Lines) {
			t.Fatalf("%q written: %q; read back: %v", in, written, back)
		}
	})
}

// FuzzList checks that elements and parameters lose and invent nothing.
func FuzzList(f *testing.F) {
	for _, line := range fuzztest.FieldLines(f) {
		if _, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":"); ok {
			f.Add(value)
		}
	}
	for _, seed := range []string{`a, "b,c" ;d="e", f`, `"a\", b`, "5, 5", ";a=b;;c=\"\""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		var joined []byte
		elements := texts(headers.Elements([]byte(in)))
		for _, e := range elements {
			if e == "" || e[0] == ' ' || e[0] == '\t' || e[len(e)-1] == ' ' || e[len(e)-1] == '\t' {
				t.Fatalf("%q: element %q", in, e)
			}
			joined = append(append(joined, e...), ',')
		}
		if again := texts(headers.Elements(joined)); !slices.Equal(elements, again) {
			t.Fatalf("%q: %q; of those joined: %q", in, elements, again)
		}
		var params []byte
		n := 0
		for name, value := range headers.Parameters([]byte(in)) {
			if !wire.IsToken(name) || !wire.IsToken(value) && wire.ConsumeQuotedString(value) != len(value) {
				t.Fatalf("%q: parameter %q = %q", in, name, value)
			}
			params = append(append(append(append(params, ';'), name...), '='), value...)
			n++
		}
		for range headers.Parameters(params) {
			n--
		}
		if n != 0 || !headers.ValidParameters(params) {
			t.Fatalf("%q: its parameters %q read again: %d fewer", in, params, n)
		}
	})
}
