package wire_test

import (
	"strings"
	"testing"

	"github.com/strata-http/strata/wire"
)

var requestLines = []lineCase{
	{in: "GET / HTTP/1.1\r\n", parts: "GET|/|HTTP/1.1"},
	{in: "GET / HTTP/1.0\r\n", parts: "GET|/|HTTP/1.0"},
	{in: "G / HTTP/1.9\r\n", parts: "G|/|HTTP/1.9"},
	{in: "get / HTTP/1.1\r\n", parts: "get|/|HTTP/1.1"},
	{in: "!#$%&'*+-.^_`|~09azAZ / HTTP/1.1\r\n", parts: "!#$%&'*+-.^_`|~09azAZ|/|HTTP/1.1"},
	{in: "OPTIONS * HTTP/1.1\r\n", parts: "OPTIONS|*|HTTP/1.1"},
	{in: "CONNECT [::1]:443 HTTP/1.1\r\n", parts: "CONNECT|[::1]:443|HTTP/1.1"},
	{in: "GET http://example.com/a?b HTTP/1.1\r\n", parts: "GET|http://example.com/a?b|HTTP/1.1"},
	{in: "GET /../%zz?q=\"<>\\^`{|}~ HTTP/1.1\r\n", parts: "GET|/../%zz?q=\"<>\\^`{|}~|HTTP/1.1"},
	{in: "GET /01234567/01234567/01234567 HTTP/1.1\r\n", parts: "GET|/01234567/01234567/01234567|HTTP/1.1"},
	{in: "GET /HTTP/1.1 HTTP/1.1\r\n", parts: "GET|/HTTP/1.1|HTTP/1.1"},

	// The method.
	{in: " GET / HTTP/1.1\r\n", rule: wire.RuleMethod, at: 0},
	{in: "G\x00T / HTTP/1.1\r\n", rule: wire.RuleMethod, at: 1},
	{in: "G(T / HTTP/1.1\r\n", rule: wire.RuleMethod, at: 1},
	{in: "G\xc3\x84 / HTTP/1.1\r\n", rule: wire.RuleMethod, at: 1},
	{in: "GET\t/ HTTP/1.1\r\n", rule: wire.RuleMethod, at: 3},
	{in: "GET: / HTTP/1.1\r\n", rule: wire.RuleMethod, at: 3},
	{in: "\x16\x03\x01\x02", rule: wire.RuleMethod, at: 0}, // TLS, which is not spoken here
	{in: "GET\r\n", rule: wire.RuleRequestLine, at: 3},
	{in: "GET\n", rule: wire.RuleRequestLine, at: 3},

	// The request-target.
	{in: "GET  / HTTP/1.1\r\n", rule: wire.RuleRequestLine, at: 4},
	{in: "GET \r\n", rule: wire.RuleRequestLine, at: 4},
	{in: "GET /\r\n", rule: wire.RuleRequestLine, at: 5}, // HTTP/0.9
	{in: "GET /\n", rule: wire.RuleRequestLine, at: 5},
	{in: "GET /a\tb HTTP/1.1\r\n", rule: wire.RuleRequestLine, at: 6},
	{in: "GET /\x00 HTTP/1.1\r\n", rule: wire.RuleTarget, at: 5},
	{in: "GET /\x7f HTTP/1.1\r\n", rule: wire.RuleTarget, at: 5},
	{in: "GET /a#b HTTP/1.1\r\n", rule: wire.RuleTarget, at: 6},
	{in: "GET /0123456789#b HTTP/1.1\r\n", rule: wire.RuleTarget, at: 15},
	{in: "GET /\xc3\xa4 HTTP/1.1\r\n", rule: wire.RuleTarget, at: 5},
	{in: "GET /\xc3\xa4 HTTP/1.1\r\n", lenient: wire.AllowObsTarget, parts: "GET|/\xc3\xa4|HTTP/1.1 AllowObsTarget"},
	{in: "GET /\xff#b HTTP/1.1\r\n", lenient: wire.AllowObsTarget, rule: wire.RuleTarget, at: 6},

	// The version.
	{in: "GET / \r\n", rule: wire.RuleRequestLine, at: 6},
	{in: "GET /  HTTP/1.1\r\n", rule: wire.RuleRequestLine, at: 6},
	{in: "GET /a b HTTP/1.1\r\n", rule: wire.RuleVersion, at: 7},
	{in: "GET / http/1.1\r\n", rule: wire.RuleVersion, at: 6},
	{in: "GET / HTTP/11\r\n", rule: wire.RuleVersion, at: 12},
	{in: "GET / HTTP/1.\r\n", rule: wire.RuleRequestLine, at: 13},
	{in: "GET / HTTP/1,1\r\n", rule: wire.RuleVersion, at: 12},
	{in: "GET / HTTP/A.1\r\n", rule: wire.RuleVersion, at: 11},
	{in: "GET / HTTP/2.0\r\n", rule: wire.RuleMajorVersion, at: 11},
	{in: "GET / HTTP/0.9\r\n", rule: wire.RuleMajorVersion, at: 11},
	{in: "GET / HTTP/9.9\r\n", rule: wire.RuleMajorVersion, at: 11},
	{in: "PRI * HTTP/2.0\r\n", rule: wire.RuleMajorVersion, at: 11},

	// The line end.
	{in: "GET / HTTP/1.1 \r\n", rule: wire.RuleRequestLine, at: 14},
	{in: "GET / HTTP/1.10\r\n", rule: wire.RuleRequestLine, at: 14},
	{in: "GET / HTTP/1.1\rX", rule: wire.RuleLineEnd, at: 14},
	{in: "GET / HTTP/1.1\r\r\n", rule: wire.RuleLineEnd, at: 14},
	{in: "GET / HTTP/1.1\n", rule: wire.RuleBareLF, at: 14},
	{in: "GET / HTTP/1.1\n", lenient: wire.AllowBareLF, parts: "GET|/|HTTP/1.1 AllowBareLF"},
	{in: "GET / HTTP/1.1\r\n", lenient: narrow, parts: "GET|/|HTTP/1.1"},
}

