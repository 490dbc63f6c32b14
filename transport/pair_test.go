package transport_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// A maker makes connections of one kind: client is what a Dialer of package transport returned, server the other end.
type maker struct {
	name string
	make func(t testing.TB) (client, server net.Conn)
}

func tcpPair(t testing.TB) (client, server net.Conn) {
	return dialPair(t, "tcp", "127.0.0.1:0", transport.TCP{})
}

func unixPair(t testing.TB) (client, server net.Conn) {
	return dialPair(t, "unix", filepath.Join(t.TempDir(), "s"), transport.Unix{})
}

func memoryPair(t testing.TB) (client, server net.Conn) {
	a, b := memory.Pipe()
	t.Cleanup(func() { a.Close(); b.Close() })
	return a, b
}

// foreignPair hides everything but net.Conn.
func foreignPair(t testing.TB) (client, server net.Conn) {
	a, b := tcpPair(t)
	return struct{ net.Conn }{a}, b
}

// wrappedPair is a socket inside another type, with its SyscallConn in reach.
func wrappedPair(t testing.TB) (client, server net.Conn) {
	a, b := tcpPair(t)
	return struct{ *net.TCPConn }{a.(*net.TCPConn)}, b
}

// dialPair listens with package net and dials with d.
func dialPair(t testing.TB, network, address string, d transport.Dialer) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err = d.DialContext(t.Context(), network, l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	server, err = l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	return client, server
}

// over returns a dialer that knows one connection, made already.
func over(c net.Conn) transport.Dialer {
	return transport.DialerFunc(func(context.Context, string, string) (net.Conn, error) { return c, nil })
}

// tlsPair makes a session over the connections of another maker. The server is a *tls.Conn.
func tlsPair(below func(testing.TB) (client, server net.Conn), version uint16) func(testing.TB) (client, server net.Conn) {
	return func(t testing.TB) (net.Conn, net.Conn) {
		t.Helper()
		rawClient, rawServer := below(t)
		cert, roots, _ := testcert.New(t)
		// A client without a session cache is sent no tickets, and a server that asks for no certificate may
		// send them with its Finished, so that they come before the handshake ends.
		config := &tls.Config{RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
		client, server, err := handshake(t.Context(),
			transport.TLS{Dialer: over(rawClient), Config: config},
			tls.Server(rawServer, &tls.Config{
				Certificates: []tls.Certificate{cert},
				ClientAuth:   tls.RequestClientCert,
				MaxVersion:   version,
			}))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { client.Close() })
		return client, server
	}
}

// handshake does both sides of a handshake for example.org.
func handshake(ctx context.Context, d transport.Dialer, server *tls.Conn) (net.Conn, *tls.Conn, error) {
	failed := make(chan error, 1)
	go func() { failed <- server.HandshakeContext(ctx) }()
	client, err := d.DialContext(ctx, "tcp", "example.org:443")
	if err != nil {
		server.NetConn().Close()
		<-failed
		return nil, nil, err
	}
	return client, server, <-failed
}

// plain are the makers of connections without TLS, secure those with it.
var (
	plain = []maker{
		{"TCP", tcpPair},
		{"Unix", unixPair},
		{"memory", memoryPair},
		{"wrapped TCP", wrappedPair},
		{"foreign", foreignPair},
	}
	secure = []maker{
		{"TLS 1.3 over TCP", tlsPair(tcpPair, tls.VersionTLS13)},
		{"TLS 1.3 over memory", tlsPair(memoryPair, tls.VersionTLS13)},
		{"TLS 1.2 over TCP", tlsPair(tcpPair, tls.VersionTLS12)},
		{"TLS 1.2 over memory", tlsPair(memoryPair, tls.VersionTLS12)},
		{"TLS over foreign", tlsPair(foreignPair, tls.VersionTLS13)},
		{"TLS over TLS", tlsPair(tlsPair(memoryPair, tls.VersionTLS13), tls.VersionTLS13)},
	}
)

// await asks Peek until what was sent has come through the kernel.
func await(t testing.TB, c net.Conn) error {
	t.Helper()
	for {
		ready, err := transport.Peek(c)
		if errors.Is(err, errors.ErrUnsupported) {
			t.Fatalf("Peek(%T) is unsupported", c)
		}
		if ready {
			return err
		}
		runtime.Gosched()
	}
}

func send(t testing.TB, c net.Conn, s string) {
	t.Helper()
	if _, err := io.WriteString(c, s); err != nil {
		t.Fatal(err)
	}
}
