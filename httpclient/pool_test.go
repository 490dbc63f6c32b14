package httpclient_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
)

var example = httpclient.Origin{Scheme: "http", Host: "example.org"}

func elsewhere(n int) httpclient.Origin {
	return httpclient.Origin{Scheme: "http", Host: fmt.Sprintf("host%d.example", n)}
}

// pool makes p a pool whose connections all lead to w.
func (w *world) pool(p *httpclient.Pool) *httpclient.Pool {
	p.Options = append(p.Options, httpclient.WithDialer(w))
	w.t.Cleanup(func() { p.Close() })
	return p
}

func lease(t testing.TB, p *httpclient.Pool, o httpclient.Origin) httpclient.PooledConn {
	t.Helper()
	c, err := p.Get(bounded(t), o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// use makes one exchange.
func use(t testing.TB, c httpclient.PooledConn) {
	t.Helper()
	r, err := c.Conn().Do(bounded(t), "GET", "/", nil, body.None())
	if err != nil {
		t.Fatal(err)
	}
	if s := readAll(t, r); s != "hello" {
		t.Fatalf("content %q", s)
	}
}

func release(t testing.TB, c httpclient.PooledConn) {
	t.Helper()
	if err := c.Release(); err != nil {
		t.Fatal(err)
	}
}

func wantStats(t testing.TB, p *httpclient.Pool, want httpclient.PoolStats) {
	t.Helper()
	if diff := cmp.Diff(want, p.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

func TestPoolReuse(t *testing.T) {
	for _, tcp := range []bool{false, true} {
		w := newWorld(t, &world{tcp: tcp})
		w.serve(answer(okHello))
		p := w.pool(&httpclient.Pool{})
		for i := range 3 {
			c := lease(t, p, example)
			if c.Reused() != (i > 0) {
				t.Errorf("exchange %d: reused %v", i, c.Reused())
			}
			use(t, c)
			use(t, c) // several may go while it is held
			release(t, c)
			if c.Conn() != nil || c.Release() != nil {
				t.Error("a connection that was given back is not")
			}
			c.Discard()
		}
		wantStats(t, p, httpclient.PoolStats{Open: 1, Idle: 1, Origins: 1, Dialled: 1, Reused: 2})
		p.CloseIdle()
		wantStats(t, p, httpclient.PoolStats{Dialled: 1, Reused: 2})
	}
}

func TestPoolReuseTLS(t *testing.T) {
	w := newWorld(t, &world{tcp: true, secure: true})
	w.serve(answer(okHello))
	p := w.pool(&httpclient.Pool{New: func(context.Context, httpclient.Origin) (*httpclient.Conn, error) { return w.conn(), nil }})
	for i := range 3 {
		c := lease(t, p, example)
		if c.Conn().TLS() == nil || c.Reused() != (i > 0) {
			t.Errorf("exchange %d: TLS %v, reused %v", i, c.Conn().TLS(), c.Reused())
		}
		use(t, c)
		release(t, c)
	}
}

func TestPoolOrder(t *testing.T) {
	for _, order := range []httpclient.Order{httpclient.MostRecent, httpclient.LeastRecent} {
		w := newWorld(t, &world{})
		w.serve(answer(okHello))
		p := w.pool(&httpclient.Pool{Order: order})
		a, b := lease(t, p, example), lease(t, p, example)
		first, second := a.Conn().NetConn(), b.Conn().NetConn()
		release(t, a)
		release(t, b)
		want := second
		if order == httpclient.LeastRecent {
			want = first
		}
		if c := lease(t, p, example); c.Conn().NetConn() != want {
			t.Errorf("order %d: the other connection is used", order)
		}
	}
}

func TestPoolKeepsOriginsApart(t *testing.T) {
	w := newWorld(t, &world{})
	w.serve(answer(okHello))
	p := w.pool(&httpclient.Pool{})
	via := example
	via.Via = "another way"
	for _, o := range []httpclient.Origin{example, via, elsewhere(1)} {
		c := lease(t, p, o)
		if c.Reused() {
			t.Errorf("%v uses the connection of another origin", o)
		}
		if c.Conn().Host() != o.Host {
			t.Errorf("%v: host %q", o, c.Conn().Host())
		}
		release(t, c)
	}
	c := lease(t, p, elsewhere(1))
	if !c.Reused() || c.Conn().Host() != "host1.example" {
		t.Errorf("reused %v, host %q", c.Reused(), c.Conn().Host())
	}
	release(t, c)
}

// TestPoolStale: whatever happened to a connection while it was idle, the next request does not meet it.
func TestPoolStale(t *testing.T) {
	for _, c := range []struct {
		name string
		do   func(p *peer)
	}{
		{"FIN", func(p *peer) { p.Close() }},
		{"octets", func(p *peer) { p.send("HTTP/1.1 408 Request Timeout\r\n\r\n"); p.hold() }},
		{"reset", func(p *peer) { p.raw.(interface{ Reset() error }).Reset() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, &world{})
				defer w.shut()
				after := make(chan bool)
				w.serve(func(p *peer) {
					for {
						if _, _, err := p.request(); err != nil {
							return
						}
						p.send(okHello)
						if <-after {
							c.do(p)
							return
						}
					}
				})
				p := w.pool(&httpclient.Pool{})
				defer p.Close()
				a, b := lease(t, p, example), lease(t, p, example)
				for _, c := range []httpclient.PooledConn{a, b} {
					use(t, c)
					release(t, c)
				}
				after <- true // one of them, whichever
				after <- false
				synctest.Wait()
				for range 2 {
					c := lease(t, p, example)
					use(t, c)
					after <- false
					release(t, c)
				}
				if s := p.Stats(); s.Stale > 1 || s.Dialled != 2 {
					t.Errorf("stats %+v", s)
				}
				p.Close()
			})
		})
	}
}

func TestPoolQueueIsFIFO(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &world{})
		w.serve(answer(okHello))
		p := w.pool(&httpclient.Pool{MaxPerOrigin: 1})
		held := lease(t, p, example)
		order := make(chan int, 10)
		var cancels [10]context.CancelFunc
		for i := range 10 {
			var ctx context.Context
			ctx, cancels[i] = context.WithCancel(t.Context())
			defer cancels[i]()
			go func() {
				c, err := p.Get(ctx, example)
				if err != nil {
					if !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
					return
				}
				order <- i
				if i%3 == 0 {
					c.Discard() // the next one has to dial
				} else {
					release(t, c)
				}
			}()
			synctest.Wait()
		}
		for _, i := range []int{0, 4, 9} {
			cancels[i]()
		}
		synctest.Wait()
		wantStats(t, p, httpclient.PoolStats{Open: 1, Waiting: 7, Origins: 1, Dialled: 1, Waited: 10})
		release(t, held)
		synctest.Wait()
		close(order)
		var got []int
		for i := range order {
			got = append(got, i)
		}
		if diff := cmp.Diff([]int{1, 2, 3, 5, 6, 7, 8}, got); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		p.Close()
		w.shut()
	})
}

