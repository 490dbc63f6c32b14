package conn_test

import (
	"strings"
	"testing"

	"github.com/strata-http/strata/conn"
)

// browserRequest is a request as a browser sends it, of 703 octets.
var browserRequest = crlf(`GET /articles/24/layers-of-a-protocol/index.html?ref=front&source=feed HTTP/1.1
Host: www.example.org
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8
Accept-Language: en-US,en;q=0.5
Accept-Encoding: gzip, deflate, br, zstd
Referer: https://www.example.org/articles/
Connection: keep-alive
Cookie: session=0123456789abcdef0123456789abcdef; theme=dark; consent=necessary
Upgrade-Insecure-Requests: 1
Sec-Fetch-Dest: document
Sec-Fetch-Mode: navigate
Sec-Fetch-Site: same-origin
Sec-Fetch-User: ?1
If-None-Match: "5f3c-61a0"
Priority: u=0,i
Pragma: no-cache

`)

// serverResponse is a response head as a server sends it, of nine fields.
var serverResponse = crlf(`HTTP/1.1 200 OK
Server: nginx/1.26.1
Date: Sat, 01 Jun 2024 12:00:00 GMT
Content-Type: text/html; charset=utf-8
Content-Length: 0
Last-Modified: Fri, 31 May 2024 08:30:12 GMT
ETag: "66598a44-1c2f"
Vary: Accept-Encoding
Cache-Control: max-age=600
Accept-Ranges: bytes

`)

func BenchmarkExchangeGET(b *testing.B) {
	x := newExchange(b, "GET", "\nAccept: */*", "\nContent-Length: 26", "hello, world\n", 2, nil)
	b.ReportAllocs()
	for b.Loop() {
		x.run()
	}
}

func BenchmarkExchangeChunked(b *testing.B) {
	x := exchanges(b)["chunked with trailers"]
	b.ReportAllocs()
	for b.Loop() {
		x.run()
	}
}

// headOf returns what Next tells of a head that must be there whole.
func headOf(b *testing.B, c *conn.Conn, data []byte) int {
	n, ev, err := c.Next(data, false)
	if err != nil || ev.Head == nil {
		b.Fatal(ev.Kind, err)
	}
	return n
}

func BenchmarkParseRequestHead(b *testing.B) {
	data := []byte(browserRequest)
	c := conn.New(conn.Server, conn.Config{})
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		headOf(b, c, data)
		c.Reset(conn.Server, conn.Config{})
	}
}

func BenchmarkParseResponseHead(b *testing.B) {
	data := []byte(serverResponse)
	c := conn.New(conn.Client, conn.Config{})
	request, dst := parseFields(anyHost), []byte(nil)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		// The request is part of the figure: without one there is no response.
		dst, _ = c.AppendRequest(dst[:0], "GET", "/", request)
		headOf(b, c, data)
		c.Reset(conn.Client, conn.Config{})
	}
}

// BenchmarkChunkedViews reads chunked content of 64 chunks of 1 KiB through views.
func BenchmarkChunkedViews(b *testing.B) {
	chunk := "400\r\n" + strings.Repeat("x", 1024) + "\r\n"
	data := []byte(crlf("POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n") + strings.Repeat(chunk, 64) + "0\r\n\r\n")
	c := conn.New(conn.Server, conn.Config{})
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		octets, rest := 0, data
		for {
			n, ev, err := c.Next(rest, false)
			if err != nil {
				b.Fatal(err)
			}
			rest = rest[n:]
			octets += len(ev.Content)
			if ev.Kind == conn.End {
				break
			}
		}
		if octets != 64<<10 {
			b.Fatal(octets)
		}
		c.Reset(conn.Server, conn.Config{})
	}
}

func TestBenchmarkInput(t *testing.T) {
	if len(browserRequest) != 703 || strings.Count(serverResponse, "\n") != 11 {
		t.Errorf("the request has %d octets, the response %d lines", len(browserRequest), strings.Count(serverResponse, "\n"))
	}
}
