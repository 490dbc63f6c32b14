package transport_test

import (
	"context"
	"errors"
	"net"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"golang.org/x/net/nettest"
	"golang.org/x/net/proxy"

	"github.com/strata-http/strata/transport"
)

// What others have made plugs in as it is.
var (
	_ transport.Dialer = (*net.Dialer)(nil)
	_ transport.Dialer = proxy.ContextDialer(nil)
	_ transport.Dialer = transport.TCP{}
	_ transport.Dialer = transport.Unix{}
	_ transport.Dialer = transport.TLS{}
)

func TestNettest(t *testing.T) {
	for _, m := range plain {
		t.Run(m.name, func(t *testing.T) {
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				c1, c2 = m.make(t)
				return c1, c2, func() { c1.Close(); c2.Close() }, nil
			})
		})
	}
}

func TestConcreteTypes(t *testing.T) {
	if c, _ := tcpPair(t); !is[*net.TCPConn](c) {
		t.Errorf("TCP returned %T", c)
	}
	if c, _ := unixPair(t); !is[*net.UnixConn](c) {
		t.Errorf("Unix returned %T", c)
	}
	if c, _ := secure[0].make(t); !is[*transport.TLSConn](c) {
		t.Errorf("TLS returned %T", c)
	}
}

func is[T any](c net.Conn) bool {
	_, ok := c.(T)
	return ok
}

func TestTCPSourceAddress(t *testing.T) {
	if !nettest.SupportsIPv4() {
		t.Skip("no IPv4")
	}
	d := transport.TCP{Dialer: net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}}
	c, s := dialPair(t, "tcp4", "127.0.0.1:0", &d)
	if got := s.RemoteAddr().(*net.TCPAddr).IP; !got.Equal(net.IPv4(127, 0, 0, 1)) || c.LocalAddr().String() != s.RemoteAddr().String() {
		t.Errorf("the server sees %v, the client is %v", got, c.LocalAddr())
	}
}

func TestUnixDialsItsPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for name, d := range map[string]struct {
		unix    transport.Unix
		address string
	}{
		"path":    {transport.Unix{Path: path}, "example.org:80"},
		"address": {transport.Unix{}, path},
	} {
		c, err := d.unix.DialContext(t.Context(), "tcp", d.address)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		c.Close()
	}
}

func TestDialErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := l.Addr().String()
	l.Close()
	gone := filepath.Join(t.TempDir(), "gone")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
	defer cancel()
	errMade := errors.New("made up")
	tests := []struct {
		name             string
		d                transport.Dialer
		ctx              context.Context
		network, address string
		wantNet, wantAt  string
		is               error
		timeout          bool
	}{
		{"nobody listens", transport.TCP{}, t.Context(), "tcp", closed, "tcp", closed, syscall.ECONNREFUSED, false},
		{"no socket", transport.Unix{Path: gone}, t.Context(), "tcp", "a:1", "unix", gone, syscall.ENOENT, false},
		{"cancelled", transport.TCP{}, cancelled, "tcp", closed, "tcp", closed, context.Canceled, false},
		{"late", transport.TCP{}, late, "tcp", closed, "tcp", closed, context.DeadlineExceeded, true},
		{"wrong network", transport.TCP{}, t.Context(), "udp", closed, "udp", closed, net.UnknownNetworkError("udp"), false},
		{"below TLS", transport.TLS{}, t.Context(), "tcp", closed, "tcp", closed, syscall.ECONNREFUSED, false},
		{"another dialer below TLS", transport.TLS{Dialer: failing{errMade}}, t.Context(), "tcp", "a:1", "tcp", "a:1", errMade, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := tt.d.DialContext(tt.ctx, tt.network, tt.address)
			var dial *transport.DialError
			if c != nil || !errors.As(err, &dial) {
				t.Fatalf("DialContext = %v, %#v, want a *DialError", c, err)
			}
			if dial.Network != tt.wantNet || dial.Address != tt.wantAt || !errors.Is(err, tt.is) || dial.Timeout() != tt.timeout {
				t.Errorf("error %#v (%v), want %s %s, %v, time-out %v", dial, dial.Err, tt.wantNet, tt.wantAt, tt.is, tt.timeout)
			}
			var handshake *transport.TLSError
			if errors.As(err, &handshake) {
				t.Errorf("%v is a *TLSError too", err)
			}
		})
	}
}

type failing struct{ err error }

func (f failing) DialContext(context.Context, string, string) (net.Conn, error) { return nil, f.err }
