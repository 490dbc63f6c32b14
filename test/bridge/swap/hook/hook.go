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

	"github.com/strata-http/strata/test/bridge/swap"
)

func init() {
	mode := os.Getenv("STRATA_SWAP")
	http.StrataPipe = pipe
	if mode == "" {
		return
	}
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

// pipe sends a request to a server that is there for it alone, and is closed with the response.
func pipe(handler http.Handler, req *http.Request) (*http.Response, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	done := make(chan struct{})
	served := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(done)
		handler.ServeHTTP(w, r)
	})
	server := &http.Server{Handler: served}
	go server.Serve(l)
	transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", l.Addr().String())
	}}
	res, err := transport.RoundTrip(req)
	<-done // whoever asked uses what the handler has set
	server.Close()
	transport.CloseIdleConnections()
	return res, err
}
