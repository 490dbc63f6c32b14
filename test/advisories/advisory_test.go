package advisories_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// advisory is a published weakness, and how it is tried on each subject.
type advisory struct {
	id   string // "CVE-2019-9740", "issue 61679"
	of   string // whose weakness it was
	name string // of the test, behind the identifier
	does string // the mechanism, in a few words

	httpclient, client, server, httpserver func(*testing.T)
}

func (a *advisory) title() string { return a.id + " " + a.name }

// path is what package testing makes of the title.
func (a *advisory) path() string { return strings.ReplaceAll(a.title(), " ", "_") }

// subjects returns what a is tried on, in the order of README.md.
func (a *advisory) subjects() []subject {
	return []subject{{"httpclient", a.httpclient}, {"client", a.client}, {"server", a.server}, {"httpserver", a.httpserver}}
}

type subject struct {
	name string
	try  func(*testing.T)
}

func run(t *testing.T, advisories []advisory) {
	for i := range advisories {
		a := &advisories[i]
		parent := t.Name()
		t.Run(a.title(), func(t *testing.T) {
			if t.Name() != parent+"/"+a.path() {
				t.Errorf("the test is called otherwise than README.md says: %s", a.path())
			}
			for _, s := range a.subjects() {
				if s.try != nil {
					t.Run(s.name, s.try)
				}
			}
		})
	}
}

// chapter is a top-level test.
type chapter struct {
	test       string
	title      string
	advisories func() []advisory
}

var chapters = []chapter{
	{"TestInjection", "Injection on send", injections},
	{"TestFieldLines", "Field lines and terminators", fieldLines},
	{"TestFraming", "Framing", framings},
	{"TestChunks", "Chunks", chunks},
	{"TestUnboundedWork", "Unbounded work", unboundedWork},
	{"TestDesynchronisation", "State and desynchronisation", desynchronisations},
}

func TestInjection(t *testing.T)         { run(t, injections()) }
func TestFieldLines(t *testing.T)        { run(t, fieldLines()) }
func TestFraming(t *testing.T)           { run(t, framings()) }
func TestChunks(t *testing.T)            { run(t, chunks()) }
func TestUnboundedWork(t *testing.T)     { run(t, unboundedWork()) }
func TestDesynchronisation(t *testing.T) { run(t, desynchronisations()) }

// TestReadme holds the tables of README.md to the tests: the same identifiers, mechanisms, names and subjects,
// in the same order.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "## ") || strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| Identifier") && !strings.HasPrefix(line, "| ---") {
			rows = append(rows, line)
		}
	}
	var want []string
	seen := map[string]bool{}
	for _, c := range chapters {
		want = append(want, "## "+c.title)
		for _, a := range c.advisories() {
			if seen[a.title()] {
				t.Errorf("%s stands twice", a.title())
			}
			seen[a.title()] = true
			want = append(want, readmeRow(c.test, &a))
		}
	}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("README.md differs from the tests (-tests +README.md):\n%s\nIts rows would be:\n%s", diff, strings.Join(want, "\n"))
	}
}

// readmeRow is the row of an advisory in README.md.
func readmeRow(test string, a *advisory) string {
	row := fmt.Sprintf("| %s %s | %s | `%s/%s` |", a.of, a.id, a.does, test, a.path())
	for _, s := range a.subjects() {
		if s.try != nil {
			row += " yes |"
		} else {
			row += " – |"
		}
	}
	return row
}
