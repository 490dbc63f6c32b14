package fuzztest

import (
	"runtime"
	"testing"
)

// A call may allocate so many octets for each octet of its input, and so many besides. The smallest field line has
// four octets and costs a span, which grows by doubling; an error has its text.
const (
	perOctet = 64
	besides  = 32 << 10
)

// Bounded runs f, which is given n octets of a peer, and fails when it allocates more than n octets can ask for. What
// other goroutines allocate counts too, so once over the bound f is run again: it must do the same each time.
func Bounded(tb testing.TB, n int, f func()) {
	tb.Helper()
	bound := uint64(perOctet*n + besides)
	var got uint64
	for range 3 {
		if got = Allocated(f); got <= bound {
			return
		}
	}
	tb.Fatalf("%d octets made it allocate %d; the bound is %d", n, got, bound)
}

// Allocated returns how many octets were allocated while f ran.
func Allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
