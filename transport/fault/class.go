package fault

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/strata-http/strata/transport"
)

// Class names an error by what it says of the network: "time-out", "refused", "no such host", "reset", "broken pipe",
// "cut short", "closed", "TLS". It returns "" for any other, a bare io.EOF included, which does not tell a user that
// something is missing.
func Class(err error) string {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return "time-out"
	case errors.As(err, &dns):
		return "no such host"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case errors.Is(err, syscall.EPIPE):
		return "broken pipe"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "cut short"
	case errors.Is(err, net.ErrClosed):
		return "closed"
	case isTLS(err):
		return "TLS"
	}
	return ""
}

// isTLS reports whether err is one of the errors by which a handshake or a record is refused.
func isTLS(err error) bool {
	var (
		failed      *transport.TLSError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		op          *net.OpError // around an alert, whose type crypto/tls keeps to itself
	)
	return errors.As(err, &failed) || errors.As(err, &certificate) || errors.As(err, &record) ||
		errors.As(err, &op) && (op.Op == "local error" || op.Op == "remote error")
}
