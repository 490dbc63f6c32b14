package httpclient_test

import (
	"crypto/tls"
	"errors"
	"net"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
)

// TestManualTLSOptions: options that change the TLS configuration never change the caller's own.
func TestManualTLSOptions(t *testing.T) {
	roots, removeRoots := manualFile(string(manualAuthority().pem))
	defer removeRoots()
	certificate, key := testcert.PEM(t, manualAuthority().server)
	certFile, removeCert := manualFile(string(certificate))
	defer removeCert()
	keyFile, removeKey := manualFile(string(key))
	defer removeKey()

	spare := make([]tls.Certificate, 4)
	config := &tls.Config{Certificates: spare[:1]}
	for name, option := range map[string]httpclient.Option{
		"WithTLSConfig": httpclient.WithTLSConfig(config), "WithTLS": httpclient.WithTLS(transport.TLS{Config: config}),
	} {
		for _, before := range [][]httpclient.Option{nil, {httpclient.WithoutVerification()}} {
			options := append(before, option, httpclient.WithRootsFile(roots), httpclient.WithCertificateFiles(certFile, keyFile),
				httpclient.WithoutHostCheck(), httpclient.WithoutVerification())
			if _, err := httpclient.NewTLS("example.com", options...); err != nil {
				t.Fatal(err)
			}
			if config.RootCAs != nil || config.InsecureSkipVerify || config.VerifyConnection != nil || len(config.Certificates) != 1 || spare[1].Certificate != nil {
				t.Errorf("%s: the caller's configuration was changed", name)
			}
		}
	}
	for name, option := range map[string]httpclient.Option{
		"roots that are not there":       httpclient.WithRootsFile(roots + ".missing"),
		"roots without a certificate":    httpclient.WithRootsFile(keyFile),
		"certificate that is not there":  httpclient.WithCertificateFiles(certFile+".missing", keyFile),
		"certificate and key exchanged":  httpclient.WithCertificateFiles(keyFile, certFile),
		"certificate in place of a key":  httpclient.WithCertificateFiles(certFile, certFile),
		"key that is not there":          httpclient.WithCertificateFiles(certFile, os.DevNull),
		"roots that cannot be read here": httpclient.WithRootsFile(t.TempDir()),
	} {
		if _, err := httpclient.NewTLS("example.com", option); err == nil || errors.Is(err, httpclient.ErrHTTP) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestManualVerification: what each option verifies, in whatever order they come, and with a caller's own check.
func TestManualVerification(t *testing.T) {
	network := new(manualNetwork)
	t.Cleanup(network.Close)
	network.serveTLS("example.com:443", manualOK)
	network.serveTLSConfig("other.example:443", &tls.Config{Certificates: []tls.Certificate{manualCertificate("example.com")}}, manualOK)
	network.serveTLS("wrong.example:443", manualOK)
	errOwn := errors.New("the caller's check")
	own := &tls.Config{RootCAs: manualAuthority().roots, VerifyConnection: func(tls.ConnectionState) error { return errOwn }}
	known := httpclient.WithTLSConfig(manualRoots())
	tests := []struct {
		name                string
		options             []httpclient.Option
		right, other, wrong bool // whether a connection is made: to a server of that name, of another, of a stranger
	}{
		{"default", nil, false, false, false},
		{"roots", []httpclient.Option{known}, true, false, false},
		{"no host check", []httpclient.Option{known, httpclient.WithoutHostCheck()}, true, true, false},
		{"no host check, no roots", []httpclient.Option{httpclient.WithoutHostCheck()}, false, false, false},
		{"none", []httpclient.Option{httpclient.WithoutVerification()}, true, true, true},
		{"none, after no host check", []httpclient.Option{known, httpclient.WithoutHostCheck(), httpclient.WithoutVerification()}, true, true, true},
		{"no host check, after none", []httpclient.Option{known, httpclient.WithoutVerification(), httpclient.WithoutHostCheck()}, true, true, false},
		{"caller's check", []httpclient.Option{httpclient.WithTLSConfig(own)}, false, false, false},
		{"caller's check, no host check", []httpclient.Option{httpclient.WithTLSConfig(own), httpclient.WithoutHostCheck()}, false, false, false},
		{"caller's clock", []httpclient.Option{httpclient.WithTLSConfig(&tls.Config{
			RootCAs: manualAuthority().roots, Time: func() time.Time { return time.Unix(0, 0) },
		}), httpclient.WithoutHostCheck()}, false, false, false},
	}
	for _, test := range tests {
		for host, want := range map[string]bool{"example.com": test.right, "other.example": test.other, "wrong.example": test.wrong} {
			c := manualMust(httpclient.NewTLS(host, append(test.options, httpclient.WithDialer(network))...))
			_, err := c.Do(t.Context(), "GET", "/", nil, body.None())
			var failed *transport.TLSError
			if (err == nil) != want || err != nil && !errors.As(err, &failed) {
				t.Errorf("%s, %s: %v", test.name, host, err)
			}
			c.Close()
		}
	}
}

// TestManualConnectClock: the total time-out of an exchange that is over does not end a later Connect.
func TestManualConnectClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := manualServe("example.org:80", manualOK)
		defer network.Close()
		c := manualMust(httpclient.New("example.org", httpclient.WithDialer(network), httpclient.WithTimeouts(httpclient.Timeouts{Total: time.Second})))
		defer c.Close()
		manualMust(c.Do(t.Context(), "GET", "/", nil, body.None()))
		c.Close()
		time.Sleep(time.Minute)
		if err := c.Connect(t.Context()); err != nil {
			t.Errorf("Connect: %v", err)
		}
	})
}

// TestManualSourceAddress: the connection comes from there, where the system has such an address.
func TestManualSourceAddress(t *testing.T) {
	l := manualMust(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	probe, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)})
	if err != nil {
		t.Skip("this system has one loopback address: ", err)
	}
	probe.Close()
	c := manualMust(httpclient.New(l.Addr().String(), httpclient.WithSourceAddress(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)})))
	defer c.Close()
	manualCheck(c.Connect(t.Context()))
	peer := manualMust(l.Accept())
	defer peer.Close()
	if got := peer.RemoteAddr().(*net.TCPAddr).IP.String(); got != "127.0.0.2" {
		t.Errorf("from %s", got)
	}
}
