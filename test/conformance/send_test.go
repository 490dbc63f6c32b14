package conformance_test

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/parse"
	"github.com/strata-http/strata/test/conformance"
	"github.com/strata-http/strata/wire"
)

func TestSend(t *testing.T) {
	counts := map[string]int{}
	for _, c := range cases(t) {
		if c.Direction != conformance.Send {
			continue
		}
		t.Run(c.ID(), func(t *testing.T) {
			for name, dst := range destinations {
				t.Run(name, func(t *testing.T) { newSender(t, &c, dst()).run() })
			}
			kind := "sent"
			if c.Refused != "" {
				kind = "refused"
			}
			counts[c.Role+" "+kind]++
		})
	}
	client, server := counts["client sent"]+counts["client refused"], counts["server sent"]+counts["server refused"]
	t.Logf("send: %d cases: client %d (sent %d, refused %d), server %d (sent %d, refused %d)", client+server,
		client, counts["client sent"], counts["client refused"], server, counts["server sent"], counts["server refused"])
	if client+server == 0 {
		t.Error("there are no cases")
	}
}

// destinations are what steps append to.
var destinations = map[string]func() []byte{
	"empty":      func() []byte { return nil },
	"prefixed":   func() []byte { return []byte("what stands here before") },
	"full":       func() []byte { return bytes.Repeat([]byte{'a'}, 3)[:3:3] },
	"with room":  func() []byte { return make([]byte, 0, 1<<16) },
	"some of it": func() []byte { return make([]byte, 5, 24) },
}

// message is one message that the steps of a case send, as the steps say it.
type message struct {
	start           string // "GET /" or "200 OK"
	fields          [][2]string
	content         []byte
	trailers        [][2]string
	interim, raw    bool
	complete, coded bool
}

// sender sends a case.
type sender struct {
	t        *testing.T
	c        *conformance.Case
	conn     *conn.Conn
	dst      []byte
	base     []byte // what dst held at first
	messages []*message
	methods  []string // of the requests that a server received
	pending  []byte   // received and not consumed
}

func newSender(t *testing.T, c *conformance.Case, dst []byte) *sender {
	t.Helper()
	role, err := parse.ParseSide(c.Role)
	if err != nil {
		t.Fatal(err)
	}
	config := conn.Config{Pipeline: c.Pipeline, ObsTarget: c.ObsTarget}
	switch c.Version {
	case "":
	case "HTTP/1.0":
		config.Version = wire.HTTP10
	default:
		t.Fatalf("there is no version %q to be sent", c.Version)
	}
	return &sender{t: t, c: c, conn: conn.New(role, config), dst: dst, base: bytes.Clone(dst)}
}

// run sends all, and checks what was sent.
func (s *sender) run() {
	s.t.Helper()
	steps := s.c.Steps
	for i := 0; i < len(steps); {
		n := 1
		for i+n < len(steps) && (steps[i+n].Verb == "field" || steps[i+n].Verb == "trailer") {
			n++
		}
		s.step(steps[i:i+n], i+n == len(steps))
		i += n
	}
	want := append(bytes.Clone(s.base), s.c.Octets...)
	if diff := cmp.Diff(string(want), string(s.dst)); diff != "" {
		s.t.Fatalf("%s.md:%d: what was sent (-want +got):\n%s", s.c.File, s.c.Line, diff)
	}
	s.readBack()
}

// step takes a step with the field lines behind it. The last one may be to be refused.
func (s *sender) step(steps []conformance.Step, last bool) {
	s.t.Helper()
	states := [2]conn.State{s.conn.State(conn.Client), s.conn.State(conn.Server)}
	before := bytes.Clone(s.dst)
	out, m, err := s.take(steps)
	if err == nil {
		if s.dst = out; m != nil {
			s.messages = append(s.messages, m)
		}
	}
	refused := ""
	var syntax *wire.SyntaxError
	switch {
	case errors.As(err, &syntax):
		refused = syntax.Rule.Name()
	case errors.Is(err, conn.ErrState):
		refused = "state"
	case err != nil:
		s.t.Fatalf("line %d: %v", steps[0].Line, err)
	}
	want := ""
	if last {
		want = s.c.Refused
	}
	if refused != want {
		s.t.Fatalf("%s.md:%d: %s: refused by %q (%v); want %q", s.c.File, steps[0].Line, steps[0].Verb, refused, err, want)
	}
	if err != nil && steps[0].Verb != "receive" {
		s.unchanged(before, out, states)
	}
}

// unchanged checks that a refused step has left all as it was.
func (s *sender) unchanged(before, out []byte, states [2]conn.State) {
	s.t.Helper()
	if !bytes.Equal(before, out) {
		s.t.Errorf("the refused step left %q; want %q", out, before)
	}
	if now := [2]conn.State{s.conn.State(conn.Client), s.conn.State(conn.Server)}; now != states {
		s.t.Errorf("the refused step moved the machine from %v to %v", states, now)
	}
}

// fieldsOf returns the field section that steps describe, and nil for none.
func fieldsOf(steps []conformance.Step) (*headers.Fields, [][2]string) {
	if len(steps) == 0 {
		return nil, nil
	}
	f, lines := new(headers.Fields), [][2]string{}
	for _, step := range steps {
		f.Add(step.Words[0], step.Words[1])
		lines = append(lines, [2]string{step.Words[0], step.Words[1]})
	}
	return f, lines
}

