package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing/fstest"
	"time"
)

const (
	get     = "GET / HTTP/1.1\nHost: a\nConnection: close\n\n"
	head    = "HEAD / HTTP/1.1\nHost: a\nConnection: close\n\n"
	post    = "POST / HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 5\n\nhello"
	chunked = "POST / HTTP/1.1\nHost: a\nConnection: close\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n"
)

// dump notes all that a request tells.
func dump(n *notes, _ http.ResponseWriter, r *http.Request) {
	n.add("%s %s %s %d.%d host %q close %v", r.Method, r.RequestURI, r.Proto, r.ProtoMajor, r.ProtoMinor, r.Host, r.Close)
	n.add("url %#v %q %q", *r.URL, r.URL.EscapedPath(), r.URL.Query())
	n.add("header %v", r.Header)
	n.add("length %d, coding %v, trailer %v, pattern %q, tls %v, no body %v", r.ContentLength, r.TransferEncoding, r.Trailer, r.Pattern, r.TLS, r.Body == http.NoBody)
	content, err := io.ReadAll(r.Body)
	n.add("content %q %v, trailer %v", content, err, r.Trailer)
	k, err := r.Body.Read(make([]byte, 1))
	n.add("behind the end: %d %v", k, err)
	n.add("closing: %v", r.Body.Close())
	k, err = r.Body.Read(make([]byte, 1))
	n.add("behind the close: %d %v", k, err)
	n.add("addresses %v %v", r.RemoteAddr != "", r.Context().Value(http.LocalAddrContextKey))
	s, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	n.add("server %v %v", s != nil, ok)
	n.add("err %v", r.Context().Err())
}

// ofAddress makes addresses, which cannot be the same, the same.
func ofAddress(o *outcome) {
	for i, line := range o.Notes {
		if strings.HasPrefix(line, "addresses ") {
			o.Notes[i] = strings.TrimRight(line, "0123456789")
		}
	}
}

// reads is a case about what a handler finds.
func reads(name, octets string) parityCase {
	return parityCase{name: name, handler: dump, octets: octets, differs: "each server has its own port",
		accept: func(theirs, ours *outcome) { ofAddress(theirs); ofAddress(ours) }}
}

// writes is a case about a response.
func writes(name, octets string, f func(n *notes, w http.ResponseWriter)) parityCase {
	return parityCase{name: name, octets: octets, handler: func(n *notes, w http.ResponseWriter, _ *http.Request) { f(n, w) }}
}

// say writes, and notes what comes of it.
func say(n *notes, w io.Writer, text string) {
	k, err := io.WriteString(w, text)
	if len(text) > 40 {
		text = text[:40]
	}
	n.add("write %q: %d %v", text, k, err)
}

// but makes of a case one whose difference is accepted.
func but(differs string, accept func(theirs, ours *outcome), c parityCase) parityCase {
	c.differs, c.accept = differs, accept
	return c
}

// all is for outcomes that have nothing in common but what accept has looked at.
func all(theirs, ours *outcome) { *ours = *theirs }

// framing forgets by what means content is delimited.
func framing(theirs, ours *outcome) {
	for _, o := range []*outcome{theirs, ours} {
		for i := range o.Messages {
			m := &o.Messages[i]
			m.Coding, m.Length = nil, 0
			m.Header.Del("Content-Length")
		}
	}
}

var parityCases = slices.Concat(requestCases, badCases, statusCases, contentCases, fieldCases, trailerCases, interimCases, bodyCases, hijackCases, libraryCases)

