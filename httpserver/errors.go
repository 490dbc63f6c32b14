package httpserver

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/wire"
)

// The errors of this package.
var (
	// ErrServerClosed is what serving ends with after [Server.Shutdown] or [Server.Close].
	ErrServerClosed = errors.New("httpserver: server closed")
	// ErrHandlerReturned is the error of a [Request] or [ResponseWriter] that is used after its handler has
	// returned.
	ErrHandlerReturned = errors.New("httpserver: used after the handler returned")
	// ErrHeadSent is the error of a call that comes too late: the head of the final response is sent.
	ErrHeadSent = errors.New("httpserver: the head of the response is sent already")
	// ErrHijacked is the error of a call after [ResponseWriter.Hijack].
	ErrHijacked = errors.New("httpserver: the connection was taken over")
	// ErrNoContent is the error of writing content of a response that has none by its status: 204, 205 and
	// 304 (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5). Content written in answer to HEAD is dropped without an error.
	ErrNoContent = errors.New("httpserver: a response of this status has no content")
	// ErrGone is why the context of a request ends when the client goes away; see context.Cause.
	ErrGone = errors.New("httpserver: the client went away")
	// ErrInterrupted is the error of reading content after [Request.Interrupt].
	ErrInterrupted = errors.New("httpserver: reading was interrupted")
	// ErrAbort, as the value of a panic, closes the connection without a word to the error hook.
	ErrAbort = errors.New("httpserver: the handler gave up")
)

// PanicError tells the error hook that a handler panicked.
type PanicError struct {
	// Value is what it panicked with.
	Value any
	// Stack is the stack of the goroutine then.
	Stack []byte
}

func (e *PanicError) Error() string {
	return fmt.Sprintf("httpserver: a handler panicked: %v", e.Value)
}

// Unwrap returns the value where that is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// TimeoutError is the error when a phase took too long. It is os.ErrDeadlineExceeded and a net.Error.
type TimeoutError = driver.TimeoutError

// The phases of a [TimeoutError], beside those that a client has too.
const (
	phaseIdle driver.Phase = driver.PhaseFirstByte
	phaseHead driver.Phase = "head"
	phaseBody driver.Phase = "body"
)

// RequestError tells the error hook, and a handler that reads content, that a request was refused or cut
// short.
type RequestError struct {
	// Status is what the request is answered with, where it still can be.
	Status status.Code
	// Err is why: a [*wire.SyntaxError], a [*TimeoutError], or what the connection failed with.
	Err error
}

func (e *RequestError) Error() string { return "httpserver: request refused: " + e.Err.Error() }

// Unwrap returns Err.
func (e *RequestError) Unwrap() error { return e.Err }

// Is reports whether target is io.ErrUnexpectedEOF and the request was cut short.
func (e *RequestError) Is(target error) bool {
	return target == io.ErrUnexpectedEOF &&
		(errors.Is(e.Err, wire.RuleIncompleteContent) || errors.Is(e.Err, wire.RuleIncompleteHead))
}

func refused(err error) *RequestError {
	var r *RequestError
	if errors.As(err, &r) {
		return r
	}
	return &RequestError{Status: StatusOf(err), Err: err}
}

// StatusOf returns the status code that answers a request that was refused with err: what RFC 9110 and
// RFC 9112 name for the rule, 408 for a time-out, and 400 for everything else.
func StatusOf(err error) status.Code {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return status.RequestTimeout
	}
	var e *wire.SyntaxError
	if !errors.As(err, &e) {
		return status.BadRequest
	}
	switch e.Rule {
	case wire.RuleMajorVersion:
		return status.HTTPVersionNotSupported // RFC 9110 section 15.6.6
	case wire.RuleUnknownCoding:
		return status.NotImplemented // RFC 9112 section 6.1
	case wire.RuleLimitContent:
		return status.ContentTooLarge
	case wire.RuleLimitLine:
		if e.Element == wire.ElementRequestLine {
			return status.URITooLong // RFC 9112 section 3
		}
		return status.RequestHeaderFieldsTooLarge
	case wire.RuleLimitSection, wire.RuleLimitFields, wire.RuleLimitTrailer:
		return status.RequestHeaderFieldsTooLarge
	}
	return status.BadRequest
}
