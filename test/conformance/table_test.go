package conformance_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/wire"
)

// requirements is how many times each section of RFC 9112 says MUST, MUST NOT, REQUIRED or SHALL. Section 1.1 is left
// out, which says what these words mean.
var requirements = map[string]int{
	"2.2": 7, "2.3": 1,
	"3": 1, "3.2": 4, "3.2.1": 2, "3.2.2": 6, "3.2.3": 1, "3.2.4": 2,
	"4":   1,
	"5.1": 2, "5.2": 4,
	"6.1": 10, "6.2": 1, "6.3": 11,
	"7.1": 2, "7.1.1": 1, "7.1.2": 2, "7.3": 3, "7.4": 2,
	"8":   1,
	"9.2": 3, "9.3": 5, "9.3.2": 2, "9.6": 7, "9.7": 1, "9.8": 2,
	"10.1": 1,
}

// root is the folder of the module.
const root = "../.."

// rows returns the rows of the tables in docs/rfc9112.md: section, requirement, whom it binds, what holds it.
func rows(t *testing.T) [][4]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs", "rfc9112.md"))
	if err != nil {
		t.Fatal(err)
	}
	var all [][4]string
	for _, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| section ") || strings.HasPrefix(line, "| --- ") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 4 {
			t.Fatalf("%d cells in %q", len(cells), line)
		}
		var row [4]string
		for i, cell := range cells {
			if row[i] = strings.TrimSpace(cell); row[i] == "" {
				t.Errorf("an empty cell in %q", line)
			}
		}
		all = append(all, row)
	}
	return all
}

// TestRFC9112Counts: every requirement has its row.
func TestRFC9112Counts(t *testing.T) {
	got := map[string]int{}
	seen := map[string]bool{}
	for _, row := range rows(t) {
		got[row[0]]++
		if id := row[0] + row[1]; seen[id] {
			t.Errorf("section %s has this twice: %s", row[0], row[1])
		} else {
			seen[id] = true
		}
	}
	if diff := cmp.Diff(requirements, got); diff != "" {
		t.Errorf("rows of each section (-the RFC +docs/rfc9112.md):\n%s", diff)
	}
}

var (
	codeSpan = regexp.MustCompile("`([^`]*)`")
	goTest   = regexp.MustCompile(`^([a-z0-9/]+)\.(Test[A-Za-z0-9]+)$`)
)

// TestRFC9112Holders: what holds a requirement exists; what does not apply says why.
func TestRFC9112Holders(t *testing.T) {
	known := map[string]bool{}
	for _, rule := range wire.Rules() {
		known[rule.Name()] = true
	}
	for _, c := range cases(t) {
		known[c.ID()] = true
	}
	files := map[string]string{} // the test files of each folder, in one
	for _, row := range rows(t) {
		spans := codeSpan.FindAllStringSubmatch(row[3], -1)
		reason, other := strings.CutPrefix(row[3], "Not ours: ")
		if len(spans) == 0 && (!other || len(reason) < 20) {
			t.Errorf("section %s, %s Nothing holds it: %q", row[0], row[1], row[3])
		}
		for _, span := range spans {
			name := span[1]
			if m := goTest.FindStringSubmatch(name); m != nil {
				if err := hasTest(files, m[1], m[2]); err != nil {
					t.Errorf("section %s: %v", row[0], err)
				}
			} else if !known[name] {
				t.Errorf("section %s: %q is no rule, no case and no test", row[0], name)
			}
		}
	}
}

// hasTest returns an error unless the folder has a test of that name.
func hasTest(files map[string]string, folder, name string) error {
	if _, ok := files[folder]; !ok {
		paths, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*_test.go"))
		if err != nil {
			return err
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files[folder] += string(text)
		}
	}
	if !strings.Contains(files[folder], "\nfunc "+name+"(t *testing.T)") {
		return fmt.Errorf("package %s has no %s", folder, name)
	}
	return nil
}
