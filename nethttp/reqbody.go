package nethttp

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// requestBody is the body of a request: it is closed once, at its end, or when it is known that nothing more of it is
// sent.
type requestBody struct {
	rc      io.ReadCloser
	length  int64 // -1 where it is not known
	read    atomic.Int64
	touched atomic.Bool // it has been read from, or closed
	err     error       // what has ended it
	close   sync.Once
	failed  error // of Close
}

func (b *requestBody) Read(p []byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	b.touched.Store(true)
	n, err := b.rc.Read(p)
	total := b.read.Add(int64(max(n, 0)))
	if err == nil {
		return n, nil
	}
	if err == io.EOF && b.length > total {
		err = b.mismatch()
	}
	if failed := b.Close(); err == io.EOF && failed != nil {
		err = failed
	}
	b.err = err
	return n, err
}

// Close closes the caller's body, once.
func (b *requestBody) Close() error {
	b.close.Do(func() {
		b.touched.Store(true)
		b.failed = b.rc.Close()
	})
	return b.failed
}

func (b *requestBody) mismatch() error {
	return fmt.Errorf("http: ContentLength=%d with Body length %d", b.length, b.read.Load())
}

// explain says what an error of sending means, where it is the body's.
func (b *requestBody) explain(err error) error {
	var syntax *wire.SyntaxError
	if b != nil && errors.As(err, &syntax) && syntax.Sent && syntax.Rule == wire.RuleContentExcess {
		return b.mismatch()
	}
	return err
}

// measure finds out how long the content of the request is, and how it is framed: as with package net/http, a
// ContentLength of 0 with a Body is an unknown length.
func (x *exchange) measure() {
	req := x.req
	x.length = req.ContentLength
	switch {
	case req.Body == nil || req.Body == http.NoBody:
		x.length = 0
		return
	case x.length == 0 || slices.Equal(req.TransferEncoding, []string{"chunked"}):
		x.length = -1
	}
	x.length = max(x.length, -1)
	x.body = &requestBody{rc: req.Body, length: x.length}
	if x.length >= 0 || x.method == "CONNECT" {
		return
	}
	x.chunked = true
	if len(req.TransferEncoding) == 0 && lacksContent(x.method) {
		x.probe()
	}
}

// lacksContent reports whether requests of a method seldom have content. It may confuse servers, and so one whose body
// turns out to be empty is sent without.
func lacksContent(method string) bool {
	switch method {
	case "GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND", "SEARCH":
		return true
	}
	return false
}

// probeTime is how long the first octet of such a body is waited for.
const probeTime = 200 * time.Millisecond

// probe looks whether there is anything in the body.
func (x *exchange) probe() {
	type octet struct {
		b   [1]byte
		n   int
		err error
	}
	come := make(chan *octet, 1)
	b := x.body
	rc := b.rc
	b.touched.Store(true)
	go func() {
		o := new(octet)
		o.n, o.err = io.ReadFull(rc, o.b[:])
		come <- o
	}()
	late := time.NewTimer(probeTime)
	defer late.Stop()
	var o *octet
	select {
	case o = <-come:
	case <-late.C:
		b.rc = &probed{rc: rc, rest: readerFunc(func(p []byte) (int, error) {
			o := <-come
			come <- o
			return copy(p, o.b[:o.n]), o.err
		})}
		return
	}
	if o.err == io.EOF {
		x.body, x.length, x.chunked = nil, 0, false
		b.Close()
		return
	}
	b.rc = &probed{rc: rc, rest: readerFunc(func(p []byte) (int, error) { return copy(p, o.b[:o.n]), o.err })}
}

// probed is a body of which one octet was read before.
type probed struct {
	rc   io.ReadCloser
	rest io.Reader // gives that octet, then is nil
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func (p *probed) Read(b []byte) (int, error) {
	if p.rest == nil || len(b) == 0 {
		return p.rc.Read(b)
	}
	n, err := p.rest.Read(b)
	if err == nil || n > 0 {
		p.rest = nil
	}
	return n, err
}

func (p *probed) Close() error { return p.rc.Close() }

// source returns what is sent.
func (x *exchange) source() body.Source {
	b := x.body
	switch {
	case b == nil || x.method == "CONNECT":
		return body.None() // what a CONNECT has goes through the tunnel
	case x.chunked:
		s := body.Reader(b)
		if len(x.req.Trailer) > 0 {
			s = s.WithTrailers(x.requestTrailers)
		}
		return s
	}
	if r := inMemory(b.rc); r != nil && int64(r.Len()) == b.length && b.length <= smallBody {
		b.touched.Store(true)
		return body.SizedReader(r, b.length)
	}
	return body.SizedReader(b, b.length)
}

// smallBody is how long content in memory may be that is read by the goroutine of the caller, and sent with the head.
const smallBody = 8 << 10

// inMemory returns the reader in memory that a body is, as http.NewRequest makes it.
func inMemory(rc io.Reader) interface {
	io.Reader
	Len() int
} {
	if v := reflect.ValueOf(rc); v.Type() == nopCloser || v.Type() == nopCloserWriterTo {
		rc, _ = v.Field(0).Interface().(io.Reader)
	}
	switch r := rc.(type) {
	case *bytes.Reader:
		return r
	case *bytes.Buffer:
		return r
	case *strings.Reader:
		return r
	}
	return nil
}

var (
	nopCloser         = reflect.TypeOf(io.NopCloser(nil))
	nopCloserWriterTo = reflect.TypeOf(io.NopCloser(struct {
		io.Reader
		io.WriterTo
	}{}))
)

// requestTrailers returns the trailer section of the request, which the caller may have filled in while the content was
// sent.
func (x *exchange) requestTrailers() *headers.Fields { return ofHeader(x.req.Trailer) }

// rewound makes the body ready to be sent once more, and reports whether that is possible.
func (x *exchange) rewound() bool {
	b := x.body
	switch {
	case b == nil || !b.touched.Load():
		return true
	case x.req.GetBody == nil:
		return false
	}
	b.Close()
	rc, err := x.req.GetBody()
	if err != nil {
		return false
	}
	x.body = &requestBody{rc: rc, length: b.length}
	return true
}