// take does what a step says, and returns the message that it begins, if any.
func (s *sender) take(steps []conformance.Step) (out []byte, m *message, err error) {
	fields, lines := fieldsOf(steps[1:])
	words := steps[0].Words
	var current *message
	if len(s.messages) > 0 {
		current = s.messages[len(s.messages)-1]
	}
	switch steps[0].Verb {
	case "request":
		out, err = s.conn.AppendRequest(s.dst, words[0], words[1], fields)
		return out, &message{start: words[0] + " " + words[1], fields: lines}, err
	case "response":
		status, err := strconv.Atoi(words[0])
		if err != nil {
			return nil, nil, err
		}
		out, err = s.conn.AppendResponse(s.dst, status, words[1], fields)
		interim := status/100 == 1 && status != 101
		return out, &message{start: words[0] + " " + words[1], fields: lines, interim: interim, complete: interim || s.conn.Switched()}, err
	case "content":
		if out, err = s.conn.AppendContent(s.dst, []byte(words[0])); err == nil {
			current.content = append(current.content, words[0]...)
		}
	case "chunk":
		if out, err = s.conn.AppendChunk(s.dst, []byte(words[1]), words[0]); err == nil {
			current.content = append(current.content, words[1]...)
		}
	case "coded":
		if out, err = s.conn.AppendCoded(s.dst, []byte(words[0])); err == nil {
			current.coded = true
		}
	case "end":
		if out, err = s.conn.AppendEnd(s.dst, fields); err == nil {
			current.complete, current.trailers = true, lines
		}
	case "raw":
		var methods []string
		if words[0] != "" {
			methods = strings.Split(words[0], ",")
		}
		out, err = s.conn.AppendRaw(s.dst, []byte(words[1]), methods...)
		return out, &message{raw: true}, err
	case "receive":
		return s.dst, nil, s.receive([]byte(words[0]))
	case "close":
		return s.dst, nil, s.conn.Close()
	default:
		err = fmt.Errorf("no step %q", steps[0].Verb)
	}
	return out, nil, err
}

// receive lets the machine consume what the peer sent, as far as it does.
func (s *sender) receive(octets []byte) error {
	s.pending = append(s.pending, octets...)
	for {
		n, ev, err := s.conn.Next(s.pending, false)
		if err != nil {
			return err
		}
		if ev.Kind == conn.RequestHead {
			s.methods = append(s.methods, string(ev.Head.Method))
		}
		s.pending = s.pending[n:]
		switch ev.Kind {
		case conn.NeedData, conn.Paused, conn.Closed:
			return nil
		case conn.End:
			if s.conn.Role() == conn.Server {
				return nil // the next request waits for the response
			}
		}
	}
}

// readBack lets the other role read what was sent, strictly, and compares it with what the steps say.
func (s *sender) readBack() {
	s.t.Helper()
	var final []*message
	var interim []int
	for _, m := range s.messages {
		switch {
		case m.raw:
			return // it may be anything
		case m.interim:
			status, _, _ := strings.Cut(m.start, " ")
			n, _ := strconv.Atoi(status)
			interim = append(interim, n)
		default:
			final = append(final, m)
		}
	}
	if len(final) == 0 {
		return
	}
	c := parse.Case{Side: s.conn.Role().Peer(), Octets: s.dst[len(s.base):], Methods: s.methods}
	c.EOF = c.Side == conn.Client && final[len(final)-1].complete // a close-delimited one ends so
	o := parse.Options{Codings: true}
	if s.c.ObsTarget {
		o.Lenient = wire.AllowObsTarget
	}
	result, err := parse.Run(c, o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.compare(result, final, interim)
}

// compare checks what was read back.
func (s *sender) compare(r *parse.Result, final []*message, interim []int) {
	s.t.Helper()
	want, complete := final[0], 0
	for _, m := range final {
		if m.complete {
			complete++
		}
	}
	// Where the last message has no content, its head is all that the peer waits for.
	if r.Verdict == parse.Reject || r.MoreError != "" || r.Messages < complete || r.Messages > len(final) {
		s.t.Fatalf("the peer reads %d messages of %d: %s %s%s", r.Messages, complete, r.Verdict, r.Error, r.MoreError)
	}
	got := &message{interim: want.interim, complete: want.complete, coded: want.coded, content: r.Body}
	if r.Method != nil {
		got.start = string(*r.Method) + " " + string(*r.Target)
	} else {
		got.start = strconv.Itoa(*r.Status) + " " + string(*r.Reason)
	}
	for _, f := range r.Headers {
		got.fields = append(got.fields, [2]string{string(f[0]), string(f[1])})
	}
	for _, f := range r.Trailers {
		got.trailers = append(got.trailers, [2]string{string(f[0]), string(f[1])})
	}
	if want.coded {
		got.content, got.trailers = want.content, want.trailers // which the steps have in the coding only
	}
	if diff := cmp.Diff(describe(want), describe(got)); diff != "" {
		s.t.Errorf("what the peer reads (-sent +read):\n%s", diff)
	}
	if len(r.Interim) > 0 || len(interim) > 0 {
		if diff := cmp.Diff(interim, r.Interim); diff != "" {
			s.t.Errorf("interim responses (-sent +read):\n%s", diff)
		}
	}
}

// describe writes a message for comparing.
func describe(m *message) string {
	return fmt.Sprintf("%s %q %q %q complete=%t", m.start, m.fields, m.content, m.trailers, m.complete)
}
