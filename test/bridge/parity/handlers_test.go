package parity

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing/iotest"
	"time"
)

// responding are handlers; what a client gets of them is noted. A second request tells whether the connection was kept.
var responding = []struct {
	name string
	do   http.HandlerFunc
}{
	{"nothing", func(http.ResponseWriter, *http.Request) {}},
	{"a string", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }},
	{"an empty string", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "") }},
	{"HTML", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<!DOCTYPE html><p>hello") }},
	{"several writes", func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			fmt.Fprintf(w, "%d ", 1)
		}
	}},
	{"3 KiB", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("a", 3<<10)) }},
	{"100 KiB", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("a", 100<<10)) }},
	{"100 KiB in pieces", func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			io.WriteString(w, strings.Repeat("a", 1<<10))
		}
	}},
	{"Content-Length", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "hello")
	}},
	{"Content-Length that is too large", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "50")
		io.WriteString(w, strings.Repeat("a", 5))
		w.(http.Flusher).Flush()
	}},
	{"Content-Length that is too small", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3")
		n, err := io.WriteString(w, "hello")
		w.Header().Set("X", fmt.Sprint(n, class(err)))
	}},
	{"Content-Length that is no number", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "many")
		io.WriteString(w, "hello")
	}},
	{"404", func(w http.ResponseWriter, q *http.Request) { http.NotFound(w, q) }},
	{"a redirect", func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, "/there?a=b", http.StatusFound) }},
	{"http.Error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "odd", 500) }},
	{"204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }},
	{"204 with content", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(204)
		_, err := io.WriteString(w, "hello")
		if !errors.Is(err, http.ErrBodyNotAllowed) {
			panic("it was taken")
		}
	}},
	{"304", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"a"`)
		w.WriteHeader(304)
	}},
	{"205", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(205) }},
	{"status 299", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) }},
	{"WriteHeader twice", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(201)
		w.WriteHeader(500)
	}},
	{"fields set too late", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(200)
		w.Header().Set("A", "b")
	}},
	{"fields of one name", func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["A"] = []string{"1", "2"}
		w.Header()["b-c"] = []string{"3"}
		w.Header()["Nothing"] = nil
	}},
	{"no Date", func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil }},
	{"no Content-Type", func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		io.WriteString(w, "hello")
	}},
	{"an own Content-Type", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "a/b")
		io.WriteString(w, "hello")
	}},
	{"Content-Encoding without a type", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "odd")
		io.WriteString(w, "hello")
	}},
	{"CR LF in a value", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("A", "b\r\nC: d") }},
	{"a name that is no token", func(w http.ResponseWriter, _ *http.Request) { w.Header()["A B"] = []string{"c"} }},
	{"Connection: close", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }},
	{"Transfer-Encoding: chunked", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Transfer-Encoding", "chunked")
		io.WriteString(w, "hello")
	}},
	{"Transfer-Encoding: identity", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Transfer-Encoding", "identity")
		io.WriteString(w, "hello")
	}},
	{"Flush", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hel")
		w.(http.Flusher).Flush()
		io.WriteString(w, "lo")
	}},
	{"Flush before anything", func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() }},
	{"FlushError", func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err != nil {
			panic(err)
		}
	}},
	{"103 and 200", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(103)
		w.Header().Set("B", "c")
		io.WriteString(w, "hello")
	}},
	{"trailers that were announced", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "A, B")
		io.WriteString(w, "hello")
		w.Header().Set("A", "1")
		w.Header().Set("C", "no trailer")
	}},
	{"trailers by prefix", func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		io.WriteString(w, "hello")
		w.Header().Set(http.TrailerPrefix+"A", "1")
	}},
	{"trailers by prefix that nobody waits for", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
		w.Header().Set(http.TrailerPrefix+"A", "1")
	}},
	{"ReadFrom", func(w http.ResponseWriter, _ *http.Request) {
		n, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader("hello"))
		if n != 5 || err != nil {
			panic(err)
		}
	}},
	{"ReadFrom of a reader that fails", func(w http.ResponseWriter, _ *http.Request) {
		io.Copy(w, io.MultiReader(strings.NewReader("hello"), iotest.ErrReader(errOfBody)))
	}},
	{"a panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	{"a panic behind a write", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
		panic(http.ErrAbortHandler)
	}},
	{"a panic behind Flush", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}},
	{"a panic of another value", func(w http.ResponseWriter, _ *http.Request) { panic("odd") }},
	{"ServeContent", func(w http.ResponseWriter, q *http.Request) {
		http.ServeContent(w, q, "a.txt", time.Unix(1e9, 0), strings.NewReader("hello"))
	}},
	{"TimeoutHandler", func(w http.ResponseWriter, q *http.Request) {
		http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() }), time.Millisecond, "late").ServeHTTP(w, q)
	}},
	{"SetCookie", func(w http.ResponseWriter, _ *http.Request) { http.SetCookie(w, &http.Cookie{Name: "a", Value: "b c"}) }},
	{"deadlines", func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		fmt.Fprint(w, class(c.SetReadDeadline(time.Now().Add(time.Hour))), class(c.SetWriteDeadline(time.Now().Add(time.Hour))), class(c.EnableFullDuplex()))
	}},
	{"values of the context", func(w http.ResponseWriter, q *http.Request) {
		_, server := q.Context().Value(http.ServerContextKey).(*http.Server)
		addr, _ := q.Context().Value(http.LocalAddrContextKey).(net.Addr)
		_, _, err := net.SplitHostPort(q.RemoteAddr)
		fmt.Fprint(w, server, addr.Network(), q.Context().Err(), err, q.TLS == nil, q.Pattern)
	}},
	{"a ServeMux", func(w http.ResponseWriter, q *http.Request) {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, q *http.Request) { fmt.Fprint(w, q.PathValue("name"), q.Pattern) })
		mux.ServeHTTP(w, q)
	}},
	{"a form", func(w http.ResponseWriter, q *http.Request) { fmt.Fprint(w, q.FormValue("b"), class(q.ParseForm())) }},
}

// handlerCases: a client gets the responses of each handler, by GET, HEAD, and in HTTP/1.0.
func handlerCases() (cases []parityCase) {
	quiet := log.New(io.Discard, "", 0)
	for _, row := range responding {
		for _, how := range []struct{ name, octets, method string }{
			{"GET", "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\n" + bye, "GET"},
			{"HEAD", "HEAD /a?b=c HTTP/1.1\r\nHost: a\r\n\r\nHEAD /second HTTP/1.1\r\n" + bye, "HEAD"},
			{"1.0", "GET /a?b=c HTTP/1.0\r\n\r\n", "GET"},
		} {
			cases = append(cases, parityCase{"handler: " + row.name + ", " + how.name, func(r *run) {
				c := r.dial(r.listen(&http.Server{ErrorLog: quiet, Handler: row.do}))
				c.old = how.name == "1.0"
				c.say(how.octets)
				c.all(how.method)
			}})
		}
	}
	return cases
}
