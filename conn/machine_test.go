package conn

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
)

// The expectations in this file are written by hand, from the RFCs and from reason, and never derived
// from table.go: they are the second opinion.

// wantTransitions has a row for each state and a column for each input; a dot is "illegal".
//
// A client sends a request where none is under way, then content, then its end; it closes anywhere but
// inside a message and where the protocol switches. It sends nothing behind closing.
//
// A server answers a request that has begun: any number of interim responses, then one final response
// or a switch. Without a request it may send a final response too (an error, a time-out) or close. Once
// its response is complete it can close or wait for the next request, which the joint rules decide.
var wantTransitions = map[Role]string{
	Client: `
                request begun interim switch   final content end  close
   idle         body    .     .       .        .     .       .    closed
   owed         .       .     .       .        .     .       .    .
   body         .       .     .       .        .     body    done .
   done         body    .     .       .        .     .       .    closed
   might-switch .       .     .       .        .     .       .    .
   switched     .       .     .       .        .     .       .    .
   must-close   .       .     .       .        .     .       .    closed
   closed       .       .     .       .        .     .       .    closed
   failed       .       .     .       .        .     .       .    .`,
	Server: `
                request begun interim switch   final content end  close
   idle         .       owed  .       .        body  .       .    closed
   owed         .       .     owed    switched body  .       .    .
   body         .       .     .       .        .     body    done .
   done         .       .     .       .        .     .       .    closed
   might-switch .       .     .       .        .     .       .    .
   switched     .       .     .       .        .     .       .    .
   must-close   .       .     .       .        .     .       .    closed
   closed       .       .     .       .        .     .       .    closed
   failed       .       .     .       .        .     .       .    .`,
}

var inputColumns = map[string]Input{
	"request": InputRequest, "begun": InputBegin, "interim": InputInterim, "switch": InputSwitch,
	"final": InputResponse, "content": InputContent, "end": InputEnd, "close": InputClose,
}

func stateByName(name string) State {
	for _, s := range States() {
		if s.String() == strings.ReplaceAll(name, "-", " ") {
			return s
		}
	}
	return 0
}

func TestTransitions(t *testing.T) {
	for role, text := range wantTransitions {
		lines := strings.Split(strings.TrimSpace(text), "\n")
		columns := strings.Fields(lines[0])
		if len(columns) != len(Inputs()) || len(lines)-1 != len(States()) {
			t.Fatalf("%v: the table has %d inputs and %d states", role, len(columns), len(lines)-1)
		}
		for i, line := range lines[1:] {
			cells := strings.Fields(line)
			from := stateByName(cells[0])
			if from != States()[i] {
				t.Fatalf("%v: row %d is %q", role, i, cells[0])
			}
			for k, column := range columns {
				want := stateByName(cells[k+1])
				got, ok := Transition(role, from, inputColumns[column])
				if got != want || ok != (want != 0) {
					t.Errorf("%v: %v, %v: %v %t, want %v", role, from, column, got, ok, want)
				}
			}
		}
		for _, in := range Inputs() {
			if got, ok := Transition(role, 0, in); ok {
				t.Errorf("%v: the illegal state takes %v to %v", role, in, got)
			}
		}
	}
}

// Letters of the states in the grids below.
const stateLetters = "?IOBDMSCXF"

func letter(s State) string { return stateLetters[s : s+1] }

func pair(c *Conn) string { return letter(c.states[Client]) + letter(c.states[Server]) }

// situation is what the joint rules ask beside the states.
type situation struct {
	clientLast, serverLast bool
	queue                  []exchange
}

var (
	persists1 = exchange{}
	last1     = exchange{last: true}
	upgrade1  = exchange{upgrade: true}
	connect1  = exchange{Request: body.Request{Connect: true}}
)

