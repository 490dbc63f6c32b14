package wire_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/strata-http/strata/wire"
)

// consume calls a Consume function. It gives the parts of what that found as text: the parts joined by
// "|", and the leniency that was used where there was any.
type consume func(b []byte, start, from int, lenient wire.Lenient) (parts string, next int, ok bool, err error)

// kind makes a consume, which may keep state between the calls for one element.
type kind func() consume

func requestLine() consume {
	return func(b []byte, start, from int, lenient wire.Lenient) (string, int, bool, error) {
		l, next, ok, err := wire.ConsumeRequestLine(b, start, from, lenient)
		if !ok {
			return "", next, false, err
		}
		return parts(l.Admitted, b[start:l.MethodEnd], b[l.TargetStart:l.TargetEnd], l.Version), next, ok, err
	}
}

func statusLine() consume {
	return func(b []byte, start, from int, lenient wire.Lenient) (string, int, bool, error) {
		l, next, ok, err := wire.ConsumeStatusLine(b, start, from, lenient)
		if !ok {
			return "", next, false, err
		}
		return parts(l.Admitted, l.Version, l.Status, b[l.ReasonStart:l.ReasonEnd]), next, ok, err
	}
}

func fieldLine() consume {
	return func(b []byte, start, from int, lenient wire.Lenient) (string, int, bool, error) {
		l, next, ok, err := wire.ConsumeFieldLine(b, start, from, lenient)
		if !ok {
			return "", next, false, err
		}
		return parts(l.Admitted, b[start:l.NameEnd], b[l.ValueStart:l.ValueEnd]), next, ok, err
	}
}

func fieldValue() consume {
	return func(b []byte, start, from int, lenient wire.Lenient) (string, int, bool, error) {
		l, next, ok, err := wire.ConsumeFieldValue(b, start, from, lenient)
		if !ok {
			return "", next, false, err
		}
		return parts(l.Admitted, b[l.ValueStart:l.ValueEnd]), next, ok, err
	}
}

func chunkHead() consume {
	var h wire.ChunkHead
	return func(b []byte, start, from int, lenient wire.Lenient) (_ string, next int, ok bool, err error) {
		h, next, ok, err = wire.ConsumeChunkHead(b, start, from, h, lenient)
		if !ok {
			return "", next, false, err
		}
		return parts(h.Admitted, h.Size, b[h.ExtStart:h.ExtEnd]), next, ok, err
	}
}

func chunkEnd() consume {
	return func(b []byte, start, from int, lenient wire.Lenient) (string, int, bool, error) {
		next, admitted, ok, err := wire.ConsumeChunkEnd(b, start, lenient)
		if !ok {
			return "", max(next, from), false, err
		}
		return parts(admitted), next, ok, err
	}
}

func parts(admitted wire.Lenient, all ...any) string {
	var texts []string
	for _, part := range all {
		if b, isOctets := part.([]byte); isOctets {
			part = string(b)
		}
		texts = append(texts, fmt.Sprint(part))
	}
	text := strings.Join(texts, "|")
	if admitted != 0 {
		text += " " + admitted.String()
	}
	return text
}

// outcome is what became of one element. Offsets count from its first octet.
type outcome struct {
	parts string
	next  int
	ok    bool
	err   wire.SyntaxError // the zero value for none
}

func (o outcome) String() string {
	switch {
	case o.err.Rule != 0:
		return fmt.Sprintf("error %q", o.err.Error())
	case !o.ok:
		return "incomplete"
	}
	return fmt.Sprintf("%q, next %d", o.parts, o.next)
}

// feed shows the element in to a Consume function, cut at the lengths given and then whole, as the front
// of a buffer behind junk octets. It stops when the outcome is known.
func feed(t *testing.T, k kind, in string, lenient wire.Lenient, junk int, cuts ...int) outcome {
	t.Helper()
	read := k()
	from := junk
	for _, cut := range append(cuts, len(in)) {
		shown := strings.Repeat(":", junk) + in[:cut]
		// A copy for every call, with no capacity to spare: nothing may depend on where the octets
		// are, or look behind them.
		b := append(make([]byte, 0, len(shown)), shown...)
		text, next, ok, err := read(b[:len(b):len(b)], junk, from, lenient)
		if string(b) != shown {
			t.Fatalf("%q: the octets were written to: %q", shown, b)
		}
		if err != nil {
			var e *wire.SyntaxError
			if !errors.As(err, &e) || !errors.Is(err, e.Rule) || ok || e.Sent {
				t.Fatalf("%q: ok = %v, error %#v", shown, ok, err)
			}
			o := outcome{err: *e}
			o.err.Offset -= int64(junk)
			return o
		}
		if ok {
			if next <= junk || next > len(b) {
				t.Fatalf("%q: next = %d", shown, next)
			}
			return outcome{parts: text, next: next - junk, ok: true}
		}
		if next < from || next > len(b) {
			t.Fatalf("%q: goes on at %d, behind %d", shown, next, from)
		}
		from = next
	}
	return outcome{}
}

// replay feeds in whole, cut once at every place, octet by octet, behind other octets and with other
// octets behind, and returns the one outcome of all of them.
func replay(t *testing.T, k kind, in string, lenient wire.Lenient) outcome {
	t.Helper()
	whole := feed(t, k, in, lenient, 0)
	var all []int
	for cut := range len(in) {
		all = append(all, cut)
		if got := feed(t, k, in, lenient, 0, cut); got != whole {
			t.Fatalf("%q cut at %d: %v; whole: %v", in, cut, got, whole)
		}
		// A prefix is incomplete until what decides is there.
		prefix := feed(t, k, in[:cut], lenient, 0)
		decided := cut >= whole.next && whole.ok || int64(cut) > whole.err.Offset && whole.err.Rule != 0
		if prefix != whole && (prefix != outcome{}) || prefix != (outcome{}) && !decided {
			t.Fatalf("%q: %v; its prefix %q: %v", in, whole, in[:cut], prefix)
		}
	}
	if got := feed(t, k, in, lenient, 0, all...); got != whole {
		t.Fatalf("%q octet by octet: %v; whole: %v", in, got, whole)
	}
	if got := feed(t, k, in, lenient, 3, all...); got != whole {
		t.Fatalf("%q behind other octets, octet by octet: %v; whole: %v", in, got, whole)
	}
	if whole != (outcome{}) {
		for _, behind := range []string{"\r\n", "\n", " x", ": y\r\n", "\x00"} {
			if got := feed(t, k, in+behind, lenient, 0); got != whole {
				t.Fatalf("%q with %q behind: %v; without: %v", in, behind, got, whole)
			}
		}
	}
	return whole
}

// lineCase is an element and what is to become of it: parts, or an error.
type lineCase struct {
	in      string
	lenient wire.Lenient
	parts   string
	rule    wire.Rule
	at      int
}

func (c lineCase) run(t *testing.T, k kind, element wire.Element) {
	t.Helper()
	got := replay(t, k, c.in, c.lenient)
	want := outcome{parts: c.parts, next: len(c.in), ok: true}
	if c.rule != 0 {
		want = outcome{err: wire.SyntaxError{Rule: c.rule, Element: element, Offset: int64(c.at), Found: c.in[c.at : c.at+1]}}
	}
	if got != want {
		t.Errorf("%q (%v): %v; want %v", c.in, c.lenient, got, want)
	}
}
