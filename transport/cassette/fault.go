package cassette

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/strata-http/strata/transport"
)

// Fault is the class of a recorded error. Errors of a class are replayed as what package net would return, so that
// errors.Is finds in them what it found when they were recorded; of any [Other] error the text alone is kept.
type Fault string

// The classes of errors, as they stand in the file.
const (
	Refused     Fault = "refused"     // nobody listens: syscall.ECONNREFUSED
	Reset       Fault = "reset"       // the peer has reset the connection: syscall.ECONNRESET
	BrokenPipe  Fault = "broken-pipe" // the peer takes no more: syscall.EPIPE
	TimedOut    Fault = "timeout"     // dialling took too long, or the peer is gone: syscall.ETIMEDOUT
	Unreachable Fault = "unreachable" // no way to the host or its network: syscall.EHOSTUNREACH
	NoHost      Fault = "no-host"     // the name was not found: *net.DNSError
	Cut         Fault = "cut"         // TLS ended without close_notify: transport.ErrNoCloseNotify
	Canceled    Fault = "canceled"    // the context of the dial ended: context.Canceled
	Other       Fault = "other"       // *RecordedError
)

// A RecordedError is a recorded error of which nothing but the text is known.
type RecordedError struct{ Text string }

// Error returns the text of the error that was recorded.
func (e *RecordedError) Error() string { return e.Text }

// errnos are the classes that are one error of the system each.
var errnos = []struct {
	fault Fault
	errno syscall.Errno
}{
	{Refused, syscall.ECONNREFUSED}, {Reset, syscall.ECONNRESET}, {BrokenPipe, syscall.EPIPE},
	{TimedOut, syscall.ETIMEDOUT}, {Unreachable, syscall.EHOSTUNREACH},
}

// classify returns the class of an error, and its text when that is Other.
func classify(err error) (Fault, string) {
	var dns *net.DNSError
	switch {
	case errors.Is(err, transport.ErrNoCloseNotify):
		return Cut, ""
	case errors.Is(err, context.Canceled):
		return Canceled, ""
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return TimedOut, ""
	case errors.As(err, &dns) && dns.IsNotFound:
		return NoHost, ""
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		errno = portable(errno)
		for _, e := range errnos {
			if e.errno == errno {
				return e.fault, ""
			}
		}
	}
	// The outer layers are put on again by whoever replays.
	var dial *transport.DialError
	if errors.As(err, &dial) {
		err = dial.Err
	}
	return Other, err.Error()
}

func isFault(f Fault) bool {
	switch f {
	case NoHost, Cut, Canceled, Other:
		return true
	}
	for _, e := range errnos {
		if e.fault == f {
			return true
		}
	}
	return false
}

// cause is the error of a class; call names the system call that would have failed.
func cause(e Event, call string) error {
	for _, known := range errnos {
		if known.fault == e.Fault {
			return os.NewSyscallError(call, known.errno)
		}
	}
	switch e.Fault {
	case Cut:
		return transport.ErrNoCloseNotify
	case Canceled:
		return context.Canceled
	}
	return &RecordedError{Text: e.Text}
}

// dialError is the error of a recorded dial that failed.
func dialError(e Event, network, address string) error {
	err := cause(e, "connect")
	switch e.Fault {
	case Canceled, Other, Cut:
	case NoHost:
		host, _, splitErr := net.SplitHostPort(address)
		if splitErr != nil {
			host = address
		}
		err = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
		fallthrough
	default:
		err = &net.OpError{Op: "dial", Net: network, Err: err}
	}
	return &transport.DialError{Network: network, Address: address, Err: err}
}

// ioError is the error of a recorded read or write that failed, or io.EOF.
func ioError(e Event, op string, local, remote net.Addr) error {
	err := cause(e, op)
	if e.Fault == Cut || e.Fault == Other {
		return err
	}
	return opError(op, local, remote, err)
}

func opError(op string, local, remote net.Addr, err error) error {
	if err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: remote.Network(), Source: local, Addr: remote, Err: err}
}
