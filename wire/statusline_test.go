package wire_test

import (
	"strings"
	"testing"

	"github.com/strata-http/strata/wire"
)

var statusLines = []lineCase{
	{in: "HTTP/1.1 200 OK\r\n", parts: "HTTP/1.1|200|OK"},
	{in: "HTTP/1.0 404 Not Found\r\n", parts: "HTTP/1.0|404|Not Found"},
	{in: "HTTP/1.7 999 x\r\n", parts: "HTTP/1.7|999|x"},
	{in: "HTTP/1.1 000 \r\n", parts: "HTTP/1.1|0|"},
	{in: "HTTP/1.1 200 \r\n", parts: "HTTP/1.1|200|"},
	{in: "HTTP/1.1 200  \t \r\n", parts: "HTTP/1.1|200| \t "},
	{in: "HTTP/1.1 200 \xe2\x9c\x93 \"fine\"\t\r\n", parts: "HTTP/1.1|200|\xe2\x9c\x93 \"fine\"\t"},
	{in: "HTTP/1.1 200 200 OK\r\n", parts: "HTTP/1.1|200|200 OK"},

	// The version.
	{in: "HTTP/2.0 200 OK\r\n", rule: wire.RuleMajorVersion, at: 5},
	{in: "HTTP/0.9 200 OK\r\n", rule: wire.RuleMajorVersion, at: 5},
	{in: "HTTP/2 200\r\n", rule: wire.RuleVersion, at: 6},
	{in: "http/1.1 200 OK\r\n", rule: wire.RuleNoStatusLine, at: 0},
	{in: "ICY 200 OK\r\n", rule: wire.RuleNoStatusLine, at: 0},
	{in: "HTTPS/1.1 200 OK\r\n", rule: wire.RuleNoStatusLine, at: 4},
	{in: "HTTP/A.1 200 OK\r\n", rule: wire.RuleVersion, at: 5},
	{in: "HTTP/1,1 200 OK\r\n", rule: wire.RuleVersion, at: 6},
	{in: "\r\n", rule: wire.RuleNoStatusLine, at: 0},
	{in: "HTTP/1.1\r\n", rule: wire.RuleStatusLine, at: 8},
	{in: "HTTP/1.1\t200 OK\r\n", rule: wire.RuleStatusLine, at: 8},
	{in: "HTTP/1.1\n", rule: wire.RuleStatusLine, at: 8},
	{in: "HTTP/1.10 200 OK\r\n", rule: wire.RuleVersion, at: 8},
	{in: "HTTP/1.1X\r\n", rule: wire.RuleVersion, at: 8},

	// The status code.
	{in: "HTTP/1.1  200 OK\r\n", rule: wire.RuleStatusLine, at: 9},
	{in: "HTTP/1.1 \t200 OK\r\n", rule: wire.RuleStatusLine, at: 9},
	{in: "HTTP/1.1 2 0 OK\r\n", rule: wire.RuleStatusCode, at: 10},
	{in: "HTTP/1.1 \r\n", rule: wire.RuleStatusCode, at: 9},
	{in: "HTTP/1.1 -20 OK\r\n", rule: wire.RuleStatusCode, at: 9},
	{in: "HTTP/1.1 2x0 OK\r\n", rule: wire.RuleStatusCode, at: 10},
	{in: "HTTP/1.1 20 OK\r\n", rule: wire.RuleStatusCode, at: 11},
	{in: "HTTP/1.1 2000 OK\r\n", rule: wire.RuleStatusCode, at: 12},

	// The reason phrase.
	{in: "HTTP/1.1 200OK\r\n", rule: wire.RuleStatusLine, at: 12},
	{in: "HTTP/1.1 200\tOK\r\n", rule: wire.RuleStatusLine, at: 12},
	{in: "HTTP/1.1 200\r\n", rule: wire.RuleMissingReason, at: 12},
	{in: "HTTP/1.1 200\n", rule: wire.RuleMissingReason, at: 12},
	{in: "HTTP/1.1 200\r\n", lenient: wire.AllowMissingReason, parts: "HTTP/1.1|200| AllowMissingReason"},
	{in: "HTTP/1.1 200\n", lenient: wire.AllowMissingReason, rule: wire.RuleBareLF, at: 12},
	{in: "HTTP/1.1 200\rX", lenient: wire.AllowMissingReason, rule: wire.RuleLineEnd, at: 12},
	{in: "HTTP/1.1 200\n", lenient: wire.AllowMissingReason | wire.AllowBareLF,
		parts: "HTTP/1.1|200| AllowBareLF|AllowMissingReason"},
	{in: "HTTP/1.1 200 O\x01K\r\n", rule: wire.RuleReasonPhrase, at: 14},
	{in: "HTTP/1.1 200 O\x00K\r\n", rule: wire.RuleReasonPhrase, at: 14},
	{in: "HTTP/1.1 200 O\x7fK\r\n", lenient: wire.AllowReasonControls, parts: "HTTP/1.1|200|O\x7fK AllowReasonControls"},
	{in: "HTTP/1.1 200 O\x00K\r\n", lenient: narrow, rule: wire.RuleReasonPhrase, at: 14},

	// The line end.
	{in: "HTTP/1.1 200 O\rK\r\n", rule: wire.RuleLineEnd, at: 14},
	{in: "HTTP/1.1 200 O\rK\r\n", lenient: narrow, rule: wire.RuleLineEnd, at: 14},
	{in: "HTTP/1.1 200 OK\n", rule: wire.RuleBareLF, at: 15},
	{in: "HTTP/1.1 200 OK\n", lenient: wire.AllowBareLF, parts: "HTTP/1.1|200|OK AllowBareLF"},
	{in: "HTTP/1.1 200 OK\r\n", lenient: narrow, parts: "HTTP/1.1|200|OK"},
}

