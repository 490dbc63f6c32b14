package fault

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync/atomic"
)

// label is the key of the profiler label that the goroutines of exchanges carry. A goroutine inherits the labels of the
// one that starts it, so a client's goroutines are told from those of a server in the same process.
const label = "github.com/strata-http/strata/transport/fault"

var groups atomic.Uint64

// A group is the goroutines of all exchanges of a sweep, told apart by the exchange's number.
type group struct {
	id     uint64
	marked *regexp.Regexp
}

func newGroup() *group {
	id := groups.Add(1)
	return &group{id, regexp.MustCompile(fmt.Sprintf(`%q:"%d/(\d+)"`, label, id))}
}

// do runs f as the nth exchange.
func (g *group) do(ctx context.Context, n int, f func()) {
	pprof.Do(ctx, pprof.Labels(label, fmt.Sprintf("%d/%d", g.id, n)), func(context.Context) { f() })
}

// stacks returns what the goroutines of each exchange are doing: a record of the goroutine profile for each stack,
// which begins with the number of goroutines that have it.
func (g *group) stacks() map[int]string {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return nil
	}
	found := map[int]string{}
	_, records, _ := strings.Cut(b.String(), "\n") // behind the headline
	for record := range strings.SplitSeq(records, "\n\n") {
		if m := g.marked.FindStringSubmatch(record); m != nil {
			n, _ := strconv.Atoi(m[1])
			found[n] += record + "\n\n"
		}
	}
	return found
}
