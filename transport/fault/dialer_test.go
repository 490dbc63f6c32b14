package fault_test

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
	"github.com/strata-http/strata/transport/memory"
)

// listen opens a listener on a network of its own, whose backlog takes all that is dialled.
func listen(t *testing.T) (*memory.Network, *memory.Listener) {
	t.Helper()
	network := new(memory.Network)
	l, err := network.Listen("example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return network, l
}

// A dial fails as the kernel or the resolver would have it fail, in its time, and the trace hears of it.
func TestDialFaults(t *testing.T) {
	for _, tt := range []struct {
		text    string
		timeout time.Duration // of the context
		want    error         // nil: the dial succeeds
		late    bool          // Timeout of the error
		took    time.Duration
	}{
		{"", 0, nil, false, 0},
		{"dial: refuse", 0, syscall.ECONNREFUSED, false, 0},
		{"dial: time out 2m", 0, syscall.ETIMEDOUT, true, 2 * time.Minute},
		{"dial: time out 2m", time.Second, context.DeadlineExceeded, true, time.Second},
		{"dial: delay 2m", 0, nil, false, 2 * time.Minute},
		{"dial: delay 2m", time.Second, context.DeadlineExceeded, true, time.Second},
		{"dial: delay 2m; dial: refuse", 0, syscall.ECONNREFUSED, false, 2 * time.Minute},
		{"dial: stall", time.Hour, context.DeadlineExceeded, true, time.Hour},
		{"dial: no such host", 0, new(net.DNSError), false, 0},
		{"conn 2 dial: refuse", 0, nil, false, 0},
	} {
		t.Run(tt.text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, _ := listen(t)
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				var begun, done int
				ctx = transport.WithTrace(ctx, &transport.Trace{
					DialStart: func(string, string) { begun++ },
					DialDone:  func(net.Conn, error) { done++ },
				})
				start := time.Now()
				c, err := fault.New(network, must(t, tt.text)...).DialContext(ctx, "tcp", "example.org:80")
				took(t, "the dial", start, tt.took)
				if begun != 1 || done != 1 {
					t.Errorf("the trace was told of %d beginnings and %d ends", begun, done)
				}
				if tt.want == nil {
					if err != nil {
						t.Fatal(err)
					}
					c.Close()
					return
				}
				var dial *transport.DialError
				if !errors.As(err, &dial) || c != nil {
					t.Fatalf("DialContext = %v, %v", c, err)
				}
				if want := nilIfDNS(t, err, tt.want); !errors.Is(err, want) {
					t.Errorf("DialContext: %v, want %v", err, want)
				}
				if dial.Timeout() != tt.late {
					t.Errorf("Timeout of %v = %v", err, dial.Timeout())
				}
			})
		})
	}
}

// nilIfDNS checks for a name that does not exist by type, since such errors have no identity.
func nilIfDNS(t *testing.T, err, want error) error {
	t.Helper()
	var dns *net.DNSError
	if !errors.As(want, &dns) {
		return want
	}
	if !errors.As(err, &dns) || !dns.IsNotFound || dns.Name != "example.org" {
		t.Errorf("%v is no DNS error for example.org", err)
	}
	return err
}

// Connections are numbered as they are dialled, those that fail included, and each has its own faults.
func TestConnections(t *testing.T) {
	network, _ := listen(t)
	script := must(t, "conn 1-2 dial: refuse; conn 4 sent at 1: reset; conn 5- sent at 2: close; conn 9: reset")
	d := fault.New(network, script...)
	type strike struct {
		Conn  int
		Fault string
	}
	var strikes []strike
	d.OnStrike = func(n int, f fault.Fault) { strikes = append(strikes, strike{n, f.String()}) }
	var got []error
	for range 6 {
		c, err := d.DialContext(t.Context(), "tcp", "example.org:80")
		if err == nil {
			_, err = c.Write([]byte("abc"))
			c.Close()
		}
		got = append(got, err)
	}
	for i, want := range []error{syscall.ECONNREFUSED, syscall.ECONNREFUSED, nil, syscall.ECONNRESET, syscall.EPIPE, syscall.EPIPE} {
		is(t, "a connection", got[i], want)
	}
	want := []strike{
		{1, "conn 1-2 dial: refuse"}, {2, "conn 1-2 dial: refuse"}, {4, "conn 4 sent at 1: reset"},
		{5, "conn 5- sent at 2: close"}, {6, "conn 5- sent at 2: close"},
	}
	if diff := cmp.Diff(want, strikes); diff != "" {
		t.Errorf("strikes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(fault.Script{fault.Conn(9).Reset()}, d.Unstruck(), equal); diff != "" {
		t.Errorf("Unstruck (-want +got):\n%s", diff)
	}
}

// What the wrapped dialer returns as an error comes through as it is; without one there is TCP.
func TestDialBelow(t *testing.T) {
	failed := errors.New("failed")
	d := fault.New(transport.DialerFunc(func(context.Context, string, string) (net.Conn, error) { return nil, failed }))
	if c, err := d.DialContext(t.Context(), "tcp", "example.org:80"); c != nil || err != failed {
		t.Errorf("DialContext = %v, %v", c, err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := new(fault.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
}

// A listener's faults are seen from the server.
func TestListener(t *testing.T) {
	network, below := listen(t)
	l := fault.Listen(below, must(t, "dial: refuse; conn 2 sent at 3: half-close; conn 2 received at 2: half-close")...)
	for n := 1; n <= 2; n++ {
		client, err := network.DialContext(t.Context(), "tcp", "example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		server, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer server.Close()
		client.Write([]byte("abcd"))
		server.Write([]byte("efgh"))
		client.(*memory.Conn).CloseWrite()
		server.(interface{ CloseWrite() error }).CloseWrite()
		atServer, _ := readAll(server, 10)
		atClient, err := readAll(client, 10)
		want := [2]string{"abcd", "efgh"}
		if n == 2 {
			want = [2]string{"ab", "efg"}
		}
		if got := [2]string{atServer, atClient}; got != want || err != io.EOF {
			t.Errorf("connection %d: received %q, %v; want %q", n, got, err, want)
		}
	}
	l.Close()
	if c, err := l.Accept(); c != nil || !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept after Close = %v, %v", c, err)
	}
}

// Over TCP, the peer of a connection that is reset sees the reset, also when there is another adapter in between.
func TestResetTCP(t *testing.T) {
	for name, between := range map[string]func(net.Conn) net.Conn{
		"direct":  func(c net.Conn) net.Conn { return c },
		"adapter": func(c net.Conn) net.Conn { return fault.Wrap(c) },
		"memory":  nil,
	} {
		t.Run(name, func(t *testing.T) {
			var client, server net.Conn
			if between == nil {
				a, b := memory.Pipe()
				client, server = a, b
			} else {
				client, server = tcpPair(t)
				client = between(client)
			}
			defer server.Close()
			c := fault.Wrap(client, fault.Sent().At(2).Reset())
			defer c.Close()
			n, err := c.Write([]byte("abc"))
			if n != 2 {
				t.Errorf("Write = %d", n)
			}
			is(t, "Write", err, syscall.ECONNRESET)
			_, err = readAll(server, 10)
			is(t, "the peer's Read", err, syscall.ECONNRESET)
		})
	}
}

func tcpPair(t *testing.T) (client, server net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err = net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if server, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	return client, server
}
