package parse_test

import (
	"testing"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/parse"
)

const (
	atChunked = "HTTP/1.1 200 OK {Transfer-Encoding: chunked}"
	post      = "POST / HTTP/1.1\r\nHost: a\r\n"
)

// More of what the specifications decide and recipients get wrong.
var responseEdges = []testCase{
	{name: "an invalid length behind Transfer-Encoding: 9112 6.3", in: ok + "Transfer-Encoding: chunked\r\nContent-Length: x\r\n\r\n0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {Transfer-Encoding: chunked | Content-Length: x}"},
	{name: "an invalid length where there is no content: 9112 6.3", methods: "HEAD", in: ok + "Content-Length: x\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {Content-Length: x} reusable"},
	{name: "an empty length: 9110 8.6", in: ok + "Content-Length: \r\n\r\n", want: "reject content-length"},
	{name: "two numbers without comma: 9110 8.6", in: ok + "Content-Length: 1 1\r\n\r\nx", want: "reject content-length"},
	{name: "leading zeros: 9110 8.6", in: ok + "Content-Length: 0001\r\n\r\nx", want: "accept HTTP/1.1 200 OK {Content-Length: 0001} \"x\" reusable"},
	{name: "chunked with a parameter: 9112 7.1", in: ok + "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n", want: "reject transfer-encoding"},
	{name: "an empty Transfer-Encoding: 9112 6.1", in: ok + "Transfer-Encoding:\r\n\r\n", want: "reject transfer-encoding"},
	{name: "Connection in several lines: 9110 5.2", in: ok + "connection: x\r\nCONNECTION: Close\r\nContent-Length: 0\r\n\r\n",
		want: "accept HTTP/1.1 200 OK {connection: x | CONNECTION: Close | Content-Length: 0}"},
	{name: "DEL in a value: 9110 5.5", in: ok + "A: \x7f\r\n\r\n", want: "reject field-value"},
	{name: "obs-text in a value: 9110 5.5", in: ok + "A: \x80\xff\r\nContent-Length: 0\r\n\r\n", want: "accept HTTP/1.1 200 OK {A: \x80\xff | Content-Length: 0} reusable"},
	{name: "an empty name: 9112 5", in: ok + ": x\r\n\r\n", want: "reject field-name"},
	{name: "an empty line before the status-line: 9112 4", in: "\r\n" + ok5, want: "reject no-status-line"},
	{name: "two SP before the reason phrase: 9112 4", in: "HTTP/1.1 204  x\r\n\r\n", want: "accept HTTP/1.1 204  x reusable"},
	{name: "four digits: 9112 4", in: "HTTP/1.1 2000 OK\r\n\r\n", want: "reject status-code"},
	{name: "a bare CR in the reason phrase: 9112 2.2", in: "HTTP/1.1 204 a\rb\r\n\r\n", want: "reject line-end"},

	{name: "a last-chunk of several zeros: 9112 7.1", in: chunked + "A\r\n0123456789\r\n000\r\n\r\n", want: coded + "\"0123456789\" reusable"},
	{name: "whitespace before a chunk-size: 9112 7.1", in: chunked + " 1\r\nx\r\n0\r\n\r\n", want: "reject chunk-size " + atChunked},
	{name: "a sign before a chunk-size: 9112 7.1", in: chunked + "-1\r\n", want: "reject chunk-size " + atChunked},
	{name: "an empty chunk-size: 9112 7.1", in: chunked + "\r\n", want: "reject chunk-size " + atChunked},
	{name: "CRLF in a quoted-string: 9112 7.1.1", in: chunked + "1;a=\"\r\n\"\r\nx\r\n0\r\n\r\n", want: "reject chunk-ext " + atChunked},
	{name: "a bare CR in a chunk extension: 9112 7.1", in: chunked + "1;a\rb\r\nx\r\n0\r\n\r\n", want: "reject line-end " + atChunked},
	{name: "framing fields as trailers: 9110 6.5.1", in: chunked + "1\r\nx\r\n0\r\nContent-Length: 9\r\n\r\n", want: coded + "\"x\" trailers {Content-Length: 9} reusable"},
	{name: "obs-fold in the trailer section: 9112 5.2", in: chunked + "0\r\nA: b\r\n c\r\n\r\n", want: coded + "trailers {A: b c} reusable"},
	{name: "a broken trailer: 9112 7.1.2", in: chunked + "1\r\nx\r\n0\r\nA\r\n\r\n", want: "reject missing-colon " + atChunked + " \"x\""},

	{name: "an interim response to CONNECT", methods: "CONNECT", in: "HTTP/1.1 100 \r\n\r\nHTTP/1.1 200 \r\n\r\nx", want: "accept (100) HTTP/1.1 200  leftover=\"x\""},
	{name: "101 behind an interim response", in: "HTTP/1.1 103 \r\n\r\nHTTP/1.1 101 \r\n\r\n", want: "accept (103) HTTP/1.1 101 "},
	{name: "299 to HEAD", methods: "HEAD", in: "HTTP/1.1 299 \r\nTransfer-Encoding: chunked\r\n\r\n", want: "accept HTTP/1.1 299  {Transfer-Encoding: chunked} reusable"},
	{name: "205 can have content, as it was sent: 9112 6.3", in: "HTTP/1.1 205 \r\nContent-Length: 1\r\n\r\nx", want: "accept HTTP/1.1 205  {Content-Length: 1} \"x\" reusable"},
}

