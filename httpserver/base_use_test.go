package httpserver_test

import (
	"errors"
	"io"
	"testing"

	"github.com/strata-http/strata/httpserver"
)

// What a handler keeps of a request is of no use when it has returned: nothing reaches the response to another one.
func TestBaseStale(t *testing.T) {
	var kept *httpserver.BaseHTTPRequestHandler
	s, _ := do(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		if kept == nil {
			kept = h
			return
		}
		for name, err := range map[string]error{
			"SendResponse":     kept.SendResponse(500),
			"SendResponseOnly": kept.SendResponseOnly(103),
			"SendHeader":       kept.SendHeader("Stale", "yes"),
			"EndHeaders":       kept.EndHeaders(),
			"FlushHeaders":     kept.FlushHeaders(),
			"SendError":        kept.SendError(500),
		} {
			if !errors.Is(err, httpserver.ErrHandlerReturned) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := kept.Wfile.WriteString("stale"); !errors.Is(err, httpserver.ErrHandlerReturned) {
			t.Errorf("Wfile: %v", err)
		}
		if _, err := kept.Rfile.Read(make([]byte, 1)); !errors.Is(err, httpserver.ErrHandlerReturned) {
			t.Errorf("Rfile: %v", err)
		}
	}))
	w := serve(t, s)
	for range 2 {
		w.send(crlf("GET / HTTP/1.1\nHost: a\n\n"))
		w.expect(crlf("HTTP/1.1 200 OK\nContent-Length: 0\n\n"))
	}
}

// upgrader takes connections over.
type upgrader struct{ t *testing.T }

func (u upgrader) DoGET(h *httpserver.BaseHTTPRequestHandler) {
	h.SendResponseOnly(101)
	h.SendHeader("Connection", "Upgrade")
	h.SendHeader("Upgrade", "echo")
	u.echo(h)
}

func (u upgrader) DoCONNECT(h *httpserver.BaseHTTPRequestHandler) {
	h.SendResponseOnly(200, "Connected")
	u.echo(h)
}

func (u upgrader) echo(h *httpserver.BaseHTTPRequestHandler) {
	h.EndHeaders()
	nc, err := h.Response.Hijack()
	if err != nil {
		u.t.Error(err)
		return
	}
	io.Copy(nc, nc)
	nc.Close()
}

// A method may end HTTP on the connection; what came behind the request is the first that it reads.
func TestBaseHijack(t *testing.T) {
	for _, c := range []struct{ request, want string }{
		{"GET / HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: echo\n\n", "HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade: echo\n\n"},
		{"CONNECT a:80 HTTP/1.1\nHost: a:80\n\n", "HTTP/1.1 200 Connected\n\n"},
	} {
		s, _ := do(upgrader{t})
		w := serve(t, s)
		w.send(crlf(c.request) + "hello")
		w.expect(crlf(c.want) + "hello")
		w.send("more")
		w.expect("more")
		if rest := w.rest(); rest != "" {
			t.Errorf("behind the end: %q", rest)
		}
	}
}
