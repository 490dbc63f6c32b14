package httpserver_test

import (
	"io"
	"testing"

	"github.com/strata-http/strata/httpserver"
)

// An exchange on a connection that is kept allocates nothing.
func TestAlloc(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		if r.Method() == "POST" {
			r.WriteTo(io.Discard)
		}
		w.Fields().Add("Content-Type", "text/plain")
		w.WriteString("Hello, World!")
	})
	for _, c := range []struct{ name, request, answer string }{
		{"GET", get, "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 13\n\nHello, World!"},
		{"POST", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
			"HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 13\n\nHello, World!"},
		{"chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nA: b\r\n\r\n",
			"HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 13\n\nHello, World!"},
		{"HEAD", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 13\n\n"},
	} {
		w := serve(t, s)
		request, answer := []byte(c.request), make([]byte, len(crlf(c.answer)))
		got := testing.AllocsPerRun(100, func() {
			w.client.Write(request)
			io.ReadFull(w.client, answer)
		})
		if got != 0 || string(answer) != crlf(c.answer) {
			t.Errorf("%s: %v allocations; answer %q", c.name, got, answer)
		}
	}
}

var _ httpserver.Handler = httpserver.HandlerFunc(nil)
