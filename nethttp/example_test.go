package nethttp_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/nethttp"
	"github.com/strata-http/strata/transport/memory"
)

// A Transport takes the place of http.Transport in an http.Client, which follows redirects, keeps cookies and measures
// time as always.
func ExampleTransport() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(w, "hello,", r.URL.Query().Get("who"))
	}))
	defer server.Close()

	transport := nethttp.NewTransport()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}

	resp, err := client.Get(server.URL + "/?who=world")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	fmt.Print(resp.Status, " ", string(content), err)
	// Output: 200 OK hello, world
	// <nil>
}

// Order and case of the field lines, both ways.
func ExampleWithFields() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	defer listener.Close()
	heads := make(chan string, 1)
	go func() {
		nc, err := listener.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		buf := make([]byte, 4096)
		n, _ := nc.Read(buf)
		heads <- string(buf[:n])
		io.WriteString(nc, "HTTP/1.1 204 No Content\r\nx-second: 1\r\nX-FIRST: 2\r\nx-second: 3\r\n\r\n")
	}()

	transport := &nethttp.Transport{DisableCompression: true}
	defer transport.CloseIdleConnections()

	var fields headers.Fields
	fields.Add("accept", "*/*")
	fields.Add("HOST", "example.org")
	fields.Add("Accept", "text/html")
	fields.Add("user-agent", "example")
	req, err := http.NewRequestWithContext(nethttp.WithFields(context.Background(), &fields), "GET", "http://"+listener.Addr().String(), nil)
	if err != nil {
		log.Fatal(err)
	}
	req.Header.Set("X-More", "from Request.Header")

	resp, err := transport.RoundTrip(req)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	fmt.Print(strings.ReplaceAll(<-heads, "\r\n", "\n"))
	fmt.Print(nethttp.FieldsOf(resp))
	// Output:
	// GET / HTTP/1.1
	// accept: */*
	// HOST: example.org
	// Accept: text/html
	// user-agent: example
	// X-More: from Request.Header
	//
	// x-second: 1
	// X-FIRST: 2
	// x-second: 3
}

// Only the order is given; the values are those of the request.
func ExampleWithOrder() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer server.Close()
	transport := &nethttp.Transport{}
	defer transport.CloseIdleConnections()

	ctx := nethttp.WithOrder(context.Background(), "user-agent", "Authorization", "accept-encoding", "host")
	var received nethttp.Received
	ctx = nethttp.WithReceived(ctx, &received)
	req, err := http.NewRequestWithContext(ctx, "GET", server.URL, nil)
	if err != nil {
		log.Fatal(err)
	}
	req.SetBasicAuth("user", "password")
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		log.Fatal(err)
	}
	resp.Body.Close()
	fmt.Println(received.Fields.GetString("content-length"))
	// Output: 0
}

// Requests go through a proxy.
func ExampleTransport_proxy() {
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "hello, ", r.Header.Get("X-Seen-By"))
	}))
	defer origin.Close()
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.Header.Set("X-Seen-By", "proxy") // the request-target is in absolute-form, and so the origin is known
	}})
	defer proxy.Close()

	at, err := url.Parse(proxy.URL)
	if err != nil {
		log.Fatal(err)
	}
	transport := &nethttp.Transport{Proxy: http.ProxyURL(at)}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get(origin.URL)
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	fmt.Printf("%s %v\n", content, err)
	// Output: hello, proxy <nil>
}

// A network in memory, for tests without sockets.
func ExampleTransport_memory() {
	var network memory.Network
	listener, err := network.Listen("example.org:80")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "hello from ", r.Host)
	})}
	go server.Serve(listener)
	defer server.Close()

	transport := &nethttp.Transport{DialContext: network.DialContext}
	defer transport.CloseIdleConnections()
	resp, err := (&http.Client{Transport: transport}).Get("http://example.org/")
	if err != nil {
		log.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	fmt.Printf("%s %v\n", content, err)
	// Output: hello from example.org <nil>
}