func TestConsumeRequestLine(t *testing.T) {
	for _, c := range requestLines {
		c.run(t, requestLine, wire.ElementRequestLine)
	}
}

func TestAppendRequestLine(t *testing.T) {
	n := 0
	for _, c := range requestLines {
		if c.rule != 0 || c.lenient&^wire.AllowObsTarget != 0 {
			continue
		}
		b := []byte(c.in)
		l, _, _, err := wire.ConsumeRequestLine(b, 0, 0, c.lenient)
		if err != nil {
			t.Fatal(err)
		}
		got, err := wire.AppendRequestLine([]byte("x"), b[:l.MethodEnd], string(b[l.TargetStart:l.TargetEnd]), l.Version, c.lenient)
		if err != nil || string(got) != "x"+c.in {
			t.Errorf("%q written: %q, %v", c.in, got, err)
		}
		n++
	}
	if n < 10 {
		t.Errorf("only %d lines were written", n)
	}
}

func TestAppendRequestLineRefuses(t *testing.T) {
	type in struct {
		method, target string
		version        wire.Version
		lenient        wire.Lenient
	}
	for _, c := range []struct {
		in
		rule wire.Rule
		at   int64
	}{
		{in{"", "/", wire.HTTP11, 0}, wire.RuleMethod, 0},
		{in{"G ET", "/", wire.HTTP11, 0}, wire.RuleMethod, 1},
		{in{"GET", "", wire.HTTP11, 0}, wire.RuleRequestLine, 4},
		{in{"GET", "/ HTTP/1.1\r\nX: y", wire.HTTP11, 0}, wire.RuleTarget, 5},
		{in{"GET", "/a#b", wire.HTTP11, 0}, wire.RuleTarget, 6},
		{in{"GET", "/\xff", wire.HTTP11, 0}, wire.RuleTarget, 5},
		{in{"GET", "/\xff ", wire.HTTP11, narrow}, wire.RuleTarget, 6},
		{in{"GET", "/", 20, 0}, wire.RuleMajorVersion, 11},
		{in{"GET", "/", 0, 0}, wire.RuleMajorVersion, 11},
	} {
		refuses(t, c.rule, c.at, func(dst []byte) ([]byte, error) {
			return wire.AppendRequestLine(dst, c.method, c.target, c.version, c.lenient)
		})
	}
	// What no octet of a method or a target can be: CVE-2019-9740, CVE-2020-26116.
	for _, c := range strings.Split("\x00 \x01 \t \n \v \r \x1b \x7f \r\n \r\nX:", " ") {
		for _, at := range []string{c, "a" + c, c + "a", "abcdefgh" + c + "abcdefgh"} {
			refuses(t, wire.RuleMethod, int64(strings.Index(at, c)), func(dst []byte) ([]byte, error) {
				return wire.AppendRequestLine(dst, []byte(at), "/", wire.HTTP11, narrow)
			})
			refuses(t, wire.RuleTarget, int64(4+strings.Index(at, c)), func(dst []byte) ([]byte, error) {
				return wire.AppendRequestLine(dst, "GET", []byte(at), wire.HTTP11, narrow)
			})
		}
	}
}
