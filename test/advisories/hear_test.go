package advisories_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// heard is what a subject made of octets, in copies that do not depend on how they were split.
type heard struct {
	Messages []message
	// Rule is what ended it, and nil when nothing was wrong.
	Rule wire.Rule
	// Reusable tells whether the connection could carry another exchange behind the first message.
	Reusable bool
}

// message is a message that was heard.
type message struct {
	Start    string // "POST /a" or "200"
	Content  string
	Trailers string
	Whole    bool
}

func (h *heard) String() string { return fmt.Sprintf("%+v, rule %q", h.Messages, h.Rule.Name()) }

// contents returns the content of the first message.
func (h *heard) content() string {
	if len(h.Messages) == 0 {
		return ""
	}
	return h.Messages[0].Content
}

// hear shows octets to c in segments, as a driver does. A server answers each request with 204.
func hear(t testing.TB, c *conn.Conn, segments []string, eof bool) heard {
	t.Helper()
	var h heard
	h.hear(t, c, segments, eof)
	return h
}

func (h *heard) hear(t testing.TB, c *conn.Conn, segments []string, eof bool) {
	t.Helper()
	var data []byte
	for i, segment := range segments {
		if len(data) < 512 {
			data = data[:len(data):len(data)] // it moves, so that what was kept of it is seen to be stale
		}
		data = append(data, segment...)
		for {
			n, ev, err := c.Next(data, eof && i == len(segments)-1)
			if err != nil {
				h.Rule = ruleOf(t, err)
				h.Reusable = h.Reusable && c.Role() == conn.Server // a client is done with what it cannot trust
				return
			}
			data = data[n:]
			if !h.note(t, c, ev) {
				break
			}
		}
	}
}

// note takes an event down, and reports whether there may be more to hear of the same data.
func (h *heard) note(t testing.TB, c *conn.Conn, ev conn.Event) bool {
	t.Helper()
	var last *message
	if n := len(h.Messages); n > 0 {
		last = &h.Messages[n-1]
	}
	switch ev.Kind {
	case conn.RequestHead:
		h.Messages = append(h.Messages, message{Start: string(ev.Head.Method) + " " + string(ev.Head.Target)})
	case conn.InterimHead, conn.ResponseHead:
		h.Messages = append(h.Messages, message{Start: fmt.Sprint(ev.Head.Status), Whole: ev.Kind == conn.InterimHead})
	case conn.Content:
		last.Content += string(ev.Content)
	case conn.End:
		last.Whole, last.Trailers = true, lines(ev.Trailers)
		if c.Role() == conn.Server {
			answer204(t, c)
		}
		if len(h.Messages) == 1 {
			h.Reusable = c.Reusable() && c.Err() == nil
		}
	case conn.NeedData, conn.Paused, conn.Closed:
		return false
	}
	return true
}

func answer204(t testing.TB, c *conn.Conn) {
	t.Helper()
	_, err := c.AppendResponse(nil, 204, "No Content", nil)
	if err == nil {
		_, err = c.AppendEnd(nil, nil)
	}
	if err != nil {
		t.Fatalf("answering: %v", err)
	}
}

// lines returns field lines as text.
func lines(f *headers.Fields) string {
	var b strings.Builder
	for name, value := range f.All() {
		fmt.Fprintf(&b, "%s: %s\n", name, value)
	}
	return b.String()
}

// fieldsOf is the reverse of lines.
func fieldsOf(lines ...string) *headers.Fields {
	f := new(headers.Fields)
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		f.Add(name, value)
	}
	return f
}

// ruleOf returns the rule that err names; an error that names none fails the test.
func ruleOf(t testing.TB, err error) wire.Rule {
	t.Helper()
	var e *wire.SyntaxError
	if !errors.As(err, &e) {
		t.Fatalf("%v names no rule", err)
	}
	if !errors.Is(err, e.Rule) {
		t.Errorf("%v is not its own rule", err)
	}
	noControls(t, err.Error())
	return e.Rule
}

// noControls checks that the text of an error shows no control octet as it is.
func noControls(t testing.TB, text string) {
	t.Helper()
	for i := range len(text) {
		if text[i] < ' ' || text[i] == 0x7f {
			t.Fatalf("the error shows a control octet: %q", text)
		}
	}
}

