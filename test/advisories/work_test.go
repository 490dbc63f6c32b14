package advisories_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/wire"
)

// endless is what a peer sends that does not come to an end: a beginning, and then the same again and again.
type endless struct {
	response string    // how the response begins; "" where none can go on so
	request  string    // how the request begins
	again    string    // goes on without end; "" where the peer then falls silent and closes
	rule     wire.Rule // what is broken
	limits   wire.Limits
	// content says that there is no rule to break: it is content, of which the caller takes what he wants.
	content bool
	// tunnel says that it is a proxy's reply to CONNECT.
	tunnel bool
}

// unboundedWork are advisories about peers that make a recipient work, hold or wait without a bound.
func unboundedWork() []advisory {
	const (
		response = "HTTP/1.1 200 OK\r\n"
		request  = "POST / HTTP/1.1\r\nHost: h\r\n"
		coded    = "Transfer-Encoding: chunked\r\n\r\n"
	)
	both := func(section, again string, rule wire.Rule) endless {
		return endless{response: response + section, request: request + section, again: again, rule: rule}
	}
	digits := strings.Repeat("5", 1000)
	return []advisory{
		endlessAdvisory("CVE-2021-3737", "CPython", "endless 100", "interim responses without end",
			endless{again: "HTTP/1.1 100 Continue\r\n\r\n", rule: wire.RuleLimitInterim, response: "HTTP/1.1 103 \r\n\r\n"},
			endless{response: "HTTP/1.1 100 Continue\r\n", again: "X: y\r\n", rule: wire.RuleLimitFields},
			endless{request: "\r\n", again: "\r\n", rule: wire.RuleLimitLine}),
		endlessAdvisory("issue 150743", "CPython", "endless trailers and interims", "trailers or interim responses without end, which no time-out of a socket ends",
			both(coded+"0\r\n", "X: y\r\n", wire.RuleLimitFields),
			both(coded+"0\r\n", "X: "+strings.Repeat("y", 500)+"\r\n", wire.RuleLimitTrailer),
			both(coded+"0\r\nX: ", "y", wire.RuleLimitLine),
			endless{response: "HTTP/1.1 102 Processing\r\n\r\n", again: "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", rule: wire.RuleLimitInterim}),
		{"issue 150743", "CPython", drips, "a peer that is never silent for as long as a time-out, and never done",
			total, nil, nil, dripServed},
		endlessAdvisory("CVE-2025-13836", "CPython", "Content-Length of 10^15", "allocating what Content-Length claims",
			both("Content-Length: 1000000000000000\r\n\r\nhello", "", wire.RuleIncompleteContent),
			both(coded+"38d7ea4c68000\r\nhello", "", wire.RuleIncompleteContent),
			endless{response: response + "Content-Length: 1000000000000000\r\n\r\n", request: request + "Content-Length: 1000000000000000\r\n\r\n",
				rule: wire.RuleLimitContent, limits: wire.Limits{Content: 1 << 20}, again: "x"}),
		endlessAdvisory("CVE-2021-31525", "Go", "a list of a million options", "work on a very long Connection",
			both("Connection: ", "a,", wire.RuleLimitLine),
			endless{response: response + "Connection: " + strings.Repeat("a,", 500_000) + "close\r\nContent-Length: 5\r\n\r\nhell",
				request: request + "Connection: " + strings.Repeat("a,", 500_000) + "close\r\nContent-Length: 5\r\n\r\nhell",
				rule:    wire.RuleIncompleteContent, limits: wire.Limits{Line: -1, Section: -1}}),
		endlessAdvisory("CVE-2023-24534", "Go", "a million field lines", "memory that many small field lines take",
			both("", "a:\r\n", wire.RuleLimitFields),
			both("", "a: "+strings.Repeat("b", 1000)+"\r\n", wire.RuleLimitSection),
			both("A: ", "b", wire.RuleLimitLine),
			endless{response: response, request: request, again: "a:\r\n", rule: wire.RuleLimitSection, limits: wire.Limits{Fields: -1}}),
		endlessAdvisory("issue 181", "h11", "a million digits", "work on very long numbers",
			both("Content-Length: ", digits, wire.RuleLimitLine),
			both(coded, digits, wire.RuleChunkSizeRange),
			both(coded, "000000000000", wire.RuleLimitLine),
			endless{response: "HTTP/1.1 200", again: digits, rule: wire.RuleStatusCode},
			endless{request: "GET / HTTP/1.", again: digits, rule: wire.RuleRequestLine},
			endless{response: response + "Content-Length: " + strings.Repeat("0", 1_000_000) + "5\r\n\r\nhell", request: request + "Content-Length: " + strings.Repeat("0", 1_000_000) + "5\r\n\r\nhell",
				rule: wire.RuleIncompleteContent, limits: wire.Limits{Line: -1, Section: -1}}),
		endlessAdvisory("CVE-2026-22036", "undici", "a chain of codings", "decoding as often as a peer says",
			both("Transfer-Encoding: "+strings.Repeat("gzip, ", 2000)+"chunked\r\n\r\n", "", wire.RuleUnknownCoding),
			both("Transfer-Encoding: ", "gzip, ", wire.RuleLimitLine),
			both("Content-Encoding: "+strings.Repeat("gzip, ", 2000)+"gzip\r\nContent-Length: 6\r\n\r\nhello", "", wire.RuleIncompleteContent)),
		endlessAdvisory("CVE-2024-22019", "Node", "endless chunk extensions", "chunk extensions without end",
			both(coded+"1;", "a", wire.RuleLimitLine),
			both(coded, "1;"+strings.Repeat("a", 4096)+"\r\nx\r\n", wire.RuleLimitChunkOverhead),
			both(coded+"1", ";a", wire.RuleLimitLine)),
		endlessAdvisory("CWE-770", "any", "endless start-lines", "lines without end",
			endless{response: response[:13], request: "GET /", again: "a", rule: wire.RuleLimitLine},
			endless{response: "", request: "G", again: "E", rule: wire.RuleLimitLine},
			endless{response: response + "\r\n", again: strings.Repeat("x", 1000), content: true},
			endless{response: response + coded, request: request + coded, again: "a\r\n0123456789\r\n", rule: wire.RuleLimitContent, limits: wire.Limits{Content: 1 << 20}}),
		tunnelAdvisory("CWE-770", "any", "endless reply to CONNECT", "a proxy's reply, or refusal, without end",
			endless{response: "HTTP/1.1 100 \r\n\r\n", again: "HTTP/1.1 102 \r\n\r\n", rule: wire.RuleLimitInterim},
			endless{response: response, again: "X: y\r\n", rule: wire.RuleLimitFields},
			endless{response: response, again: "X: " + strings.Repeat("y", 1000) + "\r\n", rule: wire.RuleLimitSection},
			endless{response: response[:13], again: "x", rule: wire.RuleLimitLine},
			endless{response: "HTTP/1.1 403 No\r\nContent-Length: 1000000000000000\r\n\r\n", again: "x"},
			endless{response: "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\nTransfer-Encoding: chunked\r\n\r\n", again: "1\r\nx\r\n"},
			endless{response: "HTTP/1.1 502 No\r\n\r\n", again: "x"}),
	}
}

