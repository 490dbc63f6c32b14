package advisories_test

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"

	"github.com/strata-http/strata/httpserver"
)

const next = "GET /next HTTP/1.1\r\nHost: h\r\n\r\n"

// expectServed: behind a final response to an expectation nobody knows whether content follows, so nothing is read
// as a request any more.
func expectServed(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n"
	for _, framing := range []string{fmt.Sprintf("Content-Length: %d\r\n\r\n", len(smuggled)), "Transfer-Encoding: chunked\r\n\r\n"} {
		for _, status := range []int{200, 204, 413, 417} {
			c := facadeServer(t, func(w httpserver.ResponseWriter, _ httpserver.Request) { w.SetStatus(status) })
			closing(t, c.say(head+framing+smuggled+next), fmt.Sprint(status))
			c.wasAsked("POST /")
		}
	}
	c := facadeServer(t, func(httpserver.ResponseWriter, httpserver.Request) {})
	closing(t, c.say(strings.Replace(head, "100-continue", "better", 1)+"\r\n"+next), "417 ")
	c.wasAsked()
}

// continueServed: content is read while the response is written, and no 100 is sent within it or behind it.
func continueServed(t *testing.T) {
	for range 50 {
		c := facadeServer(t, func(w httpserver.ResponseWriter, r httpserver.Request) {
			w.Duplex()
			w.WriteString("begun ")
			w.Flush()
			var reading sync.WaitGroup
			reading.Go(func() {
				if content, err := r.ReadAll(-1); string(content) != "hello" || err != nil {
					t.Errorf("read %q, %v", content, err)
				}
			})
			w.WriteString("and ")
			w.Flush()
			reading.Wait()
			w.WriteString("ended")
		})
		got := c.say("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello" + next)
		if want := "\r\n\r\n6\r\nbegun \r\n4\r\nand \r\n5\r\nended\r\n0\r\n\r\n"; !strings.HasSuffix(got, want) || strings.Count(got, "HTTP/1.1 ") != 1 {
			t.Fatalf("answered %q", got)
		}
		c.wasAsked("POST /")
	}
}

// bodilessServed: what a handler writes where there can be no content is not sent, and the next response follows.
func bodilessServed(t *testing.T) {
	for _, b := range []struct {
		method string
		status int
		field  string
	}{{"HEAD", 200, ""}, {"HEAD", 200, "Content-Length"}, {"GET", 204, ""}, {"GET", 204, "Content-Length"}, {"GET", 304, "Content-Length"}, {"GET", 205, ""}} {
		c := facadeServer(t, func(w httpserver.ResponseWriter, r httpserver.Request) {
			if r.Target() == "/next" {
				return
			}
			w.SetStatus(b.status)
			if b.field != "" {
				w.Fields().Add(b.field, "8")
			}
			for range 3 {
				w.WriteString("poisoned")
				w.Flush()
			}
		})
		got := c.say(b.method + " / HTTP/1.1\r\nHost: h\r\n\r\n" + next)
		if _, behind, ok := strings.Cut(got, "\r\n\r\n"); !ok || behind != "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" || strings.Contains(got, "poisoned") {
			t.Errorf("%s %d %s: answered %q", b.method, b.status, b.field, got)
		}
		c.wasAsked(b.method+" /", "GET /next")
	}
}

// idleServed: what a client sends between requests is a request or an error; behind the last one it is nothing.
func idleServed(t *testing.T) {
	for _, poison := range poisons {
		c := facadeServer(t, func(httpserver.ResponseWriter, httpserver.Request) {})
		got := c.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n" + poison)
		if refused := strings.Trim(poison, "\r\n") != ""; strings.Count(got, "HTTP/1.1 200 OK") != 1 || strings.Contains(got, "\r\nConnection: close\r\n") != refused && poison != "\r" {
			t.Errorf("%q: answered %q", poison, got)
		}
		c.wasAsked("GET /")
		c = facadeServer(t, func(httpserver.ResponseWriter, httpserver.Request) {})
		closing(t, c.say("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"+poison+next), "200 ")
		c.wasAsked("GET /")
	}
}

// mismatchServed: content that is not as long as a handler has said ends the connection, before the head with 500,
// behind it by a cut; no other response follows.
func mismatchServed(t *testing.T) {
	for _, flush := range []bool{false, true} {
		c := facadeServer(t, func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.Fields().Add("Content-Length", "10")
			w.WriteString("hello")
			if flush {
				w.Flush()
			}
		})
		io.WriteString(c.client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"+next)
		got, _ := io.ReadAll(c.client) // a reset tells that something is missing
		if flush != strings.HasSuffix(string(got), "\r\nContent-Length: 10\r\n\r\nhello") || flush == strings.HasPrefix(string(got), "HTTP/1.1 500 ") || strings.Count(string(got), "HTTP/1.1 ") != 1 {
			t.Errorf("flush %v: answered %q", flush, got)
		}
		c.wasAsked("GET /")

		c = facadeServer(t, func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.Fields().Set("Content-Length", "10")
			w.WriteString("hello")
			if flush {
				w.Flush()
			}
			if _, err := w.WriteString("worlds"); err == nil {
				t.Error("more than its length is taken")
			}
			w.WriteString("world")
		})
		all := c.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n" + next)
		if strings.Count(all, "\r\nContent-Length: 10\r\n\r\nhelloworld") != 2 || strings.Count(all, "HTTP/1.1 ") != 2 {
			t.Errorf("flush %v: answered %q", flush, all)
		}
	}
}

