package transport_test

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

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

func TestVerification(t *testing.T) {
	cert, roots, _ := testcert.New(t, "example.org", "192.0.2.1", "fe80::1")
	other, _, _ := testcert.New(t, "other.test")
	named := &tls.Config{RootCAs: roots, ServerName: "example.org"}
	trusted := &tls.Config{RootCAs: roots}
	tests := []struct {
		name    string
		config  *tls.Config
		cert    tls.Certificate
		address string
		host    string // of the TLSError; when empty the handshake succeeds
	}{
		{"name", trusted, cert, "example.org:443", ""},
		{"name in capitals with a dot", trusted, cert, "EXAMPLE.org.:443", ""},
		{"IPv4", trusted, cert, "192.0.2.1:443", ""},
		{"IPv6", trusted, cert, "[fe80::1]:443", ""},
		{"IPv6 with zone", trusted, cert, "[fe80::1%eth0]:443", ""},
		{"no port", trusted, cert, "example.org", ""},
		{"no port, brackets", trusted, cert, "[fe80::1]", ""},
		{"the configured name counts", named, cert, "other.test:443", ""},
		{"not verified on request", &tls.Config{InsecureSkipVerify: true}, other, "example.org:443", ""},
		{"no configuration, unknown authority", nil, cert, "example.org:443", "example.org"},
		{"unknown authority", trusted, other, "other.test:443", "other.test"},
		{"wrong name", trusted, cert, "other.test:443", "other.test"},
		{"wrong address", trusted, cert, "192.0.2.2:443", "192.0.2.2"},
		{"wrong IPv6 address", trusted, cert, "[fe80::2%eth0]:443", "fe80::2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := memory.Pipe()
			defer b.Close()
			server := tls.Server(b, &tls.Config{Certificates: []tls.Certificate{tt.cert}})
			failed := make(chan error, 1)
			go func() { failed <- server.Handshake() }()
			c, err := transport.TLS{Dialer: over(a), Config: tt.config}.DialContext(t.Context(), "tcp", tt.address)
			if tt.host == "" {
				if err != nil {
					t.Fatal(err)
				}
				c.Close()
				<-failed
				return
			}
			var handshake *transport.TLSError
			var verify *tls.CertificateVerificationError
			if c != nil || !errors.As(err, &handshake) || handshake.Host != tt.host || !errors.As(err, &verify) {
				t.Errorf("DialContext = %v, %v, want a *TLSError for %q around a verification error", c, err, tt.host)
			}
			if err := a.Close(); !errors.Is(err, net.ErrClosed) {
				t.Error("the raw connection was left open")
			}
			if err := <-failed; err == nil {
				t.Error("the server's handshake succeeded")
			}
		})
	}
}

// serverSees does a handshake that may fail and returns the ClientHello.
func serverSees(t *testing.T, d func(net.Conn) transport.Dialer) (hello *tls.ClientHelloInfo) {
	t.Helper()
	a, b := memory.Pipe()
	defer b.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		tls.Server(b, &tls.Config{GetConfigForClient: func(h *tls.ClientHelloInfo) (*tls.Config, error) {
			hello = h
			return nil, errors.New("seen enough")
		}}).Handshake()
	}()
	_, err := d(a).DialContext(t.Context(), "tcp", "example.org:443")
	<-done
	if err == nil || hello == nil {
		t.Fatalf("the handshake ended with %v, hello %v", err, hello)
	}
	return hello
}

