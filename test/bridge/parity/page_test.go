package parity

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

//go:generate go test -run ^TestParity$ -update .

var update = flag.Bool("update", false, "write differences.md anew")

const pagePath = "differences.md"

const preface = `# Where Strata differs from net/http

<!-- written by go generate in test/bridge/parity -->

The same cases are performed over net/http and over Strata, and what the caller, the handler and the peer of each see is noted
and compared: status, header, content, the class of each error, the octets that the peer gets, on which of its connections.
Here is all that is not the same, and why. The test fails on a difference that is not here, and on one that is here and is
none.

`

// section shows how one case differs.
func section(name string, onlyTheirs, onlyOurs []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s\n\n```\n", name)
	for _, line := range onlyTheirs {
		fmt.Fprintf(&b, "net/http  %s\n", line)
	}
	for _, line := range onlyOurs {
		fmt.Fprintf(&b, "Strata    %s\n", line)
	}
	b.WriteString("```\n\n")
	return b.String()
}

// page returns differences.md, with the sections in the order of the table.
func page(sections map[string]string, figure string) string {
	var b strings.Builder
	b.WriteString(preface)
	fmt.Fprintf(&b, "%s.\n", figure)
	for _, d := range differences {
		fmt.Fprintf(&b, "\n## %s\n\n", strings.Join(d.cases, "; "))
		fmt.Fprintf(&b, "%s\n\n", d.why)
		for _, name := range d.cases {
			b.WriteString(sections[name])
		}
	}
	return strings.TrimRight(strings.ReplaceAll(b.String(), "\n\n\n", "\n\n"), "\n") + "\n"
}

func checkPage(t *testing.T, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(pagePath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(pagePath)
	if err != nil {
		t.Fatal(err)
	}
	a, b := apart(strings.Split(string(have), "\n"), strings.Split(want, "\n"))
	if len(a)+len(b) > 0 {
		t.Errorf("%s is stale, or a case does not come out as it did:\nthe page has\n\t%s\nand should have\n\t%s", pagePath,
			strings.Join(a, "\n\t"), strings.Join(b, "\n\t"))
	}
}