// asking returns a client whose request of that method is complete.
func asking(t testing.TB, method string, config conn.Config) *conn.Conn {
	t.Helper()
	c := conn.New(conn.Client, config)
	ask(t, c, method)
	return c
}

func ask(t testing.TB, c *conn.Conn, method string) {
	t.Helper()
	_, err := c.AppendRequest(nil, method, "/", fieldsOf("Host: h"))
	if err == nil {
		_, err = c.AppendEnd(nil, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// few cuts octets into one, and a few at a time: where a leniency is tried that is mostly about something else.
func few(octets string) [][]string {
	all := [][]string{strings.Split(octets, "")}
	for i := 0; i < len(octets); i += 9 {
		all = append(all, []string{octets[:i], octets[i:]})
	}
	return all
}

// splits returns octets whole, one by one, and cut in two at every place; with three, in three as well.
func splits(octets string, three bool) [][]string {
	all := [][]string{{octets}, strings.Split(octets, "")}
	for i := range len(octets) {
		all = append(all, []string{octets[:i], octets[i:]})
	}
	if three {
		for i := range len(octets) {
			for j := i + 1; j < len(octets); j++ {
				all = append(all, []string{octets[:i], octets[i:j], octets[j:]})
			}
		}
	}
	return all
}

// hearSplit is what a subject hears of octets, which must be the same at every split.
func hearSplit(t testing.TB, subject func() *conn.Conn, octets string, eof, lenient bool) heard {
	t.Helper()
	want := hear(t, subject(), []string{octets}, eof)
	cuts := splits(octets, false)
	if lenient {
		cuts = few(octets)
	}
	for _, segments := range cuts {
		if diff := cmp.Diff(want, hear(t, subject(), segments, eof)); diff != "" {
			t.Fatalf("%q split as %.200q (-whole +split):\n%s", octets, segments, diff)
		}
	}
	return want
}

// hearClient is what the client of conn makes of a response to GET, behind which the connection ends.
func hearClient(t testing.TB, response string, config conn.Config) heard {
	t.Helper()
	return hearSplit(t, func() *conn.Conn { return asking(t, "GET", config) }, response, true, config.Lenient != 0)
}

// hearServer is what the server of conn makes of requests; the connection stays open.
func hearServer(t testing.TB, request string, config conn.Config) heard {
	t.Helper()
	return hearSplit(t, func() *conn.Conn { return conn.New(conn.Server, config) }, request, false, config.Lenient != 0)
}

// hearFacade is what package httpclient makes of a response to GET, read by the transport in one piece and octet
// by octet. The connection ends behind it.
func hearFacade(t testing.TB, response string, config conn.Config) heard {
	t.Helper()
	var all []heard
	for _, segment := range []int{len(response), 1} {
		script := &script{octets: response, segment: segment}
		c, err := httpclient.New("h", httpclient.WithDialer(script),
			httpclient.WithLenient(config.Lenient), httpclient.WithLimits(config.Limits))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, exchange(t, c))
		c.Close()
	}
	if diff := cmp.Diff(all[0], all[1]); diff != "" {
		t.Fatalf("%q (-whole +octet by octet):\n%s", response, diff)
	}
	return all[0]
}

// exchange does a GET and takes down the final response.
func exchange(t testing.TB, c *httpclient.Conn) heard {
	t.Helper()
	var h heard
	r, err := c.Do(t.Context(), "GET", "/", nil, body.None())
	if err == nil {
		m := message{Start: fmt.Sprint(int(r.Status()))}
		var content []byte
		content, err = io.ReadAll(r)
		m.Content, m.Whole, m.Trailers = string(content), err == nil, lines(r.Trailers())
		h.Messages = append(h.Messages, m)
	}
	if err != nil {
		if !errors.Is(err, httpclient.ErrHTTP) {
			t.Errorf("%v is no error of HTTP", err)
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			h.Rule = wire.RuleIncompleteContent
			return h
		}
		h.Rule = ruleOf(t, err)
		if c.Connected() {
			t.Errorf("%v, and still connected", err)
		}
	}
	h.Reusable = c.Connected()
	return h
}

// hasLine reports whether a head has that field line.
func hasLine(head, line string) bool { return strings.Contains(head, "\r\n"+line+"\r\n") }
