package httpserver_test

import (
	"fmt"
	"io"
	"log"
	"strings"

	"github.com/strata-http/strata/httpserver"
)

// serveFiles prints what a directory with these files answers to a request.
func serveFiles(files map[string]string, set func(*httpserver.SimpleHTTPRequestHandler) any, request string) {
	dir, remove := manualFiles(files)
	defer remove()
	s, err := httpserver.NewSimpleHTTPRequestHandler(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer s.Root.Close()
	var do any = s
	if set != nil {
		do = set(s)
	}
	method, rest, _ := strings.Cut(request, "\n")
	if rest != "" {
		rest = strings.ReplaceAll(rest, "\n", "\r\n") + "\r\n"
	}
	manualAsk(&httpserver.Server{Handler: httpserver.Dispatch{Do: do, Log: io.Discard}}, method+" HTTP/1.1\r\nHost: a\r\n"+rest+"\r\n")
}

func ExampleSimpleHTTPRequestHandler() {
	serveFiles(map[string]string{"a.txt": "hello\n"}, nil, "GET /a.txt")
	// Output:
	// HTTP/1.1 200 OK
	// Server: Strata
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 6
	// Last-Modified: Mon, 06 May 2024 07:08:09 GMT
	// ETag: "d12df56z80e8-6"
	// Accept-Ranges: bytes
	//
	// hello
}

func ExampleSimpleHTTPRequestHandler_DoHEAD() {
	serveFiles(map[string]string{"a.json": "{}\n"}, nil, "HEAD /a.json")
	// Output:
	// HTTP/1.1 200 OK
	// Server: Strata
	// Content-Type: application/json
	// Content-Length: 3
	// Last-Modified: Mon, 06 May 2024 07:08:09 GMT
	// ETag: "d12df56z80e8-3"
	// Accept-Ranges: bytes
}

// What has not changed is not sent again.
func ExampleSimpleHTTPRequestHandler_DoGET() {
	serveFiles(map[string]string{"a.txt": "hello\n"}, nil, "GET /a.txt\nIf-Modified-Since: Mon, 06 May 2024 07:08:09 GMT")
	// Output:
	// HTTP/1.1 304 Not Modified
	// Server: Strata
	// Last-Modified: Mon, 06 May 2024 07:08:09 GMT
	// ETag: "d12df56z80e8-6"
}

// A part of a file, which Python's server does not know.
func ExampleSimpleHTTPRequestHandler_ranges() {
	serveFiles(map[string]string{"a.txt": "hello\n"}, nil, "GET /a.txt\nRange: bytes=1-3")
	// Output:
	// HTTP/1.1 206 Partial Content
	// Server: Strata
	// Content-Type: text/plain; charset=utf-8
	// Content-Length: 3
	// Content-Range: bytes 1-3/6
	// Last-Modified: Mon, 06 May 2024 07:08:09 GMT
	// ETag: "d12df56z80e8-6"
	// Accept-Ranges: bytes
	//
	// ell
}

// A listing, whose names are escaped both as text and as references.
func ExampleSimpleHTTPRequestHandler_ListDirectory() {
	serveFiles(map[string]string{"a b": "", "<i>": "", "dir/c": "", "javascript:d": ""}, nil, "GET /")
	// Output:
	// HTTP/1.1 200 OK
	// Server: Strata
	// Content-Type: text/html; charset=utf-8
	// Content-Length: 345
	//
	// <!DOCTYPE HTML>
	// <html lang="en">
	// <head>
	// <meta charset="utf-8">
	// <title>Directory listing for /</title>
	// </head>
	// <body>
	// <h1>Directory listing for /</h1>
	// <hr>
	// <ul>
	// <li><a href="%3Ci%3E">&lt;i&gt;</a></li>
	// <li><a href="a%20b">a b</a></li>
	// <li><a href="dir/">dir/</a></li>
	// <li><a href="javascript%3Ad">javascript:d</a></li>
	// </ul>
	// <hr>
	// </body>
	// </html>
}

// A directory has a slash at its end, and the redirect to it keeps the query.
func ExampleSimpleHTTPRequestHandler_SendHead() {
	serveFiles(map[string]string{"dir/c": ""}, nil, "GET /dir?a=b")
	// Output:
	// HTTP/1.1 301 Moved Permanently
	// Server: Strata
	// Location: /dir/?a=b
	// Content-Length: 0
}

func ExampleSimpleHTTPRequestHandler_indexPages() {
	serveFiles(map[string]string{"start.html": "<p>start\n"}, func(s *httpserver.SimpleHTTPRequestHandler) any {
		s.IndexPages = []string{"start.html"}
		return s
	}, "GET /")
	// Output:
	// HTTP/1.1 200 OK
	// Server: Strata
	// Content-Type: text/html; charset=utf-8
	// Content-Length: 9
	// Last-Modified: Mon, 06 May 2024 07:08:09 GMT
	// ETag: "d12df56z80e8-9"
	// Accept-Ranges: bytes
	//
	// <p>start
}

func ExampleSimpleHTTPRequestHandler_GuessType() {
	s := &httpserver.SimpleHTTPRequestHandler{ExtensionsMap: map[string]string{".spam": "text/x-spam", "": "text/plain"}}
	for _, name := range []string{"a.html", "b.SPAM", "c.tar.gz", "d", "e.nobodyknows"} {
		fmt.Println(name, s.GuessType(name))
	}
	// Output:
	// a.html text/html; charset=utf-8
	// b.SPAM text/x-spam
	// c.tar.gz application/gzip
	// d text/plain
	// e.nobodyknows application/octet-stream
}

// No encoding of "..", of a slash or of a backslash leads anywhere.
func ExampleTranslatePath() {
	for _, path := range []string{"/", "/a%20b/c?d", "/../a", "/%2e%2e/a", "/..%2fa", "//host", "/%2561"} {
		name, err := httpserver.TranslatePath(path)
		fmt.Printf("%q %v\n", name, err)
	}
	// Output:
	// "." <nil>
	// "a b/c" <nil>
	// "" httpserver: path "/../a": a segment is . or ..
	// "" httpserver: path "/%2e%2e/a": a segment is . or ..
	// "" httpserver: path "/..%2fa": a segment has an encoded slash
	// "" httpserver: path "//host": a segment is empty
	// "%61" <nil>
}

// Uploads is a subclass, as it were: it has the methods of the type that it embeds, and one more.
type Uploads struct {
	*httpserver.SimpleHTTPRequestHandler
}

func (u Uploads) DoPOST(h *httpserver.BaseHTTPRequestHandler) { h.SendResponse(202) }

func ExampleSimpleHTTPRequestHandler_embedding() {
	set := func(s *httpserver.SimpleHTTPRequestHandler) any { return Uploads{s} }
	serveFiles(nil, set, "POST /")
	// Output:
	// HTTP/1.1 202 Accepted
	// Server: Strata
	// Content-Length: 0
}

// Python answers other methods by 501; what HTTP defines is rather 405, with the methods that there are.
func ExampleSimpleHTTPRequestHandler_DoOther() {
	dir, remove := manualFiles(nil)
	defer remove()
	files, err := httpserver.NewSimpleHTTPRequestHandler(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer files.Root.Close()
	manualAsk(&httpserver.Server{Handler: httpserver.Dispatch{Do: files, Log: io.Discard,
		ErrorMessageFormat: httpserver.ErrorFormatFunc(func(io.Writer, httpserver.ErrorMessage) error { return nil })}},
		"DELETE / HTTP/1.1\r\nHost: a\r\n\r\n")
	// Output:
	// HTTP/1.1 405 Method Not Allowed
	// Server: Strata
	// Allow: GET, HEAD
	// Content-Type: text/html;charset=utf-8
	// Content-Length: 0
	// Connection: close
}
