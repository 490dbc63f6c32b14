package conn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

// TestRefused has what a Conn refuses in what it receives, beyond the grammar of single elements: the
// rule, and the offset of what broke it from the first octet of the connection. It is the same however
// the octets are split.
func TestRefused(t *testing.T) {
	limited := func(l wire.Limits) conn.Config { return conn.Config{Limits: l} }
	for _, tt := range []struct {
		name   string
		config conn.Config
		asked  []ask // nil: a request is read
		octets string
		rule   wire.Rule
		at     int64
	}{
		{"no Host", conn.Config{}, nil, "GET / HTTP/1.1\nX: y\n\n", wire.RuleHostMissing, 0},
		{"no Host behind empty lines", conn.Config{}, nil, "\n\nGET / HTTP/1.1\n\n", wire.RuleHostMissing, 4},
		{"Host twice", conn.Config{}, nil, "GET / HTTP/1.1\nHost: h\nX: y\nHost: h\n\n", wire.RuleHostRepeated, 37},
		{"Host twice, whatever is admitted", conn.Config{Lenient: wire.LenientAll}, nil, "GET / HTTP/1.1\nHost: h\nhost: \n\n", wire.RuleHostRepeated, 31},
		{"Host twice in HTTP/1.0", conn.Config{}, nil, "GET / HTTP/1.0\nHost: h\nHost: h\n\n", wire.RuleHostRepeated, 31},
		{"invalid Host", conn.Config{}, nil, "GET / HTTP/1.1\nHost: a b\n\n", wire.RuleHostInvalid, 22},
		{"both framings", conn.Config{}, nil, "POST / HTTP/1.1\nHost: h\nContent-Length: 3\nTransfer-Encoding: chunked\n\n", wire.RuleCodingAndLength, 42},
		{"both framings, whatever is admitted", conn.Config{Lenient: wire.LenientAll, Codings: true}, nil,
			"POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\nContent-Length: 3\n\n", wire.RuleCodingAndLength, 70},
		{"Transfer-Encoding in HTTP/1.0", conn.Config{}, nil, "POST / HTTP/1.0\nTransfer-Encoding: chunked\n\n", wire.RuleCodingInHTTP10, 36},
		{"unknown coding", conn.Config{}, nil, "POST / HTTP/1.1\nHost: h\nTransfer-Encoding: gzip, chunked\n\n", wire.RuleUnknownCoding, 45},
		{"chunked not last", conn.Config{Codings: true}, nil, "POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked, gzip\n\n", wire.RuleChunkedNotFinal, 45},
		{"lengths that differ", conn.Config{}, nil, "POST / HTTP/1.1\nHost: h\nContent-Length: 3\nContent-Length: 4\n\n", wire.RuleContentLengths, 61},
		{"target and method", conn.Config{}, nil, "GET * HTTP/1.1\nHost: h\n\n", wire.RuleTargetForm, 4},
		{"CONNECT to port 0", conn.Config{}, nil, "CONNECT h:0 HTTP/1.1\nHost: h\n\n", wire.RuleAuthority, 9},
		{"HTTP/2", conn.Config{}, nil, "PRI * HTTP/2.0\n\nSM\n\n", wire.RuleMajorVersion, 11},
		{"a second request that is malformed", conn.Config{}, nil, "\nGET / HTTP/1.1\nX\n\n", wire.RuleMissingColon, 19},
		{"CR without LF before a request", conn.Config{}, nil, "\n\rGET / HTTP/1.1\nHost: h\n\n", wire.RuleLineEnd, 2},
		{"empty lines without end", limited(wire.Limits{Line: 8}), nil, "\n\n\n\n\nGET / HTTP/1.1\nHost: h\n\n", wire.RuleLimitLine, 8},
		{"request-line over the limit", limited(wire.Limits{Line: 16}), nil, "\nGET /ab HTTP/1.1\nHost: h\n\n", wire.RuleLimitLine, 18},
		{"field section over the limit", limited(wire.Limits{Section: 12}), nil, "GET / HTTP/1.1\nHost: h\nX: y\n\n", wire.RuleLimitSection, 28},
		{"field lines over the limit", limited(wire.Limits{Fields: 2}), nil, "GET / HTTP/1.1\nHost: h\nX: y\nX: y\n\n", wire.RuleLimitFields, 31},
		{"Content-Length over the limit", limited(wire.Limits{Content: 9}), nil, "POST / HTTP/1.1\nHost: h\nContent-Length: 10\n\n0123456789", wire.RuleLimitContent, 42},
		{"a chunk over the limit", limited(wire.Limits{Content: 3}), nil, "POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n2\nab\n2\ncd\n", wire.RuleLimitContent, 63},
		{"a chunk-size of 2^63", conn.Config{}, nil, "POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n8000000000000000\n", wire.RuleChunkSizeRange, 71},
		{"trailers over the limit", limited(wire.Limits{Trailer: 8}), nil, "POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n0\nX: y\nX: y\n\n", wire.RuleLimitTrailer, 67},
		{"unknown coding of a response", conn.Config{}, get, "HTTP/1.1 200 \nTransfer-Encoding: gzip\n\n", wire.RuleUnknownCoding, 34},
		{"lengths of a response that differ", conn.Config{}, get, "HTTP/1.1 200 \nContent-Length: 3, 4\n\n", wire.RuleContentLengths, 31},
		{"Content-Length of a response over the limit", limited(wire.Limits{Content: 9}), get, "HTTP/1.1 200 \nContent-Length: 10\n\n", wire.RuleLimitContent, 31},
		{"content of a response over the limit", limited(wire.Limits{Content: 3}), get, "HTTP/1.1 200 \n\nabcd", wire.RuleLimitContent, 20},
		{"101 behind an interim response", conn.Config{}, get, "HTTP/1.1 100 \n\nHTTP/1.1 101 \n\n", wire.RuleUpgradeUnasked, 17},
		{"an empty line before a response", conn.Config{}, get, "\nHTTP/1.1 200 \n\n", wire.RuleNoStatusLine, 0},
		{"HTTP/2 in a response", conn.Config{}, get, "HTTP/2.0 200 \n\n", wire.RuleMajorVersion, 5},
		{"another protocol", conn.Config{}, get, "SSH-2.0-x\n", wire.RuleNoStatusLine, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mc := messageCase{asked: tt.asked, reader: tt.config}
			for _, segments := range splits(crlf(tt.octets)) {
				l := hear(t, mc.newReader(t), false, segments...)
				var e *wire.SyntaxError
				if !errors.As(l.err, &e) || e.Rule != tt.rule || e.Offset != tt.at {
					t.Fatalf("%q: error %v, want %v at byte %d", segments, l.err, tt.rule, tt.at)
				}
				if l.c.Reusable() || l.c.Ahead() != 0 || l.c.Skip(1) == nil {
					t.Fatalf("%q: of use behind an error", segments)
				}
			}
		})
	}
}

