package httpclient_test

import "strings"

// pyCase is a response, behind which the server closes the connection.
type pyCase struct {
	name   string
	method string // of the request; GET where it is empty
	octets string
}

// What most of the responses begin with.
const (
	py11      = "HTTP/1.1 200 OK\r\n"
	py10      = "HTTP/1.0 200 OK\r\n"
	pyFive    = "Content-Length: 5\r\n"
	pyBody    = pyFive + "\r\nhello"
	pyChunked = py11 + "Transfer-Encoding: chunked\r\n\r\n"
)

// pyLine returns a field line of n octets, its line end included.
func pyLine(n int) string { return "X: " + strings.Repeat("x", n-len("X: \r\n")) + "\r\n" }

// pyStatusCases are about the status-line.
var pyStatusCases = []pyCase{
	{"plain", "", py11 + pyBody},
	{"plain 1.0", "", py10 + pyBody},
	{"no fields", "", py11 + "\r\nhello"},
	{"bare LF: status-line", "", "HTTP/1.1 200 OK\n" + pyBody},
	{"bare LF: everywhere", "", "HTTP/1.1 200 OK\nContent-Length: 5\nX: y\n\nhello"},
	{"bare LF: field line", "", py11 + "Content-Length: 5\n\r\nhello"},
	{"bare LF: empty line", "", py11 + "Content-Length: 5\r\n\nhello"},
	{"bare CR: status-line", "", "HTTP/1.1 200 OK\r" + pyBody},
	{"bare CR: behind the reason", "", "HTTP/1.1 200 OK\r\r\n" + pyBody},
	{"bare CR: in the reason", "", "HTTP/1.1 200 O\rK\r\n" + pyBody},

	{"reason: none, no SP", "", "HTTP/1.1 200\r\n" + pyBody},
	{"reason: none, no SP, LF", "", "HTTP/1.1 200\n" + pyBody},
	{"reason: none, SP", "", "HTTP/1.1 200 \r\n" + pyBody},
	{"reason: words", "", "HTTP/1.1 404 Gone  for good\r\n" + pyBody},
	{"reason: unlike the code", "", "HTTP/1.1 404 OK\r\n" + pyBody},
	{"reason: SP and HTAB around", "", "HTTP/1.1 200  \tOK \t \r\n" + pyBody},
	{"reason: obs-text", "", "HTTP/1.1 200 d\xe9j\xe0 vu\r\n" + pyBody},
	{"reason: control", "", "HTTP/1.1 200 a\x01b\x7f\r\n" + pyBody},
	{"reason: NUL", "", "HTTP/1.1 200 a\x00b\r\n" + pyBody},
	{"reason: octet 0xA0 at its end", "", "HTTP/1.1 200 OK\xa0\r\n" + pyBody},
	{"reason: octet 0x1F at its end", "", "HTTP/1.1 200 OK\x1f\r\n" + pyBody},
	{"reason: VT and FF around", "", "HTTP/1.1 200 \v\fOK\v\f\r\n" + pyBody},
	{"reason: digits", "", "HTTP/1.1 200 200\r\n" + pyBody},

	{"status-line: two SP", "", "HTTP/1.1  200 OK\r\n" + pyBody},
	{"status-line: HTAB", "", "HTTP/1.1\t200\tOK\r\n" + pyBody},
	{"status-line: SP before", "", " HTTP/1.1 200 OK\r\n" + pyBody},
	{"status-line: VT, FF", "", "HTTP/1.1\v200\fOK\r\n" + pyBody},
	{"status-line: CR for SP", "", "HTTP/1.1\r200 OK\r\n" + pyBody},
	{"status-line: octet 0xA0 for SP", "", "HTTP/1.1\xa0200 OK\r\n" + pyBody},
	{"status-line: SP behind", "", "HTTP/1.1 200   \r\n" + pyBody},
	{"status-line: no SP", "", "HTTP/1.1200 OK\r\n" + pyBody},
	{"status-line: version alone", "", "HTTP/1.1\r\n" + pyBody},
	{"status-line: version and SP", "", "HTTP/1.1 \r\n" + pyBody},
	{"status-line: no status", "", "HTTP/1.1 OK\r\n" + pyBody},

	{"version: HTTP/0.9", "", "HTTP/0.9 200 OK\r\n" + pyBody},
	{"version: HTTP/1.2", "", "HTTP/1.2 200 OK\r\n" + pyBody},
	{"version: HTTP/1.9", "", "HTTP/1.9 200 OK\r\n" + pyBody},
	{"version: HTTP/1.x", "", "HTTP/1.x 200 OK\r\n" + pyBody},
	{"version: HTTP/1.10", "", "HTTP/1.10 200 OK\r\n" + pyBody},
	{"version: HTTP/1.", "", "HTTP/1. 200 OK\r\n" + pyBody},
	{"version: HTTP/1.0.0", "", "HTTP/1.0.0 200 OK\r\n" + pyBody},
	{"version: HTTP/1.01", "", "HTTP/1.01 200 OK\r\n" + pyBody},
	{"version: HTTP/1.1;v", "", "HTTP/1.1;v=2 200 OK\r\n" + pyBody},
	{"version: HTTP/1", "", "HTTP/1 200 OK\r\n" + pyBody},
	{"version: HTTP/11.1", "", "HTTP/11.1 200 OK\r\n" + pyBody},
	{"version: HTTP/01.1", "", "HTTP/01.1 200 OK\r\n" + pyBody},
	{"version: HTTP/2", "", "HTTP/2 200 OK\r\n" + pyBody},
	{"version: HTTP/2.0", "", "HTTP/2.0 200 OK\r\n" + pyBody},
	{"version: HTTP/2.0, no status", "", "HTTP/2.0\r\n" + pyBody},
	{"version: HTTP/2.0, bad status", "", "HTTP/2.0 2x0 OK\r\n" + pyBody},
	{"version: HTTP/0.8", "", "HTTP/0.8 200 OK\r\n" + pyBody},
	{"version: HTTP/x.y", "", "HTTP/x.y 200 OK\r\n" + pyBody},
	{"version: HTTP/", "", "HTTP/ 200 OK\r\n" + pyBody},
	{"version: lower case", "", "http/1.1 200 OK\r\n" + pyBody},
	{"version: ICY", "", "ICY 200 OK\r\n" + pyBody},

	{"status: 099", "", "HTTP/1.1 099 OK\r\n" + pyBody},
	{"status: 99", "", "HTTP/1.1 99 OK\r\n" + pyBody},
	{"status: 1000", "", "HTTP/1.1 1000 OK\r\n" + pyBody},
	{"status: 2x0", "", "HTTP/1.1 2x0 OK\r\n" + pyBody},
	{"status: 0x1F4", "", "HTTP/1.1 0x1F4 OK\r\n" + pyBody},
	{"status: -200", "", "HTTP/1.1 -200 OK\r\n" + pyBody},
	{"status: 200.0", "", "HTTP/1.1 200.0 OK\r\n" + pyBody},
	{"status: 999", "", "HTTP/1.1 999 OK\r\n" + pyBody},
	{"status: 600", "", "HTTP/1.1 600 OK\r\n" + pyBody},
	{"status: +200", "", "HTTP/1.1 +200 OK\r\n" + pyBody},
	{"status: 0200", "", "HTTP/1.1 0200 OK\r\n" + pyBody},
	{"status: 2_00", "", "HTTP/1.1 2_00 OK\r\n" + pyBody},
	{"status: 000", "", "HTTP/1.1 000 OK\r\n" + pyBody},

	{"first line: empty input", "", ""},
	{"first line: CRLF", "", "\r\n" + py11 + pyBody},
	{"first line: LF", "", "\n" + py11 + pyBody},
	{"first line: HTML", "", "<html>hello</html>\r\n"},
	{"first line: HTML, no line end", "", "<html>hello</html>"},
	{"first line: SSH", "", "SSH-2.0-OpenSSH_9.6\r\n"},
	{"first line: NUL", "", "\x00\x00\x00\r\n"},
	{"first line: TLS alert", "", "\x15\x03\x01\x00\x02\x02\x46"},
	{"first line: field line", "", "Content-Length: 5\r\n\r\nhello"},
	{"first line: HTT", "", "HTT"},
	{"first line: HTTP/1.1 2", "", "HTTP/1.1 2"},
	{"first line: octets before", "", "x" + py11 + pyBody},
	{"first line: UTF-8 BOM before", "", "\xef\xbb\xbf" + py11 + pyBody},
	{"long: status-line of 65536", "", "HTTP/1.1 200 " + strings.Repeat("x", 65521) + "\r\n" + pyBody},
	{"long: status-line of 65537", "", "HTTP/1.1 200 " + strings.Repeat("x", 65522) + "\r\n" + pyBody},

	{"cut: status-line", "", "HTTP/1.1 200 OK"},
	{"cut: behind the status-line", "", py11},
	{"cut: in a field name", "", py11 + "X: y\r\nContent-Le"},
	{"cut: in a field value", "", py11 + "Content-Length: 5"},
	{"cut: behind a field line", "", py11 + pyFive},
	{"cut: in the empty line", "", py11 + pyFive + "\r"},
}

