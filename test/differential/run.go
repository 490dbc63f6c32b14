package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/strata-http/strata/test/differential/internal/compare"
	"github.com/strata-http/strata/test/differential/internal/engine"
	"github.com/strata-http/strata/test/differential/internal/generate"
	"github.com/strata-http/strata/test/differential/internal/lines"
)

// progress is how often a run says that it is alive.
const progress = time.Minute

// runner is one run.
type runner struct {
	strata *engine.Engine
	others []*engine.Engine
	tally  compare.Tally
	cases  int
	agreed int // cases on which nobody differs
}

// compare puts cases before the engines, prints what it found and returns how many groups are not known.
func (o *options) compare(out io.Writer) (unknown int, err error) {
	all, err := seeds()
	if err != nil {
		return 0, err
	}
	r := &runner{tally: compare.Tally{}}
	var stop func()
	r.strata, r.others, stop, err = o.start(func(line string) { fmt.Fprintln(out, line) })
	if err != nil {
		return 0, err
	}
	defer stop()
	fmt.Fprintf(out, "seed %d, %d seeds of octets, from case %d\n", o.seed, len(all), o.from)
	start := time.Now()
	if err := o.loop(r, generate.New(o.seed, all), start, out); err != nil {
		return 0, err
	}
	fmt.Fprintln(out, r.summary(start))
	unknown = r.report(out, o.all)
	return unknown, o.keep(r)
}

// loop runs until the count, the time or a signal ends it.
func (o *options) loop(r *runner, g *generate.Generator, start time.Time, out io.Writer) error {
	ctx, stop := interruptible()
	defer stop()
	for said := start; o.count == 0 || r.cases < o.count; {
		if ctx.Err() != nil || o.time > 0 && time.Since(start) > o.time {
			return nil
		}
		if time.Since(said) > progress {
			said = time.Now()
			fmt.Fprintln(out, r.summary(start))
		}
		n := o.batch
		if o.count > 0 {
			n = min(n, o.count-r.cases)
		}
		batch := make([]lines.Case, n)
		for i := range batch {
			batch[i] = g.Case(o.from + r.cases + i)
		}
		if err := r.run(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

// run puts a batch before all engines at once. When the run is interrupted meanwhile the batch does not count: from a
// terminal the signal reaches the drivers too.
func (r *runner) run(ctx context.Context, batch []lines.Case) error {
	all := append([]*engine.Engine{r.strata}, r.others...)
	results, errs := make([][]lines.Result, len(all)), make([]error, len(all))
	var asked sync.WaitGroup
	for i, e := range all {
		asked.Go(func() { results[i], errs[i] = e.Ask(sided(batch, e)) })
	}
	asked.Wait()
	if ctx.Err() != nil {
		return nil
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	for i, c := range batch {
		agreed := true
		for j, e := range r.others {
			k := slices.IndexFunc(results[j+1], func(r lines.Result) bool { return r.ID == c.ID })
			if k < 0 {
				continue
			}
			for _, g := range differences(c, results[0][i], results[j+1][k], e.Name) {
				r.tally.Add(g, c)
				agreed = false
			}
		}
		if agreed {
			r.agreed++
		}
	}
	r.cases += len(batch)
	return nil
}

// sided returns the cases of the sides that an engine can take.
func sided(batch []lines.Case, e *engine.Engine) []lines.Case {
	var cases []lines.Case
	for _, c := range batch {
		if slices.Contains(e.About.Sides, c.Side) {
			cases = append(cases, c)
		}
	}
	return cases
}

func differences(c lines.Case, strata, other lines.Result, name string) []compare.Group {
	switch name {
	case "strata/1":
		return compare.Exactly(c, strata, other, name)
	case "httpclient":
		return compare.SameRule(c, strata, other, name)
	}
	return compare.Differences(c, strata, other, name)
}

// summary is a line about a run.
func (r *runner) summary(start time.Time) string {
	elapsed := time.Since(start)
	perEngine := len(r.others) + 1
	unknown := 0
	for g := range r.tally {
		if explain(g) == nil {
			unknown++
		}
	}
	return fmt.Sprintf("%s: %d cases, to %d engines each, %.0f/s; all agree on %d; %d groups, %d unknown",
		elapsed.Round(time.Second), r.cases, perEngine, float64(r.cases)/elapsed.Seconds(), r.agreed, len(r.tally), unknown)
}

// report prints the groups: those that are not known with their example, made small.
func (r *runner) report(out io.Writer, all bool) (unknown int) {
	for _, e := range r.tally.Entries() {
		row := explain(e.Group)
		if row != nil && !all {
			continue
		}
		if row == nil {
			unknown++
			r.minimise(e)
		}
		fmt.Fprintf(out, "%7d  %s\n", e.Count, e.Group)
		if row == nil {
			fmt.Fprintf(out, "         case %d: %s\n", e.Example.ID, shown(e.Example))
		}
	}
	return unknown
}

// minimise makes the example of a group small.
func (r *runner) minimise(e *compare.Entry) {
	i := slices.IndexFunc(r.others, func(o *engine.Engine) bool { return o.Name == e.Engine })
	if i < 0 || e.Key == "crash" {
		return
	}
	e.Example = compare.Minimise(e.Example, 300, func(c lines.Case) bool {
		a, err := r.strata.Ask([]lines.Case{c})
		if err != nil {
			return false
		}
		b, err := r.others[i].Ask([]lines.Case{c})
		return err == nil && slices.Contains(differences(c, a[0], b[0], e.Engine), e.Group)
	})
}

// shown returns a case as text.
func shown(c lines.Case) string {
	var notes []string
	if c.Side == lines.Client && c.Method != "" && c.Method != "GET" {
		notes = append(notes, "to "+c.Method)
	}
	if c.EOF {
		notes = append(notes, "closed")
	}
	text := quoted(c.Octets)
	if len(notes) > 0 {
		text += " (" + strings.Join(notes, ", ") + ")"
	}
	return text
}

// quoted returns octets in quotes, those in the middle left out where there are many.
func quoted(octets []byte) string {
	const most = 300
	if n := len(octets); n > most {
		left := fmt.Sprintf("%q", octets[:most/2])
		right := fmt.Sprintf("%q", octets[n-most/2:])
		return left[:len(left)-1] + fmt.Sprintf(" … %d octets … ", n-most) + right[1:]
	}
	return fmt.Sprintf("%q", octets)
}

// keep appends the examples of unknown groups to a file.
func (o *options) keep(r *runner) error {
	if o.save == "" {
		return nil
	}
	f, err := os.OpenFile(o.save, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(f)
	for _, e := range r.tally.Entries() {
		if explain(e.Group) == nil {
			if err := encoder.Encode(e.Example); err != nil {
				f.Close()
				return err
			}
		}
	}
	return f.Close()
}
