package advisories_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// desynchronisations are advisories about two parties that disagree on where an exchange ends, and about octets
// that come into hands they are not for.
func desynchronisations() []advisory {
	return []advisory{
		{"CVE-2024-24791", "Go", "final response to Expect", "another request behind one whose content was not asked for",
			expectFacade, expectClient, expectServer, expectServed},
		{"CVE-2020-15586", "Go", "100 beside the final response", "content read, and 100 sent, while the response is written",
			continueFacade, continueClient, continueServer, continueServed},
		{"issue 68653", "Go", "content after HEAD, 204 and 304", "content where there can be none taken for the next response",
			bodilessFacade, bodilessClient, bodilessServer, bodilessServed},
		{"CVE-2026-48931", "Node", "octets while idle", "response queue poisoning: an answer that comes before its question",
			idleFacade, idleClientOctets, idleServer, idleServed},
		{"CVE-2026-16728", "undici", "content that is not as long as it says", "a response passed on whose content and Content-Length disagree",
			mismatchFacade, mismatchClient, mismatchServer, mismatchServed},
		{"CVE-2023-45286", "resty", "pooled buffers", "a buffer of a pool that still holds another's octets",
			pooledFacade, pooledClient, pooledServer, pooledServed},
		{"CWE-444", "any", "two responses to one request", "the second response taken for that to the next request",
			twiceFacade, twiceClient, twiceServer, twiceServed},
		{"CWE-444", "any", "early final response", "a response that comes while the request is being sent, and a request behind it",
			earlyFacade, earlyClient, earlyServer, earlyServed},
		{"CWE-488", "any", "stale Response", "a response that is read when another is under way",
			staleFacade, staleClient, staleServer, staleServed},
	}
}

const poisoned = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned"

// poisons are what a server may send that no request asked for.
var poisons = []string{
	poisoned, poisoned + poisoned, "x", "\r\n", "\r", "HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + poisoned,
	"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Le", "HTTP/1.1 200 OK\r\n\r\n<html>",
}

// afterwards does exchanges that must be answered by another connection than the first, on which a peer has done
// what desynchronises. The connection is closed, never mismatched.
func afterwards(t *testing.T, o *origin, c *httpclient.Conn, what string) {
	t.Helper()
	written := o.written(1)
	for i := range 2 {
		r, err := c.Do(t.Context(), "GET", fmt.Sprintf("/next%d", i), nil, body.None())
		var content []byte
		if err == nil {
			content, err = io.ReadAll(r)
		}
		if err != nil || string(content) != "hello" {
			t.Fatalf("%q: the request behind was answered %q, %v", what, content, err)
		}
	}
	if now := o.written(1); o.dials.Load() != 2 || now != written && !o.link.secure { // TLS says good-bye
		t.Errorf("%q: %d dials; %q was written to the first connection", what, o.dials.Load(), now[len(written):])
	}
	c.Close()
}

// idleFacade: what comes while a connection is idle closes it before the next request is sent.
func idleFacade(t *testing.T) {
	for name, link := range links {
		t.Run(name, func(t *testing.T) {
			for _, poison := range poisons {
				idle := make(chan struct{})
				o := newOrigin(t, func(p *peer) {
					if p.n > 1 {
						greet(p)
						return
					}
					p.request()
					p.send(hello)
					<-idle
					p.send(poison)
					p.hold()
				})
				o.link = link
				c := facade(t, o)
				get(t, c, "/", "hello")
				if !c.Connected() {
					t.Fatal("the connection was not kept")
				}
				close(idle)
				arrived(t, c)
				afterwards(t, o, c, poison)
			}
		})
	}
}

// idleClientOctets: the machine refuses them, and no request can be sent any more.
func idleClientOctets(t *testing.T) {
	for _, poison := range poisons {
		for _, segments := range splits(poison, false) {
			c := asking(t, "GET", conn.Config{})
			if h := hear(t, c, []string{hello}, false); !h.Reusable {
				t.Fatalf("%v", &h)
			}
			h := hear(t, c, segments, false)
			if h.Rule != wire.RuleUnsolicited || len(h.Messages) > 0 {
				t.Errorf("%q: %v", segments, &h)
			}
			noRequest(t, c, poison)
		}
	}
}

// noRequest checks that c refuses another request, and that nothing of it would be sent.
func noRequest(t *testing.T, c *conn.Conn, what string) {
	t.Helper()
	out, err := c.AppendRequest([]byte("before"), "GET", "/", fieldsOf("Host: h"))
	if !errors.Is(err, conn.ErrState) || string(out) != "before" || c.Reusable() {
		t.Errorf("%q: another request: %q, %v, reusable %v", what, out, err, c.Reusable())
	}
}

