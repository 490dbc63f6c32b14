package transporttest

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/strata-http/strata/transport"
)

// Patience is how long a subtest may take before it counts as hanging.
const Patience = 30 * time.Second

var patience = Patience // less in the tests of this package

// A Stack is a dialer under test and the listener that accepts its connections.
type Stack struct {
	// Dialer is what is tested. Connections must reach the peer that Listener accepts; what is between the two, a
	// proxy for example, is the maker's to start, and to stop by t.Cleanup.
	Dialer transport.Dialer

	// Listener accepts the other ends: for a dialer that does TLS it is a TLS listener. A connection that it accepts
	// and that has a HandshakeContext method is asked for its handshake at once. The suite closes Listener.
	Listener net.Listener

	// Network and Address are what Dialer is given. Empty, they are "tcp" and Listener.Addr().
	Network, Address string

	// TLS says that the connections go through crypto/tls, which forbids the use of a connection after a write
	// time-out. The subtests of nettest.TestConn that do so are then replaced by one that shows that later
	// writes fail at once.
	TLS bool

	// NoHalfClose says that the client has no CloseWrite, or one that returns an error which is
	// [errors.ErrUnsupported]. The suite sees to it that this is so.
	NoHalfClose bool

	// Foreign says that [transport.Peek] cannot look into the client without reading from it. The suite then asks of
	// [transport.Ready] only what its last resort can do.
	Foreign bool
}

// TestDialer runs the whole suite on the stacks that make returns: [TestConn], then [TestExchanges]. make is called
// for each group of subtests, with the test that the group belongs to, and returns a fresh stack; it may call t.Fatal
// and t.Skip. Subtests run one after the other. To have several stacks tested at once, call t.Parallel before
// TestDialer.
func TestDialer(t *testing.T, make func(t *testing.T) Stack) {
	t.Run("Conn", func(t *testing.T) { TestConn(t, make) })
	t.Run("Exchanges", func(t *testing.T) { TestExchanges(t, make) })
}

// TestExchanges runs the suite without [TestConn], which takes most of the time: for the many orders in which
// adapters are stacked that were tested one by one.
func TestExchanges(t *testing.T, make func(t *testing.T) Stack) {
	for _, group := range [][]subtest{streamTests, endingTests, readyTests, httpTests} {
		for _, sub := range group {
			t.Run(sub.name, func(t *testing.T) { sub.run(t, newStand(t, make)) })
		}
	}
}

// A subtest is one question, asked of a stack of its own.
type subtest struct {
	name string
	run  func(t *testing.T, s *stand)
}

// A stand holds a stack during a subtest, and closes all that it has opened when the subtest ends, or takes
// too long.
type stand struct {
	Stack
	t        *testing.T
	watchdog *time.Timer

	mu     sync.Mutex
	opened []io.Closer
	over   bool
	ended  chan struct{}  // closed when over
	wg     sync.WaitGroup // goroutines that must end with the subtest
}

func newStand(t *testing.T, maker func(t *testing.T) Stack) *stand {
	t.Helper()
	s := &stand{Stack: maker(t), t: t, ended: make(chan struct{})}
	if s.Network == "" {
		s.Network = "tcp"
	}
	if s.Address == "" {
		s.Address = s.Listener.Addr().String()
	}
	s.keep(s.Listener)
	s.watchdog = time.AfterFunc(patience, s.hangs)
	t.Cleanup(func() {
		s.watchdog.Stop()
		s.closeAll()
		s.wg.Wait()
	})
	return s
}

// keep closes c when the subtest is over.
func (s *stand) keep(c io.Closer) {
	s.mu.Lock()
	over := s.over
	s.opened = append(s.opened, c)
	s.mu.Unlock()
	if over {
		c.Close()
	}
}

// hangs ends a subtest that takes too long. It may be called when that is over already, and t is of no use any more.
func (s *stand) hangs() {
	s.mu.Lock()
	if !s.over {
		s.t.Errorf("the subtest hangs: its connections are closed after %v", patience)
	}
	s.mu.Unlock()
	s.closeAll()
}

func (s *stand) closeAll() {
	s.mu.Lock()
	if !s.over {
		s.over = true
		close(s.ended)
	}
	opened := s.opened
	s.opened = nil
	s.mu.Unlock()
	for _, c := range opened {
		c.Close()
	}
}

// await waits for c, or for the end of the subtest.
func (s *stand) await(c <-chan struct{}) {
	select {
	case <-c:
	case <-s.ended:
	}
}

// DialContext dials the listener, whatever it is asked for, so that an HTTP client can be given a stand.
func (s *stand) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	c, err := s.Dialer.DialContext(ctx, s.Network, s.Address)
	if err == nil {
		s.keep(c)
	}
	return c, err
}

// accept returns the next connection, its handshake done.
func (s *stand) accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err != nil {
		return nil, err
	}
	s.keep(c)
	if h, ok := c.(interface{ HandshakeContext(context.Context) error }); ok {
		return c, h.HandshakeContext(context.Background())
	}
	return c, nil
}

// pair opens one connection.
func (s *stand) pair() (client, server net.Conn, err error) {
	type accepted struct {
		c   net.Conn
		err error
	}
	there := make(chan accepted, 1)
	s.wg.Go(func() {
		c, err := s.accept()
		there <- accepted{c, err}
	})
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel() // it governs opening alone
	if client, err = s.DialContext(ctx, "", ""); err != nil {
		return nil, nil, err
	}
	a := <-there
	return client, a.c, a.err
}

// open is pair for subtests.
func (s *stand) open() (client, server net.Conn) {
	s.t.Helper()
	client, server, err := s.pair()
	if err != nil {
		s.t.Fatalf("opening a connection: %v", err)
	}
	return client, server
}
