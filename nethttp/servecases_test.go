package nethttp_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
)

const (
	toGet     = "GET / HTTP/1.1\nHost: a\nConnection: close\n\n"
	toHead    = "HEAD / HTTP/1.1\nHost: a\nConnection: close\n\n"
	toPost    = "POST / HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 5\n\nhello"
	toChunked = "POST / HTTP/1.1\nHost: a\nConnection: close\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n"
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
	reads("GET", toGet),
	reads("HEAD", toHead),
	reads("POST with length", toPost),
	reads("POST with chunks", toChunked),
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
	reads("two requests", "POST /1 HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello"+toGet),
	reads("three requests", "GET /1 HTTP/1.1\nHost: a\n\nPOST /2 HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n1\nx\n0\n\n"+toGet),
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
