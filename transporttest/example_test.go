package transporttest_test

import (
	"context"
	"net"
	"sync/atomic"
	"testing"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transporttest"
)

// counting is a dialer of somebody's own: it counts the octets that its connections receive.
type counting struct {
	below    transport.Dialer
	received *atomic.Int64
}

func (d counting) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.below.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &countingConn{Conn: c.(*net.TCPConn), received: d.received}, nil
}

type countingConn struct {
	net.Conn
	received *atomic.Int64
}

func (c *countingConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Add(int64(n))
	return n, err
}

// Embedding a net.Conn hides what it can do besides. These two are what HTTP asks for.

func (c *countingConn) CloseWrite() error { return c.Conn.(*net.TCPConn).CloseWrite() }

func (c *countingConn) Ready() (bool, error) { return transport.Peek(c.Conn) }

// TestCounting is all the test that the dialer needs. Without CloseWrite it fails in HalfCloseByClient, without Ready
// in ReadyQuiet.
func TestCounting(t *testing.T) {
	t.Parallel()
	transporttest.TestDialer(t, func(t *testing.T) transporttest.Stack {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return transporttest.Stack{
			Dialer:   counting{transport.TCP{}, new(atomic.Int64)},
			Listener: l,
			Foreign:  !canPeek,
		}
	})
}

// A test of a dialer is one call. It stands in a function such as
//
//	func TestMyDialer(t *testing.T)
//
// whose t it is given.
func ExampleTestDialer() {
	var t *testing.T
	transporttest.TestDialer(t, func(t *testing.T) transporttest.Stack {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return transporttest.Stack{
			Dialer:   counting{transport.TCP{}, new(atomic.Int64)},
			Listener: l,
		}
	})
}