// idleServer: what a client sends between requests is a request, of which all of it is read, or an error; and
// behind the last one it is nothing.
func idleServer(t *testing.T) {
	const get = "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
	for _, poison := range poisons {
		if poison == "\r\n" || poison == "\r" {
			continue // empty lines before a request-line are passed over
		}
		h := hearServer(t, get+poison, conn.Config{})
		if len(h.Messages) != 1 || h.Rule == 0 && strings.Contains(poison, "\n") {
			t.Errorf("%q: %v", poison, &h)
		}
		h = hearServer(t, strings.Replace(get, "Host", "Connection: close\r\nHost", 1)+poison+smuggled, conn.Config{})
		if len(h.Messages) != 1 || h.Rule != 0 || h.Reusable {
			t.Errorf("%q behind the last request: %v", poison, &h)
		}
	}
}

// twiceFacade: the second response comes in the same write, or in one of its own.
func twiceFacade(t *testing.T) {
	const coded = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
	for _, first := range []string{hello, coded, "HTTP/1.1 103 \r\n\r\n" + hello} {
		for _, second := range poisons {
			o := newOrigin(t, func(p *peer) {
				if p.n > 1 {
					greet(p)
					return
				}
				p.request()
				p.send(first + second)
				p.hold()
			})
			c := facade(t, o)
			get(t, c, "/", "hello")
			afterwards(t, o, c, first+second)
		}
	}
	// So it is behind the last of several requests in flight, and not before.
	o := newOrigin(t, func(p *peer) {
		if p.n > 1 {
			greet(p)
			return
		}
		p.request()
		p.request()
		p.send(hello + strings.Replace(hello, "hello", "there", 1) + poisoned)
		p.hold()
	})
	c := facade(t, o)
	if err := c.Pipeline(2); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"/0", "/1"} {
		if err := c.Request(t.Context(), "GET", target, nil, body.None()); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"hello", "there"} {
		r, err := c.Response(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if content, err := r.ReadAll(); err != nil || string(content) != want {
			t.Errorf("%q, %v", content, err)
		}
	}
	if _, err := c.Response(t.Context()); !errors.Is(err, httpclient.ErrResponseNotReady) {
		t.Errorf("a third response: %v", err)
	}
	afterwards(t, o, c, "three to two")
}

func twiceClient(t *testing.T) {
	for _, second := range poisons {
		h := hearSplit(t, func() *conn.Conn { return asking(t, "GET", conn.Config{}) }, hello+second, false, false)
		if len(h.Messages) != 1 || h.content() != "hello" || h.Rule != wire.RuleUnsolicited {
			t.Errorf("%q: %v", second, &h)
		}
		c := asking(t, "GET", conn.Config{})
		hear(t, c, []string{hello + second}, false)
		noRequest(t, c, second)
		noneBehind(t, "GET", hello, second)
	}
}

// noneBehind has a caller who stops reading at the end of the first response, with octets behind it in hand: they
// are seen before he can send another request, for which they would pass as the response.
func noneBehind(t *testing.T, method, response, behind string) {
	t.Helper()
	c := asking(t, method, conn.Config{})
	data := []byte(response + behind)
	for {
		n, ev, err := c.Next(data, false)
		if err != nil {
			t.Fatal(err)
		}
		data = data[n:]
		if ev.Kind == conn.End {
			break
		}
	}
	if string(data) != behind {
		t.Errorf("%q is left, want %q", data, behind)
	}
	noRequest(t, c, behind)
}

// twiceServer: a server cannot answer twice, nor before it is asked but to refuse.
func twiceServer(t *testing.T) {
	c := owingServer("")(t)
	answer204(t, c)
	for what, try := range map[string]func() ([]byte, error){
		"response": func() ([]byte, error) { return c.AppendResponse(nil, 200, "OK", fieldsOf("Content-Length: 0")) },
		"content":  func() ([]byte, error) { return c.AppendContent(nil, []byte("poisoned")) },
		"end":      func() ([]byte, error) { return c.AppendEnd(nil, nil) },
		"interim":  func() ([]byte, error) { return c.AppendResponse(nil, 103, "", nil) },
	} {
		out, err := try()
		if what == "response" && err == nil {
			// To a client that has sent nothing this can only be a refusal: the connection ends with it.
			if !c.LastResponse() {
				t.Errorf("%s: %q, and the connection goes on", what, out)
			}
			c = owingServer("")(t)
			answer204(t, c)
			continue
		}
		if err == nil || len(out) > 0 {
			t.Errorf("%s: %q, %v", what, out, err)
		}
	}
	c = owingServer("")(t)
	if _, err := c.AppendResponse(nil, 200, "OK", fieldsOf("Content-Length: 5")); err != nil {
		t.Fatal(err)
	}
	if out, err := c.AppendResponse(nil, 200, "OK", fieldsOf("Content-Length: 0")); !errors.Is(err, conn.ErrState) || len(out) > 0 {
		t.Errorf("within a response: %q, %v", out, err)
	}
}

