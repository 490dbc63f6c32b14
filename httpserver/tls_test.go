package httpserver_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport/memory"
)

// A client that speaks HTTP to a server of HTTPS is told.
func TestPlainToTLS(t *testing.T) {
	cert, _, _ := testcert.New(t, "a.test")
	for _, c := range []struct{ send, want string }{
		{get, "HTTP/1.1 400 Bad Request\r\n"}, {"PROPFIND / HTTP/1.1\r\n", ""}, {"hello world", ""},
	} {
		client, server := memory.Pipe()
		done := make(chan error, 1)
		s := handle(func(httpserver.ResponseWriter, httpserver.Request) { t.Error("handled") })
		s.OnError = func(net.Addr, error) {}
		go func() {
			done <- s.ServeConn(context.Background(), tls.Server(server, &tls.Config{Certificates: []tls.Certificate{cert}}))
		}()
		io.WriteString(client, c.send)
		got, err := io.ReadAll(client)
		if c.want == "" {
			if strings.HasPrefix(string(got), "HTTP") {
				t.Errorf("%q is answered with %q", c.send, got)
			}
		} else if resp, bad := http.ReadResponse(bufio.NewReader(bytes.NewReader(got)), nil); bad != nil || err != nil || resp.StatusCode != 400 {
			t.Errorf("got %q, %v", got, err)
		} else if text, err := io.ReadAll(resp.Body); err != nil || int64(len(text)) != resp.ContentLength || !resp.Close {
			t.Errorf("%q, %v, %d", text, err, resp.ContentLength)
		}
		if <-done == nil {
			t.Error("no error")
		}
		client.Close()
	}
}

// A request that has arrived over TLS when Shutdown is called is answered, whether the server has read it or not.
func TestShutdownOverTLS(t *testing.T) {
	cert, roots, _ := testcert.New(t, "a.test")
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
			if state := r.TLS(); state == nil || state != r.TLS() || !state.HandshakeComplete {
				t.Errorf("TLS: %v", state)
			}
		})
		s.NoDate = true
		s.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}}
		served := make(chan error, 1)
		go func() { served <- s.ServeTLS(l, "", "") }()
		conns := make([]*tls.Conn, 10)
		exchange := func(c *tls.Conn, want string) {
			got := make([]byte, len(want))
			if n, err := io.ReadFull(c, got); string(got) != want {
				t.Errorf("got %q, %v", got[:n], err)
			}
		}
		for i := range conns {
			conns[i], err = tls.Dial("tcp", l.Addr().String(), &tls.Config{RootCAs: roots, ServerName: "a.test"})
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(conns[i], get)
			exchange(conns[i], none)
		}
		for _, c := range conns[:8] {
			if _, err := io.WriteString(c, get); err != nil {
				t.Error(err)
			}
		}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		for i, c := range conns {
			if i < 8 {
				exchange(c, none[:len("HTTP/1.1 200 OK\r\n")])
			}
			if _, err := io.ReadAll(c); err != nil {
				t.Errorf("%d: no close_notify: %v", i, err)
			}
			c.Close()
		}
		if err := <-served; err != httpserver.ErrServerClosed {
			t.Error(err)
		}
	}
}
