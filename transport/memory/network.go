package memory

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/strata-http/strata/transport"
)

// firstPort to 65535 is the range of ports for those who ask for none (RFC 6335 section 6).
const firstPort = 49152

// A Network connects dialers with listeners by name. Hosts need no declaration: a host is known once somebody has
// listened on one of its ports. The zero value is ready, and each Network is a world of its own. Its methods may be
// called by several goroutines at once; the fields must not be changed after the first call.
type Network struct {
	// BufferSize is how many octets each direction of a connection holds, those under way on a Link included; less
	// than one means [DefaultBufferSize].
	BufferSize int

	// Backlog is how many connections wait for Accept before dials block, as they do when a kernel with a full
	// backlog drops SYNs; less than one means 128.
	Backlog int

	// Up is what lies between the end that dials and the end that accepts in this direction, Down in the other.
	Up, Down Link

	mu        sync.Mutex
	listeners map[string]*Listener // by host:port, the host as split returns it
	hosts     map[string]bool      // that somebody has listened on
	lastPort  int                  // given out last, 0 before the first
}

var _ transport.Dialer = (*Network)(nil)

// Listen opens a listener at address, host:port with a numeric port. Port 0 picks one that is free, which the
// listener's Addr tells. The host is a name, which is compared without regard to case and a final dot, or an IP
// address. An empty host listens at the port of every host that has no listener of its own there.
// The error is a *net.OpError around EADDRINUSE, or around a *net.AddrError.
func (n *Network) Listen(address string) (*Listener, error) {
	host, port, err := split(address)
	if err != nil {
		return nil, opError("listen", address, err)
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if port == 0 {
		port = n.freePort(host)
	}
	key := join(host, port)
	if port == 0 || n.listeners[key] != nil {
		return nil, opError("listen", address, os.NewSyscallError("bind", syscall.EADDRINUSE))
	}
	l := newListener(n, key, n.Backlog)
	if n.listeners == nil {
		n.listeners, n.hosts = make(map[string]*Listener), make(map[string]bool)
	}
	n.listeners[key], n.hosts[host] = l, true
	return l, nil
}

// Pipe returns the two ends of a connection over the network's links and with its buffers, as a dial and an Accept
// would return them.
func (n *Network) Pipe() (client, server *Conn) {
	return newPair(n.BufferSize, n.Up, n.Down, Addr("pipe:1"), Addr("pipe:2"))
}

// DialContext connects to the listener at address, host:port with a numeric port; the host is compared as by Listen.
// Any network is accepted. It returns once the connection waits in the listener's backlog, and blocks while that is
// full; links with latency take the time of a round trip besides.
//
// The error is a *transport.DialError around a *net.OpError, and in that:
//
//   - ECONNREFUSED, when nobody listens at that port of a host that is known, or is an IP address or "localhost";
//   - a *net.DNSError with IsNotFound for a name that nobody has ever listened on. Its cause is ECONNREFUSED, for
//     who only asks whether somebody is there;
//   - the error of ctx, when that ends first;
//   - a *net.AddrError.
func (n *Network) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	done := transport.TraceDial(ctx, network, address)
	c, err := n.dial(ctx, address)
	if err != nil {
		err = &transport.DialError{Network: network, Address: address, Err: opError("dial", address, err)}
		done(nil, err)
		return nil, err
	}
	done(c, nil)
	return c, nil
}

func (n *Network) dial(ctx context.Context, address string) (*Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	host, port, err := split(address)
	if err != nil {
		return nil, err
	}
	if err := n.resolve(host); err != nil {
		return nil, err
	}
	if err := wait(ctx, n.Up.Latency); err != nil {
		return nil, err
	}
	here, there, l := n.meet(host, port, address)
	if l != nil {
		err = l.enqueue(ctx, there)
	} else {
		err = errRefused
	}
	if err == nil || err == errRefused {
		if late := wait(ctx, n.Down.Latency); late != nil {
			err = late
		}
	}
	if err == nil {
		return here, nil
	}
	if here != nil {
		here.Reset() // the other end may have been accepted already
	}
	return nil, err
}

// resolve tells whether a host is known.
func (n *Network) resolve(host string) error {
	if host == "" || host == "localhost" || isIP(host) {
		return nil
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.hosts[host] || n.hosts[""] {
		return nil
	}
	return &net.DNSError{Err: "no such host", Name: host, IsNotFound: true, UnwrapErr: errRefused}
}

// meet finds the listener and makes the ends of a connection with it; all are nil when there is none.
func (n *Network) meet(host string, port int, address string) (here, there *Conn, l *Listener) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l = n.listeners[join(host, port)]
	if l == nil {
		l = n.listeners[join("", port)]
	}
	if l == nil {
		return nil, nil, nil
	}
	local := Addr(join("client", n.nextPort()))
	here, there = newPair(n.BufferSize, n.Up, n.Down, local, Addr(address))
	return here, there, l
}

// wait lets time pass, unless ctx ends first.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errRefused = os.NewSyscallError("connect", syscall.ECONNREFUSED)

// nextPort gives out the ports of the range in turn; a dialer's port need not be unique. The caller holds the lock.
func (n *Network) nextPort() int {
	if n.lastPort < firstPort || n.lastPort >= 65535 {
		n.lastPort = firstPort - 1
	}
	n.lastPort++
	return n.lastPort
}

// freePort returns a port at which nobody listens on host, 0 when there is none. The caller holds the lock.
func (n *Network) freePort(host string) int {
	for range 65536 - firstPort {
		if p := n.nextPort(); n.listeners[join(host, p)] == nil {
			return p
		}
	}
	return 0
}

func (n *Network) remove(l *Listener) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.listeners, string(l.addr))
}

// split checks and normalizes an address.
func split(address string) (host string, port int, err error) {
	host, p, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	u, err := strconv.ParseUint(p, 10, 16)
	if err != nil {
		return "", 0, &net.AddrError{Err: "port is not a number from 0 to 65535", Addr: address}
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.Unmap().String(), int(u), nil
	}
	return strings.TrimSuffix(strings.ToLower(host), "."), int(u), nil
}

func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func join(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

func opError(op, address string, err error) error {
	var a *net.AddrError
	var d *net.DNSError
	if errors.As(err, &a) || errors.As(err, &d) {
		return &net.OpError{Op: op, Net: "memory", Err: err} // err names the address
	}
	return &net.OpError{Op: op, Net: "memory", Addr: Addr(address), Err: err}
}
