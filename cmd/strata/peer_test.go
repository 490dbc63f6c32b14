package main

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

// asCommand makes the test binary the command itself, for tests about signals and about real pipes.
const asCommand = "STRATA_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) == "1" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// command returns the command as a process of its own.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	return cmd
}

// result is what a run of the command has left.
type result struct {
	code           int
	stdout, stderr string
}

func strata(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	return strataContext(t, t.Context(), stdin, args...)
}

func strataContext(t *testing.T, ctx context.Context, stdin string, args ...string) result {
	t.Helper()
	var stdout, stderr strings.Builder
	code := run(ctx, args, strings.NewReader(stdin), &stdout, &stderr)
	return result{code, stdout.String(), stderr.String()}
}

// peer is a server on loopback that says the same to everybody.
type peer struct {
	addr string
	t    *testing.T

	answer string
	then   func(net.Conn) // what it does behind its answer, before it closes

	mu       sync.Mutex
	requests []string
	conns    map[net.Conn]bool
	wait     sync.WaitGroup
}

// hold keeps a connection open until the client closes it.
func hold(c net.Conn) { io.Copy(io.Discard, c) }

// reset ends a connection in the way of a crash.
func reset(c net.Conn) { c.(*net.TCPConn).SetLinger(0) }

func newPeer(t *testing.T, answer string, then func(net.Conn)) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return newPeerOn(t, l, answer, then)
}

func newTLSPeer(t *testing.T, config *tls.Config, answer string, then func(net.Conn)) *peer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return newPeerOn(t, tls.NewListener(l, config), answer, then)
}

func newPeerOn(t *testing.T, l net.Listener, answer string, then func(net.Conn)) *peer {
	p := &peer{addr: l.Addr().String(), t: t, answer: answer, then: then, conns: map[net.Conn]bool{}}
	p.wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.conns[c] = true
			p.mu.Unlock()
			p.wait.Go(func() { p.serve(c) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		p.mu.Lock()
		for c := range p.conns {
			c.Close()
		}
		p.mu.Unlock()
		p.wait.Wait()
	})
	return p
}

func (p *peer) serve(c net.Conn) {
	defer c.Close()
	request := readRequest(c)
	if request == "" {
		return // nothing came; a failed handshake, as the case may be
	}
	p.mu.Lock()
	p.requests = append(p.requests, request)
	p.mu.Unlock()
	io.WriteString(c, p.answer)
	if p.then != nil {
		p.then(c)
	}
}

// readRequest returns the octets of one request, as far as they come.
func readRequest(c net.Conn) string {
	machine := conn.New(conn.Server, conn.Config{Lenient: wire.AllowObsTarget})
	var all []byte
	buf := make([]byte, 64<<10)
	for from := 0; ; {
		n, ev, err := machine.Next(all[from:], false)
		from += n
		if err != nil || ev.Kind == conn.End {
			return string(all)
		}
		if ev.Kind != conn.NeedData {
			continue
		}
		n, err = c.Read(buf)
		all = append(all, buf[:n]...)
		if err != nil {
			return string(all)
		}
	}
}

// request returns the one request that came.
func (p *peer) request() string {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.requests) != 1 {
		p.t.Fatalf("%d requests came, not one: %q", len(p.requests), p.requests)
	}
	return p.requests[0]
}
