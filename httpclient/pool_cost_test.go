package httpclient_test

import (
	"context"
	"net"
	"runtime"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
)

// heap returns how many octets are in use.
func heap() int64 {
	for range 3 {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestPoolIdleMemory: what an idle connection costs above the net.Conn itself, which here is a struct of no more than
// its own.
func TestPoolIdleMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector takes memory of its own")
	}
	const n = 2000
	bare := make([]net.Conn, 0, n)
	before := heap()
	for range n {
		bare = append(bare, newCanned(hello))
	}
	each := (heap() - before) / n
	goroutines := runtime.NumGoroutine()

	p := &httpclient.Pool{Options: []httpclient.Option{httpclient.WithDialer(transport.DialerFunc(
		func(context.Context, string, string) (net.Conn, error) { return newCanned(hello), nil }))}}
	defer p.Close()
	all := make([]httpclient.PooledConn, 0, n)
	buf := make([]byte, 4096)
	before = heap()
	for range n {
		c, err := p.Get(context.Background(), example) // a context that ends would keep memory of its own
		if err != nil {
			t.Fatal(err)
		}
		exchange(t, c.Conn(), context.Background(), "GET", body.None(), buf)
		all = append(all, c)
	}
	for _, c := range all {
		release(t, c)
	}
	idle := (heap()-before)/n - each
	t.Logf("%d octets for each idle connection above the net.Conn, which has %d here", idle, each)
	if idle > 600 {
		t.Errorf("%d octets for each idle connection", idle)
	}
	if now := runtime.NumGoroutine(); now > goroutines {
		t.Errorf("%d goroutines more", now-goroutines)
	}
	runtime.KeepAlive(bare)
}

// TestPoolAllocations: an exchange on a connection that is used again costs none.
func TestPoolAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	p := &httpclient.Pool{Options: []httpclient.Option{httpclient.WithDialer(transport.DialerFunc(
		func(context.Context, string, string) (net.Conn, error) { return newCanned(hello), nil }))}}
	defer p.Close()
	buf := make([]byte, 4096)
	ctx := context.Background()
	got := testing.AllocsPerRun(200, func() {
		c, err := p.Get(ctx, example)
		if err != nil {
			t.Fatal(err)
		}
		exchange(t, c.Conn(), ctx, "GET", body.None(), buf)
		if err := c.Release(); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%v allocations for each exchange", got)
	if got > 4 {
		t.Errorf("%v allocations for each exchange", got)
	}
}
