package headers_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// fields makes a Fields of lines such as "Host: example.com".
func fields(lines ...string) *headers.Fields {
	f := new(headers.Fields)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		f.Add(name, value)
	}
	return f
}

// lines is the reverse of fields.
func lines(f *headers.Fields) []string {
	var all []string
	for name, value := range f.All() {
		all = append(all, string(name)+": "+string(value))
	}
	return all
}

// texts copies what an iterator of views yields.
func texts(views func(func([]byte) bool)) []string {
	var all []string
	views(func(v []byte) bool {
		all = append(all, string(v))
		return true
	})
	return all
}

func equal(t *testing.T, what string, f *headers.Fields, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, lines(f)); diff != "" || f.Len() != len(want) {
		t.Errorf("%s: Len %d; lines (-want +got):\n%s", what, f.Len(), diff)
	}
}

func TestFieldsReads(t *testing.T) {
	f := fields("Host: a", "accept: b", "Accept: c", "X: ", "ACCEPT: d")
	equal(t, "order, case and duplicates", f, "Host: a", "accept: b", "Accept: c", "X: ", "ACCEPT: d")
	name, value := f.At(2)
	if string(name) != "Accept" || string(value) != "c" {
		t.Errorf("At(2): %q, %q", name, value)
	}
	if got := f.GetString("aCCEPT"); got != "b" || string(f.Get("aCCEPT")) != "b" {
		t.Errorf("Get: %q", got)
	}
	if v := f.Get("x"); v == nil || len(v) != 0 || !f.Has("x") {
		t.Errorf("an empty value: %v", v)
	}
	if v := f.Get("y"); v != nil || f.Has("y") || f.Has("") || f.Has("hos") || f.GetString("y") != "" {
		t.Errorf("no value: %v", v)
	}
	if diff := cmp.Diff([]string{"b", "c", "d"}, texts(f.Values("Accept"))); diff != "" {
		t.Errorf("Values (-want +got):\n%s", diff)
	}
	if got := texts(f.Values("y")); got != nil {
		t.Errorf("Values without one: %q", got)
	}
	for name, want := range map[string]string{"accept": "b, c, d", "host": "a", "x": ""} {
		if got, ok := f.Combined(name); got != want || !ok {
			t.Errorf("Combined(%q): %q, %v", name, got, ok)
		}
	}
	if got, ok := f.Combined("y"); got != "" || ok {
		t.Errorf("Combined without value: %q, %v", got, ok)
	}
}

// The zero value and a nil pointer read as an empty section.
func TestFieldsEmpty(t *testing.T) {
	for name, f := range map[string]*headers.Fields{"zero": {}, "nil": nil} {
		dst, err := f.AppendTo([]byte("x"))
		if string(dst) != "x" || err != nil || f.Check() != nil {
			t.Errorf("%s: AppendTo: %q, %v", name, dst, err)
		}
		value, ok := f.Combined("a")
		if f.Len() != 0 || f.Has("a") || f.Get("a") != nil || f.GetString("a") != "" || value != "" || ok ||
			f.HasElement("a", "b") || f.String() != "" || lines(f) != nil || texts(f.Values("a")) != nil {
			t.Errorf("%s: not empty: %q", name, lines(f))
		}
		if c := f.Control(); c.ContentLength != -1 || c.Host != -1 || c.LengthLine() != -1 || c.CodingLine() != -1 {
			t.Errorf("%s: Control: %+v", name, c)
		}
		if c := f.Clone(); c == nil || c.Len() != 0 {
			t.Errorf("%s: Clone: %v", name, c)
		}
	}
	var f headers.Fields
	f.Del("a")
	f.Reset()
	f.Append(nil)
	f.CopyFrom(nil)
	f.Append(&headers.Fields{})
	f.Set("a", "b")
	equal(t, "Set on the zero value", &f, "a: b")
}

