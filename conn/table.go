package conn

// Everything that decides a state stands in this file: the transitions of each party, and the rules
// that join the two. docs/states.md is drawn from it.

// transitions says which state a party is in behind an input. What is not listed is illegal, since the
// zero State is.
//
// A client that is done may send another request when the queue of requests in flight has room; with
// the usual depth of 1 it has none until the response is complete.
var transitions = [2][numStates][numInputs]State{
	Client: {
		StateIdle: {
			InputRequest: StateBody,
			InputClose:   StateClosed,
		},
		StateBody: {
			InputContent: StateBody,
			InputEnd:     StateDone,
		},
		StateDone: {
			InputRequest: StateBody,
			InputClose:   StateClosed,
		},
		StateMustClose: {
			InputClose: StateClosed,
		},
		StateClosed: {
			InputClose: StateClosed,
		},
	},
	Server: {
		StateIdle: {
			InputBegin: StateOwed,
			// A server may answer what it could not read as a request, or tell an idle client that
			// its time is up. A client takes no response in this state: its queue is empty.
			InputResponse: StateBody,
			InputClose:    StateClosed,
		},
		StateOwed: {
			InputInterim:  StateOwed,
			InputSwitch:   StateSwitched,
			InputResponse: StateBody,
		},
		StateBody: {
			InputContent: StateBody,
			InputEnd:     StateDone,
		},
		StateDone: {
			InputClose: StateClosed,
		},
		StateMustClose: {
			InputClose: StateClosed,
		},
		StateClosed: {
			InputClose: StateClosed,
		},
	},
}

// Transition returns the state of a party of that role behind an input, and false where the input is
// illegal in that state.
func Transition(party Role, s State, in Input) (State, bool) {
	next := transitions[party][s][in]
	return next, next != 0
}

// set is a set of states.
type set uint16

func in(states ...State) (s set) {
	for _, state := range states {
		s |= 1 << state
	}
	return s
}

func (s set) has(state State) bool { return s&(1<<state) != 0 }

const anyState = ^set(0)

// Condition is what a joint rule asks beside the states.
type Condition uint8

// The conditions.
const (
	Always       Condition = iota
	SwitchAsked            // the client's latest request asks for an upgrade or is CONNECT
	ClientLast             // the client announced no request behind its latest, or the server no response behind this one
	ServerLast             // the response is the last one on this connection
	MoreInFlight           // behind the request that was just answered another is in flight, and the response is not the last
)

// String returns what the condition asks.
func (c Condition) String() string {
	return [...]string{"", "a switch was asked for", "last request", "last response", "another request in flight"}[c]
}

// joint is a rule over the states of both parties: when both are in the sets and the condition holds,
// the states named follow; 0 leaves one as it is. exchange says that the oldest exchange is over.
type joint struct {
	client, server set
	when           Condition
	toClient       State
	toServer       State
	exchange       bool
}

// joints are tried from the top, again and again until none applies.
var joints = [...]joint{
	// A complete request that asks to switch waits for the answer before anything else is sent
	// (RFC 9110 sections 7.8 and 9.3.6); any final answer but a switching one declines.
	{client: in(StateDone), server: in(StateIdle, StateOwed), when: SwitchAsked, toClient: StateMightSwitch},
	{client: in(StateMightSwitch), server: in(StateSwitched), toClient: StateSwitched},
	{client: in(StateMightSwitch), server: in(StateBody, StateDone, StateMustClose, StateClosed, StateFailed), toClient: StateDone},

	// Without persistence the last message is followed by closing (RFC 9112 sections 9.3 and 9.6).
	{client: in(StateDone), server: anyState, when: ClientLast, toClient: StateMustClose},
	{client: in(StateIdle, StateDone, StateMustClose, StateClosed, StateFailed), server: in(StateDone), when: ServerLast, toServer: StateMustClose, exchange: true},

	// An answer to no request at all is the last message: no request is taken behind it.
	{client: in(StateIdle), server: in(StateBody), toClient: StateMustClose},

	// Both messages are complete: the exchange is over, and the next response is owed, or nothing is.
	{client: anyState, server: in(StateDone), when: MoreInFlight, toServer: StateOwed, exchange: true},
	{client: in(StateDone), server: in(StateDone), toClient: StateIdle, toServer: StateIdle, exchange: true},

	// A party that will hear nothing more has nothing more to say, but that a server still answers
	// what it could not read.
	{client: in(StateClosed), server: in(StateIdle), toServer: StateMustClose},
	{client: in(StateClosed, StateFailed), server: in(StateDone), toServer: StateMustClose, exchange: true},
	{client: in(StateIdle, StateDone), server: in(StateMustClose, StateClosed, StateFailed), toClient: StateMustClose},
}

// applicable lists, for each pair of states, the joint rules whose sets have it, as bits: most pairs have
// none, and an exchange asks often.
var applicable = func() (table [numStates][numStates]uint16) {
	for client := range numStates {
		for server := range numStates {
			for i, j := range joints {
				if j.client.has(client) && j.server.has(server) {
					table[client][server] |= 1 << i
				}
			}
		}
	}
	return table
}()

// Joint is a rule over the states of both parties, for whoever draws or checks the machine.
type Joint struct {
	Client, Server     []State // the states in which it applies; nil for any
	When               Condition
	ToClient, ToServer State // 0 leaves the state as it is
	ExchangeOver       bool
}

// Joints returns the joint rules in the order in which they are tried.
func Joints() []Joint {
	var all []Joint
	for _, j := range joints {
		all = append(all, Joint{j.client.list(), j.server.list(), j.when, j.toClient, j.toServer, j.exchange})
	}
	return all
}

func (s set) list() (states []State) {
	if s == anyState {
		return nil
	}
	for _, state := range States() {
		if s.has(state) {
			states = append(states, state)
		}
	}
	return states
}
