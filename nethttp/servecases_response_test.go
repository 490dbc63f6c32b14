package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

var statusCases = []parityCase{
	writes("nothing", toGet, func(n *notes, w http.ResponseWriter) {}),
	writes("nothing, to HEAD", toHead, func(n *notes, w http.ResponseWriter) {}),
	writes("404", toGet, func(n *notes, w http.ResponseWriter) { w.WriteHeader(404); say(n, w, "no") }),
	writes("unknown status", toGet, func(n *notes, w http.ResponseWriter) { w.WriteHeader(799); say(n, w, "no") }),
	writes("204", toGet, func(n *notes, w http.ResponseWriter) { w.WriteHeader(204); say(n, w, "no") }),
	writes("204 with framing", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "3")
		w.Header().Set("Content-Type", "a/b")
		w.WriteHeader(204)
	}),
	writes("304", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "3")
		w.Header().Set("Content-Type", "a/b")
		w.Header().Set("Etag", `"x"`)
		w.WriteHeader(304)
		say(n, w, "no")
	}),
	but("205 has no content (RFC 9110 section 15.3.6)", all,
		writes("205", toGet, func(n *notes, w http.ResponseWriter) { w.WriteHeader(205); say(n, w, "no") })),
	writes("superfluous WriteHeader", toGet, func(n *notes, w http.ResponseWriter) { w.WriteHeader(201); w.WriteHeader(202) }),
	writes("WriteHeader behind Write", toGet, func(n *notes, w http.ResponseWriter) { say(n, w, "x"); w.WriteHeader(404) }),
	writes("bad codes", toGet, func(n *notes, w http.ResponseWriter) {
		for _, code := range []int{-1, 0, 99, 1000} {
			func() {
				defer func() { n.add("%v", recover()) }()
				w.WriteHeader(code)
			}()
		}
	}),
	writes("ErrAbortHandler", toGet, func(n *notes, w http.ResponseWriter) { say(n, w, "x"); panic(http.ErrAbortHandler) }),
	writes("ErrAbortHandler inside of content", toGet, func(n *notes, w http.ResponseWriter) {
		say(n, w, "begun")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}),
	writes("panic", toGet, func(n *notes, w http.ResponseWriter) { panic("oh") }),
	writes("panic inside of content", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "10")
		say(n, w, "begun")
		w.(http.Flusher).Flush()
		panic("oh")
	}),
}

