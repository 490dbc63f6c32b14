package fault_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport/fault"
)

// What a plan prints is read back as its script, and its seed makes it again.
func TestRandomReplay(t *testing.T) {
	different := map[string]bool{}
	for seed := range uint64(500) {
		odds := fault.Odds{Change: seed%2 == 0}
		plan := odds.Plan(seed)
		text := plan.String()
		different[plan.Script.String()] = true
		var printed uint64
		if _, err := fmt.Sscanf(text, "# seed %d\n", &printed); err != nil || printed != seed {
			t.Fatalf("%q does not begin with its seed", text)
		}
		again, err := fault.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(plan.Script, again, equal); diff != "" {
			t.Errorf("seed %d from text (-want +got):\n%s", seed, diff)
		}
		if diff := cmp.Diff(plan.Script, odds.Plan(seed).Script, equal); diff != "" {
			t.Errorf("seed %d again (-want +got):\n%s", seed, diff)
		}
	}
	if len(different) < 490 {
		t.Errorf("500 seeds make %d scripts", len(different))
	}
}

// A seed that was printed once makes the same plan for ever.
func TestRandomGolden(t *testing.T) {
	const want = "# seed 1\nsent at 2436: stall 8.106032s\nsent at 2891: half-close\n"
	if got := fault.Random(1).String(); got != want {
		t.Errorf("Random(1) is\n%s", got)
	}
}

func TestOdds(t *testing.T) {
	odds := fault.Odds{Faults: 1, Octets: 10, Time: time.Microsecond, Conns: 1}
	for seed := range uint64(200) {
		script := odds.Plan(seed).Script
		if len(script) != 1 || script[0].Offset() >= 10 {
			t.Errorf("seed %d: %v", seed, script)
		}
	}
}
