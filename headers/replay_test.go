package headers_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

func newParser(lenient wire.Lenient, limits wire.Limits) *headers.Parser {
	limits = limits.Resolved()
	return &headers.Parser{
		Lenient: lenient, Line: limits.Line, Section: limits.Section, Fields: limits.Fields,
		SectionRule: wire.RuleLimitSection,
	}
}

// outcome is what became of a section. Offsets count from its first octet.
type outcome struct {
	Lines    []string
	Next     int
	Admitted wire.Lenient
	Err      wire.SyntaxError
}

func (o outcome) String() string {
	if o.Err.Rule != 0 {
		return fmt.Sprintf("error %q", o.Err.Error())
	}
	return fmt.Sprintf("%q, next %d, admitted %v", o.Lines, o.Next, o.Admitted)
}

// feed shows a Parser the section in, behind junk octets, cut at the lengths given and then whole.
func feed(t *testing.T, p *headers.Parser, f *headers.Fields, in string, junk int, cuts ...int) outcome {
	t.Helper()
	p.Start(junk)
	var last []byte
	for _, cut := range append(cuts, len(in)) {
		shown := strings.Repeat("#", junk) + in[:cut]
		// Other memory for every call, and the old memory scribbled over: a caller may move its data.
		for i := range last {
			last[i] = '!'
		}
		last = append(make([]byte, 0, len(shown)+16), shown...)
		next, ok, err := p.Parse(f, last)
		if string(last) != shown || strings.Trim(string(last[len(last):cap(last)]), "\x00") != "" {
			t.Fatalf("%q was written to: %q", shown, last[:cap(last)])
		}
		if err != nil {
			var e *wire.SyntaxError
			if !errors.As(err, &e) || ok || e.Sent {
				t.Fatalf("%q: ok = %v, error %#v", shown, ok, err)
			}
			o := outcome{Err: *e}
			o.Err.Offset -= int64(junk)
			return o
		}
		if ok {
			return outcome{Lines: lines(f), Next: next - junk, Admitted: p.Admitted()}
		}
	}
	return outcome{}
}

// replay feeds in whole, cut once at every place, octet by octet and behind other octets, and returns
// the one outcome of all of them.
func replay(t *testing.T, p *headers.Parser, in string) outcome {
	t.Helper()
	// One Fields for all of them, as a connection has it.
	f := new(headers.Fields)
	whole := feed(t, p, f, in, 0)
	same := func(got outcome, how string) {
		t.Helper()
		if diff := cmp.Diff(whole, got); diff != "" {
			t.Fatalf("%q %s (-whole +got):\n%s", in, how, diff)
		}
	}
	var all []int
	for cut := range len(in) {
		all = append(all, cut)
		same(feed(t, p, f, in, 0, cut), fmt.Sprintf("cut at %d", cut))
		prefix := feed(t, p, f, in[:cut], 0)
		decided := whole.Next > 0 && cut >= whole.Next || whole.Err.Rule != 0 && int64(cut) > whole.Err.Offset
		if !decided && !cmp.Equal(prefix, outcome{}) {
			t.Fatalf("%q: %v; its prefix %q: %v", in, whole, in[:cut], prefix)
		}
	}
	same(feed(t, p, f, in, 0, all...), "octet by octet")
	same(feed(t, p, f, in, 5, all...), "behind other octets, octet by octet")
	if whole.Next > 0 {
		same(feed(t, p, f, in+"\r\n x\x00", 0), "with octets behind")
	}
	return whole
}
