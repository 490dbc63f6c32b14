package httpclient

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"syscall"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// sentinel is an error that stands below another: errors.Is finds both.
type sentinel struct {
	msg    string
	parent error
}

func (e *sentinel) Error() string { return "httpclient: " + e.msg }
func (e *sentinel) Unwrap() error { return e.parent }

// The errors of this package, for errors.Is. [ErrHTTP] is above all of them; dialling, TLS, time-outs and
// the end of a context are not errors of HTTP and have their own types: [transport.DialError],
// [transport.TLSError], [TimeoutError], context.Canceled.
var (
	// ErrHTTP is every error that the protocol or its use gives rise to.
	ErrHTTP error = &sentinel{"HTTP error", nil}
	// ErrNotConnected: there is no connection, and none is to be opened.
	ErrNotConnected error = &sentinel{"not connected", ErrHTTP}
	// ErrInvalidURL: host, port or request-target cannot be used.
	ErrInvalidURL error = &sentinel{"invalid host, port or request-target", ErrHTTP}
	// ErrImproperState is above the errors of calls that came in the wrong order.
	ErrImproperState error = &sentinel{"call out of order", ErrHTTP}
	// ErrCannotSendRequest: a response is outstanding, or not read to its end.
	ErrCannotSendRequest error = &sentinel{"cannot send a request now", ErrImproperState}
	// ErrCannotSendHeader: no request has begun, or its head was sent.
	ErrCannotSendHeader error = &sentinel{"cannot send a header field now", ErrImproperState}
	// ErrResponseBegun: the final response came before the request was complete, and is to be read.
	ErrResponseBegun error = &sentinel{"the final response has begun", ErrImproperState}
	// ErrResponseNotReady: no request is waiting for a response.
	ErrResponseNotReady error = &sentinel{"no request awaits a response", ErrImproperState}
	// ErrResponseClosed: the Response belongs to an earlier request, or was closed.
	ErrResponseClosed error = &sentinel{"response is closed", ErrImproperState}
	// ErrBadStatusLine: the response does not begin with a status-line that can be understood. The error is
	// a [*BadStatusLineError].
	ErrBadStatusLine error = &sentinel{"bad status line", ErrHTTP}
	// ErrRemoteDisconnected: the server closed the connection without a response. It is also
	// syscall.ECONNRESET.
	ErrRemoteDisconnected error = &sentinel{"server closed the connection without a response", ErrBadStatusLine}
	// ErrLineTooLong: a line of the response exceeds [wire.Limits].Line. The error is a
	// [*LineTooLongError].
	ErrLineTooLong error = &sentinel{"line too long", ErrHTTP}
	// ErrTooManyFields: a section of the response exceeds [wire.Limits].Fields.
	ErrTooManyFields error = &sentinel{"too many field lines", ErrHTTP}
	// ErrUnknownTransferEncoding: the response has a transfer coding other than chunked.
	ErrUnknownTransferEncoding error = &sentinel{"unknown transfer coding", ErrHTTP}
	// ErrUnimplementedFileMode: a file cannot be read as content: it is a directory, or was not opened for
	// reading, or cannot be sought in.
	ErrUnimplementedFileMode error = &sentinel{"file cannot be sent", ErrHTTP}
	// ErrUnknownProtocol: the response has a version other than HTTP/1.x.
	ErrUnknownProtocol error = &sentinel{"unknown protocol version", ErrHTTP}
)

// errNotSent says that it is the caller who broke a rule.
var errNotSent error = &sentinel{"not sent", ErrHTTP}

// TimeoutError is the error when one of [Timeouts] ran out: for errors.As, since while dialling and in the
// handshake it is inside a [transport.DialError] or [transport.TLSError]. Its Phase is "dial",
// "TLS handshake", "write", "first byte", "response head", "between bytes" or "total". It is os.ErrDeadlineExceeded, and a
// net.Error with Timeout true.
type TimeoutError = driver.TimeoutError

// IncompleteReadError is the error when a connection ended before the message was complete. It is
// [ErrHTTP] and io.ErrUnexpectedEOF.
type IncompleteReadError struct {
	// Read is how many octets of content were delivered, by all reads of the response.
	Read int64
	// Partial is what the call that failed had read, for calls that return content whole; else nil.
	Partial []byte
	// Expected is how many octets were still to come, and -1 when that is not known.
	Expected int64
	// Err is what ended the connection, or nil.
	Err error
}

// Error says how much was read and how much was missing.
func (e *IncompleteReadError) Error() string {
	msg := "httpclient: content cut short: " + strconv.FormatInt(e.Read, 10) + " octets read"
	if e.Expected >= 0 {
		msg += ", " + strconv.FormatInt(e.Expected, 10) + " more expected"
	}
	if e.Err != nil {
		msg += ": " + e.Err.Error()
	}
	return msg
}

// Unwrap returns ErrHTTP, io.ErrUnexpectedEOF and Err.
func (e *IncompleteReadError) Unwrap() []error {
	all := []error{ErrHTTP, io.ErrUnexpectedEOF}
	if e.Err != nil {
		all = append(all, e.Err)
	}
	return all
}

