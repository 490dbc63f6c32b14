package proxy

import (
	"fmt"
	"strings"
	"time"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/status"
)

// RefusedError is the error when a proxy answers CONNECT with something other than 2xx. The connection to
// the proxy is closed then.
type RefusedError struct {
	Proxy   string // host:port of the proxy
	Address string // the address asked for
	Status  status.Code
	Reason  string
	Fields  *headers.Fields // of the refusal: Proxy-Authenticate and the like
}

// Error names the proxy, the address and the status, and what a 407 asks for.
func (e *RefusedError) Error() string {
	msg := fmt.Sprintf("proxy %s refused a tunnel to %s: %d %q", e.Proxy, e.Address, int(e.Status), e.Reason)
	if e.Status != status.ProxyAuthenticationRequired {
		return msg
	}
	var asked []string
	for _, c := range e.Challenges() {
		asked = append(asked, c.String())
	}
	if len(asked) == 0 {
		return msg + "; it does not say what it asks for"
	}
	return msg + "; it asks for " + strings.Join(asked, ", or ")
}

// Challenges returns the challenges of the refusal's Proxy-Authenticate fields, in their order (RFC 9110 section
// 11.7.1). Those behind something malformed are left out; [ParseChallenges] tells what that is.
func (e *RefusedError) Challenges() []Challenge {
	return challengesOf(e.Fields, "Proxy-Authenticate")
}

// ReplyError is the error when what a proxy sends is no response to CONNECT, or no message of SOCKS 5, or when it
// sends nothing at all. The connection to the proxy is closed then.
type ReplyError struct {
	Proxy string // host:port of the proxy
	Line  string // the first line that an HTTP proxy sent, 256 octets at most
	Err   error  // what is wrong; for an HTTP proxy a [*wire.SyntaxError]
}

// Error names the proxy and what is wrong.
func (e *ReplyError) Error() string { return fmt.Sprintf("proxy %s: %v", e.Proxy, e.Err) }

// Unwrap returns Err.
func (e *ReplyError) Unwrap() error { return e.Err }

// AuthError is the error when there are no credentials to be had: an [Auth] has failed, or has returned what cannot be
// sent, or user name and password do not fit the protocol. No credentials stand in it, unless the Auth put
// them there.
type AuthError struct {
	Proxy string // host:port of the proxy
	Err   error
}

// Error names the proxy and the cause.
func (e *AuthError) Error() string { return fmt.Sprintf("proxy %s: credentials: %v", e.Proxy, e.Err) }

// Unwrap returns Err.
func (e *AuthError) Unwrap() error { return e.Err }

// silentError is the error when a proxy has not replied, or not in full, within the Timeout of its dialer. It is a
// net.Error and os.ErrDeadlineExceeded.
type silentError struct {
	proxy   string
	timeout time.Duration
}

func (e *silentError) Error() string {
	return fmt.Sprintf("proxy %s: no reply within %v", e.proxy, e.timeout)
}
func (e *silentError) Timeout() bool   { return true }
func (e *silentError) Temporary() bool { return true }
func (e *silentError) Unwrap() error   { return &driver.TimeoutError{Phase: driver.PhaseFirstByte} }
