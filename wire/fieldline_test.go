package wire_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/wire"
)

var fieldLines = []lineCase{
	{in: "Host: example.com\r\n", parts: "Host|example.com"},
	{in: "a:b\r\n", parts: "a|b"},
	{in: "a:\r\n", parts: "a|"},
	{in: "a: \t \r\n", parts: "a|"},
	{in: "a: \t b \t c\t \r\n", parts: "a|b \t c"},
	{in: "a:b:c: d\r\n", parts: "a|b:c: d"},
	{in: "a::\r\n", parts: "a|:"},
	{in: "!#$%&'*+-.^_`|~09azAZ: 1\r\n", parts: "!#$%&'*+-.^_`|~09azAZ|1"},
	{in: "a: \x80\xff \"\\\r\n", parts: "a|\x80\xff \"\\"},
	{in: "Cookie: 0123456789abcdef0123456789abcdef\t0123456789abcdef\r\n",
		parts: "Cookie|0123456789abcdef0123456789abcdef\t0123456789abcdef"},

	// The name: CVE-2019-16276 is a space before the colon.
	{in: ": b\r\n", rule: wire.RuleFieldName, at: 0},
	{in: " a: b\r\n", rule: wire.RuleFieldName, at: 0},
	{in: "a(b: c\r\n", rule: wire.RuleFieldName, at: 1},
	{in: "a\x00: c\r\n", rule: wire.RuleFieldName, at: 1},
	{in: "\xc3\xa4: c\r\n", rule: wire.RuleFieldName, at: 0},
	{in: "a\r\n", rule: wire.RuleMissingColon, at: 1},
	{in: "a\n", rule: wire.RuleMissingColon, at: 1},
	{in: "a\rb: c\r\n", rule: wire.RuleMissingColon, at: 1},
	{in: "Transfer-Encoding : chunked\r\n", rule: wire.RuleSpaceBeforeColon, at: 17},
	{in: "a\t: b\r\n", rule: wire.RuleSpaceBeforeColon, at: 1},
	{in: "Transfer-Encoding : chunked\r\n", lenient: wire.AllowSpaceBeforeColon,
		parts: "Transfer-Encoding|chunked AllowSpaceBeforeColon"},
	{in: "a \t : b\r\n", lenient: wire.AllowSpaceBeforeColon, parts: "a|b AllowSpaceBeforeColon"},
	{in: "a :\r\n", lenient: wire.AllowSpaceBeforeColon, parts: "a| AllowSpaceBeforeColon"},
	{in: "a : b : c\r\n", lenient: wire.AllowSpaceBeforeColon, parts: "a|b : c AllowSpaceBeforeColon"},
	{in: "a b: c\r\n", lenient: wire.AllowSpaceBeforeColon, rule: wire.RuleFieldName, at: 2},
	{in: "a \r\n", lenient: wire.AllowSpaceBeforeColon, rule: wire.RuleMissingColon, at: 2},
	{in: " : b\r\n", lenient: wire.AllowSpaceBeforeColon, rule: wire.RuleFieldName, at: 0},
	{in: "GET / HTTP/1.1\r\n", lenient: narrow, rule: wire.RuleFieldName, at: 4},

	// The value: CVE-2022-35256 is a bare CR, CVE-2025-23167 a CR before the end.
	{in: "a: b\rTransfer-Encoding: chunked\r\n", rule: wire.RuleBareCR, at: 4},
	{in: "a: b\rc\r\n", lenient: wire.AllowBareCR, parts: "a|b\rc AllowBareCR"},
	{in: "a: b\r\r\n", rule: wire.RuleBareCR, at: 4},
	{in: "a: b\r\r\n", lenient: wire.AllowBareCR, parts: "a|b\r AllowBareCR"},
	{in: "a: b\x00c\r\n", rule: wire.RuleNUL, at: 4},
	{in: "a: b\x00c\r\n", lenient: wire.AllowNUL, parts: "a|b\x00c AllowNUL"},
	{in: "a: b\x01c\r\n", rule: wire.RuleFieldValue, at: 4},
	{in: "a: \x0bchunked\r\n", rule: wire.RuleFieldValue, at: 3},
	{in: "a: b\x7f\r\n", lenient: wire.AllowControls, parts: "a|b\x7f AllowControls"},
	{in: "a: 0123456789012345678\x1f\r\n", rule: wire.RuleFieldValue, at: 22},
	{in: "a: \x00\r\x01\r\n", lenient: narrow, parts: "a|\x00\r\x01 AllowBareCR|AllowNUL|AllowControls"},

	// The line end.
	{in: "a: b\n", rule: wire.RuleBareLF, at: 4},
	{in: "a:\n", rule: wire.RuleBareLF, at: 2},
	{in: "a: b \n", lenient: wire.AllowBareLF, parts: "a|b AllowBareLF"},
	{in: "a: b \r\n", lenient: narrow, parts: "a|b"},
}

