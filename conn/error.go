package conn

import "errors"

// ErrState is what every [*StateError] is, for errors.Is.
var ErrState = errors.New("conn: not possible in this state")

// StateError is the error for something that a party cannot do where it stands. Nothing was appended
// and no state changed.
type StateError struct {
	Party Role
	State State
	Input Input
	// Why says more where the state alone does not explain it.
	Why string
}

// Error returns a message such as "conn: client in state done cannot send request: 1 in flight
// already".
func (e *StateError) Error() string {
	msg := "conn: " + e.Party.String() + " in state " + e.State.String() + " cannot send " + e.Input.String()
	if e.Why != "" {
		msg += ": " + e.Why
	}
	return msg
}

// Is reports whether target is ErrState.
func (e *StateError) Is(target error) bool { return target == ErrState }
