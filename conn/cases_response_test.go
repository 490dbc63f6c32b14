package conn_test

import (
	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

// closed and tunnel are the modes that only responses have.
const (
	closed = body.CloseDelimited
	tunnel = body.Tunnel
)

// framedCases are responses by how their content is delimited.
func framedCases() []messageCase {
	return []messageCase{
		{
			name:     "Content-Length",
			asked:    get,
			messages: []message{{Status: 200, Reason: "OK", Fields: "Content-Length: 5", Mode: length, Chunks: one("a\r\nb\n")}},
			wire:     crlf("HTTP/1.1 200 OK\nContent-Length: 5\n\na\nb") + "\n",
		}, {
			name:     "no content, many fields",
			asked:    get,
			messages: []message{{Status: 404, Reason: "Not Found", Fields: "Set-Cookie: a=b\nSet-Cookie: c\nx: y\nContent-Length: 0", Mode: length}},
			wire:     crlf("HTTP/1.1 404 Not Found\nSet-Cookie: a=b\nSet-Cookie: c\nx: y\nContent-Length: 0\n\n"),
		}, {
			name:  "chunks with extensions and trailers",
			asked: get,
			messages: []message{{Status: 200, Reason: "OK", Fields: "Transfer-Encoding: chunked", Mode: chunked,
				Chunks: []chunk{{";x=1", "HTTP/1.1 200 OK\r\n\r\n"}, {"", "b"}}, Trailers: "X-Sum: 1\nX-Sum: 2"}},
			wire: crlf("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n13;x=1\nHTTP/1.1 200 OK\n\n\n1\nb\n0\nX-Sum: 1\nX-Sum: 2\n\n"),
		}, {
			name:     "until the connection closes",
			asked:    get,
			messages: []message{{Status: 200, Reason: "OK", Mode: closed, Fields: "X: 1", Chunks: one("to the\r\n\r\nend")}},
			wire:     crlf("HTTP/1.1 200 OK\nX: 1\n\nto the\n\nend"),
			ends:     byClosing,
		}, {
			name:     "another transfer coding until the connection closes",
			asked:    get,
			messages: []message{{Status: 200, Reason: "OK", Mode: closed, Fields: "Transfer-Encoding: gzip", Chunks: one("\x1f\x8b")}},
			wire:     crlf("HTTP/1.1 200 OK\nTransfer-Encoding: gzip\n\n\x1f\x8b"),
			reader:   conn.Config{Codings: true},
			ends:     byClosing,
		}, {
			name:     "HEAD with the Content-Length of GET",
			asked:    head,
			messages: []message{{Status: 200, Reason: "OK", Fields: "Content-Length: 1234"}},
			wire:     crlf("HTTP/1.1 200 OK\nContent-Length: 1234\n\n"),
		}, {
			name:     "HEAD with the Transfer-Encoding of GET",
			asked:    head,
			messages: []message{{Status: 200, Reason: "OK", Fields: "Transfer-Encoding: chunked"}},
			wire:     crlf("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n"),
		}, {
			name:     "HEAD without framing persists",
			asked:    head,
			messages: []message{{Status: 200, Reason: "OK"}},
			wire:     crlf("HTTP/1.1 200 OK\n\n"),
		}, {
			name:     "204",
			asked:    get,
			messages: []message{{Status: 204, Reason: "No Content"}},
			wire:     crlf("HTTP/1.1 204 No Content\n\n"),
		}, {
			name:     "204 that has a Content-Length all the same",
			asked:    get,
			messages: []message{{Status: 204, Reason: "No Content", Fields: "Content-Length: 5"}},
			wire:     crlf("HTTP/1.1 204 No Content\nContent-Length: 5\n\n"),
			readOnly: true,
		}, {
			name:     "304 with the Content-Length of 200",
			asked:    get,
			messages: []message{{Status: 304, Reason: "Not Modified", Fields: "Content-Length: 1234"}},
			wire:     crlf("HTTP/1.1 304 Not Modified\nContent-Length: 1234\n\n"),
		}, {
			name:  "Transfer-Encoding with Content-Length is delivered, and the connection not used again",
			asked: get,
			messages: []message{{Status: 200, Reason: "OK", Fields: "Content-Length: 3\nTransfer-Encoding: chunked", Mode: chunked,
				Chunks: one("hello")}},
			wire:     crlf("HTTP/1.1 200 OK\nContent-Length: 3\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n"),
			readOnly: true,
			ends:     closing,
		}, {
			name:     "chunked, then another coding: until the connection closes",
			asked:    get,
			messages: []message{{Status: 200, Reason: "OK", Fields: "Transfer-Encoding: chunked, gzip", Mode: closed, Chunks: one("x")}},
			wire:     crlf("HTTP/1.1 200 OK\nTransfer-Encoding: chunked, gzip\n\nx"),
			reader:   conn.Config{Codings: true},
			readOnly: true,
			ends:     byClosing,
		},
	}
}

// statusCases are responses by their status-line, and interim ones.
func statusCases() []messageCase {
	continued := message{Status: 100, Reason: "Continue"}
	final := message{Status: 200, Reason: "OK", Fields: "Content-Length: 2", Mode: length, Chunks: one("ok")}
	return []messageCase{
		{
			name:  "interim responses before the final one",
			asked: get,
			messages: []message{
				continued, {Status: 102, Reason: "Processing"},
				{Status: 103, Reason: "Early Hints", Fields: "Link: </s.css>; rel=preload\nLink: </t.css>"},
				{Status: 199, Reason: ""}, final,
			},
			wire: crlf("HTTP/1.1 100 Continue\n\nHTTP/1.1 102 Processing\n\n" +
				"HTTP/1.1 103 Early Hints\nLink: </s.css>; rel=preload\nLink: </t.css>\n\n" +
				"HTTP/1.1 199 \n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
		}, {
			name:     "an interim response has no content, whatever it says",
			asked:    get,
			messages: []message{{Status: 103, Reason: "", Fields: "Content-Length: 2\nTransfer-Encoding: chunked"}, final},
			wire:     crlf("HTTP/1.1 103 \nContent-Length: 2\nTransfer-Encoding: chunked\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
			readOnly: true,
		}, {
			name:     "empty reason phrase, unknown 2xx",
			asked:    get,
			messages: []message{{Status: 299, Fields: "Content-Length: 0", Mode: length}},
			wire:     crlf("HTTP/1.1 299 \nContent-Length: 0\n\n"),
		}, {
			name:     "600, any reason phrase",
			asked:    get,
			messages: []message{{Status: 600, Reason: " \tso \xc3\xa9 ", Fields: "Content-Length: 0", Mode: length}},
			wire:     crlf("HTTP/1.1 600  \tso \xc3\xa9 \nContent-Length: 0\n\n"),
		}, {
			name:     "099 is no interim response",
			asked:    get,
			messages: []message{{Status: 99, Reason: "x", Fields: "Content-Length: 2", Mode: length, Chunks: one("ok")}},
			wire:     crlf("HTTP/1.1 099 x\nContent-Length: 2\n\nok"),
			readOnly: true,
		}, {
			name:     "no SP behind the status code, by name",
			asked:    get,
			messages: []message{{Status: 200, Fields: "Content-Length: 0", Mode: length, Admitted: wire.AllowMissingReason}},
			wire:     crlf("HTTP/1.1 200\nContent-Length: 0\n\n"),
			reader:   conn.Config{Lenient: wire.AllowMissingReason},
			readOnly: true,
		}, {
			name:     "HTTP/0.9, by name",
			asked:    get,
			messages: []message{{Status: 200, Version: 9, Mode: closed, Chunks: one("HTML\r\n\r\nHTTP/1.1 200 OK\r\n"), Admitted: wire.AllowHTTP09}},
			wire:     crlf("HTML\n\nHTTP/1.1 200 OK\n"),
			reader:   conn.Config{Lenient: wire.AllowHTTP09},
			readOnly: true,
			ends:     byClosing,
		}, {
			name:  "a folded field line is one SP",
			asked: get,
			messages: []message{{Status: 200, Reason: "OK", Fields: "X: a b\nContent-Length: 2", Mode: length, Chunks: one("ok"),
				Admitted: wire.AllowObsFold}},
			wire:     crlf("HTTP/1.1 200 OK\nX: a\n \t \n b \nContent-Length:\n 2\n\nok"),
			readOnly: true,
		},
	}
}

// persistenceCases are responses by what they leave of the connection.
func persistenceCases() []messageCase {
	http10 := conn.Config{Version: wire.HTTP10}
	content := one("ok")
	return []messageCase{
		{
			name:     "Connection: close in a list",
			asked:    get,
			messages: []message{{Status: 200, Reason: "OK", Fields: "Connection: keep-alive, close\nContent-Length: 2", Mode: length, Chunks: content}},
			wire:     crlf("HTTP/1.1 200 OK\nConnection: keep-alive, close\nContent-Length: 2\n\nok"),
			ends:     closing,
		}, {
			name:     "Connection: close in a second line, without content",
			asked:    get,
			messages: []message{{Status: 204, Reason: "No Content", Fields: "Connection: x\nConnection: Close"}},
			wire:     crlf("HTTP/1.1 204 No Content\nConnection: x\nConnection: Close\n\n"),
			ends:     closing,
		}, {
			name:     "to a client that closes",
			asked:    []ask{{method: "GET", fields: "Connection: close"}},
			messages: []message{{Status: 200, Reason: "OK", Fields: "Content-Length: 2", Mode: length, Chunks: content}},
			wire:     crlf("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
			ends:     closing,
		}, {
			name:     "HTTP/1.0",
			asked:    get,
			messages: []message{{Status: 200, Reason: "OK", Version: wire.HTTP10, Fields: "Content-Length: 2", Mode: length, Chunks: content}},
			wire:     crlf("HTTP/1.0 200 OK\nContent-Length: 2\n\nok"),
			writer:   http10,
			ends:     closing,
		}, {
			name:  "HTTP/1.0 with keep-alive",
			asked: get,
			messages: []message{{Status: 200, Reason: "OK", Version: wire.HTTP10,
				Fields: "Connection: keep-alive\nContent-Length: 2", Mode: length, Chunks: content}},
			wire:   crlf("HTTP/1.0 200 OK\nConnection: keep-alive\nContent-Length: 2\n\nok"),
			writer: http10,
		}, {
			name:     "to HTTP/1.0",
			asked:    []ask{{method: "GET", v: wire.HTTP10}},
			messages: []message{{Status: 200, Reason: "OK", Fields: "Content-Length: 2", Mode: length, Chunks: content}},
			wire:     crlf("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
			ends:     closing,
		}, {
			name:  "to HTTP/1.0 with keep-alive",
			asked: []ask{{method: "GET", v: wire.HTTP10, fields: "Connection: keep-alive"}},
			messages: []message{{Status: 200, Reason: "OK",
				Fields: "Connection: keep-alive\nContent-Length: 2", Mode: length, Chunks: content}},
			wire: crlf("HTTP/1.1 200 OK\nConnection: keep-alive\nContent-Length: 2\n\nok"),
		}, {
			name:     "Transfer-Encoding in HTTP/1.0 is delivered, and the connection not used again",
			asked:    get,
			messages: []message{{Status: 200, Reason: "OK", Version: wire.HTTP10, Fields: "Connection: keep-alive\nTransfer-Encoding: chunked", Mode: chunked, Chunks: content}},
			wire:     crlf("HTTP/1.0 200 OK\nConnection: keep-alive\nTransfer-Encoding: chunked\n\n2\nok\n0\n\n"),
			readOnly: true,
			ends:     closing,
		}, {
			name:     "a minor version above 1 is treated as 1",
			asked:    get,
			messages: []message{{Status: 200, Reason: "OK", Version: 12, Fields: "Content-Length: 2", Mode: length, Chunks: content}},
			wire:     crlf("HTTP/1.2 200 OK\nContent-Length: 2\n\nok"),
			readOnly: true,
		}, {
			name:  "pipelined, each framed by its own request",
			asked: []ask{{method: "GET"}, {method: "HEAD"}, {method: "GET"}},
			messages: []message{
				{Status: 200, Reason: "1", Fields: "Transfer-Encoding: chunked", Mode: chunked, Chunks: content},
				{Status: 100, Reason: ""},
				{Status: 200, Reason: "2", Fields: "Content-Length: 2"},
				{Status: 200, Reason: "3", Fields: "Content-Length: 2", Mode: length, Chunks: content},
			},
			wire: crlf("HTTP/1.1 200 1\nTransfer-Encoding: chunked\n\n2\nok\n0\n\nHTTP/1.1 100 \n\n" +
				"HTTP/1.1 200 2\nContent-Length: 2\n\nHTTP/1.1 200 3\nContent-Length: 2\n\nok"),
		},
	}
}

// switchCases are answers to requests that ask to leave HTTP.
func switchCases() []messageCase {
	return []messageCase{
		{
			name:     "101",
			asked:    upgrade,
			messages: []message{{Status: 101, Reason: "Switching Protocols", Fields: "Connection: upgrade\nUpgrade: echo", Mode: tunnel}},
			wire:     crlf("HTTP/1.1 101 Switching Protocols\nConnection: upgrade\nUpgrade: echo\n\n"),
			ends:     switched,
		}, {
			name:     "100 and 101",
			asked:    upgrade,
			messages: []message{{Status: 100}, {Status: 101, Mode: tunnel, Fields: "Upgrade: echo"}},
			wire:     crlf("HTTP/1.1 100 \n\nHTTP/1.1 101 \nUpgrade: echo\n\n"),
			ends:     switched,
		}, {
			name:     "101 has no content, whatever it says",
			asked:    upgrade,
			messages: []message{{Status: 101, Fields: "Content-Length: 3\nTransfer-Encoding: chunked", Mode: tunnel}},
			wire:     crlf("HTTP/1.1 101 \nContent-Length: 3\nTransfer-Encoding: chunked\n\n"),
			readOnly: true,
			ends:     switched,
		}, {
			name:     "upgrade refused",
			asked:    upgrade,
			messages: []message{{Status: 200, Reason: "OK", Fields: "Content-Length: 2", Mode: length, Chunks: one("ok")}},
			wire:     crlf("HTTP/1.1 200 OK\nContent-Length: 2\n\nok"),
		}, {
			name:     "2xx to CONNECT",
			asked:    connect,
			messages: []message{{Status: 200, Reason: "OK", Fields: "X: 1", Mode: tunnel}},
			wire:     crlf("HTTP/1.1 200 OK\nX: 1\n\n"),
			ends:     switched,
		}, {
			name:     "204 to CONNECT",
			asked:    connect,
			messages: []message{{Status: 204, Mode: tunnel}},
			wire:     crlf("HTTP/1.1 204 \n\n"),
			ends:     switched,
		}, {
			name:     "2xx to CONNECT: framing is ignored, even invalid one",
			asked:    connect,
			messages: []message{{Status: 201, Fields: "Content-Length: 5\nContent-Length: x\nTransfer-Encoding: chunked, ?", Mode: tunnel}},
			wire:     crlf("HTTP/1.1 201 \nContent-Length: 5\nContent-Length: x\nTransfer-Encoding: chunked, ?\n\n"),
			readOnly: true,
			ends:     switched,
		}, {
			name:     "CONNECT refused",
			asked:    connect,
			messages: []message{{Status: 403, Reason: "Forbidden", Fields: "Content-Length: 2", Mode: length, Chunks: one("no")}},
			wire:     crlf("HTTP/1.1 403 Forbidden\nContent-Length: 2\n\nno"),
		}, {
			name:     "CONNECT refused until the connection closes",
			asked:    connect,
			messages: []message{{Status: 502, Reason: "", Mode: closed, Chunks: one("no")}},
			wire:     crlf("HTTP/1.1 502 \n\nno"),
			ends:     byClosing,
		},
	}
}

func responseCases() []messageCase {
	var all []messageCase
	for _, cases := range [][]messageCase{framedCases(), statusCases(), persistenceCases(), switchCases()} {
		all = append(all, cases...)
	}
	return all
}
