package cassette

import (
	"net"
	"net/netip"
	"time"

	"github.com/strata-http/strata/transport/tap"
)

// An Event is one entry of a cassette.
type Event struct {
	// Kind is any of package tap's.
	Kind tap.Kind
	// Connection numbers connections from 1.
	Connection int
	// Time counts from the first event of the recording. [NoTime] is that of an event whose time was not recorded.
	Time time.Duration
	// Direction is set with tap.Data, tap.End and tap.Error.
	Direction tap.Direction
	// Octets are the segment of a tap.Data, one at least.
	Octets []byte
	// Redacted are the octets of an outbound segment that match any other, in order and apart from each other.
	Redacted []Span
	// Network and Address are what was dialled, with tap.Dial.
	Network, Address string
	// Local and Remote are the addresses of the two ends, with tap.Open; both are zero when they were not recorded.
	Local, Remote Addr
	// Fault is set with tap.Fail and tap.Error, and Text where the Fault is [Other].
	Fault Fault
	Text  string
	// Line is where the event stands in the file, counted from 1; [Append] takes no notice of it.
	Line int

	lines []mark // of Octets, when they came from a file
}

// NoTime is the Time of an event whose time was not recorded.
const NoTime time.Duration = -1

// A Span is a run of octets, from Start up to but not with End.
type Span struct{ Start, End int }

// A mark tells on which line of the file the octets from an offset on stand.
type mark struct{ offset, line int }

// Addr is a recorded address. It is a net.Addr.
type Addr struct{ Net, Address string }

// Network returns the network, such as "tcp".
func (a Addr) Network() string { return a.Net }

// String returns the address, such as "192.0.2.1:80".
func (a Addr) String() string { return a.Address }

// addrOf records an address.
func addrOf(a net.Addr) Addr {
	if a == nil {
		return Addr{}
	}
	return Addr{a.Network(), a.String()}
}

// netAddr is the address in the type that package net has for it, for callers that look into it; else a itself.
func (a Addr) netAddr() net.Addr {
	switch a.Net {
	case "tcp", "tcp4", "tcp6":
		if ap, err := netip.ParseAddrPort(a.Address); err == nil {
			if t := net.TCPAddrFromAddrPort(ap); t.Network() == a.Net && t.String() == a.Address {
				return t
			}
		}
	case "unix":
		return &net.UnixAddr{Net: a.Net, Name: a.Address}
	}
	return a
}