// TestAdmittedHost is the leniency that is judged here and nowhere below.
func TestAdmittedHost(t *testing.T) {
	octets := crlf("GET / HTTP/1.1\nX: y\n\n")
	l := hear(t, conn.New(conn.Server, conn.Config{Lenient: wire.AllowMissingHost}), false, octets)
	if l.err != nil || l.heard.Messages[0].Admitted != wire.AllowMissingHost {
		t.Errorf("%v, %+v", l.err, l.heard)
	}
	if l = hear(t, conn.New(conn.Server, conn.Config{Lenient: wire.LenientAll &^ wire.AllowMissingHost}), false, octets); l.err == nil {
		t.Error("every other leniency admits it")
	}
}

// TestHeadRaw holds that the head is there as it came, too.
func TestHeadRaw(t *testing.T) {
	request := crlf("GET / HTTP/1.1\nHost: h\nX:\ty\t\n\n")
	c := conn.New(conn.Server, conn.Config{})
	n, ev, err := c.Next([]byte("\r\n"+request+"rest"), false)
	if err != nil || ev.Kind != conn.RequestHead || string(ev.Head.Raw) != request || n != len(request)+2 {
		t.Fatalf("%d, %v, %v", n, ev.Kind, err)
	}
	for _, view := range [][]byte{ev.Head.Raw, ev.Head.Method, ev.Head.Target, ev.Head.Host} {
		if cap(view) != len(view) {
			t.Errorf("%q can grow into what is behind it", view)
		}
	}
}

