package httpserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"

	"github.com/strata-http/strata/httpserver"
)

// MyHandler is the handler of the first sample.
type MyHandler struct{}

func (MyHandler) DoGET(h *httpserver.BaseHTTPRequestHandler) {
	if h.Path == "/" {
		h.SendResponse(200)
		h.SendHeader("Content-Type", "text/html")
		h.EndHeaders()
		h.Wfile.WriteString("<html><body><h1>Hello, World!</h1></body></html>")
	} else {
		h.SendResponse(404)
		h.EndHeaders()
	}
}

// A simple HTTP server: a page, and 404 for everything else. A program of its own calls server.ServeForever and
// waits; this one asks itself.
func ExampleNewHTTPServer_hello() {
	server, err := httpserver.NewHTTPServer("localhost:0", httpserver.Dispatch{Do: MyHandler{}, Log: io.Discard})
	if err != nil {
		log.Fatal(err)
	}
	go server.ServeForever()
	defer server.ServerClose()
	for _, path := range []string{"/", "/other"} {
		r, err := http.Get("http://" + server.ServerAddress.String() + path)
		if err != nil {
			log.Fatal(err)
		}
		content, _ := io.ReadAll(r.Body)
		r.Body.Close()
		fmt.Println(r.Status, r.Header.Get("Content-Type"), string(content))
	}
	http.DefaultClient.CloseIdleConnections()
	// Output:
	// 200 OK text/html <html><body><h1>Hello, World!</h1></body></html>
	// 404 Not Found
}

// Serving the files of a directory.
func ExampleNewHTTPServer_files() {
	dir, remove := manualFiles(map[string]string{"index.html": "<h1>Welcome</h1>"})
	defer remove()

	files, err := httpserver.NewSimpleHTTPRequestHandler(dir)
	if err != nil {
		log.Fatal(err)
	}
	defer files.Root.Close()
	server, err := httpserver.NewHTTPServer("127.0.0.1:0", httpserver.Dispatch{Do: files, Log: io.Discard})
	if err != nil {
		log.Fatal(err)
	}
	go server.ServeForever()
	defer server.ServerClose()

	r, err := http.Get("http://" + server.ServerAddress.String() + "/")
	if err != nil {
		log.Fatal(err)
	}
	content, _ := io.ReadAll(r.Body)
	r.Body.Close()
	http.DefaultClient.CloseIdleConnections()
	fmt.Println(r.Status, string(content))
	// Output: 200 OK <h1>Welcome</h1>
}

// APIHandler is the handler of the third sample.
type APIHandler struct{}

func (APIHandler) DoGET(h *httpserver.BaseHTTPRequestHandler) {
	if h.Path != "/api/users" {
		h.SendResponse(404)
		h.EndHeaders()
		return
	}
	h.SendResponse(200)
	h.SendHeader("Content-Type", "application/json")
	h.EndHeaders()
	type user struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
	}
	users, _ := json.Marshal([]user{{1, "Alice"}, {2, "Bob"}})
	h.Wfile.Write(users)
}

// An API endpoint with a response in JSON.
func ExampleDispatch_json() {
	manualGet(APIHandler{}, "GET /api/users")
	// Output:
	// HTTP/1.1 200 OK
	// Server: Strata
	// Content-Type: application/json
	// Content-Length: 47
	//
	// [{"id":1,"name":"Alice"},{"id":2,"name":"Bob"}]
}

// Skeleton has a method for each method that it serves.
type Skeleton struct{}

func (Skeleton) DoGET(h *httpserver.BaseHTTPRequestHandler)    { h.SendResponse(200) }
func (Skeleton) DoPOST(h *httpserver.BaseHTTPRequestHandler)   { h.SendResponse(201) }
func (Skeleton) DoPUT(h *httpserver.BaseHTTPRequestHandler)    { h.SendResponse(204) }
func (Skeleton) DoDELETE(h *httpserver.BaseHTTPRequestHandler) { h.SendResponse(204) }
func (Skeleton) DoHEAD(h *httpserver.BaseHTTPRequestHandler)   { h.SendResponse(200) }

func (Skeleton) LogMessage(_ *httpserver.BaseHTTPRequestHandler, message string) {
	fmt.Println("log:", message)
}

// The skeleton of a handler: what can be overridden.
func ExampleDispatch_skeleton() {
	for _, method := range []string{"GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"} {
		s := &httpserver.Server{Handler: httpserver.Dispatch{Do: Skeleton{}}}
		manualSend(s, method+" / HTTP/1.1\r\nHost: a\r\n\r\n")
	}
	fmt.Println(httpserver.Dispatch{Do: Skeleton{}}.Methods())
	// Output:
	// log: "GET / HTTP/1.1" 200 -
	// log: "POST / HTTP/1.1" 201 -
	// log: "PUT / HTTP/1.1" 204 -
	// log: "DELETE / HTTP/1.1" 204 -
	// log: "HEAD / HTTP/1.1" 200 -
	// log: code 501, message Unsupported method ('PATCH')
	// log: "PATCH / HTTP/1.1" 501 -
	// GET, HEAD, POST, PUT, DELETE
}
