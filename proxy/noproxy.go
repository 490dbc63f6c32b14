package proxy

import (
	"net"
	"net/netip"
	"strings"

	"golang.org/x/net/idna"
)

// exceptions are the hosts of a NO_PROXY list, in the grammar that golang.org/x/net/http/httpproxy reads. Of that
// package they differ in one thing: loopback is a host like others.
type exceptions []exception

// exception is one element of the list.
type exception struct {
	all    bool
	prefix netip.Prefix
	ip     netip.Addr
	domain string // with a leading dot
	exact  bool   // the domain itself also
	port   string
}

// parseExceptions reads a list. What cannot be understood matches nothing.
func parseExceptions(list string) exceptions {
	var all exceptions
	for element := range strings.SplitSeq(list, ",") {
		element = strings.ToLower(strings.TrimSpace(element))
		if e, ok := parseException(element); ok {
			all = append(all, e)
		}
	}
	return all
}

func parseException(element string) (e exception, ok bool) {
	if element == "*" {
		return exception{all: true}, true
	}
	if prefix, err := netip.ParsePrefix(element); err == nil {
		return exception{prefix: prefix.Masked()}, true
	}
	host := element
	if h, port, err := net.SplitHostPort(element); err == nil {
		host, e.port = h, port
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Zone() != "" {
			return exception{}, false
		}
		e.ip = ip.Unmap()
		return e, true
	}
	host = strings.TrimPrefix(host, "*")
	if host == "" || host == "." {
		return exception{}, false
	}
	if e.exact = host[0] != '.'; e.exact {
		host = "." + host
	}
	if ascii, err := idna.Lookup.ToASCII(host); err == nil {
		host = ascii
	}
	e.domain = host
	return e, true
}

// match reports whether the list has the origin at host and port. The host is in ASCII.
func (list exceptions) match(host, port string) bool {
	host = strings.ToLower(host)
	ip, err := netip.ParseAddr(host)
	ip = ip.Unmap().WithZone("") // which tells interfaces apart, not hosts
	for _, e := range list {
		if e.all || (e.port == "" || e.port == port) && e.matchHost(host, ip, err == nil) {
			return true
		}
	}
	return false
}

func (e *exception) matchHost(host string, ip netip.Addr, isIP bool) bool {
	switch {
	case isIP && e.prefix.IsValid():
		return e.prefix.Contains(ip)
	case isIP: // and never by a name, which a zone might end with
		return e.ip == ip
	case e.domain == "":
		return false
	}
	return strings.HasSuffix(host, e.domain) || e.exact && host == e.domain[1:]
}
