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
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// refusals to ask for content.
var finals = []string{
	"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 417 Expectation Failed\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nno!",
	"HTTP/1.1 413 Content Too Large\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nno!\r\n0\r\n\r\n",
	"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
	"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
}

// expectFacade: content that was not asked for is not sent, and nothing else where it would be taken for that.
func expectFacade(t *testing.T) {
	for _, final := range finals {
		for _, source := range []body.Source{body.String(smuggled), body.Reader(strings.NewReader(smuggled))} {
			o := newOrigin(t, func(p *peer) {
				if p.n > 1 {
					greet(p)
					return
				}
				p.head()
				p.send(final)
				p.hold()
			})
			c := facade(t, o, httpclient.WithTimeouts(httpclient.Timeouts{Continue: 1 << 40}))
			r, err := c.Do(t.Context(), "POST", "/", fieldsOf("Expect: 100-continue"), source)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.ReadAll(); err != nil {
				t.Error(err)
			}
			if strings.Contains(o.written(1), "smuggled") {
				t.Errorf("%q: the content was sent", final)
			}
			afterwards(t, o, c, final)
		}
	}
}

func expectClient(t *testing.T) {
	for _, final := range finals {
		begin := func() *conn.Conn {
			c := idleClient(t)
			if _, err := c.AppendRequest(nil, "POST", "/", fieldsOf("Host: h", "Expect: 100-continue", "Content-Length: 5")); err != nil {
				t.Fatal(err)
			}
			return c
		}
		if h := hearSplit(t, begin, final, false, false); h.Rule != 0 || h.Reusable {
			t.Errorf("%q: %v, reusable %v", final, &h, h.Reusable)
		}
		c := begin()
		hear(t, c, []string{final}, false)
		noRequest(t, c, final)
		// What is left to do is to send what was announced. Then the connection is fit for use again.
		out, err := c.AppendContent(nil, []byte("hello"))
		if err == nil {
			out, err = c.AppendEnd(out, nil)
		}
		if string(out) != "hello" || err != nil || !c.Reusable() {
			t.Errorf("%q: then %q, %v, reusable %v", final, out, err, c.Reusable())
		}
		if h := hear(t, begin(), []string{final + poisoned}, false); h.Rule != wire.RuleUnsolicited || strings.Contains(h.content(), "poisoned") {
			t.Errorf("%q, and another: %v", final, &h)
		}
	}
}

// expectServer: when the server has answered, the octets that were announced are content still, whatever they
// look like; it is what follows them that is a request.
func expectServer(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 35\r\n\r\n"
	begin := func() *conn.Conn {
		c := conn.New(conn.Server, conn.Config{})
		if n, _, err := c.Next([]byte(head), false); n != len(head) || err != nil {
			t.Fatal(n, err)
		}
		if !c.ExpectsContinue() {
			t.Error("the expectation was not seen")
		}
		_, err := c.AppendResponse(nil, 417, "Expectation Failed", fieldsOf("Content-Length: 0"))
		if err == nil {
			_, err = c.AppendEnd(nil, nil)
		}
		if err != nil || c.Reusable() {
			t.Fatal(err, c.Reusable())
		}
		return c
	}
	for _, segments := range splits(smuggled+"GET /next HTTP/1.1\r\nHost: h\r\n\r\n", false) {
		h := answered(t, begin(), segments)
		want := []message{{Content: smuggled, Whole: true}, {Start: "GET /next", Whole: true}}
		if diff := cmp.Diff(want, h.Messages); diff != "" || h.Rule != 0 {
			t.Fatalf("%q, rule %q (-want +got):\n%s", segments, h.Rule.Name(), diff)
		}
	}
}

// answered is hear behind the head of a request that was answered before its end.
func answered(t *testing.T, c *conn.Conn, segments []string) heard {
	t.Helper()
	h := heard{Messages: []message{{}}}
	var data []byte
	for _, segment := range segments {
		data = append(data[:len(data):len(data)], segment...)
		for {
			n, ev, err := c.Next(data, false)
			if err != nil {
				h.Rule = ruleOf(t, err)
				return h
			}
			data = data[n:]
			if ev.Kind == conn.End && len(h.Messages) == 1 {
				h.Messages[0].Whole = true
				continue
			}
			if !h.note(t, c, ev) {
				break
			}
		}
	}
	return h
}

// continueFacade has a peer that sends interim responses without being asked, while content is on its way, and
// the final response in pieces before that has ended; many times, since what is looked for is a race.
func continueFacade(t *testing.T) {
	content := strings.Repeat("content ", 4096)
	read := func(p *peer, n int) bool {
		_, err := io.ReadFull(p.br, make([]byte, n))
		return err == nil
	}
	o := newOrigin(t, func(p *peer) {
		for {
			if _, err := p.head(); err != nil {
				return
			}
			for range 8 {
				p.send("HTTP/1.1 100 Continue\r\n\r\n")
				if !read(p, len(content)/16) {
					return
				}
			}
			for _, piece := range []string{"HTTP/1.1 200 OK\r\n", "Content-Length: 5\r\n\r\n", "hel", "lo"} {
				p.send(piece)
			}
			if !read(p, len(content)/2) { // where the client has not seen the response before it has sent all
				return
			}
		}
	})
	o.buffer = 1024
	c := facade(t, o)
	for i := range 50 {
		fields := fieldsOf("X: y")
		if i%2 == 0 {
			fields.Add("Expect", "100-continue")
		}
		r, err := c.Do(t.Context(), "POST", "/", fields, body.String(content))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.ReadAll(); string(got) != "hello" || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
	}
}

