package nethttp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

var (
	errCanceled   = errors.New("net/http: request canceled")
	errClosedBody = errors.New("http: read on closed response body")
	errConcurrent = errors.New("nethttp: two calls read the body of a response at once")
)

// failure says what an error means to the caller of RoundTrip, or of Read.
func (x *exchange) failure(err error) error {
	if x.ctx.Err() != nil {
		return context.Cause(x.ctx)
	}
	var late *httpclient.TimeoutError
	if errors.As(err, &late) && late.Phase == "response head" {
		return &timeoutError{"net/http: timeout awaiting response headers", late}
	}
	var record tls.RecordHeaderError
	if errors.As(err, &record) && string(record.RecordHeader[:]) == "HTTP/" {
		return fmt.Errorf("%w (%w)", http.ErrSchemeMismatch, err)
	}
	if errors.Is(err, httpclient.ErrRemoteDisconnected) {
		return &goneError{err, io.EOF}
	}
	err = bare(err)
	if reply := (*proxy.ReplyError)(nil); errors.As(err, &reply) && (errors.Is(err, wire.RuleIncompleteHead) || errors.Is(err, wire.RuleNoResponse)) {
		return &goneError{err, io.ErrUnexpectedEOF}
	}
	if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
		if _, ok := err.(net.Error); !ok {
			return &timeoutError{err.Error(), err} // url.Error asks the outermost error alone
		}
	}
	return err
}

// bare returns the error of a dialer, or of a handshake, as it is: http.Transport puts nothing around it either.
func bare(err error) error {
	switch e := err.(type) {
	case *transport.DialError:
		return e.Err
	case *transport.TLSError:
		return e.Err
	}
	return err
}

// goneError is the error when a connection ended without a response, which to users of http.Transport is io.EOF, or
// within that of a proxy, which is io.ErrUnexpectedEOF.
type goneError struct{ err, eof error }

func (e *goneError) Error() string   { return e.err.Error() }
func (e *goneError) Unwrap() []error { return []error{e.err, e.eof} }

// timeoutError is a net.Error around one.
type timeoutError struct {
	msg string
	err error
}

func (e *timeoutError) Error() string   { return e.msg }
func (e *timeoutError) Timeout() bool   { return true }
func (e *timeoutError) Temporary() bool { return true }
func (e *timeoutError) Unwrap() error   { return e.err }

// Is reports that the time is over in the way that package net and http.Transport do for theirs.
func (e *timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }
