package conn

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/wire"
)

// TestQueue: requests in flight keep their order, and the memory of the queue stays in proportion to how many there were
// at once.
func TestQueue(t *testing.T) {
	c := New(Client, Config{})
	var want, got []wire.Version // the versions tell the requests apart
	deepest := 0
	for i, r := 0, rand.New(rand.NewPCG(1, 2)); i < 5000; i++ {
		// Waves: it grows for a while, shrinks for a while, and is empty at times.
		if r.IntN(10) < 3+4*(i/500%2) {
			want = append(want, wire.Version(i))
			c.push(exchange{version: wire.Version(i)})
		} else if len(want) > 0 {
			want = want[1:]
			c.pop()
		}
		got = got[:0]
		for _, e := range c.queue {
			got = append(got, e.version)
		}
		if len(want) != len(got) || len(want) > 0 && cmp.Diff(want, got) != "" {
			t.Fatalf("behind operation %d: %v; want %v", i, got, want)
		}
		if deepest = max(deepest, len(got)); cap(c.memory) > 3*deepest+8 {
			t.Fatalf("memory for %d where there were never more than %d", cap(c.memory), deepest)
		}
	}
}

// TestQueueAllocates: a pipeline that stays as deep needs no more memory.
func TestQueueAllocates(t *testing.T) {
	c := New(Client, Config{})
	step := func() {
		c.push(exchange{})
		c.pop()
	}
	for range 5 {
		c.push(exchange{})
	}
	for range 100 {
		step()
	}
	if n := testing.AllocsPerRun(100, step); n != 0 {
		t.Errorf("%v allocations for each request", n)
	}
}
