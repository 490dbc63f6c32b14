package fault

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"time"

	"github.com/strata-http/strata/transport/memory"
)

// newImpostor returns the client's end of a connection to a TLS server that shows a certificate with the defect k. The
// server takes part in the handshake and says nothing after it; it ends with the connection.
func newImpostor(address string, k kind) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	cert, err := badCertificate(host, k, time.Now())
	if err != nil {
		return nil, fmt.Errorf("fault: cannot make an impostor for %q: %w", address, err)
	}
	// Both ends may write at once: a server sends on while its client refuses what came first.
	client, server := memory.Pipe()
	go func() {
		defer server.Close()
		session := tls.Server(server, &tls.Config{Certificates: []tls.Certificate{cert}})
		if session.Handshake() == nil {
			io.Copy(io.Discard, session) // a client that verifies nothing gets here
		}
	}()
	return client, nil
}

// badCertificate makes a certificate that is signed by itself alone, and that has the defect k besides.
func badCertificate(host string, k kind, now time.Time) (tls.Certificate, error) {
	t := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "impostor"},
		NotBefore:    now.Add(-24 * time.Hour),
		NotAfter:     now.Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	switch k {
	case wrongHost:
		host = "wrong.invalid"
	case expired:
		t.NotAfter = now.Add(-time.Hour)
	}
	// A zone means something on this machine only, and stands in no certificate (RFC 6874 section 1).
	if ip := net.ParseIP(withoutZone(host)); ip != nil {
		t.IPAddresses = []net.IP{ip}
	} else {
		t.DNSNames = []string{host}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	der, err := x509.CreateCertificate(rand.Reader, t, t, &key.PublicKey, key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

func withoutZone(host string) string {
	host, _, _ = strings.Cut(host, "%")
	return host
}