func TestClientHello(t *testing.T) {
	type seen struct {
		Name      string
		Protocols []string
		Oldest    uint16
	}
	_, roots, _ := testcert.New(t)
	tests := []struct {
		name   string
		config *tls.Config
		want   seen
	}{
		{"no configuration", nil, seen{"example.org", []string{"http/1.1"}, tls.VersionTLS12}},
		{"empty", &tls.Config{}, seen{"example.org", nil, tls.VersionTLS12}},
		{"own", &tls.Config{ServerName: "a.test", NextProtos: []string{"x"}, MinVersion: tls.VersionTLS13, RootCAs: roots},
			seen{"a.test", []string{"x"}, tls.VersionTLS13}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := tt.config.Clone()
			hello := serverSees(t, func(c net.Conn) transport.Dialer { return transport.TLS{Dialer: over(c), Config: tt.config} })
			got := seen{hello.ServerName, hello.SupportedProtos, hello.SupportedVersions[len(hello.SupportedVersions)-1]}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("ClientHello (-want +got):\n%s", diff)
			}
			if tt.config != nil && before.ServerName != tt.config.ServerName {
				t.Errorf("the caller's Config has ServerName %q now", tt.config.ServerName)
			}
		})
	}
}

// A handshake with a peer that says nothing ends with the context or the time-out, and the peer sees the end.
func TestHandshakeEnds(t *testing.T) {
	deaf := func(_ context.Context, c net.Conn, _ string) (net.Conn, error) {
		_, err := c.Read(make([]byte, 1))
		return nil, err
	}
	tests := []struct {
		name   string
		tls    transport.TLS
		cancel time.Duration // of the context, 0 for never
		want   time.Duration
		is     error
	}{
		{"crypto/tls, time-out", transport.TLS{HandshakeTimeout: time.Hour}, 0, time.Hour, context.DeadlineExceeded},
		{"crypto/tls, cancel", transport.TLS{}, time.Hour, time.Hour, context.Canceled},
		{"crypto/tls, both", transport.TLS{HandshakeTimeout: 2 * time.Hour}, time.Hour, time.Hour, context.Canceled},
		{"other, time-out", transport.TLS{HandshakeTimeout: time.Hour, Handshake: deaf}, 0, time.Hour, context.DeadlineExceeded},
		{"other, cancel", transport.TLS{Handshake: deaf}, time.Hour, time.Hour, context.Canceled},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := memory.Pipe()
				defer b.Close()
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}
				tt.tls.Dialer = over(a)
				start := time.Now()
				c, err := tt.tls.DialContext(ctx, "tcp", "example.org:443")
				var handshake *transport.TLSError
				if c != nil || !errors.As(err, &handshake) || !errors.Is(err, tt.is) {
					t.Errorf("DialContext = %v, %v, want a *TLSError around %v", c, err, tt.is)
				}
				if got := handshake.Timeout(); got != (tt.is == context.DeadlineExceeded) {
					t.Errorf("Timeout = %v", got)
				}
				if got := time.Since(start); got != tt.want {
					t.Errorf("it took %v, want %v", got, tt.want)
				}
				if _, err := io.Copy(io.Discard, b); err != nil {
					t.Errorf("the peer reads %v, want the end", err)
				}
			})
		})
	}
}

func TestHandshakeFailures(t *testing.T) {
	errMade := errors.New("made up")
	tests := []struct {
		name string
		tls  transport.TLS
		peer func(net.Conn)
		is   error
	}{
		{"the peer closes", transport.TLS{}, func(c net.Conn) { c.(*memory.Conn).CloseWrite() }, io.ErrUnexpectedEOF},
		{"the peer speaks HTTP", transport.TLS{}, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n") }, nil},
		{"other fails", transport.TLS{Handshake: func(context.Context, net.Conn, string) (net.Conn, error) {
			return nil, errMade
		}}, func(net.Conn) {}, errMade},
		{"other returns nothing", transport.TLS{Handshake: func(context.Context, net.Conn, string) (net.Conn, error) {
			return nil, nil
		}}, func(net.Conn) {}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, b := memory.Pipe()
			defer b.Close()
			tt.peer(b)
			tt.tls.Dialer = over(a)
			c, err := tt.tls.DialContext(t.Context(), "tcp", "example.org:443")
			var handshake *transport.TLSError
			if c != nil || !errors.As(err, &handshake) || tt.is != nil && !errors.Is(err, tt.is) || errors.Is(err, io.EOF) {
				t.Errorf("DialContext = %v, %v, want a *TLSError around %v", c, err, tt.is)
			}
			if err := a.Close(); !errors.Is(err, net.ErrClosed) {
				t.Error("the raw connection was left open")
			}
		})
	}
}