// TestSkip takes content past Next, in every kind of body.
func TestSkip(t *testing.T) {
	c, _ := asking(t, conn.Config{}, []ask{{method: "GET"}, {method: "GET"}, {method: "GET"}})
	next := func(octets string, want conn.Kind) conn.Event {
		t.Helper()
		n, ev, err := c.Next([]byte(crlf(octets)), false)
		if err != nil || ev.Kind != want || n != len(crlf(octets)) {
			t.Fatalf("%q: %d octets, %v, %v", octets, n, ev.Kind, err)
		}
		return ev
	}
	skip := func(n, ahead int64) {
		t.Helper()
		if got := c.Ahead(); got != ahead {
			t.Fatalf("%d octets ahead, want %d", got, ahead)
		}
		before := c.Offset()
		if err := c.Skip(n); err != nil || c.Offset() != before+n {
			t.Fatalf("skipping %d: %v, offset %d", n, err, c.Offset())
		}
	}
	refuse := func(n int64) {
		t.Helper()
		before := snapshot(c)
		if err := c.Skip(n); !errors.Is(err, wire.RuleContentExcess) || snapshot(c) != before {
			t.Fatalf("skipping %d: %v", n, err)
		}
	}
	refuse(1) // no response has begun
	next("HTTP/1.1 200 \nContent-Length: 5\n\n", conn.ResponseHead)
	refuse(6)
	refuse(-1)
	skip(0, 5)
	skip(2, 5)
	next("c", conn.Content)
	skip(2, 2)
	refuse(1)
	next("", conn.End)

	next("HTTP/1.1 200 \nTransfer-Encoding: chunked\n\n", conn.ResponseHead)
	refuse(1) // framing comes first
	if ev := next("3\n", conn.Chunk); ev.Size != 3 {
		t.Fatal(ev.Size)
	}
	skip(3, 3)
	refuse(1)
	next("\n0\n", conn.Chunk)
	next("\n", conn.End)

	next("HTTP/1.1 200 \n\n", conn.ResponseHead)
	skip(1<<40, -1)
	refuse(-1)
	if _, ev, err := c.Next(nil, true); ev.Kind != conn.End || err != nil {
		t.Fatal(ev.Kind, err)
	}
	refuse(1)
}

// TestSkipWithinLimit shows how much of content that ends with the connection may go past Next.
func TestSkipWithinLimit(t *testing.T) {
	c, _ := asking(t, conn.Config{Limits: wire.Limits{Content: 5}}, get)
	if _, _, err := c.Next([]byte("HTTP/1.1 200 \r\n\r\n"), false); err != nil {
		t.Fatal(err)
	}
	if c.Ahead() != 5 || c.Skip(6) == nil || c.Skip(5) != nil || c.Ahead() != 0 {
		t.Errorf("%d octets ahead", c.Ahead())
	}
	if _, _, err := c.Next([]byte("x"), false); !errors.Is(err, wire.RuleLimitContent) {
		t.Error(err)
	}
}

// TestReset takes a Conn to another connection from wherever it is: nothing of the old one is left.
func TestReset(t *testing.T) {
	for _, mc := range append(requestCases(), responseCases()...) {
		for k := range len(mc.wire) {
			c := mc.newReader(t)
			hear(t, c, k%2 == 0, mc.wire[:k])
			if c.Reset(conn.Server, conn.Config{}); !c.Reusable() || c.Err() != nil || c.Offset() != 0 || c.InFlight() != 0 ||
				c.Role() != conn.Server || c.Switched() || c.ExpectsContinue() || c.Ahead() != 0 || c.Remain() != 0 {
				t.Fatalf("%s, reset at %d: %s", mc.name, k, snapshot(c))
			}
			l := hear(t, c, false, crlf("GET /new HTTP/1.1\nHost: h\n\n"))
			if l.err != nil || len(l.heard.Messages) != 1 || l.heard.Messages[0].Target != "/new" {
				t.Fatalf("%s, reset at %d: %v %+v", mc.name, k, l.err, l.heard)
			}
		}
	}
}

