package memory_test

import (
	"context"
	"net"
	"testing"
	"time"

	"golang.org/x/net/nettest"

	"github.com/strata-http/strata/transport/memory"
)

// makers are the ways to a pair of ends; every test of connections runs on each.
var makers = []struct {
	name string
	make func(size int) (c1, c2 *memory.Conn, stop func(), err error)
}{
	{"Pipe", func(size int) (c1, c2 *memory.Conn, stop func(), err error) {
		c1, c2 = memory.PipeSize(size)
		return c1, c2, func() { c1.Close(); c2.Close() }, nil
	}},
	{"Network", func(size int) (c1, c2 *memory.Conn, stop func(), err error) {
		n := &memory.Network{BufferSize: size}
		l, err := n.Listen("example.org:80")
		if err != nil {
			return nil, nil, nil, err
		}
		here, err := n.DialContext(context.Background(), "tcp", "example.org:80")
		if err != nil {
			return nil, nil, nil, err
		}
		there, err := l.Accept()
		if err != nil {
			return nil, nil, nil, err
		}
		c1, c2 = here.(*memory.Conn), there.(*memory.Conn)
		return c1, c2, func() { c1.Close(); c2.Close(); l.Close() }, nil
	}},
}

// TestNettestOverLinks shows that latency and bandwidth change nothing but the time.
func TestNettestOverLinks(t *testing.T) {
	const us = time.Microsecond
	for name, n := range map[string]*memory.Network{
		"bandwidth": {Up: memory.Link{Bandwidth: 50 << 20}, Down: memory.Link{Bandwidth: 20 << 20}},
		"both":      {BufferSize: 8192, Up: memory.Link{Latency: 50 * us, Bandwidth: 50 << 20}, Down: memory.Link{Latency: 50 * us}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
				a, b := n.Pipe()
				return a, b, func() { a.Close(); b.Close() }, nil
			})
		})
	}
}

// eachPair runs f on a pair of every maker and closes it.
func eachPair(t *testing.T, size int, f func(t *testing.T, a, b *memory.Conn)) {
	t.Helper()
	for _, m := range makers {
		t.Run(m.name, func(t *testing.T) {
			a, b, stop, err := m.make(size)
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
			f(t, a, b)
		})
	}
}

// TestNettest needs buffers of 1024 octets at least: its echoing peer writes before it reads on, so with less both
// ends wait for each other.
func TestNettest(t *testing.T) {
	for _, m := range makers {
		for _, size := range []int{0, 1024} {
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
					a, b, stop, err := m.make(size)
					return a, b, stop, err
				})
			})
		}
	}
}
