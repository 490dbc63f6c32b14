package parity

import (
	"fmt"
	"net/http"
	"strings"
)

// received are responses and their like, put before a client: method and octets. What the client makes of them is noted.
var received = []struct{ name, method, octets string }{
	{"length", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{"length 0", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
	{"chunked", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{"chunked with trailers", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A, B\r\n\r\n5\r\nhello\r\n0\r\na: 1\r\nB: 2\r\n\r\n"},
	{"trailers that were not announced", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: 1\r\n\r\n"},
	{"announced trailers that do not come", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{"chunk extensions", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b;c=\"d\"\r\nhello\r\n0\r\n\r\n"},
	{"chunk sizes in both cases with zeros", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n00A\r\n0123456789\r\n0b\r\nabcdefghijk\r\n000\r\n\r\n"},
	{"to the end", "GET", "close HTTP/1.1 200 OK\r\n\r\nhello"},
	{"to the end with Connection: close", "GET", "close HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello"},
	{"length with Connection: close", "GET", "close HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"},
	{"HTTP/1.0", "GET", "close HTTP/1.0 200 OK\r\n\r\nhello"},
	{"HTTP/1.0 with length", "GET", "close HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{"HTTP/1.0 keep-alive", "GET", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello"},
	{"HTTP/1.0 chunked", "GET", "close HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{"HEAD with length", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
	{"HEAD chunked", "HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
	{"HEAD without framing", "HEAD", "HTTP/1.1 200 OK\r\n\r\n"},
	{"HEAD gzip", "HEAD", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\n"},
	{"204", "GET", "HTTP/1.1 204 No Content\r\n\r\n"},
	{"204 with length 0", "GET", "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"},
	{"304 with length", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 500\r\nETag: \"a\"\r\n\r\n"},
	{"205", "GET", "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n"},
	{"400", "GET", "HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nno\n"},
	{"503", "GET", "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"},
	{"999", "GET", "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n"},
	{"empty reason", "GET", "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n"},
	{"reason missing", "GET", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n"},
	{"reason in Latin-1", "GET", "HTTP/1.1 200 Tr\xe8s bien\r\nContent-Length: 0\r\n\r\n"},
	{"fields of one name", "GET", "HTTP/1.1 200 OK\r\nA: 1\r\na: 2\r\nA: 3\r\nContent-Length: 0\r\n\r\n"},
	{"field without value", "GET", "HTTP/1.1 200 OK\r\nA:\r\nB: \r\nContent-Length: 0\r\n\r\n"},
	{"space around values", "GET", "HTTP/1.1 200 OK\r\nA: \t x  \t\r\nContent-Length:\t5 \r\n\r\nhello"},
	{"obs-text in a value", "GET", "HTTP/1.1 200 OK\r\nA: \xe9t\xe9\r\nContent-Length: 0\r\n\r\n"},
	{"cookies", "GET", "HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nSet-Cookie: b=2; HttpOnly\r\nContent-Length: 0\r\n\r\n"},
	{"lengths that are the same", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
	{"lengths that differ", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"},
	{"length that is no number", "GET", "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello"},
	{"length with a sign", "GET", "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello"},
	{"length below zero", "GET", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello"},
	{"empty length", "GET", "close HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello"},
	{"huge length", "GET", "close HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello"},
	{"chunked and length", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{"unknown coding", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: odd\r\n\r\nhello"},
	{"identity coding", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello"},
	{"chunked twice", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{"gzip coding of transfer", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{"cut in the status-line", "GET", "close HTTP/1.1 20"},
	{"cut in the head", "GET", "close HTTP/1.1 200 OK\r\nContent-Le"},
	{"cut behind the head", "GET", "close HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"},
	{"cut in the content", "GET", "close HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"},
	{"cut in a chunk", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"},
	{"cut in a chunk-size", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3"},
	{"cut in front of the last chunk", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"},
	{"cut behind the last chunk", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"},
	{"cut in the trailers", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n\r\n5\r\nhello\r\n0\r\nA: 1"},
	{"chunk-size that is none", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n"},
	{"chunk without its end", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n"},
	{"chunk-size of 17 digits", "GET", "close HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nhello\r\n0\r\n\r\n"},
	{"nothing", "GET", "close "},
	{"no HTTP", "GET", "close SSH-2.0-OpenSSH_9.2\r\n"},
	{"HTTP/0.9", "GET", "close <html>hello</html>\n"},
	{"HTTP/2.0", "GET", "close HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
	{"HTTP/1.2", "GET", "close HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n"},
	{"http in lower case", "GET", "close http/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
	{"status of two digits", "GET", "close HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n"},
	{"status of four digits", "GET", "close HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n"},
	{"status that is no number", "GET", "close HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n"},
	{"status below 100", "GET", "close HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n"},
	{"space before the colon", "GET", "close HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello"},
	{"no colon", "GET", "close HTTP/1.1 200 OK\r\nContent-Length 5\r\n\r\nhello"},
	{"name that is no token", "GET", "close HTTP/1.1 200 OK\r\nA B: 5\r\nContent-Length: 0\r\n\r\n"},
	{"empty name", "GET", "close HTTP/1.1 200 OK\r\n: 5\r\nContent-Length: 0\r\n\r\n"},
	{"space in front of the first field", "GET", "close HTTP/1.1 200 OK\r\n A: 5\r\nContent-Length: 0\r\n\r\n"},
	{"obs-fold", "GET", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n"},
	{"bare LF", "GET", "HTTP/1.1 200 OK\nA: b\nContent-Length: 5\n\nhello"},
	{"bare CR in a value", "GET", "close HTTP/1.1 200 OK\r\nA: b\rc\r\nContent-Length: 0\r\n\r\n"},
	{"NUL in a value", "GET", "close HTTP/1.1 200 OK\r\nA: b\x00c\r\nContent-Length: 0\r\n\r\n"},
	{"empty lines in front", "GET", "close \r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
	{"100 in front", "GET", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{"102 and 103 in front", "GET", "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
	{"six interim responses", "GET", strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 6) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
	{"gzip that nobody asked for", "POST", "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 5\r\n\r\nhello"},
	{"101 that nobody asked for", "GET", "close HTTP/1.1 101 Switching Protocols\r\nUpgrade: odd\r\nConnection: Upgrade\r\n\r\n"},
	{"CONNECT refused", "OPTIONS", "HTTP/1.1 200 OK\r\nAllow: GET\r\nContent-Length: 0\r\n\r\n"},
	{"large content", "GET", "HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + strings.Repeat("0123456789", 30000)},
	{"large chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n" + strings.Repeat("0123456789", 30000) + "\r\n0\r\n\r\n"},
	{"a thousand chunks", "GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + strings.Repeat("5\r\nhello\r\n", 1000) + "0\r\n\r\n"},
	{"head of 20 KiB", "GET", "HTTP/1.1 200 OK\r\nA: " + strings.Repeat("a", 20<<10) + "\r\nContent-Length: 0\r\n\r\n"},
	{"three hundred fields", "GET", "HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", 300) + "Content-Length: 0\r\n\r\n"},
	{"Content-Length of a field list", "GET", "close HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello"},
}

// responseCases: a client gets each of received, and then sends another request, which tells whether the connection was kept.
func responseCases() (cases []parityCase) {
	for _, row := range received {
		cases = append(cases, parityCase{"response: " + row.name, func(r *run) {
			url := r.answers(row.octets, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecond")
			c := r.client(nil)
			c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			r.do(c, r.request(row.method, url+"/a?b=c", nil))
			if !strings.HasPrefix(row.octets, "close ") {
				r.do(c, r.request("GET", url+"/next", nil))
			}
		}})
	}
	return cases
}

// redirects of an http.Client over the transport.
func redirectCases() (cases []parityCase) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		cases = append(cases, parityCase{fmt.Sprintf("redirect: POST %d", status), func(r *run) {
			url := r.answers(fmt.Sprintf("HTTP/1.1 %d Elsewhere\r\nLocation: /there\r\nContent-Length: 4\r\n\r\ngone", status),
				"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nhere")
			r.do(r.client(nil), r.request("POST", url+"/here", strings.NewReader("content"), "Authorization", "secret"))
		}})
	}
	return cases
}
