package httpclient

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"

	"github.com/strata-http/strata/transport"
)

// WithSourceAddress dials from that local address: the source_address of http.client. A port of 0 is any. It
// goes with the default dialer; a [WithDialer] behind it takes its place.
func WithSourceAddress(local *net.TCPAddr) Option {
	return WithDialer(transport.TCP{Dialer: net.Dialer{LocalAddr: local}})
}

// WithRootsFile verifies certificates against those in a PEM file alone, not against the system's. A file
// that cannot be read, or that has none, is an error of [NewTLS].
func WithRootsFile(path string) Option {
	return func(c *Conn) {
		pem, err := os.ReadFile(path)
		if err != nil {
			c.optionErr = err
			return
		}
		config := c.ownTLS()
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			c.optionErr = fmt.Errorf("httpclient: no certificate in %q", path)
		}
	}
}

// WithCertificateFiles presents a client certificate, with its chain, from a PEM file, and uses the private
// key from another: the cert_file and key_file of http.client. Files that do not fit are an error of [NewTLS].
func WithCertificateFiles(certFile, keyFile string) Option {
	return func(c *Conn) {
		pair, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			c.optionErr = err
			return
		}
		config := c.ownTLS()
		config.Certificates = append(slices.Clip(config.Certificates), pair) // Clone shares the slice
	}
}

// WithoutHostCheck verifies the chain of the server's certificate and not the host's name in it: what
// check_hostname=False of http.client did.
func WithoutHostCheck() Option {
	return func(c *Conn) {
		config := c.ownTLS()
		config.InsecureSkipVerify = true // the chain is verified below, on resumption as well
		callers := config.VerifyConnection
		config.VerifyConnection = func(s tls.ConnectionState) error {
			if err := verifyChain(config, s); err != nil || callers == nil {
				return err
			}
			return callers(s)
		}
	}
}

// verifyChain is what crypto/tls does, but for the host's name.
func verifyChain(config *tls.Config, s tls.ConnectionState) error {
	if len(s.PeerCertificates) == 0 {
		return errors.New("the server presented no certificate")
	}
	options := x509.VerifyOptions{Roots: config.RootCAs, Intermediates: x509.NewCertPool()}
	if config.Time != nil {
		options.CurrentTime = config.Time()
	}
	for _, cert := range s.PeerCertificates[1:] {
		options.Intermediates.AddCert(cert)
	}
	if _, err := s.PeerCertificates[0].Verify(options); err != nil {
		return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
	}
	return nil
}

// WithoutVerification verifies nothing about the server: whoever can come between, can read and change
// everything. It is for tests.
func WithoutVerification() Option {
	return func(c *Conn) {
		config := c.ownTLS()
		config.InsecureSkipVerify, config.VerifyConnection = true, nil
	}
}

// ownTLS returns the TLS configuration that options of this package change: never one that the caller gave,
// which is cloned first.
func (c *Conn) ownTLS() *tls.Config {
	if c.tls.Config == nil {
		c.tls.Config = &tls.Config{NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
		c.tlsOwned = true
	} else if !c.tlsOwned {
		c.tls.Config = c.tls.Config.Clone()
		c.tlsOwned = true
	}
	return c.tls.Config
}