// pooledServed: buffers go from one connection to the other, and nobody gets an octet of another's.
func pooledServed(t *testing.T) {
	var clients sync.WaitGroup
	for owner := range 40 {
		clients.Go(func() {
			for size := 10; size < 60_000; size = size*3 + owner {
				mine := marked(owner, size)
				c := facadeServer(t, func(w httpserver.ResponseWriter, r httpserver.Request) {
					content, err := r.ReadAll(-1)
					if of := foreign(content, owner) + foreign(r.RawHead(), owner); err != nil || of != "" || len(content) != size {
						t.Errorf("%d octets arrived, %v, with those of %q", len(content), err, of)
					}
					w.Fields().AddBytes([]byte("X"), r.Fields().Get("X"))
					w.Write(content)
					if size%2 == 0 {
						panic(httpserver.ErrAbort) // the buffers are given back in the middle
					}
				})
				go io.WriteString(c.client, fmt.Sprintf("POST / HTTP/1.1\r\nHost: h\r\nX: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s", mine[:12*(size/12)], size, mine)[:])
				got, _ := io.ReadAll(c.client)
				if of := foreign(got, owner); of != "" {
					t.Errorf("%d octets came back with those of %q", len(got), of)
				}
			}
		})
	}
	clients.Wait()
}

// twiceServed: there is one response to a request, whatever a handler tries.
func twiceServed(t *testing.T) {
	c := facadeServer(t, func(w httpserver.ResponseWriter, r httpserver.Request) {
		if r.Target() == "/next" {
			return
		}
		w.WriteString("first")
		w.Flush()
		for what, err := range map[string]error{
			"Error": w.Error(500, "poisoned"), "SetStatus": w.SetStatus(404), "Interim": w.Interim(103, nil), "MethodNotAllowed": w.MethodNotAllowed("GET"),
		} {
			if err != httpserver.ErrHeadSent {
				t.Errorf("%s: %v", what, err)
			}
		}
		if _, err := w.Hijack(); err != httpserver.ErrHeadSent {
			t.Errorf("Hijack: %v", err)
		}
	})
	got := c.say("GET / HTTP/1.1\r\nHost: h\r\n\r\n" + next)
	if _, behind, ok := strings.Cut(got, "\r\n\r\n"); !ok || behind != "5\r\nfirst\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" {
		t.Errorf("answered %q", got)
	}
	c.wasAsked("GET /", "GET /next")
}

// earlyServed: the rest of a request that was answered before its end is not the next request, whether it is read to
// the end or not, and what is wrong with it ends the connection.
func earlyServed(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: h\r\n"
	rest := fmt.Sprintf("%x\r\n%s\r\n", len(smuggled), smuggled)
	for _, b := range []struct {
		octets string
		keeps  bool
	}{
		{fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(smuggled), smuggled), true},
		{"Transfer-Encoding: chunked\r\n\r\n" + rest + "0\r\n\r\n", true},
		{fmt.Sprintf("Content-Length: %d\r\n\r\n%s", 1<<20, strings.Repeat(smuggled, 1<<20/len(smuggled)+1)), false},
		{"Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat(rest, 10_000), false},
		{"Transfer-Encoding: chunked\r\n\r\n" + rest[:len(rest)-2], false},
	} {
		c := facadeServer(t, func(w httpserver.ResponseWriter, r httpserver.Request) {
			if r.Target() == "/" {
				w.SetStatus(202)
				w.Flush()
			}
		})
		got := c.say(head + b.octets + next)
		if n := strings.Count(got, "HTTP/1.1 "); n != 2 && b.keeps || n != 1 && !b.keeps {
			t.Errorf("%.80q: answered %q", b.octets, got)
		}
		if b.keeps {
			c.wasAsked("POST /", "GET /next")
		} else {
			c.wasAsked("POST /")
		}
	}
}

// staleServed: what a handler keeps is of no use while another request is under way.
func staleServed(t *testing.T) {
	var writer httpserver.ResponseWriter
	var request httpserver.Request
	c := facadeServer(t, func(w httpserver.ResponseWriter, r httpserver.Request) {
		if r.Target() == "/" {
			writer, request = w, r
			w.WriteString("mine")
			return
		}
		_, read := request.Read(make([]byte, 10))
		_, wrote := writer.WriteString("poisoned")
		writer.Fields().Add("Poisoned", "x")
		writer.Trailers().Add("Poisoned", "x")
		_, taken := writer.Hijack()
		for what, err := range map[string]error{
			"Read": read, "WriteString": wrote, "Hijack": taken, "Error": writer.Error(500, "poisoned"), "SetStatus": writer.SetStatus(500), "Flush": writer.Flush(),
		} {
			if err != httpserver.ErrHandlerReturned {
				t.Errorf("%s: %v", what, err)
			}
		}
		if request.Target() != "" || request.Fields().Len() > 0 || len(request.RawHead()) > 0 || request.Context().Err() == nil {
			t.Errorf("the request kept is %q", request.Target())
		}
		content, err := r.ReadAll(-1)
		if string(content) != "theirs" || err != nil {
			t.Errorf("read %q, %v", content, err)
		}
	})
	got := c.say("GET / HTTP/1.1\r\nHost: h\r\n\r\nPOST /next HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\ntheirs")
	if want := "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmineHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"; got != want {
		t.Errorf("answered %q", got)
	}
}
