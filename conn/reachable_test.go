package conn

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
)

// reachable lists, by hand, every pair of states that a Conn of each role can be in between two calls,
// the client's letter first (see stateLetters). A pair that is missing here is a state that nobody
// thought of; one too many is a state that something made impossible.
var reachable = map[Role]string{
	Client: `
		II             nothing under way
		BO DO MO CO    the request is begun, complete, complete and may switch, complete and the last
		BB DB CB       the response is begun, before the request is complete or behind it
		BD             the response is complete before the request
		XO XB          no more requests, but a response is to come
		SS             switched
		CC XC CX XX    over: each party has to close or has closed
		BX             the response was complete before the request, and the server has closed
		CF BF XF       the server broke the protocol`,
	Server: `
		II
		BO DO MO CO
		BB DB CB
		BD
		XO XB
		SS
		CC XC CX XX
		BX
		FI FO FB       the client broke the protocol; the server may still answer
		FC FX          and has`,
}

func wantReachable(role Role) []string {
	var pairs []string
	for line := range strings.Lines(reachable[role]) {
		for word := range strings.FieldsSeq(line) {
			if len(word) != 2 || strings.Trim(word, stateLetters) != "" {
				break // the reason
			}
			pairs = append(pairs, word)
		}
	}
	slices.Sort(pairs)
	return pairs
}

// move is something that can be done to a Conn; it reports whether that was possible.
type move struct {
	name string
	do   func(c *Conn) bool
}

func pairs(kv ...string) *headers.Fields {
	f := new(headers.Fields)
	for i := 0; i < len(kv); i += 2 {
		f.Add(kv[i], kv[i+1])
	}
	return f
}

// show feeds a Conn octets that it takes whole, in one event or more.
func show(c *Conn, octets string, eof bool) bool {
	data, before := []byte(octets), c.offset
	for range 10 {
		n, ev, err := c.Next(data, eof)
		data = data[n:]
		if err != nil || ev.Kind == NeedData || ev.Kind == Paused || ev.Kind == Closed || ev.Kind == End {
			return err != nil || eof || c.offset > before
		}
	}
	return true
}

func shows(name, octets string, eof bool) move {
	return move{name, func(c *Conn) bool { return show(c, octets, eof) }}
}

func sends(name string, send func(c *Conn, dst []byte) ([]byte, error)) move {
	return move{name, func(c *Conn) bool { _, err := send(c, nil); return err == nil }}
}

func requests(name, method, target string, fields ...string) move {
	return sends(name, func(c *Conn, dst []byte) ([]byte, error) {
		return c.AppendRequest(dst, method, target, pairs(append(fields, "Host", "h")...))
	})
}

func responds(name string, status int, fields ...string) move {
	return sends(name, func(c *Conn, dst []byte) ([]byte, error) {
		return c.AppendResponse(dst, status, "", pairs(fields...))
	})
}

var common = []move{
	sends("content", func(c *Conn, dst []byte) ([]byte, error) { return c.AppendContent(dst, []byte("ok")) }),
	sends("end", func(c *Conn, dst []byte) ([]byte, error) { return c.AppendEnd(dst, nil) }),
	{"close", func(c *Conn) bool { return c.Close() == nil }},
	shows("hears the end", "", true),
	shows("hears nonsense", "\x00", false),
	shows("hears content", "ok", false),
}

