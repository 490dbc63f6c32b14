package httpserver

import (
	"context"
	"errors"
	"sync"
	"time"
)

// watch looks out for a client that goes away while the handler runs. It reads one octet past the loop, which
// is put back when the handler has returned: a pipelined request may begin with it.
type watch struct {
	mu     sync.Mutex
	wanted bool
	on     bool
	over   bool // the handler has returned: no more watching
	done   chan struct{}
	octet  [1]byte
	n      int
}

// errGone is why a request's context ended.
var errGone = errors.New("httpserver: the client went away")

// watchNow begins to watch, where that is wanted and the content was read to its end.
func (x *exchange) watchNow() {
	w := &x.watch
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.wanted || w.on || w.over || !x.ended {
		return
	}
	w.on, w.n, w.done = true, 0, make(chan struct{})
	x.c.nc.SetReadDeadline(time.Time{})
	go x.look(x.ctx)
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
	if !over {
		ctx.cancel(errGone)
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

// requestContext is the context of one request. Asking for its Done begins the watch, so that a handler that
// never asks costs no goroutine.
type requestContext struct {
	context.Context
	cancel context.CancelCauseFunc
	x      *exchange
	gen    uint64
}

// Done is that of context.Context.
func (c *requestContext) Done() <-chan struct{} {
	if x := c.x; x.gen.Load() == c.gen {
		x.watch.mu.Lock()
		x.watch.wanted = true
		x.watch.mu.Unlock()
		x.watchNow()
	}
	return c.Context.Done()
}

func (x *exchange) context() context.Context {
	x.watch.mu.Lock()
	defer x.watch.mu.Unlock()
	if x.ctx == nil {
		ctx, cancel := context.WithCancelCause(x.c.ctx)
		x.ctx = &requestContext{Context: ctx, cancel: cancel, x: x, gen: x.gen.Load()}
	}
	return x.ctx
}
