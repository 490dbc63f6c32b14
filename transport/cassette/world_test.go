package cassette_test

import (
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/cassette"
	"github.com/strata-http/strata/transport/memory"
)

// serve accepts connections of l and runs f on each.
func serve(l net.Listener, f func(c net.Conn)) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			f(c)
		}()
	}
}

// world is a network in memory with one server.
func world(t *testing.T, f func(c net.Conn)) *memory.Network {
	t.Helper()
	n := new(memory.Network)
	l, err := n.Listen("example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go serve(l, f)
	return n
}

// path is a file in a folder that is removed with the test.
func path(t *testing.T) string { return filepath.Join(t.TempDir(), "x.cassette") }

func record(t *testing.T, d transport.Dialer, file string, options ...cassette.Option) *cassette.Cassette {
	t.Helper()
	c, err := cassette.Record(d, file, options...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func replay(t *testing.T, file string, options ...cassette.Option) *cassette.Cassette {
	t.Helper()
	c, err := cassette.Replay(file, options...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// written makes a cassette of text, in which the header is added.
func written(t *testing.T, text string) string {
	t.Helper()
	file := path(t)
	if err := os.WriteFile(file, []byte(cassette.Header+text), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

func content(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func dial(t *testing.T, d transport.Dialer) net.Conn {
	t.Helper()
	c, err := d.DialContext(context.Background(), "tcp", "example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func write(t *testing.T, c net.Conn, s string) {
	t.Helper()
	if n, err := io.WriteString(c, s); err != nil || n != len(s) {
		t.Fatalf("Write(%q) = %d, %v", s, n, err)
	}
}

func read(t *testing.T, c net.Conn, want string) {
	t.Helper()
	buf := make([]byte, 512)
	if n, err := c.Read(buf); string(buf[:n]) != want || err != nil {
		t.Fatalf("Read = %q, %v, want %q", buf[:n], err, want)
	}
}

func finish(t *testing.T, c *cassette.Cassette) {
	t.Helper()
	if err := c.Complete(); err != nil {
		t.Error(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
