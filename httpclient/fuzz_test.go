package httpclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/internal/fuzztest"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/wire"
)

// fuzzedResponse is all that a user of a Conn learns of one exchange.
type fuzzedResponse struct {
	Err      string // of Response, or of reading the content
	Status   int
	Reason   string
	Version  string
	Fields   []string
	Trailers []string
	Content  string
	Interim  []int
	Dials    int
}

// fuzzedMethods are those of the two requests of FuzzResponses.
var fuzzedMethods = []string{"GET", "HEAD", "POST", "OPTIONS"}

// FuzzResponses puts octets before a Conn as the answers to two requests. What its user learns is the same for every
// segmentation, what is allocated is in proportion, and what comes behind the first answer is never the second one.
func FuzzResponses(f *testing.F) {
	const next = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext"
	for _, first := range []string{"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 408 Slow\r\n\r\n", ""} {
		f.Add(first+"HTTP/1.1 200 OK\r\nX: mark\r\nContent-Length: 0\r\n\r\n", next, []byte{40, 0, 3}, uint8(0), false)
	}
	for i, c := range fuzztest.Cases(f, "client") {
		if len(c.Methods) < 2 && !slices.Contains(c.Methods, "CONNECT") {
			which := 0
			if len(c.Methods) == 1 {
				which = max(0, slices.Index(fuzzedMethods, c.Methods[0]))
			}
			f.Add(string(c.Octets), next, []byte{byte(i), 1, 0, 7}, uint8(which), c.EOF)
		}
	}
	f.Fuzz(func(t *testing.T, first, second string, cuts []byte, which uint8, closes bool) {
		if len(first)+len(second) > 4<<10 {
			return
		}
		method := fuzzedMethods[which%uint8(len(fuzzedMethods))]
		run := func(cut func(string) []string) []fuzzedResponse {
			s := &scripted{closes: closes, answers: func(n int) []string {
				if n < 2 {
					return cut([]string{first, second}[n])
				}
				return nil
			}}
			return twoExchanges(t, s, method)
		}
		whole := func(octets string) []string { return []string{octets} }
		fuzztest.Bounded(t, len(first)+len(second)+1<<10, func() { run(whole) })
		want := run(whole)
		for _, cut := range []func(string) []string{
			fuzztest.Octetwise, func(octets string) []string { return fuzztest.Cut(octets, cuts) },
		} {
			if diff := cmp.Diff(want, run(cut)); diff != "" {
				t.Fatalf("%q, then %q to %s, cut %q (-whole +cut)\n%s", first, second, method, cut(first), diff)
			}
		}
		if desynchronised(want, first, second) {
			t.Fatalf("%q, then %q to %s: %+v", first, second, method, want)
		}
	})
}

// desynchronised reports whether the second exchange was answered by octets of the first answer.
func desynchronised(got []fuzzedResponse, first, second string) bool {
	return len(got) == 2 && got[1].Status != 0 && strings.Contains(first, "mark") && !strings.Contains(second, "mark") &&
		slices.ContainsFunc(got[1].Fields, func(line string) bool { return strings.Contains(line, "mark") })
}

