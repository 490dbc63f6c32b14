package conformance_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/strata-http/strata/internal/parse"
	"github.com/strata-http/strata/test/conformance"
	"github.com/strata-http/strata/wire"
)

// TestRules: every rule of the catalogue is tripped by a case, and no case names a rule that is not there.
func TestRules(t *testing.T) {
	tripped := map[string]int{}
	for _, c := range cases(t) {
		names := []string{c.Refused}
		for _, key := range []string{"rule", "more_rule"} {
			if value, ok := c.Expect(key); ok && value != nil {
				names = append(names, value.(string))
			}
		}
		for _, name := range names {
			if name != "" && name != "state" {
				tripped[name]++
			}
		}
	}
	for _, rule := range wire.Rules() {
		if tripped[rule.Name()] == 0 {
			t.Errorf("no case trips the rule %s: %s", rule.Name(), rule.Requires())
		}
		delete(tripped, rule.Name())
	}
	for name := range tripped {
		t.Errorf("there is no rule %q", name)
	}
}

// bits returns every bit of wire.Lenient by its name.
func bits() map[string]wire.Lenient {
	all := map[string]wire.Lenient{}
	for rest := wire.LenientAll; rest != 0; rest &= rest - 1 {
		bit := rest & -rest
		all[bit.String()] = bit
	}
	return all
}

// related returns the bits that admit what the bit admits: those of its rules.
func related(bit wire.Lenient) wire.Lenient {
	all := bit
	for _, rule := range wire.Rules() {
		if rule.Lenient()&bit != 0 {
			all |= rule.Lenient()
		}
	}
	return all
}

// minNeighbours is how many neighbours of what it admits each bit has.
const minNeighbours = 2

// TestLeniencies: each bit admits a case that is refused without it, though all others are set, and refuses its
// neighbours. All stand in one page.
func TestLeniencies(t *testing.T) {
	admitted, own, neighbours := map[string]int{}, map[string]int{}, map[string]int{}
	for _, c := range cases(t) {
		if c.File != "leniencies" || len(c.Lenient) != 1 || !strings.HasPrefix(c.Lenient[0], "Allow") {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			name := c.Lenient[0]
			bit, ok := wire.ParseLenient(name)
			if !ok {
				t.Fatalf("there is no leniency %q", name)
			}
			engine, with := configured(t, &c)
			without := with
			without.Lenient = 0
			verdict, _ := c.Expect("verdict")
			if verdict != "accept" || same(outcome(t, engine, with), outcome(t, engine, without)) == "" {
				neighbours[name]++
				return
			}
			admitted[name]++
			if checkNeeded(t, engine, with, bit) {
				own[name]++
			}
		})
	}
	for name := range bits() {
		if admitted[name] == 0 || own[name] == 0 {
			t.Errorf("%d cases are admitted by %s, %d of them by its own rule", admitted[name], name, own[name])
		}
		if neighbours[name] < minNeighbours {
			t.Errorf("%d neighbours of what %s admits; want %d", neighbours[name], name, minNeighbours)
		}
	}
}

// checkNeeded checks that a case that a bit admits is refused without it, and that no other bit does the same. It reports
// whether it is refused by a rule of that bit: a bit may admit what breaks another rule at an octet before.
func checkNeeded(t *testing.T, c parse.Case, with parse.Options, bit wire.Lenient) (own bool) {
	t.Helper()
	want := outcome(t, c, with)
	strict := outcome(t, c, parse.Options{})
	if bit == wire.AllowCloseSubstring { // which has no rule: nothing is refused without it
		if strict.Verdict != parse.Accept || !strict.Reusable || want.Reusable {
			t.Errorf("reusable is %t with %s and %t without", want.Reusable, bit, strict.Reusable)
		}
		return true
	}
	if strict.Verdict != parse.Reject {
		t.Errorf("without %s: %s; want a rejection", bit, strict.Verdict)
	}
	with.Lenient = wire.LenientAll &^ related(bit)
	if others := outcome(t, c, with); same(want, others) == "" {
		t.Errorf("the other bits admit it too")
	}
	return slices.ContainsFunc(wire.Rules(), func(r wire.Rule) bool {
		return r.Name() == strict.Rule && r.Lenient()&bit != 0
	})
}

// cited finds the sections of RFC 9112 that a text names.
var cited = regexp.MustCompile(`RFC\s9112\ssection\s(\d+(?:\.\d+)*)`)

// sections are those of RFC 9112 that require something of a message or a connection.
var sections = map[string]bool{
	"2": true, "2.1": true, "2.2": true, "2.3": true,
	"3": true, "3.1": true, "3.2": true, "3.2.1": true, "3.2.2": true, "3.2.3": true, "3.2.4": true, "3.3": true,
	"4": true, "5": true, "5.1": true, "5.2": true,
	"6": true, "6.1": true, "6.2": true, "6.3": true,
	"7": true, "7.1": true, "7.1.1": true, "7.1.2": true, "7.1.3": true, "7.2": true, "7.3": true, "7.4": true,
	"8": true,
	"9": true, "9.1": true, "9.2": true, "9.3": true, "9.3.1": true, "9.3.2": true, "9.4": true, "9.5": true, "9.6": true,
	"9.7": true, "9.8": true,
	"10": true, "10.1": true, "10.2": true,
	"11": true, "11.1": true, "11.2": true,
}

// TestPages: the pages are about what they say, and there are as many cases as the suite promises.
func TestPages(t *testing.T) {
	const promised = 400
	files, err := conformance.Load()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	directions := map[string]int{}
	for _, f := range files {
		if link := "- [" + f.Title + "](" + f.Name + ".md)\n"; !strings.Contains(string(readme), link) {
			t.Errorf("README.md does not list the page: %s", link)
		}
		if len(f.Cases) == 0 {
			t.Errorf("%s.md has no case", f.Name)
		}
		total += len(f.Cases)
		for _, c := range f.Cases {
			directions[c.Role+" "+string(c.Direction)]++
			for _, m := range cited.FindAllStringSubmatch(c.Prose, -1) {
				if !sections[m[1]] {
					t.Errorf("%s.md:%d: %s cites section %s of RFC 9112, which has none", f.Name, c.Line, c.Name, m[1])
				}
			}
		}
	}
	t.Logf("%d pages, %d cases: %v", len(files), total, directions)
	if total < promised || len(directions) != 4 {
		t.Errorf("%d cases, %v; want %d over both roles and both directions", total, directions, promised)
	}
}
