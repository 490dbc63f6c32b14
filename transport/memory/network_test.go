package memory_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

func TestDialFindsListener(t *testing.T) {
	n := new(memory.Network)
	for _, addr := range []string{"Example.org:80", "example.org:8080", "[::1]:80", ":443", "special.test:443", "192.0.2.9:80"} {
		l, err := n.Listen(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				send(c, addr)
				c.Close()
			}
		}()
	}
	tests := []struct{ address, want string }{
		{"example.org:80", "Example.org:80"},
		{"EXAMPLE.ORG:080", "Example.org:80"},
		{"example.org:8080", "example.org:8080"},
		{"[::1]:80", "[::1]:80"},
		{"any.test:443", ":443"},
		{"example.org.:80", "Example.org:80"},
		{"[0:0::0:1]:80", "[::1]:80"},
		{"192.0.2.7:443", ":443"},
		{"[::ffff:192.0.2.9]:80", "192.0.2.9:80"},
		{"special.test:443", "special.test:443"},
	}
	for _, tt := range tests {
		for _, network := range []string{"tcp", "unix", "memory"} {
			c, err := n.DialContext(context.Background(), network, tt.address)
			if err != nil {
				t.Errorf("dial %s: %v", tt.address, err)
				continue
			}
			got, err := io.ReadAll(c)
			c.Close()
			if string(got) != tt.want || err != nil {
				t.Errorf("dial %s reached %q, %v, want %q", tt.address, got, err, tt.want)
			}
		}
	}
}