// BadStatusLineError is the error for a first line that is no status-line. It is [ErrBadStatusLine].
type BadStatusLineError struct {
	// Line is what came, up to its LF, 256 octets at most.
	Line string
	// Err is what is wrong with it, a [*wire.SyntaxError].
	Err error
}

// Error quotes the line.
func (e *BadStatusLineError) Error() string {
	return ErrBadStatusLine.Error() + " " + strconv.QuoteToASCII(e.Line) + ": " + e.Err.Error()
}

// Unwrap returns ErrBadStatusLine and Err.
func (e *BadStatusLineError) Unwrap() []error { return []error{ErrBadStatusLine, e.Err} }

// LineTooLongError is the error for a line that exceeds [wire.Limits].Line. It is [ErrLineTooLong].
type LineTooLongError struct {
	// What is the line: a status-line, a field line, a chunk.
	What wire.Element
	// Err is the [*wire.SyntaxError].
	Err error
}

// Error says which line.
func (e *LineTooLongError) Error() string {
	return ErrLineTooLong.Error() + ": " + e.Err.Error()
}

// Unwrap returns ErrLineTooLong and Err.
func (e *LineTooLongError) Unwrap() []error { return []error{ErrLineTooLong, e.Err} }

// protocolError joins what went wrong to the errors of this package that it is.
type protocolError struct {
	kind  error
	err   error
	extra error
}

func (e *protocolError) Error() string { return e.kind.Error() + ": " + e.err.Error() }

func (e *protocolError) Unwrap() []error {
	if e.extra != nil {
		return []error{e.kind, e.err, e.extra}
	}
	return []error{e.kind, e.err}
}

// disconnected is ErrRemoteDisconnected because of err: a connection reset and a bad status-line, which is
// empty, at once.
func disconnected(err error) error {
	both := errors.Join(syscall.ECONNRESET, &BadStatusLineError{Err: err})
	return &protocolError{ErrRemoteDisconnected, err, both}
}

// receiveError tells what an error met on receiving means to a caller. started says that octets of the
// response had come.
func (c *Conn) receiveError(err error, started bool) error {
	var syntax *wire.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return c.syntaxError(syntax)
	case errors.Is(err, transport.ErrNoCloseNotify) && started:
		return c.cutShort(err)
	case errors.Is(err, transport.ErrNoCloseNotify), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNRESET) && !started:
		return disconnected(err)
	case errors.Is(err, syscall.ECONNRESET):
		return c.cutShort(err)
	}
	return err
}

// cutShort is the error when the connection ended within a response: within its head, where nothing is
// known of its content, or behind.
func (c *Conn) cutShort(err error) error {
	if c.machine.Phase() != conn.PhaseResponseReady {
		return &IncompleteReadError{Expected: -1, Err: err}
	}
	return &IncompleteReadError{Read: c.read, Expected: c.expected(), Err: err}
}

// syntaxError finds the error of this package for a rule that the server broke.
func (c *Conn) syntaxError(err *wire.SyntaxError) error {
	switch err.Rule {
	case wire.RuleNoResponse:
		return disconnected(err)
	case wire.RuleIncompleteContent:
		return &IncompleteReadError{Read: c.read, Expected: c.expected(), Err: err}
	case wire.RuleIncompleteHead:
		return &IncompleteReadError{Expected: -1, Err: err}
	case wire.RuleLimitLine:
		return &LineTooLongError{What: err.Element, Err: err}
	case wire.RuleLimitFields:
		return &protocolError{ErrTooManyFields, err, nil}
	case wire.RuleUnknownCoding:
		return &protocolError{ErrUnknownTransferEncoding, err, nil}
	case wire.RuleMajorVersion, wire.RuleVersion:
		return &protocolError{ErrUnknownProtocol, err, nil}
	case wire.RuleNoStatusLine, wire.RuleStatusLine, wire.RuleStatusCode, wire.RuleMissingReason, wire.RuleReasonPhrase:
		return &BadStatusLineError{Line: c.firstLine(), Err: err}
	}
	return &protocolError{ErrHTTP, err, nil}
}

// firstLine returns the line that is at the front of what was received.
func (c *Conn) firstLine() string {
	b := c.loop.Buffered()
	if end := bytes.IndexByte(b, '\n'); end >= 0 {
		b = b[:end]
	}
	return string(b[:min(len(b), 256)])
}

// sendError tells what an error met on sending means to a caller.
func sendError(err error) error {
	var syntax *wire.SyntaxError
	var state *conn.StateError
	switch {
	case errors.As(err, &syntax):
		switch syntax.Rule {
		case wire.RuleTarget, wire.RuleTargetForm, wire.RuleAuthority, wire.RuleUserinfo:
			return &protocolError{ErrInvalidURL, err, nil}
		}
		return &protocolError{errNotSent, err, nil}
	case errors.As(err, &state):
		return &protocolError{ErrCannotSendRequest, err, nil}
	}
	return err
}

// invalid returns an ErrInvalidURL that says why.
func invalid(format string, args ...any) error {
	return &protocolError{kind: ErrInvalidURL, err: fmt.Errorf(format, args...)}
}
