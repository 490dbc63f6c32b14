package nethttp

import (
	"context"
	"log"
	"net"
	"net/http"
	"runtime"
	"strings"

	"github.com/strata-http/strata/httpserver"
)

// Serving: an [http.Handler] behind Strata's server. See [Handler] for what a handler finds, and what is other than
// behind an [http.Server].

// Serve accepts connections of l and serves each with handler, as [http.Serve] does; nil is [http.DefaultServeMux]. It
// returns when accepting fails for good. For TLS, l is a listener of crypto/tls whose NextProtos are "http/1.1" or none.
//
// For limits, time-outs and an end in order, see [Handler] and [NewServer].
func Serve(l net.Listener, handler http.Handler) error {
	return httpserver.Serve(l, Handler(handler))
}

// ListenAndServe listens on a TCP address and serves with handler, as [http.ListenAndServe] does, but that an address
// without a port is an error. A port that is taken is syscall.EADDRINUSE.
func ListenAndServe(address string, handler http.Handler) error {
	return httpserver.ListenAndServe(address, Handler(handler))
}

// ListenAndServeTLS is [ListenAndServe] over TLS with the certificate and the key of two files, as
// [http.ListenAndServeTLS].
func ListenAndServeTLS(address, certFile, keyFile string, handler http.Handler) error {
	return (&httpserver.Server{Handler: Handler(handler)}).ListenAndServeTLS(address, certFile, keyFile)
}

// Handler makes an [httpserver.Handler] of an [http.Handler], for an [httpserver.Server] with whatever limits,
// time-outs and logs it has; nil is [http.DefaultServeMux].
//
// A handler finds what it finds behind an [http.Server]: every method of [http.ResponseController], [http.Flusher],
// [http.Hijacker], [io.ReaderFrom] and [io.StringWriter]; trailers, announced or by [http.TrailerPrefix]; interim
// responses by WriteHeader; [http.ErrAbortHandler]; a Request with each field filled. What is other:
//
//   - Requests that RFC 9112 says to reject are rejected, and never come to the handler: such as one with both
//     Transfer-Encoding and Content-Length, one with a folded field line, one with userinfo in its target. The answer
//     names the rule; see [httpserver.Server].
//   - The server's time-outs and limits hold, of which an http.Server has hardly any by default. Only HTTP/1 is spoken.
//   - The request may be read and the response written at the same time, by one goroutine each, without
//     EnableFullDuplex, which is accepted. A request is not read to its end before the response begins. A Read that a
//     goroutine is in ends with [http.ErrBodyReadAfterClose] when the handler returns.
//   - A response has a Content-Length up to 16 KiB, where an http.Server begins to use chunks behind 2 KiB.
//   - The answer to HEAD has the length of all that the handler wrote, where an http.Server tells none behind 2 KiB.
//   - One with a Content-Length that the handler did not reach, and of which nothing was sent, is answered with 500.
//   - One to an HTTP/1.0 client has HTTP/1.1 in its status-line (RFC 9110 section 2.5), and no interim one goes before
//     it. A 2xx to CONNECT has no Transfer-Encoding (RFC 9110 section 9.3.6).
//   - Trailers by [http.TrailerPrefix] are sent also when the content waited in the buffer until they were set.
//   - Octets that no field value can have go out as spaces, and a Transfer-Encoding that a handler sets is not sent,
//     "identity" included.
//   - The content of a Reset Content (205) is refused, as that of 204.
//   - The value of [http.ServerContextKey] is an *http.Server that serves nothing: it has a Handler, and what else
//     [NewServer] was given.
//   - When [http.MaxBytesReader] finds too much, the connection is kept if what is left of the content is within the
//     server's Drain: that type tells nobody but an http.Server.
func Handler(handler http.Handler) httpserver.Handler {
	if handler == nil {
		handler = http.DefaultServeMux
	}
	return &bridge{server: &http.Server{Handler: handler}}
}

// bridge is an http.Handler as an httpserver.Handler.
type bridge struct {
	// server is the value of http.ServerContextKey; it has the handler.
	server *http.Server
}

// Handle calls the http.Handler.
func (b *bridge) Handle(w httpserver.ResponseWriter, r httpserver.Request) {
	b.begin(w)
	s := &served{bridge: b, w: w, r: r, length: -1}
	req, err := s.request()
	if err != nil {
		w.CloseAfter()
		w.Error(http.StatusBadRequest, err.Error())
		return
	}
	defer s.over()
	b.handler(req).ServeHTTP(s, req)
	s.finish()
	s.returned = true
}

func (b *bridge) handler(req *http.Request) http.Handler {
	if req.RequestURI == "*" && req.Method == http.MethodOptions && !b.server.DisableGeneralOptionsHandler {
		return http.HandlerFunc(optionsOfServer)
	}
	if b.server.Handler == nil {
		return http.DefaultServeMux
	}
	return b.server.Handler
}

// optionsOfServer answers OPTIONS * (RFC 9110 section 9.3.7).
func optionsOfServer(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "0") }

// over is deferred around the handler.
func (s *served) over() {
	s.body.end()
	if s.returned {
		return
	}
	switch v := recover(); v { //nolint:errorlint // a panic's value is compared, not an error in a chain
	case nil: // runtime.Goexit
	case http.ErrAbortHandler:
		panic(httpserver.ErrAbort)
	default:
		panic(v)
	}
}

// logf logs what a handler did wrong where an http.Server would.
func (b *bridge) logf(format string, args ...any) {
	if b.server.ErrorLog != nil {
		b.server.ErrorLog.Printf(format, args...)
		return
	}
	log.Printf(format, args...)
}

// caller returns where the handler called a method of its http.ResponseWriter.
func caller() (file string, line int, function string) {
	pc := make([]uintptr, 16)
	frames := runtime.CallersFrames(pc[:runtime.Callers(1, pc)])
	for {
		frame, more := frames.Next()
		own := strings.Contains(frame.Function, "/nethttp.(*served)") || strings.HasSuffix(frame.Function, "/nethttp.caller") ||
			strings.HasPrefix(frame.Function, "net/http.")
		if !own || !more {
			return frame.File, frame.Line, frame.Function
		}
	}
}

// servedContext is the context of a request: the server's, and what net/http has put into it besides.
type servedContext struct {
	context.Context
	server *http.Server
	local  net.Addr
}

// Value is that of context.Context.
func (c *servedContext) Value(key any) any {
	switch key {
	case http.ServerContextKey:
		return c.server
	case http.LocalAddrContextKey:
		return c.local
	}
	return c.Context.Value(key)
}