// TestPoolTotal: an idle connection to another origin gives way, and who waits longest is next, whatever its
// origin.
func TestPoolTotal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &world{})
		w.serve(answer(okHello))
		p := w.pool(&httpclient.Pool{MaxTotal: 2})
		a, b := lease(t, p, elsewhere(1)), lease(t, p, elsewhere(2))
		release(t, a)
		c := lease(t, p, elsewhere(3))
		wantStats(t, p, httpclient.PoolStats{Open: 2, Origins: 2, Dialled: 3})
		order := make(chan int, 3)
		for i, o := range []httpclient.Origin{elsewhere(4), elsewhere(2), elsewhere(4)} {
			go func() {
				c, err := p.Get(t.Context(), o)
				if err != nil {
					t.Error(err)
					return
				}
				order <- i
				c.Release()
			}()
			synctest.Wait()
		}
		if err := b.Release(); err == nil {
			t.Error("a connection was kept, for which another origin waits longer")
		}
		synctest.Wait()
		c.Discard()
		synctest.Wait()
		close(order)
		var got []int
		for i := range order {
			got = append(got, i)
		}
		if diff := cmp.Diff([]int{0, 1, 2}, got); diff != "" {
			t.Errorf("order (-want +got):\n%s", diff)
		}
		if s := p.Stats(); s.Open > 2 || s.Waiting != 0 {
			t.Errorf("stats %+v", s)
		}
		p.Close()
		w.shut()
	})
}

