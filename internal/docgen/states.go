package main

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/strata-http/strata/conn"
)

const statesIntro = `# The state machine

A ` + "`conn.Conn`" + ` is one party's view of a connection. It keeps the states of both parties, its own and its
peer's, so both ends run the same machine and differ only in which half they drive by sending and which by
reading. Nothing else decides what may come next: the tables below are those of ` + "`conn/table.go`" + `, by way of
` + "`conn.Transition`" + ` and ` + "`conn.Joints`" + `.

A **client's** state is about its latest request. A **server's** is about the response to the oldest request
that is not answered yet; it learns from the *request begun* that a response is owed. What a table does not
list is illegal: who tries to send it gets a ` + "`*conn.StateError`" + ` and nothing changes.

Behind every input the **joint rules** are tried from the top, again and again until none applies. They see
both states at once, and so know what no party knows alone: that an exchange is over, that a switch was
agreed, that nobody is left to talk to.

One move is in no table: whoever breaks the protocol is *failed* at once, from any state. The other party may
still finish what it is saying, and a server may still answer with an error.

In the diagrams an arrow says what the party sends, or which joint rule moves it.

`

func statesPage() []byte {
	var b bytes.Buffer
	b.WriteString(generated + statesIntro)
	for _, role := range []conn.Role{conn.Client, conn.Server} {
		fmt.Fprintf(&b, "## The %v\n\n", role)
		writeDiagram(&b, role)
		writeTransitions(&b, role)
	}
	writeJoints(&b)
	return b.Bytes()
}

// edge is an arrow of a diagram.
type edge struct {
	from, to conn.State
	inputs   []string // that take the party along it
	joints   []string // the numbers of the joint rules that do
}

// label returns what stands at the arrow.
func (e *edge) label() string {
	labels := e.inputs
	switch len(e.joints) {
	case 0:
	case 1:
		labels = append(labels, "rule "+e.joints[0])
	default:
		labels = append(labels, "rules "+strings.Join(e.joints, ", "))
	}
	return strings.Join(labels, ", ")
}

// edges returns the arrows of a party, those of its own table before those of the joint rules.
func edges(role conn.Role) []edge {
	var all []edge
	arrow := func(from, to conn.State) *edge {
		i := slices.IndexFunc(all, func(e edge) bool { return e.from == from && e.to == to })
		if i < 0 {
			i = len(all)
			all = append(all, edge{from: from, to: to})
		}
		return &all[i]
	}
	for _, from := range conn.States() {
		for _, in := range conn.Inputs() {
			if to, ok := conn.Transition(role, from, in); ok {
				e := arrow(from, to)
				e.inputs = append(e.inputs, in.String())
			}
		}
	}
	for i, j := range conn.Joints() {
		from, to := j.Client, j.ToClient
		if role == conn.Server {
			from, to = j.Server, j.ToServer
		}
		for _, s := range from {
			if to != 0 && s != to {
				e := arrow(s, to)
				e.joints = append(e.joints, strconv.Itoa(i+1))
			}
		}
	}
	return all
}

func writeDiagram(b *bytes.Buffer, role conn.Role) {
	all := edges(role)
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for _, s := range conn.States() {
		touched := slices.ContainsFunc(all, func(e edge) bool { return e.from == s || e.to == s })
		if touched && strings.Contains(s.String(), " ") {
			fmt.Fprintf(b, "    state %q as %s\n", s, identifier(s))
		}
	}
	b.WriteString("    [*] --> idle\n")
	for _, e := range all {
		fmt.Fprintf(b, "    %s --> %s : %s\n", identifier(e.from), identifier(e.to), e.label())
	}
	b.WriteString("```\n\n")
}

func identifier(s conn.State) string { return strings.ReplaceAll(s.String(), " ", "_") }

// writeTransitions writes the table of a party, without the inputs and the states that it never has.
func writeTransitions(b *bytes.Buffer, role conn.Role) {
	var inputs []conn.Input
	for _, in := range conn.Inputs() {
		if slices.ContainsFunc(conn.States(), func(s conn.State) bool { _, ok := conn.Transition(role, s, in); return ok }) {
			inputs = append(inputs, in)
		}
	}
	header := []string{"state"}
	for _, in := range inputs {
		header = append(header, in.String())
	}
	row(b, header...)
	row(b, slices.Repeat([]string{"---"}, len(header))...)
	all := edges(role)
	for _, from := range conn.States() {
		if !slices.ContainsFunc(all, func(e edge) bool { return e.from == from || e.to == from }) {
			continue
		}
		cells := []string{from.String()}
		for _, in := range inputs {
			to, ok := conn.Transition(role, from, in)
			if !ok {
				cells = append(cells, "")
				continue
			}
			cells = append(cells, to.String())
		}
		row(b, cells...)
	}
	b.WriteString("\n")
}

const jointsIntro = `## The joint rules

A rule applies when the client and the server are in one of the states named and its condition holds. It
then moves those that it names. *Over* is the end of the oldest exchange: its request is no longer in flight.

The conditions:

- *a switch was asked for*: the client's latest request asks for an upgrade, or is CONNECT;
- *last request*: the client has announced that none follows its latest, or the server that no response
  follows the present one;
- *last response*: either party has announced that none follows the present one, or its end is that of the
  connection;
- *another request in flight*: behind the one that was just answered, and the response was not the last.

`

func writeJoints(b *bytes.Buffer) {
	b.WriteString(jointsIntro)
	row(b, "", "client", "server", "and", "client becomes", "server becomes", "exchange")
	row(b, slices.Repeat([]string{"---"}, 7)...)
	for i, j := range conn.Joints() {
		over := ""
		if j.ExchangeOver {
			over = "over"
		}
		row(b, strconv.Itoa(i+1), stateList(j.Client), stateList(j.Server), j.When.String(), becomes(j.ToClient), becomes(j.ToServer), over)
	}
}

func stateList(states []conn.State) string {
	if states == nil {
		return "*any*"
	}
	var names []string
	for _, s := range states {
		names = append(names, s.String())
	}
	return strings.Join(names, ", ")
}

func becomes(s conn.State) string {
	if s == 0 {
		return ""
	}
	return s.String()
}
