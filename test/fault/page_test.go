package fault_test

import (
	"flag"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

//go:generate go test -run TestEverywhere -update .

var update = flag.Bool("update", false, "write docs/faults.md anew")

const (
	pagePath = "../../docs/faults.md"
	madeWith = "<!-- Below this line by `go generate ./test/fault`, with "
)

// checkPage compares the tables of docs/faults.md with those of this run. How long a TLS record or a net/http
// response is depends on the version of Go, so they are compared only when that is the same.
func checkPage(t *testing.T, tables string) {
	t.Helper()
	text, err := os.ReadFile(pagePath)
	if err != nil {
		t.Fatal(err)
	}
	top, rest, found := strings.Cut(string(text), madeWith)
	version, have, ended := strings.Cut(rest, " -->\n\n")
	if !found || !ended {
		t.Fatalf("%s has no line that begins with %q", pagePath, madeWith)
	}
	if *update {
		page := top + madeWith + minor() + " -->\n\n" + strings.TrimSuffix(tables, "\n")
		if err := os.WriteFile(pagePath, []byte(page), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if version != minor() {
		t.Logf("%s was made with %s", pagePath, version)
		return
	}
	if diff := cmp.Diff(have, strings.TrimSuffix(tables, "\n")); diff != "" {
		t.Errorf("%s is stale, run `go generate ./test/fault` (-have +want):\n%s", pagePath, diff)
	}
}

// minor is the version of Go without its last number.
func minor() string {
	parts := strings.SplitN(runtime.Version(), ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}
