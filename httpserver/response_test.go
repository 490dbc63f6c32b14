package httpserver_test

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/wire"
)

// responses are handlers and the octets that come of them.
var responses = []struct {
	name    string
	request string // its line and fields, without Host; "GET / HTTP/1.1" by default
	handler func(w httpserver.ResponseWriter, r httpserver.Request)
	want    string // LF stands for CRLF
	page    string // what follows it, as it is
	closes  bool
}{
	{
		name:    "nothing said",
		handler: func(httpserver.ResponseWriter, httpserver.Request) {},
		want:    "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
	},
	{
		name:    "small content",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) { w.WriteString("hello") },
		want:    "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
	},
	{
		name: "order, case and duplicates are kept",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.SetStatus(201, "Made")
			w.Fields().Add("x-b", "1")
			w.Fields().Add("X-A", "2")
			w.Fields().Add("x-B", "3")
		},
		want: "HTTP/1.1 201 Made\nx-b: 1\nX-A: 2\nx-B: 3\nContent-Length: 0\n\n",
	},
	{
		name:    "an empty reason",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) { w.SetStatus(299, "") },
		want:    "HTTP/1.1 299 \nContent-Length: 0\n\n",
	},
	{
		name: "flushed content is chunked",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.WriteString("ab")
			w.Flush()
			w.WriteString("cde")
		},
		want: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2\nab\n3\ncde\n0\n\n",
	},
	{
		name: "chunks with extensions",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.WriteChunk([]byte("ab"), ";x=1")
		},
		want: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n2;x=1\nab\n0\n\n",
	},
	{
		name: "trailers",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.Fields().Add("Trailer", "Digest")
			w.WriteString("ab")
			w.Trailers().Add("Digest", "x")
		},
		want: "HTTP/1.1 200 OK\nTrailer: Digest\nTransfer-Encoding: chunked\n\n2\nab\n0\nDigest: x\n\n",
	},
	{
		name: "a length given",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.Fields().Add("Content-Length", "4")
			w.WriteString("ab")
			w.Flush()
			w.WriteString("cd")
		},
		want: "HTTP/1.1 200 OK\nContent-Length: 4\n\nabcd",
	},
	{
		name:    "HEAD has the length and no content",
		request: "HEAD / HTTP/1.1",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) { w.WriteString("hello") },
		want:    "HTTP/1.1 200 OK\nContent-Length: 5\n\n",
	},
	{
		name:    "HEAD, flushed",
		request: "HEAD / HTTP/1.1",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.WriteString("hello")
			w.Flush()
			w.WriteString("hello")
		},
		want: "HTTP/1.1 200 OK\n\n",
	},
	{
		name: "204 has none",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.SetStatus(204)
			if _, err := w.WriteString("x"); err != httpserver.ErrNoContent {
				panic(err)
			}
		},
		want: "HTTP/1.1 204 No Content\n\n",
	},
	{
		name: "304 may say what the length would be",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.SetStatus(304)
			w.Fields().Add("Content-Length", "5")
			w.Write([]byte("hello"))
		},
		want: "HTTP/1.1 304 Not Modified\nContent-Length: 5\n\n",
	},
	{
		name: "205 has none, and says so",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.SetStatus(205)
			w.Write([]byte("hello"))
		},
		want: "HTTP/1.1 205 Reset Content\nContent-Length: 0\n\n",
	},
	{
		name: "interim responses",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			var f headers.Fields
			f.Add("Link", "</a>; rel=preload")
			w.Interim(103, &f)
			w.Interim(102, nil)
		},
		want: "HTTP/1.1 103 Early Hints\nLink: </a>; rel=preload\n\nHTTP/1.1 102 Processing\n\nHTTP/1.1 200 OK\nContent-Length: 0\n\n",
	},
	{
		name: "what is not interim is not sent as such",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			for _, code := range []int{-100, 0, 99, 101, 200, 404, 1000} {
				if err := w.Interim(code, nil); err == nil {
					w.WriteString("sent " + strconv.Itoa(code))
				}
			}
			w.WriteString("none")
		},
		want: "HTTP/1.1 200 OK\nContent-Length: 4\n\nnone",
	},
	{
		name:    "to HTTP/1.0, small",
		request: "GET / HTTP/1.0",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) { w.WriteString("hello") },
		want:    "HTTP/1.1 200 OK\nContent-Length: 5\nConnection: close\n\nhello",
		closes:  true,
	},
	{
		name:    "to HTTP/1.0 with keep-alive",
		request: "GET / HTTP/1.0\nConnection: keep-alive",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) { w.WriteString("hello") },
		want:    "HTTP/1.1 200 OK\nContent-Length: 5\nConnection: keep-alive\n\nhello",
	},
	{
		name:    "to HTTP/1.0, of unknown length",
		request: "GET / HTTP/1.0\nConnection: keep-alive",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.WriteString("hel")
			w.Flush()
			w.WriteString("lo")
		},
		want:   "HTTP/1.1 200 OK\nConnection: close\n\nhello",
		closes: true,
	},
	{
		name:    "to HTTP/1.0, by a handler that wants chunks",
		request: "GET / HTTP/1.0",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.Fields().Add("Transfer-Encoding", "chunked")
			w.WriteString("hello")
		},
		want:   "HTTP/1.1 200 OK\nContent-Length: 5\nConnection: close\n\nhello",
		closes: true,
	},
	{
		name:    "the client closes",
		request: "GET / HTTP/1.1\nConnection: close",
		handler: func(httpserver.ResponseWriter, httpserver.Request) {},
		want:    "HTTP/1.1 200 OK\nContent-Length: 0\nConnection: close\n\n",
		closes:  true,
	},
	{
		name:    "the handler closes",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) { w.CloseAfter() },
		want:    "HTTP/1.1 200 OK\nContent-Length: 0\nConnection: close\n\n",
		closes:  true,
	},
	{
		name:    "the handler says that it closes",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) { w.Fields().Add("connection", "close") },
		want:    "HTTP/1.1 200 OK\nconnection: close\nContent-Length: 0\n\n",
		closes:  true,
	},
	{
		name: "an error drops what was prepared",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.Fields().Add("Secret", "x")
			w.WriteString("half a page")
			w.Error(418, "short and stout")
		},
		want: "HTTP/1.1 418 I'm a Teapot\nContent-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\nContent-Length: 33\n\n",
		page: "418 I'm a Teapot\nshort and stout\n",
	},
	{
		name:    "an expectation that nobody knows",
		request: "GET / HTTP/1.1\nExpect: the worst",
		handler: func(httpserver.ResponseWriter, httpserver.Request) { panic("not to be called") },
		want: "HTTP/1.1 417 Expectation Failed\nContent-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n" +
			"Content-Length: 98\nConnection: close\n\n",
		page:   "417 Expectation Failed\nthe server knows no expectation but 100-continue (RFC 9110 section 10.1.1)\n",
		closes: true,
	},
	{
		name: "a response that breaks a rule",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.Fields().Add("X", "a\r\nSet-Cookie: b")
			w.WriteString("x")
		},
		want: "HTTP/1.1 500 Internal Server Error\nContent-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n" +
			"Content-Length: 60\nConnection: close\n\n",
		page:   "500 Internal Server Error\nthe response broke a rule of HTTP\n",
		closes: true,
	},
	{
		name: "less than its length",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.Fields().Add("Content-Length", "5")
			w.WriteString("x")
		},
		want: "HTTP/1.1 500 Internal Server Error\nContent-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n" +
			"Content-Length: 60\nConnection: close\n\n",
		page:   "500 Internal Server Error\nthe response broke a rule of HTTP\n",
		closes: true,
	},
	{
		name: "more than its length",
		handler: func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.Fields().Add("Content-Length", "5")
			w.WriteString("hello")
			if _, err := w.WriteString("!"); !errors.Is(err, wire.RuleContentExcess) {
				panic(err)
			}
		},
		want: "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
	},
	{
		name:    "CONNECT that nobody looks at",
		request: "CONNECT a:80 HTTP/1.1",
		handler: func(httpserver.ResponseWriter, httpserver.Request) {},
		want: "HTTP/1.1 501 Not Implemented\nContent-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n" +
			"Content-Length: 47\nConnection: close\n\n",
		closes: true,
		page:   "501 Not Implemented\nCONNECT is not served here\n",
	},
}

