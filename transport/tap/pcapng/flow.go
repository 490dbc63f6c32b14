package pcapng

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"

	"github.com/strata-http/strata/transport/tap"
)

// A side is one end of a flow.
type side int

const (
	local side = iota
	remote
)

func (s side) other() side { return 1 - s }

// sender is the side that octets of a direction come from.
func sender(d tap.Direction) side {
	if d == tap.In {
		return remote
	}
	return local
}

// A flow is a connection as TCP.
type flow struct {
	id    int
	ends  [2]netip.AddrPort
	next  [2]uint32 // the sequence number that each side uses next
	ended [2]bool   // FIN was sent
	over  bool      // RST was sent
	count uint16    // numbers IPv4 packets
}

// newFlow returns the nth flow of a capture. Its number is not that of the connection, which is another tap's too.
func newFlow(n int, c tap.Connection, made *addresses, port uint16) *flow {
	f := &flow{id: c.ID, ends: made.ends(n, c)}
	if port != 0 {
		server := remote
		if c.Accepted {
			server = local
		}
		f.ends[server] = netip.AddrPortFrom(f.ends[server].Addr(), port)
	}
	// Any number will do that differs between the sides; the same capture is always the same file.
	f.next = [2]uint32{uint32(n) * 1_000_003, uint32(n)*1_000_033 + 1<<31}
	return f
}

// packet makes the packet of one segment, in IPv4 or IPv6, with its checksums. It holds until the next call.
func (f *flow) packet(buf gopacket.SerializeBuffer, from side, tcp *layers.TCP, payload []byte) ([]byte, error) {
	to := from.other()
	tcp.SrcPort, tcp.DstPort = layers.TCPPort(f.ends[from].Port()), layers.TCPPort(f.ends[to].Port())
	tcp.Seq, tcp.Window = f.next[from], 65535
	if tcp.ACK {
		tcp.Ack = f.next[to]
	}
	f.next[from] += uint32(len(payload))
	if tcp.SYN || tcp.FIN {
		f.next[from]++
	}
	f.count++
	ip, err := f.network(from, tcp)
	if err != nil {
		return nil, err
	}
	err = gopacket.SerializeLayers(buf, gopacket.SerializeOptions{FixLengths: true, ComputeChecksums: true},
		ip, tcp, gopacket.Payload(payload))
	return buf.Bytes(), err
}

// network makes the layer below TCP, which has its part in TCP's checksum.
func (f *flow) network(from side, tcp *layers.TCP) (gopacket.SerializableLayer, error) {
	src, dst := f.ends[from].Addr(), f.ends[from.other()].Addr()
	if src.Is4() {
		ip := &layers.IPv4{Version: 4, TTL: 64, Id: f.count, Flags: layers.IPv4DontFragment,
			Protocol: layers.IPProtocolTCP, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
		return ip, tcp.SetNetworkLayerForChecksum(ip)
	}
	ip := &layers.IPv6{Version: 6, HopLimit: 64, NextHeader: layers.IPProtocolTCP, SrcIP: src.AsSlice(), DstIP: dst.AsSlice()}
	return ip, tcp.SetNetworkLayerForChecksum(ip)
}

// wsaECONNRESET is what Windows has in the place of ECONNRESET. No other system has an error of that number.
const wsaECONNRESET = syscall.Errno(10054)

// isReset reports whether an error came of the peer's RST.
func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) || errors.Is(err, wsaECONNRESET)
}

// addresses makes up addresses for ends that have none of IP.
type addresses struct {
	hosts map[string]byte // the last octet of each peer's address, by what was dialled
}

func newAddresses() *addresses { return &addresses{hosts: map[string]byte{}} }

// The networks of RFC 5737 that made-up addresses are of, and the ports of the side that dials.
var (
	localNet  = [4]byte{192, 0, 2, 1}
	remoteNet = [4]byte{198, 51, 100, 0}
)

const (
	firstPort = 49152
	ports     = 65536 - firstPort
)

// ends returns the addresses of both ends of the nth flow: those of the connection if both are of the same version of IP, else two
// that are made up.
func (a *addresses) ends(n int, c tap.Connection) [2]netip.AddrPort {
	l, okL := addrPort(c.Local)
	r, okR := addrPort(c.Remote)
	if okL && okR && l.Addr().Is4() == r.Addr().Is4() && l != r {
		return [2]netip.AddrPort{l, r}
	}
	host, port := split(c.Address)
	last, ok := a.hosts[host]
	if !ok {
		last = byte(len(a.hosts)%254) + 1
		a.hosts[host] = last
	}
	server := remoteNet
	server[3] = last
	client := netip.AddrPortFrom(netip.AddrFrom4(localNet), uint16(firstPort+(n-1)%ports))
	both := [2]netip.AddrPort{client, netip.AddrPortFrom(netip.AddrFrom4(server), port)}
	if c.Accepted {
		both[local], both[remote] = both[remote], both[local]
	}
	return both
}

// addrPort reads an address of IP.
func addrPort(a net.Addr) (netip.AddrPort, bool) {
	if a == nil {
		return netip.AddrPort{}, false
	}
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}, false
	}
	return netip.AddrPortFrom(ap.Addr().Unmap().WithZone(""), ap.Port()), true
}

// split returns the host of what was dialled, and its port: 80 where there is none.
func split(address string) (host string, port uint16) {
	host, p, err := net.SplitHostPort(address)
	if err != nil {
		return address, 80
	}
	n, err := strconv.ParseUint(p, 10, 16)
	if err != nil || n == 0 {
		n = 80
	}
	return host, uint16(n)
}
