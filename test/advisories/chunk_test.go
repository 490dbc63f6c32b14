package advisories_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

// coding is a chunked body, and what becomes of it.
type coding struct {
	octets  string
	rule    wire.Rule
	content string       // what is delivered, before rule was broken if it was
	admits  wire.Lenient // the leniencies each of which, alone, lets it pass
	taken   string       // the content then
	then    wire.Rule    // what is broken then
	eof     bool         // the body is not complete, nor wrong: the connection ends
}

// chunks are advisories about the chunked transfer coding.
func chunks() []advisory {
	return []advisory{
		chunkAdvisory("CVE-2025-43859", "h11", "octets for the line end", "any two octets taken for the line end behind chunk-data",
			coding{octets: "2\r\nhiXX0\r\n\r\n", rule: wire.RuleChunkEnd, content: "hi"},
			coding{octets: "2\r\nhi\rX0\r\n\r\n", rule: wire.RuleChunkEnd, content: "hi"},
			coding{octets: "2\r\nhi\n\r0\r\n\r\n", rule: wire.RuleChunkBareLF, content: "hi", admits: wire.AllowChunkBareLF, taken: "hi", then: wire.RuleChunkSize},
			coding{octets: "2\r\nhiX\r\n0\r\n\r\n", rule: wire.RuleChunkEnd, content: "hi"}),
		chunkAdvisory("CVE-2025-22871", "Go", "bare LF", "LF without CR taken for a line end of the chunked coding",
			coding{octets: "2\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkBareLF, admits: wire.AllowChunkBareLF, taken: "hi"},
			coding{octets: "2\r\nhi\n0\r\n\r\n", rule: wire.RuleChunkBareLF, content: "hi", admits: wire.AllowChunkBareLF, taken: "hi"},
			coding{octets: "2;a\nb\r\n0\r\n\r\n", rule: wire.RuleChunkBareLF, admits: wire.AllowChunkBareLF, taken: "b\r"},
			coding{octets: "2\r\nhi\r\n0\n\r\n", rule: wire.RuleChunkBareLF, content: "hi", admits: wire.AllowChunkBareLF, taken: "hi"}),
		chunkAdvisory("CVE-2023-39326", "Go", "one-byte chunks with long extensions", "chunk extensions that cost much and carry nothing",
			coding{octets: strings.Repeat("1;"+strings.Repeat("a", 4096)+"\r\nx\r\n", 8), rule: wire.RuleLimitChunkOverhead, content: "xxxx"},
			coding{octets: strings.Repeat("1\r\nx\r\n", 300) + "0\r\n\r\n", content: strings.Repeat("x", 300)}),
		chunkAdvisory("issue 64517", "Go", "empty chunk-size", "an empty chunk-size taken for the last-chunk",
			coding{octets: "\r\n\r\n" + smuggled, rule: wire.RuleChunkSize},
			coding{octets: "2\r\nhi\r\n\r\n\r\n", rule: wire.RuleChunkSize, content: "hi"},
			coding{octets: ";a\r\nhi\r\n", rule: wire.RuleChunkSize},
			coding{octets: " 2\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSize}),
		chunkAdvisory("CVE-2021-32714", "hyper", "sizes of 65 bits", "a chunk-size that overflows",
			coding{octets: "10000000000000002\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSizeRange},
			coding{octets: "fffffffffffffffe\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSizeRange},
			coding{octets: "8000000000000000\r\nhi\r\n", rule: wire.RuleChunkSizeRange},
			coding{octets: "7fffffffffffffff\r\nhi", content: "hi", rule: wire.RuleIncompleteContent, eof: true},
			coding{octets: "00000000000000000000002\r\nhi\r\n0\r\n\r\n", content: "hi"}),
		chunkAdvisory("CVE-2021-22960", "llhttp", "octets in chunk extensions", "chunk extensions passed over unseen",
			coding{octets: "2 \n;\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSpace, admits: wire.AllowChunkSpace, then: wire.RuleChunkBareLF},
			coding{octets: "2;a\rb\r\nhi\r\n0\r\n\r\n", rule: wire.RuleLineEnd},
			coding{octets: "2;a\x00b\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkExt, admits: wire.AllowLooseChunkExt, taken: "hi"},
			coding{octets: "2;a=\"b\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkExt, admits: wire.AllowLooseChunkExt, taken: "hi"},
			coding{octets: "2 ; a = \"b;\\\"c\"\r\nhi\r\n0\r\n\r\n", content: "hi"}),
		chunkAdvisory("CVE-2024-22019", "Node", "endless extensions", "chunk extensions read without a bound",
			coding{octets: "2;a=" + strings.Repeat("b", 20<<10), rule: wire.RuleLimitLine},
			coding{octets: "2;" + strings.Repeat(";", 20<<10), rule: wire.RuleChunkExt}),
		chunkAdvisory("CWE-444", "any", "sizes that are no hexadecimal digits", "a chunk-size read as a programming language reads numbers",
			coding{octets: "0x2\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSize},
			coding{octets: "+2\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSize},
			coding{octets: "-2\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSize},
			coding{octets: "0_2\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSize},
			coding{octets: "2 2\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSize},
			coding{octets: "2 \r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSpace, admits: wire.AllowChunkSpace, taken: "hi"},
			coding{octets: "g\r\nhi\r\n0\r\n\r\n", rule: wire.RuleChunkSize},
			coding{octets: "2\r\nhi\r\n0\r\nX: y\r\n", content: "hi", rule: wire.RuleIncompleteContent, eof: true, admits: wire.AllowTrailerEOF, taken: "hi"}),
	}
}

// chunkAdvisory tries chunked bodies in both directions: short ones cut in two and in three at every place, and
// with each leniency.
func chunkAdvisory(id, of, name, does string, codings ...coding) advisory {
	const (
		response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
		request  = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	)
	core := func(head string, subject func(t *testing.T, l wire.Lenient) *conn.Conn) func(*testing.T) {
		return func(t *testing.T) {
			for _, c := range codings {
				c.try(t, func(l wire.Lenient, three bool) heard {
					eof := c.eof || head == response
					begin := func() *conn.Conn {
						// The head is heard before, so that the splits are those of the body.
						s := subject(t, l)
						if n, _, err := s.Next([]byte(head), false); err != nil || n != len(head) {
							t.Fatal(n, err)
						}
						return s
					}
					return hearBody(t, begin, c.octets, eof, three)
				})
			}
		}
	}
	return advisory{id, of, name, does,
		func(t *testing.T) {
			for _, c := range codings {
				c.try(t, func(l wire.Lenient, _ bool) heard {
					return hearFacade(t, response+c.octets, conn.Config{Lenient: l})
				})
			}
		},
		core(response, func(t *testing.T, l wire.Lenient) *conn.Conn {
			return asking(t, "GET", conn.Config{Lenient: l})
		}),
		core(request, func(_ *testing.T, l wire.Lenient) *conn.Conn {
			return conn.New(conn.Server, conn.Config{Lenient: l})
		}), nil}
}

// hearBody is hearSplit behind a head.
func hearBody(t *testing.T, begin func() *conn.Conn, octets string, eof, three bool) heard {
	t.Helper()
	var want heard
	for i, segments := range append([][]string{{octets}}, splitsOfBody(octets, three)...) {
		h := heard{Messages: []message{{}}}
		h.hear(t, begin(), segments, eof)
		if i == 0 {
			want = h
		} else if diff := cmp.Diff(want, h); diff != "" {
			t.Fatalf("%.200q split as %.200q (-whole +split):\n%s", octets, segments, diff)
		}
	}
	return want
}

// splitsOfBody leaves out most splits of a body that is long.
func splitsOfBody(octets string, three bool) [][]string {
	if len(octets) < 200 {
		return splits(octets, three && len(octets) < 40)
	}
	all := [][]string{strings.Split(octets, "")}
	for i := 0; i < len(octets); i += 997 {
		all = append(all, []string{octets[:i], octets[i:]})
	}
	return all
}

// try hears a body strictly, and with each leniency: it admits its own deviation, and leaves all others.
func (c *coding) try(t *testing.T, hear func(l wire.Lenient, three bool) heard) {
	t.Helper()
	strict := hear(0, true)
	if strict.Rule != c.rule || strict.content() != c.content || c.rule == 0 && !strict.Reusable {
		t.Errorf("%.80q: %.200v; want content %.80q, rule %q", c.octets, &strict, c.content, c.rule.Name())
	}
	if c.rule != 0 && (strict.Messages[0].Whole || strict.Reusable) {
		t.Errorf("%.80q: passes for whole, or the connection for fit", c.octets)
	}
	for bit := wire.Lenient(1); bit <= wire.LenientAll && len(c.octets) < 200; bit <<= 1 {
		h := hear(bit, false)
		if c.admits&bit != 0 {
			if h.Rule != c.then || h.content() != c.taken {
				t.Errorf("%q with %v: %v; want content %q, rule %q", c.octets, bit, &h, c.taken, c.then.Name())
			}
			continue
		}
		if diff := cmp.Diff(strict, h); diff != "" {
			t.Errorf("%q with %v, which is not about it (-strict +lenient):\n%s", c.octets, bit, diff)
		}
	}
}
