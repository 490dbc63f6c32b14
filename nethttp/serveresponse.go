package nethttp

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/wire"
)

// served is one exchange: the http.ResponseWriter of its handler, and the memory of its request. It is not used
// again, since handlers keep requests.
type served struct {
	bridge *bridge
	w      httpserver.ResponseWriter
	r      httpserver.Request
	req    *http.Request
	url    url.URL
	ctx    servedContext
	body   servedBody

	header   http.Header
	trailers []string // announced
	begun    bool     // WriteHeader was called with the final status: the header section is fixed
	hijacked bool
	returned bool // the handler has
	status   int
	length   int64 // what the handler has said by Content-Length, or -1
	written  int64
	sniffs   bool   // Content-Type is to be guessed
	start    []byte // of the content in answer to HEAD, to guess from
	gone     chan bool
}

// Header returns the header section, which holds until WriteHeader, and trailers after it.
func (s *served) Header() http.Header {
	if s.header == nil {
		s.header = make(http.Header)
	}
	return s.header
}

// WriteHeader sends an interim response, or fixes status and header section of the final one.
func (s *served) WriteHeader(code int) {
	switch {
	case s.hijacked:
		file, line, function := caller()
		s.bridge.logf("http: response.WriteHeader on hijacked connection from %s (%s:%d)", function, file, line)
		return
	case s.begun:
		file, line, function := caller()
		s.bridge.logf("http: superfluous response.WriteHeader call from %s (%s:%d)", function, file, line)
		return
	case code < 100 || code > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %v", code))
	case code < 200 && code != http.StatusSwitchingProtocols:
		s.interim(code)
		return
	}
	s.begun, s.status = true, code
	reason := http.StatusText(code)
	if reason == "" {
		reason = "status code " + strconv.Itoa(code)
	}
	s.w.SetStatus(code, reason)
	s.fix()
}

// bodyAllowed reports whether a response of this status has content.
func (s *served) bodyAllowed() bool {
	return s.status >= 200 && s.status != 204 && s.status != 205 && s.status != 304
}

// Write writes content.
func (s *served) Write(p []byte) (int, error) {
	if ok, err := s.admit(len(p)); !ok {
		return 0, err
	}
	if s.sniffs && s.req.Method == http.MethodHead {
		s.start = append(s.start, p[:min(len(p), sniffLen-len(s.start))]...)
	}
	n, err := s.w.Write(p)
	return n, s.ofWrite(err)
}

// WriteString writes content.
func (s *served) WriteString(p string) (int, error) {
	if ok, err := s.admit(len(p)); !ok {
		return 0, err
	}
	if s.sniffs && s.req.Method == http.MethodHead {
		s.start = append(s.start, p[:min(len(p), sniffLen-len(s.start))]...)
	}
	n, err := s.w.WriteString(p)
	return n, s.ofWrite(err)
}

// admit counts n octets of content in.
func (s *served) admit(n int) (ok bool, err error) {
	if s.hijacked {
		if n > 0 {
			file, line, function := caller()
			s.bridge.logf("http: response.Write on hijacked connection from %s (%s:%d)", function, file, line)
		}
		return false, http.ErrHijacked
	}
	if !s.begun {
		s.WriteHeader(http.StatusOK)
	}
	switch {
	case n == 0:
		return false, nil
	case !s.bodyAllowed():
		return false, http.ErrBodyNotAllowed
	}
	s.written += int64(n)
	if s.length >= 0 && s.written > s.length {
		return false, http.ErrContentLength
	}
	return true, nil
}

// ofWrite returns the error of writing as those who know net/http test for it.
func (s *served) ofWrite(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, wire.RuleContentExcess):
		return http.ErrContentLength
	case errors.Is(err, httpserver.ErrNoContent):
		return http.ErrBodyNotAllowed
	case errors.Is(err, httpserver.ErrHijacked):
		return http.ErrHijacked
	}
	return err
}

// sniffBlocks has the memory that ReadFrom reads the begin of the content into.
var sniffBlocks = sync.Pool{New: func() any { return new([sniffLen]byte) }}