func TestResponse(t *testing.T) {
	for _, c := range responses {
		t.Run(c.name, func(t *testing.T) {
			w := serve(t, handle(c.handler))
			line := c.request
			if line == "" {
				line = "GET / HTTP/1.1"
			}
			w.send(crlf(line + "\nHost: a\n\n"))
			w.expect(crlf(c.want) + c.page)
			if c.closes {
				io.ReadAll(w.client) // ends
				return
			}
			// The connection carries another exchange.
			w.send(crlf("NEXT / HTTP/1.1\nHost: a\nConnection: close\n\n"))
			if got := w.rest(); !strings.HasPrefix(got, "HTTP/1.1 ") {
				t.Errorf("the next exchange: %q", got)
			}
		})
	}
}

// A handler sees what the wire said.
func TestRequest(t *testing.T) {
	var got []string
	tell := func(s ...string) { got = append(got, strings.Join(s, " ")) }
	w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		tell(r.Method(), r.Target(), r.Path(), r.Query(), r.Host(), r.Version().String())
		for name, value := range r.Fields().All() {
			tell(string(name), string(value))
		}
		r.OnChunk(func(size int64, ext []byte) { tell("chunk", string(ext)) })
		content, err := r.ReadAll(-1)
		tell("content", string(content), errString(err))
		for name, value := range r.Trailers().All() {
			tell("trailer", string(name), string(value))
		}
	}))
	w.send(crlf("post http://b:8080/x%2Fy?q=1 HTTP/1.1\nhost: a\nX-b: 1\nx-B: 2\nTransfer-Encoding: chunked\n\n3;e=f\nabc\n0;last\nT: u\n\n"))
	w.expect(crlf("HTTP/1.1 200 OK\nContent-Length: 0\n\n"))
	want := []string{
		"post http://b:8080/x%2Fy?q=1 /x%2Fy q=1 b:8080 HTTP/1.1",
		"host a", "X-b 1", "x-B 2", "Transfer-Encoding chunked",
		"chunk ;e=f", "chunk ;last", "content abc ", "trailer T u",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func errString(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
