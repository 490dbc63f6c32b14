package transporttest_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"hash/crc32"
	"net"
	"net/netip"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/cassette"
	"github.com/strata-http/strata/transport/fault"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transport/tap"
	"github.com/strata-http/strata/transporttest"
)

// canPeek says whether sockets can be looked into without reading.
const canPeek = runtime.GOOS != "windows" && runtime.GOOS != "plan9"

// A layer puts an adapter on a stack: around its dialer, and around its listener where the other end has a part in it.
// A base ignores what it is given.
type layer func(t *testing.T, below transporttest.Stack) transporttest.Stack

// The bases.

func overTCP(t *testing.T, _ transporttest.Stack) transporttest.Stack {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return transporttest.Stack{Dialer: transport.TCP{}, Listener: l, Foreign: !canPeek}
}

func overUnix(t *testing.T, _ transporttest.Stack) transporttest.Stack {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Skip(err)
	}
	return transporttest.Stack{Dialer: transport.Unix{Path: path}, Listener: l, Address: "127.0.0.1:80", Foreign: !canPeek}
}

func overMemory(t *testing.T, _ transporttest.Stack) transporttest.Stack {
	n := new(memory.Network)
	l, err := n.Listen("127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	return transporttest.Stack{Dialer: n, Listener: l}
}

// overForeign hides everything but net.Conn.
func overForeign(t *testing.T, _ transporttest.Stack) transporttest.Stack {
	s := overTCP(t, transporttest.Stack{})
	s.Dialer = transport.DialerFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := transport.TCP{}.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return struct{ net.Conn }{c}, nil
	})
	s.Foreign, s.NoHalfClose = true, true
	return s
}

// overLink is a network in memory that is somewhat far and narrow.
func overLink(t *testing.T, _ transporttest.Stack) transporttest.Stack {
	n := &memory.Network{
		BufferSize: 16 << 10,
		Up:         memory.Link{Latency: 50 * time.Microsecond, Bandwidth: 100 << 20},
		Down:       memory.Link{Latency: 50 * time.Microsecond, Bandwidth: 100 << 20},
	}
	l, err := n.Listen("127.0.0.1:80")
	if err != nil {
		t.Fatal(err)
	}
	return transporttest.Stack{Dialer: n, Listener: l}
}

// overSourceAddress is TCP from a chosen address.
func overSourceAddress(t *testing.T, below transporttest.Stack) transporttest.Stack {
	s := overTCP(t, below)
	s.Dialer = transport.SourceAddress{Local: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}
	return s
}

// The adapters.

// withResolve dials a name in the place of the address.
func withResolve(t *testing.T, below transporttest.Stack) transporttest.Stack {
	host, port := split(t, below)
	below.Dialer = transport.Resolve{Dialer: below.Dialer, Hosts: map[string][]string{"localhost:" + port: {host}}}
	below.Address = "localhost:" + port
	return below
}

// withConnectTo dials a port of its own in the place of that of the listener.
func withConnectTo(t *testing.T, below transporttest.Stack) transporttest.Stack {
	target := net.JoinHostPort(split(t, below))
	below.Dialer = transport.ConnectTo{Dialer: below.Dialer, Targets: map[string]string{"localhost:1": target}}
	below.Address = "localhost:1"
	return below
}

// split returns the address that a stack dials.
func split(t *testing.T, s transporttest.Stack) (host, port string) {
	address := s.Address
	if address == "" {
		address = s.Listener.Addr().String()
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	return host, port
}

// withLimit is fast enough for a test, and slow enough to split what is sent.
func withLimit(_ *testing.T, below transporttest.Stack) transporttest.Stack {
	below.Dialer = transport.Limit{Dialer: below.Dialer, Read: 50 << 20, Write: 50 << 20}
	return below
}

var (
	makeCert sync.Once
	cert     tls.Certificate
	roots    *x509.CertPool
)

func withTLS(t *testing.T, below transporttest.Stack) transporttest.Stack {
	makeCert.Do(func() { cert, roots, _ = testcert.New(t) })
	// The cache makes the server send tickets, which lie unread in the connection.
	config := &tls.Config{RootCAs: roots, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	below.Dialer = transport.TLS{Dialer: below.Dialer, Config: config}
	below.Listener = tls.NewListener(below.Listener, &tls.Config{Certificates: []tls.Certificate{cert}})
	below.TLS, below.Foreign, below.NoHalfClose = true, false, false
	return below
}

// withOtherTLS has a function in the place of crypto/tls, whose sessions are nothing but a net.Conn.
func withOtherTLS(t *testing.T, below transporttest.Stack) transporttest.Stack {
	s := withTLS(t, below)
	s.Dialer = transport.TLS{Dialer: below.Dialer, Handshake: func(ctx context.Context, c net.Conn, host string) (net.Conn, error) {
		session := tls.Client(c, &tls.Config{RootCAs: roots, ServerName: host})
		return struct{ net.Conn }{session}, session.HandshakeContext(ctx)
	}}
	s.NoHalfClose = true
	return s
}

// withFault has nothing in its script.
func withFault(_ *testing.T, below transporttest.Stack) transporttest.Stack {
	below.Dialer = fault.New(below.Dialer)
	return below
}

// withTap has a sink that looks at every octet.
func withTap(_ *testing.T, below transporttest.Stack) transporttest.Stack {
	sum := crc32.NewIEEE()
	below.Dialer = tap.New(below.Dialer, tap.SinkFunc(func(e tap.Event) { sum.Write(e.Octets) }))
	return below
}

// withCassette records. The file is looked at by the tests of package cassette.
func withCassette(t *testing.T, below transporttest.Stack) transporttest.Stack {
	c, err := cassette.Record(below.Dialer, filepath.Join(t.TempDir(), "cassette"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Errorf("closing the cassette: %v", err)
		}
	})
	below.Dialer = c
	return below
}

// withConnect goes through an HTTP proxy whose part the listener plays: what follows is the far side itself, with
// nothing between that could hide what the dialer does to a connection.
func withConnect(t *testing.T, below transporttest.Stack) transporttest.Stack {
	below.Dialer = proxy.Connect{Proxy: net.JoinHostPort(split(t, below)), Dialer: below.Dialer}
	below.Listener, below.Address = playing{below.Listener, playConnect}, "localhost:80"
	return below
}

// withSOCKS is withConnect for a SOCKS proxy.
func withSOCKS(t *testing.T, below transporttest.Stack) transporttest.Stack {
	below.Dialer = proxy.SOCKS5{Proxy: net.JoinHostPort(split(t, below)), Dialer: below.Dialer}
	below.Listener, below.Address = playing{below.Listener, playSOCKS}, "localhost:80"
	return below
}

// withRelay goes through an HTTP proxy that forwards octets, and that the far side knows nothing of.
func withRelay(t *testing.T, below transporttest.Stack) transporttest.Stack {
	target := net.JoinHostPort(split(t, below))
	below.Dialer = proxy.Connect{Proxy: relay(t, below.Dialer, target)}
	below.Address, below.Foreign = target, !canPeek
	return below
}
