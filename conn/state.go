package conn

// Role is one of the two parties of a connection.
type Role uint8

// The roles.
const (
	Client Role = iota
	Server
)

// String returns "client" or "server".
func (r Role) String() string { return [...]string{"client", "server"}[r] }

// Peer returns the other role.
func (r Role) Peer() Role { return 1 - r }

// State is where one party stands in what it sends. A Conn keeps the states of both parties, its own
// and its peer's. A client's state is about its latest request, a server's about the response to the
// oldest request that is not answered yet.
type State uint8

// The states. The zero value is illegal.
const (
	_                State = iota
	StateIdle              // between exchanges
	StateOwed              // server: a request has begun, its final response has not
	StateBody              // the head is sent, content may follow
	StateDone              // the message is complete
	StateMightSwitch       // client: the request is complete, and its answer may end HTTP here
	StateSwitched          // the protocol was switched, or the tunnel begins
	StateMustClose         // the last message is complete; only closing is left
	StateClosed            // this party sends no more
	StateFailed            // this party broke the protocol

	numStates
)

var stateNames = [numStates]string{
	"illegal", "idle", "owed", "body", "done", "might switch", "switched", "must close", "closed", "failed",
}

// String returns "idle", "owed" and the like.
func (s State) String() string { return stateNames[s] }

// States returns all legal states.
func States() []State {
	var all []State
	for s := StateIdle; s < numStates; s++ {
		all = append(all, s)
	}
	return all
}

// Input is what moves a party from one state to another.
type Input uint8

// The inputs: what the party sends, but for InputBegin, by which a server learns that its client has
// sent the head of a request.
const (
	InputRequest  Input = iota // the head of a request
	InputBegin                 // the peer's request has begun
	InputInterim               // an interim response
	InputSwitch                // 101, or 2xx to CONNECT
	InputResponse              // the head of another final response
	InputContent               // content
	InputEnd                   // the end of the message
	InputClose                 // the end of the connection in this direction

	numInputs
)

var inputNames = [numInputs]string{
	"request", "request begun", "interim response", "switching response", "final response", "content",
	"end of message", "close",
}

// String returns "request", "final response" and the like.
func (i Input) String() string { return inputNames[i] }

// Inputs returns all inputs.
func Inputs() []Input {
	var all []Input
	for i := Input(0); i < numInputs; i++ {
		all = append(all, i)
	}
	return all
}

// Phase is what a client's user knows of an exchange; it follows from the states of both parties.
type Phase uint8

// The phases.
const (
	PhaseIdle           Phase = iota // no request is under way
	PhaseRequestStarted              // the head is sent, the request is not complete
	PhaseRequestSent                 // the request is complete, its final response has not begun
	PhaseResponseReady               // the head of the final response was read
	PhaseOver                        // the connection takes no more requests
)

// String returns "idle", "request-started" and the like.
func (p Phase) String() string {
	return [...]string{"idle", "request-started", "request-sent", "response-ready", "over"}[p]
}

// Phase returns the phase of the exchange under way.
func (c *Conn) Phase() Phase {
	client, server := c.states[Client], c.states[Server]
	switch {
	case server == StateBody || server == StateDone:
		return PhaseResponseReady
	case client == StateBody:
		return PhaseRequestStarted
	case server == StateOwed:
		return PhaseRequestSent
	case client == StateIdle && server == StateIdle:
		return PhaseIdle
	}
	return PhaseOver
}