// twoExchanges makes two requests, one behind the other.
func twoExchanges(t *testing.T, s *scripted, method string) []fuzzedResponse {
	t.Helper()
	var all []fuzzedResponse
	var interim []int
	c, err := httpclient.New("h", httpclient.WithDialer(s), httpclient.WithInterim(func(h *conn.Head) error {
		interim = append(interim, h.Status)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2 {
		interim = nil
		r := fuzzedResponse{}
		s.ask()
		resp, err := c.Do(context.Background(), method, "/", nil, body.None())
		if err == nil {
			r.Status, r.Reason, r.Version = int(resp.Status()), resp.Reason(), resp.Version().String()
			r.Fields = linesOf(resp.Fields())
			var content []byte
			content, err = resp.ReadAll()
			r.Content = string(content)
			if err == nil && resp.Trailers() != nil {
				r.Trailers = linesOf(resp.Trailers())
			}
			resp.Close()
		}
		r.Err = broken(err)
		r.Interim, r.Dials = interim, s.dials
		all = append(all, r)
	}
	return all
}

// broken returns the text of an error: of the rule that was broken, where one was, since how much of a bad status-line
// had come by then is told too.
func broken(err error) string {
	var syntax *wire.SyntaxError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &syntax):
		return syntax.Error()
	}
	return err.Error()
}

func linesOf(f *headers.Fields) []string {
	var all []string
	for name, value := range f.All() {
		all = append(all, string(name)+": "+string(value))
	}
	return all
}

// FuzzRequests lets a Conn send whatever it is given. What breaks a rule leaves no octet on the transport, and what
// leaves any is a request that a strict server reads back as it was given.
func FuzzRequests(f *testing.F) {
	f.Add("GET", "/", "X-A", "b", "", uint8(0))
	f.Add("POST", "/a?b", "Content-Type", "text/plain", "hello", uint8(1))
	f.Add("PUT", "*", "Transfer-Encoding", "chunked", "hello", uint8(2))
	f.Add("get", "http://h/", "Content-Length", "5", "hello", uint8(3))
	f.Add("OPTIONS", "*", "Host", "other", "", uint8(0))
	f.Add("G T", "/ HTTP/1.1\r\nX: y", "A\r\nB", "c\r\nd: e", "\r\n", uint8(1))
	for i, c := range fuzztest.Cases(f, "server") {
		if line, section, ok := strings.Cut(string(c.Octets), "\n"); ok {
			method, rest, _ := strings.Cut(line, " ")
			target, _, _ := strings.Cut(rest, " ")
			name, value, _ := strings.Cut(section, ":")
			value, content, _ := strings.Cut(value, "\r\n")
			f.Add(method, target, name, strings.TrimSpace(value), content, uint8(i))
		}
	}
	f.Fuzz(func(t *testing.T, method, target, name, value, content string, kind uint8) {
		if len(method)+len(target)+len(name)+len(value)+len(content) > 4<<10 {
			return
		}
		var fields headers.Fields
		fields.Add(name, value)
		sent, err := fuzzedRequest(t, method, target, &fields, fuzzedContent(content, kind))
		var refused *wire.SyntaxError
		switch {
		case err == nil:
			readBack(t, sent, method, target, name, value, strings.Repeat(content, []int{0, 1, 1, 1, 2}[kind%5]))
		case errors.As(err, &refused) && (refused.Element == wire.ElementRequestLine || refused.Element == wire.ElementFieldLine) && len(sent) > 0:
			t.Fatalf("refused: %v, and yet %q was sent", err, sent)
		}
	})
}

// fuzzedRequest sends a request to a server that only listens, and returns what arrived there.
func fuzzedRequest(t *testing.T, method, target string, fields *headers.Fields, content body.Source) (sent []byte, err error) {
	t.Helper()
	var network memory.Network
	listener, err := network.Listen("h:80")
	if err != nil {
		t.Fatal(err)
	}
	arrived := make(chan []byte, 1)
	go func() {
		var octets []byte
		if nc, err := listener.Accept(); err == nil {
			octets, _ = io.ReadAll(nc)
			nc.Close()
		}
		arrived <- octets
	}()
	dialled := false
	c, err := httpclient.New("h", httpclient.WithDialer(transport.DialerFunc(func(ctx context.Context, kind, address string) (net.Conn, error) {
		dialled = true
		return network.DialContext(ctx, kind, address)
	})))
	if err != nil {
		t.Fatal(err)
	}
	err = c.Request(context.Background(), method, target, fields, content)
	c.Close()
	if !dialled {
		listener.Close() // nobody comes
	}
	sent = <-arrived
	listener.Close()
	return sent, err
}

// fuzzedContent returns content in one of the ways in which it can be given.
func fuzzedContent(content string, kind uint8) body.Source {
	switch kind % 5 {
	case 1:
		return body.String(content)
	case 2:
		return body.Reader(struct{ *strings.Reader }{strings.NewReader(content)})
	case 3:
		return body.SizedReader(strings.NewReader(content), int64(len(content)))
	case 4:
		return body.Seq(slices.Values([][]byte{[]byte(content), []byte(content)}))
	}
	return body.None()
}

// readBack lets a strict server read what was sent.
func readBack(t *testing.T, sent []byte, method, target, name, value, content string) {
	t.Helper()
	server := conn.New(conn.Server, conn.Config{Codings: true})
	var got []byte
	for data := sent; ; {
		n, ev, err := server.Next(data, true)
		if err != nil {
			t.Fatalf("sent %q, which is %v", sent, err)
		}
		data = data[n:]
		switch ev.Kind {
		case conn.RequestHead:
			checkHead(t, ev.Head, sent, method, target, name, value)
		case conn.Content:
			got = append(got, ev.Content...)
		case conn.End, conn.Paused:
			if len(data) > 0 || string(got) != content {
				t.Fatalf("sent %q with %q, read %q and then %q", sent, content, got, data)
			}
			return
		case conn.NeedData, conn.Closed:
			t.Fatalf("sent %q, which is no whole request", sent)
		}
	}
}

func checkHead(t *testing.T, h *conn.Head, sent []byte, method, target, name, value string) {
	t.Helper()
	if target == "" {
		target = "/"
	}
	same := string(h.Method) == method && (string(h.Target) == target || strings.Contains(target, "@"))
	if h.Fields.Get(name) == nil || !same {
		t.Fatalf("%q %q %q: %q was sent as %q", method, target, name, value, sent)
	}
	for found := range h.Fields.Values(name) {
		if string(found) == value {
			return
		}
	}
	t.Fatalf("%q: %q was sent as %q", name, value, sent)
}