func TestDialErrors(t *testing.T) {
	n := new(memory.Network)
	l, err := n.Listen("example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	gone, err := n.Listen("gone.test:80")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close() // the name stays known, as it does when a server is restarted
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	tests := []struct {
		name    string
		ctx     context.Context
		address string
		is      error
		message string
	}{
		{"nobody there", context.Background(), "example.org:81", syscall.ECONNREFUSED,
			`transport: dial tcp "example.org:81": connect: connection refused`},
		{"another network's host", context.Background(), "other.test:80", syscall.ECONNREFUSED,
			`transport: dial tcp "other.test:80": lookup other.test: no such host`},
		{"nobody at an address", context.Background(), "[2001:DB8::1]:80", syscall.ECONNREFUSED,
			`transport: dial tcp "[2001:DB8::1]:80": connect: connection refused`},
		{"nobody on this machine", context.Background(), "localhost:80", syscall.ECONNREFUSED,
			`transport: dial tcp "localhost:80": connect: connection refused`},
		{"port 0", context.Background(), "example.org:0", syscall.ECONNREFUSED,
			`transport: dial tcp "example.org:0": connect: connection refused`},
		{"a server that is down", context.Background(), "gone.test:80", syscall.ECONNREFUSED,
			`transport: dial tcp "gone.test:80": connect: connection refused`},
		{"cancelled", cancelled, "example.org:80", context.Canceled,
			`transport: dial tcp "example.org:80": context canceled`},
		{"no port", context.Background(), "example.org", nil,
			`transport: dial tcp "example.org": address example.org: missing port in address`},
		{"bad port", context.Background(), "example.org:http", nil,
			`transport: dial tcp "example.org:http": address example.org:http: port is not a number from 0 to 65535`},
		{"port too large", context.Background(), "example.org:65536", nil,
			`transport: dial tcp "example.org:65536": address example.org:65536: port is not a number from 0 to 65535`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := n.DialContext(tt.ctx, "tcp", tt.address)
			if c != nil || err == nil {
				t.Fatalf("DialContext = %v, %v", c, err)
			}
			var dial *transport.DialError
			var op *net.OpError
			if !errors.As(err, &dial) || !errors.As(err, &op) || op.Op != "dial" {
				t.Errorf("error %#v, want *transport.DialError around *net.OpError", err)
			}
			var dns *net.DNSError
			if found := errors.As(err, &dns); found != strings.Contains(tt.message, "lookup") || found && !dns.IsNotFound {
				t.Errorf("error %#v, *net.DNSError or not", err)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("error %v is not %v", err, tt.is)
			}
			if diff := cmp.Diff(tt.message, err.Error()); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestListenErrors(t *testing.T) {
	n := new(memory.Network)
	l, err := n.Listen("example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	var op *net.OpError
	if _, err := n.Listen("EXAMPLE.org:80"); !errors.Is(err, syscall.EADDRINUSE) || !errors.As(err, &op) {
		t.Errorf("Listen on a taken address = %v", err)
	}
	var bad *net.AddrError
	if _, err := n.Listen("example.org"); !errors.As(err, &bad) || !errors.As(err, &op) {
		t.Errorf("Listen without a port = %v", err)
	}
	l.Close()
	if err := l.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("second Close = %v", err)
	}
	l, err = n.Listen("example.org:80")
	if err != nil {
		t.Fatalf("Listen on an address that was freed = %v", err)
	}
	l.Close()
}

func TestPortZero(t *testing.T) {
	n := new(memory.Network)
	var addrs []string
	for _, address := range []string{":0", "example.org:0", "example.org:0"} {
		l, err := n.Listen(address)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		addr := l.Addr().String()
		if strings.HasSuffix(addr, ":0") || slices.Contains(addrs, addr) {
			t.Errorf("Listen(%q) has address %q; before: %q", address, addr, addrs)
		}
		addrs = append(addrs, addr)
		c, err := n.DialContext(context.Background(), "tcp", addr)
		if err != nil {
			t.Errorf("dial to %q: %v", addr, err)
			continue
		}
		c.Close()
	}
}

func TestPortsRunOut(t *testing.T) {
	n := new(memory.Network)
	for range 65536 - 49152 {
		l, err := n.Listen("example.org:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
	}
	if _, err := n.Listen("example.org:0"); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("Listen without a free port = %v", err)
	}
	if l, err := n.Listen("example.com:0"); err != nil {
		t.Errorf("Listen on another host = %v", err)
	} else {
		l.Close()
	}
}

func TestListenerClose(t *testing.T) {
	n := new(memory.Network)
	l, err := n.Listen("example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	dial := func() net.Conn {
		c, err := n.DialContext(context.Background(), "tcp", "example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	accepted := dial()
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	queued := dial()
	l.Close()
	if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Close = %v", err)
	}
	if _, err := queued.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("Read of a connection that nobody accepted = %v", err)
	}
	if err := send(accepted, "x"); err != nil {
		t.Errorf("Write to a connection that was accepted = %v", err)
	}
	if _, err := n.DialContext(context.Background(), "tcp", "example.org:80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial after Close = %v", err)
	}
}

func TestTrace(t *testing.T) {
	var got []string
	ctx := transport.WithTrace(context.Background(), &transport.Trace{
		DialStart: func(network, address string) { got = append(got, "start "+network+" "+address) },
		DialDone: func(c net.Conn, err error) {
			if (c == nil) == (err == nil) {
				t.Errorf("DialDone(%v, %v)", c, err)
			}
			got = append(got, "done "+errorString(err))
		},
	})
	n := new(memory.Network)
	n.DialContext(ctx, "tcp", "example.org:80")
	l, err := n.Listen("example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	n.DialContext(ctx, "tcp", "example.org:80")
	want := []string{
		"start tcp example.org:80", `done transport: dial tcp "example.org:80": lookup example.org: no such host`,
		"start tcp example.org:80", "done ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

func errorString(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// The standard library's server and client run on the network as they do on TCP.
func TestUnderHTTPTest(t *testing.T) {
	n := new(memory.Network)
	l, err := n.Listen("example.org:0")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		io.WriteString(w, r.Host+" got "+string(body)+" from "+strings.Split(r.RemoteAddr, ":")[0])
	}))
	server.Listener.Close()
	server.Listener = l
	server.Start()
	defer server.Close()

	tr := &http.Transport{DialContext: n.DialContext}
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr}
	for range 3 {
		resp, err := client.Post(server.URL, "text/plain", strings.NewReader("a message"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if want := l.Addr().String() + " got a message from client"; string(got) != want || err != nil {
			t.Errorf("response %q, %v, want %q", got, err, want)
		}
	}
}
