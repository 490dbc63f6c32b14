package fuzztest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/internal/fuzztest"
)

// TestCut: nothing is lost, wherever the cuts are.
func TestCut(t *testing.T) {
	for _, tt := range []struct {
		octets  string
		lengths []byte
		want    []string
	}{
		{"abcde", nil, []string{"abcde"}},
		{"abcde", []byte{2, 0, 1}, []string{"ab", "", "c", "de"}},
		{"ab", []byte{200, 1}, []string{"ab", ""}},
		{"", []byte{1}, []string{""}},
	} {
		if diff := cmp.Diff(tt.want, fuzztest.Cut(tt.octets, tt.lengths)); diff != "" {
			t.Errorf("%q %v: %s", tt.octets, tt.lengths, diff)
		}
	}
	if got := fuzztest.Octetwise("ab"); !cmp.Equal(got, []string{"a", "b"}) {
		t.Errorf("%q", got)
	}
}

// TestPlaces: one before each octet but the first.
func TestPlaces(t *testing.T) {
	if got := fuzztest.Places([]byte("abc")); !cmp.Equal(got, []int{1, 2}) {
		t.Errorf("%v", got)
	}
	if got := fuzztest.Places(make([]byte, 1<<10)); got != nil {
		t.Errorf("%d places of 1024 octets", len(got))
	}
}

// sink keeps what is allocated from staying on the stack.
var sink []byte

// TestBounded: what is in proportion passes, and what a peer merely claimed does not.
func TestBounded(t *testing.T) {
	fuzztest.Bounded(t, 1000, func() { sink = make([]byte, 1000) })
	failed := &failing{TB: t}
	fuzztest.Bounded(failed, 1000, func() { sink = make([]byte, 1<<20) })
	if !failed.failed {
		t.Error("an allocation of 1 MiB for 1000 octets passed")
	}
}

type failing struct {
	testing.TB
	failed bool
}

func (f *failing) Helper()               {}
func (f *failing) Fatalf(string, ...any) { f.failed = true }

// TestSeeds: the pieces of the cases are what they are called.
func TestSeeds(t *testing.T) {
	for _, tt := range []struct {
		name   string
		seeds  []string
		prefix string
	}{
		{"client", fuzztest.StartLines(t, "client"), "HTTP/1.1 "},
		{"server", fuzztest.StartLines(t, "server"), "GET /"},
		{"fields", fuzztest.FieldLines(t), "Content-Length: "},
		{"sections", fuzztest.Sections(t), "Host: "},
		{"bodies", fuzztest.Bodies(t), "5\r\nhello"},
	} {
		n := 0
		for _, seed := range tt.seeds {
			if strings.HasPrefix(seed, tt.prefix) {
				n++
			}
		}
		if n == 0 {
			t.Errorf("none of %d %s begins with %q", len(tt.seeds), tt.name, tt.prefix)
		}
	}
}
