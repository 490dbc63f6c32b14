package conn_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// emptyIsNil lets a message without content compare equal however it came about.
var emptyIsNil = cmpopts.EquateEmpty()

// want returns the messages of the case as a reader tells of them.
func (mc *messageCase) want() []message {
	want := append([]message(nil), mc.messages...)
	for i := range want {
		if want[i].Version == 0 {
			want[i].Version = wire.HTTP11
		}
	}
	return want
}

// newReader returns the party that reads the messages of the case.
func (mc *messageCase) newReader(t testing.TB) *conn.Conn {
	t.Helper()
	if mc.asked == nil {
		return conn.New(conn.Server, mc.reader)
	}
	c, _ := asking(t, mc.reader, mc.asked)
	return c
}

// asking returns a client that has sent the requests, and their octets.
func asking(t testing.TB, config conn.Config, asked []ask) (*conn.Conn, []byte) {
	t.Helper()
	config.Pipeline, config.Version = len(asked), asked[0].v
	c := conn.New(conn.Client, config)
	var octets []byte
	for _, a := range asked {
		var err error
		if octets, err = c.AppendRequest(octets, a.method, a.target(), a.headers()); err == nil {
			octets, err = c.AppendEnd(octets, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return c, octets
}

// appendMessage writes m with the functions that check what they write.
func appendMessage(c *conn.Conn, dst []byte, m message) ([]byte, error) {
	var err error
	if m.Method != "" {
		dst, err = c.AppendRequest(dst, m.Method, m.Target, parseFields(m.Fields))
	} else {
		dst, err = c.AppendResponse(dst, m.Status, m.Reason, parseFields(m.Fields))
	}
	for _, piece := range m.Chunks {
		if err == nil {
			dst, err = c.AppendChunk(dst, []byte(piece.Content), piece.Ext)
		}
	}
	if err != nil || m.Status/100 == 1 || m.Mode == body.Tunnel {
		return dst, err
	}
	var trailers *headers.Fields
	if m.Trailers != "" {
		trailers = parseFields(m.Trailers)
	}
	return c.AppendEnd(dst, trailers)
}

func TestWriteCases(t *testing.T) {
	for _, mc := range append(requestCases(), responseCases()...) {
		if mc.readOnly {
			continue
		}
		t.Run(mc.name, func(t *testing.T) {
			c := conn.New(conn.Client, mc.writer)
			l := &listener{t: t, c: c}
			if mc.asked != nil {
				_, requests := asking(t, conn.Config{}, mc.asked)
				c = conn.New(conn.Server, mc.writer)
				l.c = c
				l.show(string(requests), false)
			}
			const before = "before"
			octets := []byte(before)
			for _, m := range mc.messages {
				var err error
				if octets, err = appendMessage(c, octets, m); err != nil {
					t.Fatal(err)
				}
				if mc.asked != nil {
					l.show("", false) // the next request, if there is one
				}
			}
			if diff := cmp.Diff(before+mc.wire, string(octets)); diff != "" {
				t.Error("octets (-want +got)", diff)
			}
			checkOutcome(t, c, &mc)
		})
	}
}

// checkOutcome holds how the connection stands against the case, for whoever wrote or read it whole.
func checkOutcome(t *testing.T, c *conn.Conn, mc *messageCase) {
	t.Helper()
	if mc.asked == nil {
		if last := c.State(conn.Client) == conn.StateMustClose; last != (mc.ends == closing) {
			t.Errorf("client is %v", c.State(conn.Client))
		}
		return
	}
	server := conn.StateMustClose
	switch {
	case mc.ends == persisting:
		server = conn.StateIdle
	case mc.ends == switched:
		server = conn.StateSwitched
	case mc.ends == byClosing && c.Role() == conn.Client:
		server = conn.StateClosed // the end was seen
	}
	if c.State(conn.Server) != server || c.Reusable() != (mc.ends == persisting) || c.Switched() != (mc.ends == switched) {
		t.Errorf("server is %v, want %v; reusable %t, switched %t", c.State(conn.Server), server, c.Reusable(), c.Switched())
	}
}

// kindBehind returns the event that follows the messages of the case when nothing else does.
func (mc *messageCase) kindBehind() conn.Kind {
	switch {
	case mc.asked != nil && mc.ends == persisting:
		return conn.NeedData
	case mc.ends == byClosing:
		return conn.Closed
	}
	return conn.Paused
}

func TestReadCases(t *testing.T) {
	for _, mc := range append(requestCases(), responseCases()...) {
		t.Run(mc.name, func(t *testing.T) {
			want := heard{mc.want(), mc.kindBehind().String()}
			for _, segments := range splits(mc.wire) {
				c := mc.newReader(t)
				l := hear(t, c, mc.ends == byClosing, segments...)
				if diff := cmp.Diff(want, l.heard, emptyIsNil); diff != "" {
					t.Fatalf("%q (-want +got)\n%s", segments, diff)
				}
				if c.Offset() != int64(len(mc.wire)) {
					t.Fatalf("%q: %d octets consumed", segments, c.Offset())
				}
				checkOutcome(t, c, &mc)
			}
		})
	}
}

// TestReadRequestsBehind has another request behind each request: it waits for its turn, which comes
// when the first one is answered, unless the connection does not persist.
func TestReadRequestsBehind(t *testing.T) {
	next := crlf("GET /next HTTP/1.1\nHost: next\n\n")
	behind := message{Method: "GET", Target: "/next", Form: origin, Host: "next", Version: wire.HTTP11, Fields: "Host: next"}
	for _, mc := range requestCases() {
		t.Run(mc.name, func(t *testing.T) {
			for _, segments := range splits(mc.wire + next) {
				l := hear(t, mc.newReader(t), false, segments...)
				if diff := cmp.Diff(heard{mc.want(), "paused"}, l.heard, emptyIsNil); diff != "" {
					t.Fatalf("%q (-want +got)\n%s", segments, diff)
				}
				if string(l.data) != next {
					t.Fatalf("%q: left %q", segments, l.data)
				}
				refusal := message{Status: 403, Fields: "Content-Length: 0"}
				if mc.messages[0].Version == wire.HTTP10 && mc.ends == persisting {
					refusal.Fields += "\nConnection: keep-alive"
				}
				if _, err := appendMessage(l.c, nil, refusal); err != nil {
					t.Fatal(err)
				}
				want := heard{mc.want(), "paused"}
				if mc.ends == persisting {
					want.Messages = append(want.Messages, behind)
				}
				l.show("", false)
				if diff := cmp.Diff(want, l.heard, emptyIsNil); diff != "" {
					t.Fatalf("%q, then its response (-want +got)\n%s", segments, diff)
				}
			}
		})
	}
}

// TestReadResponsesBehind has octets behind the last response: they are never one, and the connection is
// of no more use, be they seen before the next request or behind it.
func TestReadResponsesBehind(t *testing.T) {
	const excess = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL"
	for _, mc := range responseCases() {
		if mc.ends == byClosing {
			continue // all octets are content
		}
		t.Run(mc.name, func(t *testing.T) {
			for _, segments := range splits(mc.wire + excess) {
				l := hear(t, mc.newReader(t), false, segments...)
				if mc.ends == switched {
					if diff := cmp.Diff(heard{mc.want(), "paused"}, l.heard, emptyIsNil); diff != "" || string(l.data) != excess {
						t.Fatalf("%q: left %q (-want +got)\n%s", segments, l.data, diff)
					}
					continue
				}
				if diff := cmp.Diff(mc.want(), l.heard.Messages, emptyIsNil); diff != "" {
					t.Fatalf("%q (-want +got)\n%s", segments, diff)
				}
				checkSpoilt(t, l, int64(len(mc.wire)))
			}
		})
	}
}

// checkSpoilt holds that unsolicited octets at that offset ended the connection.
func checkSpoilt(t *testing.T, l *listener, at int64) {
	t.Helper()
	var e *wire.SyntaxError
	if !errors.As(l.err, &e) || e.Rule != wire.RuleUnsolicited || e.Offset != at {
		t.Fatalf("error %v, want %v at %d", l.err, wire.RuleUnsolicited, at)
	}
	if l.c.Reusable() {
		t.Fatal("reusable")
	}
	if _, err := l.c.AppendRequest(nil, "GET", "/", parseFields(anyHost)); !errors.Is(err, conn.ErrState) {
		t.Fatalf("another request: error %v", err)
	}
}

// TestExcessBeforeNextRequest is what a careless caller does: it sends the next request without looking
// at what lies behind the response.
func TestExcessBeforeNextRequest(t *testing.T) {
	c, _ := asking(t, conn.Config{}, get)
	data := []byte(crlf("HTTP/1.1 204 No Content\n\nHTTP/1.1 200 OK\n\n"))
	for range 2 { // the head and the end
		n, ev, err := c.Next(data, false)
		if err != nil {
			t.Fatal(err)
		}
		data = data[n:]
		if ev.Kind == conn.End && c.Reusable() {
			t.Error("reusable with octets behind the response")
		}
	}
	if dst, err := c.AppendRequest(nil, "GET", "/", parseFields(anyHost)); !errors.Is(err, conn.ErrState) || len(dst) > 0 {
		t.Errorf("request %q, error %v", dst, err)
	}
}

// TestReadCutCases ends the connection behind every octet: that is an error inside a message, and while
// a response is owed, and the right end elsewhere.
func TestReadCutCases(t *testing.T) {
	for _, mc := range append(requestCases(), responseCases()...) {
		t.Run(mc.name, func(t *testing.T) {
			for k := range len(mc.wire) + 1 {
				cut := mc.wire[:k]
				l := hear(t, mc.newReader(t), true, cut)
				if later := hear(t, mc.newReader(t), true, cut, ""); !cmp.Equal(later.heard, l.heard) {
					t.Fatalf("%q: the end with octets and behind them differ:\n%s", cut, cmp.Diff(l.heard, later.heard))
				}
				if diff := cmp.Diff(cutTo(mc.want(), l.heard.Messages), l.heard.Messages, emptyIsNil); diff != "" {
					t.Fatalf("%q (-want +got)\n%s", cut, diff)
				}
				checkCut(t, &mc, l, cut)
			}
		})
	}
}

// cutTo returns the beginning of want that got can be when the connection was cut: as many messages, the
// last of them with as much content and as little of an end.
func cutTo(want, got []message) []message {
	if len(got) == 0 || len(got) > len(want) {
		return nil
	}
	want = append([]message(nil), want[:len(got)]...)
	last, heard := &want[len(want)-1], got[len(got)-1]
	if !heard.Partial && heard.Mode != body.CloseDelimited {
		return want
	}
	chunks := append([]chunk(nil), last.Chunks[:min(len(heard.Chunks), len(last.Chunks))]...)
	if n := len(chunks); n > 0 && strings.HasPrefix(chunks[n-1].Content, heard.Chunks[n-1].Content) {
		chunks[n-1].Content = heard.Chunks[n-1].Content
	}
	last.Chunks, last.Partial = chunks, heard.Partial
	if heard.Partial {
		last.Trailers = ""
	}
	return want
}

// checkCut judges how reading ended.
func checkCut(t *testing.T, mc *messageCase, l *listener, cut string) {
	t.Helper()
	whole := len(cut) == len(mc.wire)
	if mc.ends == byClosing {
		whole = len(l.heard.Messages) > 0
	}
	if mc.asked == nil && strings.Trim(cut, "\r\n") == "" && !strings.HasSuffix(cut, "\r") {
		whole = true // no request had begun
	}
	if whole {
		if l.err != nil {
			t.Fatalf("%q: %v", cut, l.err)
		}
		return
	}
	var e *wire.SyntaxError
	if !errors.As(l.err, &e) || e.Offset != int64(len(cut)) {
		t.Fatalf("%q ends with %q, error %v", cut, l.heard.Ends, l.err)
	}
	want := wire.RuleIncompleteHead
	if n := len(l.heard.Messages); n > 0 && l.heard.Messages[n-1].Partial {
		want = wire.RuleIncompleteContent
	} else if mc.asked != nil && l.c.Offset() == int64(len(cut)) {
		want = wire.RuleNoResponse
	}
	if e.Rule != want {
		t.Fatalf("%q: %v, want %v", cut, e, want)
	}
}
