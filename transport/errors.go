package transport

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
)

// ErrNoCloseNotify is what a [*TLSConn] returns from Read when the raw connection ended without the peer's
// close_notify alert, at a record boundary or inside a record. The end of the data is then not authentic: an
// attacker may have cut it, so content that only the close delimits is incomplete (RFC 9112 sections 8 and 9.8).
// It wraps [io.ErrUnexpectedEOF] and is not [io.EOF].
var ErrNoCloseNotify = fmt.Errorf("transport: TLS connection ended without close_notify: %w", io.ErrUnexpectedEOF)

// A DialError reports that a connection could not be opened: the name was not found, nobody listens there, the time
// ran out. No octet was exchanged with the peer.
type DialError struct {
	Network string // as asked: "tcp", "unix", ...
	Address string // as asked: host:port, or a path
	Err     error  // the cause, never nil
}

// Error names the address as asked and, when package net tried another (a name has several), that one also.
func (e *DialError) Error() string {
	cause, tried := e.Err, ""
	if op, ok := e.Err.(*net.OpError); ok && op.Op == "dial" && op.Err != nil {
		cause = op.Err
		if op.Addr != nil && op.Addr.String() != e.Address {
			tried = " at " + printable(op.Addr.String())
		}
	}
	return fmt.Sprintf("transport: dial %s %q%s: %s", printable(e.Network), e.Address, tried, printable(cause.Error()))
}

// Unwrap returns Err.
func (e *DialError) Unwrap() error { return e.Err }

// Timeout reports whether the cause was a time-out.
func (e *DialError) Timeout() bool { return isTimeout(e.Err) }

// Temporary reports whether the cause calls itself temporary; it completes [net.Error].
func (e *DialError) Temporary() bool { return isTemporary(e.Err) }

// A TLSError reports that the raw connection was there but the handshake failed: the certificate was refused, the
// peer does not speak TLS, the time ran out. The raw connection has been closed.
type TLSError struct {
	Host string // the host that was dialled, without port, brackets and zone
	Err  error  // the cause, never nil
}

// Error names the host and the cause.
func (e *TLSError) Error() string {
	return fmt.Sprintf("transport: TLS handshake with %q: %s", e.Host, printable(e.Err.Error()))
}

// Unwrap returns Err, in which [*crypto/tls.CertificateVerificationError] and others can be found.
func (e *TLSError) Unwrap() error { return e.Err }

// Timeout reports whether the cause was a time-out.
func (e *TLSError) Timeout() bool { return isTimeout(e.Err) }

// Temporary reports whether the cause calls itself temporary; it completes [net.Error].
func (e *TLSError) Temporary() bool { return isTemporary(e.Err) }

func isTimeout(err error) bool {
	var t interface{ Timeout() bool }
	return errors.As(err, &t) && t.Timeout()
}

func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}

// asDialError leaves errors that already tell which step failed as they are, and wraps those of other people's
// dialers.
func asDialError(network, address string, err error) error {
	var d *DialError
	var t *TLSError
	if errors.As(err, &d) || errors.As(err, &t) {
		return err
	}
	return &DialError{Network: network, Address: address, Err: err}
}

// printable quotes s when it holds anything that a terminal could act on: host names come from redirects, and
// certificates carry names of the peer's choosing.
func printable(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r == '\uFFFD' || !strconv.IsPrint(r) }) {
		return strconv.Quote(s)
	}
	return s
}
