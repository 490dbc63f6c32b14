package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// exampleServe runs "strata serve" for a directory with one file on a free port, while ask makes use of it.
func exampleServe(ask func(url string), args ...string) {
	dir, err := os.MkdirTemp("", "strata")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("hello\n"), 0o666); err != nil {
		panic(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan int)
	go func() {
		done <- run(ctx, append([]string{"serve", "--port", "0", "--log", "none"}, append(args, dir)...), strings.NewReader(""), w, io.Discard)
	}()
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		panic(err)
	}
	fmt.Print(regexp.MustCompile(`^Serving .* on (.*):\d+/`).ReplaceAllString(line, "Serving DIR on $1:PORT/"))
	ask(strings.TrimRight(line[strings.LastIndex(line, " ")+1:], "\n"))
	stop()
	fmt.Println("exit status", <-done)
}

// exampleFetch sends a request and prints the response's version, status, some fields and content.
func exampleFetch(method, url, content string, names ...string) {
	req, err := http.NewRequest(method, url, strings.NewReader(content))
	if err != nil {
		panic(err)
	}
	transport := &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	r, err := transport.RoundTrip(req)
	if err != nil {
		panic(err)
	}
	defer r.Body.Close()
	got, _ := io.ReadAll(r.Body)
	fmt.Println(r.Proto, r.Status)
	for _, name := range names {
		fmt.Println(name+":", r.Header.Get(name))
	}
	fmt.Print(string(got))
}

func Example_serve() {
	exampleServe(func(url string) { exampleFetch("GET", url+"a.txt", "") }, "--bind", "127.0.0.1")
	// Output:
	// Serving DIR on http://127.0.0.1:PORT/
	// HTTP/1.1 200 OK
	// hello
	// exit status 0
}

// A port that is taken.
func Example_serveTaken() {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	var stderr strings.Builder
	fmt.Println(run(context.Background(), []string{"serve", "--port", port}, strings.NewReader(""), io.Discard, &stderr))
	fmt.Print(strings.Replace(stderr.String(), port, "PORT", 1))
	// Output:
	// 3
	// strata: 127.0.0.1:PORT is taken: something else listens there; --port chooses another, and --port 0 a free one
}

func Example_serveTLS() {
	exampleServe(func(url string) { exampleFetch("GET", url+"a.txt", "") }, "--tls")
	// Output:
	// Serving DIR on https://127.0.0.1:PORT/
	// HTTP/1.1 200 OK
	// hello
	// exit status 0
}

func Example_serveHTTP10() {
	exampleServe(func(url string) { exampleFetch("GET", url+"a.txt", "") }, "--http1.0")
	// Output:
	// Serving DIR on http://127.0.0.1:PORT/
	// HTTP/1.0 200 OK
	// hello
	// exit status 0
}

func Example_serveUpload() {
	exampleServe(func(url string) {
		exampleFetch("PUT", url+"b.txt", "stored\n", "Location")
		exampleFetch("GET", url+"b.txt", "")
	}, "--upload")
	// Output:
	// Serving DIR on http://127.0.0.1:PORT/
	// HTTP/1.1 201 Created
	// Location: /b.txt
	// HTTP/1.1 200 OK
	// stored
	// exit status 0
}

func Example_serveHeader() {
	exampleServe(func(url string) { exampleFetch("GET", url+"a.txt", "", "X-One", "Content-Type") },
		"-H", "X-One: 1", "-H", "Content-Type: text/html")
	// Output:
	// Serving DIR on http://127.0.0.1:PORT/
	// HTTP/1.1 200 OK
	// X-One: 1
	// Content-Type: text/html
	// hello
	// exit status 0
}