func TestFieldsSetAndDel(t *testing.T) {
	all := []string{"A: 1", "b: 2", "a: 3", "c: 4", "a: 5"}
	for _, c := range []struct {
		name   string
		change func(f *headers.Fields)
		want   []string
	}{
		{"Set the first, remove the others", func(f *headers.Fields) { f.Set("a", "x") }, []string{"a: x", "b: 2", "c: 4"}},
		{"Set the only one", func(f *headers.Fields) { f.Set("B", "longer than it was") },
			[]string{"A: 1", "B: longer than it was", "a: 3", "c: 4", "a: 5"}},
		{"Set to nothing", func(f *headers.Fields) { f.Set("c", "") }, []string{"A: 1", "b: 2", "a: 3", "c: ", "a: 5"}},
		{"Set a new one", func(f *headers.Fields) { f.Set("d", "6") }, append(slices.Clone(all), "d: 6")},
		{"Set twice", func(f *headers.Fields) { f.Set("b", "x"); f.Set("b", "y") }, []string{"A: 1", "b: y", "a: 3", "c: 4", "a: 5"}},
		{"Set to its own view", func(f *headers.Fields) { f.Set("b", string(f.Get("c"))) }, []string{"A: 1", "b: 4", "a: 3", "c: 4", "a: 5"}},
		{"Del all of a name", func(f *headers.Fields) { f.Del("a") }, []string{"b: 2", "c: 4"}},
		{"Del one", func(f *headers.Fields) { f.Del("C") }, []string{"A: 1", "b: 2", "a: 3", "a: 5"}},
		{"Del none", func(f *headers.Fields) { f.Del("d") }, all},
		{"Del and Add", func(f *headers.Fields) { f.Del("a"); f.Add("a", "6") }, []string{"b: 2", "c: 4", "a: 6"}},
		{"Del everything", func(f *headers.Fields) { f.Del("a"); f.Del("b"); f.Del("c") }, nil},
		{"Reset", func(f *headers.Fields) { f.Reset() }, nil},
		{"Reset and Add", func(f *headers.Fields) { f.Reset(); f.AddBytes([]byte("x"), []byte("y")) }, []string{"x: y"}},
		{"Add a view of itself", func(f *headers.Fields) { n, v := f.At(1); f.AddBytes(n, v) }, append(slices.Clone(all), "b: 2")},
		{"Append itself", func(f *headers.Fields) { f.Append(f) }, append(slices.Clone(all), all...)},
		{"CopyFrom itself", func(f *headers.Fields) { f.CopyFrom(f) }, all},
		{"CopyFrom another", func(f *headers.Fields) { f.CopyFrom(fields("x: y")) }, []string{"x: y"}},
		{"CopyFrom nil", func(f *headers.Fields) { f.CopyFrom(nil) }, nil},
	} {
		// The same for fields that were added and for fields that were parsed.
		f := fields(all...)
		c.change(f)
		equal(t, c.name, f, c.want...)

		data := []byte("GET / HTTP/1.1\r\n" + strings.Join(all, "\r\n") + "\r\n\r\nand what follows")
		before := bytes.Clone(data)
		f = parsed(t, data, len("GET / HTTP/1.1\r\n"))
		c.change(f)
		equal(t, c.name+", of a view", f, c.want...)
		f.Add("z", strings.Repeat("z", 100))
		f.Reset()
		f.Add("z", strings.Repeat("z", 100))
		if !bytes.Equal(data, before) {
			t.Errorf("%s: the caller's data was written to: %q", c.name, data)
		}
	}
}

// parsed parses the section at data[start:].
func parsed(t *testing.T, data []byte, start int) *headers.Fields {
	t.Helper()
	f := new(headers.Fields)
	p := newParser(0, wire.Limits{})
	p.Start(start)
	if _, ok, err := p.Parse(f, data); !ok || err != nil {
		t.Fatalf("%q: ok = %v, %v", data, ok, err)
	}
	return f
}

// A view has no capacity beyond itself, so that whoever appends to one overwrites nothing.
func TestFieldsViews(t *testing.T) {
	data := []byte("a: b\r\nc: d\r\n\r\n")
	for _, f := range []*headers.Fields{fields("a: b", "c: d"), parsed(t, data, 0)} {
		name, value := f.At(0)
		views := [][]byte{name, value, f.Get("a")}
		for v := range f.Values("a") {
			views = append(views, v)
		}
		for n, v := range f.All() {
			views = append(views, n, v)
		}
		for _, v := range views {
			if cap(v) != len(v) {
				t.Errorf("%q has a capacity of %d", v, cap(v))
			}
		}
		// What was a view before a change still shows what it showed.
		for range 100 {
			f.Set("c", "something else")
			f.Add("e", "f")
		}
		if string(name) != "a" || string(value) != "b" {
			t.Errorf("views after changes: %q, %q", name, value)
		}
	}
}

