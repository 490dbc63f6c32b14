package closure_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport/memory"
)

// bounded returns a context that ends long after the test should have.
func bounded(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// TestClientClosureAlert: a client sends a closure alert before it closes (RFC 9112 section 9.8).
func TestClientClosureAlert(t *testing.T) {
	cert, roots, _ := testcert.New(t, "example.org")
	var network memory.Network
	listener, err := network.Listen("example.org:443")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	ended := make(chan error, 1)
	go func() {
		raw, err := listener.Accept()
		if err != nil {
			ended <- err
			return
		}
		server := tls.Server(raw, &tls.Config{Certificates: []tls.Certificate{cert}})
		defer server.Close()
		r := bufio.NewReader(server)
		if _, err = http.ReadRequest(r); err == nil {
			if _, err = io.WriteString(server, "HTTP/1.1 204 No Content\r\n\r\n"); err == nil {
				_, err = r.ReadByte()
			}
		}
		ended <- err
	}()
	c, err := httpclient.NewTLS("example.org", httpclient.WithDialer(&network), httpclient.WithTLSConfig(&tls.Config{RootCAs: roots}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(bounded(t), "GET", "/", nil, body.None()); err != nil {
		t.Fatal(err)
	}
	c.Close()
	// Without the alert crypto/tls says io.ErrUnexpectedEOF.
	if err := <-ended; err != io.EOF {
		t.Errorf("the server's end: %v; want an orderly one", err)
	}
}

// TestServerClosureAlert: and so does a server (RFC 9112 section 9.8).
func TestServerClosureAlert(t *testing.T) {
	cert, roots, _ := testcert.New(t, "example.org")
	client, server := memory.Pipe()
	s := httpserver.Server{Handler: httpserver.HandlerFunc(func(w httpserver.ResponseWriter, _ httpserver.Request) {
		w.WriteString("hello")
	})}
	done := make(chan error, 1)
	go func() {
		done <- s.ServeConn(context.Background(), tls.Server(server, &tls.Config{Certificates: []tls.Certificate{cert}}))
	}()
	c := tls.Client(client, &tls.Config{RootCAs: roots, ServerName: "example.org"})
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	// Without the alert crypto/tls says io.ErrUnexpectedEOF.
	if got, err := io.ReadAll(c); err != nil || len(got) == 0 {
		t.Errorf("read %q, %v; want an orderly end", got, err)
	}
	c.Close()
	<-done
}
