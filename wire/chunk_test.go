package wire_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/wire"
)

var chunkHeads = []lineCase{
	{in: "0\r\n", parts: "0|"},
	{in: "5\r\n", parts: "5|"},
	{in: "000000000000000000000000000000ff\r\n", parts: "255|"},
	{in: "DeadBeef\r\n", parts: "3735928559|"},
	{in: "7fffffffffffffff\r\n", parts: "9223372036854775807|"},
	{in: "5;a\r\n", parts: "5|;a"},
	{in: "5;a=b\r\n", parts: "5|;a=b"},
	{in: "0;a=\"\"\r\n", parts: "0|;a=\"\""},
	{in: "5;a=\"b;c=\\\"d\\\\ \t\xff\";e\r\n", parts: "5|;a=\"b;c=\\\"d\\\\ \t\xff\";e"},
	{in: "5 ; a = b ; c\r\n", parts: "5|; a = b ; c"},
	{in: "5\t;\ta\t=\t\"b\"\t;c=d\r\n", parts: "5|;\ta\t=\t\"b\"\t;c=d"},

	// The size: CVE-2018-7159 and golang/go#64517.
	{in: "\r\n", rule: wire.RuleChunkSize, at: 0},
	{in: "\n", rule: wire.RuleChunkSize, at: 0},
	{in: ";a\r\n", rule: wire.RuleChunkSize, at: 0},
	{in: " 5\r\n", rule: wire.RuleChunkSize, at: 0},
	{in: "+5\r\n", rule: wire.RuleChunkSize, at: 0},
	{in: "-5\r\n", rule: wire.RuleChunkSize, at: 0},
	{in: "0x2\r\n", rule: wire.RuleChunkSize, at: 1},
	{in: "1_0\r\n", rule: wire.RuleChunkSize, at: 1},
	{in: "5g\r\n", rule: wire.RuleChunkSize, at: 1},
	{in: "5\x00\r\n", rule: wire.RuleChunkSize, at: 1},
	{in: "5,5\r\n", rule: wire.RuleChunkSize, at: 1},
	{in: "5=5\r\n", rule: wire.RuleChunkSize, at: 1},
	{in: "5\"5\"\r\n", rule: wire.RuleChunkSize, at: 1},
	{in: "5 5\r\n", rule: wire.RuleChunkSize, at: 2},
	{in: "5 =\r\n", rule: wire.RuleChunkSize, at: 2},
	{in: "8000000000000000\r\n", rule: wire.RuleChunkSizeRange, at: 15},
	{in: "10000000000000005\r\n", rule: wire.RuleChunkSizeRange, at: 16}, // 65 bits
	{in: "ffffffffffffffff\r\n", rule: wire.RuleChunkSizeRange, at: 15},
	{in: strings.Repeat("0", 99) + "7fffffffffffffff0\r\n", rule: wire.RuleChunkSizeRange, at: 115},

	// The extensions: CVE-2025-22871 is a bare LF in one.
	{in: "5;\r\n", rule: wire.RuleChunkExt, at: 2},
	{in: "5;;a\r\n", rule: wire.RuleChunkExt, at: 2},
	{in: "5;=b\r\n", rule: wire.RuleChunkExt, at: 2},
	{in: "5;a=\r\n", rule: wire.RuleChunkExt, at: 4},
	{in: "5;a=;b\r\n", rule: wire.RuleChunkExt, at: 4},
	{in: "5;a==b\r\n", rule: wire.RuleChunkExt, at: 4},
	{in: "5;a b\r\n", rule: wire.RuleChunkExt, at: 4},
	{in: "5;a=b c\r\n", rule: wire.RuleChunkExt, at: 6},
	{in: "5;a=b=c\r\n", rule: wire.RuleChunkExt, at: 5},
	{in: "5;a=b\"c\"\r\n", rule: wire.RuleChunkExt, at: 5},
	{in: "5;a=\"b\"c\r\n", rule: wire.RuleChunkExt, at: 7},
	{in: "5;\"a\"\r\n", rule: wire.RuleChunkExt, at: 2},
	{in: "5;a,b\r\n", rule: wire.RuleChunkExt, at: 3},
	{in: "5;a=\"b\r\n", rule: wire.RuleChunkExt, at: 6},
	{in: "5;a=\"b\\\r\n", rule: wire.RuleChunkExt, at: 7},
	{in: "5;a=\"b\nc\"\r\n", rule: wire.RuleChunkExt, at: 6},
	{in: "5;a=\"\x00\"\r\n", rule: wire.RuleChunkExt, at: 5},
	{in: "5;a=\"\\\x01\"\r\n", rule: wire.RuleChunkExt, at: 6},
	{in: "5;\xc3\xa4\r\n", rule: wire.RuleChunkExt, at: 2},

	// The line end: CVE-2021-22960 is a bare CR.
	{in: "5 \r\n", rule: wire.RuleChunkSpace, at: 1},
	{in: "5;a \t\r\n", rule: wire.RuleChunkSpace, at: 3},
	{in: "5;a=b \r\n", rule: wire.RuleChunkSpace, at: 5},
	{in: "5;a=\"b\" \r\n", rule: wire.RuleChunkSpace, at: 7},
	{in: "5 \t\r\n", lenient: wire.AllowChunkSpace, parts: "5| AllowChunkSpace"},
	{in: "5;a \r\n", lenient: wire.AllowChunkSpace, parts: "5|;a AllowChunkSpace"},
	{in: "5;a=\"b \" \r\n", lenient: wire.AllowChunkSpace, parts: "5|;a=\"b \" AllowChunkSpace"},
	{in: "5\n", rule: wire.RuleChunkBareLF, at: 1},
	{in: "2;a\nb\r\n", rule: wire.RuleChunkBareLF, at: 3},
	{in: "5\n", lenient: wire.AllowBareLF, rule: wire.RuleChunkBareLF, at: 1},
	{in: "5\n", lenient: wire.AllowChunkBareLF, parts: "5| AllowChunkBareLF"},
	{in: "5;a=b\n", lenient: wire.AllowChunkBareLF, parts: "5|;a=b AllowChunkBareLF"},
	{in: "5;a \n", lenient: wire.AllowChunkBareLF | wire.AllowChunkSpace, parts: "5|;a AllowChunkBareLF|AllowChunkSpace"},
	{in: "5\rX", rule: wire.RuleLineEnd, at: 1},
	{in: "5;a\rb\r\n", rule: wire.RuleLineEnd, at: 3},
	{in: "5\r\r\n", lenient: narrow, rule: wire.RuleLineEnd, at: 1},
	{in: "5 ;a\r\n", lenient: narrow, parts: "5|;a"},
}

