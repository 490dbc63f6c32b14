package conn_test

import (
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// messageCase is a message, or all responses to the requests asked, and the octets that it is on the
// wire. It drives both directions: what is written from messages must be the octets, and what is read
// from the octets must be messages.
type messageCase struct {
	name     string
	asked    []ask // nil for a request
	messages []message
	wire     string
	readOnly bool        // no sender here writes it so
	reader   conn.Config // of whoever reads
	writer   conn.Config // of whoever writes
	ends     outcome
}

// outcome is how the connection stands behind the messages of a case. Behind a request this is when a
// response, which alone would let it persist, is complete too.
type outcome int

const (
	persisting outcome = iota
	closing            // nothing follows
	byClosing          // the end of the connection is the end of the message
	switched           // what follows is not HTTP
)

// ask is a request that a response answers.
type ask struct {
	method string
	fields string       // behind Host
	v      wire.Version // 0 is HTTP/1.1
}

var (
	get     = []ask{{method: "GET"}}
	head    = []ask{{method: "HEAD"}}
	connect = []ask{{method: "CONNECT"}}
	upgrade = []ask{{method: "GET", fields: "Connection: upgrade\nUpgrade: echo"}}
)

func (a ask) target() string {
	if a.method == "CONNECT" {
		return "h:443"
	}
	return "/"
}

func (a ask) headers() *headers.Fields {
	return parseFields(strings.TrimSuffix("Host: h\n"+a.fields, "\n"))
}

// crlf makes octets of a table's text: each line ends in CRLF.
func crlf(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") }

const (
	anyHost = "Host: h"
	none    = body.NoBody
	length  = body.LengthDelimited
	chunked = body.Chunked
	origin  = wire.OriginForm
)

// one returns undivided content.
func one(content string) []chunk { return []chunk{{Content: content}} }

func requestCases() []messageCase {
	codings := conn.Config{Codings: true}
	return []messageCase{
		{
			name:     "GET",
			messages: []message{{Method: "GET", Target: "/", Form: origin, Host: "h", Fields: anyHost}},
			wire:     crlf("GET / HTTP/1.1\nHost: h\n\n"),
		}, {
			name: "order, case and duplicates of fields",
			messages: []message{{Method: "GET", Target: "/a/b?c=d&e", Form: origin, Host: "example.org:8080",
				Fields: "x-ONE: 1\nHost: example.org:8080\nX-Two: a, b\nX-one: \"q\\\"\"\nX-Empty: \nX-Obs: caf\xc3\xa9 \xff"}},
			wire: crlf("GET /a/b?c=d&e HTTP/1.1\nx-ONE: 1\nHost: example.org:8080\nX-Two: a, b\nX-one: \"q\\\"\"\n" +
				"X-Empty: \nX-Obs: caf\xc3\xa9 \xff\n\n"),
		}, {
			name:     "HEAD",
			messages: []message{{Method: "HEAD", Target: "/x", Form: origin, Host: "h", Fields: anyHost}},
			wire:     crlf("HEAD /x HTTP/1.1\nHost: h\n\n"),
		}, {
			name:     "OPTIONS in asterisk-form",
			messages: []message{{Method: "OPTIONS", Target: "*", Form: wire.AsteriskForm, Host: "h", Fields: anyHost}},
			wire:     crlf("OPTIONS * HTTP/1.1\nHost: h\n\n"),
		}, {
			name:     "a method of its own, empty Host",
			messages: []message{{Method: "m-SEARCH!", Target: "/", Form: origin, Fields: "Host: "}},
			wire:     crlf("m-SEARCH! / HTTP/1.1\nHost: \n\n"),
		}, {
			name: "absolute-form routes by its authority",
			messages: []message{{Method: "GET", Target: "http://a.example:8080/x?y", Form: wire.AbsoluteForm,
				Host: "a.example:8080", Fields: "Host: other"}},
			wire: crlf("GET http://a.example:8080/x?y HTTP/1.1\nHost: other\n\n"),
		}, {
			name: "absolute-form with an IPv6 address and no path",
			messages: []message{{Method: "GET", Target: "http://[::1]:80", Form: wire.AbsoluteForm,
				Host: "[::1]:80", Fields: "Host: [::1]:80"}},
			wire: crlf("GET http://[::1]:80 HTTP/1.1\nHost: [::1]:80\n\n"),
		}, {
			name: "absolute-form without an authority ignores Host",
			messages: []message{{Method: "GET", Target: "urn:isbn:0", Form: wire.AbsoluteForm,
				Host: "", Fields: anyHost}},
			wire: crlf("GET urn:isbn:0 HTTP/1.1\nHost: h\n\n"),
		}, {
			name: "CONNECT",
			messages: []message{{Method: "CONNECT", Target: "h.example:443", Form: wire.AuthorityForm,
				Host: "h.example:443", Fields: "Host: h.example:443"}},
			wire: crlf("CONNECT h.example:443 HTTP/1.1\nHost: h.example:443\n\n"),
		}, {
			name: "POST with Content-Length",
			messages: []message{{Method: "POST", Target: "/", Form: origin, Host: "h", Mode: length,
				Fields: anyHost + "\nContent-Length: 12", Chunks: one("hello\r\n\r\n0\r\n")}},
			wire: crlf("POST / HTTP/1.1\nHost: h\nContent-Length: 12\n\nhello\n\n0\n"),
		}, {
			name: "POST of nothing",
			messages: []message{{Method: "POST", Target: "/", Form: origin, Host: "h", Mode: length,
				Fields: anyHost + "\nContent-Length: 0"}},
			wire: crlf("POST / HTTP/1.1\nHost: h\nContent-Length: 0\n\n"),
		}, {
			name: "PUT in chunks with extensions and trailers",
			messages: []message{{Method: "PUT", Target: "/x", Form: origin, Host: "h", Mode: chunked,
				Fields: anyHost + "\nTransfer-Encoding: chunked\nTrailer: X-Sum",
				Chunks: []chunk{{";a;b=c;d=\"e;\\\"f\"", "hello world, \r\nhello"}, {"", "!"}},
				// A trailer section keeps order and duplicates too.
				Trailers: "X-Sum: 1\nx-sum: 2\nX-Empty: "}},
			wire: crlf("PUT /x HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\nTrailer: X-Sum\n\n" +
				"14;a;b=c;d=\"e;\\\"f\"\nhello world, \nhello\n1\n!\n0\nX-Sum: 1\nx-sum: 2\nX-Empty: \n\n"),
		}, {
			name: "chunks of nothing",
			messages: []message{{Method: "POST", Target: "/", Form: origin, Host: "h", Mode: chunked,
				Fields: anyHost + "\nTransfer-Encoding: chunked"}},
			wire: crlf("POST / HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n0\n\n"),
		}, {
			name: "another transfer coding, left on the content",
			messages: []message{{Method: "POST", Target: "/", Form: origin, Host: "h", Mode: chunked,
				Fields: anyHost + "\nTransfer-Encoding: gzip;level=9, chunked", Chunks: one("\x1f\x8b")}},
			wire:   crlf("POST / HTTP/1.1\nHost: h\nTransfer-Encoding: gzip;level=9, chunked\n\n2\n\x1f\x8b\n0\n\n"),
			reader: codings,
		}, {
			name: "Connection: close in a list",
			messages: []message{{Method: "GET", Target: "/", Form: origin, Host: "h",
				Fields: anyHost + "\nConnection: keep-alive, x , CLOSE"}},
			wire: crlf("GET / HTTP/1.1\nHost: h\nConnection: keep-alive, x , CLOSE\n\n"),
			ends: closing,
		}, {
			name: "Expect",
			messages: []message{{Method: "PUT", Target: "/", Form: origin, Host: "h", Mode: length,
				Fields: anyHost + "\nExpect: 100-continue\nContent-Length: 2", Chunks: one("ok")}},
			wire: crlf("PUT / HTTP/1.1\nHost: h\nExpect: 100-continue\nContent-Length: 2\n\nok"),
		}, {
			name: "upgrade",
			messages: []message{{Method: "GET", Target: "/", Form: origin, Host: "h",
				Fields: anyHost + "\nConnection: Upgrade\nUpgrade: websocket"}},
			wire: crlf("GET / HTTP/1.1\nHost: h\nConnection: Upgrade\nUpgrade: websocket\n\n"),
		}, {
			name:     "HTTP/1.0",
			messages: []message{{Method: "GET", Target: "/", Form: origin, Version: wire.HTTP10, Fields: "X: 1"}},
			wire:     crlf("GET / HTTP/1.0\nX: 1\n\n"),
			writer:   conn.Config{Version: wire.HTTP10},
			ends:     closing,
		}, {
			name:     "HTTP/1.0 without a field",
			messages: []message{{Method: "GET", Target: "/", Form: origin, Version: wire.HTTP10}},
			wire:     crlf("GET / HTTP/1.0\n\n"),
			writer:   conn.Config{Version: wire.HTTP10},
			ends:     closing,
		}, {
			name: "HTTP/1.0 with keep-alive and content",
			messages: []message{{Method: "POST", Target: "/", Form: origin, Version: wire.HTTP10, Host: "h", Mode: length,
				Fields: "Host: h\nConnection: Keep-Alive\nContent-Length: 2", Chunks: one("ok")}},
			wire:   crlf("POST / HTTP/1.0\nHost: h\nConnection: Keep-Alive\nContent-Length: 2\n\nok"),
			writer: conn.Config{Version: wire.HTTP10},
		}, {
			name: "octets above 0x7F in the target, on both sides by name",
			messages: []message{{Method: "GET", Target: "/\xc3\xa9\xff", Form: origin, Host: "h", Fields: anyHost,
				Admitted: wire.AllowObsTarget}},
			wire:   crlf("GET /\xc3\xa9\xff HTTP/1.1\nHost: h\n\n"),
			writer: conn.Config{ObsTarget: true},
			reader: conn.Config{Lenient: wire.AllowObsTarget},
		}, {
			name:     "empty lines before the request-line",
			messages: []message{{Method: "GET", Target: "/", Form: origin, Host: "h", Fields: anyHost}},
			wire:     crlf("\n\nGET / HTTP/1.1\nHost: h\n\n"),
			readOnly: true,
		}, {
			name: "a minor version above 1 is treated as 1",
			messages: []message{{Method: "POST", Target: "/", Form: origin, Version: 17, Host: "h", Mode: chunked,
				Fields: "Host: h\nTransfer-Encoding: chunked", Chunks: one("ok")}},
			wire:     crlf("POST / HTTP/1.7\nHost: h\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n"),
			readOnly: true,
		}, {
			name: "OWS around values, none behind a colon",
			messages: []message{{Method: "GET", Target: "/", Form: origin, Host: "h",
				Fields: "Host: h\nX: a  b\nY: \nZ: z"}},
			wire:     crlf("GET / HTTP/1.1\nHost:h\nX: \t a  b\t \nY:\nZ:  z\n\n"),
			readOnly: true,
		}, {
			name: "equal values of Content-Length count as one",
			messages: []message{{Method: "POST", Target: "/", Form: origin, Host: "h", Mode: length,
				Fields: "Host: h\nContent-Length: 2, 2\ncontent-length: 2", Chunks: one("ok")}},
			wire:     crlf("POST / HTTP/1.1\nHost: h\nContent-Length: 2, 2\ncontent-length: 2\n\nok"),
			readOnly: true,
		}, {
			name: "chunk-sizes as others write them",
			messages: []message{{Method: "POST", Target: "/", Form: origin, Host: "h", Mode: chunked,
				Fields: "Host: h\nTransfer-Encoding: CHUNKED",
				Chunks: []chunk{{"", "hello worl"}, {"; a = b ;c", "d"}, {";last", ""}}}},
			wire: crlf("POST / HTTP/1.1\nHost: h\nTransfer-Encoding: CHUNKED\n\n" +
				"00A\nhello worl\n0001; a = b ;c\nd\n000;last\n\n"),
			readOnly: true,
		}, {
			name: "folded field line, by name",
			messages: []message{{Method: "GET", Target: "/", Form: origin, Host: "h",
				Fields: "Host: h\nX: a b c\nY: z", Admitted: wire.AllowObsFold}},
			wire:     crlf("GET / HTTP/1.1\nHost: h\nX: a \n\t b\n c\nY: z\n\n"),
			reader:   conn.Config{Lenient: wire.AllowObsFold},
			readOnly: true,
		}, {
			name:     "bare LF, by name",
			messages: []message{{Method: "GET", Target: "/", Form: origin, Host: "h", Fields: anyHost, Admitted: wire.AllowBareLF}},
			wire:     "\nGET / HTTP/1.1\nHost: h\n\n",
			reader:   conn.Config{Lenient: wire.AllowBareLF},
			readOnly: true,
		},
	}
}
