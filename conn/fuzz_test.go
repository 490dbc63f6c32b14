package conn_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/fuzztest"
	"github.com/strata-http/strata/wire"
)

// maxFuzz is how many octets a fuzz target reads: octet by octet, the time grows by the square.
const maxFuzz = 2 << 10

// configOf makes a recipient of a fuzz input: with any leniencies, with the default limits or with limits
// that every second input meets.
func configOf(flags uint8, lenient uint64) conn.Config {
	config := conn.Config{Lenient: wire.Lenient(lenient) & wire.LenientAll}
	if flags&1 != 0 {
		config.Lenient = ^config.Lenient & wire.LenientAll
	}
	if flags&2 != 0 {
		config.Limits = wire.Limits{Line: 48, Section: 120, Fields: 4, Trailer: 40, Content: 60, ChunkOverhead: 30, Interim: 2}
	}
	config.Codings = flags&4 != 0
	return config
}

// randomly cuts octets in pieces by a seed; some are empty.
func randomly(octets string, seed uint64) []string {
	r := rand.New(rand.NewPCG(seed, seed))
	var pieces []string
	for len(octets) > 0 {
		n := min(r.IntN(1+r.IntN(40)), len(octets))
		pieces = append(pieces, octets[:n])
		octets = octets[n:]
	}
	return append(pieces, "")
}

// result is what must not depend on how octets were cut.
type result struct {
	Heard    heard
	Left     string
	Consumed int64
	States   [2]conn.State
	InFlight int
	Deviated []wire.Deviation
}

func (l *listener) result() result {
	r := result{
		Heard: l.heard, Consumed: l.c.Offset(), InFlight: l.c.InFlight(),
		States: [2]conn.State{l.c.State(conn.Client), l.c.State(conn.Server)}, Deviated: l.c.Deviations(),
	}
	if l.err == nil {
		r.Left = string(l.data)
	} else {
		r.Consumed = 0 // up to where the error made it stop depends on the cuts
	}
	return r
}

// sameHowever runs a conversation with the octets cut in several ways.
func sameHowever(t *testing.T, octets string, seed uint64, run func(segments []string) result) {
	t.Helper()
	want := run([]string{octets})
	for _, segments := range [][]string{octetwise(octets), randomly(octets, seed), {octets, ""}} {
		if len(segments) == 0 {
			continue
		}
		if diff := cmp.Diff(want, run(segments), emptyIsNil); diff != "" {
			t.Fatalf("%q\ncut %q (-whole +cut)\n%s", octets, segments, diff)
		}
	}
}

// bounded checks that reading octets allocates in proportion to them. It looks at nothing that it is told, since that
// would count too, and sends nothing.
func bounded(t *testing.T, c *conn.Conn, octets string, eof bool) {
	t.Helper()
	fuzztest.Bounded(t, len(octets), func() {
		for data := []byte(octets); ; {
			n, ev, err := c.Next(data, eof)
			if data = data[n:]; err != nil || ev.Kind == conn.NeedData || ev.Kind == conn.Paused || ev.Kind == conn.Closed {
				return
			}
		}
	})
}

// FuzzServer reads octets as a server that answers each request when it is complete.
func FuzzServer(f *testing.F) {
	for i, c := range fuzztest.Cases(f, "server") {
		f.Add(string(c.Octets), uint64(i), uint64(0), uint8(0), c.EOF)
	}
	for i, mc := range requestCases() {
		f.Add(mc.wire+crlf("GET /next HTTP/1.1\nHost: h\n\n"), uint64(i), uint64(0), uint8(0), i%2 == 0)
		f.Add(mc.wire, uint64(i), uint64(0), uint8(i), true)
	}
	f.Fuzz(func(t *testing.T, octets string, seed, lenient uint64, flags uint8, eof bool) {
		octets = octets[:min(len(octets), maxFuzz)]
		bounded(t, conn.New(conn.Server, configOf(flags, lenient)), octets, eof)
		sameHowever(t, octets, seed, func(segments []string) result {
			l := &listener{t: t, c: conn.New(conn.Server, configOf(flags, lenient))}
			for i, s := range segments {
				last := eof && i == len(segments)-1
				for l.show(s, last); l.err == nil && l.owes(); l.show("", last) {
					answer(t, l.c, l.heard.Messages[len(l.heard.Messages)-1], flags&8 != 0)
				}
				if l.err != nil {
					break
				}
			}
			return l.result()
		})
	})
}

// owes reports whether a request that was heard whole waits for its response.
func (l *listener) owes() bool {
	return l.c.State(conn.Server) == conn.StateOwed && !l.heard.Messages[len(l.heard.Messages)-1].Partial
}

// answer sends the whole response to a request, or switches if it may.
func answer(t *testing.T, c *conn.Conn, request message, switches bool) {
	t.Helper()
	response := message{Status: 404, Fields: "Content-Length: 0\nConnection: keep-alive"}
	if switches && c.State(conn.Client) == conn.StateMightSwitch {
		response = message{Status: 101, Fields: "Connection: Upgrade\nUpgrade: x", Mode: body.Tunnel}
		if request.Method == "CONNECT" {
			response = message{Status: 200, Mode: body.Tunnel}
		}
	}
	if _, err := appendMessage(c, nil, response); err != nil {
		t.Fatal(err)
	}
}

