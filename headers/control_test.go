package headers_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// ignoreLines leaves out what LengthLine and CodingLine return, which have a test of their own.
var ignoreLines = cmpopts.IgnoreUnexported(headers.Control{})

// control is what a section without control fields says, changed.
func control(change func(c *headers.Control)) headers.Control {
	c := headers.Control{ContentLength: -1, Host: -1}
	change(&c)
	return c
}

func checkControl(t *testing.T, lines []string, want headers.Control) {
	t.Helper()
	f := new(headers.Fields)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		f.Add(name, strings.Trim(value, " \t"))
	}
	if diff := cmp.Diff(want, f.Control(), ignoreLines); diff != "" {
		t.Errorf("%q (-want +got):\n%s", lines, diff)
	}
}

// Values that have been read as different numbers by different recipients: CVE-2018-7159,
// CVE-2021-32715, CPython #103204.
func TestControlContentLength(t *testing.T) {
	const invalid, differ = wire.RuleContentLength, wire.RuleContentLengths
	for _, c := range []struct {
		values []string
		length int64
		rule   wire.Rule
		line   int
	}{
		{[]string{"0"}, 0, 0, 0},
		{[]string{"5"}, 5, 0, 0},
		{[]string{"005"}, 5, 0, 0},
		{[]string{"9223372036854775807"}, 1<<63 - 1, 0, 0},
		{[]string{strings.Repeat("0", 30) + "5"}, 5, 0, 0},
		{[]string{"5,5"}, 5, 0, 0},
		{[]string{"5 ,\t5, 5"}, 5, 0, 0},
		{[]string{"5", "5"}, 5, 0, 0},
		{[]string{"5,5", "5"}, 5, 0, 0},

		{[]string{""}, -1, invalid, 0},
		{[]string{"+5"}, -1, invalid, 0},
		{[]string{"-0"}, -1, invalid, 0},
		{[]string{"-1"}, -1, invalid, 0},
		{[]string{"0x5"}, -1, invalid, 0},
		{[]string{"1_0"}, -1, invalid, 0},
		{[]string{"5 5"}, -1, invalid, 0},
		{[]string{"5;5"}, -1, invalid, 0},
		{[]string{"5."}, -1, invalid, 0},
		{[]string{"5e0"}, -1, invalid, 0},
		{[]string{"\"5\""}, -1, invalid, 0},
		{[]string{"\u0665"}, -1, invalid, 0}, // a digit, in Unicode
		{[]string{"5\x00"}, -1, invalid, 0},
		{[]string{"\v5"}, -1, invalid, 0},
		{[]string{strings.Repeat("9", 30)}, -1, invalid, 0},
		{[]string{"9223372036854775808"}, -1, invalid, 0},
		{[]string{"18446744073709551621"}, -1, invalid, 0}, // 2^64 + 5
		{[]string{","}, -1, invalid, 0},
		{[]string{"5,"}, 5, invalid, 0},
		{[]string{",5"}, 5, invalid, 0},
		{[]string{"5,,5"}, 5, invalid, 0},
		{[]string{"5", ""}, 5, invalid, 1},
		{[]string{"x", "5"}, 5, invalid, 0},

		{[]string{"5,6"}, 5, differ, 0},
		{[]string{"5", "6"}, 5, differ, 1},
		{[]string{"5", "5", "0"}, 5, differ, 2},
		{[]string{"5, 05"}, 5, differ, 0}, // the same number, and yet two texts
		{[]string{"5", "6", "x"}, 5, differ, 1},
	} {
		var lines []string
		for i, value := range c.values {
			name := []string{"Content-Length:", "content-length:", "CONTENT-LENGTH:"}[i]
			lines = append(lines, name+value)
		}
		checkControl(t, lines, control(func(want *headers.Control) {
			want.ContentLength = c.length
			want.Length = headers.Fault{Rule: c.rule, Line: c.line}
		}))
	}
}

