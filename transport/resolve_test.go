package transport_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// dialled is a dialer that notes what it was asked for and fails.
type dialled struct{ got []string }

var errDialled = errors.New("noted")

func (d *dialled) DialContext(_ context.Context, network, address string) (net.Conn, error) {
	d.got = append(d.got, network+" "+address)
	return nil, errDialled
}

func TestResolve(t *testing.T) {
	hosts := map[string][]string{
		"a.test:443":       {"192.0.2.1"},
		"A.test:80":        {"192.0.2.2", "2001:db8::2", "[2001:db8::3]"},
		"a.test:*":         {"192.0.2.3"},
		"*:8443":           {"192.0.2.4"},
		"none.test:80":     {},
		"[2001:db8::9]:80": {"192.0.2.5"},
	}
	tests := []struct {
		address string
		want    []string
	}{
		{"a.test:443", []string{"tcp 192.0.2.1:443"}},
		{"A.TEST.:0443", []string{"tcp 192.0.2.1:0443"}},
		{"a.test:80", []string{"tcp 192.0.2.2:80", "tcp [2001:db8::2]:80", "tcp [2001:db8::3]:80"}},
		{"a.test:81", []string{"tcp 192.0.2.3:81"}},
		{"a.test:8443", []string{"tcp 192.0.2.3:8443"}}, // the host is more specific than the port
		{"b.test:8443", []string{"tcp 192.0.2.4:8443"}},
		{"b.test:443", []string{"tcp b.test:443"}},
		{"b.test", []string{"tcp b.test"}},
		{"none.test:80", nil},
		{"[2001:DB8:0::9]:80", []string{"tcp 192.0.2.5:80"}},
	}
	for _, tt := range tests {
		var d dialled
		c, err := transport.Resolve{Dialer: &d, Hosts: hosts}.DialContext(t.Context(), "tcp", tt.address)
		if diff := cmp.Diff(tt.want, d.got); diff != "" || c != nil {
			t.Errorf("%s: dialled (-want +got):\n%s", tt.address, diff)
		}
		var dns *net.DNSError
		if tt.want == nil && (!errors.As(err, &dns) || !dns.IsNotFound) || tt.want != nil && !errors.Is(err, errDialled) {
			t.Errorf("%s: error %v", tt.address, err)
		}
	}
	any := transport.Resolve{Dialer: new(dialled), Hosts: map[string][]string{"*:*": {"192.0.2.9"}}}
	any.DialContext(t.Context(), "tcp6", "b.test:1")
	if got := any.Dialer.(*dialled).got; !slices.Equal(got, []string{"tcp6 192.0.2.9:1"}) {
		t.Errorf("dialled %q", got)
	}
}

func TestConnectTo(t *testing.T) {
	targets := map[string]string{
		"a.test:443":  "b.test:8443",
		"a.test:":     "b.test:",
		":80":         ":8080",
		"c.test:80":   "[2001:db8::1]:81",
		"loop.test:1": "a.test:443",
	}
	tests := []struct{ address, want string }{
		{"a.test:443", "tcp b.test:8443"},
		{"A.test.:443", "tcp b.test:8443"},
		{"a.test:80", "tcp b.test:80"},
		{"d.test:80", "tcp d.test:8080"},
		{"c.test:80", "tcp [2001:db8::1]:81"},
		{"c.test:443", "tcp c.test:443"},
		{"loop.test:1", "tcp a.test:443"},
		{"no port", "tcp no port"},
	}
	for _, tt := range tests {
		var d dialled
		_, err := transport.ConnectTo{Dialer: &d, Targets: targets}.DialContext(t.Context(), "tcp", tt.address)
		if !slices.Equal(d.got, []string{tt.want}) || !errors.Is(err, errDialled) {
			t.Errorf("%s: dialled %q, %v, want %q", tt.address, d.got, err, tt.want)
		}
	}
}

