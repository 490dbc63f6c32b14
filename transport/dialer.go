package transport

import (
	"context"
	"net"
)

// A Dialer opens a connection to an address. Its one method is that of [*net.Dialer], with the same meaning:
// network is "tcp", "tcp4" or "tcp6" unless an implementation says that it knows others, address is host:port, and
// the context governs opening alone, never the connection once it is returned.
//
// A Dialer may be used by several goroutines at once.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// DialerFunc makes a [Dialer] of a function.
type DialerFunc func(ctx context.Context, network, address string) (net.Conn, error)

// DialContext calls f.
func (f DialerFunc) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return f(ctx, network, address)
}

// TCP dials TCP. The zero value is ready; the embedded [net.Dialer] brings the source address (LocalAddr), Happy
// Eyeballs (FallbackDelay, RFC 6555), keep-alive probes, a time-out, the resolver and socket options (Control).
//
// The connection returned is a *net.TCPConn.
type TCP struct {
	net.Dialer
}

// DialContext connects to address over network, which must be "tcp", "tcp4" or "tcp6". A failure is a [*DialError]
// around what package net reported.
func (t TCP) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	done := TraceDial(ctx, network, address)
	c, err := t.dial(ctx, network, address)
	if err != nil {
		c, err = nil, &DialError{Network: network, Address: address, Err: err}
	}
	done(c, err)
	return c, err
}

func (t TCP) dial(ctx context.Context, network, address string) (net.Conn, error) {
	switch network {
	case "tcp", "tcp4", "tcp6":
		return t.Dialer.DialContext(ctx, network, address)
	}
	return nil, net.UnknownNetworkError(network)
}

// Unix dials a stream socket of the Unix domain, whatever network it is asked for: the address that a client
// would have dialled names the origin, the socket is where it is reached.
//
// The connection returned is a *net.UnixConn.
type Unix struct {
	// Path is the socket's path; a leading "@" names an abstract socket on Linux. When it is empty the address
	// given to DialContext is the path.
	Path string

	// Dialer brings the local address, the time-out and socket options. Its zero value is ready.
	Dialer net.Dialer
}

// DialContext connects to the socket. A failure is a [*DialError] with network "unix" and the path as its address.
func (u Unix) DialContext(ctx context.Context, _, address string) (net.Conn, error) {
	path := u.Path
	if path == "" {
		path = address
	}
	done := TraceDial(ctx, "unix", path)
	c, err := u.Dialer.DialContext(ctx, "unix", path)
	if err != nil {
		c, err = nil, &DialError{Network: "unix", Address: path, Err: err}
	}
	done(c, err)
	return c, err
}
