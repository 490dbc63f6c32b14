package main

import (
	"bytes"
	"fmt"
	"math"
	"math/bits"
	"reflect"
	"regexp"
	"strings"

	"github.com/strata-http/strata/wire"
)

const rulesIntro = `# The rules

Whatever Strata refuses, it refuses by a rule of this catalogue, in what it reads and in what it is asked
to write. The rule is the error: ` + "`errors.Is(err, wire.RuleBareCR)`" + ` tells, and
` + "`*wire.SyntaxError`" + ` says where. The names in the first column are stable; ` + "`Rule.Name`" + ` returns them.
*Binds* is the side that has to keep the rule in what it sends. *Leniency* is the bit, or the bits each of
which, that let a recipient take what breaks the rule; where there is none, nothing does.

`

// presetValues are the leniencies that are sets. A preset that is missing here fails the generator.
var presetValues = map[string]wire.Lenient{
	"LenientHTTPClient": wire.LenientHTTPClient,
	"LenientAll":        wire.LenientAll,
}

func rulesPage(src *source) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(generated + rulesIntro)
	if err := writeRules(&b, src.rules); err != nil {
		return nil, err
	}
	if err := writeLenients(&b, src); err != nil {
		return nil, err
	}
	return b.Bytes(), writeLimits(&b, src.limits)
}

// writeRules writes a table for each group of rules. Names come from the source, all else from the
// catalogue; both are in one order, and so they must be as many.
func writeRules(b *bytes.Buffer, names []named) error {
	all := wire.Rules()
	if len(all) != len(names) {
		return fmt.Errorf("%d rules in the catalogue, %d names in the source", len(all), len(names))
	}
	group := ""
	for i, r := range all {
		if names[i].comment != group {
			group = names[i].comment
			fmt.Fprintf(b, "%s## %s\n\n", strings.Repeat("\n", min(i, 1)), strings.TrimSuffix(group, "."))
			b.WriteString("| name | in Go | section | requires | an error says | binds | leniency |\n| --- | --- | --- | --- | --- | --- | --- |\n")
		}
		row(b, code(r.Name()), code("wire."+names[i].name), rfcLink(r.Section()), r.Requires(), problem(r), r.Binds().String(), lenientList(r.Lenient()))
	}
	return nil
}

func writeLenients(b *bytes.Buffer, src *source) error {
	b.WriteString("\n## Leniencies\n\nThe bits of `wire.Lenient`. The zero value is strict.\n\n")
	b.WriteString("| bit | what it does | rules |\n| --- | --- | --- |\n")
	for i, n := range src.lenients {
		bit := wire.Lenient(1) << i
		if bit.String() != n.name {
			return fmt.Errorf("bit %d is %s in package wire and %s in its source", i, bit, n.name)
		}
		if n.comment == "" {
			return fmt.Errorf("wire.%s has no comment", n.name)
		}
		row(b, code("wire."+n.name), sentence(n), rulesOf(bit))
	}
	b.WriteString("\nSets of them:\n\n")
	for _, n := range src.presets {
		set, ok := presetValues[n.name]
		if !ok {
			return fmt.Errorf("the generator does not know wire.%s", n.name)
		}
		fmt.Fprintf(b, "- `wire.%s` %s", n.name, strings.TrimPrefix(n.comment, n.name+" "))
		if set != wire.LenientAll {
			fmt.Fprintf(b, " It is %s.", lenientList(set))
		}
		b.WriteString("\n")
	}
	return nil
}

func writeLimits(b *bytes.Buffer, limits []named) error {
	b.WriteString("\n## What the limits are\n\nThe fields of `wire.Limits`: 0 is the default, a negative value no limit at all.\n\n")
	b.WriteString("| field | bounds | default | rule |\n| --- | --- | --- | --- |\n")
	defaults := reflect.ValueOf(wire.Limits{}.Resolved())
	for _, n := range limits {
		text, rule, ok := strings.Cut(n.comment, " Rule: ")
		if !ok {
			return fmt.Errorf("wire.Limits.%s names no rule", n.name)
		}
		text, _, _ = strings.Cut(text, " Default")
		rule = strings.Trim(rule, "`.")
		row(b, code(n.name), text, quantity(n.name, defaults.FieldByName(n.name).Int()), code("wire."+rule))
	}
	return nil
}

// quantity returns the default of a limit: octets, but for what the field counts otherwise.
func quantity(field string, n int64) string {
	switch {
	case n == math.MaxInt64:
		return "none"
	case field == "Fields" || field == "Interim":
		return fmt.Sprint(n)
	case n%1024 == 0:
		return fmt.Sprintf("%d KiB", n/1024)
	}
	return fmt.Sprintf("%d octets", n)
}

func row(b *bytes.Buffer, cells ...string) {
	for i := range cells {
		cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
	}
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

func code(s string) string { return "`" + s + "`" }

// sentence returns a comment without the name that it begins with.
func sentence(n named) string {
	rest := strings.TrimPrefix(n.comment, n.name+" ")
	return strings.ToUpper(rest[:1]) + rest[1:]
}

func lenientList(l wire.Lenient) string {
	var names []string
	for ; l != 0; l &= l - 1 {
		names = append(names, code((1 << bits.TrailingZeros64(uint64(l)) & l).String()))
	}
	return strings.Join(names, ", ")
}

func rulesOf(bit wire.Lenient) string {
	var names []string
	for _, r := range wire.Rules() {
		if r.Lenient()&bit != 0 {
			names = append(names, code(r.Name()))
		}
	}
	return strings.Join(names, ", ")
}

var rfc = regexp.MustCompile(`^RFC (\d+) section ([\d.]+)$`)

// rfcLink returns "RFC 9112 section 2.2" as a link to that section.
func rfcLink(section string) string {
	m := rfc.FindStringSubmatch(section)
	if m == nil {
		return section
	}
	return fmt.Sprintf("[RFC %s, %s](https://www.rfc-editor.org/rfc/rfc%s#section-%s)", m[1], m[2], m[1], m[2])
}

// problem returns what an error by that rule says, without its section.
func problem(r wire.Rule) string { return strings.TrimSuffix(r.Error(), " ("+r.Section()+")") }