// TestUnboundedWork has a peer that sends without end: CPython CVE-2021-3737 and #150743, Go
// CVE-2021-31525. Each comes to an error by the name of its limit, and long before that much is held.
func TestUnboundedWork(t *testing.T) {
	const post = "POST / HTTP/1.1\r\nHost: h\r\n"
	for _, tt := range []struct {
		name     string
		asked    []ask
		head, on string
		rule     wire.Rule
	}{
		{"empty lines", nil, "", "\r\n", wire.RuleLimitLine},
		{"a method", nil, "", "G", wire.RuleLimitLine},
		{"a field line", nil, post + "X: ", "y", wire.RuleLimitLine},
		{"a folded field line", nil, post + "X: y\r\n", " y\r\n", wire.RuleLimitSection},
		{"field lines", nil, post, "X: y\r\n", wire.RuleLimitFields},
		{"chunk extensions", nil, post + "Transfer-Encoding: chunked\r\n\r\n", "1;" + strings.Repeat("a", 4096) + "\r\nx\r\n", wire.RuleLimitChunkOverhead},
		{"zeros of a chunk-size", nil, post + "Transfer-Encoding: chunked\r\n\r\n", "0", wire.RuleLimitLine},
		{"a trailer section", nil, post + "Transfer-Encoding: chunked\r\n\r\n0\r\n", "X: " + strings.Repeat("a", 1024) + "\r\n", wire.RuleLimitTrailer},
		{"interim responses", get, "", "HTTP/1.1 100 \r\n\r\n", wire.RuleLimitInterim},
		{"a reason phrase", get, "HTTP/1.1 200 ", "x", wire.RuleLimitLine},
	} {
		t.Run(tt.name, func(t *testing.T) {
			config := conn.Config{Lenient: wire.AllowObsFold}
			c := conn.New(conn.Server, config)
			if tt.asked != nil {
				c, _ = asking(t, config, tt.asked)
			}
			data, sent := []byte(tt.head), 0
			for range 1 << 20 {
				data = append(data, tt.on...)
				sent += len(tt.on)
				for {
					n, ev, err := c.Next(data, false)
					data = data[n:]
					if err != nil {
						if !errors.Is(err, tt.rule) || sent > 256<<10 {
							t.Errorf("behind %d octets: %v", sent, err)
						}
						return
					}
					if ev.Kind == conn.NeedData {
						break
					}
				}
			}
			t.Errorf("%d octets taken", sent)
		})
	}
}

// TestEmptyLinesEachTime has a few empty lines before each of many requests: they are counted for one
// request, not for the connection.
func TestEmptyLinesEachTime(t *testing.T) {
	c := conn.New(conn.Server, conn.Config{Limits: wire.Limits{Line: 24}})
	l := &listener{t: t, c: c}
	for i := range 50 {
		l.show(crlf("\n\n\nGET / HTTP/1.1\nHost: h\n\n"), false)
		if l.err != nil {
			t.Fatalf("request %d: %v", i, l.err)
		}
		if _, err := appendMessage(c, nil, message{Status: 204}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDeviations tells where each leniency was needed, from the first octet of the connection, and anew
// for each message.
func TestDeviations(t *testing.T) {
	c := conn.New(conn.Server, conn.Config{Lenient: wire.LenientAll})
	l := &listener{t: t, c: c}
	l.show(crlf("\nPOST / HTTP/1.1\nX : y\nTransfer-Encoding: chunked\n\n1 \na")+"\n0\r\n\r\n", false)
	want := []wire.Deviation{
		{Lenient: wire.AllowSpaceBeforeColon, Offset: 19},
		{Lenient: wire.AllowMissingHost, Offset: 2},
		{Lenient: wire.AllowChunkSpace, Offset: 56},
		{Lenient: wire.AllowChunkBareLF, Offset: 61},
	}
	if diff := cmp.Diff(want, c.Deviations()); diff != "" || l.err != nil {
		t.Errorf("%v (-want +got)\n%s", l.err, diff)
	}
	if _, err := appendMessage(c, nil, message{Status: 204}); err != nil {
		t.Fatal(err)
	}
	l.show(crlf("GET / HTTP/1.1\nHost: h\n\n"), false)
	if got := c.Deviations(); len(got) != 0 || l.err != nil {
		t.Errorf("%v %v", got, l.err)
	}
}