var requestEdges = []testCase{
	{name: "SP behind the version: 9112 3", in: "GET / HTTP/1.1 \r\n" + host, want: "reject request-line"},
	{name: "SP before the method: 9112 3", in: " GET / HTTP/1.1\r\n" + host, want: "reject method"},
	{name: "HTAB between: 9112 3", in: "GET\t/ HTTP/1.1\r\n" + host, want: "reject method"},
	{name: "a version in small letters: 9112 2.3", in: "GET / http/1.1\r\n" + host, want: "reject http-version"},
	{name: "another major version: 9110 2.5", in: "GET / HTTP/2.0\r\n" + host, want: "reject major-version"},
	{name: "a higher minor version: 9110 2.5", in: "GET / HTTP/1.9\r\n" + host, want: "accept GET / HTTP/1.9 host=a {Host: a} reusable"},
	{name: "small letters are another method: 9110 9.1", in: "get / HTTP/1.1\r\n" + host, want: "accept get / HTTP/1.1 host=a {Host: a} reusable"},
	{name: "a target without slash: 9112 3.2", in: "GET x HTTP/1.1\r\n" + host, want: "reject request-target-form"},
	{name: "authority-form is for CONNECT: 9112 3.2.3", in: "GET a:80 HTTP/1.1\r\n" + host, want: "reject request-target-form"},
	{name: "OPTIONS in absolute-form: 9112 3.2.4", in: "OPTIONS http://b HTTP/1.1\r\n" + host, want: "accept OPTIONS http://b HTTP/1.1 host=b {Host: a} reusable"},
	{name: "a scheme in capitals: 9110 4.2.3", in: "GET HTTP://b/ HTTP/1.0\r\n\r\n", want: "accept GET HTTP://b/ HTTP/1.0 host=b"},
	{name: "absolute-form does not excuse an invalid Host: 9112 3.2", in: "GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n", want: "reject host-invalid"},

	{name: "an empty port: 9110 7.2", in: "GET / HTTP/1.1\r\nHost: a:\r\n\r\n", want: "accept GET / HTTP/1.1 host=a: {Host: a:} reusable"},
	{name: "sub-delims: RFC 3986 3.2.2", in: "GET / HTTP/1.1\r\nHost: a_!$&'()*+,;=~.-\r\n\r\n", want: "accept GET / HTTP/1.1 host=a_!$&'()*+,;=~.- {Host: a_!$&'()*+,;=~.-} reusable"},
	{name: "pct-encoded: RFC 3986 2.1", in: "GET / HTTP/1.1\r\nHost: a%2e\r\n\r\n", want: "accept GET / HTTP/1.1 host=a%2e {Host: a%2e} reusable"},
	{name: "half of that", in: "GET / HTTP/1.1\r\nHost: a%2\r\n\r\n", want: "reject host-invalid"},
	{name: "an open bracket: RFC 3986 3.2.2", in: "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", want: "reject host-invalid"},
	{name: "obs-text in Host", in: "GET / HTTP/1.1\r\nHost: \xe9\r\n\r\n", want: "reject host-invalid"},

	{name: "whitespace before the first field line: 9112 2.2", in: "GET / HTTP/1.1\r\n A: b\r\n" + host, want: "reject leading-space"},
	{name: "a line of whitespace: 9112 5.2", in: "GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n", want: "reject obs-fold"},
	{name: "empty list elements: 9110 5.6.1.2", in: "GET / HTTP/1.1\r\nConnection: ,,close,\r\n" + host, want: "accept GET / HTTP/1.1 host=a {Connection: ,,close, | Host: a}"},
	{name: "CR LF LF", in: "GET / HTTP/1.1\r\nHost: a\r\n\n", want: "reject bare-lf"},

	{name: "identity: 9112 6.3", in: post + "Transfer-Encoding: identity\r\n\r\n", want: "reject chunked-not-final"},
	{name: "chunked twice: 9112 6.1", in: post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", want: "reject chunked-repeated"},
	{name: "a quoted coding: 9112 7", in: post + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", want: "reject transfer-encoding"},
	{name: "a vertical tab: 9110 5.5", in: post + "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n", want: "reject field-value"},
	{name: "HTAB before chunked: 9112 5", in: post + "Transfer-Encoding:\tchunked\t\r\n\r\n0\r\n\r\n", want: "accept POST / HTTP/1.1 host=a {Host: a | Transfer-Encoding: chunked} reusable"},
	{name: "lengths that differ: 9112 6.3", in: post + "Content-Length: 1, 2\r\n\r\nxx", want: "reject content-length-differs"},
	{name: "a chunk that is broken", in: post + "Transfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n", want: "reject chunk-end POST / HTTP/1.1 host=a {Host: a | Transfer-Encoding: chunked} \"x\""},
	{name: "close behind content", in: post + "Content-Length: 1\r\nConnection: Close\r\n\r\nx" + get, want: "accept POST / HTTP/1.1 host=a {Host: a | Content-Length: 1 | Connection: Close} \"x\""},

	{name: "CONNECT with content: 9110 9.3.6", in: "CONNECT b:443 HTTP/1.1\r\nContent-Length: 2\r\n" + host + "hi", want: "reject framing-forbidden"},
	{name: "CONNECT to port 0", in: "CONNECT b:0 HTTP/1.1\r\n" + host, want: "reject authority"},
	{name: "CONNECT to an IPv6 address", in: "CONNECT [::1]:443 HTTP/1.1\r\n" + host, want: "accept CONNECT [::1]:443 HTTP/1.1 host=[::1]:443 {Host: a}"},
	{name: "CONNECT in absolute-form: 9112 3.2.3", in: "CONNECT http://b:443/ HTTP/1.1\r\n" + host, want: "reject request-target-form"},
	{name: "CONNECT of HTTP/1.0", in: "CONNECT b:443 HTTP/1.0\r\n\r\nx", want: "accept CONNECT b:443 HTTP/1.0 host=b:443 leftover=\"x\""},
	{name: "CONNECT that closes, as far as HTTP goes", in: "CONNECT b:443 HTTP/1.1\r\nConnection: close\r\n" + host + "x",
		want: "accept CONNECT b:443 HTTP/1.1 host=b:443 {Connection: close | Host: a} leftover=\"x\""},
}

func TestResponseEdges(t *testing.T) { testAll(t, conn.Client, parse.Options{}, responseEdges) }
func TestRequestEdges(t *testing.T)  { testAll(t, conn.Server, parse.Options{}, requestEdges) }
