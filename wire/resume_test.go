package wire_test

import (
	"strings"
	"testing"
	"time"

	"github.com/strata-http/strata/wire"
)

// octetwiseTime reads a field line that arrives octet by octet, some times, and returns how long the fastest took.
func octetwiseTime(t *testing.T, line string) time.Duration {
	t.Helper()
	fastest := time.Duration(-1)
	for range 3 {
		b, from, start := []byte(line), 0, time.Now()
		for n := 1; n <= len(b); n++ {
			_, next, ok, err := wire.ConsumeFieldLine(b[:n], 0, from, wire.AllowSpaceBeforeColon)
			if err != nil || ok != (n == len(b)) {
				t.Fatalf("at octet %d: %t, %v", n, ok, err)
			}
			from = next
		}
		if took := time.Since(start); fastest < 0 || took < fastest {
			fastest = took
		}
	}
	return fastest
}

// TestResumedSpace: whitespace before a colon, which is admitted, costs a recipient no more than a name as long does,
// when it arrives octet by octet.
func TestResumedSpace(t *testing.T) {
	const n = 32 << 10
	name := octetwiseTime(t, strings.Repeat("a", n)+": b\r\n")
	for what, line := range map[string]string{
		"whitespace":             "a" + strings.Repeat(" ", n) + ": b\r\n",
		"whitespace and a value": "a" + strings.Repeat("\t", n/2) + ":" + strings.Repeat("b", n/2) + "\r\n",
	} {
		if took := octetwiseTime(t, line); took > 15*name {
			t.Errorf("%s took %v, a name %v", what, took, name)
		}
	}
}
