package nethttp_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/nethttp"
	"github.com/strata-http/strata/wire"
)

// Any http.Handler is served as it is.
func ExampleServe() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s\n", r.PathValue("name"))
	})
	go nethttp.Serve(l, mux)

	resp, err := http.Get("http://" + l.Addr().String() + "/hello/world")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	defer http.DefaultClient.CloseIdleConnections()
	text, err := io.ReadAll(resp.Body)
	fmt.Printf("%s %q %v\n", resp.Status, text, err)
	// Output: 200 OK "hello world\n" <nil>
}

// Behind a Server, a handler has limits, time-outs and an end in order.
func ExampleHandler() {
	server := &httpserver.Server{
		Handler: nethttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.Copy(w, r.Body)
		})),
		Limits:   wire.Limits{Content: 10},
		Timeouts: httpserver.Timeouts{Head: 5 * time.Second},
		OnError:  func(_ net.Addr, err error) {},
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, content := range []string{"short", "longer than ten octets"} {
		resp, err := client.Post("http://"+l.Addr().String(), "text/plain", strings.NewReader(content))
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(resp.Status)
		resp.Body.Close()
	}
	fmt.Println(server.Shutdown(context.Background()))
	fmt.Println(<-served)
	// Output:
	// 200 OK
	// 413 Content Too Large
	// <nil>
	// httpserver: server closed
}

// A program that has an http.Server changes one line.
func ExampleNewServer() {
	config := &http.Server{
		Handler:           http.NotFoundHandler(),
		ReadHeaderTimeout: 5 * time.Second,
		MaxHeaderBytes:    32 << 10,
	}
	server := nethttp.NewServer(config) // and server.ListenAndServe(config.Addr), server.Shutdown
	fmt.Println(server.Timeouts.Head, server.Limits.Section)
	// Output: 5s 32768
}
