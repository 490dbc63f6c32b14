package httpclient

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// Conn is a client's connection to one origin. It is not safe for concurrent use. Make one with [New] or
// [NewTLS].
type Conn struct {
	settings

	use       use
	machine   conn.Conn
	loop      driver.Loop
	connected bool
	deadline  time.Time

	// The exchange under way. gen numbers it, so that a Response of an earlier one knows itself.
	gen     atomic.Uint64 // Close may come from another goroutine
	step    step
	waiting int   // requests sent whose responses were not asked for
	have    bool  // the head of the next final response is in head
	pending error // what broke the content, found before it was asked for
	reading bool  // the content of that response is not read to its end
	read    int64
	head    head
	out     headers.Fields
	content body.Source // what the request sends
	targets []string    // of the requests that wait, and of the response being read
	digits  []byte      // of Content-Length: memory to be used again
	url     string      // of a response that was read from a reader

	// The request that is sent in steps.
	method, target string
	put            headers.Fields // what was put, to go back to
	folds          []fold
	rawBegun       bool // SendRaw has sent a part of a request

	// Methods as values, made once: each use of one would allocate.
	endFunc     func(conn.Event)
	interimFunc func(*conn.Head) error

	last    outcome
	checked bool // the connection was found to be quiet, just now
}

// settings are what a Conn was made with, and what it has learnt about its proxy.
type settings struct {
	address
	secure    bool
	dialer    transport.Dialer
	tls       transport.TLS
	timeouts  Timeouts
	config    conn.Config
	interim   func(*conn.Head) error
	trace     *Trace
	blockSize int
	manual    bool
	duplex    bool
	asGiven   bool // no field is added
	depth     int  // how many requests may wait for their responses
	tlsOwned  bool // tls.Config is not the caller's
	tunnel    *tunnel
	routing   func() (proxy.Rule, error) // what the options have set; nil for none
	route     route
	hooks     hooks
	optionErr error
}

// New returns a Conn to the origin http://host, which may have a port: "example.org", "example.org:8080",
// "127.0.0.1", "[::1]:8080", or a bare IPv6 address. It dials nothing yet. A host or port that cannot be is
// [ErrInvalidURL].
func New(host string, options ...Option) (*Conn, error) {
	return newConn(host, HTTPPort, false, options)
}

// NewTLS returns a Conn to the origin https://host. It is otherwise as [New].
func NewTLS(host string, options ...Option) (*Conn, error) {
	return newConn(host, HTTPSPort, true, options)
}

func newConn(host string, port int, secure bool, options []Option) (*Conn, error) {
	c := newShell()
	c.settings = settings{secure: secure, dialer: transport.TCP{}, depth: 1}
	for _, o := range options {
		if o != nil {
			o(c)
		}
	}
	if c.timeouts.Continue <= 0 {
		c.timeouts.Continue = time.Second
	}
	if c.optionErr != nil {
		return nil, c.optionErr
	}
	var err error
	if c.address, err = parseHostPort(host, c.port, port); err != nil {
		return nil, err
	}
	if err := c.chooseRoute(); err != nil {
		return nil, err
	}
	return c, nil
}

// Host returns the host, without brackets and port; Port returns the port.
func (c *Conn) Host() string { return c.host }

// Port returns the port, which is the scheme's where none was given.
func (c *Conn) Port() int { return c.port }

// Connected reports whether there is a connection.
func (c *Conn) Connected() bool { return c.connected }

// NetConn returns the connection, a [*transport.TLSConn] for a Conn of NewTLS, or nil when there is none.
// Reading or writing it destroys the exchange under way.
func (c *Conn) NetConn() net.Conn {
	if !c.connected {
		return nil
	}
	return unwrap(c.loop.NetConn())
}

// TLS returns the state of the TLS session, or nil when there is none.
func (c *Conn) TLS() *tls.ConnectionState {
	if s, ok := c.NetConn().(interface{ ConnectionState() tls.ConnectionState }); ok {
		state := s.ConnectionState()
		return &state
	}
	return nil
}

// SyscallConn returns access to the descriptor of the connection, below TLS and whatever else wraps it:
// what fileno of http.client is for. It is [ErrNotConnected] without a connection, and
// errors.ErrUnsupported where there is no descriptor.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	nc := c.NetConn()
	if nc == nil {
		return nil, ErrNotConnected
	}
	for {
		if s, ok := nc.(syscall.Conn); ok {
			return s.SyscallConn()
		}
		below, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			return nil, errors.ErrUnsupported
		}
		nc = below.NetConn()
	}
}

// Connect dials, where there is no connection. A request does so by itself. The error is a
// [*transport.DialError], a [*transport.TLSError], that of a tunnel (see [Conn.SetTunnel]), or a hook's.
func (c *Conn) Connect(ctx context.Context) (err error) {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave(&err)
	if c.connected {
		return nil
	}
	c.waiting, c.targets = 0, c.targets[:0] // nothing is answered that was sent before
	c.newMachine()
	c.startClock()
	return c.dial(ctx)
}

// newMachine makes the machine ready for a connection to be dialled.
func (c *Conn) newMachine() {
	c.config.Pipeline = c.depth
	c.machine.Reset(conn.Client, c.config)
}

// dial opens the connection that the machine, which is new, will run on.
func (c *Conn) dial(ctx context.Context) error {
	if err := c.hooks.beforeConnect(ctx, c.dialled); err != nil {
		return err
	}
	if c.trace != nil {
		ctx = transport.WithTrace(ctx, &c.trace.Trace)
	}
	ctx, dialled := c.dialling(ctx)
	nc, err := c.open(ctx)
	dialled()
	if err != nil {
		return err
	}
	nc = c.observe(nc)
	c.drive(nc)
	return c.started(&nc)
}

