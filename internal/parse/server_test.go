package parse_test

import (
	"testing"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/parse"
)

const (
	host = "Host: a\r\n\r\n"
	get  = "GET / HTTP/1.1\r\n" + host
	got  = "accept GET / HTTP/1.1 host=a {Host: a} "
)

// The expectations stand as RFC 9110 and RFC 9112 have them.
var requests = []testCase{
	{name: "no octets", in: "", want: "hang"},
	{name: "no octets, and closed", in: "", eof: true, want: "reject incomplete-head"},
	{name: "an empty line, and closed", in: "\r\n", eof: true, want: "reject incomplete-head", at: 2},
	{name: "a request", in: get, want: got + "reusable"},
	{name: "closing takes nothing from what is whole", in: get, eof: true, want: got + "reusable"},
	{name: "half a head, and closed: 9112 8", in: "GET / HTTP/1.1\r\nHost: a\r\n", eof: true, want: "reject incomplete-head", at: 25},
	{name: "empty lines before it: 9112 2.2", in: "\r\n\r\n" + get, want: got + "reusable"},
	{name: "a LF before it: 9112 2.2", in: "\n" + get, want: "reject bare-lf"},
	{name: "an empty line between two: 9112 2.2", in: get + "\r\n" + get, want: got + "+GET / reusable"},

	{name: "two SP: 9112 3", in: "GET  / HTTP/1.1\r\n" + host, want: "reject request-line"},
	{name: "no version: 9112 3", in: "GET /\r\n", want: "reject request-line"},
	{name: "a method is a token: 9110 9.1", in: "G(T / HTTP/1.1\r\n" + host, want: "reject method", at: 1},
	{name: "obs-text in the target: 9112 3.2", in: "GET /\xe9 HTTP/1.1\r\n" + host, want: "reject request-target", at: 5},
	{name: "a fragment: 9112 3.2", in: "GET /#a HTTP/1.1\r\n" + host, want: "reject request-target"},
	{name: "asterisk-form: 9112 3.2.4", in: "OPTIONS * HTTP/1.1\r\n" + host, want: "accept OPTIONS * HTTP/1.1 host=a {Host: a} reusable"},
	{name: "for OPTIONS alone: 9112 3.2.4", in: "GET * HTTP/1.1\r\n" + host, want: "reject request-target-form"},
	{name: "absolute-form against Host: 9112 3.2.2", in: "GET http://b:81/x HTTP/1.1\r\n" + host, want: "accept GET http://b:81/x HTTP/1.1 host=b:81 {Host: a} reusable"},
	{name: "absolute-form needs Host too: 9112 3.2", in: "GET http://b/ HTTP/1.1\r\n\r\n", want: "reject host-missing"},
	{name: "userinfo: 9110 4.2.4", in: "GET http://u@b/ HTTP/1.1\r\n" + host, want: "reject userinfo"},
	{name: "http without host: 9110 4.2.1", in: "GET http:///x HTTP/1.1\r\n" + host, want: "reject authority"},

	{name: "no Host: 9112 3.2", in: "GET / HTTP/1.1\r\n\r\n", want: "reject host-missing"},
	{name: "no Host in HTTP/1.0: 9112 3.2", in: "GET / HTTP/1.0\r\n\r\n", want: "accept GET / HTTP/1.0"},
	{name: "an empty Host: 9112 3.2", in: "GET / HTTP/1.1\r\nHost:\r\n\r\n", want: "accept GET / HTTP/1.1 host= {Host: } reusable"},
	{name: "two Hosts: 9112 3.2", in: "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", want: "reject host-repeated"},
	{name: "two Hosts in HTTP/1.0: 9112 3.2", in: "GET / HTTP/1.0\r\nHost: a\r\nhost: a\r\n\r\n", want: "reject host-repeated"},
	{name: "invalid Host: 9112 3.2", in: "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", want: "reject host-invalid", at: 22},
	{name: "a path in it", in: "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", want: "reject host-invalid"},
	{name: "userinfo in it", in: "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", want: "reject host-invalid"},
	{name: "no number for a port", in: "GET / HTTP/1.1\r\nHost: a:x\r\n\r\n", want: "reject host-invalid"},
	{name: "an IPv6 address", in: "GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", want: "accept GET / HTTP/1.1 host=[::1]:80 {Host: [::1]:80} reusable"},

	{name: "obs-fold: 9112 5.2", in: "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n c\r\n\r\n", want: "reject obs-fold"},
	{name: "HTAB as OWS: 9112 5", in: "GET / HTTP/1.1\r\nHost:\ta\t\r\n\r\n", want: got + "reusable"},
	{name: "whitespace before the colon: 9112 5.1", in: "GET / HTTP/1.1\r\nHost : a\r\n\r\n", want: "reject space-before-colon", at: 20},
	{name: "bare CR: 9112 2.2", in: "GET / HTTP/1.1\r\nHost: a\r\nA: \rb\r\n\r\n", want: "reject bare-cr"},

	{name: "Content-Length: 9112 6.3", in: "POST /p HTTP/1.1\r\nContent-Length: 2\r\nHost: a\r\n\r\nhi",
		want: "accept POST /p HTTP/1.1 host=a {Content-Length: 2 | Host: a} \"hi\" reusable"},
	{name: "content cut short: 9112 8", in: "POST /p HTTP/1.1\r\nContent-Length: 2\r\nHost: a\r\n\r\nh", eof: true,
		want: "reject incomplete-content POST /p HTTP/1.1 host=a {Content-Length: 2 | Host: a} \"h\"", at: 49},
	{name: "content to come", in: "POST /p HTTP/1.1\r\nContent-Length: 2\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
		want: "hang POST /p HTTP/1.1 host=a {Content-Length: 2 | Host: a | Expect: 100-continue}"},
	{name: "chunked with trailers: 9112 7.1", in: "POST / HTTP/1.1\r\nTransfer-Encoding: Chunked\r\nHost: a\r\n\r\n1 ;x\r\nA\r\n0\r\nT: 1\r\n\r\n",
		want: "accept POST / HTTP/1.1 host=a {Transfer-Encoding: Chunked | Host: a} \"A\" trailers {T: 1} reusable"},
	{name: "Transfer-Encoding and Content-Length: 9112 6.3", in: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\nHost: a\r\n\r\n0\r\n\r\n", want: "reject coding-and-length"},
	{name: "Transfer-Encoding in HTTP/1.0: 9112 6.1", in: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", want: "reject coding-in-http10"},
	{name: "chunked is not last: 9112 6.3", in: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\nHost: a\r\n\r\n", want: "reject chunked-not-final"},
	{name: "a coding that is not known: 9112 6.1", in: "POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\nHost: a\r\n\r\n0\r\n\r\n", want: "reject unknown-coding"},
	{name: "an empty element of Content-Length: 9112 6.3", in: "POST / HTTP/1.1\r\nContent-Length: 2,\r\nHost: a\r\n\r\nhi", want: "reject content-length"},
	{name: "octets behind GET are a request: 9112 6.3", in: get + "hello\r\n\r\n", want: got + "more-rule=request-line"},

	{name: "keep-alive, close: 9112 9.3", in: "GET / HTTP/1.1\r\nConnection: keep-alive, close\r\n" + host + get,
		want: "accept GET / HTTP/1.1 host=a {Connection: keep-alive, close | Host: a}"},
	{name: "HTTP/1.0: 9112 9.3", in: "GET / HTTP/1.0\r\n" + host + get, want: "accept GET / HTTP/1.0 host=a {Host: a}"},
	{name: "HTTP/1.0 with keep-alive: 9112 9.3", in: "GET / HTTP/1.0\r\nConnection: ,Keep-Alive\r\n" + host + get,
		want: "accept GET / HTTP/1.0 host=a {Connection: ,Keep-Alive | Host: a} +GET / reusable"},
	{name: "pipelined: 9112 9.3.2", in: "HEAD /1 HTTP/1.1\r\n" + host + "PUT /2 HTTP/1.1\r\nContent-Length: 1\r\n" + host + "x" + get,
		want: "accept HEAD /1 HTTP/1.1 host=a {Host: a} +PUT /2 \"x\" +GET / reusable"},
	{name: "the second is broken", in: get + "GET / HTTP/1.1\r\n\r\n", want: got + "more-rule=host-missing"},
	{name: "the second is cut short", in: get + "GET /", eof: true, want: got + "more-rule=incomplete-head"},
	{name: "the second is to come", in: get + "GET /", want: got + "reusable"},
	{name: "Upgrade that the server does not take up: 9110 7.8", in: "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: x\r\n" + host + get,
		want: "accept GET / HTTP/1.1 host=a {Connection: upgrade | Upgrade: x | Host: a} +GET / reusable"},

	{name: "CONNECT: 9110 9.3.6", in: "CONNECT b:443 HTTP/1.1\r\n" + host + "\x16\x03", want: "accept CONNECT b:443 HTTP/1.1 host=b:443 {Host: a} leftover=\"\\x16\\x03\""},
	{name: "CONNECT without port: 9110 9.3.6", in: "CONNECT b HTTP/1.1\r\n" + host, want: "reject authority"},
	{name: "CONNECT with an empty port: 9110 9.3.6", in: "CONNECT b: HTTP/1.1\r\n" + host, want: "reject authority"},
	{name: "CONNECT with port 65536", in: "CONNECT b:65536 HTTP/1.1\r\n" + host, want: "reject authority"},
	{name: "CONNECT with a path: 9112 3.2.3", in: "CONNECT /x HTTP/1.1\r\n" + host, want: "reject request-target-form"},
	{name: "CONNECT behind another", in: get + "CONNECT b:1 HTTP/1.1\r\n" + host + "x", want: got + "+CONNECT b:1 leftover=\"x\" reusable"},
}

func TestRequests(t *testing.T) { testAll(t, conn.Server, parse.Options{}, requests) }
