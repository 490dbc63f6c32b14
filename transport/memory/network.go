package memory

import (
	"context"
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"github.com/strata-http/strata/transport"
)

// firstPort to 65535 is the range of ports for those who ask for none (RFC 6335 section 6).
const firstPort = 49152

// A Network connects dialers with listeners by name. Hosts need no declaration: a host exists while somebody listens
// on one of its ports. The zero value is ready, and each Network is a world of its own. Its methods may be called by
// several goroutines at once; the fields must not be changed after the first call.
type Network struct {
	// BufferSize is how many octets each direction of a connection holds; less than one means
	// [DefaultBufferSize].
	BufferSize int

	// Backlog is how many connections wait for Accept before dials block; less than one means 128.
	Backlog int

	mu        sync.Mutex
	listeners map[string]*Listener // by host:port, the host in lower case
	lastPort  int                  // given out last, 0 before the first
}

var _ transport.Dialer = (*Network)(nil)

// Listen opens a listener at address, host:port with a numeric port. Port 0 picks one that is free, which the
// listener's Addr tells. An empty host listens at the port of every host that has no listener of its own there.
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
		n.listeners = make(map[string]*Listener)
	}
	n.listeners[key] = l
	return l, nil
}

// DialContext connects to the listener at address, host:port with a numeric port; host names compare without
// regard to case. Any network is accepted. It returns once the connection waits in the listener's backlog, and blocks
// while that is full.
//
// The error is a *transport.DialError around a *net.OpError: around ECONNREFUSED when nobody listens there, the error
// of ctx when that ends first, or a *net.AddrError.
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
	n.mu.Lock()
	l := n.listeners[join(host, port)]
	if l == nil {
		l = n.listeners[join("", port)]
	}
	local := Addr(join("client", n.nextPort()))
	n.mu.Unlock()
	if l == nil {
		return nil, errRefused
	}
	here, there := newPair(n.BufferSize, local, Addr(address))
	if err := l.enqueue(ctx, there); err != nil {
		return nil, err
	}
	return here, nil
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
	return strings.ToLower(host), int(u), nil
}

func join(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

func opError(op, address string, err error) error {
	var a *net.AddrError
	if errors.As(err, &a) {
		return &net.OpError{Op: op, Net: "memory", Err: err} // err names the address
	}
	return &net.OpError{Op: op, Net: "memory", Addr: Addr(address), Err: err}
}
