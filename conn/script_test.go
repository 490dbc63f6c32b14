package conn_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/conntest"
	"github.com/strata-http/strata/headers"
)

// A script is a conversation, one step a line: who, what, and behind "=>" what comes of it.
//
//	C request GET / | Host: h     the client sends the head of a request
//	S response 200 OK | X: 1      the server sends the head of a response
//	C content hello               content, or a chunk; "chunk ;ext hello" with extensions
//	C end | X-Sum: 1              the end of the message
//	C raw GET HEAD: octets        AppendRaw, with those methods; \r and \n are escaped
//	C close                       sends no more
//	C hears => ...                what Next tells of all that the peer has sent, to "need data" and so on
//	to C octets                   octets for the client that its peer did not append; EOF for the end
//	C is idle owed                the states of client and server, as the client knows them
//	C has key value               what a method returns: see property
//
// A step that sends must succeed, unless there is an "=>": then it must fail with that error, and leave
// everything as it was.
type script struct {
	name           string
	client, server conn.Config
	text           string
}

type interpreter struct {
	t    *testing.T
	pair *conntest.Pair
}

func (s *script) run(t *testing.T, segment int) {
	t.Helper()
	in := interpreter{t: t, pair: conntest.NewPair(s.client, s.server)}
	in.pair.Segment = segment
	for line := range strings.Lines(s.text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if fault := in.step(line); fault != "" {
			t.Fatalf("%s, segments of %d, %q: %s", s.name, segment, line, fault)
		}
	}
}

// step runs one line and returns what was wrong with it.
func (in *interpreter) step(line string) string {
	what, want, judged := strings.Cut(line, " => ")
	who, what, _ := strings.Cut(strings.TrimSpace(what), " ")
	verb, args, _ := strings.Cut(what, " ")
	if who == "to" {
		in.deliver(role(verb), args)
		return ""
	}
	party := role(who)
	c := in.pair.Conn(party)
	switch verb {
	case "hears":
		return diff(want, in.hears(party))
	case "is":
		return diff(args, hyphens(c.State(conn.Client))+" "+hyphens(c.State(conn.Server)))
	case "has":
		key, value, _ := strings.Cut(args, " ")
		return diff(value, property(c, key))
	}
	state, sent := snapshot(c), string(in.pair.Sent(party))
	err := in.send(party, verb, args)
	if !judged {
		if err != nil {
			return err.Error()
		}
		return ""
	}
	if err == nil {
		return "no error"
	}
	if fault := diff(want, admitting.ReplaceAllString(err.Error(), "")); fault != "" {
		return fault
	}
	return diff(state, snapshot(c)) + diff(sent, string(in.pair.Sent(party)))
}

func role(who string) conn.Role {
	if who == "C" {
		return conn.Client
	}
	return conn.Server
}

func hyphens(s conn.State) string { return strings.ReplaceAll(s.String(), " ", "-") }

func diff(want, got string) string {
	if want == got {
		return ""
	}
	return cmp.Diff(want, got)
}

// snapshot is all of a Conn: what a call that fails must not change.
func snapshot(c *conn.Conn) string { return fmt.Sprintf("%+v", *c) }

// deliver hands octets to a party, as if its peer had sent them.
func (in *interpreter) deliver(to conn.Role, octets string) {
	if octets == "EOF" {
		in.pair.Close(to.Peer())
		return
	}
	in.pair.SendRaw(to.Peer(), unescape(octets))
}

func unescape(s string) []byte {
	out, err := strconv.Unquote(`"` + s + `"`)
	if err != nil {
		panic(err)
	}
	return []byte(out)
}

