package transport_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
)

// logger is a trace that appends to lines.
func logger(prefix string, lines *[]string) *transport.Trace {
	add := func(format string, args ...any) { *lines = append(*lines, prefix+fmt.Sprintf(format, args...)) }
	return &transport.Trace{
		DialStart: func(network, _ string) { add("dial %s", network) },
		DialDone:  func(c net.Conn, err error) { add("dialled, connection %v, error %v", c != nil, err != nil) },
		TLSStart:  func(host string) { add("TLS %s", host) },
		TLSDone: func(s tls.ConnectionState, err error) {
			add("TLS done, complete %v, error %v", s.HandshakeComplete, err != nil)
		},
	}
}

func TestTrace(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cert, roots, _ := testcert.New(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}}).Handshake()
			c.Close()
		}
	}()
	var lines []string
	ctx := transport.WithTrace(t.Context(), logger("", &lines))
	for _, d := range []transport.TLS{{Config: &tls.Config{RootCAs: roots}}, {}} {
		if c, err := d.DialContext(ctx, "tcp", l.Addr().String()); err == nil {
			c.Close()
		}
	}
	address := l.Addr().String()
	l.Close()
	<-done
	transport.TLS{}.DialContext(ctx, "tcp", address)
	transport.Unix{Path: "/nonexistent"}.DialContext(ctx, "tcp", "a:1")
	want := []string{
		"dial tcp", "dialled, connection true, error false", "TLS 127.0.0.1", "TLS done, complete true, error false",
		"dial tcp", "dialled, connection true, error false", "TLS 127.0.0.1", "TLS done, complete false, error true",
		"dial tcp", "dialled, connection false, error true",
		"dial unix", "dialled, connection false, error true",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

// Traces in one context are all called, the innermost first, and may leave out any hook.
func TestTracesJoin(t *testing.T) {
	var lines []string
	ctx := transport.WithTrace(t.Context(), logger("outer ", &lines))
	ctx = transport.WithTrace(ctx, nil)
	ctx = transport.WithTrace(ctx, &transport.Trace{})
	ctx = transport.WithTrace(ctx, &transport.Trace{DialStart: func(string, string) { lines = append(lines, "middle") }})
	inner := logger("inner ", &lines)
	ctx = transport.WithTrace(ctx, inner)
	inner.DialStart = nil // has no effect any more
	transport.TraceDial(ctx, "tcp", "a:1")(nil, context.Canceled)
	want := []string{
		"inner dial tcp", "middle", "outer dial tcp",
		"inner dialled, connection false, error true", "outer dialled, connection false, error true",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

func TestNoTraceCostsNothing(t *testing.T) {
	ctx := t.Context()
	if transport.ContextTrace(ctx) != nil {
		t.Error("a plain context has a trace")
	}
	if n := testing.AllocsPerRun(100, func() { transport.TraceDial(ctx, "tcp", "a:1")(nil, nil) }); n != 0 {
		t.Errorf("TraceDial without a trace allocates %v times", n)
	}
}
