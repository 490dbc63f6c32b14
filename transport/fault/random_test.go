package fault_test

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport/fault"
	"github.com/strata-http/strata/transport/memory"
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

// Whatever a plan does, either side receives the front of what the other has sent, octet for octet, and nobody waits
// beyond a deadline.
func TestRandomPrefix(t *testing.T) {
	sent := strings.Repeat(digits, 30)
	for seed := range uint64(300) {
		plan := fault.Odds{Octets: 320, Faults: 5, Conns: 1}.Plan(seed)
		synctest.Test(t, func(t *testing.T) {
			a, peer := memory.PipeSize(64)
			c := fault.Wrap(a, plan.Script...)
			begin := time.Now()
			var got, peerGot string
			var wg sync.WaitGroup
			for _, one := range []net.Conn{c, peer} {
				one.SetDeadline(begin.Add(time.Hour))
				wg.Go(func() { writeAll(one, sent, 1+int(seed%70)) })
			}
			wg.Go(func() { got, _ = readAll(c, 1+int(seed%50)) })
			wg.Go(func() { peerGot, _ = readAll(peer, 100) })
			wg.Wait()
			c.Close()
			peer.Close()
			if !strings.HasPrefix(sent, got) || !strings.HasPrefix(sent, peerGot) {
				t.Errorf("received %q, the peer %q\n%v", got, peerGot, plan)
			}
			if took := time.Since(begin); took > time.Hour {
				t.Errorf("it took %v\n%v", took, plan)
			}
		})
	}
}
