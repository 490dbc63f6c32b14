package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/strata-http/strata/test/differential/internal/compare"
	"github.com/strata-http/strata/test/differential/internal/lines"
)

const preface = `# Where engines differ

<!-- written by go generate in test/differential -->

The same octets, put before Strata and before other engines of HTTP/1, come out differently in places. Each place is
here, with who differs, the section that decides, and why Strata stays as it is. ` + "`test/differential`" + ` finds them: it sends
generated and mutated messages through all engines, gathers what differs in groups, and fails on a group that no row of
this page covers; and its tests put the example of each row before the engines, and fail where the row says what is not
so.

` + "```console" + `
$ cd test/differential
$ go run . --count 100000 --known
` + "```" + `

Compared are ` + "`net/http`" + ` (its Server and its Transport), fasthttp (its Server and its HostClient), Node (its ` + "`http`" + ` module,
both sides), h11, and Python's ` + "`http.client`" + `. Strata with one octet a read, and its ` + "`httpclient`" + `, are compared too and
may differ in nothing. Another engine joins by ` + "`--engine NAME=COMMAND`" + `, where the command speaks the lines of [parse.md](parse.md).

## Terms

- **side**: the role of the engine. On the client side the octets are what a server sent, on the server side what a
  client sent.
- **rule**: that by which Strata refuses the message ([rules.md](rules.md)). "accept" is for a message that Strata takes,
  "hang" for one that it waits to see more of.
- **what differs**: the *verdict* is whether the message is taken; *messages* is how many there are, and which; *wait* is
  a message that the other engine has refused already. The others are parts of a message that both take.
- **who differs**: the engines for which that was seen. An engine that is not named does as Strata does, or cannot tell.

The example is what shows the difference with the fewest octets or nearly so.
`

// chapters are the parts of the page.
var chapters = []struct {
	title, text string
	rows        []row
}{
	{"Strata refuses, others take: heads", "", refusedHeads},
	{"Strata refuses, others take: framing", "", refusedFraming},
	{"Strata takes, others refuse: heads", "", takenHeads},
	{"Strata takes, others refuse: framing", "", takenFraming},
	{"All take, and take for something else", "", bothTake},
	{"What follows", "Who has taken one element for another finds other things wrong behind it, or nothing.", consequences},
}

// page returns docs/differences.md.
func page() string {
	var b strings.Builder
	b.WriteString(preface)
	for _, c := range chapters {
		fmt.Fprintf(&b, "\n## %s\n\n", c.title)
		if c.text != "" {
			fmt.Fprintf(&b, "%s\n\n", c.text)
		}
		b.WriteString("| side | rule | what differs | who differs | example | who is right, and why Strata stays |\n| --- | --- | --- | --- | --- | --- |\n")
		for i := range c.rows {
			b.WriteString(c.rows[i].line())
		}
	}
	return b.String()
}

// line returns r as a line of a table.
func (r *row) line() string {
	side := r.side
	if side == "" {
		side = "both"
	}
	rules := "any"
	if slices.Equal(r.rules, accepted) {
		rules = compare.Accepted
	} else if r.rules != nil {
		rules = "`" + strings.Join(r.rules, "` `") + "`"
	}
	keys := strings.Join(r.keys, ", ")
	if r.keys == nil {
		keys = "any"
	}
	return fmt.Sprintf("| %s | %s | %s | %s | %s | %s %s |\n",
		side, rules, keys, strings.Join(r.engines, ", "), r.shown(), r.why, r.section())
}

// section returns the law in parentheses, where there is one.
func (r *row) section() string {
	if r.law == "" {
		return ""
	}
	return "(" + r.law + ".)"
}

// shown returns the example, as code that stands in a table.
func (r *row) shown() string {
	text := quoted([]byte(r.example))
	text = strings.ReplaceAll(text[1:len(text)-1], "|", `\|`)
	note := ""
	if r.method != "" {
		note = " to " + r.method
	}
	if r.open {
		note += ", the connection stays open"
	}
	return "`" + text + "`" + note
}

// sideOf returns the side that an example without one is for.
func sideOf(octets string) string {
	if strings.HasPrefix(octets, "HTTP/") {
		return lines.Client
	}
	return lines.Server
}