// send lets a party send something.
func (in *interpreter) send(party conn.Role, verb, args string) error {
	args, lines, _ := strings.Cut(args, "|")
	args = strings.TrimSpace(args)
	var fields *headers.Fields
	if lines != "" {
		fields = parseFields(strings.ReplaceAll(strings.TrimSpace(lines), " | ", "\n"))
	}
	first, rest, _ := strings.Cut(args, " ")
	return in.pair.Send(party, func(c *conn.Conn, dst []byte) ([]byte, error) {
		switch verb {
		case "request":
			return c.AppendRequest(dst, first, rest, fields)
		case "response":
			status, _ := strconv.Atoi(first)
			return c.AppendResponse(dst, status, rest, fields)
		case "content":
			return c.AppendContent(dst, unescape(args))
		case "chunk":
			return c.AppendChunk(dst, unescape(rest), first)
		case "end":
			return c.AppendEnd(dst, fields)
		case "raw":
			methods, octets, _ := strings.Cut(args, ": ")
			return c.AppendRaw(dst, unescape(octets), strings.Fields(methods)...)
		case "coded":
			return c.AppendCoded(dst, unescape(args))
		case "prefix":
			n, _ := strconv.ParseInt(first, 10, 64)
			return c.AppendPrefix(dst, n)
		case "sent":
			n, _ := strconv.ParseInt(first, 10, 64)
			return dst, c.Sent(n)
		case "suffix":
			return c.AppendSuffix(dst)
		case "close":
			err := c.Close()
			if err == nil {
				in.pair.Close(party)
			}
			return dst, err
		}
		panic("no such step: " + verb)
	})
}

// admitting is what an error says of leniencies, which is not for scripts to judge.
var admitting = regexp.MustCompile(`; wire\.\S+ would admit it`)

// hears returns what Next tells, one event behind the other, contents joined.
func (in *interpreter) hears(party conn.Role) string {
	var told []string
	for range 1000 {
		ev, err := in.pair.Next(party)
		if err != nil {
			return strings.Join(append(told, "error "+admitting.ReplaceAllString(err.Error(), "")), ", ")
		}
		text := describe(ev)
		if last := len(told) - 1; ev.Kind == conn.Content && last >= 0 && strings.HasPrefix(told[last], "content ") {
			told[last] += text[len("content "):]
		} else {
			told = append(told, text)
		}
		if ev.Kind == conn.NeedData || ev.Kind == conn.Paused || ev.Kind == conn.Closed {
			break
		}
	}
	return strings.Join(told, ", ")
}

func describe(ev conn.Event) string {
	switch ev.Kind {
	case conn.RequestHead:
		return fmt.Sprintf("request %s %s", ev.Head.Method, ev.Head.Target)
	case conn.InterimHead, conn.ResponseHead:
		kind, _, _ := strings.Cut(ev.Kind.String(), " ")
		return strings.TrimSpace(fmt.Sprintf("%s %d %s", kind, ev.Head.Status, ev.Head.Reason))
	case conn.Chunk:
		return fmt.Sprintf("chunk %d%s", ev.Size, ev.Ext)
	case conn.Content:
		return "content " + string(ev.Content)
	case conn.End:
		if ev.Trailers.Len() > 0 {
			return "end | " + strings.ReplaceAll(fieldLines(ev.Trailers), "\n", " | ")
		}
	}
	return ev.Kind.String()
}

func property(c *conn.Conn, key string) string {
	switch key {
	case "in-flight":
		return strconv.Itoa(c.InFlight())
	case "phase":
		return c.Phase().String()
	case "last-response":
		return strconv.FormatBool(c.LastResponse())
	case "reusable":
		return strconv.FormatBool(c.Reusable())
	case "switched":
		return strconv.FormatBool(c.Switched())
	case "expects-continue":
		return strconv.FormatBool(c.ExpectsContinue())
	case "remain":
		return strconv.FormatInt(c.Remain(), 10)
	case "ahead":
		return strconv.FormatInt(c.Ahead(), 10)
	case "error":
		return fmt.Sprint(c.Err())
	}
	return "no such property"
}

func runScripts(t *testing.T, scripts []script) {
	for _, s := range scripts {
		t.Run(s.name, func(t *testing.T) {
			for _, segment := range []int{0, 1, 2, 7} {
				s.run(t, segment)
			}
		})
	}
}
