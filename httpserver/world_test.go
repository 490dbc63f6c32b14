package httpserver_test

import (
	"context"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/transport/memory"
)

// crlf makes the lines of a test case those of HTTP.
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// world is a server on one end of a connection in memory, and the other end.
type world struct {
	t      *testing.T
	client *memory.Conn
	done   chan error // what ServeConn returned
	mu     sync.Mutex
	errs   []error
}

// serve serves one connection. The server sends no Date, so that what it sends can be compared.
func serve(t *testing.T, s *httpserver.Server) *world {
	t.Helper()
	client, server := memory.Pipe()
	w := &world{t: t, client: client, done: make(chan error, 1)}
	s.NoDate = true
	if s.OnError == nil {
		s.OnError = func(_ net.Addr, err error) {
			w.mu.Lock()
			w.errs = append(w.errs, err)
			w.mu.Unlock()
		}
	}
	go func() { w.done <- s.ServeConn(context.Background(), server) }()
	t.Cleanup(func() {
		client.Close()
		<-w.done
		w.done <- nil
	})
	return w
}

func (w *world) send(octets string) {
	w.t.Helper()
	if _, err := io.WriteString(w.client, octets); err != nil {
		w.t.Fatalf("sending %.60q: %v", octets, err)
	}
}

// expect reads as many octets as want has, and compares.
func (w *world) expect(want string) {
	w.t.Helper()
	got := make([]byte, len(want))
	w.client.SetReadDeadline(time.Now().Add(10 * time.Second))
	n, err := io.ReadFull(w.client, got)
	w.client.SetReadDeadline(time.Time{})
	if string(got[:n]) != want {
		w.t.Fatalf("got  %q (%v)\nwant %q", got[:n], err, want)
	}
}

// rest closes the sending direction and returns what the server sends until it closes.
func (w *world) rest() string {
	w.t.Helper()
	w.client.CloseWrite()
	got, err := io.ReadAll(w.client)
	if err != nil {
		w.t.Fatalf("reading the rest: %v; got %q", err, got)
	}
	return string(got)
}

// wait waits until the server is done with the connection.
func (w *world) wait() {
	<-w.done
	w.done <- nil
}

// quiet fails the test unless the server waits.
func (w *world) reported() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]error(nil), w.errs...)
}

func handle(f func(w httpserver.ResponseWriter, r httpserver.Request)) *httpserver.Server {
	return &httpserver.Server{Handler: httpserver.HandlerFunc(f)}
}
