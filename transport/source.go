package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// SourceAddress dials TCP from an address of this machine that is chosen beforehand, as curl's --interface and
// --local-port do. It is a base: what is dialled through other adapters has its source where they begin.
//
// The connection returned is a *net.TCPConn.
type SourceAddress struct {
	// Local are the addresses to dial from, tried in order until one connects; those of another family than the
	// network or the peer asks for are left out. [InterfaceAddrs] has those of a network interface. It must not be
	// empty.
	Local []netip.Addr

	// Port is the local port; 0 lets the kernel pick.
	Port uint16

	// TCP brings everything else; its LocalAddr is not used.
	TCP TCP
}

// DialContext connects to address over network, "tcp", "tcp4" or "tcp6". A failure is a [*DialError]: around EADDRINUSE
// or EADDRNOTAVAIL when the local address cannot be had, around what package net reported of the last address that
// was tried otherwise.
func (s SourceAddress) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	failed := errors.New("no local address to dial from")
	for _, local := range s.Local {
		local = local.Unmap()
		if !local.IsValid() {
			failed = errors.New("the zero netip.Addr is no local address")
			continue
		}
		if network == "tcp4" && !local.Is4() || network == "tcp6" && local.Is4() {
			failed = fmt.Errorf("the local address %v does not fit the network", local)
			continue
		}
		tcp := s.TCP
		tcp.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(local, s.Port))
		c, err := tcp.DialContext(ctx, network, address)
		if err == nil {
			return c, nil
		}
		if failed = err; ctx.Err() != nil {
			break
		}
	}
	return nil, asDialError(network, address, failed)
}

// InterfaceAddrs returns the unicast addresses of a network interface such as "eth0", those that are valid
// beyond the link first. It is an error if there are none.
func InterfaceAddrs(name string) ([]netip.Addr, error) {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("transport: interface %q: %w", name, err)
	}
	addrs, err := i.Addrs()
	if err != nil {
		return nil, fmt.Errorf("transport: interface %q: %w", name, err)
	}
	all := unicast(name, addrs)
	if len(all) == 0 {
		return nil, fmt.Errorf("transport: interface %q has no address", name)
	}
	return all, nil
}

// unicast returns the IP addresses of an interface, those of IPv6 that hold on the link alone last and with their zone.
func unicast(name string, addrs []net.Addr) []netip.Addr {
	var wide, local []netip.Addr
	for _, a := range addrs {
		n, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(n.IP)
		switch ip = ip.Unmap(); {
		case !ok:
		case ip.IsLinkLocalUnicast() && ip.Is6():
			local = append(local, ip.WithZone(name))
		default:
			wide = append(wide, ip)
		}
	}
	return append(wide, local...)
}
