package memory

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// The ring is compared with a slice that does the same the simple way, over random steps that wrap and grow it.
func TestRing(t *testing.T) {
	for _, limit := range []int{1, 7, firstSize - 1, firstSize, 3*firstSize + 1} {
		rnd := rand.New(rand.NewPCG(1, uint64(limit)))
		r := ring{max: limit}
		var model []byte
		next := byte(0)
		for step := range 5000 {
			if rnd.IntN(2) == 0 {
				p := make([]byte, rnd.IntN(limit+2))
				for i := range p {
					p[i] = next + byte(i)
				}
				n := r.put(p)
				if want := min(len(p), limit-len(model)); n != want {
					t.Fatalf("max %d, step %d: put of %d octets took %d, want %d", limit, step, len(p), n, want)
				}
				next += byte(n)
				model = append(model, p[:n]...)
			} else {
				p := make([]byte, rnd.IntN(limit+2))
				n := r.take(p)
				if !bytes.Equal(p[:n], model[:n]) || n != min(len(p), len(model)) {
					t.Fatalf("max %d, step %d: take of %d octets gave %d or other octets", limit, step, len(p), n)
				}
				model = model[n:]
			}
			if r.n != len(model) || len(r.buf) > limit || r.start < 0 || r.start >= max(1, len(r.buf)) {
				t.Fatalf("max %d, step %d: n %d start %d len %d, want n %d", limit, step, r.n, r.start, len(r.buf), len(model))
			}
		}
	}
}
