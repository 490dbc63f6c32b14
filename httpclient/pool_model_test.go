package httpclient

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// verify checks what always holds of a pool.
func (p *Pool) verify(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	var open, idle, queued int
	for o, g := range p.groups {
		var list []*poolEntry
		for e := g.oldest; e != nil; e = e.newerInGroup {
			if e.conn != nil || e.group != g {
				t.Errorf("%v: an idle connection is in use", o)
			}
			list = append(list, e)
		}
		var back []*poolEntry
		for e := g.newest; e != nil; e = e.olderInGroup {
			back = append(back, e)
		}
		slices.Reverse(back)
		if !slices.Equal(list, back) || len(list) != g.idle {
			t.Errorf("%v: %d idle, the lists have %d and %d", o, g.idle, len(list), len(back))
		}
		waiting := 0
		for w := g.first; w != nil; w = w.next {
			waiting++
		}
		if g.open < g.idle || p.MaxPerOrigin > 0 && g.open > p.MaxPerOrigin || g.open == 0 && waiting == 0 {
			t.Errorf("%v: %d open, %d idle, %d wait", o, g.open, g.idle, waiting)
		}
		room := !full(g.open, p.MaxPerOrigin) && !full(p.open, p.MaxTotal)
		if waiting > 0 && (room || g.idle > 0) {
			t.Errorf("%v: %d wait for nothing: %d open of this origin, %d in all", o, waiting, g.open, p.open)
		}
		open, idle, queued = open+g.open, idle+g.idle, queued+waiting
	}
	listed := 0
	for e := p.oldest; e != nil; e = e.newer {
		listed++
	}
	if open != p.open || idle != p.idle || listed != idle || queued != p.queued || p.MaxTotal > 0 && open > p.MaxTotal {
		t.Errorf("open %d and %d, idle %d, %d and %d, queued %d and %d", open, p.open, idle, p.idle, listed, queued, p.queued)
	}
}

// TestPoolModel does whatever comes to mind with pools of all limits. Nobody waits while there is room, and who has come
// first is served first.
func TestPoolModel(t *testing.T) {
	for seed := range uint64(60) {
		synctest.Test(t, func(t *testing.T) { playPool(t, rand.New(rand.NewPCG(seed, 0))) })
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func playPool(t *testing.T, random *rand.Rand) {
	var dials atomic.Int64
	dial := func(context.Context, string, string) (net.Conn, error) {
		n := dials.Add(1)
		if n%9 == 0 {
			return nil, errors.New("refused")
		}
		near, far := memory.Pipe()
		if n%7 == 0 {
			far.Close()
		}
		return near, nil
	}
	p := &Pool{
		MaxPerOrigin: random.IntN(4), MaxTotal: random.IntN(6), MaxIdlePerOrigin: random.IntN(5) - 1, MaxIdle: random.IntN(5) - 1,
		IdleTime: time.Duration(random.IntN(3)) * time.Minute, Order: Order(random.IntN(2)),
		Options: []Option{WithDialer(transport.DialerFunc(dial))},
	}
	defer p.Close()
	type asked struct {
		cancel context.CancelFunc
		got    chan PooledConn
		failed chan error
	}
	var all []*asked
	var held []PooledConn
	take := func() {
		synctest.Wait()
		all = slices.DeleteFunc(all, func(a *asked) bool {
			select {
			case c := <-a.got:
				held = append(held, c)
				return true
			case <-a.failed:
				return true
			default:
				return false
			}
		})
	}
	for range 150 {
		switch n := random.IntN(10); {
		case n < 5:
			ctx, cancel := context.WithCancel(t.Context())
			a := &asked{cancel, make(chan PooledConn, 1), make(chan error, 1)}
			o := Origin{Scheme: "http", Host: fmt.Sprintf("host%d", random.IntN(4))}
			go func() {
				c, err := p.Get(ctx, o)
				if err != nil {
					a.failed <- err
					return
				}
				a.got <- c
			}()
			all = append(all, a)
		case n < 8 && len(held) > 0:
			i := random.IntN(len(held))
			if held[i].Release(); random.IntN(4) == 0 {
				held[i].Discard() // has no effect any more
			}
			held = slices.Delete(held, i, i+1)
		case n < 9 && len(held) > 0:
			i := random.IntN(len(held))
			held[i].Discard()
			held = slices.Delete(held, i, i+1)
		case len(all) > 0:
			all[random.IntN(len(all))].cancel()
		default:
			time.Sleep(time.Duration(random.IntN(90)) * time.Second)
		}
		take()
		p.verify(t)
	}
	for len(all) > 0 || len(held) > 0 { // all who wait are served in the end
		for _, c := range held {
			c.Release()
		}
		held = nil
		take()
		p.verify(t)
	}
}