// tunnelAdvisory tries on the façade what a proxy replies to CONNECT.
func tunnelAdvisory(id, of, name, does string, all ...endless) advisory {
	for i := range all {
		all[i].tunnel = true
	}
	a := endlessAdvisory(id, of, name, does, all...)
	a.client, a.server, a.httpserver = nil, nil, nil
	return a
}

// endlessAdvisory tries what is endless on the subjects, and measures.
func endlessAdvisory(id, of, name, does string, all ...endless) advisory {
	each := func(begins func(*endless) string, try func(t *testing.T, e *endless, s *stream) wire.Rule) func(*testing.T) {
		return func(t *testing.T) {
			for i := range all {
				e := &all[i]
				if begins(e) != "" {
					e.measure(t, begins(e), try)
				}
			}
		}
	}
	response := func(e *endless) string { return e.response }
	request := func(e *endless) string { return e.request }
	return advisory{id, of, name, does, each(response, endlessFacade), each(response, endlessClient),
		each(request, endlessServer), each(request, endlessServed)}
}

// stream is the octets that a peer sends, and counts what was taken of them.
type stream struct {
	first, again string
	rest         string
	taken        int64
}

func (s *stream) Read(p []byte) (n int, err error) {
	if s.taken > 32<<20 {
		return 0, errors.New("32 MiB were taken")
	}
	for n < len(p) {
		switch {
		case s.first != "":
			m := copy(p[n:], s.first)
			s.first, n = s.first[m:], n+m
		case s.again == "" && n == 0:
			return 0, io.EOF
		case s.again == "":
			s.taken += int64(n)
			return n, nil
		default:
			if s.rest == "" {
				s.rest = s.again
			}
			m := copy(p[n:], s.rest)
			s.rest, n = s.rest[m:], n+m
		}
	}
	s.taken += int64(n)
	return n, nil
}

