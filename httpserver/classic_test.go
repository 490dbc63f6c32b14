package httpserver_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/internal/testcert"
)

func hello(h *httpserver.BaseHTTPRequestHandler) {
	h.SendResponse(200)
	h.EndHeaders()
	h.Wfile.WriteString("hello")
}

// fetch gets a URL by the client of the standard library.
func fetch(t *testing.T, url string, roots *x509.CertPool) string {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{RootCAs: roots}}
	r, err := (&http.Client{Transport: transport}).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func quiet(f func(h *httpserver.BaseHTTPRequestHandler)) httpserver.Handler {
	return httpserver.Dispatch{Do: getFunc(f), Log: io.Discard}
}

func TestHTTPServer(t *testing.T) {
	s, err := httpserver.NewHTTPServer("127.0.0.1:0", quiet(hello))
	if err != nil {
		t.Fatal(err)
	}
	if s.ServerPort == 0 || s.ServerName != "127.0.0.1" || s.ServerAddress.String() != net.JoinHostPort(s.ServerName, strconv.Itoa(s.ServerPort)) {
		t.Errorf("%v %q %d", s.ServerAddress, s.ServerName, s.ServerPort)
	}
	if _, err := httpserver.NewHTTPServer(s.ServerAddress.String(), nil); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a taken port: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- s.ServeForever() }()
	if got := fetch(t, "http://"+s.ServerAddress.String(), nil); got != "hello" {
		t.Errorf("%q", got)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Errorf("serving ended with %v", err)
	}
	if err := s.ServerClose(); err != nil {
		t.Errorf("closing: %v", err)
	}
}

// ServeForever returns when what was under way at the shutdown is done, and not before.
func TestServeForeverWaits(t *testing.T) {
	began, end := make(chan struct{}), make(chan struct{})
	s, err := httpserver.NewHTTPServer("127.0.0.1:0", quiet(func(h *httpserver.BaseHTTPRequestHandler) {
		close(began)
		<-end
		hello(h)
	}))
	if err != nil {
		t.Fatal(err)
	}
	served, got, down := make(chan error, 1), make(chan string, 1), make(chan error, 1)
	go func() { served <- s.ServeForever() }()
	go func() { got <- fetch(t, "http://"+s.ServerAddress.String(), nil) }()
	<-began
	go func() { down <- s.Shutdown(context.Background()) }()
	for {
		nc, err := net.Dial("tcp", s.ServerAddress.String())
		if err != nil {
			break // it listens no longer
		}
		nc.Close()
	}
	select {
	case err := <-served:
		t.Errorf("it returned %v while a handler was at work", err)
	default:
	}
	close(end)
	if err := <-served; err != nil {
		t.Error(err)
	}
	if content := <-got; content != "hello" {
		t.Errorf("%q", content)
	}
	if err := <-down; err != nil {
		t.Error(err)
	}
}

func TestHandleRequest(t *testing.T) {
	s, err := httpserver.NewHTTPServer("127.0.0.1:0", quiet(hello))
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.HandleRequest() }()
	if got := fetch(t, "http://"+s.ServerAddress.String(), nil); got != "hello" {
		t.Errorf("%q", got)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := s.ServerClose(); err != nil {
		t.Error(err)
	}
	if err := s.HandleRequest(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("after closing: %v", err)
	}
}

func TestHTTPSServer(t *testing.T) {
	pair, roots, _ := testcert.New(t)
	cert, key := testcert.PEM(t, pair)
	dir := t.TempDir()
	both := filepath.Join(dir, "both.pem")
	if err := os.WriteFile(both, append(cert, key...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := httpserver.NewHTTPSServer("127.0.0.1:0", nil, filepath.Join(dir, "none"), ""); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no certificate: %v", err)
	}
	s, err := httpserver.NewHTTPSServer("127.0.0.1:0", quiet(hello), both, "")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.ServeForever() }()
	if got := fetch(t, "https://localhost:"+strconv.Itoa(s.ServerPort), roots); got != "hello" {
		t.Errorf("%q", got)
	}
	if err := s.ServerClose(); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Errorf("serving ended with %v", err)
	}
}