var clientMoves = append([]move{
	requests("request", "GET", "/"),
	requests("last request", "GET", "/", "Connection", "close"),
	requests("request with content", "POST", "/", "Content-Length", "2"),
	requests("upgrade", "GET", "/", "Upgrade", "x"),
	requests("last upgrade", "GET", "/", "Upgrade", "x", "Connection", "close"),
	requests("CONNECT", "CONNECT", "h:1"),
	sends("raw", func(c *Conn, dst []byte) ([]byte, error) {
		if len(c.queue) > 3 {
			return dst, ErrState // keeps the walk finite
		}
		return c.AppendRaw(dst, []byte("x"), "GET", "HEAD")
	}),
	shows("hears a response", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", false),
	shows("hears a response begin", "HTTP/1.1 200 \r\nContent-Length: 2\r\n\r\n", false),
	shows("hears the last response", "HTTP/1.1 400 \r\nContent-Length: 0\r\nConnection: close\r\n\r\n", false),
	shows("hears the last response begin", "HTTP/1.1 400 \r\n\r\n", false),
	shows("hears 100", "HTTP/1.1 100 \r\n\r\n", false),
	shows("hears 101", "HTTP/1.1 101 \r\n\r\n", false),
}, common...)

var serverMoves = append([]move{
	shows("hears a request", "GET / HTTP/1.1\r\nHost: h\r\n\r\n", false),
	shows("hears the last request", "GET / HTTP/1.0\r\n\r\n", false),
	shows("hears a request begin", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n", false),
	shows("hears an upgrade", "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\n", false),
	shows("hears CONNECT", "CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", false),
	responds("100", 100),
	responds("101", 101, "Upgrade", "x"),
	responds("200 without framing", 200),
	responds("403", 403, "Content-Length", "0"),
	responds("403 with content", 403, "Content-Length", "2"),
	responds("500 and close", 500, "Content-Length", "0", "Connection", "close"),
}, common...)

// fork copies c as far as walking needs.
func fork(c *Conn) *Conn {
	f := *c
	f.queue, f.memory = slices.Clone(c.queue), nil
	f.head.Fields = *c.head.Fields.Clone()
	return &f
}

// place in the walk: all that decides what can happen next.
func (c *Conn) where() string {
	return fmt.Sprint(pair(c), c.clientLast, c.serverLast, c.queue, c.decoder.Ahead(), c.encoder, c.err != nil)
}

// walk does whatever can be done to a Conn of that role, in any order, and calls visit for each step
// that leads to where it was not yet.
func walk(role Role, visit func(before *Conn, m move, after *Conn)) {
	moves := clientMoves
	if role == Server {
		moves = serverMoves
	}
	start := New(role, Config{Pipeline: 3})
	been := map[string]bool{start.where(): true}
	for queue := []*Conn{start}; len(queue) > 0; queue = queue[1:] {
		for _, m := range moves {
			c := fork(queue[0])
			if !m.do(c) {
				continue
			}
			visit(queue[0], m, c)
			if where := c.where(); !been[where] {
				been[where] = true
				queue = append(queue, c)
			}
		}
	}
}

func TestReachable(t *testing.T) {
	for _, role := range []Role{Client, Server} {
		found := map[string]string{"II": "start"}
		walk(role, func(before *Conn, m move, after *Conn) {
			if p := pair(after); found[p] == "" {
				found[p] = pair(before) + ", " + m.name
			}
		})
		want, got := wantReachable(role), slices.Sorted(maps.Keys(found))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%v (-want +got)\n%s%v", role, diff, found)
		}
	}
}

// TestWalk holds what is true at every step of any walk.
func TestWalk(t *testing.T) {
	for _, role := range []Role{Client, Server} {
		steps := 0
		walk(role, func(before *Conn, m move, after *Conn) {
			steps++
			checkStep(t, before, m, after)
		})
		t.Logf("%v: %d steps", role, steps)
	}
}

func checkStep(t *testing.T, before *Conn, m move, after *Conn) {
	t.Helper()
	fault := func(what string) {
		t.Errorf("%v: %s (%s), %s: %s (%s): %s", after.role, pair(before), before.Phase(), m.name, pair(after), after.Phase(), what)
	}
	server := after.states[Server]
	owes := server == StateOwed || server == StateBody && after.role == Client
	switch {
	case after.Reusable() && (after.err != nil || after.clientLast || after.serverLast || len(after.queue) > 0):
		fault("reusable, with an error, without persistence or with a request in flight")
	case after.err != nil && after.states[after.role.Peer()] != StateFailed:
		fault("an error, and the peer has not failed")
	case owes && len(after.queue) == 0:
		fault("a response is owed to nobody")
	case after.states[Client] == StateBody && len(after.queue) == 0:
		fault("a request is under way and not in flight")
	case len(after.queue) > len(before.queue)+2, len(after.queue) < len(before.queue)-1:
		fault("more than one exchange ended at once")
	case after.Switched() != (server == StateSwitched):
		fault("one party has switched alone")
	case after.Phase() == PhaseIdle != after.Reusable():
		fault("idle and not reusable, or the reverse")
	case after.role == Client && before.Phase() == PhaseOver && after.Phase() != PhaseOver:
		fault("back from over")
	case before.err != nil && after.err != before.err:
		fault("the error changed")
	}
}