func TestConsumeStatusLine(t *testing.T) {
	for _, c := range statusLines {
		c.run(t, statusLine, wire.ElementStatusLine)
	}
}

func TestAppendStatusLine(t *testing.T) {
	n := 0
	for _, c := range statusLines {
		l, _, ok, err := wire.ConsumeStatusLine([]byte(c.in), 0, 0, c.lenient)
		if !ok || l.Admitted != 0 || l.Status < 100 {
			if c.rule == 0 && c.lenient == 0 && l.Status >= 100 {
				t.Errorf("%q: %v", c.in, err)
			}
			continue
		}
		got, err := wire.AppendStatusLine([]byte("x"), l.Version, l.Status, c.in[l.ReasonStart:l.ReasonEnd])
		if err != nil || string(got) != "x"+c.in {
			t.Errorf("%q written: %q, %v", c.in, got, err)
		}
		n++
	}
	if n < 7 {
		t.Errorf("only %d lines were written", n)
	}
}

func TestAppendStatusLineRefuses(t *testing.T) {
	for _, status := range []int{-1, 0, 99, 1000, 1 << 30} {
		refuses(t, wire.RuleStatusCode, 9, func(dst []byte) ([]byte, error) {
			return wire.AppendStatusLine(dst, wire.HTTP11, status, "")
		})
	}
	refuses(t, wire.RuleMajorVersion, 5, func(dst []byte) ([]byte, error) {
		return wire.AppendStatusLine(dst, 20, 200, "OK")
	})
	for _, injection := range injections {
		for _, reason := range around(injection) {
			at := int64(len("HTTP/1.1 200 ") + strings.Index(reason, injection))
			refuses(t, wire.RuleReasonPhrase, at, func(dst []byte) ([]byte, error) {
				return wire.AppendStatusLine(dst, wire.HTTP11, 200, reason)
			})
			refuses(t, wire.RuleReasonPhrase, at, func(dst []byte) ([]byte, error) {
				return wire.AppendStatusLine(dst, wire.HTTP11, 200, []byte(reason))
			})
		}
	}
}