var requestCases = []parityCase{
	reads("GET", get),
	reads("HEAD", head),
	reads("POST with length", post),
	reads("POST with chunks", chunked),
	reads("length of nothing", "POST / HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 0\n\n"),
	reads("chunks of nothing", "POST / HTTP/1.1\nHost: a\nConnection: close\nTransfer-Encoding: chunked\n\n0\n\n"),
	reads("equal lengths", "POST / HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 5\nContent-Length: 5\n\nhello"),
	reads("HTTP/1.0", "GET / HTTP/1.0\n\n"),
	reads("HTTP/1.0 with Host", "GET / HTTP/1.0\nHost: b:80\n\n"),
	reads("target with query", "GET /a/b?c=d&e=%20f HTTP/1.1\nHost: a\nConnection: close\n\n"),
	reads("target with an empty query", "GET /a? HTTP/1.1\nHost: a\nConnection: close\n\n"),
	reads("target with two question marks", "GET /a?b?c HTTP/1.1\nHost: a\nConnection: close\n\n"),
	reads("target with escapes", "GET /a%2Fb%20c/%e2%82%ac HTTP/1.1\nHost: a\nConnection: close\n\n"),
	reads("target with semicolons", "GET /a;b=c,d:e@f$g HTTP/1.1\nHost: a\nConnection: close\n\n"),
	reads("target with two slashes", "GET //b/c HTTP/1.1\nHost: a\nConnection: close\n\n"),
	reads("target with dots", "GET /a/../b/./c HTTP/1.1\nHost: a\nConnection: close\n\n"),
	reads("absolute-form", "GET http://b:81/c?d HTTP/1.1\nHost: a\nConnection: close\n\n"),
	reads("absolute-form without a path", "GET http://b HTTP/1.1\nHost: a\nConnection: close\n\n"),
	{name: "asterisk-form", handler: dump, octets: "OPTIONS * HTTP/1.1\nHost: a\nConnection: close\n\n"},
	reads("unknown method", "BREW / HTTP/1.1\nHost: a\nConnection: close\n\n"),
	reads("fields in any case", "GET / HTTP/1.1\nhost: a\nx-tHING: 1\nX-Thing: 2\naccept:  */*  \nCONNECTION: close\n\n"),
	reads("an empty field", "GET / HTTP/1.1\nHost: a\nX:\nConnection: close\n\n"),
	reads("Pragma", "GET / HTTP/1.1\nHost: a\nPragma: no-cache\nConnection: close\n\n"),
	reads("Pragma and Cache-Control", "GET / HTTP/1.1\nHost: a\nPragma: no-cache\nCache-Control: x\nConnection: close\n\n"),
	reads("trailers announced", "POST / HTTP/1.1\nHost: a\nConnection: close\nTransfer-Encoding: chunked\nTrailer: a, B-c\n\n3\nabc\n0\nA: 1\nb-C: 2\n\n"),
	reads("trailers not announced", "POST / HTTP/1.1\nHost: a\nConnection: close\nTransfer-Encoding: chunked\n\n3\nabc\n0\nA: 1\n\n"),
	reads("trailers announced and missing", "POST / HTTP/1.1\nHost: a\nConnection: close\nTransfer-Encoding: chunked\nTrailer: a\n\n3\nabc\n0\n\n"),
	reads("Trailer without chunks", "POST / HTTP/1.1\nHost: a\nConnection: close\nTrailer: a\nContent-Length: 1\n\nx"),
	reads("two requests", "POST /1 HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello"+get),
	reads("three requests", "GET /1 HTTP/1.1\nHost: a\n\nPOST /2 HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n"+get),
	reads("HTTP/1.0 keep-alive", "GET / HTTP/1.0\nConnection: keep-alive\n\nGET / HTTP/1.0\n\n"),
	reads("Expect", "POST / HTTP/1.1\nHost: a\nConnection: close\nExpect: 100-continue\nContent-Length: 5\n\nhello"),
}

// refused compares the status only.
func refused(differs, name, octets string) parityCase {
	return parityCase{name: name, handler: dump, octets: octets, differs: "the text says which rule was broken. " + differs,
		accept: func(theirs, ours *outcome) {
			if theirs.first().Status[:3] == ours.first().Status[:3] && len(theirs.Notes) == len(ours.Notes) {
				*ours = *theirs
			}
		}}
}