// settled has the pair of states that each pair ends in, in each situation: the client's state chooses
// the row, the server's the column. A dot is "as it is", and an exclamation mark says that the oldest
// exchange is over. No client is owed, and no server might switch.
//
// I idle, O owed, B body, D done, M might switch, S switched, C must close, X closed, F failed.
var settled = []struct {
	name string
	in   []situation
	grid string
}{
	{"one request in flight, all persists", []situation{{queue: []exchange{persists1}}}, `
		   I    O    B    D    S    C    X    F
		I  .    .    CB   .    .    CC   CX   CF
		B  .    .    .    .    .    .    .    .
		D  .    .    .    II!  .    CC   CX   CF
		M  .    .    DB   II!  SS   CC   CX   CF
		S  .    .    .    .    .    .    .    .
		C  .    .    .    .    .    .    .    .
		X  XC   .    .    XC!  .    .    .    .
		F  .    .    .    FC!  .    .    .    .`},
	{"the last request or the last response", []situation{
		{clientLast: true, queue: []exchange{last1}},
		{serverLast: true, queue: []exchange{persists1}},
		{clientLast: true, serverLast: true, queue: []exchange{last1}},
		// What else is in flight is not answered any more.
		{serverLast: true, queue: []exchange{persists1, persists1, persists1}},
		{clientLast: true, serverLast: true, queue: []exchange{persists1, last1}},
	}, `
		   I    O    B    D    S    C    X    F
		I  .    .    CB   CC!  .    CC   CX   CF
		B  .    .    .    .    .    .    .    .
		D  CI   CO   CB   CC!  CS   CC   CX   CF
		M  .    .    CB   CC!  SS   CC   CX   CF
		S  .    .    .    .    .    .    .    .
		C  .    .    .    CC!  .    .    .    .
		X  XC   .    .    XC!  .    .    .    .
		F  .    .    .    FC!  .    .    .    .`},
	{"more in flight", []situation{
		{queue: []exchange{persists1, persists1}},
		{queue: []exchange{persists1, persists1, persists1}},
		{queue: []exchange{upgrade1, persists1}}, // sent raw
	}, `
		   I    O    B    D    S    C    X    F
		I  .    .    CB   IO!  .    CC   CX   CF
		B  .    .    .    BO!  .    .    .    .
		D  .    .    .    DO!  .    CC   CX   CF
		M  .    .    DB   DO!  SS   CC   CX   CF
		S  .    .    .    SO!  .    .    .    .
		C  .    .    .    CO!  .    .    .    .
		X  XC   .    .    XO!  .    .    .    .
		F  .    .    .    FO!  .    .    .    .`},
	{"more in flight, of which the latest is the last", []situation{
		{clientLast: true, queue: []exchange{persists1, last1}},
	}, `
		   I    O    B    D    S    C    X    F
		I  .    .    CB   IO!  .    CC   CX   CF
		B  .    .    .    BO!  .    .    .    .
		D  CI   CO   CB   CO!  CS   CC   CX   CF
		M  .    .    CB   CO!  SS   CC   CX   CF
		S  .    .    .    SO!  .    .    .    .
		C  .    .    .    CO!  .    .    .    .
		X  XC   .    .    XO!  .    .    .    .
		F  .    .    .    FO!  .    .    .    .`},
	{"a switch was asked for", []situation{
		{queue: []exchange{upgrade1}}, {queue: []exchange{connect1}},
	}, `
		   I    O    B    D    S    C    X    F
		I  .    .    CB   .    .    CC   CX   CF
		B  .    .    .    .    .    .    .    .
		D  MI   MO   .    II!  .    CC   CX   CF
		M  .    .    DB   II!  SS   CC   CX   CF
		S  .    .    .    .    .    .    .    .
		C  .    .    .    .    .    .    .    .
		X  XC   .    .    XC!  .    .    .    .
		F  .    .    .    FC!  .    .    .    .`},
	{"a switch was asked for behind another request", []situation{
		{queue: []exchange{persists1, connect1}}, {queue: []exchange{upgrade1, upgrade1}},
	}, `
		   I    O    B    D    S    C    X    F
		I  .    .    CB   IO!  .    CC   CX   CF
		B  .    .    .    BO!  .    .    .    .
		D  MI   MO   .    MO!  .    CC   CX   CF
		M  .    .    DB   MO!  SS   CC   CX   CF
		S  .    .    .    SO!  .    .    .    .
		C  .    .    .    CO!  .    .    .    .
		X  XC   .    .    XO!  .    .    .    .
		F  .    .    .    FO!  .    .    .    .`},
	{"a switch was asked for, and no request follows", []situation{
		{clientLast: true, queue: []exchange{{upgrade: true, last: true}}},
		{serverLast: true, queue: []exchange{connect1}},
	}, `
		   I    O    B    D    S    C    X    F
		I  .    .    CB   CC!  .    CC   CX   CF
		B  .    .    .    .    .    .    .    .
		D  MI   MO   CB   CC!  CS   CC   CX   CF
		M  .    .    CB   CC!  SS   CC   CX   CF
		S  .    .    .    .    .    .    .    .
		C  .    .    .    CC!  .    .    .    .
		X  XC   .    .    XC!  .    .    .    .
		F  .    .    .    FC!  .    .    .    .`},
	{"no request in flight", []situation{{}}, `
		   I    O    B    D    S    C    X    F
		I  .    .    CB   CC!  .    CC   CX   CF
		B  .    .    .    .    .    .    .    .
		D  .    .    .    CC!  .    CC   CX   CF
		M  .    .    DB   CC!  SS   CC   CX   CF
		S  .    .    .    .    .    .    .    .
		C  .    .    .    CC!  .    .    .    .
		X  XC   .    .    XC!  .    .    .    .
		F  .    .    .    FC!  .    .    .    .`},
}

// place puts a Conn into states that it need not be able to reach.
func place(client, server State, in situation) *Conn {
	c := New(Client, Config{})
	c.states = [2]State{client, server}
	c.clientLast, c.serverLast = in.clientLast, in.serverLast
	c.queue = append(c.queue, in.queue...)
	return c
}

