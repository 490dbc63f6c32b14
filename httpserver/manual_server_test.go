package httpserver_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/wire"
)

// The address is bound at once; requests are answered from ServeForever on.
func ExampleNewHTTPServer() {
	server, err := httpserver.NewHTTPServer("127.0.0.1:0", httpserver.Dispatch{Do: MyHandler{}, Log: io.Discard})
	if err != nil {
		log.Fatal(err)
	}
	done := make(chan error)
	go func() { done <- server.ServeForever() }()
	fmt.Println(server.ServerName, server.ServerPort != 0)

	server.Shutdown(context.Background()) // lets what is under way end
	fmt.Println(<-done)
	server.ServerClose()
	// Output:
	// 127.0.0.1 true
	// <nil>
}

// A taken port is an error of the operating system, as it is an OSError in Python.
func ExampleNewHTTPServer_taken() {
	first, err := httpserver.NewHTTPServer("127.0.0.1:0", nil)
	if err != nil {
		log.Fatal(err)
	}
	defer first.ServerClose()
	_, err = httpserver.NewHTTPServer(first.ServerAddress.String(), nil)
	var op *net.OpError
	fmt.Println(errors.As(err, &op), errors.Is(err, syscall.EADDRINUSE))
	// Output: true true
}

// Each connection has a goroutine of its own, so that one that waits holds up no other.
func ExampleHTTPServer() {
	server, err := httpserver.NewHTTPServer("127.0.0.1:0", httpserver.Dispatch{Do: MyHandler{}, Log: io.Discard})
	if err != nil {
		log.Fatal(err)
	}
	go server.ServeForever()
	defer server.ServerClose()

	idle, err := net.Dial("tcp", server.ServerAddress.String()) // as browsers open them in advance
	if err != nil {
		log.Fatal(err)
	}
	defer idle.Close()
	r, err := http.Get("http://" + server.ServerAddress.String())
	if err != nil {
		log.Fatal(err)
	}
	r.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	fmt.Println(r.Status)
	// Output: 200 OK
}

// One connection is accepted and served.
func ExampleHTTPServer_HandleRequest() {
	server, err := httpserver.NewHTTPServer("127.0.0.1:0", httpserver.Dispatch{Do: MyHandler{}, Log: io.Discard})
	if err != nil {
		log.Fatal(err)
	}
	defer server.ServerClose()
	go func() {
		r, err := http.Get("http://" + server.ServerAddress.String())
		if err == nil {
			r.Body.Close()
		}
		http.DefaultClient.CloseIdleConnections()
	}()
	fmt.Println(server.HandleRequest())
	// Output: <nil>
}

// A server that speaks TLS, with the certificate and the key in one file or in two.
func ExampleNewHTTPSServer() {
	dir, remove := manualFiles(nil)
	defer remove()
	certFile := filepath.Join(dir, "cert.pem")
	roots := manualCertificate(certFile)

	server, err := httpserver.NewHTTPSServer("127.0.0.1:0", httpserver.Dispatch{Do: MyHandler{}, Log: io.Discard}, certFile, "")
	if err != nil {
		log.Fatal(err)
	}
	go server.ServeForever()
	defer server.ServerClose()

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}}
	r, err := client.Get("https://" + server.ServerAddress.String())
	if err != nil {
		log.Fatal(err)
	}
	content, _ := io.ReadAll(r.Body)
	r.Body.Close()
	fmt.Println(r.Status, r.TLS.NegotiatedProtocol, len(content))
	// Output: 200 OK  48
}

// With HTTP/1.0 no response is chunked, and connections end unless the client asks for more.
func ExampleServer_protocol() {
	s := &httpserver.Server{Protocol: wire.HTTP10, Handler: httpserver.Dispatch{Do: MyHandler{}, Log: io.Discard}}
	manualAsk(s, "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
	// Output:
	// HTTP/1.0 200 OK
	// Server: Strata
	// Content-Type: text/html
	// Content-Length: 48
	// Connection: close
	//
	// <html><body><h1>Hello, World!</h1></body></html>
}

// By default connections carry any number of requests, and every response has an end.
func ExampleServer_keepAlive() {
	s := &httpserver.Server{Handler: httpserver.Dispatch{Do: MyHandler{}, Log: io.Discard}}
	manualAsk(s, strings.Repeat("GET /no HTTP/1.1\r\nHost: a\r\n\r\n", 2))
	// Output:
	// HTTP/1.1 404 Not Found
	// Server: Strata
	// Content-Length: 0
	//
	// HTTP/1.1 404 Not Found
	// Server: Strata
	// Content-Length: 0
}

// What cannot be read as a request is answered by the status for the rule, and no method is called.
func ExampleServer_refused() {
	s := &httpserver.Server{Handler: httpserver.Dispatch{Do: MyHandler{}, Log: io.Discard}}
	manualAsk(s, "GET /\r\n\r\n") // as HTTP/0.9 had it
	// Output:
	// HTTP/1.1 400 Bad Request
	// Content-Type: text/plain; charset=utf-8
	// X-Content-Type-Options: nosniff
	// Content-Length: 110
	// Connection: close
	//
	// 400 Bad Request
	// request-line: request-line at byte 5: malformed request-line (RFC 9112 section 3); found "\r"
}

// The access log has a line for each exchange when it is over, with the length of its content.
func ExampleLogHandler() {
	s := &httpserver.Server{
		Handler:   httpserver.Dispatch{Do: MyHandler{}, Log: io.Discard},
		AccessLog: slog.New(httpserver.LogHandler(manualLog{})),
	}
	manualSend(s, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	// Output: pipe - - [time] "GET / HTTP/1.1" 200 48
}