var contentCases = []parityCase{
	writes("hello", toGet, func(n *notes, w http.ResponseWriter) { say(n, w, "hello") }),
	writes("hello to HEAD", toHead, func(n *notes, w http.ResponseWriter) { say(n, w, "hello") }),
	writes("hello to HTTP/1.0", "GET / HTTP/1.0\n\n", func(n *notes, w http.ResponseWriter) { say(n, w, "hello") }),
	writes("sniffed HTML", toGet, func(n *notes, w http.ResponseWriter) { say(n, w, "  <ht"); say(n, w, "ml>") }),
	writes("sniffed HTML to HEAD", toHead, func(n *notes, w http.ResponseWriter) { say(n, w, "  <ht"); say(n, w, "ml>") }),
	writes("sniffed up to a flush", toGet, func(n *notes, w http.ResponseWriter) {
		say(n, w, "<")
		w.(http.Flusher).Flush()
		say(n, w, "html>")
	}),
	writes("flushed before content", toGet, func(n *notes, w http.ResponseWriter) { w.(http.Flusher).Flush(); say(n, w, "<html>") }),
	writes("sniffed from much", toGet, func(n *notes, w http.ResponseWriter) { say(n, w, "%PDF-"+strings.Repeat("x", 1<<17)) }),
	writes("sniffed from little, then much", toGet, func(n *notes, w http.ResponseWriter) {
		say(n, w, "%PD")
		say(n, w, "F-"+strings.Repeat("x", 1<<17))
	}),
	writes("sniffed from much to HEAD", toHead, func(n *notes, w http.ResponseWriter) {
		say(n, w, "%PD")
		say(n, w, "F-"+strings.Repeat("x", 1<<17))
		w.(http.Flusher).Flush()
	}),
	writes("not sniffed: encoded", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Encoding", "x")
		say(n, w, "<html>")
	}),
	writes("not sniffed: nil", toGet, func(n *notes, w http.ResponseWriter) { w.Header()["Content-Type"] = nil; say(n, w, "<html>") }),
	writes("not sniffed: set", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("content-type", "a/b")
		say(n, w, "<html>")
	}),
	but("a Content-Length is known up to 16 KiB", framing, writes("3 KiB", toGet, func(n *notes, w http.ResponseWriter) {
		for range 3 {
			say(n, w, strings.Repeat("x", 1<<10))
		}
	})),
	writes("100 KiB in pieces", toGet, func(n *notes, w http.ResponseWriter) {
		for range 100 {
			say(n, w, strings.Repeat("x", 1<<10))
		}
	}),
	writes("100 KiB to HTTP/1.0", "GET / HTTP/1.0\nConnection: keep-alive\n\n", func(n *notes, w http.ResponseWriter) {
		for range 100 {
			say(n, w, strings.Repeat("x", 1<<10))
		}
	}),
	writes("Content-Length", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "5")
		say(n, w, "hello")
	}),
	writes("Content-Length exceeded", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "5")
		say(n, w, "hello")
		say(n, w, "!")
	}),
	but("nothing was sent yet, so the client can be told", all, writes("Content-Length not reached", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "6")
		say(n, w, "hello")
	})),
	writes("Content-Length not reached behind a flush", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "6")
		say(n, w, "hello")
		w.(http.Flusher).Flush()
	}),
	but("the length is known all the same", framing, writes("Content-Length that is none", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "many")
		say(n, w, "hello")
	})),
	writes("Content-Length of a HEAD", toHead, func(n *notes, w http.ResponseWriter) { w.Header().Set("Content-Length", "1234567") }),
	writes("Transfer-Encoding set", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Transfer-Encoding", "chunked")
		say(n, w, "hello")
		w.(http.Flusher).Flush()
	}),
	but("small content needs no chunks", framing, writes("Transfer-Encoding set, small", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Transfer-Encoding", "chunked")
		say(n, w, "hello")
	})),
	but("an HTTP/1.1 client knows chunks", framing, writes("Transfer-Encoding: identity", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Transfer-Encoding", "identity")
		say(n, w, "hello")
		w.(http.Flusher).Flush()
	})),
	writes("io.Copy", toGet, func(n *notes, w http.ResponseWriter) {
		k, err := io.Copy(w, strings.NewReader(strings.Repeat("<html>", 1<<16)))
		n.add("%d %v", k, err)
	}),
	writes("io.Copy of what fails at once", toGet, func(n *notes, w http.ResponseWriter) {
		k, err := io.Copy(w, &failingReader{})
		n.add("%d %v", k, err)
		http.Error(w, "failed", 500)
	}),
	writes("io.Copy of what fails later", toGet, func(n *notes, w http.ResponseWriter) {
		k, err := io.Copy(w, &failingReader{n: 3})
		n.add("%d %v", k, err)
	}),
	writes("ReadFrom a file", toGet, func(n *notes, w http.ResponseWriter) {
		f, err := os.Open("servecases_test.go")
		if err != nil {
			n.add("%v", err)
			return
		}
		defer f.Close()
		info, _ := f.Stat()
		w.Header().Set("Content-Length", fmt.Sprint(info.Size()))
		k, err := w.(io.ReaderFrom).ReadFrom(f)
		n.add("%d %v", k-info.Size(), err)
	}),
	writes("ReadFrom more than Content-Length", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "5")
		k, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader("hello world"))
		n.add("%d %v", k, err)
	}),
}

// failingReader yields n small pieces, and fails.
type failingReader struct{ n int }

func (f *failingReader) Read(p []byte) (int, error) {
	if f.n--; f.n < 0 {
		return 0, errors.New("failing")
	}
	return copy(p, "piece"), nil
}

