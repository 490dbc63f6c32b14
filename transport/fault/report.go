package fault

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// Outcome is what came of an exchange with a fault.
type Outcome uint8

// The outcomes. All but the first two are faults of the client.
const (
	Correct Outcome = iota // the right result
	Failed                 // an error of a class that is known
	Unclear                // an error of no class
	Wrong                  // a wrong result and no error
	Hang                   // neither a result nor an error, long after the context ended
	Leak                   // a connection left open, or a goroutine left behind
)

// String returns the outcome in lower case.
func (o Outcome) String() string {
	return [...]string{"correct", "error", "unclear error", "wrong result", "hang", "leak"}[o]
}

// OK reports whether a client may have this outcome: the right result, or an error that says what happened.
func (o Outcome) OK() bool { return o <= Failed }

// A Case is one exchange of a [Sweep].
type Case struct {
	Fault   Fault
	Struck  bool // whether the exchange came to where the fault was
	Outcome Outcome
	Class   string // of the error; for other outcomes the Outcome as text
	Err     error  // what the exchange returned, or what was found out about it
	Elapsed time.Duration
	Stacks  string // of the goroutines, for a hang or a leak
}

// Octets counts those of one connection.
type Octets struct{ Sent, Received int64 }

func (o Octets) in(d Direction) int64 {
	if d == SentOctets {
		return o.Sent
	}
	return o.Received
}

// A Report holds what came of the exchanges of a [Sweep], in the order in which they were run.
type Report struct {
	Conns []Octets // of the exchange without a fault
	Cases []Case
}

// Err returns nil when every outcome is OK, and else an error that tells of each other case, the first ten in
// full.
func (r *Report) Err() error {
	var b strings.Builder
	bad := 0
	for _, c := range r.Cases {
		if c.Outcome.OK() {
			continue
		}
		if bad++; bad <= 10 {
			fmt.Fprintf(&b, "\n%v: %v: %v", c.Fault, c.Outcome, c.Err)
			if c.Stacks != "" {
				fmt.Fprintf(&b, "\n%s", c.Stacks)
			}
		}
	}
	if bad == 0 {
		return nil
	}
	return fmt.Errorf("fault: %d of %d cases are neither correct nor a clear error:%s", bad, len(r.Cases), b.String())
}

// ranges says which offsets, as "0-16, 20": all of them as numbers go up.
type ranges []struct{ from, to int64 }

func (r ranges) String() string {
	const most = 4
	var words []string
	for i, s := range r {
		switch {
		case i == most:
			return strings.Join(words, ", ") + ", …"
		case s.from == s.to:
			words = append(words, strconv.FormatInt(s.from, 10))
		default:
			words = append(words, fmt.Sprintf("%d-%d", s.from, s.to))
		}
	}
	return strings.Join(words, ", ")
}

// A row is one line of the table: the offsets at which a fault had one class of outcome.
type row struct {
	fault, class string
	cases        int
	at           ranges
}

// rows groups the cases by fault, then by class, each in the order of the first.
func (r *Report) rows() []row {
	var all []row
	previous := map[string]int64{} // the offset before, by fault
	for _, c := range r.Cases {
		at := c.Fault.where.offset
		name := c.Fault.where.withoutOffset() + c.Fault.what.String()
		class := c.Class
		if !c.Struck {
			class += ", not reached"
		}
		i := slices.IndexFunc(all, func(x row) bool { return x.fault == name && x.class == class })
		if i < 0 {
			// Behind the other classes of the same fault.
			i = len(all)
			for j, x := range all {
				if x.fault == name {
					i = j + 1
				}
			}
			all = slices.Insert(all, i, row{fault: name, class: class})
		}
		x := &all[i]
		x.cases++
		if last := len(x.at) - 1; last >= 0 && x.at[last].to == previous[name] && at > previous[name] {
			x.at[last].to = at
		} else {
			x.at = append(x.at, struct{ from, to int64 }{at, at})
		}
		previous[name] = at
	}
	return all
}

// withoutOffset is the place as far as it is common to the cases of a row.
func (w Where) withoutOffset() string {
	if w.first == 1 && w.last == 1 {
		w.first, w.last = 0, 0 // there is seldom another
	}
	if !w.timed {
		w.offset = 0
	}
	place := strings.TrimSuffix(w.String(), " at 0")
	if place != "" {
		place += ": "
	}
	return place
}

// String returns a table: for each fault, without its offset, the classes of outcomes, how many cases had each, and at
// which offsets, the first of them where there are many. Connection 1 is not named.
func (r *Report) String() string {
	var b strings.Builder
	for i, o := range r.Conns {
		fmt.Fprintf(&b, "connection %d: %d octets sent, %d received\n", i+1, o.Sent, o.Received)
	}
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "fault\toutcome\tcases\tat")
	before := ""
	for _, x := range r.rows() {
		name := x.fault
		if name == before {
			name = ""
		}
		before = x.fault
		fmt.Fprintf(w, "%s\t%s\t%d\t%v\n", name, x.class, x.cases, x.at)
	}
	w.Flush()
	return b.String()
}
