package parity

import (
	"io"
	"net/http"
	"strings"
)

// bye ends the connection behind the response.
const bye = "Host: a.example\r\nConnection: close\r\n\r\n"

// sees notes what the handler is given.
func (r *run) handlerSees(q *http.Request) {
	content, err := io.ReadAll(q.Body)
	r.note("handler", "%s %q %s, host %q, length %d coding %v close %t, path %q raw %q query %q, uri of itself %t", q.Method, q.RequestURI, q.Proto,
		q.Host, q.ContentLength, q.TransferEncoding, q.Close, q.URL.Path, q.URL.RawPath, q.URL.RawQuery, q.URL.IsAbs())
	r.note("handler", "header %s, content %s %s, trailer %s", fieldsOf(q.Header), short(content), class(err), fieldsOf(q.Trailer))
}

// arriving are requests and their like, put before a server.
var arriving = []struct{ name, octets string }{
	{"GET", "GET /a%2Fb/c?d=e HTTP/1.1\r\n" + bye},
	{"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"},
	{"HTTP/1.0 with Host", "GET / HTTP/1.0\r\nHost: a.example\r\n\r\n"},
	{"HTTP/1.0 keep-alive", "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"},
	{"pipelined", "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /3 HTTP/1.1\r\n" + bye},
	{"an empty line in front", "\r\nGET / HTTP/1.1\r\n" + bye},
	{"length", "POST / HTTP/1.1\r\nContent-Length: 5\r\n" + bye + "hello"},
	{"length 0", "POST / HTTP/1.1\r\nContent-Length: 0\r\n" + bye},
	{"chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + bye + "5\r\nhello\r\n0\r\n\r\n"},
	{"chunked with trailers", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n" + bye + "5;x=y\r\nhello\r\n0\r\nA: 1\r\nB: 2\r\n\r\n"},
	{"chunked in upper case", "POST / HTTP/1.1\r\nTransfer-Encoding: CHUNKED\r\n" + bye + "0\r\n\r\n"},
	{"GET with content", "GET / HTTP/1.1\r\nContent-Length: 5\r\n" + bye + "hello"},
	{"absolute-form", "GET http://b.example/c?d HTTP/1.1\r\n" + bye},
	{"absolute-form without path", "GET http://b.example HTTP/1.1\r\n" + bye},
	{"OPTIONS *", "OPTIONS * HTTP/1.1\r\n" + bye},
	{"OPTIONS of a path", "OPTIONS /a HTTP/1.1\r\n" + bye},
	{"GET *", "GET * HTTP/1.1\r\n" + bye},
	{"a method of its own", "FROB / HTTP/1.1\r\n" + bye},
	{"a method in lower case", "get / HTTP/1.1\r\n" + bye},
	{"fields of one name", "GET / HTTP/1.1\r\nA: 1\r\na: 2\r\nX-Empty:\r\n" + bye},
	{"cookies", "GET / HTTP/1.1\r\nCookie: a=1; b=2\r\nCookie: c=3\r\n" + bye},
	{"obs-text in a value", "GET / HTTP/1.1\r\nA: \xe9t\xe9\r\n" + bye},
	{"a path with //", "GET //a//b HTTP/1.1\r\n" + bye},
	{"a path with dots", "GET /a/../b/./c HTTP/1.1\r\n" + bye},
	{"a query with odd octets", "GET /?a=b|c&d[]='e' HTTP/1.1\r\n" + bye},
	{"an empty query", "GET /? HTTP/1.1\r\n" + bye},
	{"a broken percent-encoding", "GET /%zz HTTP/1.1\r\n" + bye},
	{"UTF-8 in the target", "GET /\xc3\xa4 HTTP/1.1\r\n" + bye},
	{"a fragment in the target", "GET /a#b HTTP/1.1\r\n" + bye},
	{"Host with port", "GET / HTTP/1.1\r\nHost: a.example:8080\r\nConnection: close\r\n\r\n"},
	{"empty Host", "GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n"},
	{"no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"},
	{"two Hosts", "GET / HTTP/1.1\r\nHost: b\r\n" + bye},
	{"Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"},
	{"lengths that differ", "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n" + bye + "hello!"},
	{"lengths that are the same", "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n" + bye + "hello"},
	{"a length that is no number", "POST / HTTP/1.1\r\nContent-Length: five\r\n" + bye},
	{"a length with a sign", "POST / HTTP/1.1\r\nContent-Length: +5\r\n" + bye + "hello"},
	{"length and chunked", "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n" + bye + "5\r\nhello\r\n0\r\n\r\n"},
	{"an unknown coding", "POST / HTTP/1.1\r\nTransfer-Encoding: odd\r\n" + bye},
	{"chunked twice", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n" + bye + "0\r\n\r\n"},
	{"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{"a chunk-size that is none", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + bye + "x\r\nhello\r\n0\r\n\r\n"},
	{"content cut", "POST / HTTP/1.1\r\nContent-Length: 50\r\n" + bye + "hello"},
	{"a chunk cut", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + bye + "50\r\nhello"},
	{"a head cut", "GET / HTTP/1.1\r\nHo"},
	{"nothing", ""},
	{"no HTTP", "hello\r\n\r\n"},
	{"HTTP/0.9", "GET /\r\n\r\n"},
	{"HTTP/2.0", "GET / HTTP/2.0\r\n" + bye},
	{"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
	{"HTTP/1.2", "GET / HTTP/1.2\r\n" + bye},
	{"http in lower case", "GET / http/1.1\r\n" + bye},
	{"two spaces", "GET  / HTTP/1.1\r\n" + bye},
	{"a tab", "GET\t/ HTTP/1.1\r\n" + bye},
	{"a space before the colon", "GET / HTTP/1.1\r\nA : b\r\n" + bye},
	{"no colon", "GET / HTTP/1.1\r\nA\r\n" + bye},
	{"a name that is no token", "GET / HTTP/1.1\r\nA(: b\r\n" + bye},
	{"obs-fold", "GET / HTTP/1.1\r\nA: b\r\n c\r\n" + bye},
	{"bare LF", "GET / HTTP/1.1\nHost: a\nConnection: close\n\n"},
	{"NUL in a value", "GET / HTTP/1.1\r\nA: b\x00\r\n" + bye},
	{"a large head", "GET / HTTP/1.1\r\nA: " + strings.Repeat("a", 2<<20) + "\r\n" + bye},
	{"a head of 20 KiB", "GET / HTTP/1.1\r\nA: " + strings.Repeat("a", 20<<10) + "\r\n" + bye},
	{"an unknown expectation", "POST / HTTP/1.1\r\nExpect: something\r\nContent-Length: 0\r\n" + bye},
	{"Expect of HTTP/1.0", "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"},
	{"Upgrade that nobody takes", "GET / HTTP/1.1\r\nUpgrade: odd\r\nConnection: Upgrade, close\r\nHost: a\r\n\r\n"},
	{"CONNECT", "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nConnection: close\r\n\r\n"},
}

// arrivalCases: a server gets each of arriving.
func arrivalCases() (cases []parityCase) {
	for _, row := range arriving {
		cases = append(cases, parityCase{"arrival: " + row.name, func(r *run) {
			c := r.dial(r.handler(func(w http.ResponseWriter, q *http.Request) {
				r.handlerSees(q)
				io.WriteString(w, "hello")
			}))
			c.refusals = true
			go func() {
				c.say(row.octets)
				c.half()
			}()
			method, _, _ := strings.Cut(row.octets, " ")
			c.all(method, "POST", "GET")
		}})
	}
	return cases
}
