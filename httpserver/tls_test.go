package httpserver_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"testing"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/internal/testcert"
)

// A request that has arrived over TLS when Shutdown is called is answered, whether the server has read it or not.
func TestShutdownOverTLS(t *testing.T) {
	cert, roots, _ := testcert.New(t, "a.test")
	for range 5 {
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
		conns := make([]*tls.Conn, 20)
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
		for _, c := range conns[:15] {
			if _, err := io.WriteString(c, get); err != nil {
				t.Error(err)
			}
		}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		for i, c := range conns {
			if i < 15 {
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