var fieldCases = []parityCase{
	writes("several values", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Add("X", "1")
		w.Header().Add("X", "2")
		w.Header()["x-raw"] = []string{"3"}
		w.Header().Add("Set-Cookie", "a=b")
		w.Header().Add("Set-Cookie", "c=d")
	}),
	writes("line breaks in values", toGet, func(n *notes, w http.ResponseWriter) { w.Header().Set("X", " a\r\nB: c\n ") }),
	writes("bad names", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header()["a b"] = []string{"1"}
		w.Header()["a:b"] = []string{"1"}
		w.Header()["a\r\nb"] = []string{"1"}
		w.Header()[""] = []string{"1"}
		w.Header().Set("Ok", "1")
	}),
	but("NUL is in no field value (RFC 9110 section 5.5)", all,
		writes("NUL in a value", toGet, func(n *notes, w http.ResponseWriter) { w.Header().Set("X", "a\x00b") })),
	writes("octets that are not ASCII", toGet, func(n *notes, w http.ResponseWriter) { w.Header().Set("X", "é\xff") }),
	writes("changed behind WriteHeader", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("A", "1")
		w.WriteHeader(200)
		w.Header().Set("A", "2")
		w.Header().Set("B", "2")
		say(n, w, "x")
	}),
	writes("changed behind Write", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("A", "1")
		say(n, w, "x")
		w.Header().Set("A", "2")
		w.Header().Set("B", "2")
	}),
	writes("Date of its own", toGet, func(n *notes, w http.ResponseWriter) { w.Header().Set("Date", "x") }),
	writes("Date left out", toGet, func(n *notes, w http.ResponseWriter) { w.Header()["Date"] = nil }),
	writes("Server", toGet, func(n *notes, w http.ResponseWriter) { w.Header().Set("Server", "x") }),
	writes("Connection: close", "GET / HTTP/1.1\nHost: a\n\n", func(n *notes, w http.ResponseWriter) { w.Header().Set("Connection", "close") }),
	writes("Connection: keep-alive to a client that closes", toGet, func(n *notes, w http.ResponseWriter) { w.Header().Set("Connection", "keep-alive") }),
	writes("Connection: another", "GET / HTTP/1.1\nHost: a\n\n"+toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Connection", "x")
		w.Header().Set("X", "1")
	}),
}

var trailerCases = []parityCase{
	writes("trailers announced", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Trailer", "A, b-c")
		w.Header().Add("Trailer", "Authorization")
		w.Header().Set("Authorization", "x")
		say(n, w, "x")
		w.Header().Set("A", "1")
		w.Header()["B-C"] = []string{"2", "3"}
		w.Header().Set("D", "4")
	}),
	writes("trailers announced, no content", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Trailer", "A")
		w.WriteHeader(200)
		w.Header().Set("A", "1")
	}),
	writes("trailers announced and missing", toGet, func(n *notes, w http.ResponseWriter) { w.Header().Set("Trailer", "A"); say(n, w, "x") }),
	writes("TrailerPrefix behind a flush", toGet, func(n *notes, w http.ResponseWriter) {
		say(n, w, "x")
		w.(http.Flusher).Flush()
		w.Header().Set(http.TrailerPrefix+"A", "1")
		w.Header().Set(http.TrailerPrefix+"B", "x\r\ny")
	}),
	writes("TrailerPrefix before content", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set(http.TrailerPrefix+"A", "1")
		say(n, w, "x")
	}),
	but("nothing was sent yet, so the trailer section can be", all, writes("TrailerPrefix behind content that waits", toGet, func(n *notes, w http.ResponseWriter) {
		say(n, w, "x")
		w.Header().Set(http.TrailerPrefix+"A", "1")
	})),
	writes("trailers with Content-Length", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "1")
		w.Header().Set("Trailer", "A")
		say(n, w, "x")
		w.Header().Set("A", "1")
	}),
	writes("trailers to HTTP/1.0", "GET / HTTP/1.0\n\n", func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Trailer", "A")
		say(n, w, "x")
		w.(http.Flusher).Flush()
		w.Header().Set("A", "1")
	}),
	writes("trailers to HEAD", toHead, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Trailer", "A")
		say(n, w, "x")
		w.Header().Set("A", "1")
	}),
}

var interimCases = []parityCase{
	writes("103", toGet, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Link", "</a>; rel=preload")
		w.Header().Set("Content-Length", "2")
		w.WriteHeader(103)
		w.Header().Add("Link", "</b>; rel=preload")
		w.WriteHeader(103)
		w.Header().Del("Link")
		say(n, w, "ok")
	}),
	writes("102 and 100", toPost, func(n *notes, w http.ResponseWriter) {
		w.WriteHeader(102)
		w.WriteHeader(100)
		w.WriteHeader(404)
	}),
	but("an HTTP/1.0 client knows no interim responses (RFC 9110 section 15.2)", func(theirs, ours *outcome) {
		theirs.Messages = theirs.Messages[1:]
	}, writes("103 to HTTP/1.0", "GET / HTTP/1.0\n\n", func(n *notes, w http.ResponseWriter) { w.WriteHeader(103) })),
}