func TestConsumeFieldLine(t *testing.T) {
	for _, c := range fieldLines {
		c.run(t, fieldLine, wire.ElementFieldLine)
	}
}

func TestConsumeFieldValue(t *testing.T) {
	for _, c := range fieldLines {
		name, value, _ := strings.Cut(c.in, ":")
		if c.rule != 0 && c.at <= len(name) {
			continue // an error that is not in the value
		}
		c.in = value
		c.parts = strings.TrimPrefix(c.parts, strings.TrimRight(name, " \t")+"|")
		c.parts = strings.Replace(c.parts, "AllowSpaceBeforeColon", "", 1)
		c.parts = strings.TrimSuffix(c.parts, " ")
		c.at -= len(name) + 1
		c.run(t, fieldValue, wire.ElementFieldLine)
	}
}

func TestAppendFieldLine(t *testing.T) {
	n := 0
	for _, c := range fieldLines {
		l, _, _, err := wire.ConsumeFieldLine([]byte(c.in), 0, 0, c.lenient)
		if err != nil || l.Admitted != 0 {
			continue // a sender writes nothing of the sort
		}
		name, value := c.in[:l.NameEnd], []byte(c.in[l.ValueStart:l.ValueEnd])
		got, err := wire.AppendFieldLine([]byte("x"), name, value)
		if want := "x" + name + ": " + string(value) + "\r\n"; err != nil || string(got) != want {
			t.Errorf("%q written: %q, %v; want %q", c.in, got, err, want)
		}
		back, next, ok, err := wire.ConsumeFieldLine(got, 1, 1, 0)
		if !ok || err != nil || next != len(got) || string(got[1:back.NameEnd]) != name ||
			string(got[back.ValueStart:back.ValueEnd]) != string(value) {
			t.Errorf("%q read back: %+v, %d, %v, %v", got, back, next, ok, err)
		}
		n++
	}
	if n < 10 {
		t.Errorf("only %d lines were written", n)
	}
}

func TestAppendFieldLineRefuses(t *testing.T) {
	for _, c := range []struct {
		name, value string
		rule        wire.Rule
		at          int64
	}{
		{"", "b", wire.RuleFieldName, 0},
		{"a:", "b", wire.RuleFieldName, 1},
		{"a ", "b", wire.RuleFieldName, 1},
		{"\xe4", "b", wire.RuleFieldName, 0},
		{"a", " b", wire.RuleEdgeSpace, 3},
		{"a", "b\t", wire.RuleEdgeSpace, 4},
		{"a", " ", wire.RuleEdgeSpace, 3},
		{"a", " b\n", wire.RuleBareLF, 5},
		{"abc", "b\rc", wire.RuleBareCR, 6},
		{"abc", "b\x00c", wire.RuleNUL, 6},
		{"abc", "b\x7fc", wire.RuleFieldValue, 6},
	} {
		refuses(t, c.rule, c.at, func(dst []byte) ([]byte, error) { return wire.AppendFieldLine(dst, c.name, c.value) })
	}
	// CVE-2016-5699 and CVE-2022-35948: every injection at every place of a name or a value.
	for _, injection := range injections {
		for _, text := range around(injection) {
			at := strings.Index(text, injection)
			refuses(t, wire.RuleFieldName, int64(at), func(dst []byte) ([]byte, error) {
				return wire.AppendFieldLine(dst, text, "b")
			})
			refuses(t, valueRule(injection[0]), int64(3+at), func(dst []byte) ([]byte, error) {
				return wire.AppendFieldLine(dst, "a", []byte(text))
			})
		}
	}
}

func valueRule(c byte) wire.Rule {
	switch c {
	case '\r':
		return wire.RuleBareCR
	case '\n':
		return wire.RuleBareLF
	case 0:
		return wire.RuleNUL
	}
	return wire.RuleFieldValue
}

func TestAppendCleanValue(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"a b", "a b"},
		{" \ta\t ", "a"},
		{"a\rb\x00c", "a b c"},
		{"\ra\x00", "a"},
		{"\r\x00", ""},
		{"a\r\n b", "a b"},
		{"a \t\r\n\t b", "a b"},
		{"a\n b", "a b"},
		{"\r\n b", "b"},
		{"a\r\n ", "a"},
		{"a\r\n \r\n \t\r\n b", "a b"},
		{"a\r\n b\r\n c", "a b c"},
		{"a\x00\r\n b", "a b"},
		{"a\r\r\n b", "a b"},
		{"a  b\tc", "a  b\tc"},
		{"\x80\x01", "\x80\x01"},
	} {
		in := []byte(c.in)
		if got := string(wire.AppendCleanValue([]byte(" x "), in)); got != " x "+c.want {
			t.Errorf("%q cleaned: %q; want %q", c.in, got, " x "+c.want)
		}
		if diff := cmp.Diff(c.in, string(in)); diff != "" {
			t.Errorf("%q was written to: %s", c.in, diff)
		}
	}
}