// A Handshake that ends well after the context has ended is too late.
func TestHandshakeTooLate(t *testing.T) {
	a, b := memory.Pipe()
	defer b.Close()
	ctx, cancel := context.WithCancel(t.Context())
	session, other := memory.Pipe()
	defer other.Close()
	d := transport.TLS{Dialer: over(a), Handshake: func(_ context.Context, c net.Conn, _ string) (net.Conn, error) {
		cancel()
		c.Read(make([]byte, 1)) // until it is closed
		return session, nil
	}}
	if c, err := d.DialContext(ctx, "tcp", "example.org:443"); c != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("DialContext = %v, %v", c, err)
	}
	if err := session.Close(); !errors.Is(err, net.ErrClosed) {
		t.Error("the session was left open")
	}
}

// Something else may take the place of crypto/tls, and the end of its raw stream is noticed all the same.
func TestOtherHandshake(t *testing.T) {
	cert, roots, _ := testcert.New(t)
	a, b := memory.Pipe()
	var gotHost string
	d := transport.TLS{Dialer: over(a), Handshake: func(ctx context.Context, c net.Conn, host string) (net.Conn, error) {
		gotHost = host
		if c.(interface{ NetConn() net.Conn }).NetConn() != net.Conn(a) {
			t.Error("NetConn is not the raw connection")
		}
		s := tls.Client(c, &tls.Config{RootCAs: roots, ServerName: host})
		return struct{ net.Conn }{s}, s.HandshakeContext(ctx) // nothing but a net.Conn
	}}
	c, server, err := handshake(t.Context(), d, tls.Server(b, &tls.Config{Certificates: []tls.Certificate{cert}}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	session := c.(*transport.TLSConn)
	if gotHost != "example.org" || session.ConnectionState().Version != 0 || session.NetConn() != net.Conn(a) {
		t.Errorf("host %q, version %#x, raw %T", gotHost, session.ConnectionState().Version, session.NetConn())
	}
	if !is[struct{ net.Conn }](session.Session()) {
		t.Errorf("Session is %T", session.Session())
	}
	if err := session.CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("CloseWrite = %v", err)
	}
	send(t, server, "x")
	if ready, err := transport.Ready(c); !ready || err != nil {
		t.Errorf("Ready = %v, %v", ready, err)
	}
	b.Close()
	if got, err := io.ReadAll(c); string(got) != "x" || err != transport.ErrNoCloseNotify {
		t.Errorf("ReadAll = %q, %v", got, err)
	}
}

func TestHandshakeReturnsRaw(t *testing.T) {
	a, b := memory.Pipe()
	defer b.Close()
	d := transport.TLS{Dialer: over(a), Handshake: func(_ context.Context, c net.Conn, _ string) (net.Conn, error) { return c, nil }}
	c, err := d.DialContext(t.Context(), "tcp", "example.org:443")
	if c != net.Conn(a) || err != nil {
		t.Errorf("DialContext = %T, %v, want the raw connection", c, err)
	}
	a.Close()
}

func TestMutualTLSAndState(t *testing.T) {
	cert, roots, _ := testcert.New(t)
	a, b := memory.Pipe()
	config := &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"}}
	c, server, err := handshake(t.Context(), transport.TLS{Dialer: over(a), Config: config},
		tls.Server(b, &tls.Config{Certificates: []tls.Certificate{cert}, ClientAuth: tls.RequireAnyClientCert, NextProtos: []string{"http/1.1"}}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	state := c.(*transport.TLSConn).ConnectionState()
	if state.NegotiatedProtocol != "http/1.1" || !state.HandshakeComplete || state.ServerName != "example.org" {
		t.Errorf("state %+v", state)
	}
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := server.ConnectionState().PeerCertificates; len(got) != 1 || !got[0].Equal(leaf) {
		t.Errorf("the server saw %d certificates", len(got))
	}
}
