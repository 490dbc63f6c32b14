package bridge

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

//go:generate go test -run ^TestREADME$ -update .

var update = flag.Bool("update", false, "write the table of README.md anew")

const (
	begin = "<!-- written by go generate in test/bridge -->\n"
	end   = "<!-- end -->\n"
)

// TestREADME: the page has the table of failures.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, foot, also := strings.Cut(rest, end)
	if !ok || !also {
		t.Fatalf("README.md has no place for the table, between %q and %q", begin, end)
	}
	want := head + begin + "\n" + table() + "\n" + end + foot
	if *update {
		write(t, "README.md", want)
		return
	}
	if want != string(text) {
		t.Error("the table of README.md is stale: run go generate in test/bridge")
	}
}

// table returns failures as a table.
func table() string {
	var b strings.Builder
	b.WriteString("| suite | replaced | test | why |\n| --- | --- | --- | --- |\n")
	for _, f := range failures {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", strings.TrimPrefix(f.name, "github.com/"), f.mode, f.test, f.why)
	}
	return b.String()
}
