package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Resolve dials fixed addresses in the place of names, as curl's --resolve does: the resolver is not asked about them.
// Whoever stands above, [TLS] for example, still sees the name. What is not listed is dialled as it is.
//
// The connection returned is the Dialer's own.
type Resolve struct {
	// Dialer opens the connections; nil is [TCP].
	Dialer Dialer

	// Hosts holds addresses by host:port. The host, the port or both may be "*", for any; the most specific entry
	// counts, and of two as specific the one with the host. Hosts compare without regard to case and a final dot,
	// IP addresses by value. The addresses have no port; they are tried in order until one connects, each for its
	// share of the time until the deadline of the context. An entry without addresses makes the name
	// unknown, and a key of another form makes every dial fail. Hosts must not be changed while in use.
	Hosts map[string][]string
}

// DialContext connects to the first address of host that can be reached. A failure is a [*DialError] for the address
// that was asked for: around what the last attempt met, or around a *net.DNSError.
func (r Resolve) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := orTCP(r.Dialer)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return d.DialContext(ctx, network, address) // which may know addresses of this form
	}
	addrs, found, err := match(r.Hosts, host, port, "*")
	if err != nil {
		return nil, asked(network, address, err)
	}
	if !found {
		return d.DialContext(ctx, network, address)
	}
	var failed error = &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	for i, addr := range addrs {
		c, err := dialShare(ctx, d, network, net.JoinHostPort(unbracket(addr), port), len(addrs)-i)
		if err == nil {
			return c, nil
		}
		if failed = err; ctx.Err() != nil {
			break
		}
	}
	return nil, asked(network, address, failed)
}

// dialShare dials with an equal share, of that many, of the time that is left.
func dialShare(ctx context.Context, d Dialer, network, address string, shares int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok && shares > 1 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(shares))
		defer cancel()
	}
	return d.DialContext(ctx, network, address)
}

// ParseResolve reads an entry for [Resolve].Hosts in curl's form, host:port:address[,address]…. The port may be "*"
// also, and addresses that contain colons may stand in brackets.
// A leading "+", by which curl lets the entry age, means nothing here.
func ParseResolve(entry string) (hostPort string, addresses []string, err error) {
	host, rest, ok := cutHost(strings.TrimPrefix(entry, "+"))
	port, list, found := strings.Cut(rest, ":")
	switch {
	case !ok || !found || host == "" || list == "":
		return "", nil, fmt.Errorf("transport: %q is not host:port:address", entry)
	case !isPort(port) && port != "*":
		return "", nil, fmt.Errorf("transport: %q: port %q is not a number from 0 to 65535", entry, port)
	}
	for a := range strings.SplitSeq(list, ",") {
		if _, err := netip.ParseAddr(unbracket(a)); err != nil {
			return "", nil, fmt.Errorf("transport: %q: %q is not an IP address", entry, a)
		}
		addresses = append(addresses, unbracket(a))
	}
	return net.JoinHostPort(host, port), addresses, nil
}

// ConnectTo dials another host and port than those it is asked for, as curl's --connect-to does: for one server of
// several behind a name, or a test server in the place of the real one. Whoever stands above still sees the name that was
// asked for. What is not listed is dialled as it is.
//
// The connection returned is the Dialer's own.
type ConnectTo struct {
	// Dialer opens the connections; nil is [TCP].
	Dialer Dialer

	// Targets holds host:port to dial, by the host:port that is asked for. In both, an empty host or port is the one
	// that is asked for, so ":443" stands for every host, and ":" for everything. The most specific entry counts, as
	// in [Resolve]. The result is not looked up again. Targets must not be changed while in use.
	Targets map[string]string
}

// DialContext connects to the target of address. A failure is a [*DialError] for the address that was asked for.
func (t ConnectTo) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := orTCP(t.Dialer)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return d.DialContext(ctx, network, address)
	}
	target, found, err := match(t.Targets, host, port, "")
	if err != nil {
		return nil, asked(network, address, err)
	}
	if !found {
		return d.DialContext(ctx, network, address)
	}
	toHost, toPort, err := net.SplitHostPort(target)
	if err != nil {
		return nil, asked(network, address, err)
	}
	if toHost == "" {
		toHost = host
	}
	if toPort == "" {
		toPort = port
	}
	c, err := d.DialContext(ctx, network, net.JoinHostPort(toHost, toPort))
	if err != nil {
		return nil, asked(network, address, err)
	}
	return c, nil
}

// ParseConnectTo reads an entry for [ConnectTo].Targets in curl's form, host:port:host:port, of which any part may be
// empty, and hosts that contain colons stand in brackets.
func ParseConnectTo(entry string) (hostPort, target string, err error) {
	host, rest, ok := cutHost(entry)
	port, rest, ok2 := strings.Cut(rest, ":")
	toHost, toPort, ok3 := cutHost(rest)
	if !ok || !ok2 || !ok3 {
		return "", "", fmt.Errorf("transport: %q is not host:port:host:port", entry)
	}
	for _, p := range []string{port, toPort} {
		if p != "" && !isPort(p) {
			return "", "", fmt.Errorf("transport: %q: port %q is not a number from 0 to 65535", entry, p)
		}
	}
	return net.JoinHostPort(host, port), net.JoinHostPort(toHost, toPort), nil
}

// match finds the most specific entry for host and port in a table whose keys are host:port, with a wildcard for
// either. Keys that are the same but for their spelling count in their order.
func match[V any](table map[string]V, host, port, wild string) (found V, ok bool, err error) {
	host = hostKey(host)
	best, bestKey := -1, ""
	for key, v := range table {
		h, p, err := net.SplitHostPort(key)
		if err != nil {
			return found, false, err // it names the key, which could match nothing
		}
		specific := 0
		switch {
		case h == wild:
		case hostKey(h) == host:
			specific = 2
		default:
			continue
		}
		switch {
		case p == wild:
		case samePort(p, port):
			specific++
		default:
			continue
		}
		if specific > best || specific == best && key < bestKey {
			best, bestKey, found = specific, key, v
		}
	}
	return found, best >= 0, nil
}

// hostKey is the form in which hosts are compared.
func hostKey(host string) string {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String()
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

func samePort(a, b string) bool {
	x, errX := strconv.ParseUint(a, 10, 16)
	y, errY := strconv.ParseUint(b, 10, 16)
	return a == b || errX == nil && errY == nil && x == y
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// cutHost takes a host, in brackets if it contains colons, and the colon behind it from the front of s.
func cutHost(s string) (host, rest string, ok bool) {
	if strings.HasPrefix(s, "[") {
		host, rest, ok = strings.Cut(s[1:], "]")
		if !ok || !strings.HasPrefix(rest, ":") {
			return "", "", false
		}
		return host, rest[1:], true
	}
	return strings.Cut(s, ":")
}

func unbracket(host string) string {
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		return host[1 : len(host)-1]
	}
	return host
}

func orTCP(d Dialer) Dialer {
	if d == nil {
		return TCP{}
	}
	return d
}

// asked makes a *DialError for the address that was asked for of one for the address that was tried. The attempt's
// cause names where it went, if package net has seen it.
func asked(network, address string, err error) error {
	var t *TLSError
	if errors.As(err, &t) {
		return err
	}
	if d, ok := err.(*DialError); ok {
		err = d.Err
	}
	return &DialError{Network: network, Address: address, Err: err}
}