// clients are the requests that wait for the octets of FuzzClient; the last one is not complete.
var clients = [][]ask{
	get, head, connect, upgrade,
	{{method: "GET"}, {method: "HEAD"}, {method: "GET"}},
	{{method: "GET", v: wire.HTTP10}},
	{{method: "GET", fields: "Connection: close"}},
	{{method: "GET"}, {method: "CONNECT"}},
	nil,
}

// FuzzClient reads octets as the response to requests.
func FuzzClient(f *testing.F) {
	for i, c := range fuzztest.Cases(f, "client") {
		which := 0
		if len(c.Methods) == 1 {
			which = map[string]int{"HEAD": 1, "CONNECT": 2}[c.Methods[0]]
		} else if len(c.Methods) > 1 {
			which = 4
		}
		f.Add(string(c.Octets), uint64(i), uint64(0), uint8(which), uint8(0), c.EOF)
	}
	for i, mc := range responseCases() {
		f.Add(mc.wire, uint64(i), uint64(0), uint8(i), uint8(i), true)
		f.Add(mc.wire+"HTTP/1.1 200 OK\r\n\r\n", uint64(i), uint64(wire.LenientHTTPClient), uint8(i%len(clients)), uint8(0), false)
	}
	f.Fuzz(func(t *testing.T, octets string, seed, lenient uint64, which, flags uint8, eof bool) {
		octets = octets[:min(len(octets), maxFuzz)]
		asked := clients[int(which)%len(clients)]
		client := func() *conn.Conn {
			if asked != nil {
				c, _ := asking(t, configOf(flags, lenient), asked)
				return c
			}
			c := conn.New(conn.Client, configOf(flags, lenient))
			if _, err := c.AppendRequest(nil, "POST", "/", parseFields("Host: h\nContent-Length: 1\nExpect: 100-continue")); err != nil {
				t.Fatal(err)
			}
			return c
		}
		bounded(t, client(), octets, eof)
		sameHowever(t, octets, seed, func(segments []string) result { return hear(t, client(), eof, segments...).result() })
	})
}

// FuzzRoundTrip writes whatever message it can and reads it back: the same, and nothing behind it.
func FuzzRoundTrip(f *testing.F) {
	for i, mc := range append(requestCases(), responseCases()...) {
		for _, m := range mc.messages {
			content, ext := "", ""
			for _, c := range m.Chunks {
				content, ext = content+c.Content, ext+c.Ext
			}
			f.Add(m.Method, m.Target, m.Status, m.Reason, m.Fields, content, ext, m.Trailers, uint64(i))
		}
	}
	f.Fuzz(func(t *testing.T, method, target string, status int, reason, fields, content, ext, trailers string, seed uint64) {
		m := message{Method: method, Target: target, Status: status, Reason: reason, Fields: fields, Trailers: trailers}
		if method != "" {
			m.Status, m.Reason = 0, ""
		} else {
			m.Target = ""
		}
		if m.Status/100 == 1 { // it has no end to go with trailers
			m.Trailers = ""
		}
		for _, piece := range randomly(content, seed) {
			if piece != "" {
				m.Chunks = append(m.Chunks, chunk{ext, piece})
			}
		}
		writer, reader := conn.New(conn.Client, conn.Config{}), conn.New(conn.Server, conn.Config{Codings: true})
		if method == "" {
			asked := clients[int(seed%6)]
			var requests []byte
			reader, requests = asking(t, conn.Config{Codings: true}, asked[:1])
			writer = conn.New(conn.Server, conn.Config{})
			hear(t, writer, false, string(requests))
		}
		octets, err := appendMessage(writer, nil, m)
		if err != nil {
			return
		}
		l := hear(t, reader, true, randomly(string(octets), seed)...)
		if l.err != nil && !wouldOwe(m, l.err) {
			t.Fatalf("wrote %q, which is %v", octets, l.err)
		}
		checkRead(t, m, l, string(octets))
	})
}

// wouldOwe reports whether an error is just that an interim response is none.
func wouldOwe(m message, err error) bool {
	e, ok := err.(*wire.SyntaxError)
	return ok && e.Rule == wire.RuleNoResponse && m.Status/100 == 1
}

func checkRead(t *testing.T, m message, l *listener, octets string) {
	t.Helper()
	if len(l.heard.Messages) != 1 || l.heard.Messages[0].Partial {
		t.Fatalf("wrote %q, read %+v, then %s", octets, l.heard.Messages, l.heard.Ends)
	}
	got := l.heard.Messages[0]
	want := m
	want.Fields, want.Trailers = fieldLines(parseFields(m.Fields)), ""
	if m.Trailers != "" {
		want.Trailers = fieldLines(parseFields(m.Trailers))
	}
	// What only a reader tells is no part of what was written.
	want.Form, want.Host, want.Version, want.Mode = got.Form, got.Host, wire.HTTP11, got.Mode
	if got.Mode != body.Chunked && len(want.Chunks) > 0 {
		whole := chunk{}
		for _, c := range want.Chunks {
			whole.Content += c.Content
		}
		want.Chunks = []chunk{whole}
	}
	if diff := cmp.Diff(want, got, emptyIsNil); diff != "" || len(l.data) > 0 {
		t.Fatalf("wrote %q, left %q (-written +read)\n%s", octets, l.data, diff)
	}
}