var badCases = []parityCase{
	refused("", "no Host", "GET / HTTP/1.1\nConnection: close\n\n"),
	refused("", "two Hosts", "GET / HTTP/1.1\nHost: a\nHost: b\nConnection: close\n\n"),
	refused("", "bad name", "GET / HTTP/1.1\nHost: a\nA b: c\nConnection: close\n\n"),
	refused("", "space before colon", "GET / HTTP/1.1\nHost: a\nA : c\nConnection: close\n\n"),
	refused("", "bad length", "GET / HTTP/1.1\nHost: a\nContent-Length: x\nConnection: close\n\n"),
	refused("", "unequal lengths", "GET / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 2\nConnection: close\n\n"),
	refused("", "unknown coding", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: x, chunked\nConnection: close\n\n"),
	but("RFC 9112 section 6.3 has a server answer 400", all,
		reads("unknown coding, and no end", "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip\nConnection: close\n\n")),
	but("RFC 9110 section 4.2.4 has a recipient treat it as an error", all,
		reads("userinfo", "GET http://user@b:81/c?d HTTP/1.1\nHost: a\nConnection: close\n\n")),
	refused("", "broken escape", "GET /%zz HTTP/1.1\nHost: a\nConnection: close\n\n"),
	refused("", "version 2", "GET / HTTP/2.0\nHost: a\nConnection: close\n\n"),
	refused("", "Trailer that must not be", "POST / HTTP/1.1\nHost: a\nConnection: close\nTransfer-Encoding: chunked\nTrailer: Content-Length\n\n0\n\n"),
	refused("", "unknown expectation", "GET / HTTP/1.1\nHost: a\nExpect: x\nConnection: close\n\n"),
	but("RFC 9112 section 6.1 lets a server reject it, and what is between server and client may read it otherwise", all,
		reads("length and chunks", "POST / HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 3\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\n")),
	but("RFC 9112 section 5.2 has a server reject obs-fold", all,
		reads("folded field", "GET / HTTP/1.1\nHost: a\nX: b\n c\nConnection: close\n\n")),
}

var statusCases = []parityCase{
	writes("nothing", get, func(n *notes, w http.ResponseWriter) {}),
	writes("nothing, to HEAD", head, func(n *notes, w http.ResponseWriter) {}),
	writes("404", get, func(n *notes, w http.ResponseWriter) { w.WriteHeader(404); say(n, w, "no") }),
	writes("unknown status", get, func(n *notes, w http.ResponseWriter) { w.WriteHeader(799); say(n, w, "no") }),
	writes("204", get, func(n *notes, w http.ResponseWriter) { w.WriteHeader(204); say(n, w, "no") }),
	writes("204 with framing", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "3")
		w.Header().Set("Content-Type", "a/b")
		w.WriteHeader(204)
	}),
	writes("304", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "3")
		w.Header().Set("Content-Type", "a/b")
		w.Header().Set("Etag", `"x"`)
		w.WriteHeader(304)
		say(n, w, "no")
	}),
	but("205 has no content (RFC 9110 section 15.3.6)", all,
		writes("205", get, func(n *notes, w http.ResponseWriter) { w.WriteHeader(205); say(n, w, "no") })),
	writes("superfluous WriteHeader", get, func(n *notes, w http.ResponseWriter) { w.WriteHeader(201); w.WriteHeader(202) }),
	writes("WriteHeader behind Write", get, func(n *notes, w http.ResponseWriter) { say(n, w, "x"); w.WriteHeader(404) }),
	writes("bad codes", get, func(n *notes, w http.ResponseWriter) {
		for _, code := range []int{-1, 0, 99, 1000} {
			func() {
				defer func() { n.add("%v", recover()) }()
				w.WriteHeader(code)
			}()
		}
	}),
	writes("ErrAbortHandler", get, func(n *notes, w http.ResponseWriter) { say(n, w, "x"); panic(http.ErrAbortHandler) }),
	writes("ErrAbortHandler inside of content", get, func(n *notes, w http.ResponseWriter) {
		say(n, w, "begun")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}),
	writes("panic", get, func(n *notes, w http.ResponseWriter) { panic("oh") }),
	writes("panic inside of content", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "10")
		say(n, w, "begun")
		w.(http.Flusher).Flush()
		panic("oh")
	}),
}

