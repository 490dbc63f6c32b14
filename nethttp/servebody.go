package nethttp

import (
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/strata-http/strata/httpserver"
)

// servedBody is the Body of a request. Its methods may be called by several goroutines, and when the handler has
// returned, as those of a client's transport do to which a proxy gave it.
type servedBody struct {
	r      httpserver.Request
	req    *http.Request
	closed atomic.Bool

	read  sync.Mutex // held while content is read
	ended bool
}

// Read reads content.
func (b *servedBody) Read(p []byte) (int, error) {
	b.read.Lock()
	defer b.read.Unlock()
	if b.closed.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := b.r.Read(p)
	if err == nil {
		return n, nil
	}
	if err == io.EOF {
		if !b.ended {
			b.ended = true
			fillTrailers(b.r, b.req)
		}
		return n, io.EOF
	}
	return n, ofContent(err)
}

// ofContent returns the error of reading content as those who know net/http test for it.
func ofContent(err error) error {
	switch {
	case errors.Is(err, httpserver.ErrInterrupted), errors.Is(err, httpserver.ErrHandlerReturned), errors.Is(err, httpserver.ErrHijacked):
		return http.ErrBodyReadAfterClose
	case errors.Is(err, io.ErrUnexpectedEOF):
		return io.ErrUnexpectedEOF
	}
	if refused := (*httpserver.RequestError)(nil); errors.As(err, &refused) {
		return refused.Err // a net.Error, if time was up
	}
	return err
}

// Close ends reading. A Read that another goroutine is in ends too.
func (b *servedBody) Close() error {
	b.end()
	return nil
}

// end makes every Read fail and waits until none is under way.
func (b *servedBody) end() {
	if b.closed.Swap(true) {
		return
	}
	if !b.read.TryLock() {
		b.r.Interrupt()
		b.read.Lock()
	}
	b.read.Unlock()
}
