package parse_test

import (
	"testing"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/parse"
)

const (
	ok      = "HTTP/1.1 200 OK\r\n"
	ok5     = ok + "Content-Length: 5\r\n\r\nhello"
	five    = "accept HTTP/1.1 200 OK {Content-Length: 5} \"hello\" "
	chunked = ok + "Transfer-Encoding: chunked\r\n\r\n"
	coded   = "accept HTTP/1.1 200 OK {Transfer-Encoding: chunked} "
)

// The expectations stand as RFC 9110 and RFC 9112 have them.
var responses = []testCase{
	{name: "no octets", in: "", want: "hang"},
	{name: "no octets, and closed", in: "", eof: true, want: "reject no-response"},
	{name: "half a status-line", in: "HTTP/1.1 20", want: "hang"},
	{name: "half a head, and closed: 9112 8", in: ok + "A: b\r\n", eof: true, want: "reject incomplete-head", at: 23},
	{name: "Content-Length: 9112 6.3", in: ok5, want: five + "reusable"},
	{name: "content cut short: 9112 8", in: ok5[:len(ok5)-1], eof: true, want: "reject incomplete-content HTTP/1.1 200 OK {Content-Length: 5} \"hell\""},
	{name: "content to come", in: ok5[:len(ok5)-1], want: "hang HTTP/1.1 200 OK {Content-Length: 5} \"hell\""},
	{name: "until the connection closes: 9112 6.3", in: ok + "\r\nall", eof: true, want: "accept HTTP/1.1 200 OK \"all\""},
	{name: "which it does not", in: ok + "\r\nall", want: "hang HTTP/1.1 200 OK \"all\""},
	{name: "closing takes nothing from what is whole", in: ok5, eof: true, want: five + "reusable"},
	{name: "order, case and duplicates", in: ok + "b: 1\r\nA: 2\r\nB: 3\r\nContent-Length: 0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {b: 1 | A: 2 | B: 3 | Content-Length: 0} reusable"},

	{name: "empty reason phrase: 9112 4", in: "HTTP/1.1 204 \r\n\r\n", want: "accept HTTP/1.1 204  reusable"},
	{name: "no SP for it: 9112 4", in: "HTTP/1.1 204\r\n\r\n", want: "reject missing-reason", at: 12},
	{name: "obs-text in it: 9112 4", in: "HTTP/1.1 204 \xe9\r\n\r\n", want: "accept HTTP/1.1 204 \xe9 reusable"},
	{name: "two digits: 9112 4", in: "HTTP/1.1 20 OK\r\n\r\n", want: "reject status-code"},
	{name: "no HTTP: 9112 4", in: "SSH-2.0-x\r\n", want: "reject no-status-line"},
	{name: "HTTP in small letters: 9112 2.3", in: "http/1.1 200 OK\r\n\r\n", want: "reject no-status-line"},
	{name: "another major version: 9110 2.5", in: "HTTP/2.0 200 OK\r\n\r\n", want: "reject major-version"},
	{name: "a higher minor version: 9110 2.5", in: "HTTP/1.2 204 \r\n\r\n", want: "accept HTTP/1.2 204  reusable"},

	{name: "obs-fold: 9112 5.2", in: ok + "A: b\r\n \tc\r\nContent-Length: 0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {A: b c | Content-Length: 0} reusable"},
	{name: "HTAB as OWS: 9112 5", in: ok + "A:\t b\t \r\nContent-Length:\t0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {A: b | Content-Length: 0} reusable"},
	{name: "no OWS at all", in: ok + "A:b\r\nContent-Length:0\r\n\r\n", want: "accept HTTP/1.1 200 OK {A: b | Content-Length: 0} reusable"},
	{name: "whitespace before the colon: 9112 5.1", in: ok + "A : b\r\n\r\n", want: "reject space-before-colon", at: 18},
	{name: "whitespace before the first field line: 9112 2.2", in: ok + " A: b\r\n\r\n", want: "reject leading-space"},
	{name: "no colon: 9112 5", in: ok + "A\r\n\r\n", want: "reject missing-colon"},
	{name: "bare LF", in: "HTTP/1.1 204 \n\n", want: "reject bare-lf"},
	{name: "bare CR in a value: 9112 2.2", in: ok + "A: b\rc\r\n\r\n", want: "reject bare-cr", at: 21},
	{name: "NUL in a value: 9110 5.5", in: ok + "A: \x00\r\n\r\n", want: "reject nul"},
	{name: "empty list elements: 9110 5.6.1.2", in: ok + "Connection: , close ,,\r\nContent-Length: 0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {Connection: , close ,, | Content-Length: 0}"},
	{name: "and in Transfer-Encoding", in: ok + "Transfer-Encoding: , chunked,\r\n\r\n0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {Transfer-Encoding: , chunked,} reusable"},

	{name: "keep-alive, close: 9112 9.3", in: ok + "Connection: keep-alive, close\r\nContent-Length: 0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {Connection: keep-alive, close | Content-Length: 0}"},
	{name: "close is no part of another option", in: ok + "Connection: closed\r\nContent-Length: 0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {Connection: closed | Content-Length: 0} reusable"},
	{name: "HTTP/1.0: 9112 9.3", in: "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
		want: "accept HTTP/1.0 200 OK {Content-Length: 1} \"x\""},
	{name: "HTTP/1.0 with keep-alive: 9112 9.3", in: "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n\r\nx",
		want: "accept HTTP/1.0 200 OK {Connection: Keep-Alive | Content-Length: 1} \"x\" reusable"},

	{name: "one number twice: 9112 6.3", in: ok + "Content-Length: 1, 1\r\nContent-Length: 1\r\n\r\nx",
		want: "accept HTTP/1.1 200 OK {Content-Length: 1, 1 | Content-Length: 1} \"x\" reusable"},
	{name: "two numbers: 9112 6.3", in: ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", want: "reject content-length-differs"},
	{name: "a sign: 9110 8.6", in: ok + "Content-Length: +1\r\n\r\nx", want: "reject content-length", at: 33},
	{name: "too large a number: 9110 8.6", in: ok + "Content-Length: 9223372036854775808\r\n\r\n", want: "reject content-length"},
	{name: "Transfer-Encoding and Content-Length: 9112 6.3", in: ok + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {Content-Length: 1 | Transfer-Encoding: chunked} \"hi\""},
	{name: "Transfer-Encoding in HTTP/1.0: 9112 6.1", in: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
		want: "accept HTTP/1.0 200 OK {Connection: keep-alive | Transfer-Encoding: chunked} \"hi\""},
	{name: "a coding that is not known: 9112 7", in: ok + "Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n", want: "reject unknown-coding"},
	{name: "chunked twice: 9112 6.1", in: ok + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", want: "reject chunked-repeated"},

	{name: "chunks and trailers: 9112 7.1", in: chunked + "2\r\nhe\r\n003\r\nllo\r\n0\r\nB: 1\r\na: 2\r\n\r\n",
		want: coded + "\"hello\" trailers {B: 1 | a: 2} reusable"},
	{name: "BWS in a chunk extension: 9112 7.1.1", in: chunked + "2 \t; a = \"x;\\\"y\" ;b\r\nhi\r\n0 ;c\r\n\r\n", want: coded + "\"hi\" reusable"},
	{name: "whitespace alone: 9112 7.1", in: chunked + "2 \r\nhi\r\n0\r\n\r\n", want: "reject chunk-space HTTP/1.1 200 OK {Transfer-Encoding: chunked}"},
	{name: "an extension without name: 9112 7.1.1", in: chunked + "2;\r\nhi\r\n0\r\n\r\n", want: "reject chunk-ext HTTP/1.1 200 OK {Transfer-Encoding: chunked}"},
	{name: "0x: 9112 7.1", in: chunked + "0x2\r\nhi\r\n0\r\n\r\n", want: "reject chunk-size HTTP/1.1 200 OK {Transfer-Encoding: chunked}"},
	{name: "chunk-size too large: 9112 7.1", in: chunked + "10000000000000002\r\nhi", want: "reject chunk-size-range HTTP/1.1 200 OK {Transfer-Encoding: chunked}"},
	{name: "no CRLF behind chunk-data: 9112 7.1", in: chunked + "2\r\nhi!\r\n0\r\n\r\n", want: "reject chunk-end HTTP/1.1 200 OK {Transfer-Encoding: chunked} \"hi\"", at: 52},
	{name: "LF behind a chunk-size: 9112 7.1", in: chunked + "2\nhi\r\n0\r\n\r\n", want: "reject chunk-bare-lf HTTP/1.1 200 OK {Transfer-Encoding: chunked}"},
	{name: "no last-chunk: 9112 8", in: chunked + "2\r\nhi\r\n", eof: true, want: "reject incomplete-content HTTP/1.1 200 OK {Transfer-Encoding: chunked} \"hi\""},
	{name: "no end of the trailer section: 9112 8", in: chunked + "0\r\nA: b\r\n", eof: true, want: "reject incomplete-content HTTP/1.1 200 OK {Transfer-Encoding: chunked}"},

	{name: "HEAD: 9112 6.3", methods: "HEAD", in: ok + "Content-Length: 5\r\n\r\n", want: "accept HTTP/1.1 200 OK {Content-Length: 5} reusable"},
	{name: "octets behind that", methods: "HEAD", in: ok5, want: "accept HTTP/1.1 200 OK {Content-Length: 5} more-rule=unsolicited"},
	{name: "head is another method: 9110 9.1", methods: "head", in: ok5, want: five + "reusable"},
	{name: "204: 9112 6.3", in: "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", want: "accept HTTP/1.1 204 No Content {Content-Length: 5} reusable"},
	{name: "octets behind 204", in: "HTTP/1.1 204 No Content\r\n\r\nhello", want: "accept HTTP/1.1 204 No Content more-rule=unsolicited"},
	{name: "304: 9112 6.3", in: "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n", want: "accept HTTP/1.1 304 Not Modified {Transfer-Encoding: chunked} reusable"},
	{name: "octets behind 304", in: "HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nhi", want: "accept HTTP/1.1 304 Not Modified {Content-Length: 2} more-rule=unsolicited"},
	{name: "an excess that looks like a response: 9112 9.2", in: ok5 + ok5, want: five + "more-rule=unsolicited"},
	{name: "an excess behind close: 9112 9.6", in: ok + "Connection: close\r\nContent-Length: 0\r\n\r\nx",
		want: "accept HTTP/1.1 200 OK {Connection: close | Content-Length: 0} more-rule=unsolicited"},

	{name: "interim responses: 9110 15.2", in: "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + ok5,
		want: "accept (100) (103) HTTP/1.1 200 OK {Content-Length: 5} \"hello\" reusable"},
	{name: "their framing fields: 9112 6.3", in: "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n" + ok5,
		want: "accept (100) HTTP/1.1 200 OK {Content-Length: 5} \"hello\" reusable"},
	{name: "nothing behind one", in: "HTTP/1.1 100 Continue\r\n\r\n", want: "hang (100)"},
	{name: "closed behind one: 9112 8", in: "HTTP/1.1 100 Continue\r\n\r\n", eof: true, want: "reject no-response (100)", at: 25},

	{name: "101 with octets behind it: 9110 7.8", in: "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\nhi\x00",
		want: "accept HTTP/1.1 101 Switching Protocols {Upgrade: x | Content-Length: 2} leftover=\"hi\\x00\""},
	{name: "2xx to CONNECT: 9110 9.3.6", methods: "CONNECT", in: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nhi",
		want: "accept HTTP/1.1 200 OK {Content-Length: 2 | Transfer-Encoding: chunked} leftover=\"hi\""},
	{name: "204 to CONNECT: 9112 6.3", methods: "CONNECT", in: "HTTP/1.1 204 \r\n\r\n\x16\x03", want: "accept HTTP/1.1 204  leftover=\"\\x16\\x03\""},
	{name: "407 to CONNECT: 9110 9.3.6", methods: "CONNECT", in: "HTTP/1.1 407 No\r\nContent-Length: 2\r\n\r\nhi",
		want: "accept HTTP/1.1 407 No {Content-Length: 2} \"hi\" reusable"},

	{name: "pipelined: 9112 9.3.2", methods: "GET HEAD GET", in: ok5 + ok + "Content-Length: 9\r\n\r\n" + chunked + "1\r\nx\r\n0\r\n\r\n",
		want: five + "+200 +200 \"x\" reusable"},
	{name: "interim responses of a later one", methods: "GET GET", in: ok5 + "HTTP/1.1 100 Continue\r\n\r\n" + ok5, want: "accept (100) HTTP/1.1 200 OK {Content-Length: 5} \"hello\" +200 \"hello\" reusable"},
	{name: "the second is broken", methods: "GET GET", in: ok5 + "HTTP/1.1 2oo OK\r\n\r\n", want: five + "more-rule=status-code"},
	{name: "the second is cut short", methods: "GET GET", in: ok5 + ok5[:40], eof: true, want: five + "more-rule=incomplete-content"},
	{name: "the second does not come", methods: "GET GET", in: ok5, eof: true, want: five + "more-rule=no-response"},
	{name: "the second is to come", methods: "GET GET", in: ok5, want: five + "reusable"},
	{name: "the first one closes: 9112 9.6", methods: "GET GET", in: ok + "Connection: close\r\nContent-Length: 0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {Connection: close | Content-Length: 0}"},
	{name: "the second one closes", methods: "GET GET", in: ok5 + ok + "\r\nrest", eof: true, want: five + "+200 \"rest\" reusable"},
	{name: "the second one switches", methods: "GET CONNECT", in: ok5 + ok + "\r\nrest", want: five + "+200 leftover=\"rest\" reusable"},
}

func TestResponses(t *testing.T) { testAll(t, conn.Client, parse.Options{}, responses) }
