package driver

import (
	"fmt"
	"runtime/debug"
)

// Panic is what a call panics with when a function of the caller's own, such as a source, has panicked in
// a goroutine of this package. There nobody could recover it, and the process would end; in the goroutine of the
// call its user can. A panic of what nobody waits for any more is dropped, as its error would be.
type Panic struct {
	Value any    // what the function panicked with
	Stack []byte // where it did
}

// Error shows the value and the stack.
func (p *Panic) Error() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// Unwrap returns the value, where that is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// caught makes an error of a recovered value.
func caught(value any) error { return &Panic{value, debug.Stack()} }

// rethrow lets a panic that was caught go on.
func rethrow(err error) {
	if p, ok := err.(*Panic); ok {
		panic(p)
	}
}