// bodilessFacade: content that cannot be there is not delivered, and not taken for a response.
func bodilessFacade(t *testing.T) {
	for name, link := range links {
		t.Run(name, func(t *testing.T) {
			for _, b := range bodiless {
				for _, later := range []bool{false, true} {
					idle := make(chan struct{})
					o := newOrigin(t, func(p *peer) {
						if p.n > 1 {
							greet(p)
							return
						}
						p.request()
						if later {
							p.send(b.head)
							<-idle
							p.send(b.content)
						} else {
							p.send(b.head + b.content)
						}
						p.hold()
					})
					o.link = link
					c := facade(t, o)
					r, err := c.Do(t.Context(), b.method, "/", nil, body.None())
					if err != nil {
						t.Fatal(err)
					}
					if content, err := r.ReadAll(); len(content) > 0 || err != nil {
						t.Errorf("%q: content %q, %v", b.head, content, err)
					}
					close(idle)
					arrived(t, c)
					afterwards(t, o, c, b.method+" "+b.head)
				}
			}
		})
	}
}

// bodiless are responses that have no content, with what their server has sent as such.
var bodiless = []struct{ method, head, content string }{
	{"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 46\r\n\r\n", poisoned},
	{"HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "2e\r\n" + poisoned + "\r\n0\r\n\r\n"},
	{"HEAD", "HTTP/1.1 200 OK\r\n\r\n", poisoned},
	{"GET", "HTTP/1.1 204 No Content\r\nContent-Length: 46\r\n\r\n", poisoned},
	{"GET", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\n\r\n"},
	{"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 46\r\n\r\n", poisoned},
	{"POST", "HTTP/1.1 304 Not Modified\r\n\r\n", "x"},
}

func bodilessClient(t *testing.T) {
	for _, b := range bodiless {
		h := hearSplit(t, func() *conn.Conn { return asking(t, b.method, conn.Config{}) }, b.head+b.content, false, false)
		if len(h.Messages) != 1 || !h.Messages[0].Whole || h.content() != "" || h.Rule != wire.RuleUnsolicited {
			t.Errorf("%s %q: %v", b.method, b.head, &h)
		}
		c := asking(t, b.method, conn.Config{})
		hear(t, c, []string{b.head + b.content}, false)
		noRequest(t, c, b.head)
		noneBehind(t, b.method, b.head, b.content)
	}
}

// bodilessServer: a server of ours cannot send such content.
func bodilessServer(t *testing.T) {
	for _, b := range []struct {
		method string
		status int
		fields []string
	}{{"HEAD", 200, []string{"Content-Length: 5"}}, {"HEAD", 200, []string{"Transfer-Encoding: chunked"}}, {"GET", 204, nil}, {"GET", 304, []string{"Content-Length: 5"}}} {
		c := conn.New(conn.Server, conn.Config{})
		if _, _, err := c.Next([]byte(b.method+" / HTTP/1.1\r\nHost: h\r\n\r\n"), false); err != nil {
			t.Fatal(err)
		}
		c.Next(nil, false) // the end of the request
		if _, err := c.AppendResponse(nil, b.status, "", fieldsOf(b.fields...)); err != nil {
			t.Fatal(err)
		}
		for what, try := range map[string]func() ([]byte, error){
			"content": func() ([]byte, error) { return c.AppendContent(nil, []byte("hello")) },
			"chunk":   func() ([]byte, error) { return c.AppendChunk(nil, []byte("hello"), "") },
			"prefix":  func() ([]byte, error) { return c.AppendPrefix(nil, 5) },
			"sent":    func() ([]byte, error) { return nil, c.Sent(5) },
		} {
			if out, err := try(); len(out) > 0 || !errors.Is(err, wire.RuleContentForbidden) {
				t.Errorf("%s %d, %s: %q, %v", b.method, b.status, what, out, err)
			}
		}
		if out, err := c.AppendEnd(nil, nil); err != nil || len(out) > 0 || !c.Reusable() {
			t.Errorf("%s %d: %q, %v", b.method, b.status, out, err)
		}
	}
}
