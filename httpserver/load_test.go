package httpserver_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport/memory"
)

// What the tests under load share: figures of memory and of descriptors, and servers on several transports.

// memoryUse is the octets that a process uses.
type memoryUse struct{ heap, stack int64 }

// measureMemory returns what is in use when what is garbage is collected, and stacks are no larger than they need
// to be. The collector halves a stack at a time.
func measureMemory() memoryUse {
	for range 2 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return memoryUse{int64(m.HeapAlloc), int64(m.StackInuse)}
}

// per returns what one of n took, of what was taken since before.
func (u memoryUse) per(n int, before memoryUse) memoryUse {
	return memoryUse{(u.heap - before.heap) / int64(n), (u.stack - before.stack) / int64(n)}
}

func (u memoryUse) sum() int64 { return u.heap + u.stack }

func (u memoryUse) String() string {
	return fmt.Sprintf("%d octets (heap %d, goroutine stack %d)", u.sum(), u.heap, u.stack)
}

// within fails the test where one connection takes more than most octets of the heap: stacks belong to the runtime,
// and to what a handler does. The race detector has memory of its own.
func (u memoryUse) within(t *testing.T, most int64) {
	t.Helper()
	if u.heap > most && !raceEnabled {
		t.Errorf("a connection takes %v, more than %d of the heap", u, most)
	}
}

// descriptors returns how many descriptors the process has, and -1 where nobody knows.
func descriptors(t *testing.T) int {
	t.Helper()
	// The runtime has some of its own, from the first socket on.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(list)
}

// noneLeft fails the test when there are more descriptors than there were.
func noneLeft(t *testing.T, had int) {
	t.Helper()
	if has := descriptors(t); has > had {
		t.Errorf("%d descriptors before and %d behind", had, has)
	}
}

// readyMade is a listener of connections that are made already.
type readyMade struct {
	conns chan net.Conn
	once  sync.Once
	ended chan struct{}
}

func newReadyMade() *readyMade {
	return &readyMade{conns: make(chan net.Conn), ended: make(chan struct{})}
}

func (l *readyMade) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.ended:
		return nil, net.ErrClosed
	}
}

func (l *readyMade) Close() error {
	l.once.Do(func() { close(l.ended) })
	return nil
}

func (l *readyMade) Addr() net.Addr { return memory.Addr("ready-made") }

// link is what a server under load listens on, and how its clients reach it.
type link struct {
	name   string
	listen func(t *testing.T) (l net.Listener, dial func() (net.Conn, error))
}

var links = []link{{"memory", listenMemory}, {"TCP", listenTCP}, {"Unix", listenUnix}, {"TLS", listenTLS}}

func listenMemory(t *testing.T) (net.Listener, func() (net.Conn, error)) {
	t.Helper()
	network := new(memory.Network)
	l, err := network.Listen("a:80")
	if err != nil {
		t.Fatal(err)
	}
	return l, func() (net.Conn, error) { return network.DialContext(context.Background(), "tcp", "a:80") }
}

func listenTCP(t *testing.T) (net.Listener, func() (net.Conn, error)) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, func() (net.Conn, error) { return net.Dial("tcp", l.Addr().String()) }
}

func listenUnix(t *testing.T) (net.Listener, func() (net.Conn, error)) {
	t.Helper()
	dir, err := os.MkdirTemp("", "strata") // short: the name of a socket may be no longer than about a hundred octets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Skip(err)
	}
	return l, func() (net.Conn, error) { return net.Dial("unix", l.Addr().String()) }
}

func listenTLS(t *testing.T) (net.Listener, func() (net.Conn, error)) {
	t.Helper()
	server, roots, _ := testcert.New(t)
	l, dial := listenTCP(t)
	config := &tls.Config{RootCAs: roots, ServerName: "localhost"}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{server}}), func() (net.Conn, error) {
		nc, err := dial()
		if err != nil {
			return nil, err
		}
		return tls.Client(nc, config), nil
	}
}

// start serves s on l, and returns what ends that and checks that nothing is left of it.
func start(t *testing.T, s *httpserver.Server, l net.Listener) (stop func()) {
	t.Helper()
	s.NoDate = true
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	return func() {
		t.Helper()
		if err := s.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != httpserver.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
		if n := s.Conns(); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	}
}

// sized returns n, or less of it in a short run, and under the race detector.
func sized(n, short int) int {
	if testing.Short() || raceEnabled {
		return short
	}
	return n
}

// exchanged sends request on nc and reads an answer of the length of answer.
func exchanged(nc net.Conn, request, answer string) error {
	if _, err := io.WriteString(nc, request); err != nil {
		return err
	}
	return answered(nc, answer)
}

// answered reads an answer of the length of answer.
func answered(nc net.Conn, answer string) error {
	got := make([]byte, len(answer))
	if n, err := io.ReadFull(nc, got); err != nil {
		return fmt.Errorf("answered %q: %w", got[:n], err)
	}
	if string(got) != answer {
		return fmt.Errorf("answered %q", got)
	}
	return nil
}