// pyInterimCases are about responses whose status or request decides the framing.
var pyInterimCases = []pyCase{
	{"interim: 100", "", "HTTP/1.1 100 Continue\r\n\r\n" + py11 + pyBody},
	{"interim: 100 with fields", "", "HTTP/1.1 100 Continue\r\nX: y\r\nContent-Length: 9\r\n\r\n" + py11 + pyBody},
	{"interim: 100 thrice", "", strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 3) + py11 + pyBody},
	{"interim: 100 by HTTP/1.0", "", "HTTP/1.0 100 Continue\r\n\r\n" + py11 + pyBody},
	{"interim: 100 bare LF", "", "HTTP/1.1 100\n\nHTTP/1.1 200\n" + pyBody},
	{"interim: 100 alone", "", "HTTP/1.1 100 Continue\r\n\r\n"},
	{"interim: 100 and junk", "", "HTTP/1.1 100 Continue\r\n\r\njunk\r\n"},
	{"interim: 100, bad field line", "", "HTTP/1.1 100 Continue\r\njunk\r\nX: y\r\n\r\n" + py11 + pyBody},
	{"interim: 101 not asked for", "", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"},
	{"interim: 102", "", "HTTP/1.1 102 Processing\r\n\r\n" + py11 + pyBody},
	{"interim: 103", "", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + py11 + pyBody},
	{"interim: 199 alone", "", "HTTP/1.1 199 Odd\r\n\r\n"},
	{"HEAD: length", "HEAD", py11 + pyFive + "\r\n"},
	{"HEAD: length and octets", "HEAD", py11 + pyBody},
	{"HEAD: chunked", "HEAD", pyChunked},
	{"HEAD: bad length", "HEAD", py11 + "Content-Length: x\r\n\r\n"},
	{"HEAD: neither", "HEAD", py11 + "\r\n"},
	{"HEAD: 1.0", "HEAD", py10 + pyFive + "\r\n"},
	{"HEAD: 1.0 keep-alive", "HEAD", py10 + pyFive + "Connection: keep-alive\r\n\r\n"},
	{"204: nothing", "", "HTTP/1.1 204 No Content\r\n\r\n"},
	{"204: length", "", "HTTP/1.1 204 No Content\r\n" + pyFive + "\r\n"},
	{"204: length and octets", "", "HTTP/1.1 204 No Content\r\n" + pyBody},
	{"204: chunked", "", "HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n"},
	{"204: 1.0", "", "HTTP/1.0 204 No Content\r\n\r\n"},
	{"304: length", "", "HTTP/1.1 304 Not Modified\r\n" + pyFive + "\r\n"},
	{"304: chunked", "", "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{"304: close", "", "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"},
	{"205: octets", "", "HTTP/1.1 205 Reset Content\r\n" + pyBody},
	{"POST: length", "POST", py11 + pyBody},
}

// pyConnectionCases are about whether the connection lasts.
var pyConnectionCases = []pyCase{
	{"connection: close", "", py11 + "Connection: close\r\n" + pyBody},
	{"connection: Close", "", py11 + "CONNECTION: Close\r\n" + pyBody},
	{"connection: keep-alive, close", "", py11 + "Connection: keep-alive, close\r\n" + pyBody},
	{"connection: not-closed", "", py11 + "Connection: not-closed\r\n" + pyBody},
	{"connection: xCLOSEx", "", py11 + "Connection: xCLOSEx\r\n" + pyBody},
	{"connection: clo se", "", py11 + "Connection: clo se\r\n" + pyBody},
	{"connection: folded close", "", py11 + "Connection: x,\r\n close\r\n" + pyBody},
	{"connection: empty", "", py11 + "Connection:\r\n" + pyBody},
	{"connection: keep-alive", "", py11 + "Connection: keep-alive\r\n" + pyBody},
	{"connection: two lines, close first", "", py11 + "Connection: close\r\nConnection: keep-alive\r\n" + pyBody},
	{"connection: two lines, close second", "", py11 + "Connection: keep-alive\r\nConnection: close\r\n" + pyBody},
	{"connection: quoted close", "", py11 + "Connection: \"close\"\r\n" + pyBody},
	{"connection: 1.0", "", py10 + pyBody},
	{"connection: 1.0 Keep-Alive", "", py10 + "Connection: Keep-Alive\r\n" + pyBody},
	{"connection: 1.0 not-keep-alives", "", py10 + "Connection: not-keep-alives\r\n" + pyBody},
	{"connection: 1.0 close, keep-alive", "", py10 + "Connection: close, keep-alive\r\n" + pyBody},
	{"connection: 1.0 close", "", py10 + "Connection: close\r\n" + pyBody},
	{"connection: 1.0 Keep-Alive field", "", py10 + "Keep-Alive: timeout=5\r\n" + pyBody},
	{"connection: 1.0 Proxy-Connection", "", py10 + "Proxy-Connection: keep-alive\r\n" + pyBody},
	{"connection: 1.1 Proxy-Connection: close", "", py11 + "Proxy-Connection: close\r\n" + pyBody},
	{"connection: 1.0 keep-alive, no length", "", py10 + "Connection: keep-alive\r\n\r\nhello"},
	{"connection: 0.9 keep-alive", "", "HTTP/0.9 200 OK\r\nConnection: keep-alive\r\n" + pyBody},
	{"connection: 1.x keep-alive", "", "HTTP/1.x 200 OK\r\nConnection: keep-alive\r\n" + pyBody},
}