// continueClient: an interim response behind the final one belongs to nothing.
func continueClient(t *testing.T) {
	for _, interim := range []string{"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 \r\n\r\n"} {
		h := hearSplit(t, func() *conn.Conn { return asking(t, "GET", conn.Config{}) }, hello+interim, false, false)
		if h.Rule != wire.RuleUnsolicited || len(h.Messages) != 1 {
			t.Errorf("%q: %v", interim, &h)
		}
		// Within its content it is content.
		h = hearSplit(t, func() *conn.Conn { return asking(t, "GET", conn.Config{}) }, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(interim), interim), false, false)
		if h.Rule != 0 || h.content() != interim || !h.Reusable {
			t.Errorf("%q: %v", interim, &h)
		}
	}
}

// continueServer: no 100 goes out once the final response has begun, and none that nobody waits for is needed.
func continueServer(t *testing.T) {
	c := conn.New(conn.Server, conn.Config{})
	const head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n"
	if _, _, err := c.Next([]byte(head), false); err != nil {
		t.Fatal(err)
	}
	if _, err := c.AppendResponse(nil, 200, "OK", fieldsOf("Content-Length: 5")); err != nil {
		t.Fatal(err)
	}
	for _, when := range []string{"within the response", "behind it"} {
		for _, status := range []int{100, 102, 103} {
			if out, err := c.AppendResponse(nil, status, "", nil); !errors.Is(err, conn.ErrState) || len(out) > 0 {
				t.Errorf("%s, %d: %q, %v", when, status, out, err)
			}
		}
		if c.ExpectsContinue() {
			t.Errorf("%s: 100 is expected", when)
		}
		if when == "behind it" {
			break
		}
		// Content that comes meanwhile is that of the request.
		if n, ev, err := c.Next([]byte("hel"), false); n != 3 || string(ev.Content) != "hel" || err != nil {
			t.Errorf("%d, %q, %v", n, ev.Content, err)
		}
		if out, err := c.AppendContent(nil, []byte("world")); string(out) != "world" || err != nil {
			t.Errorf("%q, %v", out, err)
		}
		if _, err := c.AppendEnd(nil, nil); err != nil {
			t.Error(err)
		}
	}
	if c.Reusable() {
		t.Error("reusable before the request has ended")
	}
	h := answered(t, c, []string{"lo" + "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"})
	if len(h.Messages) != 2 || h.content() != "lo" || h.Messages[1].Start != "GET /next" {
		t.Errorf("%v", &h)
	}
}

// stuck is content that does not come to its end before it is released.
type stuck struct {
	first   io.Reader
	release chan struct{}
}

func (s *stuck) Read(p []byte) (int, error) {
	if n, _ := s.first.Read(p); n > 0 {
		return n, nil
	}
	<-s.release
	return copy(p, "late"), io.EOF
}

func (s *stuck) Close() error {
	close(s.release)
	return nil
}

// earlyFacade: the response is delivered, the content is not sent on, and the connection is closed, whatever else
// the server has sent on it.
func earlyFacade(t *testing.T) {
	const early = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nmuch"
	for _, behind := range append([]string{""}, poisons...) {
		o := newOrigin(t, func(p *peer) {
			if p.n > 1 {
				greet(p)
				return
			}
			p.head()
			p.br.ReadByte() // content has begun
			p.send(early + behind)
			p.hold()
		})
		c := facade(t, o)
		source := &stuck{strings.NewReader("some content"), make(chan struct{})}
		r, err := c.Do(t.Context(), "POST", "/", nil, body.Reader(source))
		if err != nil {
			t.Fatal(err)
		}
		if content, err := r.ReadAll(); string(content) != "much" || err != nil || r.Status() != 413 {
			t.Errorf("%d, %q, %v", r.Status(), content, err)
		}
		afterwards(t, o, c, early+behind)
		if sent := o.written(1); strings.Contains(sent, "late") || strings.HasSuffix(sent, "0\r\n\r\n") {
			t.Errorf("%q", sent)
		}
	}
}

func earlyClient(t *testing.T) {
	const early = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nmuch"
	for _, behind := range poisons {
		h := hearSplit(t, func() *conn.Conn { return chunkedClient(t) }, early+behind, false, false)
		if len(h.Messages) != 1 || h.content() != "much" || h.Rule != wire.RuleUnsolicited || h.Reusable {
			t.Errorf("%q: %v", behind, &h)
		}
	}
	c := chunkedClient(t)
	hear(t, c, []string{early}, false)
	noRequest(t, c, early)
}

// earlyServer: a response that is complete before its request is makes no request of what is left of it.
func earlyServer(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
	rest := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(smuggled), smuggled)
	begin := func() *conn.Conn {
		c := conn.New(conn.Server, conn.Config{})
		if _, _, err := c.Next([]byte(head), false); err != nil {
			t.Fatal(err)
		}
		answer204(t, c)
		if c.Reusable() {
			t.Error("reusable within the request")
		}
		return c
	}
	for _, segments := range splits(rest+"GET /next HTTP/1.1\r\nHost: h\r\n\r\n", false) {
		h := answered(t, begin(), segments)
		want := []message{{Content: smuggled, Whole: true}, {Start: "GET /next", Whole: true}}
		if diff := cmp.Diff(want, h.Messages); diff != "" || h.Rule != 0 {
			t.Fatalf("%q, rule %q (-want +got):\n%s", segments, h.Rule.Name(), diff)
		}
	}
	// What is wrong with that rest is an error still, and ends the connection.
	if h := answered(t, begin(), []string{"5\r\nhelloGET /next HTTP/1.1\r\nHost: h\r\n\r\n"}); h.Rule != wire.RuleChunkEnd || len(h.Messages) != 1 {
		t.Errorf("%v", &h)
	}
}
