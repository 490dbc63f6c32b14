package httpserver

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/transport"
)

// serverConn is one connection that is served. One goroutine reads requests and runs the handler.
type serverConn struct {
	s       *Server
	nc      net.Conn
	ctx     context.Context
	machine *conn.Conn
	loop    driver.Loop
	head    time.Duration // Timeouts, resolved
	body    time.Duration
	x       exchange
	n       int // requests so far

	mu       sync.Mutex
	idle     bool // waiting for a request
	hijacked atomic.Bool

	remote atomic.Pointer[string]
	tls    atomic.Pointer[tls.ConnectionState]
}

// newConn counts a connection in that was accepted, or closes it.
func (s *Server) newConn(ctx context.Context, nc net.Conn) (*serverConn, bool) {
	c := &serverConn{s: s, nc: nc, ctx: ctx, machine: conn.New(conn.Server, conn.Config{Limits: s.Limits, Lenient: s.Lenient, Version: s.Protocol})}
	if !s.enter(c) {
		nc.Close()
		s.giveSlot()
		return nil, false
	}
	return c, true
}

// serve serves c until it ends.
func (c *serverConn) serve() (err error) {
	s, nc, ctx := c.s, c.nc, c.ctx
	defer s.giveSlot()
	defer s.leave(c)
	if s.ConnContext != nil {
		if c.ctx = s.ConnContext(ctx, nc); c.ctx == nil {
			nc.Close()
			return errors.New("httpserver: ConnContext returned nil")
		}
	}
	c.head, c.body = orDefault(s.Timeouts.Head, DefaultHeadTimeout), max(s.Timeouts.Body, 0)
	if err := c.handshake(); err != nil {
		nc.Close()
		s.report(nc.RemoteAddr(), err)
		return err
	}
	c.loop.Start(nc, c.machine)
	c.loop.Times = driver.Times{
		Write:     orDefault(s.Timeouts.Write, DefaultWriteTimeout),
		FirstByte: orDefault(s.Timeouts.Idle, DefaultIdleTimeout),
		Between:   orDefault(s.Timeouts.Between, DefaultBetweenTimeout),
	}
	c.loop.Lazy, c.loop.OnFirst, c.loop.OnWait = true, c.onFirst, c.waitOn
	c.x.c = c
	defer c.close() // deferred, for a handler that ends its goroutine
	return c.exchanges()
}

// close closes the connection, unless a handler has it. The client sees it when a response was cut short.
func (c *serverConn) close() {
	switch x := &c.x; {
	case c.isHijacked():
	case x.aborted && x.committed && !x.delimited:
		c.loop.Abort()
	default:
		c.loop.Close()
	}
}

// handshake does the TLS handshake of a connection that has one, so that it falls under the limit on a
// head and its failure is told.
func (c *serverConn) handshake() error {
	t, ok := c.nc.(interface {
		HandshakeContext(context.Context) error
	})
	if !ok {
		return nil
	}
	ctx := c.ctx
	if c.head > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.head)
		defer cancel()
	}
	err := t.HandshakeContext(ctx)
	if plain := (tls.RecordHeaderError{}); errors.As(err, &plain) && plain.Conn != nil && isMethod(plain.RecordHeader[:]) {
		plain.Conn.SetWriteDeadline(time.Now().Add(lingerQuiet))
		io.WriteString(plain.Conn, plainToTLS)
	}
	return err
}

// plainToTLS answers a client that speaks HTTP where TLS is spoken.
const plainToTLS = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 43\r\nConnection: close\r\n\r\n" +
	"HTTP was sent where HTTPS is spoken (TLS).\n"

// isMethod reports whether the begin of what a client sent looks like that of a request-line.
func isMethod(start []byte) bool {
	for _, m := range methods {
		if n := min(len(m)+1, len(start)); string(start[:n]) == (m + " ")[:n] {
			return true
		}
	}
	return false
}

func (c *serverConn) isHijacked() bool { return c.hijacked.Load() }

// exchanges serves one request after the other.
func (c *serverConn) exchanges() error {
	for {
		ev, err := c.next()
		switch {
		case err != nil:
			r, answered := c.refuse(err)
			if answered {
				c.x.over()
			}
			return r
		case ev.Kind != conn.RequestHead:
			if c.s.shutting.Load() && c.n > 0 {
				// Nobody has told the client. What it sends now must not cost it the response before.
				c.loop.Linger(lingerOctets, lingerQuiet, lingerTime)
			}
			return nil
		}
		c.n++
		c.s.served.Add(1)
		c.x.begin(ev.Head)
		if !c.exchange() {
			return nil
		}
	}
}

// next waits for the head of a request. Closed and Paused mean that there will be none.
func (c *serverConn) next() (conn.Event, error) {
	c.loop.ReadBy = time.Time{}
	c.x.shed()
	if c.loop.Idle() {
		c.setIdle(true)
	} else {
		c.onFirst() // pipelined: at least a part of it is here
	}
	for {
		ev, err := c.loop.Next()
		if err != nil && !c.loop.Started() {
			if c.s.shutting.Load() && c.waitOn() == nil {
				continue // a request came while the shutdown began
			}
			// Nobody asked anything: there is nothing to answer and nothing to tell.
			ev, err = conn.Event{Kind: conn.Closed}, nil
		}
		c.setIdle(false)
		return ev, err
	}
}

