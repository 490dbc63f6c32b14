package httpclient

import (
	"context"
	"net"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/transport"
)

// Conn is a client's connection to one origin. It is not safe for concurrent use; [Conn.Close] may be
// called at any time from the goroutine that uses it. Make one with [New] or [NewTLS].
type Conn struct {
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

	machine   conn.Conn
	loop      driver.Loop
	connected bool
	closed    bool // what began an exchange cannot go on
	deadline  time.Time

	// The exchange under way. gen numbers it, so that a Response of an earlier one knows itself.
	gen     uint64
	waiting bool // a request was sent and its response not asked for
	have    bool // the head of its final response is in head
	reading bool // the content of that response is not read to its end
	read    int64
	head    head
	out     headers.Fields
	content body.Source // what the request sends

	// Methods as values, made once: each use of one would allocate.
	endFunc     func(conn.Event)
	interimFunc func(*conn.Head) error
}

// New returns a Conn to the origin http://host, which may have a port: "example.org", "example.org:8080",
// "127.0.0.1", "[::1]:8080", or a bare IPv6 address. It dials nothing yet. A host or port that cannot be is
// [ErrInvalidURL].
func New(host string, options ...Option) (*Conn, error) { return newConn(host, 80, false, options) }

// NewTLS returns a Conn to the origin https://host. It is otherwise as [New].
func NewTLS(host string, options ...Option) (*Conn, error) { return newConn(host, 443, true, options) }

func newConn(host string, port int, secure bool, options []Option) (*Conn, error) {
	c := &Conn{secure: secure, dialer: transport.TCP{}, timeouts: Timeouts{Continue: time.Second}}
	c.endFunc, c.interimFunc = c.onEnd, c.onInterim
	for _, o := range options {
		o(c)
	}
	if c.timeouts.Continue <= 0 {
		c.timeouts.Continue = time.Second
	}
	var err error
	c.address, err = parseAddress(host, port)
	return c, err
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
	return c.loop.NetConn()
}

// Connect dials, where there is no connection. A request does so by itself. The error is a
// [*transport.DialError] or a [*transport.TLSError].
func (c *Conn) Connect(ctx context.Context) error {
	if c.connected {
		return nil
	}
	c.machine.Reset(conn.Client, c.config)
	return c.dial(ctx)
}

// dial opens the connection that the machine, which is new, will run on.
func (c *Conn) dial(ctx context.Context) error {
	if c.trace != nil {
		ctx = transport.WithTrace(ctx, &c.trace.Trace)
	}
	nc, err := c.open(ctx)
	if err != nil {
		return err
	}
	c.loop.Times = driver.Times{
		Write: c.timeouts.Write, FirstByte: c.timeouts.FirstByte,
		Between: c.timeouts.Between, Continue: c.timeouts.Continue,
	}
	c.loop.Start(nc, &c.machine)
	c.connected = true
	return nil
}

func (c *Conn) open(ctx context.Context) (net.Conn, error) {
	if !c.deadline.IsZero() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, c.deadline)
		defer cancel()
	}
	nc, err := c.openRaw(ctx)
	if err != nil || !c.secure {
		return nc, err
	}
	t := c.tls
	if t.HandshakeTimeout == 0 {
		t.HandshakeTimeout = c.timeouts.TLS
	}
	return t.Wrap(ctx, nc, c.host)
}

func (c *Conn) openRaw(ctx context.Context) (net.Conn, error) {
	if c.timeouts.Dial > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.timeouts.Dial)
		defer cancel()
	}
	nc, err := c.dialer.DialContext(ctx, "tcp", c.address.dial)
	if err != nil {
		return nil, asDialError(c.address.dial, err)
	}
	return nc, nil
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
func (c *Conn) Close() error {
	c.waiting, c.reading = false, false
	c.gen++
	return c.disconnect("closed by the caller")
}

// disconnect closes the connection and leaves the response that is read already.
func (c *Conn) disconnect(reason string) error {
	if !c.connected {
		return nil
	}
	c.connected = false
	err := c.loop.Close()
	if c.trace != nil && c.trace.Closed != nil {
		c.trace.Closed(reason)
	}
	return err
}