// CVE-2022-1705, CVE-2020-8287, CVE-2021-21299: values that have been taken for chunked, or not.
func TestControlTransferEncoding(t *testing.T) {
	const malformed, notFinal, repeated = wire.RuleTransferEncoding, wire.RuleChunkedNotFinal, wire.RuleChunkedRepeated
	for _, c := range []struct {
		values         []string
		chunked, other bool
		rule           wire.Rule
		line           int
	}{
		{[]string{"chunked"}, true, false, 0, 0},
		{[]string{"Chunked"}, true, false, 0, 0},
		{[]string{", chunked ,,"}, true, false, 0, 0}, // empty elements are to be ignored
		{[]string{"gzip"}, false, true, 0, 0},
		{[]string{"identity"}, false, true, 0, 0},
		{[]string{"xchunked"}, false, true, 0, 0},
		{[]string{"chunkedx"}, false, true, 0, 0},
		{[]string{"gzip, chunked"}, true, true, 0, 0},
		{[]string{"gzip", "chunked"}, true, true, 0, 0},
		{[]string{"gzip;q=\"a,chunked\""}, false, true, 0, 0},
		{[]string{"a;b=c ; d=\"e\\\"\", chunked"}, true, true, 0, 0},

		{[]string{"chunked, gzip"}, false, true, notFinal, 0},
		{[]string{"chunked, identity"}, false, true, notFinal, 0},
		{[]string{"chunked", "gzip"}, false, true, notFinal, 1},
		{[]string{"chunked, chunked"}, true, false, repeated, 0},
		{[]string{"chunked", "chunked"}, true, false, repeated, 1},
		{[]string{"gzip, chunked, CHUNKED"}, true, true, repeated, 0},
		{[]string{"chunked, gzip, chunked"}, true, true, repeated, 0},
		{[]string{"chunked", "gzip", "chunked"}, true, true, repeated, 2},

		{[]string{""}, false, false, malformed, 0},
		{[]string{",, ,"}, false, false, malformed, 0},
		{[]string{"chunked", ""}, true, false, malformed, 1},
		{[]string{"\x0bchunked"}, false, true, malformed, 0},
		{[]string{"chunked\x00"}, false, true, malformed, 0},
		{[]string{"chunked\r"}, false, true, malformed, 0},
		{[]string{"\"chunked\""}, false, true, malformed, 0},
		{[]string{"'chunked'"}, false, true, 0, 0}, // a token of another name
		{[]string{"chunked chunked"}, false, true, malformed, 0},
		{[]string{"chunked;"}, true, false, malformed, 0},
		{[]string{"chunked;q=1"}, true, false, malformed, 0},
		{[]string{"chunked;q"}, true, false, malformed, 0},
		{[]string{"gzip;q, chunked"}, true, true, malformed, 0},
		{[]string{"=, chunked"}, true, true, malformed, 0},
		{[]string{"\"a, chunked"}, true, true, malformed, 0},
		{[]string{"chunked", "\x01", "chunked"}, true, true, malformed, 1},
	} {
		var lines []string
		for _, value := range c.values {
			lines = append(lines, "Transfer-encoding:"+value)
		}
		checkControl(t, lines, control(func(want *headers.Control) {
			want.Coded, want.Chunked, want.OtherCoding = true, c.chunked, c.other
			want.Coding = headers.Fault{Rule: c.rule, Line: c.line}
		}))
	}
}

func TestControlConnection(t *testing.T) {
	for _, c := range []struct {
		values                    []string
		close, keepAlive, upgrade bool
	}{
		{[]string{""}, false, false, false},
		{[]string{"close"}, true, false, false},
		{[]string{"keep-alive"}, false, true, false},
		{[]string{"Keep-Alive, CLOSE"}, true, true, false},
		{[]string{"upgrade,close"}, true, false, true},
		{[]string{",, close , ,"}, true, false, false},
		{[]string{"x", "y, close", "Upgrade"}, true, false, true},
		{[]string{"keep-alive\t,\tupgrade"}, false, true, true},
		{[]string{"closed, enclose, keep alive, close;q=1, =close"}, false, false, false},
		{[]string{"close close"}, false, false, false},
		// Options are tokens: quotes hide nothing, whoever closes them.
		{[]string{`"x, close, y"`}, true, false, false},
		{[]string{`"x, close`}, true, false, false},
		{[]string{`"close"`}, false, false, false},
	} {
		var lines []string
		for _, value := range c.values {
			lines = append(lines, "connection:"+value)
		}
		checkControl(t, lines, control(func(want *headers.Control) {
			want.Close, want.KeepAlive, want.UpgradeOption = c.close, c.keepAlive, c.upgrade
		}))
	}
}

