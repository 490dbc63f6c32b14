package body_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/wire"
)

// Limits hold at the octet, and the outcome is the same for every split.
func TestDecoderLimits(t *testing.T) {
	ext := func(n int) string { return ";" + strings.Repeat("x", n-1) } // of n octets
	for _, c := range []struct {
		name    string
		framing body.Framing
		in      string
		limits  wire.Limits
		rule    wire.Rule // 0: it passes
		at      int64
	}{
		{"length", length(5), "hello", wire.Limits{Content: 5}, 0, 0},
		{"length, one over", length(6), "hello", wire.Limits{Content: 5}, wire.RuleLimitContent, 0},
		{"close-delimited", closeDelimit, "hello", wire.Limits{Content: 5}, 0, 0},
		{"close-delimited, one over", closeDelimit, "hello!", wire.Limits{Content: 5}, wire.RuleLimitContent, 5},
		{"chunks", chunked, "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", wire.Limits{Content: 5}, 0, 0},
		{"chunks, one over", chunked, "3\r\nhel\r\n3\r\nlo!\r\n0\r\n\r\n", wire.Limits{Content: 5}, wire.RuleLimitContent, 8},
		{"a huge chunk", chunked, "7fffffffffffffff\r\n", wire.Limits{Content: 1 << 40}, wire.RuleLimitContent, 0},

		{"chunk head", chunked, "1" + ext(7) + "\r\nx\r\n0\r\n\r\n", wire.Limits{Line: 10}, 0, 0},
		{"chunk head, one over", chunked, "1" + ext(8) + "\r\nx\r\n0\r\n\r\n", wire.Limits{Line: 10}, wire.RuleLimitLine, 10},
		{"second chunk head, one over", chunked, "1\r\nx\r\n1" + ext(8) + "\r\nx", wire.Limits{Line: 10}, wire.RuleLimitLine, 16},
		{"endless size", chunked, strings.Repeat("0", 99), wire.Limits{Line: 10}, wire.RuleLimitLine, 10}, // h11 #181
		{"endless extension", chunked, "1" + ext(99), wire.Limits{Line: 10}, wire.RuleLimitLine, 10},
		{"chunk-data is no line", chunked, "14\r\n" + strings.Repeat("x", 20) + "\r\n0\r\n\r\n", wire.Limits{Line: 10}, 0, 0},

		// 16 octets for a chunk and 2 for its one octet of data are free; 1, its extension and two line
		// ends are what it takes.
		{"overhead", chunked, "1" + ext(23) + "\r\nx\r\n0\r\n\r\n", wire.Limits{ChunkOverhead: 10}, 0, 0},
		{"overhead, one over", chunked, "1" + ext(24) + "\r\nx\r\n0\r\n\r\n", wire.Limits{ChunkOverhead: 10}, wire.RuleLimitChunkOverhead, 0},
		{"overhead adds up", chunked, "1" + ext(23) + "\r\nx\r\n1" + ext(14) + "\r\nx\r\n0\r\n\r\n",
			wire.Limits{ChunkOverhead: 10}, wire.RuleLimitChunkOverhead, 29},
		{"overhead is made up for by data", chunked,
			"1" + ext(23) + "\r\nx\r\n5\r\nhello\r\n1" + ext(23) + "\r\nx\r\n0\r\n\r\n", wire.Limits{ChunkOverhead: 10}, 0, 0},
		{"overhead of the last-chunk", chunked, "0" + ext(22) + "\r\n\r\n", wire.Limits{ChunkOverhead: 10}, wire.RuleLimitChunkOverhead, 0},

		{"trailer section", chunked, "0\r\nA: bcd\r\n\r\n", wire.Limits{Trailer: 10}, 0, 0},
		{"trailer section, one over", chunked, "0\r\nA: bcde\r\n\r\n", wire.Limits{Trailer: 10}, wire.RuleLimitTrailer, 13},
		{"trailer line, one over", chunked, "0\r\nA: bcdefg\r\n\r\n", wire.Limits{Line: 10}, wire.RuleLimitLine, 13},
		{"trailer fields", chunked, "0\r\na:\r\na:\r\n\r\n", wire.Limits{Fields: 2}, 0, 0},
		{"trailer fields, one over", chunked, "0\r\na:\r\na:\r\na:\r\n\r\n", wire.Limits{Fields: 2}, wire.RuleLimitFields, 11},
	} {
		got := replay(t, stream{framing: c.framing, in: c.in, limits: c.limits, eof: c.framing == closeDelimit})
		if got.Err.Rule != c.rule || got.Err.Offset != c.at || c.rule == 0 && (!got.Over || got.Used != len(c.in)) {
			t.Errorf("%s: %v; want rule %q at %d", c.name, got, c.rule.Name(), c.at)
		}
	}
}

// repeated decodes the same chunk n times and then the last-chunk, with default limits.
func repeated(t *testing.T, chunk string, n int) (chunks int, err error) {
	t.Helper()
	var d body.Decoder
	limits := wire.Limits{}.Resolved()
	if err := d.Start(chunked, &limits, 0); err != nil {
		t.Fatal(err)
	}
	data := []byte(chunk)
	for range n {
		for rest := data; len(rest) > 0; {
			n, p, err := d.Next(rest, false)
			if err != nil {
				return chunks, err
			}
			if p.Kind == body.Chunk {
				chunks++
			}
			rest = rest[n:]
		}
	}
	if _, p, err := d.Next([]byte("0\r\n"), false); p.Kind != body.Chunk || err != nil {
		return chunks, err
	}
	if _, p, err := d.Next([]byte("\r\n"), false); p.Kind != body.End || err != nil {
		t.Fatalf("%v, %v", p.Kind, err)
	}
	return chunks, nil
}

// Chunks of one octet pass for ever; chunks of one octet that carry kilobytes of extensions do not:
// CVE-2023-39326, CVE-2024-22019.
func TestDecoderOverheadBudget(t *testing.T) {
	for _, chunk := range []string{"1\r\nx\r\n", "1;a=b\r\nx\r\n", "001;abcdefg\r\nx\r\n"} {
		if n, err := repeated(t, chunk, 100_000); n != 100_000 || err != nil {
			t.Errorf("%q: %d chunks, %v", chunk, n, err)
		}
	}
	long := "1;" + strings.Repeat("x", 4<<10) + "\r\nx\r\n"
	if n, err := repeated(t, long, 100); n > 4 || !errors.Is(err, wire.RuleLimitChunkOverhead) {
		t.Errorf("4 KiB of extensions: %d chunks, %v", n, err)
	}
	one := "1;abcdefghijklm\r\nx\r\n" // one octet more than is fair
	if n, err := repeated(t, one, 100_000); n > 17<<10 || !errors.Is(err, wire.RuleLimitChunkOverhead) {
		t.Errorf("one octet too many: %d chunks, %v", n, err)
	}
	zeros := strings.Repeat("0", 100) + "1\r\nx\r\n"
	if n, err := repeated(t, zeros, 100_000); n > 200 || !errors.Is(err, wire.RuleLimitChunkOverhead) {
		t.Errorf("leading zeros: %d chunks, %v", n, err)
	}
}
