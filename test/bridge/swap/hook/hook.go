//go:build strata_hook

// Package hook swaps what a program does over net/http, when that has the hooks that the overlay of package bridge
// gives it. The environment says what: STRATA_SWAP is transport, server or both, and STRATA_SWAP_TALLY a file that gets
// a t for each request that was sent and an s for each that was answered.
package hook

import (
	"context"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/strata-http/strata/test/bridge/swap"
)

func init() {
	mode := os.Getenv("STRATA_SWAP")
	if mode == "" {
		return
	}
	http.StrataPipe = pipe
	count := tally(os.Getenv("STRATA_SWAP_TALLY"))
	if mode == "transport" || mode == "both" {
		transports := &swap.Transports{}
		http.StrataRoundTrip = func(t *http.Transport, req *http.Request) (*http.Response, error) {
			count("t")
			return transports.Of(t).RoundTrip(req)
		}
		http.StrataCloseIdle = func(t *http.Transport) { transports.Of(t).CloseIdleConnections() }
	}
	if mode == "server" || mode == "both" {
		servers := &swap.Servers{Served: func() { count("s") }}
		http.StrataServe = func(s *http.Server, l net.Listener) error { return servers.Serve(s, l) }
		http.StrataStop = servers.Close
	}
}

func tally(name string) func(string) {
	if name == "" {
		return func(string) {}
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		panic(err)
	}
	return func(mark string) { file.WriteString(mark) }
}

// pipe sends a request over a [net.Pipe] to a server that is there for it alone, and returns when that has handled it.
func pipe(handler http.Handler, req *http.Request) (*http.Response, error) {
	near, far := net.Pipe()
	l := &oneConn{conns: make(chan net.Conn, 1), closed: make(chan struct{})}
	l.conns <- far
	done := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		handler.ServeHTTP(w, r)
	})}
	go server.Serve(l)
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return near, nil },
	}
	res, err := transport.RoundTrip(req)
	<-done // whoever asked uses what the handler has set
	server.Close()
	return res, err
}

// oneConn is a listener for one connection.
type oneConn struct {
	conns  chan net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *oneConn) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *oneConn) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *oneConn) Addr() net.Addr { return &net.UnixAddr{Name: "pipe"} }
