package proxy_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

const socksAddress = "socks.example:1080"

// names is a resolver.
type names map[string][]string

func (n names) LookupNetIP(_ context.Context, network, host string) ([]netip.Addr, error) {
	var all []netip.Addr
	for _, a := range n[host] {
		if ip := netip.MustParseAddr(a); network == "ip" || ip.Is4() == (network == "ip4") {
			all = append(all, ip)
		}
	}
	return all, nil
}

// Names go to the proxy as they are, or are resolved here: that is what tells socks5h from socks5.
func TestSOCKS5(t *testing.T) {
	resolver := names{"origin.example": {"2001:db8::7", "192.0.2.7"}, "zoned.example": {"fe80::1%eth0"}, "mapped.example": {"::ffff:192.0.2.7"}}
	for _, tt := range []struct {
		name     string
		resolver proxy.Resolver
		user     proxy.Userinfo
		server   socksServer
		network  string
		address  string
		want     string // what the proxy is asked for
	}{
		{"name", nil, proxy.Userinfo{}, socksServer{}, "tcp", "origin.example:80", "origin.example:80"},
		{"IPv4", nil, proxy.Userinfo{}, socksServer{}, "tcp", "192.0.2.7:8080", "192.0.2.7:8080"},
		{"IPv6", nil, proxy.Userinfo{}, socksServer{}, "tcp", "[2001:db8::7]:443", "[2001:db8::7]:443"},
		{"zone", nil, proxy.Userinfo{}, socksServer{}, "tcp", "[fe80::1%eth0]:443", "[fe80::1]:443"},
		{"mapped", nil, proxy.Userinfo{}, socksServer{}, "tcp", "[::ffff:192.0.2.7]:443", "192.0.2.7:443"},
		{"resolved", resolver, proxy.Userinfo{}, socksServer{}, "tcp", "origin.example:80", "[2001:db8::7]:80"},
		{"resolved to IPv4", resolver, proxy.Userinfo{}, socksServer{}, "tcp4", "origin.example:80", "192.0.2.7:80"},
		{"resolved to IPv6", resolver, proxy.Userinfo{}, socksServer{}, "tcp6", "origin.example:80", "[2001:db8::7]:80"},
		{"resolved with a zone", resolver, proxy.Userinfo{}, socksServer{}, "tcp", "zoned.example:80", "[fe80::1]:80"},
		{"resolved to mapped", resolver, proxy.Userinfo{}, socksServer{}, "tcp", "mapped.example:80", "192.0.2.7:80"},
		{"password", nil, proxy.UserPassword("alice", "open sesame"), socksServer{user: "alice", password: "open sesame"}, "tcp", "origin.example:80", "origin.example:80"},
		{"password not wanted", nil, proxy.UserPassword("alice", "x"), socksServer{}, "tcp", "origin.example:80", "origin.example:80"},
		{"longest", nil, proxy.UserPassword(strings.Repeat("u", 255), strings.Repeat("p", 255)),
			socksServer{user: strings.Repeat("u", 255), password: strings.Repeat("p", 255)}, "tcp", strings.Repeat("n", 255) + ":1", strings.Repeat("n", 255) + ":1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			w.echo(tt.want)
			w.socksServer(socksAddress, tt.server)
			d := proxy.SOCKS5{Proxy: socksAddress, Dialer: w, Resolver: tt.resolver, Userinfo: tt.user}
			talk(t, transport.DialerFunc(func(ctx context.Context, _, address string) (net.Conn, error) {
				return d.DialContext(ctx, tt.network, address)
			}), tt.address)
			if diff := cmp.Diff([]string{tt.want}, w.heard(socksAddress)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// The addresses of a name are tried in their order, as long as the proxy refuses them.
func TestSOCKS5Addresses(t *testing.T) {
	w := newWorld(t)
	w.echo("192.0.2.2:80")
	w.socksServer(socksAddress, socksServer{})
	d := proxy.SOCKS5{Proxy: socksAddress, Dialer: w, Resolver: names{"a.example": {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "none.example": nil}}
	talk(t, d, "a.example:80")
	if diff := cmp.Diff([]string{"192.0.2.1:80", "192.0.2.2:80"}, w.heard(socksAddress)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err := d.DialContext(t.Context(), "tcp", "a.example:81")
	var refused *proxy.SOCKSError
	if got := len(w.heard(socksAddress)); !errors.As(err, &refused) || refused.Code != 4 || got != 3 {
		t.Errorf("%v, %d tried", err, got)
	}
	_, err = d.DialContext(t.Context(), "tcp", "none.example:80")
	var dns *net.DNSError
	if !errors.As(err, &dns) || !errors.As(err, new(*transport.DialError)) || len(w.heard(socksAddress)) > 0 {
		t.Error(err)
	}
}

// What the proxy refuses says why, and by which step.
func TestSOCKS5Refused(t *testing.T) {
	for _, tt := range []struct {
		name   string
		user   proxy.Userinfo
		server socksServer
		want   proxy.SOCKSError
		text   string
	}{
		{"authentication wanted", proxy.Userinfo{}, socksServer{user: "u"}, proxy.SOCKSError{Step: proxy.SOCKSMethod, Code: 255}, "asks for authentication"},
		{"wrong password", proxy.UserPassword("u", "hunter2"), socksServer{user: "u", password: "p"}, proxy.SOCKSError{Step: proxy.SOCKSAuth, Code: 1}, "does not take user name and password"},
		{"rules", proxy.Userinfo{}, socksServer{rep: 2}, proxy.SOCKSError{Step: proxy.SOCKSConnect, Code: 2}, "do not allow"},
		{"refused", proxy.Userinfo{}, socksServer{rep: 5}, proxy.SOCKSError{Step: proxy.SOCKSConnect, Code: 5}, "connection refused (SOCKS 5 reply 5)"},
		{"unknown", proxy.Userinfo{}, socksServer{rep: 200}, proxy.SOCKSError{Step: proxy.SOCKSConnect, Code: 200}, "SOCKS 5 reply 200"},
		{"unreachable", proxy.Userinfo{}, socksServer{}, proxy.SOCKSError{Step: proxy.SOCKSConnect, Code: 4}, "host unreachable"},
	} {
		w := newWorld(t)
		w.socksServer(socksAddress, tt.server)
		_, err := proxy.SOCKS5{Proxy: socksAddress, Dialer: w, Userinfo: tt.user}.DialContext(t.Context(), "tcp", originAddress)
		var refused *proxy.SOCKSError
		if !errors.As(err, &refused) || refused.Step != tt.want.Step || refused.Code != tt.want.Code ||
			refused.Proxy != socksAddress || refused.Address != originAddress {
			t.Errorf("%s: %#v", tt.name, err)
		}
		if text := err.Error(); !strings.Contains(text, tt.text) || !strings.HasPrefix(text, "proxy "+socksAddress+" refused a connection to "+originAddress+": ") ||
			strings.Contains(text, "hunter2") {
			t.Errorf("%s: %s", tt.name, text)
		}
	}
}

// A hostile proxy gets no further than its first wrong octet, and a proxy that stops is an error.
func TestSOCKS5Hostile(t *testing.T) {
	const agreed = "\x05\x00"
	for _, tt := range []struct{ name, says, want string }{
		{"nothing", "", "closed the connection"},
		{"one octet", "\x05", "closed the connection"},
		{"HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n", "speaks no SOCKS 5"},
		{"SOCKS 4", "\x00\x5a", "speaks no SOCKS 5"},
		{"method not offered", "\x05\x02", "not offered"},
		{"GSSAPI", "\x05\x01", "not offered"},
		{"cut reply", agreed + "\x05\x00\x00", "closed the connection"},
		{"version of the reply", agreed + "\x04\x00\x00\x01", "version 4"},
		{"reserved", agreed + "\x05\x00\x01\x01", "reserved octet"},
		{"address type", agreed + "\x05\x00\x00\x02", "address type"},
		{"cut address", agreed + "\x05\x00\x00\x01\x01\x02\x03\x04\x00", "closed the connection"},
		{"cut name", agreed + "\x05\x00\x00\x03\x05abc", "closed the connection"},
	} {
		w := newWorld(t)
		closed := make(chan struct{})
		w.listen(socksAddress, func(nc net.Conn) {
			io.WriteString(nc, tt.says)
			nc.(*memory.Conn).CloseWrite()
			io.Copy(io.Discard, nc)
			close(closed)
		})
		_, err := proxy.SOCKS5{Proxy: socksAddress, Dialer: w}.DialContext(t.Context(), "tcp", originAddress)
		var bad *proxy.ReplyError
		if !errors.As(err, &bad) || bad.Proxy != socksAddress || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want one with %q", tt.name, err, tt.want)
		}
		if tt.want == "closed the connection" && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%s: %v", tt.name, err)
		}
		<-closed
	}
	t.Run("reset", func(t *testing.T) {
		w := newWorld(t)
		w.listen(socksAddress, func(nc net.Conn) { nc.(*memory.Conn).Reset() })
		_, err := proxy.SOCKS5{Proxy: socksAddress, Dialer: w}.DialContext(t.Context(), "tcp", originAddress)
		if !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) || !strings.Contains(err.Error(), socksAddress) {
			t.Error(err)
		}
	})
	t.Run("version of the password's answer", func(t *testing.T) {
		w := newWorld(t)
		w.listen(socksAddress, func(nc net.Conn) { io.WriteString(nc, "\x05\x02\x05\x00"); io.Copy(io.Discard, nc) })
		_, err := proxy.SOCKS5{Proxy: socksAddress, Dialer: w, Userinfo: proxy.UserPassword("u", "p")}.DialContext(t.Context(), "tcp", originAddress)
		if !errors.As(err, new(*proxy.ReplyError)) || !strings.Contains(err.Error(), "has version 5") {
			t.Error(err)
		}
	})
}

// Octets that the far side sends behind the reply are the connection's, whatever the address in the reply looks like
// and however the replies are segmented; and the connection is the one that was dialled.
func TestSOCKS5Early(t *testing.T) {
	for _, bound := range []string{"\x01\x00\x00\x00\x00\x00\x00", "\x04" + strings.Repeat("\x00", 18), "\x03\x00\x00\x00", "\x03\xff" + strings.Repeat("x", 257)} {
		for _, each := range []bool{false, true} {
			w := newWorld(t)
			w.listen(socksAddress, func(nc net.Conn) {
				all := "\x05\x00\x05\x00\x00" + bound + "early"
				if !each {
					io.WriteString(nc, all)
				}
				for i := 0; each && i < len(all); i++ {
					nc.Write([]byte{all[i]})
				}
				io.Copy(io.Discard, nc)
			})
			nc, err := proxy.SOCKS5{Proxy: socksAddress, Dialer: w}.DialContext(t.Context(), "tcp", originAddress)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := nc.(*memory.Conn); !ok {
				t.Errorf("the connection is a %T", nc)
			}
			got := make([]byte, 5)
			if _, err := io.ReadFull(nc, got); err != nil || string(got) != "early" {
				t.Errorf("%q, %v", got, err)
			}
			nc.Close()
		}
	}
}

// What cannot be said in SOCKS 5 is refused before anything is dialled.
func TestSOCKS5NothingDialled(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("x", 256)
	for _, tt := range []struct {
		user    proxy.Userinfo
		address string
	}{
		{proxy.Userinfo{}, long + ":80"},
		{proxy.Userinfo{}, ":80"},
		{proxy.Userinfo{}, "origin.example"},
		{proxy.Userinfo{}, "origin.example:"},
		{proxy.Userinfo{}, "origin.example:0"},
		{proxy.Userinfo{}, "origin.example:65536"},
		{proxy.Userinfo{}, "origin.example:http"},
		{proxy.Userinfo{}, "a\x00b:80"},
		{proxy.Userinfo{}, "a b:80"},
		{proxy.Userinfo{}, "a\x9b:80"},
		{proxy.UserPassword("", "hunter2"), originAddress},
		{proxy.UserPassword("hunter2", ""), originAddress},
		{proxy.UserPassword(long, "hunter2"), originAddress},
		{proxy.UserPassword("hunter2", long), originAddress},
	} {
		_, err := proxy.SOCKS5{Proxy: socksAddress, Dialer: w, Userinfo: tt.user}.DialContext(t.Context(), "tcp", tt.address)
		if tt.user.IsSet() != errors.As(err, new(*proxy.AuthError)) || tt.user.IsSet() == errors.As(err, new(*transport.DialError)) {
			t.Errorf("%.20q: %v", tt.address, err)
		}
		if err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("a secret stands in %q", err)
		}
	}
	if got := w.dials(); len(got) > 0 {
		t.Errorf("dialled %v", got)
	}
}

// A silent proxy is left when the time-out, or the context, says so; and afterwards no deadline holds.
func TestSOCKS5Silent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.listen(socksAddress, func(nc net.Conn) { io.Copy(io.Discard, nc) })
		cause := errors.New("enough")
		for name, tt := range map[string]struct {
			timeout time.Duration
			end     func(context.Context) (context.Context, context.CancelFunc)
			want    error
		}{
			"time-out": {time.Hour, func(c context.Context) (context.Context, context.CancelFunc) { return c, func() {} }, os.ErrDeadlineExceeded},
			"context": {0, func(c context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeout(c, time.Hour)
			}, context.DeadlineExceeded},
			"cause": {0, func(c context.Context) (context.Context, context.CancelFunc) {
				return context.WithTimeoutCause(c, time.Hour, cause)
			}, cause},
		} {
			ctx, cancel := tt.end(t.Context())
			start := time.Now()
			_, err := proxy.SOCKS5{Proxy: socksAddress, Dialer: w, Timeout: tt.timeout}.DialContext(ctx, "tcp", originAddress)
			if took := time.Since(start); took != time.Hour || !errors.Is(err, tt.want) {
				t.Errorf("%s: %v after %v", name, err, took)
			}
			if want := "proxy " + socksAddress + ": no reply within 1h0m0s"; tt.timeout > 0 && err.Error() != want {
				t.Errorf("%s: %v, want %s", name, err, want)
			}
			cancel()
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.listen(originAddress, func(nc net.Conn) { time.Sleep(2 * time.Hour); io.WriteString(nc, "late") })
		w.socksServer(socksAddress, socksServer{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		nc, err := proxy.SOCKS5{Proxy: socksAddress, Dialer: w, Timeout: time.Minute}.DialContext(ctx, "tcp", originAddress)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		if got, err := io.ReadAll(nc); string(got) != "late" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// FuzzSOCKS5: whatever a proxy sends, it is a connection to the address or an error, and of what follows the reply
// nothing is taken.
func FuzzSOCKS5(f *testing.F) {
	for _, s := range []string{"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00early", "\x05\x02\x01\x00\x05\x00\x00\x03\x01a\x00\x50", "\x05\xff", "\x05\x00\x05\x05\x00\x01", "HTTP/1.1 400\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, says []byte) {
		client, server := memory.PipeSize(1 << 20)
		go func() {
			server.Write(says)
			server.CloseWrite()
			io.Copy(io.Discard, server)
		}()
		defer server.Close()
		d := proxy.SOCKS5{Proxy: socksAddress, Userinfo: proxy.UserPassword("u", "p"), Dialer: transport.DialerFunc(
			func(context.Context, string, string) (net.Conn, error) { return client, nil })}
		nc, err := d.DialContext(t.Context(), "tcp", originAddress)
		if err != nil {
			if nc != nil {
				t.Errorf("both %v and a connection", err)
			}
			return
		}
		defer nc.Close()
		rest, err := io.ReadAll(nc)
		if err != nil || !strings.HasSuffix(string(says), string(rest)) || len(says)-len(rest) < 2+4+1+2 {
			t.Errorf("%q left %q, %v", says, rest, err)
		}
	})
}