func TestConsumeChunkHead(t *testing.T) {
	for _, c := range chunkHeads {
		c.run(t, chunkHead, wire.ElementChunk)
	}
}

func TestConsumeChunkEnd(t *testing.T) {
	for _, c := range []lineCase{
		{in: "\r\n"},
		{in: "\n", rule: wire.RuleChunkBareLF, at: 0},
		{in: "\n", lenient: wire.AllowBareLF, rule: wire.RuleChunkBareLF, at: 0},
		{in: "\n", lenient: wire.AllowChunkBareLF, parts: " AllowChunkBareLF"},
		{in: "XX0\r\n\r\n", rule: wire.RuleChunkEnd, at: 0}, // CVE-2025-43859
		{in: "0\r\n\r\n", rule: wire.RuleChunkEnd, at: 0},
		{in: "\rX", lenient: narrow, rule: wire.RuleChunkEnd, at: 0},
		{in: "\r\r\n", rule: wire.RuleChunkEnd, at: 0},
	} {
		c.run(t, chunkEnd, wire.ElementChunk)
	}
}

func TestAppendChunkHead(t *testing.T) {
	sizes := []int64{0, 1, 9, 10, 15, 16, 255, 256, 0xffff, 0x10000, 1<<32 - 1, 1 << 32, math.MaxInt64}
	exts := []string{"", ";a", ";a=b", ";a;b=c", `;a="b c;d\"\\` + "\t\xff" + `"`, `;a="";b`}
	for _, size := range sizes {
		for _, ext := range exts {
			want := strconv.FormatInt(size, 16) + ext + "\r\n"
			got, err := wire.AppendChunkHead([]byte("x"), size, ext)
			if err != nil || string(got) != "x"+want {
				t.Errorf("%d, %q written: %q, %v", size, ext, got, err)
			}
			h, next, ok, err := wire.ConsumeChunkHead(got, 1, 1, wire.ChunkHead{}, 0)
			if err != nil || !ok || next != len(got) || h.Size != size || string(got[h.ExtStart:h.ExtEnd]) != ext {
				t.Errorf("%q read back: %+v, %d, %v, %v", got, h, next, ok, err)
			}
		}
	}
}