var contentCases = []parityCase{
	writes("hello", get, func(n *notes, w http.ResponseWriter) { say(n, w, "hello") }),
	writes("hello to HEAD", head, func(n *notes, w http.ResponseWriter) { say(n, w, "hello") }),
	writes("hello to HTTP/1.0", "GET / HTTP/1.0\n\n", func(n *notes, w http.ResponseWriter) { say(n, w, "hello") }),
	writes("sniffed HTML", get, func(n *notes, w http.ResponseWriter) { say(n, w, "  <ht"); say(n, w, "ml>") }),
	writes("sniffed HTML to HEAD", head, func(n *notes, w http.ResponseWriter) { say(n, w, "  <ht"); say(n, w, "ml>") }),
	writes("sniffed up to a flush", get, func(n *notes, w http.ResponseWriter) {
		say(n, w, "<")
		w.(http.Flusher).Flush()
		say(n, w, "html>")
	}),
	writes("flushed before content", get, func(n *notes, w http.ResponseWriter) { w.(http.Flusher).Flush(); say(n, w, "<html>") }),
	writes("sniffed from much", get, func(n *notes, w http.ResponseWriter) { say(n, w, "%PDF-"+strings.Repeat("x", 1<<17)) }),
	writes("sniffed from little, then much", get, func(n *notes, w http.ResponseWriter) {
		say(n, w, "%PD")
		say(n, w, "F-"+strings.Repeat("x", 1<<17))
	}),
	writes("sniffed from much to HEAD", head, func(n *notes, w http.ResponseWriter) {
		say(n, w, "%PD")
		say(n, w, "F-"+strings.Repeat("x", 1<<17))
		w.(http.Flusher).Flush()
	}),
	writes("not sniffed: encoded", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Encoding", "x")
		say(n, w, "<html>")
	}),
	writes("not sniffed: nil", get, func(n *notes, w http.ResponseWriter) { w.Header()["Content-Type"] = nil; say(n, w, "<html>") }),
	writes("not sniffed: set", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("content-type", "a/b")
		say(n, w, "<html>")
	}),
	but("a Content-Length is known up to 16 KiB", framing, writes("3 KiB", get, func(n *notes, w http.ResponseWriter) {
		for range 3 {
			say(n, w, strings.Repeat("x", 1<<10))
		}
	})),
	writes("100 KiB in pieces", get, func(n *notes, w http.ResponseWriter) {
		for range 100 {
			say(n, w, strings.Repeat("x", 1<<10))
		}
	}),
	writes("100 KiB to HTTP/1.0", "GET / HTTP/1.0\nConnection: keep-alive\n\n", func(n *notes, w http.ResponseWriter) {
		for range 100 {
			say(n, w, strings.Repeat("x", 1<<10))
		}
	}),
	writes("Content-Length", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "5")
		say(n, w, "hello")
	}),
	writes("Content-Length exceeded", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "5")
		say(n, w, "hello")
		say(n, w, "!")
	}),
	but("nothing was sent yet, so the client can be told", all, writes("Content-Length not reached", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "6")
		say(n, w, "hello")
	})),
	writes("Content-Length not reached behind a flush", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "6")
		say(n, w, "hello")
		w.(http.Flusher).Flush()
	}),
	but("the length is known all the same", framing, writes("Content-Length that is none", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Content-Length", "many")
		say(n, w, "hello")
	})),
	writes("Content-Length of a HEAD", head, func(n *notes, w http.ResponseWriter) { w.Header().Set("Content-Length", "1234567") }),
	writes("Transfer-Encoding set", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Transfer-Encoding", "chunked")
		say(n, w, "hello")
		w.(http.Flusher).Flush()
	}),
	but("small content needs no chunks", framing, writes("Transfer-Encoding set, small", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Transfer-Encoding", "chunked")
		say(n, w, "hello")
	})),
	but("an HTTP/1.1 client knows chunks", framing, writes("Transfer-Encoding: identity", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Transfer-Encoding", "identity")
		say(n, w, "hello")
		w.(http.Flusher).Flush()
	})),
	writes("io.Copy", get, func(n *notes, w http.ResponseWriter) {
		k, err := io.Copy(w, strings.NewReader(strings.Repeat("<html>", 1<<16)))
		n.add("%d %v", k, err)
	}),
	writes("io.Copy of what fails at once", get, func(n *notes, w http.ResponseWriter) {
		k, err := io.Copy(w, &failingReader{})
		n.add("%d %v", k, err)
		http.Error(w, "failed", 500)
	}),
	writes("io.Copy of what fails later", get, func(n *notes, w http.ResponseWriter) {
		k, err := io.Copy(w, &failingReader{n: 3})
		n.add("%d %v", k, err)
	}),
	writes("ReadFrom a file", get, func(n *notes, w http.ResponseWriter) {
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
	writes("ReadFrom more than Content-Length", get, func(n *notes, w http.ResponseWriter) {
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
	writes("several values", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Add("X", "1")
		w.Header().Add("X", "2")
		w.Header()["x-raw"] = []string{"3"}
		w.Header().Add("Set-Cookie", "a=b")
		w.Header().Add("Set-Cookie", "c=d")
	}),
	writes("line breaks in values", get, func(n *notes, w http.ResponseWriter) { w.Header().Set("X", " a\r\nB: c\n ") }),
	writes("bad names", get, func(n *notes, w http.ResponseWriter) {
		w.Header()["a b"] = []string{"1"}
		w.Header()["a:b"] = []string{"1"}
		w.Header()["a\r\nb"] = []string{"1"}
		w.Header()[""] = []string{"1"}
		w.Header().Set("Ok", "1")
	}),
	but("NUL is in no field value (RFC 9110 section 5.5)", all,
		writes("NUL in a value", get, func(n *notes, w http.ResponseWriter) { w.Header().Set("X", "a\x00b") })),
	writes("octets that are not ASCII", get, func(n *notes, w http.ResponseWriter) { w.Header().Set("X", "é\xff") }),
	writes("changed behind WriteHeader", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("A", "1")
		w.WriteHeader(200)
		w.Header().Set("A", "2")
		w.Header().Set("B", "2")
		say(n, w, "x")
	}),
	writes("changed behind Write", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("A", "1")
		say(n, w, "x")
		w.Header().Set("A", "2")
		w.Header().Set("B", "2")
	}),
	writes("Date of its own", get, func(n *notes, w http.ResponseWriter) { w.Header().Set("Date", "x") }),
	writes("Date left out", get, func(n *notes, w http.ResponseWriter) { w.Header()["Date"] = nil }),
	writes("Server", get, func(n *notes, w http.ResponseWriter) { w.Header().Set("Server", "x") }),
	writes("Connection: close", "GET / HTTP/1.1\nHost: a\n\n", func(n *notes, w http.ResponseWriter) { w.Header().Set("Connection", "close") }),
	writes("Connection: keep-alive to a client that closes", get, func(n *notes, w http.ResponseWriter) { w.Header().Set("Connection", "keep-alive") }),
	writes("Connection: another", "GET / HTTP/1.1\nHost: a\n\n"+get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Connection", "x")
		w.Header().Set("X", "1")
	}),
}