// waitOn is asked before each wait for a request. What has arrived before a shutdown began is served still.
func (c *serverConn) waitOn() error {
	if !c.s.shutting.Load() {
		return nil
	}
	if ready, err := peek(c.nc); ready && err == nil {
		// What has come over TLS may be less than an octet for HTTP. The rest has no more time than a head has.
		if c.loop.Times.FirstByte = c.head; c.head > 0 {
			c.nc.SetReadDeadline(time.Now().Add(c.head))
		}
		return nil
	}
	return ErrServerClosed
}

// peek is transport.Peek, but for a session of crypto/tls that nobody reads: no decrypted octets wait in it,
// so the connection below knows whether something has come.
func peek(nc net.Conn) (bool, error) {
	if t, ok := nc.(*tls.Conn); ok {
		nc = t.NetConn()
	}
	return transport.Peek(nc)
}

// setIdle notes whether the connection waits for a request. A shutdown ends that wait by a deadline, which is
// of no concern to a request that has come in spite of it.
func (c *serverConn) setIdle(idle bool) {
	c.mu.Lock()
	c.idle = idle
	c.mu.Unlock()
}

// onFirst begins the time for a head, with its first octets.
func (c *serverConn) onFirst() {
	c.setIdle(false)
	if c.head > 0 {
		c.loop.ReadBy, c.loop.ReadPhase = time.Now().Add(c.head), phaseHead
	}
}

// exchange runs the handler and completes the response. It reports whether the connection carries on.
func (c *serverConn) exchange() bool {
	x := &c.x
	c.loop.ReadBy = time.Time{}
	if c.body > 0 && x.framing.Mode != body.NoBody {
		x.bodyBy = time.Now().Add(c.body)
		c.loop.ReadBy, c.loop.ReadPhase = x.bodyBy, phaseBody
	}
	defer x.over()
	if !x.tryEnd() {
		return false
	}
	if x.ended.Load() {
		c.loop.Idle() // a handler may take its time, which needs no buffer
	}
	if x.refusedExpectation() {
		return c.complete()
	}
	if !c.handle() {
		return false
	}
	return c.complete()
}

// handle runs the handler. It reports false where the connection is to be closed as it is.
func (c *serverConn) handle() (ok bool) {
	returned := false
	defer func() {
		v := recover()
		if returned {
			return
		}
		c.x.aborted = true
		c.x.stale()
		if v == nil {
			return // runtime.Goexit
		}
		if v != ErrAbort { //nolint:errorlint // a panic's value is compared, not an error in a chain
			c.s.report(c.nc.RemoteAddr(), &PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	w, r := ResponseWriter{&c.x, c.x.gen.Load()}, Request{&c.x, c.x.gen.Load()}
	if h := c.s.Handler; h != nil {
		h.Handle(w, r)
	} else {
		w.Error(404, "")
	}
	returned = true
	c.x.stale()
	return !c.x.aborted
}

// complete ends the response, and reads what the handler left of the request. It reports whether the
// connection carries on.
func (c *serverConn) complete() bool {
	x := &c.x
	x.stopWatch()
	if c.isHijacked() {
		return false
	}
	c.loop.Resume()
	c.loop.ReadBy = x.bodyBy
	readErr := x.readErr.Load()
	if readErr != nil && !x.committed && x.status == 0 && x.fresh() {
		c.refuse(readErr)
		return false
	}
	if err := x.finish(); err != nil {
		return false
	}
	if readErr != nil || x.last && !x.ended.Load() || !x.drain() {
		c.linger()
		return false
	}
	if !c.machine.Reusable() {
		c.linger()
		return false
	}
	return true
}

// For how long, and how far, the end of a client is waited for behind a last response. What counts is that the
// client stops to send when it has read that response, which may take its time where much was sent to it before.
const (
	lingerQuiet  = 500 * time.Millisecond
	lingerTime   = 5 * time.Second
	lingerOctets = 64 << 20
)

// linger lets a client read the last response before the connection goes. A client that has said itself that its
// request is the last one sends nothing that would turn the close into a reset.
func (c *serverConn) linger() {
	x := &c.x
	asked := x.control.Close || !x.version.AtLeast11() && !x.control.KeepAlive
	if asked && x.ended.Load() && len(c.loop.Buffered()) == 0 {
		if ready, err := peek(c.nc); !ready && err == nil {
			return
		}
	}
	c.loop.Linger(lingerOctets, lingerQuiet, lingerTime)
}

// refuse answers what could not be read as a request, and says why. answered tells whether there was anybody to
// answer; the exchange is not over yet.
func (c *serverConn) refuse(err error) (r *RequestError, answered bool) {
	r = refused(err)
	c.s.report(c.nc.RemoteAddr(), r)
	if errors.Is(err, net.ErrClosed) || !isProtocol(r.Err) {
		return r, false // the connection failed
	}
	if err := c.x.refusal(r); err == nil {
		c.loop.Linger(lingerOctets, lingerQuiet, lingerTime)
	}
	return r, true
}

// isProtocol reports whether err is about what the client sent, or that it took too long.
func isProtocol(err error) bool {
	return isSyntax(err) || isTimeout(err) || errors.Is(err, io.ErrUnexpectedEOF)
}
