package testcert_test

import (
	"crypto/tls"
	"crypto/x509"
	"testing"
	"testing/synctest"

	"github.com/strata-http/strata/internal/testcert"
)

func TestNew(t *testing.T) {
	tests := []struct {
		name         string
		hosts        []string
		valid, wrong []string
	}{
		{"default", nil, []string{"example.org", "localhost", "127.0.0.1", "::1"}, []string{"example.com", "127.0.0.2"}},
		{"named", []string{"a.test", "192.0.2.1"}, []string{"a.test", "192.0.2.1"}, []string{"b.test", "localhost"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server, roots, _ := testcert.New(t, tt.hosts...)
			leaf, err := x509.ParseCertificate(server.Certificate[0])
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range tt.valid {
				if _, err := leaf.Verify(x509.VerifyOptions{DNSName: h, Roots: roots}); err != nil {
					t.Errorf("Verify(%q) = %v, want none", h, err)
				}
			}
			for _, h := range tt.wrong {
				if _, err := leaf.Verify(x509.VerifyOptions{DNSName: h, Roots: roots}); err == nil {
					t.Errorf("Verify(%q) succeeded", h)
				}
			}
		})
	}
}

// A certificate made outside a bubble holds inside one, where the clock shows another century.
func TestNewInBubble(t *testing.T) {
	server, roots, _ := testcert.New(t)
	leaf, err := x509.ParseCertificate(server.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		if _, err := leaf.Verify(x509.VerifyOptions{DNSName: "example.org", Roots: roots}); err != nil {
			t.Errorf("Verify = %v", err)
		}
	})
}

func TestPEM(t *testing.T) {
	server, _, caPEM := testcert.New(t)
	cert, key := testcert.PEM(t, server)
	if _, err := tls.X509KeyPair(cert, key); err != nil {
		t.Errorf("X509KeyPair = %v", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(caPEM) {
		t.Error("caPEM holds no certificate")
	}
}