func TestJoints(t *testing.T) {
	for _, tt := range settled {
		lines := strings.Split(strings.TrimSpace(tt.grid), "\n")
		columns := strings.Fields(lines[0])
		if len(columns) != len(States())-1 || len(lines) != len(States()) {
			t.Fatalf("%s: %d columns, %d rows", tt.name, len(columns), len(lines)-1)
		}
		for _, line := range lines[1:] {
			cells := strings.Fields(line)
			client := State(strings.Index(stateLetters, cells[0]))
			for k, column := range columns {
				server := State(strings.Index(stateLetters, column))
				want, over := strings.CutSuffix(cells[k+1], "!")
				if want == "." {
					want = cells[0] + column
				}
				for i, in := range tt.in {
					c := place(client, server, in)
					c.settle()
					flight := max(len(in.queue)-1, 0)
					if !over {
						flight = len(in.queue)
					}
					if got := pair(c); got != want || len(c.queue) != flight {
						t.Errorf("%s (%d): %s%s settles as %s with %d in flight, want %s with %d",
							tt.name, i, cells[0], column, got, len(c.queue), want, flight)
					}
				}
			}
		}
	}
}

// TestJointsEverywhere tries every pair of states with every combination of conditions: the rules come
// to an end, and leave nothing that one of them is there to prevent.
func TestJointsEverywhere(t *testing.T) {
	queues := [][]exchange{nil}
	for _, a := range []exchange{persists1, last1, upgrade1, connect1, {upgrade: true, last: true}} {
		queues = append(queues, []exchange{a}, []exchange{a, persists1}, []exchange{a, last1}, []exchange{a, connect1},
			[]exchange{persists1, a, persists1})
	}
	for _, client := range States() {
		for _, server := range States() {
			for _, queue := range queues {
				for flags := range 4 {
					in := situation{flags&1 != 0, flags&2 != 0, queue}
					checkSettling(t, client, server, in)
				}
			}
		}
	}
}

func checkSettling(t *testing.T, client, server State, in situation) {
	t.Helper()
	c := place(client, server, in)
	// Each rule takes a party further, so that more steps than states means a circle.
	for steps := 0; c.step(); steps++ {
		if steps > int(numStates) {
			t.Fatalf("%v %v %+v does not settle", client, server, in)
		}
	}
	stepped := pair(c)
	c = place(client, server, in)
	c.settle()
	got := pair(c)
	if got != stepped {
		t.Errorf("%v %v %+v: settles as %s, rule by rule as %s", client, server, in, got, stepped)
	}
	switch {
	case got == "DD", got == "MB", got == "MD", got == "MS", got == "MC", got == "MX", got == "MF":
		t.Errorf("%v %v %+v: settles as %s: the exchange is over, or the switch decided", client, server, in, got)
	case (got[0] == 'I' || got[0] == 'D') && strings.Contains("CXF", got[1:]):
		t.Errorf("%v %v %+v: settles as %s: the client may send to a server that is gone", client, server, in, got)
	case got == "II" && (client != server || client != StateIdle) && (in.clientLast || in.serverLast):
		t.Errorf("%v %v %+v: idle without persistence", client, server, in)
	case len(in.queue)-len(c.queue) > 1:
		t.Errorf("%v %v %+v: %d exchanges over at once", client, server, in, len(in.queue)-len(c.queue))
	}
}

// step applies the first joint rule that applies, and reports whether there was one: settle, one rule at
// a time, without its table of what can apply.
func (c *Conn) step() bool {
	for i := range joints {
		j := &joints[i]
		if j.client.has(c.states[Client]) && j.server.has(c.states[Server]) && c.holds(j.when) {
			c.apply(j)
			return true
		}
	}
	return false
}

// TestJointsTold holds that Joints tells the rules as they are applied.
func TestJointsTold(t *testing.T) {
	told := Joints()
	if len(told) != len(joints) {
		t.Fatalf("%d of %d rules", len(told), len(joints))
	}
	for i, j := range told {
		rule := joints[i]
		if j.When != rule.when || j.ToClient != rule.toClient || j.ToServer != rule.toServer || j.ExchangeOver != rule.exchange {
			t.Errorf("rule %d: %+v", i+1, j)
		}
		for _, s := range States() {
			if client := j.Client == nil || slices.Contains(j.Client, s); client != rule.client.has(s) {
				t.Errorf("rule %d: client in %v: %t", i+1, s, client)
			}
			if server := j.Server == nil || slices.Contains(j.Server, s); server != rule.server.has(s) {
				t.Errorf("rule %d: server in %v: %t", i+1, s, server)
			}
		}
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	once := func(name string) {
		if name == "" || name == "illegal" || seen[name] {
			t.Errorf("name %q", name)
		}
		seen[name] = true
	}
	for _, s := range States() {
		once("state " + s.String())
	}
	for _, in := range Inputs() {
		once("input " + in.String())
	}
	for k := NeedData; k <= Closed; k++ {
		once("kind " + k.String())
	}
	for p := PhaseIdle; p <= PhaseOver; p++ {
		once("phase " + p.String())
	}
	for c := SwitchAsked; c <= MoreInFlight; c++ {
		once("condition " + c.String())
	}
	if got := fmt.Sprint(State(0), Client, Server, Client.Peer(), Server.Peer()); got != "illegal client server server client" {
		t.Error(got)
	}
}