func TestAppendChunkHeadRefuses(t *testing.T) {
	refuses(t, wire.RuleChunkSizeRange, 0, func(dst []byte) ([]byte, error) { return wire.AppendChunkHead(dst, -1, "") })
	for _, c := range []struct {
		size int64
		ext  string
		at   int64
	}{
		{5, "a", 1}, {5, " ;a", 1}, {5, ";", 2}, {5, ";a=", 4}, {5, ";a=\"b", 6}, {5, ";a=\"b\\", 7},
		{16, "; a", 3}, {16, ";a ", 4}, {16, ";a =b", 4}, {16, ";a= b", 5}, {16, ";a=b ", 6}, {16, ";a=\"b\" ", 8},
		{256, ";a;;b", 6}, {256, "\r\n", 3}, {0, "5", 1}, {0, "\r\nX: y", 1},
	} {
		refuses(t, wire.RuleChunkExt, c.at, func(dst []byte) ([]byte, error) { return wire.AppendChunkHead(dst, c.size, c.ext) })
	}
	for _, injection := range injections {
		for _, text := range around(injection) {
			at := int64(strings.Index(text, injection))
			for _, before := range []string{";", ";a=", ";a=\"", ";a=\"\\\""} {
				want := int64(1+len(before)) + at
				refuses(t, wire.RuleChunkExt, want, func(dst []byte) ([]byte, error) {
					return wire.AppendChunkHead(dst, 5, []byte(before+text))
				})
			}
		}
	}
}

func TestConsumeChunkExt(t *testing.T) {
	type ext struct {
		Name, Value string
		HasValue    bool
	}
	for _, c := range []struct {
		in   string
		want []ext
		rest string
	}{
		{"", nil, ""},
		{";a", []ext{{"a", "", false}}, ""},
		{";abc=def", []ext{{"abc", "def", true}}, ""},
		{";a=b;c;d=e", []ext{{"a", "b", true}, {"c", "", false}, {"d", "e", true}}, ""},
		{"; a = b ;\tc ; d", []ext{{"a", "b", true}, {"c", "", false}, {"d", "", false}}, ""},
		{`;a="";b="c;d=\"e\\" ;f`, []ext{{"a", `""`, true}, {"b", `"c;d=\"e\\"`, true}, {"f", "", false}}, ""},
		// What ConsumeChunkHead does not give: it ends, and loses nothing that stood before.
		{"a", nil, "a"},
		{";", nil, ";"},
		{" ", nil, " "},
		{";a=b c;d", []ext{{"a", "b", true}}, "c;d"},
		{";a;;b", []ext{{"a", "", false}}, ";;b"},
	} {
		var got []ext
		rest := []byte(c.in)
		for {
			name, value, n := wire.ConsumeChunkExt(rest)
			if n == 0 {
				break
			}
			got = append(got, ext{string(name), string(value), value != nil})
			rest = rest[n:]
		}
		if diff := cmp.Diff(c.want, got); diff != "" || string(rest) != c.rest {
			t.Errorf("%q: rest %q, want %q; extensions (-want +got):\n%s", c.in, rest, c.rest, diff)
		}
	}
}
