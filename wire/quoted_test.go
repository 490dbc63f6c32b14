package wire_test

import (
	"strings"
	"testing"

	"github.com/strata-http/strata/wire"
)

func TestConsumeQuotedString(t *testing.T) {
	for _, c := range []struct {
		in   string
		want int
	}{
		{``, 0}, {`"`, 0}, {`a"b"`, 0}, {`"a`, 0}, {`"a\"`, 0}, {`"a\`, 0}, {`"\"`, 0},
		{`""`, 2}, {`"a"`, 3}, {`"a" b"`, 3}, {`"a\"b"`, 6}, {`"\\"`, 4}, {`"\\""`, 4}, {`"\a"`, 4},
		{"\"\t \x80\xff!#[]~\"", 11}, {"\"\\\t\"", 4}, {"\"\\\xff\"", 4},
		{"\"\x00\"", 0}, {"\"\r\n\"", 0}, {"\"\x7f\"", 0}, {"\"\\\x00\"", 0}, {"\"\\\x7f\"", 0},
	} {
		if got := wire.ConsumeQuotedString(c.in); got != c.want {
			t.Errorf("%q: %d; want %d", c.in, got, c.want)
		}
		if got := wire.ConsumeQuotedString([]byte(c.in)); got != c.want {
			t.Errorf("%q as octets: %d; want %d", c.in, got, c.want)
		}
	}
}

func TestAppendUnquoted(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, ``}, {`a`, `a`}, {`""`, ``}, {`"a b"`, `a b`}, {`"a\"b\\c\d"`, `a"b\cd`},
		// What is no quoted-string, or not wholly, is not unquoted.
		{`"a`, `"a`}, {`"a"b`, `"a"b`}, {`"a" `, `"a" `}, {`"a\"`, `"a\"`},
	} {
		if got := string(wire.AppendUnquoted([]byte("x"), c.in)); got != "x"+c.want {
			t.Errorf("%q unquoted: %q; want %q", c.in, got, "x"+c.want)
		}
	}
}

func TestAppendQuoted(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{``, `""`}, {`a`, `a`}, {`a b`, `"a b"`}, {`a"b\c`, `"a\"b\\c"`}, {"\t", "\"\t\""}, {"\xff", "\"\xff\""}, {`"`, `"\""`},
	} {
		got, err := wire.AppendQuoted([]byte("x"), c.in)
		if err != nil || string(got) != "x"+c.want {
			t.Errorf("%q quoted: %q, %v; want %q", c.in, got, err, "x"+c.want)
		}
		if back := string(wire.AppendUnquoted(nil, got[1:])); back != c.in {
			t.Errorf("%q quoted and unquoted: %q", c.in, back)
		}
	}
	for _, injection := range injections {
		for _, text := range around(injection) {
			refuses(t, wire.RuleFieldValue, int64(strings.Index(text, injection)), func(dst []byte) ([]byte, error) {
				return wire.AppendQuoted(dst, text)
			})
		}
	}
}

func TestEqualFold(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"", "", true}, {"a", "A", true}, {"Content-Length", "cONTENT-lENGTH", true}, {"a", "b", false}, {"a", "aa", false},
		{"@", "`", false}, {"[", "{", false}, {"-", "\r", false}, {"0", "\x10", false},
		{"\u212a", "k", false}, {"\xc1", "\xe1", false}, {"\xc3\xa4", "\xc3\x84", false},
	} {
		if wire.EqualFold(c.a, []byte(c.b)) != c.want || wire.EqualFold([]byte(c.b), c.a) != c.want {
			t.Errorf("%q, %q: not %v", c.a, c.b, c.want)
		}
	}
	for a := range 256 {
		for b := range 256 {
			x, y := string([]byte{byte(a)}), string([]byte{byte(b)})
			want := a == b || a < 0x80 && b < 0x80 && strings.EqualFold(x, y)
			if wire.EqualFold(x, y) != want {
				t.Errorf("%q, %q: not %v", x, y, want)
			}
		}
	}
}

func TestIsToken(t *testing.T) {
	const tchars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	for c := range 256 {
		want := strings.IndexByte(tchars, byte(c)) >= 0
		s := []byte{'a', byte(c)}
		if wire.IsTokenOctet(byte(c)) != want || wire.IsToken(s) != want || wire.IsToken(string(s)) != want {
			t.Errorf("octet %#x: a token: not %v", c, want)
		}
	}
	if wire.IsToken("") {
		t.Error("the empty string is a token")
	}
}

func TestIsFieldValue(t *testing.T) {
	for c := range 256 {
		want := c == ' ' || c == '\t' || c > 0x20 && c != 0x7f
		if got := wire.IsFieldValue([]byte{'a', byte(c), 'b'}); got != want {
			t.Errorf("octet %#x in a field value: %v", c, got)
		}
		want = want && c != ' ' && c != '\t'
		if wire.IsFieldValue([]byte{'a', byte(c)}) != want || wire.IsFieldValue(string([]byte{byte(c), 'a'})) != want {
			t.Errorf("octet %#x at an end of a field value: not %v", c, want)
		}
	}
	if !wire.IsFieldValue("") {
		t.Error("the empty string is no field value")
	}
}
