package httpclient

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
)

// use says whether a call is under way that reads or writes. Close may come meanwhile: from a callback, from
// a writer, or from another goroutine, as when a Response is the content of another request that is
// cancelled. It then only ends the I/O; what the call works on, pooled buffers above all, goes when the call
// returns.
type use struct {
	state atomic.Uint64            // one of those below
	live  atomic.Pointer[net.Conn] // what Close can close meanwhile
	dial  atomic.Pointer[context.CancelFunc]
}

const (
	useFree    = iota
	useBusy    // a call is under way that sends, or waits for a response
	useClosing // a call is under way, and Close was called meanwhile
	useEnding  // Close is under way
	useReading // a call is under way that reads content: plus the number of its exchange times useEach
	useEach
)

// useOf is the state of a call that reads content of that exchange.
func useOf(gen uint64) uint64 { return useReading + gen*useEach }

var errBusy = errors.New("another call is under way")

// enter begins a call that sends or waits for a response.
func (c *Conn) enter() error { return c.enterAs(useBusy) }

func (c *Conn) enterAs(state uint64) error {
	if c.use.state.CompareAndSwap(useFree, state) {
		return nil
	}
	switch c.use.state.Load() {
	case useClosing, useEnding:
		return errMeanwhile
	}
	return &protocolError{kind: ErrImproperState, err: errBusy}
}

// errMeanwhile is the error of a call during which Close was called, whatever that looked like from below:
// close-delimited content must not seem to have ended.
var errMeanwhile = fmt.Errorf("httpclient: closed by the caller meanwhile: %w", net.ErrClosed)

// meanwhile returns errMeanwhile when Close was called during the call that is under way.
func (c *Conn) meanwhile() error {
	if c.use.state.Load() == useClosing {
		return errMeanwhile
	}
	return nil
}

// leave ends a call with the error *err, and does what Close left to it.
func (c *Conn) leave(err *error) {
	if now := c.use.state.Load(); now != useClosing && c.use.state.CompareAndSwap(now, useFree) {
		return
	}
	if *err != nil {
		*err = errMeanwhile
	}
	c.reset()
	c.disconnect("closed by the caller")
	c.use.state.Store(useFree)
}

// interrupt ends the I/O of the call that is under way, and reports whether there was one.
func (c *Conn) interrupt() bool {
	for {
		now := c.use.state.Load()
		switch {
		case now == useFree:
			return false
		case now == useClosing || now == useEnding || c.interruptIn(now):
			return true
		}
	}
}

// interruptIn is interrupt for a call in that state.
func (c *Conn) interruptIn(state uint64) bool {
	if !c.use.state.CompareAndSwap(state, useClosing) {
		return false
	}
	if nc := c.use.live.Load(); nc != nil {
		(*nc).Close()
	}
	if cancel := c.use.dial.Load(); cancel != nil {
		(*cancel)()
	}
	return true
}

// dialling returns a context that Close ends, until done is called.
func (c *Conn) dialling(ctx context.Context) (_ context.Context, done func()) {
	ctx, cancel := context.WithCancel(ctx)
	c.use.dial.Store(&cancel)
	if c.meanwhile() != nil {
		cancel()
	}
	return ctx, func() {
		c.use.dial.Store(nil)
		cancel()
	}
}

// started notes the connection that was opened, unless Close was called meanwhile.
func (c *Conn) started(nc *net.Conn) error {
	c.connected = true
	c.use.live.Store(nc)
	return c.meanwhile() // leave closes it
}
