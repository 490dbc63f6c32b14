package fault

import (
	"context"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/strata-http/strata/transport"
)

// A Dialer opens connections with faults. Make one with [New], or fill in the fields, which must not be changed after
// the first dial.
type Dialer struct {
	// Dialer opens the connections; nil is transport.TCP.
	Dialer transport.Dialer

	// Script holds the faults. Faults of TLS are for a Dialer below TLS.
	Script Script

	// OnStrike, when it is set, is called each time a fault strikes, with the number of the connection. It may be
	// called by several goroutines at once, and must not use the connection.
	OnStrike func(conn int, f Fault)

	mu     sync.Mutex
	dials  int
	struck map[Fault]bool
	track  bool    // keep conns
	conns  []*conn // that were opened, their numbers aside
}

// New returns a Dialer over d; nil is transport.TCP. A [Script] is given as script....
func New(d transport.Dialer, faults ...Fault) *Dialer { return &Dialer{Dialer: d, Script: faults} }

// Unstruck returns the faults of the script that have struck on no connection so far: a test that expects its
// faults to matter has none left over.
func (d *Dialer) Unstruck() Script {
	d.mu.Lock()
	defer d.mu.Unlock()
	var left Script
	for _, f := range d.Script {
		if !d.struck[f] {
			left = append(left, f)
		}
	}
	return left
}

// strike notes that f has struck on the nth connection.
func (d *Dialer) strike(n int, f Fault) {
	d.mu.Lock()
	if d.struck == nil {
		d.struck = make(map[Fault]bool)
	}
	d.struck[f] = true
	d.mu.Unlock()
	if d.OnStrike != nil {
		d.OnStrike(n, f)
	}
}

// DialContext opens a connection, which has the next number, unless a fault of dialling is in the way. Such a failure
// is a *transport.DialError around the *net.OpError that package net would have returned. What the wrapped dialer
// returns as an error is returned as it is.
//
// The connection has the methods that [Wrap] tells of.
func (d *Dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d.mu.Lock()
	d.dials++
	n := d.dials
	d.mu.Unlock()

	below, err := d.dial(ctx, n, network, address)
	if err != nil {
		return nil, err
	}
	c := newConn(below, n, d.Script, func(f Fault) { d.strike(n, f) })
	if d.track {
		d.mu.Lock()
		d.conns = append(d.conns, c)
		d.mu.Unlock()
	}
	return c, nil
}

// dial applies the faults of dialling in their order, and then dials, or makes an impostor.
func (d *Dialer) dial(ctx context.Context, n int, network, address string) (net.Conn, error) {
	var impostor kind
	for _, f := range d.Script {
		if f.where.phase == carrying || !f.where.on(n) || f.what.kind == alert {
			continue
		}
		d.strike(n, f)
		if f.where.phase == handshaking {
			impostor = f.what.kind
			continue
		}
		if err := failDial(ctx, f.what, address); err != nil {
			return nil, dialFailed(ctx, network, address, err)
		}
	}
	switch {
	case impostor != none:
		done := transport.TraceDial(ctx, network, address)
		c, err := newImpostor(address, impostor)
		done(c, err)
		return c, err
	case d.Dialer == nil:
		return transport.TCP{}.DialContext(ctx, network, address)
	}
	return d.Dialer.DialContext(ctx, network, address)
}

// failDial does what a fault of dialling does, and returns nil when the dial goes on.
func failDial(ctx context.Context, a action, address string) error {
	switch a.kind {
	case refuse:
		return os.NewSyscallError("connect", syscall.ECONNREFUSED)
	case noSuchHost:
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = address
		}
		return &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	case timeOut:
		if err := pause(ctx, a.d); err != nil {
			return err
		}
		return os.NewSyscallError("connect", syscall.ETIMEDOUT)
	case delay:
		return pause(ctx, a.d)
	case stall:
		<-ctx.Done()
		return ctx.Err()
	}
	return nil
}

// pause waits for d unless ctx ends before that.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// dialFailed reports a dial that never reached the wrapped dialer, to the trace too.
func dialFailed(ctx context.Context, network, address string, err error) error {
	done := transport.TraceDial(ctx, network, address)
	err = &transport.DialError{Network: network, Address: address, Err: &net.OpError{
		Op: "dial", Net: network, Addr: addr{network, address}, Err: err,
	}}
	done(nil, err)
	return err
}

// addr is an address that was never resolved.
type addr struct{ network, address string }

func (a addr) Network() string { return a.network }
func (a addr) String() string  { return a.address }

// A Listener accepts connections with faults, for a client that cannot be given a dialer. Make one with [Listen].
type Listener struct {
	net.Listener
	script Script

	mu       sync.Mutex
	accepted int
}

// Listen returns a Listener whose connections come from l. They are seen from the server: what it writes is sent, and
// what the client writes is received. Faults of dialling and of TLS do not concern it.
func Listen(l net.Listener, faults ...Fault) *Listener { return &Listener{Listener: l, script: faults} }

// Accept waits for the next connection, which has the next number and the methods that [Wrap] tells of.
func (l *Listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	l.accepted++
	n := l.accepted
	l.mu.Unlock()
	return newConn(c, n, l.script, nil), nil
}
