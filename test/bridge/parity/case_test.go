package parity

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// engine is one of the two that are compared.
type engine struct {
	name      string
	transport func(*http.Transport) http.RoundTripper
	serve     func(*http.Server, net.Listener) (stop func())
}

// parityCase is something to do on each engine. What it notes must be the same.
type parityCase struct {
	name string
	do   func(*run)
}

// run is one case on one engine. It notes what the caller, the handler and the peer see, each in a list of its own, since
// they run at the same time.
type run struct {
	engine
	t   testing.TB
	ctx context.Context

	mu      sync.Mutex
	clients []func() // what closes clients, before cleanup
	notes   map[string][]string
	sorted  bool // the notes of each come in an order that depends on the moment
	cleanup []func()
}

// watchdog is how long a case may take before it counts as hung.
const watchdog = 20 * time.Second

// perform returns the notes of a case, who noted in front of each.
func perform(t testing.TB, e engine, c parityCase) []string {
	ctx, cancel := context.WithTimeout(context.Background(), watchdog)
	r := &run{engine: e, t: t, ctx: ctx, notes: map[string][]string{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil && p != errEnd {
				r.note("case", "panic: %v", p)
			}
		}()
		c.do(r)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		r.note("case", "hangs")
	}
	cancel()
	r.mu.Lock()
	cleanup := append(r.cleanup, r.clients...)
	r.cleanup, r.clients = nil, nil
	r.mu.Unlock()
	for _, f := range slices.Backward(cleanup) {
		f()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, who := range slices.Sorted(maps.Keys(r.notes)) {
		if r.sorted {
			slices.Sort(r.notes[who])
		}
		for _, line := range r.notes[who] {
			all = append(all, who+": "+line)
		}
	}
	return all
}

// errEnd ends a case early.
var errEnd = errors.New("the case ends")

func (r *run) note(who, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes[who] = append(r.notes[who], fmt.Sprintf(format, args...))
}

// sees notes what the caller sees.
func (r *run) sees(format string, args ...any) { r.note("caller", format, args...) }

func (r *run) after(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanup = append(r.cleanup, f)
}

// afterFirst is after for what a client has left open, which must be gone when servers wait for its end.
func (r *run) afterFirst(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clients = append(r.clients, f)
}

// client returns a client over the engine's transport, with the settings of t, which may be nil.
func (r *run) client(t *http.Transport) *http.Client {
	return &http.Client{Transport: r.trip(t)}
}

// trip returns the engine's transport.
func (r *run) trip(t *http.Transport) http.RoundTripper {
	if t == nil {
		t = &http.Transport{}
	}
	rt := r.transport(t)
	r.afterFirst(func() { rt.(interface{ CloseIdleConnections() }).CloseIdleConnections() })
	return rt
}

// request makes a request whose context ends with the case.
func (r *run) request(method, url string, body io.Reader, fields ...string) *http.Request {
	req, err := http.NewRequestWithContext(r.ctx, method, url, body)
	if err != nil {
		panic(err)
	}
	for i := 0; i+1 < len(fields); i += 2 {
		req.Header.Add(fields[i], fields[i+1])
	}
	return req
}

// get sends a GET and notes the response.
func (r *run) get(c *http.Client, url string, fields ...string) {
	r.do(c, r.request("GET", url, nil, fields...))
}

// do sends a request and notes the response.
func (r *run) do(c *http.Client, req *http.Request) {
	res, err := c.Do(req)
	r.response(res, err)
}

// response notes a response with all of its content.
func (r *run) response(res *http.Response, err error) {
	if err != nil {
		r.sees("error %s", class(err))
		if res == nil {
			return
		}
	}
	r.head(res)
	content, err := io.ReadAll(res.Body)
	r.sees("content %s, %s", short(content), class(err))
	r.sees("trailer %s", fieldsOf(res.Trailer))
	r.sees("close %s", class(res.Body.Close()))
}

// head notes the head of a response.
func (r *run) head(res *http.Response) {
	r.sees("%s %q length %d coding %v close %t uncompressed %t tls %t", res.Proto, res.Status, res.ContentLength,
		res.TransferEncoding, res.Close, res.Uncompressed, res.TLS != nil)
	h := res.Header.Clone()
	if h.Get("Date") != "" {
		h.Set("Date", "now")
	}
	r.sees("header %s", fieldsOf(h))
}

// fieldsOf shows a header, sorted.
func fieldsOf(h http.Header) string {
	var lines []string
	for name, values := range h {
		if values == nil {
			lines = append(lines, name)
		}
		for _, v := range values {
			lines = append(lines, fmt.Sprintf("%s=%q", name, v))
		}
	}
	slices.Sort(lines)
	text := "{" + strings.Join(lines, " ") + "}"
	if len(text) > 600 {
		text = fmt.Sprintf("%s… of %d octets", text[:30], len(text))
	}
	return text
}

// short shows content, of which there may be much.
func short(p []byte) string {
	if len(p) <= 200 {
		return fmt.Sprintf("%q", p)
	}
	return fmt.Sprintf("%q… of %d", p[:20], len(p))
}

// kinds are what a caller can tell of an error.
var kinds = []struct {
	name string
	err  error
}{
	{"context.Canceled", context.Canceled},
	{"context.DeadlineExceeded", context.DeadlineExceeded},
	{"os.ErrDeadlineExceeded", os.ErrDeadlineExceeded},
	{"io.EOF", io.EOF},
	{"io.ErrUnexpectedEOF", io.ErrUnexpectedEOF},
	{"net.ErrClosed", net.ErrClosed},
	{"ECONNREFUSED", syscall.ECONNREFUSED},
	{"ECONNRESET", syscall.ECONNRESET},
	{"http.ErrUseLastResponse", http.ErrUseLastResponse},
	{"http.ErrBodyReadAfterClose", http.ErrBodyReadAfterClose},
	{"http.ErrBodyNotAllowed", http.ErrBodyNotAllowed},
	{"http.ErrContentLength", http.ErrContentLength},
	{"http.ErrHijacked", http.ErrHijacked},
	{"http.ErrHandlerTimeout", http.ErrHandlerTimeout},
	{"http.ErrNotSupported", http.ErrNotSupported},
	{"http.ErrServerClosed", http.ErrServerClosed},
	{"http.ErrSchemeMismatch", http.ErrSchemeMismatch},
	{"http.ErrLineTooLong", http.ErrLineTooLong},
	{"http.ErrSkipAltProtocol", http.ErrSkipAltProtocol},
	{"of the body", errOfBody},
	{"of the hook", errOfHook},
}

// Errors of a request body and of a hook of the caller.
var (
	errOfBody = errors.New("the body fails")
	errOfHook = errors.New("the hook refuses")
)

// class says what a caller can tell of an error without reading its text.
func class(err error) string {
	if err == nil {
		return "none"
	}
	var is []string
	for _, k := range kinds {
		if errors.Is(err, k.err) {
			is = append(is, k.name)
		}
	}
	var (
		fromURL   *url.Error
		op        *net.OpError
		authority x509.UnknownAuthorityError
		hostname  x509.HostnameError
		record    tls.RecordHeaderError
		alert     tls.AlertError
		large     *http.MaxBytesError
		ne        net.Error
	)
	add := func(ok bool, format string, args ...any) {
		if ok {
			is = append(is, fmt.Sprintf(format, args...))
		}
	}
	add(errors.As(err, &authority), "x509.UnknownAuthorityError")
	add(errors.As(err, &hostname), "x509.HostnameError")
	add(errors.As(err, &record), "tls.RecordHeaderError")
	add(errors.As(err, &alert), "tls.AlertError")
	add(errors.As(err, &large), "http.MaxBytesError")
	if errors.As(err, &op) {
		is = append(is, "net.OpError "+op.Op)
	}
	add(errors.As(err, &ne) && ne.Timeout(), "time-out")
	if errors.As(err, &fromURL) {
		is = append(is, "url.Error "+fromURL.Op)
	}
	if len(is) == 0 {
		return "other"
	}
	return strings.Join(is, ", ")
}