// drive lets the loop drive nc, which carries no exchange yet.
func (c *Conn) drive(nc net.Conn) {
	c.loop.Times = driver.Times{
		Write: c.timeouts.Write, FirstByte: c.timeouts.FirstByte,
		Between: c.timeouts.Between, Continue: c.timeouts.Continue,
	}
	c.loop.Start(nc, &c.machine)
	c.traceLoop()
}

// open opens a connection. The error of a limit of c's own is told from that of ctx: see [TimeoutError].
func (c *Conn) open(ctx context.Context) (nc net.Conn, err error) {
	if !c.deadline.IsZero() {
		limited, cancel := context.WithDeadline(ctx, c.deadline)
		defer cancel()
		defer func(ctx context.Context) { err = ranOut(err, ctx, limited, driver.PhaseTotal) }(ctx)
		ctx = limited
	}
	if c.tunnel != nil {
		return c.openTunnel(ctx)
	}
	nc, err = c.openRaw(ctx)
	if err != nil || !c.secure {
		return speakFirst(nc, err)
	}
	return c.openTLS(ctx, nc, c.host)
}

// speakFirst refuses a tunnel on which the far side has spoken already: in HTTP the client speaks first, and what came
// with the proxy's reply would pass for the first response.
func speakFirst(nc net.Conn, err error) (net.Conn, error) {
	if _, early := nc.(*driver.Leftover); !early || err != nil {
		return nc, err
	}
	nc.Close()
	return nil, &protocolError{kind: ErrHTTP, err: &wire.SyntaxError{
		Rule: wire.RuleUnsolicited, Element: wire.ElementMessage, Offset: -1,
	}}
}

// openTLS makes TLS with host on nc.
func (c *Conn) openTLS(ctx context.Context, nc net.Conn, host string) (net.Conn, error) {
	limited := ctx
	if c.timeouts.TLS > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, c.timeouts.TLS)
		defer cancel()
	}
	session, err := c.tls.Wrap(limited, nc, host)
	return session, ranOut(err, ctx, limited, driver.PhaseTLS)
}

func (c *Conn) openRaw(ctx context.Context) (net.Conn, error) {
	limited := ctx
	if c.timeouts.Dial > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, c.timeouts.Dial)
		defer cancel()
	}
	d, address := c.way()
	nc, err := c.dialTraced(c.traceProxy(limited), d, address)
	if err != nil {
		return nil, ranOut(c.routeError(address, err), ctx, limited, driver.PhaseDial)
	}
	return nc, nil
}

// dialTraced dials, and sees to it that a Trace is told: dialers of this module tell it themselves, for a
// foreign one it is done here.
func (c *Conn) dialTraced(ctx context.Context, d transport.Dialer, address string) (net.Conn, error) {
	if c.trace == nil {
		return d.DialContext(ctx, "tcp", address)
	}
	var told atomic.Bool
	ctx = transport.WithTrace(ctx, &transport.Trace{DialStart: func(string, string) { told.Store(true) }})
	nc, err := d.DialContext(ctx, "tcp", address)
	if !told.Load() {
		if f := c.trace.DialStart; f != nil {
			f("tcp", address)
		}
		if f := c.trace.DialDone; f != nil {
			f(nc, err)
		}
	}
	return nc, err
}

// ranOut puts a TimeoutError into the error of dialling or TLS when the context with the limit has run
// out, and the caller's has not.
func ranOut(err error, ctx, limited context.Context, phase driver.Phase) error {
	if err == nil || ctx.Err() != nil {
		return err
	}
	late := errors.Is(err, context.DeadlineExceeded) // which may be known before the timer of limited fires
	if callers, ok := ctx.Deadline(); ok && late {
		own, _ := limited.Deadline()
		late = own.Before(callers)
	}
	if !late && limited.Err() != context.DeadlineExceeded {
		return err
	}
	var already *TimeoutError
	if errors.As(err, &already) {
		return err
	}
	switch e := err.(type) {
	case *transport.DialError:
		return &transport.DialError{Network: e.Network, Address: e.Address, Err: &TimeoutError{Phase: phase}}
	case *transport.TLSError:
		return &transport.TLSError{Host: e.Host, Err: &TimeoutError{Phase: phase}}
	}
	if late {
		return &TimeoutError{Phase: phase} // asking a proxy took too long
	}
	return err
}

// asDialError makes a foreign dialer's error a transport.DialError.
func asDialError(address string, err error) error {
	switch err.(type) {
	case *transport.DialError, *transport.TLSError:
		return err
	}
	return &transport.DialError{Network: "tcp", Address: address, Err: err}
}

// Close closes the connection, where there is one, in whatever state. A response that is not read to its
// end is lost. The Conn can be used again: a request dials anew.
//
// Close may be called from another goroutine too, to end a call that is under way: that fails then with an
// error that is net.ErrClosed, and Close does not wait for it.
func (c *Conn) Close() (err error) {
	for c.enterAs(useEnding) != nil {
		if c.interrupt() {
			return nil
		}
	}
	defer c.leave(&err)
	c.reset()
	return c.disconnect("closed by the caller")
}

// reset forgets what is under way.
func (c *Conn) reset() {
	c.step, c.waiting, c.reading, c.have, c.rawBegun = stepIdle, 0, false, false, false
	c.gen.Add(1)
}

// disconnect closes the connection and leaves the response that is read already.
func (c *Conn) disconnect(reason string) error {
	if !c.connected {
		return nil
	}
	c.connected = false
	c.use.live.Store(nil)
	c.last.wrote, c.last.heard = c.loop.Wrote, c.loop.Heard
	err := c.loop.Close()
	if c.trace != nil && c.trace.Closed != nil {
		c.trace.Closed(reason)
	}
	return err
}