func TestFieldsClone(t *testing.T) {
	data := []byte("GET / HTTP/1.1\r\na: b\r\nc: d\r\n\r\n")
	f := parsed(t, data, 16)
	c := f.Clone()
	g := fields("x: y")
	g.Append(f)
	for i := range data {
		data[i] = '#'
	}
	equal(t, "Clone", c, "a: b", "c: d")
	equal(t, "Append", g, "x: y", "a: b", "c: d")
	c.Set("a", "changed")
	c.Del("c")
	equal(t, "Clone changed", c, "a: changed")
	equal(t, "Append, after the clone was changed", g, "x: y", "a: b", "c: d")
}

func TestFieldsAtPanics(t *testing.T) {
	for _, i := range []int{-1, 1, 2} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("At(%d) of 1 line does not panic", i)
				}
			}()
			fields("a: b").At(i)
		}()
	}
}

func TestFieldsIteratorsStop(t *testing.T) {
	f := fields("a: 1", "a: 2", "a: 3")
	n := 0
	for range f.All() {
		if n++; n == 2 {
			break
		}
	}
	for range f.Values("a") {
		if n++; n == 4 {
			break
		}
	}
	if n != 4 {
		t.Errorf("%d steps", n)
	}
}

func TestFieldsAppendTo(t *testing.T) {
	want := []string{"Host: example.com", "x: ", "X: \"q\", \x80", "x: y"}
	f := fields(want...)
	got, err := f.AppendTo([]byte("first\r\n"))
	if err != nil || string(got) != "first\r\n"+strings.Join(want, "\r\n")+"\r\n" {
		t.Fatalf("%q, %v", got, err)
	}
	equal(t, "read back", parsed(t, append(got, "\r\n"...), len("first\r\n")), want...)
}

// A line that breaks a rule keeps every line from being written: CVE-2016-5699, CVE-2026-1502.
func TestFieldsAppendToRefuses(t *testing.T) {
	for _, c := range []struct {
		name, value string
		rule        wire.Rule
		at          int64
	}{
		{"a", "b\r\nc: d", wire.RuleBareCR, 4},
		{"a", "b\nc: d", wire.RuleBareLF, 4},
		{"a", "b\x00", wire.RuleNUL, 4},
		{"a", "b\x1b", wire.RuleFieldValue, 4},
		{"a", " b", wire.RuleEdgeSpace, 3},
		{"a\r\nb: c", "", wire.RuleFieldName, 1},
		{"a:", "", wire.RuleFieldName, 1},
		{"", "b", wire.RuleFieldName, 0},
	} {
		memory := bytes.Repeat([]byte{'#'}, 64)
		dst := memory[:8]
		f := fields("ok: yes")
		f.Add(c.name, c.value)
		f.Add("ok", "too")
		got, err := f.AppendTo(dst)
		var e *wire.SyntaxError
		if !errors.As(err, &e) || e.Rule != c.rule || e.Offset != c.at || !e.Sent || !cmp.Equal(err, f.Check()) {
			t.Errorf("%q: %q: %v, Check: %v", c.name, c.value, err, f.Check())
		}
		if len(got) != len(dst) || !bytes.Equal(memory, bytes.Repeat([]byte{'#'}, 64)) {
			t.Errorf("%q: %q: dst is not as it was: %q", c.name, c.value, memory)
		}
	}
}

func TestFieldsString(t *testing.T) {
	f := fields("a: b \"c\"", "x: \x1b[2J\xff")
	f.Add("n\n", "")
	if got, want := f.String(), "a: b \"c\"\nx: \"\\x1b[2J\\xff\"\n\"n\\n\": \n"; got != want {
		t.Errorf("%q; want %q", got, want)
	}
}