var trailerCases = []parityCase{
	writes("trailers announced", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Trailer", "A, b-c")
		w.Header().Add("Trailer", "Authorization")
		w.Header().Set("Authorization", "x")
		say(n, w, "x")
		w.Header().Set("A", "1")
		w.Header()["B-C"] = []string{"2", "3"}
		w.Header().Set("D", "4")
	}),
	writes("trailers announced, no content", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Trailer", "A")
		w.WriteHeader(200)
		w.Header().Set("A", "1")
	}),
	writes("trailers announced and missing", get, func(n *notes, w http.ResponseWriter) { w.Header().Set("Trailer", "A"); say(n, w, "x") }),
	writes("TrailerPrefix behind a flush", get, func(n *notes, w http.ResponseWriter) {
		say(n, w, "x")
		w.(http.Flusher).Flush()
		w.Header().Set(http.TrailerPrefix+"A", "1")
		w.Header().Set(http.TrailerPrefix+"B", "x\r\ny")
	}),
	writes("TrailerPrefix before content", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set(http.TrailerPrefix+"A", "1")
		say(n, w, "x")
	}),
	but("nothing was sent yet, so the trailer section can be", all, writes("TrailerPrefix behind content that waits", get, func(n *notes, w http.ResponseWriter) {
		say(n, w, "x")
		w.Header().Set(http.TrailerPrefix+"A", "1")
	})),
	writes("trailers with Content-Length", get, func(n *notes, w http.ResponseWriter) {
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
	writes("trailers to HEAD", head, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Trailer", "A")
		say(n, w, "x")
		w.Header().Set("A", "1")
	}),
}

var interimCases = []parityCase{
	writes("103", get, func(n *notes, w http.ResponseWriter) {
		w.Header().Set("Link", "</a>; rel=preload")
		w.Header().Set("Content-Length", "2")
		w.WriteHeader(103)
		w.Header().Add("Link", "</b>; rel=preload")
		w.WriteHeader(103)
		w.Header().Del("Link")
		say(n, w, "ok")
	}),
	writes("102 and 100", post, func(n *notes, w http.ResponseWriter) {
		w.WriteHeader(102)
		w.WriteHeader(100)
		w.WriteHeader(404)
	}),
	but("an HTTP/1.0 client knows no interim responses (RFC 9110 section 15.2)", func(theirs, ours *outcome) {
		theirs.Messages = theirs.Messages[1:]
	}, writes("103 to HTTP/1.0", "GET / HTTP/1.0\n\n", func(n *notes, w http.ResponseWriter) { w.WriteHeader(103) })),
}