// fixed is what an exchange may allocate that has nothing to do with what arrives: a machine, a façade, its
// buffers. Beside that there may be sixteen octets for each that arrived, counting what was given up on growing: a
// buffer that doubles, and is copied, is four; and where a field line stands takes sixteen octets, for four that
// it has at least, in a slice that grows.
const (
	fixed      = 96 << 10
	perArrived = 16
)

// measure lets a subject take what is endless until it has an error, and compares what it has allocated with what
// has arrived.
func (e *endless) measure(t *testing.T, begins string, try func(t *testing.T, e *endless, s *stream) wire.Rule) {
	t.Helper()
	s := &stream{first: begins, again: e.again}
	var before, behind runtime.MemStats
	runtime.ReadMemStats(&before)
	rule := try(t, e, s)
	runtime.ReadMemStats(&behind)
	allocated := int64(behind.TotalAlloc - before.TotalAlloc)
	t.Logf("%-40.40q and %.14q: %q; arrived %d octets, allocated %d", begins, e.again, rule.Name(), s.taken, allocated)
	if rule != e.rule {
		t.Errorf("%.60q and %.20q: rule %q, want %q", begins, e.again, rule.Name(), e.rule.Name())
	}
	if allocated > fixed+perArrived*s.taken {
		t.Errorf("%.60q and %.20q: %d octets arrived and %d were allocated", begins, e.again, s.taken, allocated)
	}
	if at := int64(len(begins)) + 2<<20; s.taken > at && !e.content {
		t.Errorf("%.60q and %.20q: %d octets were taken before it was refused", begins, e.again, s.taken)
	}
}

// drive shows c what s has, in the buffer that a driver would have, until there is an error.
func drive(t *testing.T, c *conn.Conn, s *stream) wire.Rule {
	t.Helper()
	buffer := make([]byte, 16<<10)
	n, eof := 0, false
	for s.taken < 16<<20 {
		if n == len(buffer) {
			larger := make([]byte, 2*n)
			copy(larger, buffer)
			buffer = larger
		}
		m, err := s.Read(buffer[n:])
		eof = err == io.EOF
		if n += m; err != nil && !eof {
			t.Fatal(err)
		}
		at := 0
		for more := true; more; {
			used, ev, err := c.Next(buffer[at:n], eof)
			if err != nil {
				return ruleOf(t, err)
			}
			at += used
			more = ev.Kind != conn.NeedData && ev.Kind != conn.Paused && ev.Kind != conn.Closed
		}
		n = copy(buffer, buffer[at:n])
		if eof {
			t.Fatal("the end of the connection is no error")
		}
	}
	return 0
}

func endlessClient(t *testing.T, e *endless, s *stream) wire.Rule {
	return drive(t, asking(t, "GET", conn.Config{Limits: e.limits}), s)
}

func endlessServer(t *testing.T, e *endless, s *stream) wire.Rule {
	return drive(t, conn.New(conn.Server, conn.Config{Limits: e.limits}), s)
}

// endlessConn is a connection that reads from a stream.
type endlessConn struct {
	script
	s *stream
}

func (c *endlessConn) DialContext(context.Context, string, string) (net.Conn, error) { return c, nil }
func (c *endlessConn) Read(p []byte) (int, error)                                    { return c.s.Read(p) }

func endlessFacade(t *testing.T, e *endless, s *stream) wire.Rule {
	c, err := httpclient.New("h", httpclient.WithDialer(&endlessConn{s: s}), httpclient.WithLimits(e.limits))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if e.tunnel {
		if err := c.SetTunnel("example.org", 443, nil); err != nil {
			t.Fatal(err)
		}
	}
	r, err := c.Do(t.Context(), "GET", "/", nil, body.None())
	if refused := (*proxy.RefusedError)(nil); e.tunnel && e.rule == 0 && errors.As(err, &refused) && !c.Connected() {
		return 0
	}
	if err == nil && e.content {
		_, err := r.ReadN(1 << 20)
		if err != nil {
			t.Error(err)
		}
		return 0
	}
	if err == nil {
		_, err = r.ReadAll()
	}
	if err == nil {
		t.Fatal("no error")
	}
	if c.Connected() {
		t.Error("still connected")
	}
	if cut := (*httpclient.IncompleteReadError)(nil); errors.As(err, &cut) {
		if int64(len(cut.Partial)) != cut.Read || cut.Read > s.taken {
			t.Errorf("%d octets are partial content, %d were read, %d arrived", len(cut.Partial), cut.Read, s.taken)
		}
		return wire.RuleIncompleteContent
	}
	return ruleOf(t, err)
}