func TestPoolIdleLimits(t *testing.T) {
	for _, c := range []struct {
		pool *httpclient.Pool
		want int
	}{
		{&httpclient.Pool{}, 6},
		{&httpclient.Pool{MaxIdlePerOrigin: 2}, 4},
		{&httpclient.Pool{MaxIdle: 3}, 3},
		{&httpclient.Pool{MaxIdlePerOrigin: -1}, 0},
		{&httpclient.Pool{MaxIdle: -1}, 0},
	} {
		w := newWorld(t, &world{})
		w.serve(answer(okHello))
		p := w.pool(c.pool)
		var all []httpclient.PooledConn
		for i := range 6 {
			all = append(all, lease(t, p, elsewhere(i%2)))
		}
		for _, c := range all {
			c.Release()
		}
		if s := p.Stats(); s.Idle != c.want || s.Open != c.want {
			t.Errorf("%d kept, %d open; want %d", s.Idle, s.Open, c.want)
		}
	}
}

func TestPoolIdleTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &world{})
		w.serve(answer(okHello))
		p := w.pool(&httpclient.Pool{IdleTime: time.Minute})
		a, b := lease(t, p, example), lease(t, p, elsewhere(1))
		release(t, a)
		time.Sleep(40 * time.Second)
		release(t, b)
		a = lease(t, p, example)
		if a.IdleTime() != 40*time.Second {
			t.Errorf("idle for %v", a.IdleTime())
		}
		release(t, a)
		time.Sleep(59 * time.Second)
		synctest.Wait()
		wantStats(t, p, httpclient.PoolStats{Open: 2, Idle: 2, Origins: 2, Dialled: 2, Reused: 1})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		wantStats(t, p, httpclient.PoolStats{Dialled: 2, Reused: 1, Expired: 2})
		p.Close()
		w.shut()
	})
}

// TestPoolSweepsAsItIsUsed: connections that servers have closed do not heap up, though nobody asks for them.
func TestPoolSweepsAsItIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &world{})
		var closing atomic.Bool
		w.serve(func(p *peer) {
			for {
				if _, _, err := p.request(); err != nil {
					return
				}
				if p.send(okHello); closing.Load() {
					return
				}
			}
		})
		p := w.pool(&httpclient.Pool{})
		var all []httpclient.PooledConn
		for i := range 20 {
			all = append(all, lease(t, p, elsewhere(i)))
			closing.Store(i%2 == 1)
			use(t, all[i])
		}
		for _, c := range all {
			release(t, c)
		}
		closing.Store(false)
		time.Sleep(time.Minute)
		for range 40 {
			c := lease(t, p, elsewhere(0))
			use(t, c)
			release(t, c)
		}
		if s := p.Stats(); s.Idle != 10 || s.Open != 10 || s.Stale != 10 {
			t.Errorf("stats %+v", s)
		}
		p.Close()
		w.shut()
	})
}

func TestPoolClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &world{})
		w.serve(answer(okHello))
		p := w.pool(&httpclient.Pool{MaxPerOrigin: 1})
		held := lease(t, p, example)
		failed := make(chan error, 1)
		go func() {
			_, err := p.Get(t.Context(), example)
			failed <- err
		}()
		synctest.Wait()
		p.Close()
		wantError(t, <-failed, httpclient.ErrPoolClosed, net.ErrClosed)
		use(t, held) // goes on
		wantError(t, held.Release(), httpclient.ErrPoolClosed)
		_, err := p.Get(t.Context(), example)
		wantError(t, err, httpclient.ErrPoolClosed)
		wantStats(t, p, httpclient.PoolStats{Dialled: 1, Waited: 1})
		w.shut()
	})
}

// TestPoolDialFails: who waits for a connection that cannot be opened is not forgotten.
func TestPoolDialFails(t *testing.T) {
	refused := fmt.Errorf("no: %w", syscall.ECONNREFUSED)
	var dials atomic.Int64
	p := &httpclient.Pool{MaxPerOrigin: 1, New: func(context.Context, httpclient.Origin) (*httpclient.Conn, error) {
		dials.Add(1)
		return nil, refused
	}}
	defer p.Close()
	failed := make(chan error, 10)
	for range 10 {
		go func() {
			_, err := p.Get(context.Background(), example)
			failed <- err
		}()
	}
	for range 10 {
		wantError(t, <-failed, refused)
	}
	if dials.Load() != 10 {
		t.Errorf("%d dials", dials.Load())
	}
	if s := p.Stats(); s.Open != 0 || s.Origins != 0 || s.Waiting != 0 {
		t.Errorf("stats %+v", s)
	}
}
