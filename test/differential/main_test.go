package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/test/differential/internal/compare"
	"github.com/strata-http/strata/test/differential/internal/engine"
	"github.com/strata-http/strata/test/differential/internal/generate"
	"github.com/strata-http/strata/test/differential/internal/lines"
)

// TestMain lets the test's own binary be the drivers, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "driver" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestPage: docs/differences.md is what the table says.
func TestPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/differences.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(page(), string(text)); diff != "" {
		t.Errorf("go generate has not been run (-table +page):\n%s", diff)
	}
}

// startAll starts the engines that are there.
func startAll(t *testing.T) *runner {
	t.Helper()
	var o options
	strata, others, stop, err := o.start(func(line string) { t.Log(line) })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return &runner{strata: strata, others: others, tally: compare.Tally{}}
}

// TestRows: the example of each row shows what the row says.
func TestRows(t *testing.T) {
	r := startAll(t)
	for i := range known {
		row := &known[i]
		c := row.shows()
		var here, shown []string
		for _, e := range r.others {
			if !slices.Contains(row.engines, e.Name) || !slices.Contains(e.About.Sides, c.Side) {
				continue
			}
			here = append(here, e.Name)
			for _, g := range asked(t, r, e, c) {
				if explain(g) == row {
					shown = append(shown, e.Name)
				}
			}
		}
		if len(here) > 0 && len(here) == len(row.engines) && len(shown) == 0 {
			t.Errorf("%s does not differ as its row says: %v", shownCase(c), row.engines)
			for _, e := range r.others {
				if slices.Contains(here, e.Name) {
					t.Log(asked(t, r, e, c))
				}
			}
		}
	}
}

func shownCase(c lines.Case) string { return c.Side + " " + shown(c) }

// asked returns in what an engine differs from Strata.
func asked(t *testing.T, r *runner, e *engine.Engine, c lines.Case) []compare.Group {
	t.Helper()
	ours, err := r.strata.Ask([]lines.Case{c})
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := e.Ask([]lines.Case{c})
	if err != nil {
		t.Fatal(err)
	}
	return differences(c, ours[0], theirs[0], e.Name)
}

// TestRulesExist: a row names rules that there are, and one row is not hidden by another.
func TestRulesExist(t *testing.T) {
	text, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	for i := range known {
		for _, rule := range known[i].rules {
			if rule != compare.Accepted && rule != compare.Waits && !strings.Contains(string(text), "| `"+rule+"` |") {
				t.Errorf("row %q: there is no rule %q", known[i].example, rule)
			}
		}
	}
}

// TestSeeds: they are there, and a case is the same each time.
func TestSeeds(t *testing.T) {
	all, err := seeds()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 100 {
		t.Fatalf("%d seeds", len(all))
	}
	for _, number := range []int{0, len(all) - 1, len(all), 1e6} {
		a, b := generate.New(7, all).Case(number), generate.New(7, all).Case(number)
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("case %d: %s", number, diff)
		}
	}
	if cmp.Equal(generate.New(7, all).Case(1e6).Octets, generate.New(8, all).Case(1e6).Octets) {
		t.Error("the seed makes no difference")
	}
}

// TestUnknown: a difference that no row covers is counted, and its example made small.
func TestUnknown(t *testing.T) {
	r := startAll(t)
	r.others = slices.DeleteFunc(r.others, func(e *engine.Engine) bool { return e.Name != nethttp })
	r.others[0].Name = "stranger" // whom no row names
	if err := r.run(t.Context(), []lines.Case{{Side: lines.Client, Octets: []byte("HTTP/1.1 404\r\nServer: something\r\n\r\n"), EOF: true}}); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if n := r.report(&out, false); n != 1 {
		t.Errorf("%d unknown groups", n)
	}
	group, example, _ := strings.Cut(out.String(), "\n")
	if want := "      1  client | missing-reason | verdict | stranger |"; group != want {
		t.Errorf("%q, want %q", group, want)
	}
	if !strings.Contains(example, "HTTP/1.1 404") || strings.Contains(example, "Server") {
		t.Errorf("the example is %s", example)
	}
}

// TestStrataAgrees: cut into octets, and as httpclient, Strata tells what it tells otherwise.
func TestStrataAgrees(t *testing.T) {
	r := startAll(t)
	r.others = slices.DeleteFunc(r.others, func(e *engine.Engine) bool { return e.Name != "strata/1" && e.Name != "httpclient" })
	if len(r.others) != 2 {
		t.Fatalf("%d engines", len(r.others))
	}
	all, err := seeds()
	if err != nil {
		t.Fatal(err)
	}
	g := generate.New(11, all)
	var batch []lines.Case
	for number := range 2 * len(all) {
		batch = append(batch, g.Case(number))
	}
	if err := r.run(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if n := r.report(&out, true); n > 0 || r.agreed != len(batch) {
		t.Errorf("they differ on %d of %d cases:\n%s", len(batch)-r.agreed, len(batch), out.String())
	}
}
