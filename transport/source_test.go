package transport_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/strata-http/strata/transport"
)

func addrs(list ...string) (all []netip.Addr) {
	for _, a := range list {
		all = append(all, netip.MustParseAddr(a))
	}
	return all
}

func TestSourceAddress(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	tests := []struct {
		name    string
		local   []netip.Addr
		network string
		want    string // the address that the listener sees, or the error
	}{
		{"one", addrs("127.0.0.1"), "tcp", "127.0.0.1"},
		{"mapped", addrs("::ffff:127.0.0.1"), "tcp4", "127.0.0.1"},
		{"the first that fits", addrs("::1", "127.0.0.1"), "tcp", "127.0.0.1"},
		{"the first that fits the network", addrs("::1", "127.0.0.1"), "tcp4", "127.0.0.1"},
		{"the first that is ours", addrs("192.0.2.1", "127.0.0.1"), "tcp", "127.0.0.1"},
		{"none fits the peer", addrs("::1"), "tcp", "error: no suitable address"},
		{"none fits the network", addrs("127.0.0.1"), "tcp6", "error: does not fit the network"},
		{"none", nil, "tcp", "error: no local address"},
		{"the zero value", []netip.Addr{{}}, "tcp", "error: no local address"},
		{"not ours", addrs("192.0.2.1"), "tcp", "error: bind"},
		{"another network", addrs("127.0.0.1"), "udp", "error: unknown network udp"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := transport.SourceAddress{Local: tt.local}
			c, err := d.DialContext(t.Context(), tt.network, l.Addr().String())
			if part, ok := strings.CutPrefix(tt.want, "error: "); ok {
				var dial *transport.DialError
				if c != nil || !errors.As(err, &dial) || !strings.Contains(err.Error(), part) {
					t.Errorf("DialContext = %v, %v, want a *DialError with %q", c, err, part)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			s, err := l.Accept()
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if got := s.RemoteAddr().(*net.TCPAddr).IP.String(); got != tt.want || !is[*net.TCPConn](c) {
				t.Errorf("the peer sees %s, and the connection is %T", got, c)
			}
		})
	}
}

func TestSourcePort(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	taken := uint16(l.Addr().(*net.TCPAddr).Port)
	d := transport.SourceAddress{Local: addrs("127.0.0.1"), Port: taken}
	if c, err := d.DialContext(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("dialling from a port that is taken = %v, %v", c, err)
	}
	free, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d.Port = uint16(free.Addr().(*net.TCPAddr).Port)
	free.Close()
	c, err := d.DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Skip(err) // somebody else may have it by now
	}
	defer c.Close()
	if got := c.LocalAddr().(*net.TCPAddr).Port; got != int(d.Port) {
		t.Errorf("the local port is %d, want %d", got, d.Port)
	}
}

func TestSourceAddressCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	d := transport.SourceAddress{Local: addrs("127.0.0.1", "127.0.0.1")}
	if c, err := d.DialContext(ctx, "tcp", "127.0.0.1:1"); c != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("DialContext = %v, %v", c, err)
	}
}

func TestUnicast(t *testing.T) {
	var in []net.Addr
	for _, s := range []string{"fe80::1/64", "192.0.2.1/24", "2001:db8::1/64", "169.254.0.1/16"} {
		ip, ipNet, err := net.ParseCIDR(s)
		if err != nil {
			t.Fatal(err)
		}
		in = append(in, &net.IPNet{IP: ip, Mask: ipNet.Mask})
	}
	in = append(in, &net.UnixAddr{}, &net.IPNet{})
	want := addrs("192.0.2.1", "2001:db8::1", "169.254.0.1", "fe80::1%eth9")
	if got := transport.Unicast("eth9", in); !slices.Equal(got, want) {
		t.Errorf("addresses %v, want %v", got, want)
	}
}

func TestInterfaceAddrs(t *testing.T) {
	all, err := net.Interfaces()
	if err != nil {
		t.Skip(err)
	}
	for _, i := range all {
		if i.Flags&net.FlagLoopback == 0 {
			continue
		}
		got, err := transport.InterfaceAddrs(i.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range got {
			if a.Is4In6() || a.IsLinkLocalUnicast() && a.Is6() && a.Zone() == "" {
				t.Errorf("InterfaceAddrs(%q) has %v", i.Name, a)
			}
		}
	}
	if got, err := transport.InterfaceAddrs("no such\ninterface"); got != nil || err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("InterfaceAddrs of none = %v, %v", got, err)
	}
}
