package main

import (
	"bufio"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/strata-http/strata/transport"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience ends a wait for what does not come.
const patience = 20 * time.Second

// start serves a proxy, as setup has it, until the test ends, and returns its address.
func start(t *testing.T, setup ...func(*forwarder)) string {
	t.Helper()
	p := &forwarder{name: "strata", dialer: transport.TCP{}, timeout: patience}
	for _, f := range setup {
		f(p)
	}
	return listen(t, func(l net.Listener) { accept(p, l) })
}

// accept serves the connections of l until accepting fails, and waits for those under way.
func accept(p *forwarder, l net.Listener) {
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		serving.Go(func() { p.serveConn(nc) })
	}
}

// listen has serve run until the test ends.
func listen(t *testing.T, serve func(net.Listener)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { serve(l) })
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	return l.Addr().String()
}

// origin is a server that takes what it is sent for what it expects, and answers with octets.
type origin struct {
	addr string
	got  chan string // what came on each connection, when that has ended
}

// serve answers each connection, when octets have come that end in until, and then reads on to the end. "HOST" in what
// it has is its address.
func serve(t *testing.T, until, answer string) *origin {
	o := &origin{got: make(chan string, 10)}
	var conns sync.WaitGroup
	o.addr = listen(t, func(l net.Listener) {
		defer conns.Wait()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			conns.Go(func() { o.serveConn(c, until, answer) })
		}
	})
	return o
}

func (o *origin) serveConn(c net.Conn, until, answer string) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	r, got := bufio.NewReader(c), new(strings.Builder)
	addr := c.LocalAddr().String()
	until = strings.ReplaceAll(until, "HOST", addr)
	for !strings.HasSuffix(got.String(), until) {
		b, err := r.ReadByte()
		if err != nil {
			break
		}
		got.WriteByte(b)
	}
	if strings.HasSuffix(got.String(), until) {
		io.WriteString(c, answer)
	}
	closeWrite(c)
	io.Copy(got, r)
	o.got <- strings.ReplaceAll(got.String(), addr, "HOST")
}

// received returns what came on the first n connections that have ended, sorted.
func (o *origin) received(t *testing.T, n int) []string {
	t.Helper()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	var all []string
	for range n {
		select {
		case got := <-o.got:
			all = append(all, got)
		case <-timer.C:
			t.Fatalf("%d connections came to their end, not %d", len(all), n)
		}
	}
	slices.Sort(all)
	return all
}

// talk sends octets to a proxy, "HOST" in them the origin's address, and returns all that it answers. The error is that
// of a connection that ends otherwise than in order.
func talk(t *testing.T, proxy, host, octets string) (string, error) {
	t.Helper()
	c, err := net.Dial("tcp", proxy)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(c, strings.ReplaceAll(octets, "HOST", host)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(c)
	return strings.ReplaceAll(string(answer), host, "HOST"), err
}

func equal[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
