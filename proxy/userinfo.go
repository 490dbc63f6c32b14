package proxy

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// masked is what stands in the place of a secret.
const masked = "***"

// Userinfo is a user name and a password. However it is printed, logged or marshalled, it shows neither: it is
// "***", and empty when it is not set.
type Userinfo struct {
	user, password string
	set            bool
}

// UserPassword returns a Userinfo of user and password, either of which may be empty.
func UserPassword(user, password string) Userinfo { return Userinfo{user, password, true} }

// IsSet reports whether there is a user name and a password, if only empty ones.
func (u Userinfo) IsSet() bool { return u.set }

// User returns the user name.
func (u Userinfo) User() string { return u.user }

// Password returns the password.
func (u Userinfo) Password() string { return u.password }

// String returns "***", or nothing when u is not set.
func (u Userinfo) String() string {
	if !u.set {
		return ""
	}
	return masked
}

// Format prints what [Userinfo.String] returns, whatever the verb.
func (u Userinfo) Format(f fmt.State, _ rune) { io.WriteString(f, u.String()) }

// MarshalText returns what [Userinfo.String] returns.
func (u Userinfo) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// LogValue returns what [Userinfo.String] returns, for package slog.
func (u Userinfo) LogValue() slog.Value { return slog.StringValue(u.String()) }

// The errors of [Userinfo.Basic]. They quote nothing.
var (
	errColon   = errors.New("proxy: a user name with a colon cannot be sent by Basic (RFC 7617 section 2)")
	errControl = errors.New("proxy: user name or password has a control character (RFC 7617 section 2)")
)

// Basic returns the credentials of the scheme Basic (RFC 7617 section 2): the octets as they are, in base64. A user
// name with a colon, and control characters, are an error, in which nothing of them stands.
func (u Userinfo) Basic() (string, error) {
	if strings.Contains(u.user, ":") {
		return "", errColon
	}
	if both := u.user + u.password; strings.ContainsFunc(both, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", errControl
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(u.user+":"+u.password)), nil
}