// Two spellings of one key do not leave it to chance which counts.
func TestSpellings(t *testing.T) {
	for range 20 {
		var d dialled
		hosts := map[string][]string{"a.test:80": {"192.0.2.1"}, "A.test:80": {"192.0.2.2"}, "a.test.:80": {"192.0.2.3"}}
		transport.Resolve{Dialer: &d, Hosts: hosts}.DialContext(t.Context(), "tcp", "a.test:80")
		if !slices.Equal(d.got, []string{"tcp 192.0.2.2:80"}) {
			t.Fatalf("dialled %q", d.got)
		}
	}
}

// A table that cannot be read is an error at every dial, not one that is passed over.
func TestBadTables(t *testing.T) {
	for name, d := range map[string]transport.Dialer{
		"Resolve":           transport.Resolve{Dialer: new(dialled), Hosts: map[string][]string{"a.test": {"192.0.2.1"}}},
		"ConnectTo":         transport.ConnectTo{Dialer: new(dialled), Targets: map[string]string{"a.test": ":80"}},
		"ConnectTo, target": transport.ConnectTo{Dialer: new(dialled), Targets: map[string]string{"a.test:80": "b.test"}},
	} {
		c, err := d.DialContext(t.Context(), "tcp", "a.test:80")
		var dial *transport.DialError
		var addr *net.AddrError
		if c != nil || !errors.As(err, &dial) || !errors.As(err, &addr) {
			t.Errorf("%s: DialContext = %v, %v", name, c, err)
		}
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		entry     string
		hostPort  string
		addresses []string // of ParseResolve; nil for an error
		from, to  string   // of ParseConnectTo; empty for an error
	}{
		{entry: "a.test:443:192.0.2.1", hostPort: "a.test:443", addresses: []string{"192.0.2.1"}},
		{entry: "+a.test:443:192.0.2.1,::1,[::2]", hostPort: "a.test:443", addresses: []string{"192.0.2.1", "::1", "::2"}},
		{entry: "*:443:::1", hostPort: "*:443", addresses: []string{"::1"}},
		{entry: "[::1]:443:192.0.2.1", hostPort: "[::1]:443", addresses: []string{"192.0.2.1"}},
		{entry: "a.test:*:192.0.2.1", hostPort: "a.test:*", addresses: []string{"192.0.2.1"}},
		{entry: "a.test:443:"},
		{entry: "a.test:443"},
		{entry: "a.test"},
		{entry: ""},
		{entry: ":443:192.0.2.1"},
		{entry: "a.test:99999:192.0.2.1"},
		{entry: "a.test:443:b.test", from: "a.test:443", to: "error"},
		{entry: "a.test:443:192.0.2.1,"},
		{entry: "[::1:443:192.0.2.1"},
		{entry: "a.test:443:b.test:8443", from: "a.test:443", to: "b.test:8443"},
		{entry: ":::", from: ":", to: ":"},
		{entry: "a.test::b.test:", from: "a.test:", to: "b.test:"},
		{entry: "[::1]:80:[::2]:81", from: "[::1]:80", to: "[::2]:81"},
		{entry: "a.test:x:b.test:80"},
		{entry: "a.test:80:b.test:x"},
	}
	for _, tt := range tests {
		hostPort, addresses, err := transport.ParseResolve(tt.entry)
		if hostPort != tt.hostPort || !slices.Equal(addresses, tt.addresses) || (err == nil) == (tt.addresses == nil) {
			t.Errorf("ParseResolve(%q) = %q, %q, %v", tt.entry, hostPort, addresses, err)
		}
		if tt.to == "error" {
			tt.from, tt.to = "", ""
		}
		from, to, err := transport.ParseConnectTo(tt.entry)
		if tt.addresses != nil {
			continue // some of which ParseConnectTo can read also
		}
		if from != tt.from || to != tt.to || (err == nil) == (tt.to == "") {
			t.Errorf("ParseConnectTo(%q) = %q, %q, %v", tt.entry, from, to, err)
		}
	}
}