// ReadFrom writes the content that src yields: by the kernel, where src is a file, its length is known and the
// connection is a socket.
func (s *served) ReadFrom(src io.Reader) (n int64, err error) {
	if !s.begun || s.sniffs {
		// The begin tells the media type. And nothing is said before it is there: src may fail.
		block := sniffBlocks.Get().(*[sniffLen]byte)
		defer sniffBlocks.Put(block)
		for n < sniffLen {
			k, err := src.Read(block[:sniffLen-n])
			if k > 0 {
				m, err := s.Write(block[:k])
				if n += int64(m); err != nil {
					return n, err
				}
			}
			if err == io.EOF {
				return n, nil
			}
			if err != nil {
				return n, err
			}
		}
	}
	switch {
	case s.hijacked:
		return n, http.ErrHijacked
	case !s.bodyAllowed():
		return n, http.ErrBodyNotAllowed
	}
	m, err := s.w.ReadFrom(src)
	s.written += m
	return n + m, s.ofWrite(err)
}

// Flush sends what is buffered.
func (s *served) Flush() { s.FlushError() }

// FlushError is Flush for an http.ResponseController.
func (s *served) FlushError() error {
	if s.hijacked {
		return http.ErrHijacked
	}
	if !s.begun {
		s.WriteHeader(http.StatusOK)
	}
	return s.ofWrite(s.w.Flush())
}

// SetReadDeadline is for an http.ResponseController.
func (s *served) SetReadDeadline(t time.Time) error { return s.w.SetReadDeadline(t) }

// SetWriteDeadline is for an http.ResponseController.
func (s *served) SetWriteDeadline(t time.Time) error { return s.w.SetWriteDeadline(t) }

// EnableFullDuplex is for an http.ResponseController. There is nothing to enable.
func (s *served) EnableFullDuplex() error { return nil }

// Hijack gives the connection away. What was received behind the head is in the reader's buffer.
func (s *served) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if s.returned {
		panic("nethttp: Hijack called after ServeHTTP finished")
	}
	if s.hijacked {
		return nil, nil, http.ErrHijacked
	}
	if s.begun {
		if err := s.w.Flush(); err != nil {
			return nil, nil, err
		}
	}
	s.body.end()
	nc, early, err := s.w.HijackBuffered()
	if err != nil {
		return nil, nil, s.ofWrite(err)
	}
	s.hijacked = true
	const size = 4 << 10
	in := bufio.NewReaderSize(&preface{early, nc}, max(size, len(early)))
	in.Peek(len(early))
	return nc, bufio.NewReadWriter(in, bufio.NewWriterSize(nc, size)), nil
}

// preface reads some octets, and then a connection.
type preface struct {
	early []byte
	nc    net.Conn
}

func (p *preface) Read(b []byte) (int, error) {
	if len(p.early) == 0 {
		return p.nc.Read(b)
	}
	n := copy(b, p.early)
	p.early = p.early[n:]
	return n, nil
}

// CloseNotify is the old way to learn that the client went away; the request's context is the new one.
func (s *served) CloseNotify() <-chan bool {
	if s.gone == nil {
		s.gone = make(chan bool, 1)
		gone, ctx := s.gone, s.ctx.Context
		context.AfterFunc(ctx, func() {
			if context.Cause(ctx) == httpserver.ErrGone {
				gone <- true
			}
		})
	}
	return s.gone
}

// finish completes what the engine sends when the handler has returned.
func (s *served) finish() {
	if s.hijacked {
		return
	}
	if !s.begun {
		s.WriteHeader(http.StatusOK)
	}
	if s.length < 0 {
		s.sendTrailers()
	}
}

// said returns the value of Content-Length that a handler has set, or -1.
func (s *served) said() int64 {
	values := s.header["Content-Length"]
	if len(values) == 0 || values[0] == "" {
		return -1
	}
	text := textproto.TrimString(values[0])
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		s.bridge.logf("http: invalid Content-Length of %q", text)
		delete(s.header, "Content-Length")
		return -1
	}
	return n
}
