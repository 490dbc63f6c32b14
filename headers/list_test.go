package headers_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
)

func TestElements(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"", nil},
		{" , ,\t,", nil},
		{"a", []string{"a"}},
		{" a ,b,, c d\t,", []string{"a", "b", "c d"}},
		{`"a,b",c`, []string{`"a,b"`, "c"}},
		{`a;b="c,\",d" , e`, []string{`a;b="c,\",d"`, "e"}},
		{`"",""`, []string{`""`, `""`}},
		{`a"b,c"d, e`, []string{`a"b,c"d`, "e"}},
		// A quote that no other closes is an octet like others.
		{`"a, b`, []string{`"a`, "b"}},
		{`a", b, "c, d"`, []string{`a", b, "c`, `d"`}},
		{`"a\", b`, []string{`"a\"`, "b"}},
		{`"a,b", "c\", d`, []string{`"a,b"`, `"c\"`, "d"}},
	} {
		if diff := cmp.Diff(c.want, texts(headers.Elements([]byte(c.in)))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.in, diff)
		}
	}
	n := 0
	for range headers.Elements([]byte("a,b,c")) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d steps", n)
	}
}

// Quotes that nothing closes must not be looked at again and again: with that many this test would take
// many minutes.
func TestElementsAreReadOnce(t *testing.T) {
	for _, in := range []string{strings.Repeat(`\"`, 1<<18), strings.Repeat(`\",`, 1<<18), strings.Repeat(`";`, 1<<18) + `"`} {
		want := 1 + strings.Count(in, ",")
		if strings.HasSuffix(in, ",") {
			want--
		}
		if got := len(slices.Collect(headers.Elements([]byte(`"` + in)))); got != want {
			t.Errorf("%d elements; want %d", got, want)
		}
		f := fields("Upgrade: "+in, "Connection: "+in, "Expect: "+in, "Transfer-Encoding: "+in)
		if c := f.Control(); c.Coding.Rule == 0 {
			t.Errorf("%+v", c)
		}
		headers.ValidParameters([]byte(";a=" + in))
	}
}

func TestHasElement(t *testing.T) {
	f := fields("Vary: a, B", "vary: c", "X: vary")
	for element, want := range map[string]bool{"A": true, "b": true, "c": true, "a, B": false, "": false, "vary": false} {
		if f.HasElement("VARY", element) != want {
			t.Errorf("%q: not %v", element, want)
		}
	}
}

func TestParameters(t *testing.T) {
	for _, c := range []struct {
		in    string
		head  string
		want  []string
		valid bool
	}{
		{"", "", nil, true},
		{"text/html", "text/html", nil, true},
		{" text/html\t", "text/html", nil, true},
		{"text/html;charset=utf-8", "text/html", []string{"charset=utf-8"}, true},
		{"text/html ; charset=\"utf-8\" ;\tA=b", "text/html", []string{`charset="utf-8"`, "A=b"}, true},
		{`a;b="c;d=\"e\"";f=g`, "a", []string{`b="c;d=\"e\""`, "f=g"}, true},
		{`a;b=""`, "a", []string{`b=""`}, true},
		{"a;;; b=c;", "a", []string{"b=c"}, true}, // empty parameters, RFC 9110 section 5.6.6
		{"a ; ", "a", nil, true},
		{"a;b=c;b=d", "a", []string{"b=c", "b=d"}, true},
		{";b=c", "", []string{"b=c"}, true},

		{"a;b", "a", nil, false},
		{"a;=c", "a", nil, false},
		{"a;b=", "a", nil, false},
		{"a;b=c;d;e=f", "a", []string{"b=c"}, false},
		{"a;b =c", "a", nil, false},
		{"a;b= c", "a", nil, false},
		{"a;b=c d", "a", []string{"b=c"}, false},
		{`a;b="c`, "a", nil, false},
		{`a;b="c"d`, "a", []string{`b="c"`}, false},
		{"a;b=c,d", "a", []string{"b=c"}, false},
		{"a;b=\x00", "a", nil, false},
	} {
		head, params := headers.CutParameters([]byte(c.in))
		var got []string
		for name, value := range headers.Parameters(params) {
			got = append(got, string(name)+"="+string(value))
		}
		if valid := headers.ValidParameters(params); string(head) != c.head || !slices.Equal(got, c.want) || valid != c.valid {
			t.Errorf("%q: head %q, parameters %q, valid %v; want %q, %q, %v", c.in, head, got, valid, c.head, c.want, c.valid)
		}
	}
	n := 0
	for range headers.Parameters([]byte(";a=b;c=d;e=f")) {
		if n++; n == 2 {
			break
		}
	}
	if n != 2 {
		t.Errorf("%d steps", n)
	}
	if !headers.ValidParameters([]byte(" \t")) {
		t.Error("whitespace alone is no parameter, and yet refused")
	}
	if headers.ValidParameters([]byte("a=b")) {
		t.Error("parameters need not begin with a semicolon")
	}
}