const expects = "POST / HTTP/1.1\nHost: a\nConnection: close\nExpect: 100-continue\nContent-Length: 5\n\nhello"

var bodyCases = []parityCase{
	writes("Expect, and nobody reads", expects, func(n *notes, w http.ResponseWriter) { w.WriteHeader(403) }),
	{name: "Expect, 100 by hand", octets: expects, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(100)
		content, err := io.ReadAll(r.Body)
		n.add("%q %v", content, err)
	}},
	{name: "content cut short", octets: "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\nx\n\n", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		n.add("an error: %v", err != nil)
	}},
	{name: "echo", octets: post, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		k, err := io.Copy(w, r.Body)
		n.add("%d %v", k, err)
	}},
	{name: "echo, Expect", octets: expects, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		k, err := io.Copy(w, r.Body)
		n.add("%d %v", k, err)
	}},
	{name: "content left", octets: "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello" + get, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		say(n, w, "x")
	}},
	{name: "content half read", octets: "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n" + get, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		k, err := io.ReadFull(r.Body, make([]byte, 2))
		n.add("%d %v", k, err)
	}},
	{name: "content closed", octets: "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello" + get, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		n.add("%v", r.Body.Close())
		k, err := r.Body.Read(make([]byte, 2))
		n.add("%d %v", k, err)
	}},
	{name: "MaxBytesReader", octets: post, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3))
		n.add("%T %v", err, err)
		http.Error(w, "much", 413)
	}},
	but("only an http.Server is told by MaxBytesReader; the rest is read and the connection kept", func(theirs, ours *outcome) {
		theirs.first().Header.Del("Connection")
		ours.Messages, ours.Notes = ours.Messages[:1], ours.Notes[:1]
	}, parityCase{name: "MaxBytesReader, and another request", octets: strings.Replace(post, "Connection: close\n", "", 1) + get, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3))
		n.add("%T %v", err, err)
		http.Error(w, "much", 413)
	}}),
	{name: "form", octets: "POST /?a=1 HTTP/1.1\nHost: a\nConnection: close\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 7\n\nb=2&a=3", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		n.add("%v %v", r.ParseForm(), r.Form)
	}},
	{name: "multipart", octets: "POST / HTTP/1.1\nHost: a\nConnection: close\nContent-Type: multipart/form-data; boundary=b\nContent-Length: 77\n\n--b\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\n\nhello\n--b--\n", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		f, h, err := r.FormFile("f")
		if err != nil {
			n.add("%v", err)
			return
		}
		content, err := io.ReadAll(f)
		n.add("%s %d %q %v", h.Filename, h.Size, content, err)
	}},
}

var hijackCases = []parityCase{
	{name: "hijack", octets: "GET / HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: x\n\nearly", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		nc, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			n.add("%v", err)
			return
		}
		defer nc.Close()
		n.add("%T", nc)
		early := make([]byte, 5)
		_, err = io.ReadFull(rw, early)
		n.add("%q %v", early, err)
		rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		rw.Flush()
		_, err = w.Write([]byte("x"))
		n.add("%v", err)
		w.WriteHeader(200)
		_, _, err = http.NewResponseController(w).Hijack()
		n.add("%v", err)
	}},
	{name: "hijack behind 101", octets: "GET / HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: x\n\n", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Upgrade", "x")
		w.Header().Set("Connection", "Upgrade")
		w.WriteHeader(101)
		nc, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			n.add("%v", err)
			return
		}
		nc.Close()
	}},
	{name: "hijack inside of a response", octets: "GET / HTTP/1.1\nHost: a\n\n", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		nc, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			n.add("%v", err)
			return
		}
		io.WriteString(nc, "3\r\nabc\r\n0\r\n\r\n")
		nc.Close()
	}},
	but("2xx to CONNECT is framed by nothing (RFC 9112 section 6.3)", func(theirs, ours *outcome) {
		for _, o := range []*outcome{theirs, ours} {
			o.Messages[0].Coding, o.Messages[0].Content, o.Messages[0].Err = nil, "", ""
			o.Messages[0].Length = 0
			o.Rest = ""
		}
	}, parityCase{name: "CONNECT", octets: "CONNECT b:443 HTTP/1.1\nHost: b:443\n\n", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		n.add("%q %q %v %q", r.Host, r.RequestURI, *r.URL, r.URL.Path)
		w.WriteHeader(200)
		nc, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			n.add("%v", err)
			return
		}
		nc.Close()
	}}),
	{name: "controller", octets: get, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		n.add("%v %v %v", c.SetReadDeadline(time.Now().Add(time.Hour)), c.SetWriteDeadline(time.Now().Add(time.Hour)), c.EnableFullDuplex())
		say(n, w, "x")
		n.add("%v", c.Flush())
	}},
	{name: "interfaces", octets: get, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		_, flusher := w.(http.Flusher)
		_, hijacker := w.(http.Hijacker)
		_, readerFrom := w.(io.ReaderFrom)
		_, stringWriter := w.(io.StringWriter)
		_, notifier := w.(http.CloseNotifier) //nolint:staticcheck // it is still asked for
		_, pusher := w.(http.Pusher)
		n.add("%v %v %v %v %v %v", flusher, hijacker, readerFrom, stringWriter, notifier, pusher)
	}},
}

