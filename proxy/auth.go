package proxy

import (
	"context"

	"github.com/strata-http/strata/wire"
)

// Auth makes the credentials for a proxy: the value of Proxy-Authorization (RFC 9110 section 11.7.2), or nothing where
// it has none to give. It is called before the first request, when no challenge is known, and again when the proxy has
// answered 407; what it answers then is sent once more, unless that is what was refused already. It may be
// called by several goroutines at once.
//
// An error ends the attempt. Credentials that are no field value are an error too, which does not quote them.
type Auth func(ctx context.Context, r *AuthRequest) (credentials string, err error)

// AuthRequest is what credentials are wanted for.
type AuthRequest struct {
	Proxy  string // host:port of the proxy
	Method string // of the request, "CONNECT" for a tunnel: a scheme may sign it
	Target string // the request-target
	// Challenges are those of the last 407, in their order; there are none before the first request.
	Challenges []Challenge
	// Refused is what was sent with the request that the challenges answer, empty where nothing was. Credentials
	// that answered a challenge and were refused are wrong, unless the challenge says otherwise, as the parameter
	// "stale" of Digest does (RFC 7616 section 3.3).
	Refused string
}

// Challenge returns the first challenge of that scheme, in any case, and whether there is one.
func (r *AuthRequest) Challenge(scheme string) (Challenge, bool) {
	for _, c := range r.Challenges {
		if c.Is(scheme) {
			return c, true
		}
	}
	return Challenge{}, false
}

// Basic gives user name and password by the scheme Basic (RFC 7617), with the first request already, without waiting
// for a challenge. Whoever can read what passes to the proxy can read both.
func Basic(u Userinfo) Auth {
	return func(context.Context, *AuthRequest) (string, error) { return u.Basic() }
}

// Redact returns the octets of a request's head with the values of its Proxy-Authorization fields, continuation lines
// included, replaced by asterisks, one for each octet. head may be a part of one from its beginning; it is not
// written to, and returned as it is where there is nothing to hide.
//
// Everything that this module tells of what it sends to a proxy, by traces, logs and debugging output, has passed
// through Redact.
func Redact(head []byte) []byte {
	var out []byte
	inValue := false
	for at := 0; at < len(head); {
		end := at
		for end < len(head) && head[end] != '\n' {
			end++
		}
		if fold := head[at] == ' ' || head[at] == '\t'; !fold {
			inValue = isCredentialsLine(head[at:end])
		}
		if inValue {
			if out == nil {
				out = append(out, head...)
			}
			mask(out[at:end])
		}
		at = end + 1
	}
	if out == nil {
		return head
	}
	return out
}

const credentialsField = "Proxy-Authorization"

// isCredentialsLine reports whether line is a field line of Proxy-Authorization.
func isCredentialsLine(line []byte) bool {
	n := len(credentialsField)
	if len(line) < n || !wire.EqualFold(line[:n], credentialsField) {
		return false
	}
	for _, c := range line[n:] {
		if c == ':' {
			return true
		}
		if c != ' ' && c != '\t' {
			return false
		}
	}
	return false
}

// mask writes asterisks over the value of a field line, or over a continuation line, whitespace kept.
func mask(line []byte) {
	start := 0
	if isCredentialsLine(line) {
		for line[start] != ':' {
			start++
		}
		start++
	}
	for i := start; i < len(line); i++ {
		if c := line[i]; c != '\r' && !(c == ' ' || c == '\t') {
			line[i] = '*'
		}
	}
}
