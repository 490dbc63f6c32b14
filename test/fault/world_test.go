package fault_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

const alphabet = "abcdefghijklmnopqrstuvwxyz"

// world is a server of package net/http on a network in memory, and what a client needs to reach it.
type world struct {
	network memory.Network
	roots   *x509.CertPool
}

// curve is fast, and its key shares always have the same length: every run has the offsets of the first.
var curve = []tls.CurveID{tls.CurveP256}

// newWorld starts the server, with TLS when secure is set.
func newWorld(t *testing.T, secure bool) *world {
	t.Helper()
	w := new(world)
	l, err := w.network.Listen(":443")
	if err == nil && !secure {
		l.Close()
		l, err = w.network.Listen(":80")
	}
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(handle))
	server.Listener.Close()
	server.Listener = l
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	if secure {
		cert := certificate(t)
		leaf, err := x509.ParseCertificate(cert.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		w.roots = x509.NewCertPool()
		w.roots.AddCert(leaf)
		server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}, CurvePreferences: curve}
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	return w
}

// handle answers GET with the alphabet, and sends other content back, chunked when it came so.
func handle(w http.ResponseWriter, r *http.Request) {
	content := []byte(alphabet)
	if r.Method != "GET" {
		var err error
		if content, err = io.ReadAll(r.Body); err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "text/plain")
	if r.ContentLength >= 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		w.Write(content)
		return
	}
	half := len(content) / 2
	w.Write(content[:half])
	w.(http.Flusher).Flush()
	w.Write(content[half:])
}

// certificate makes a certificate for example.org whose length, and that of whose signatures, never changes.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "test"},
		DNSNames:     []string{"example.org"},
		NotBefore:    time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(nil, template, template, public, private)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: private}
}

// A witness notes what a client receives on the connection that it dialled last.
type witness struct {
	transport.Dialer
	mu     sync.Mutex
	octets bytes.Buffer
}

func (w *witness) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := w.Dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.octets.Reset()
	w.mu.Unlock()
	return &seen{c, w}, nil
}

// received returns what was noted.
func (w *witness) received() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return bytes.Clone(w.octets.Bytes())
}

type seen struct {
	net.Conn
	w *witness
}

func (s *seen) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	s.w.mu.Lock()
	s.w.octets.Write(p[:n])
	s.w.mu.Unlock()
	return n, err
}

func (s *seen) Ready() (bool, error) { return transport.Peek(s.Conn) }