// behind is a case about a handler of the standard library.
func behind(name, octets string, h http.Handler) parityCase {
	return parityCase{name: name, octets: octets, handler: func(_ *notes, w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }}
}

var files = fstest.MapFS{
	"a.txt":        {Data: []byte("hello"), ModTime: time.Unix(1e9, 0)},
	"d/index.html": {Data: []byte("<p>index"), ModTime: time.Unix(1e9, 0)},
	"e/x":          {Data: []byte("<html>"), ModTime: time.Unix(1e9, 0)},
}

func request(method, target string, fields map[string]string) string {
	line := method + " " + target + " HTTP/1.1\nHost: a\nConnection: close\n"
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		line += name + ": " + fields[name] + "\n"
	}
	return line + "\n"
}

var libraryCases = []parityCase{
	behind("file", request("GET", "/a.txt", nil), http.FileServerFS(files)),
	behind("file to HEAD", request("HEAD", "/a.txt", nil), http.FileServerFS(files)),
	behind("file, range", request("GET", "/a.txt", map[string]string{"Range": "bytes=1-2"}), http.FileServerFS(files)),
	behind("file, range that is none", request("GET", "/a.txt", map[string]string{"Range": "bytes=9-"}), http.FileServerFS(files)),
	behind("file not modified", request("GET", "/a.txt", map[string]string{"If-Modified-Since": "Sun, 09 Sep 2001 01:46:40 GMT"}), http.FileServerFS(files)),
	behind("index", request("GET", "/d/", nil), http.FileServerFS(files)),
	behind("directory", request("GET", "/d", nil), http.FileServerFS(files)),
	behind("listing", request("GET", "/e/", nil), http.FileServerFS(files)),
	behind("no file", request("GET", "/no", nil), http.FileServerFS(files)),
	behind("sniffed file", request("GET", "/e/x", nil), http.FileServerFS(files)),
	behind("redirect", request("GET", "/", nil), http.RedirectHandler("/b", 302)),
	behind("TimeoutHandler in time", get, http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }), time.Minute, "late")),
	behind("TimeoutHandler too late", get, http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), time.Millisecond, "late")),
	behind("MaxBytesHandler", post, http.MaxBytesHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		fmt.Fprint(w, err)
	}), 3)),
	behind("StripPrefix", request("GET", "/x/a.txt", nil), http.StripPrefix("/x", http.FileServerFS(files))),
	behind("mux cleans", request("GET", "/x/../a", nil), mux()),
	behind("mux with a wildcard", request("GET", "/v/a%2Fb", nil), mux()),
	behind("mux, method not allowed", request("POST", "/v/a", nil), mux()),
	behind("CrossOriginProtection", request("POST", "/", map[string]string{"Sec-Fetch-Site": "cross-site"}), http.NewCrossOriginProtection().Handler(http.NotFoundHandler())),
	behind("proxy to nothing", get, &httputil.ReverseProxy{
		Rewrite:      func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "b.invalid"}) },
		Transport:    noTransport{},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) { http.Error(w, err.Error(), 502) },
	}),
}

type noTransport struct{}

func (noTransport) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no way") }

func mux() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /v/{x}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.PathValue("x"), r.Pattern) })
	m.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "a") })
	return m
}
