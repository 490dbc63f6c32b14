package target

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// URL is a URL taken apart.
type URL struct {
	// Secure tells https from http.
	Secure bool
	// Host is the host as it was typed, without brackets; a zone is kept, behind "%".
	Host string
	// Port is the port, which is the scheme's where none was typed.
	Port int
	// Target is the request-target in origin-form.
	Target string
}

// Error is the error for a URL that cannot be used. User name and password do not stand in it.
type Error struct {
	URL string // as it was typed, but for what [Mask] hides
	Why string
}

// Error quotes the URL and says what is wrong with it.
func (e *Error) Error() string { return fmt.Sprintf("%q: %s", e.URL, e.Why) }

// Parse takes a URL apart. Without a scheme it is http. An error is a [*Error].
//
// Host and target are not checked for octets that may not be sent, but for those that would make one URL look like
// another.
func Parse(raw string) (URL, error) {
	fail := func(format string, args ...any) (URL, error) {
		return URL{}, &Error{Mask(raw), fmt.Sprintf(format, args...)}
	}
	u := URL{Port: 80}
	rest := raw
	if scheme, behind, ok := cutScheme(raw); ok {
		rest = behind
		switch strings.ToLower(scheme) {
		case "http":
		case "https":
			u.Secure, u.Port = true, 443
		default:
			return fail("the scheme is http or https, not %q", scheme)
		}
	}
	rest, _, _ = strings.Cut(rest, "#")
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	authority := rest[:end]
	switch u.Target = rest[end:]; {
	case u.Target == "":
		u.Target = "/"
	case u.Target[0] == '?':
		u.Target = "/" + u.Target
	}
	var err error
	if u.Host, u.Port, err = parseAuthority(authority, u.Port); err != nil {
		if Mask(raw) != raw {
			err = errUserinfo // err may quote a part of it
		}
		return fail("%s", err)
	}
	return u, nil
}

var errUserinfo = errors.New("user name and password in a URL are not sent; give an Authorization field with -H")

// Mask returns a URL for a message, with "***" in the place of user name and password, and of all that may be meant as
// such: a password that is not percent-encoded can have any octet, and ends with the last "@".
func Mask(raw string) string {
	_, rest, _ := cutScheme(raw)
	userinfo := rest[:max(0, strings.LastIndexByte(rest, '@'))]
	authority, _, _ := strings.Cut(rest, "/")
	if !strings.Contains(userinfo, ":") && !strings.Contains(authority, "@") {
		return raw
	}
	return raw[:len(raw)-len(rest)] + "***" + rest[len(userinfo):]
}

// cutScheme splits a URL behind "://".
func cutScheme(raw string) (scheme, rest string, ok bool) {
	scheme, rest, ok = strings.Cut(raw, "://")
	if !ok || scheme == "" {
		return "", raw, false
	}
	for i := range len(scheme) {
		switch c := scheme[i] | 0x20; {
		case 'a' <= c && c <= 'z':
		case i > 0 && ('0' <= c && c <= '9' || strings.IndexByte("+-.", scheme[i]) >= 0):
		default:
			return "", raw, false // "host/?u=http://x" has none
		}
	}
	return scheme, rest, true
}

func parseAuthority(authority string, port int) (string, int, error) {
	switch {
	case authority == "":
		return "", 0, fmt.Errorf("there is no host")
	case strings.Contains(authority, "@"):
		return "", 0, errUserinfo
	}
	host, portText, hasPort := authority, "", false
	if authority[0] == '[' {
		literal, behind, ok := strings.Cut(authority[1:], "]")
		if !ok {
			return "", 0, fmt.Errorf("the bracket before %q is not closed", authority[1:])
		}
		if behind != "" && behind[0] != ':' {
			return "", 0, fmt.Errorf("%q cannot follow the address in brackets", behind)
		}
		if portText, hasPort = strings.CutPrefix(behind, ":"); !hasPort {
			portText = ""
		}
		var err error
		if host, err = parseIPv6(literal); err != nil {
			return "", 0, err
		}
	} else {
		host, portText, hasPort = strings.Cut(authority, ":")
		if strings.Contains(portText, ":") {
			return "", 0, fmt.Errorf("an IPv6 address stands in brackets: [%s]", authority)
		}
		if err := checkName(host); err != nil {
			return "", 0, err
		}
	}
	if !hasPort {
		return host, port, nil
	}
	port, err := parsePort(portText)
	return host, port, err
}

// parseIPv6 checks what stands between brackets. The "%" before a zone is "%25" in a URL (RFC 6874 section 2), and typed
// as "%" by everybody; the result has the latter.
func parseIPv6(literal string) (string, error) {
	address, zone, zoned := strings.Cut(literal, "%")
	if zoned {
		if z, ok := strings.CutPrefix(zone, "25"); ok && z != "" {
			zone = z
		}
		address += "%" + zone
	}
	if a, err := netip.ParseAddr(address); err != nil || !a.Is6() {
		return "", fmt.Errorf("%q in brackets is no IPv6 address", literal)
	}
	return address, nil
}

// checkName refuses what no host name has. Names outside ASCII are left to the client.
func checkName(host string) error {
	if host == "" {
		return fmt.Errorf("there is no host before the port")
	}
	for i := range len(host) {
		if c := host[i]; c <= ' ' || c == 0x7f || strings.IndexByte("\"%<>[]\\^`{|}", c) >= 0 {
			return fmt.Errorf("%q is no host name: found %q", host, c)
		}
	}
	return nil
}

func parsePort(s string) (int, error) {
	if s == "" {
		return 0, fmt.Errorf("there is no port behind the colon")
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, fmt.Errorf("port %q is not a number", s)
		}
	}
	port, err := strconv.Atoi(s)
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("port %s is not from 1 to 65535", s)
	}
	return port, nil
}
