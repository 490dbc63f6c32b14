package fault_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
	"github.com/strata-http/strata/transport/memory"
)

// tlsServer accepts TLS on the network and sends back what comes, until the test ends.
func tlsServer(t *testing.T) (network *memory.Network, roots *x509.CertPool) {
	t.Helper()
	cert, roots, _ := testcert.New(t)
	network, l := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				session := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}})
				io.Copy(session, session)
			}()
		}
	}()
	return network, roots
}

// A handshake fails for the reason that the script tells.
func TestHandshake(t *testing.T) {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
		invalid   x509.CertificateInvalidError
		record    tls.RecordHeaderError
		op        *net.OpError
	)
	for _, tt := range []struct {
		text string
		as   any    // what the error must be
		says string // what its text must be, behind what package transport says
	}{
		{"tls: unknown authority", &authority, ""},
		{"tls: wrong host", &host, ""},
		{"tls: expired", &invalid, ""},
		{"tls: alert 40", &op, "remote error: tls: handshake failure"},
		{"tls: alert 112", &op, "remote error: tls: unrecognized name"},
		{`received at 0: replace "HTTP/1.1 400 "`, &record, ""},
		{"received at 60: xor 01", nil, ""},
		{"received at 60: close", nil, "unexpected EOF"},
		{"sent at 60: xor 01", nil, ""},
		{"received at 5: stall", nil, "context deadline exceeded"},
	} {
		t.Run(tt.text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, roots := tlsServer(t)
				d := fault.New(network, must(t, tt.text)...)
				ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
				defer cancel()
				c, err := transport.TLS{Dialer: d, Config: &tls.Config{RootCAs: roots}}.DialContext(ctx, "tcp", "example.org:80")
				var failed *transport.TLSError
				if c != nil || !errors.As(err, &failed) {
					t.Fatalf("DialContext = %v, %v", c, err)
				}
				if tt.as != nil && !errors.As(err, tt.as) {
					t.Errorf("%v is no %T", err, tt.as)
				}
				if got := failed.Err.Error(); tt.says != "" && got != tt.says {
					t.Errorf("the error says %q, want %q", got, tt.says)
				}
				if left := d.Unstruck(); left != nil {
					t.Errorf("%v did not strike", left)
				}
			})
		})
	}
}

// A client that verifies nothing talks to the impostor, which does not answer, and ends with the connection.
func TestImpostor(t *testing.T) {
	for _, address := range []string{"example.org:443", "127.0.0.1:443", "[::1%eth0]:443", "no port"} {
		synctest.Test(t, func(t *testing.T) {
			d := transport.TLS{Dialer: fault.New(nil, fault.TLS().UnknownAuthority()), Config: &tls.Config{InsecureSkipVerify: true}}
			c, err := d.DialContext(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.Write([]byte("hello")); err != nil {
				t.Error(err)
			}
			c.SetReadDeadline(time.Now().Add(time.Hour))
			if n, err := c.Read(make([]byte, 1)); n != 0 || err == nil {
				t.Errorf("Read = %d, %v", n, err)
			}
			c.Close()
		})
	}
}

// Above TLS the offsets are those of the application, and the session is ended in its own way.
func TestAboveTLS(t *testing.T) {
	for text, want := range map[string]string{
		"received at 4: reset":      digits[:4],
		"received at 4: half-close": digits[:4],
		"received at 4: close":      digits[:4],
		"sent at 6: half-close":     digits[:6],
		"sent at 6: truncate":       digits[:6],
		"received at 0: xor 01":     "1" + digits[1:],
	} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, roots := tlsServer(t)
				d := fault.New(transport.TLS{Dialer: network, Config: &tls.Config{RootCAs: roots}}, must(t, text)...)
				c, err := d.DialContext(t.Context(), "tcp", "example.org:80")
				if err != nil {
					t.Fatal(err)
				}
				defer c.Close()
				c.Write([]byte(digits))
				c.SetReadDeadline(time.Now().Add(time.Hour))
				if got, _ := readAll(c, 100); got != want {
					t.Errorf("received %q, want %q", got, want)
				}
			})
		})
	}
}
