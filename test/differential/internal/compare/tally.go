package compare

import (
	"cmp"
	"maps"
	"slices"

	"github.com/strata-http/strata/test/differential/internal/lines"
)

// Entry is a group and what was seen of it.
type Entry struct {
	Group
	Count   int
	Example lines.Case // the shortest one
}

// Tally counts differences by group.
type Tally map[Group]*Entry

// Add counts one difference, and keeps its case if there is no shorter one.
func (t Tally) Add(g Group, c lines.Case) {
	e := t[g]
	if e == nil {
		e = &Entry{Group: g, Example: c}
		t[g] = e
	}
	e.Count++
	if len(c.Octets) < len(e.Example.Octets) {
		e.Example = c
	}
}

// Entries returns what was counted, in the order of the groups.
func (t Tally) Entries() []*Entry {
	return slices.SortedFunc(maps.Values(t), func(a, b *Entry) int {
		return cmp.Or(cmp.Compare(a.Side, b.Side), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Key, b.Key),
			cmp.Compare(a.Engine, b.Engine), cmp.Compare(a.Detail, b.Detail))
	})
}
