package httpclient_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strata-http/strata/wire"
)

// The documentation has a row for each bit of the preset, each reason for a difference with its responses, and
// the figures.
func TestToleranceDocumented(t *testing.T) {
	section := toleranceSection(t)
	for bit := wire.Lenient(1); bit < wire.LenientAll; bit <<= 1 {
		inPreset := wire.LenientHTTPClient&bit != 0
		if hasRow := strings.Contains(section, "| `"+bit.String()+"` |"); hasRow != inPreset {
			t.Errorf("%v: in the preset %v, in the table of the preset %v", bit, inPreset, hasRow)
		}
	}
	for _, d := range []struct {
		python   string
		cases    int
		accepted []pyDifferences
	}{
		{"3.13.0", len(pyCases()), pyAccepted},
		{"2.7.18", len(py27Cases), py27Accepted},
	} {
		differ := 0
		for _, group := range d.accepted {
			differ += len(group.differ)
			if !strings.Contains(section, group.why) {
				t.Errorf("not documented: %s", group.why)
			}
			for name := range group.differ {
				if !strings.Contains(section, "`"+name+"`") {
					t.Errorf("not documented: %s", name)
				}
			}
		}
		figure := fmt.Sprintf("| %s | %d | %d | %d |", d.python, d.cases, d.cases-differ, differ)
		if !strings.Contains(section, figure) {
			t.Errorf("not documented: %s", figure)
		}
	}
}

// toleranceSection returns what the documentation says between its two marks.
func toleranceSection(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"http-client.md", "http-client-tolerance.md"} {
		text, err := os.ReadFile(filepath.Join("..", "docs", name))
		if err != nil {
			continue
		}
		if _, rest, ok := strings.Cut(string(text), "<!-- tolerance -->"); ok {
			section, _, ok := strings.Cut(rest, "<!-- /tolerance -->")
			if !ok {
				t.Fatalf("docs/%s: <!-- tolerance --> without end", name)
			}
			return section
		}
	}
	t.Fatal("docs/http-client.md has no <!-- tolerance -->")
	return ""
}