// An address that swallows what is sent to it leaves time for the next one.
func TestResolveSharesTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &memory.Network{Backlog: 1}
		deaf, err := n.Listen("192.0.2.1:80")
		if err != nil {
			t.Fatal(err)
		}
		defer deaf.Close()
		fills, err := n.DialContext(t.Context(), "tcp", "192.0.2.1:80")
		if err != nil {
			t.Fatal(err)
		}
		defer fills.Close()
		good, err := n.Listen("192.0.2.2:80")
		if err != nil {
			t.Fatal(err)
		}
		defer good.Close()
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 9*time.Second)
		defer cancel()
		d := transport.Resolve{Dialer: n, Hosts: map[string][]string{"a.test:80": {"192.0.2.1", "192.0.2.3", "192.0.2.2"}}}
		c, err := d.DialContext(ctx, "tcp", "a.test:80")
		if err != nil || c.RemoteAddr().String() != "192.0.2.2:80" || !is[*memory.Conn](c) {
			t.Fatalf("DialContext = %v, %v", c, err)
		}
		c.Close()
		if got := time.Since(start); got != 3*time.Second {
			t.Errorf("it took %v, want a third of nine seconds", got)
		}
		// With a context that ends, the rest is not tried.
		ended, end := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, end)
		if _, err := d.DialContext(ended, "tcp", "a.test:80"); !errors.Is(err, context.Canceled) {
			t.Errorf("DialContext = %v", err)
		}
	})
}

// When the context has ended the rest is not tried.
func TestDiallingStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancels := 0
	d := transport.Resolve{
		Dialer: transport.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
			cancels++
			cancel()
			return nil, errDialled
		}),
		Hosts: map[string][]string{"a.test:80": {"192.0.2.1", "192.0.2.2"}},
	}
	if _, err := d.DialContext(ctx, "tcp", "a.test:80"); !errors.Is(err, errDialled) || cancels != 1 {
		t.Errorf("DialContext = %v after %d attempts", err, cancels)
	}
	tried := 0
	ctx = transport.WithTrace(ctx, &transport.Trace{DialStart: func(string, string) { tried++ }})
	s := transport.SourceAddress{Local: addrs("127.0.0.1", "127.0.0.2")}
	if _, err := s.DialContext(ctx, "tcp", "127.0.0.1:1"); !errors.Is(err, context.Canceled) || tried != 1 {
		t.Errorf("DialContext = %v after %d attempts", err, tried)
	}
}

// Errors name what was asked for, and where the attempt went.
func TestResolveErrors(t *testing.T) {
	n := new(memory.Network)
	tests := []struct {
		d    transport.Dialer
		want string
	}{
		{transport.Resolve{Dialer: n, Hosts: map[string][]string{"a.test:80": {"192.0.2.1"}}},
			`transport: dial tcp "a.test:80" at 192.0.2.1:80: connect: connection refused`},
		{transport.ConnectTo{Dialer: n, Targets: map[string]string{"a.test:80": "localhost:8080"}},
			`transport: dial tcp "a.test:80" at localhost:8080: connect: connection refused`},
		{transport.Resolve{Dialer: n, Hosts: map[string][]string{"a.test:80": nil}},
			`transport: dial tcp "a.test:80": lookup a.test: no such host`},
	}
	for _, tt := range tests {
		if _, err := tt.d.DialContext(t.Context(), "tcp", "a.test:80"); err == nil || err.Error() != tt.want {
			t.Errorf("error\n got %v\nwant %s", err, tt.want)
		}
	}
	below := transport.TLSError{Host: "proxy.test", Err: errDialled}
	_, err := transport.ConnectTo{Dialer: failing{&below}, Targets: map[string]string{":": "b.test:"}}.DialContext(t.Context(), "tcp", "a.test:80")
	if err != error(&below) {
		t.Errorf("the error of a handshake became %v", err)
	}
}
