package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

// A connection that is idle in a pool needs none of what a Conn has: neither machine nor buffers. Conns are
// then emptied, and serve other connections.

// outcome is what is known of the last exchange, for whoever asks whether it may be repeated.
type outcome struct {
	wrote    bool // octets were given to the connection
	heard    bool // octets came from it
	answered bool // the final response was returned
	own      bool // what failed is the caller's own: the content, a function
}

// shells are Conns without a connection, for any origin.
var shells = sync.Pool{New: func() any { return newShell() }}

func newShell() *Conn {
	c := new(Conn)
	c.endFunc, c.interimFunc = c.onEnd, c.onInterim
	return c
}

// adopt makes c, which has settings and no connection, the Conn of *nc, which is idle and was found to be quiet. *nc must
// not change until it is parked.
func (c *Conn) adopt(nc *net.Conn) {
	c.newMachine()
	c.drive(*nc)
	c.checked = true
	c.started(nc)
}

// ErrNotReusable is the error of [PooledConn.Release] for a connection that is not fit for another exchange.
var ErrNotReusable = errors.New("httpclient: the connection is not fit for another exchange")

// Why a connection cannot be parked.
var (
	errNotIdle = fmt.Errorf("%w: one is under way", ErrNotReusable)
	errAtEnd   = fmt.Errorf("%w: it is closed", ErrNotReusable)
)

// park takes the connection away from c, if it is fit for another exchange. The response before keeps its head.
func (c *Conn) park() (nc net.Conn, err error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave(&err)
	c.settle()
	switch {
	case !c.connected:
		return nil, errAtEnd
	case c.step != stepIdle || c.waiting > 0 || c.have || c.reading || !c.machine.Reusable() || !c.loop.Idle():
		return nil, errNotIdle
	}
	nc = c.loop.Detach()
	c.connected = false
	c.use.live.Store(nil)
	return nc, nil
}

// shed gives an emptied c to whoever needs one next.
func (c *Conn) shed() {
	if c.enter() != nil {
		return // somebody is still in it
	}
	if c.connected {
		c.use.state.Store(useFree)
		return
	}
	c.reset()
	c.settings = settings{}
	c.loop.Forget()
	c.content, c.checked, c.last = body.Source{}, false, outcome{}
	c.use.state.Store(useFree)
	shells.Put(c)
}

// mayRepeat reports whether an exchange on a connection that was used before, and that failed with err, may be tried
// on another: the server closed the connection, or was about to, and has answered nothing. replayed
// tells that the request may be sent twice; otherwise none of its octets may have left.
func (c *Conn) mayRepeat(err error, replayed bool) bool {
	var syntax *wire.SyntaxError
	switch {
	case err == nil || c.connected || c.last.own || c.last.heard || c.last.answered:
		return false
	case errors.Is(err, context.Canceled), errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.Is(err, net.ErrClosed), errors.Is(err, conn.ErrState):
		return false
	case errors.As(err, &syntax) && !errors.Is(err, ErrRemoteDisconnected):
		return false
	}
	return replayed || !c.last.wrote
}
