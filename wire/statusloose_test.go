package wire_test

import (
	"testing"

	"github.com/strata-http/strata/wire"
)

// Status-lines as old clients read them: the line is waited for, and taken apart by whitespace if it is
// not as it should be.
func TestConsumeLooseStatusLine(t *testing.T) {
	const (
		loose   = wire.AllowLooseStatusLine
		version = wire.AllowAnyVersion
		both    = loose | version
		most    = wire.LenientAll &^ wire.AllowHTTP09 // which package conn deals with
	)
	for _, c := range []lineCase{
		{in: "HTTP/1.1 200 OK\r\n", lenient: both, parts: "HTTP/1.1|200|OK"},
		{in: "HTTP/1.1 200  OK \r\n", lenient: both, parts: "HTTP/1.1|200| OK "}, // valid, and so untouched
		{in: "HTTP/1.7 200 \r\n", lenient: both, parts: "HTTP/1.7|200|"},

		{in: "HTTP/1.1  200 OK\r\n", lenient: loose, parts: "HTTP/1.1|200|OK AllowLooseStatusLine"},
		{in: " \tHTTP/1.1\v200\f\rNot  Found \r\n", lenient: loose, parts: "HTTP/1.1|200|Not  Found AllowLooseStatusLine"},
		{in: "HTTP/1.1 200\tOK\r\n", lenient: loose, parts: "HTTP/1.1|200|OK AllowLooseStatusLine"},
		{in: "HTTP/1.1  200 \r\n", lenient: loose, parts: "HTTP/1.1|200| AllowLooseStatusLine"},
		{in: "HTTP/1.1 200 OK\r\r\n", lenient: loose, parts: "HTTP/1.1|200|OK AllowLooseStatusLine"},
		{in: "HTTP/1.1 200 \vOK\r\n", lenient: loose, parts: "HTTP/1.1|200|OK AllowLooseStatusLine"},
		{in: "HTTP/1.1  200\n", lenient: loose | wire.AllowMissingReason | wire.AllowBareLF,
			parts: "HTTP/1.1|200| AllowBareLF|AllowMissingReason|AllowLooseStatusLine"},
		{in: "HTTP/1.1  200 O\x01K\r\n", lenient: loose | wire.AllowReasonControls,
			parts: "HTTP/1.1|200|O\x01K AllowReasonControls|AllowLooseStatusLine"},

		{in: "HTTP/0.9 200 OK\r\n", lenient: version, parts: "HTTP/1.0|200|OK AllowAnyVersion"},
		{in: "HTTP/1.10 404 Not Found\r\n", lenient: version, parts: "HTTP/1.1|404|Not Found AllowAnyVersion"},
		{in: "HTTP/1. 200 OK\r\n", lenient: version, parts: "HTTP/1.1|200|OK AllowAnyVersion"},
		{in: "HTTP/1.1,HTTP/1.0 200 OK \r\n", lenient: version, parts: "HTTP/1.1|200|OK AllowAnyVersion"},
		{in: "HTTP/1.x\t200 OK\r\n", lenient: both, parts: "HTTP/1.1|200|OK AllowLooseStatusLine|AllowAnyVersion"},

		// What neither admits. The error is that of the strict rules, unless just that is admitted.
		{in: "HTTP/1.1  200 OK\r\n", lenient: version, rule: wire.RuleStatusLine, at: 9},
		{in: "HTTP/1.10\t200 OK\r\n", lenient: version, rule: wire.RuleStatusLine, at: 9},
		{in: "HTTP/1.1 200 OK\r\r\n", lenient: version, rule: wire.RuleLineEnd, at: 15},
		{in: "HTTP/1.1 200 OK\v\r\n", lenient: version, rule: wire.RuleReasonPhrase, at: 15},
		{in: "HTTP/1.10 200 OK\r\n", lenient: loose, rule: wire.RuleVersion, at: 8},
		{in: "HTTP/0.9 200 OK\r\n", lenient: loose, rule: wire.RuleMajorVersion, at: 5},
		{in: "HTTP/1.1  200 OK\n", lenient: both, rule: wire.RuleBareLF, at: 16},
		{in: "HTTP/1.1 200\r\n", lenient: both, rule: wire.RuleMissingReason, at: 12},
		{in: "HTTP/1.1  200\r\n", lenient: both, rule: wire.RuleMissingReason, at: 13},
		{in: "HTTP/1.1  200 O\x01K\r\n", lenient: both, rule: wire.RuleReasonPhrase, at: 15},
		{in: "HTTP/1.1  200 O\x00K\r\n", lenient: most, rule: wire.RuleReasonPhrase, at: 15},
		{in: "HTTP/1.1  200 O\rK\r\n", lenient: most, rule: wire.RuleReasonPhrase, at: 15},
		{in: "HTTP/2.0 200 OK\r\n", lenient: most, rule: wire.RuleMajorVersion, at: 5},
		{in: "HTTP/2 200 OK\r\n", lenient: most, rule: wire.RuleVersion, at: 6},
		{in: "HTTP/A.1 200 OK\r\n", lenient: most, rule: wire.RuleVersion, at: 5},
		{in: " HTTP/2.0 200 OK\r\n", lenient: most, rule: wire.RuleNoStatusLine, at: 0},
		{in: "http/1.1 200 OK\r\n", lenient: most, rule: wire.RuleNoStatusLine, at: 0},
		{in: "ICY 200 OK\r\n", lenient: most, rule: wire.RuleNoStatusLine, at: 0},
		{in: "HTTP/1.1 2000 OK\r\n", lenient: most, rule: wire.RuleStatusCode, at: 12},
		{in: "HTTP/1.1 20 OK\r\n", lenient: most, rule: wire.RuleStatusCode, at: 11},
		{in: "HTTP/1.1 +20 OK\r\n", lenient: most, rule: wire.RuleStatusCode, at: 9},
		{in: "HTTP/1.1\r\n", lenient: most, rule: wire.RuleStatusCode, at: 8},
		{in: "HTTP/1.1\n", lenient: most, rule: wire.RuleStatusCode, at: 8},
		{in: "HTTP/1.1 \n", lenient: most, rule: wire.RuleStatusCode, at: 9},
		{in: "\r\n", lenient: most, rule: wire.RuleNoStatusLine, at: 0},
		{in: "\n", lenient: most, rule: wire.RuleNoStatusLine, at: 0},
		{in: "\n", lenient: wire.LenientAll, rule: wire.RuleNoStatusLine, at: 0},
		{in: " \n", lenient: wire.LenientAll, rule: wire.RuleNoStatusLine, at: 1},
	} {
		c.run(t, statusLine, wire.ElementStatusLine)
	}
}

