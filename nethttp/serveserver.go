package nethttp

import (
	"cmp"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/strata-http/strata/httpserver"
)

// NewServer returns a server that serves as s would: with its Handler, BaseContext, ConnContext, TLSConfig and
// ErrorLog. The value of [http.ServerContextKey] is s. Of its limits those that are set hold:
//
//   - ReadHeaderTimeout, or else ReadTimeout, is that of a head, and of a TLS handshake; ReadTimeout that of the
//     content; IdleTimeout, or else ReadTimeout, that of waiting for a request.
//   - WriteTimeout is from when a request's head was read until its response was written.
//   - MaxHeaderBytes is that of a head.
//
// Those that are not set are what [httpserver.Timeouts] and [github.com/strata-http/strata/wire.Limits] have by
// default, where an http.Server has hardly any. The other fields of s are not used: an address is for
// ListenAndServe, and the states of connections are told to nobody. s itself serves nothing.
func NewServer(s *http.Server) *httpserver.Server {
	b := &bridge{server: s}
	server := &httpserver.Server{
		Handler: b,
		Timeouts: httpserver.Timeouts{
			Head: cmp.Or(s.ReadHeaderTimeout, s.ReadTimeout),
			Body: s.ReadTimeout,
			Idle: cmp.Or(s.IdleTimeout, s.ReadTimeout),
		},
		BaseContext: s.BaseContext,
		ConnContext: s.ConnContext,
		OnError:     b.onError,
	}
	if s.MaxHeaderBytes > 0 {
		server.Limits.Section, server.Limits.Line = s.MaxHeaderBytes, s.MaxHeaderBytes
	}
	if s.TLSConfig != nil {
		server.TLSConfig = s.TLSConfig.Clone()
		server.TLSConfig.NextProtos = nil // what it may offer is HTTP/1.1
	}
	return server
}

// onError logs what an http.Server logs.
func (b *bridge) onError(remote net.Addr, err error) {
	var panicked *httpserver.PanicError
	switch {
	case errors.As(err, &panicked):
		b.logf("http: panic serving %v: %v\n%s", remote, panicked.Value, panicked.Stack)
	case remote == nil:
		b.logf("http: Accept error: %v", err)
	}
}

// begin sets what holds for a whole exchange.
func (b *bridge) begin(w httpserver.ResponseWriter) {
	w.Duplex()
	if d := b.server.WriteTimeout; d > 0 {
		w.SetWriteDeadline(time.Now().Add(d))
	}
}
