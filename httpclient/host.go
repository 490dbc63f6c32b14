package httpclient

import (
	"net"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"github.com/strata-http/strata/wire"
)

// The default ports of the schemes http and https (RFC 9110 sections 4.2.1 and 4.2.2).
const (
	HTTPPort  = 80
	HTTPSPort = 443
)

// address is a host to reach.
type address struct {
	host string // as it is dialled: no brackets, a zone kept
	port int
	told bool   // the port stood behind the host
	dial string // host and port for a Dialer
	// field is the value of Host: brackets around IPv6, no zone, the port only when it is not the
	// scheme's (RFC 9110 section 7.2, RFC 6874 section 1).
	field []byte
}

// parseAddress reads host [ ":" port ]. A bare IPv6 address is a host, its last group is no port.
func parseAddress(s string, defaultPort int) (a address, err error) {
	if strings.Contains(s, "://") {
		return a, invalid("%q is a URL; what is wanted is a host, or host:port", s)
	}
	host, port := s, ""
	switch {
	case strings.HasPrefix(s, "["):
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return a, invalid("%q has no closing bracket", s)
		}
		host = s[1:end]
		if !strings.Contains(host, ":") {
			return a, invalid("%q in brackets is no IPv6 address", host)
		}
		if rest := s[end+1:]; rest != "" {
			if rest[0] != ':' {
				return a, invalid("%q follows the bracket in %q", rest, s)
			}
			port = rest[1:]
			if port == "" {
				return a, invalid("empty port in %q", s)
			}
		}
	case strings.Count(s, ":") == 1:
		host, port, _ = strings.Cut(s, ":")
		if port == "" {
			return a, invalid("empty port in %q", s)
		}
	}
	a.port = defaultPort
	if port != "" {
		if a.port, err = parsePort(port); err != nil {
			return a, err
		}
		a.told = true
	}
	if a.host, err = dialHost(host); err != nil {
		return a, err
	}
	a.complete(defaultPort)
	return a, nil
}

// complete fills in what follows from host and port.
func (a *address) complete(defaultPort int) {
	a.dial = net.JoinHostPort(a.host, strconv.Itoa(a.port))
	a.field = []byte(hostField(a.host, a.port, defaultPort))
}

// parseHostPort is parseAddress with a port beside the host, where that is not 0.
func parseHostPort(s string, port, defaultPort int) (address, error) {
	a, err := parseAddress(s, defaultPort)
	switch {
	case err != nil || port == 0:
		return a, err
	case port < 0 || port > 65535:
		return a, invalid("port %d is not within 0 to 65535", port)
	case a.told && a.port != port:
		return a, invalid("%q has a port, and %d is another", s, port)
	}
	a.port = port
	a.complete(defaultPort)
	return a, nil
}

func parsePort(s string) (int, error) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, invalid("port %q is not a number", s)
		}
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > 65535 {
		return 0, invalid("port %q is above 65535", s)
	}
	return n, nil
}

// dialHost checks a host and puts an internationalised name into its ASCII form (RFC 5891).
func dialHost(host string) (string, error) {
	if host == "" {
		return "", invalid("no host")
	}
	if strings.Contains(host, ":") {
		literal, zone, zoned := strings.Cut(host, "%")
		if _, bad := wire.ParseAuthority("[" + literal + "]"); bad >= 0 || zoned && !wire.IsToken(zone) {
			return "", invalid("%q is no IPv6 address", host)
		}
		return host, nil
	}
	for i := range len(host) {
		if host[i] >= 0x80 {
			ascii, err := idna.Lookup.ToASCII(host)
			if !utf8.ValidString(host) { // idna would take a replacement character for the octet
				return "", invalid("%q is no UTF-8", host)
			}
			if err != nil {
				return "", invalid("%q: %v", host, err)
			}
			return ascii, nil
		}
	}
	if a, bad := wire.ParseAuthority(host); bad >= 0 || a.HostEnd != len(host) {
		return "", invalid("%q is no host name", host)
	}
	return host, nil
}

// bareHost returns host without a zone, which means something on this machine only (RFC 6874 section 1).
func bareHost(host string) string {
	if strings.Contains(host, ":") {
		host, _, _ = strings.Cut(host, "%")
	}
	return host
}

func hostField(host string, port, defaultPort int) string {
	if host = bareHost(host); strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port != defaultPort {
		host += ":" + strconv.Itoa(port)
	}
	return host
}