// A name may then be anything that is seen, and still has its limits.
func TestConsumeLooseFieldName(t *testing.T) {
	const loose = wire.AllowLooseName
	for _, c := range []lineCase{
		{in: "a: b\r\n", lenient: loose, parts: "a|b"},
		{in: "a(b)[c]: d\r\n", lenient: loose, parts: "a(b)[c]|d AllowLooseName"},
		{in: "(: b: c\r\n", lenient: loose, parts: "(|b: c AllowLooseName"},
		{in: "\"a\"\\ : b\r\n", lenient: loose | wire.AllowSpaceBeforeColon, parts: "\"a\"\\|b AllowSpaceBeforeColon|AllowLooseName"},
		{in: ": b\r\n", lenient: loose, rule: wire.RuleFieldName, at: 0},
		{in: "a\x00: b\r\n", lenient: loose, rule: wire.RuleFieldName, at: 1},
		{in: "a\x7f: b\r\n", lenient: loose, rule: wire.RuleFieldName, at: 1},
		{in: "a\x80: b\r\n", lenient: loose, rule: wire.RuleFieldName, at: 1},
		{in: "a( : b\r\n", lenient: loose, rule: wire.RuleSpaceBeforeColon, at: 2},
		{in: "a(\r\n", lenient: loose, rule: wire.RuleMissingColon, at: 2},
	} {
		c.run(t, fieldLine, wire.ElementFieldLine)
	}
}

// Extensions may then be anything, and their line end is still one.
func TestConsumeLooseChunkExt(t *testing.T) {
	const loose = wire.AllowLooseChunkExt
	for _, c := range []lineCase{
		{in: "5;a=b\r\n", lenient: loose, parts: "5|;a=b"},
		{in: "5;\r\n", lenient: loose, parts: "5|; AllowLooseChunkExt"},
		{in: "5;;=\"x\x00\xff\r\n", lenient: loose, parts: "5|;;=\"x\x00\xff AllowLooseChunkExt"},
		{in: "5;a=\"b;c\r\n", lenient: loose, parts: "5|;a=\"b;c AllowLooseChunkExt"},
		{in: "5;a b\r\n", lenient: loose, parts: "5|;a b AllowLooseChunkExt"},
		{in: "5;a b \r\n", lenient: loose, rule: wire.RuleChunkSpace, at: 5},
		{in: "5;a b\n", lenient: loose, rule: wire.RuleChunkBareLF, at: 5},
		{in: "5;a\rb\r\n", lenient: loose, rule: wire.RuleLineEnd, at: 3},
		{in: "5,a\r\n", lenient: loose, rule: wire.RuleChunkSize, at: 1},
		{in: "5 a\r\n", lenient: loose, rule: wire.RuleChunkSize, at: 2},
		{in: ";a\r\n", lenient: loose, rule: wire.RuleChunkSize, at: 0},
	} {
		c.run(t, chunkHead, wire.ElementChunk)
	}
}