func TestControlHost(t *testing.T) {
	for _, c := range []struct {
		values []string
		rule   wire.Rule
		line   int
	}{
		{[]string{"example.com"}, 0, 0},
		{[]string{"example.com:80"}, 0, 0},
		{[]string{"[::1]:443"}, 0, 0},
		{[]string{""}, 0, 0},
		{[]string{"a", "a"}, wire.RuleHostRepeated, 2},
		{[]string{"a", ""}, wire.RuleHostRepeated, 2},
		{[]string{":80"}, wire.RuleHostInvalid, 1},
		{[]string{"a b"}, wire.RuleHostInvalid, 1},
		{[]string{"user@a"}, wire.RuleHostInvalid, 1},
		{[]string{"a/b"}, wire.RuleHostInvalid, 1},
		{[]string{"a:65536"}, wire.RuleHostInvalid, 1},
		{[]string{"http://a"}, wire.RuleHostInvalid, 1},
		{[]string{"[1:2:3:4::5:6:7:8]"}, wire.RuleHostInvalid, 1},
		{[]string{"a/b", "c"}, wire.RuleHostInvalid, 1},
	} {
		lines := []string{"Hosts: none"}
		for _, value := range c.values {
			lines = append(lines, "HOST:"+value)
		}
		checkControl(t, lines, control(func(want *headers.Control) {
			want.Hosts, want.Host = len(c.values), 1
			want.HostFault = headers.Fault{Rule: c.rule, Line: c.line}
		}))
	}
}

func TestControlExpectAndUpgrade(t *testing.T) {
	type c = headers.Control
	for line, change := range map[string]func(*c){
		"Expect: 100-continue":                 func(c *c) { c.Expect100 = true },
		"expect: 100-Continue":                 func(c *c) { c.Expect100 = true },
		"Expect: 100-continue, x":              func(c *c) { c.Expect100, c.ExpectOther = true, true },
		"Expect: 100-continue;q=1":             func(c *c) { c.ExpectOther = true },
		"Expect: 200-ok":                       func(c *c) { c.ExpectOther = true },
		"Expect: , ,":                          func(*c) {},
		"Upgrade: websocket":                   func(c *c) { c.Upgrade = true },
		"upgrade: , a/1":                       func(c *c) { c.Upgrade = true },
		"Upgrade:":                             func(*c) {},
		"Upgrade: ,":                           func(*c) {},
		"Upgraded: websocket":                  func(*c) {},
		"Content-Lengthy: 5":                   func(*c) {},
		"Content_Length: 5":                    func(*c) {},
		"Content-Length\x00: 5":                func(*c) {},
		"Transfer-Encodings: chunked":          func(*c) {},
		"Transfer_Encoding: chunked":           func(*c) {},
		"X-Transfer-Encoding: chunked":         func(*c) {},
		"Transfer\u2010Encoding: chunked":      func(*c) {},
		"Proxy-Connection: close":              func(*c) {},
		"Transfer-Encoding\u212a: chunked":     func(*c) {},
		"Trailer: Content-Length, Connection:": func(*c) {},
	} {
		checkControl(t, []string{line}, control(change))
	}
}

func TestControlLines(t *testing.T) {
	f := fields("a: b", "Content-Length: 5", "Transfer-Encoding: gzip", "Content-Length: 5", "Transfer-Encoding: chunked")
	if c := f.Control(); c.LengthLine() != 1 || c.CodingLine() != 2 {
		t.Errorf("%d, %d", c.LengthLine(), c.CodingLine())
	}
	if c := fields("a: b").Control(); c.LengthLine() != -1 || c.CodingLine() != -1 {
		t.Errorf("none: %d, %d", c.LengthLine(), c.CodingLine())
	}
}
