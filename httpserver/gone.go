package httpserver

import (
	"context"
	"errors"
	"os"
	"sync"
	"time"
)

// watch looks out for a client that goes away while the handler runs. It reads one octet past the loop, which
// is put back when the handler has returned: a pipelined request may begin with it.
type watch struct {
	mu     sync.Mutex
	gen    uint64 // of the exchange that is watched
	ctx    *requestContext
	wanted bool
	on     bool
	over   bool // the handler has returned: no more watching
	done   chan struct{}
	octet  [1]byte
	n      int
}

// begin prepares w for an exchange.
func (w *watch) begin(gen uint64) {
	w.mu.Lock()
	w.gen, w.wanted, w.over = gen, false, false
	w.mu.Unlock()
}

// want begins to watch, now or when the content was read to its end, unless the exchange is over.
func (x *exchange) want(gen uint64) {
	w := &x.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.gen == gen {
		w.wanted = true
		x.watchLocked()
	}
}

// watchNow begins to watch where that is wanted and possible.
func (x *exchange) watchNow() {
	x.watch.mu.Lock()
	defer x.watch.mu.Unlock()
	x.watchLocked()
}

func (x *exchange) watchLocked() {
	w := &x.watch
	if !w.wanted || w.on || w.over || !x.ended.Load() {
		return
	}
	w.on, w.n, w.done = true, 0, make(chan struct{})
	x.c.nc.SetReadDeadline(time.Time{})
	go x.look(w.ctx)
}

func (x *exchange) look(ctx *requestContext) {
	w := &x.watch
	defer close(w.done)
	n, err := x.c.nc.Read(w.octet[:])
	if w.n = n; n > 0 || err == nil {
		return
	}
	w.mu.Lock()
	over := w.over
	w.mu.Unlock()
	if !over && !errors.Is(err, os.ErrDeadlineExceeded) {
		ctx.end(ErrGone)
	}
}

// stopWatch ends watching, and gives what was read to the loop.
func (x *exchange) stopWatch() {
	w := &x.watch
	w.mu.Lock()
	on := w.on
	w.over = true
	if on {
		x.c.nc.SetReadDeadline(past)
	}
	w.mu.Unlock()
	if !on {
		return
	}
	<-w.done
	x.c.nc.SetReadDeadline(time.Time{})
	if w.n > 0 {
		x.c.loop.Unread(w.octet[0])
	}
	w.mu.Lock()
	w.on = false
	w.mu.Unlock()
}

// endContext ends the context of the exchange, where somebody has asked for it.
func (x *exchange) endContext(cause error, forget bool) {
	w := &x.watch
	w.mu.Lock()
	ctx := w.ctx
	if forget {
		w.ctx = nil
	}
	w.mu.Unlock()
	if ctx != nil {
		ctx.end(cause)
	}
}

func (x *exchange) context() context.Context {
	w := &x.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ctx == nil {
		w.ctx = &requestContext{parent: x.c.ctx, x: x, gen: w.gen, over: w.over, cause: context.Canceled}
	}
	return w.ctx
}

// requestContext is the context of one request. Asking for its Done or Err begins the watch, and makes what
// can be cancelled, so that a handler that never asks costs neither.
type requestContext struct {
	parent context.Context
	x      *exchange
	gen    uint64

	mu     sync.Mutex
	inner  context.Context
	cancel context.CancelCauseFunc
	over   bool
	cause  error // of over
}

// ask returns the context that can be cancelled.
func (c *requestContext) ask() context.Context {
	c.mu.Lock()
	inner, over := c.inner, c.over
	if inner == nil {
		inner, c.cancel = context.WithCancelCause(c.parent)
		c.inner = inner
		if over {
			c.cancel(c.cause)
		}
	}
	c.mu.Unlock()
	if !over {
		c.x.want(c.gen)
	}
	return inner
}

// end ends the context. The first cause counts.
func (c *requestContext) end(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.over, c.cause = true, cause
	if c.cancel != nil {
		c.cancel(cause)
	}
}

// Deadline is that of context.Context.
func (c *requestContext) Deadline() (time.Time, bool) { return c.parent.Deadline() }

// Done is that of context.Context.
func (c *requestContext) Done() <-chan struct{} { return c.ask().Done() }

// Err is that of context.Context.
func (c *requestContext) Err() error { return c.ask().Err() }

// Value is that of context.Context.
func (c *requestContext) Value(key any) any {
	c.mu.Lock()
	inner := c.inner
	c.mu.Unlock()
	if inner != nil {
		return inner.Value(key)
	}
	return c.parent.Value(key)
}
