package httpserver_test

import (
	"fmt"
	"html/template"
	"io"
	"strings"
	"time"

	"github.com/strata-http/strata/httpserver"
)

// The attributes tell what the request says.
func ExampleBaseHTTPRequestHandler() {
	manualSend(&httpserver.Server{Handler: httpserver.Dispatch{Do: putFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		fmt.Println("client_address:", h.ClientAddress)
		fmt.Println("requestline:", h.RequestLine)
		fmt.Println("command:", h.Command)
		fmt.Println("path:", h.Path)
		fmt.Println("request_version:", h.RequestVersion)
		for name, value := range h.Headers.All() {
			fmt.Printf("headers: %s: %s\n", name, value)
		}
		fmt.Println("close_connection:", h.CloseConnection)
		content, err := io.ReadAll(h.Rfile)
		fmt.Printf("rfile: %q %v\n", content, err)
		fmt.Println("server:", h.Server.Name)
	})}, Name: "example"}, "PUT /a%20b?c HTTP/1.1\r\nHost: a\r\nx-Case: kept\r\nContent-Length: 5\r\n\r\nhello")
	// Output:
	// client_address: pipe:1
	// requestline: PUT /a%20b?c HTTP/1.1
	// command: PUT
	// path: /a%20b?c
	// request_version: HTTP/1.1
	// headers: Host: a
	// headers: x-Case: kept
	// headers: Content-Length: 5
	// close_connection: false
	// rfile: "hello" <nil>
	// server: example
}

func ExampleBaseHTTPRequestHandler_SendResponse() {
	manualGet(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		h.SendResponse(200, "Fine")
		h.SendHeader("X-Order", "1")
		h.SendHeader("x-case", "kept")
		h.EndHeaders()
		h.Wfile.Write([]byte("hello\n"))
	}), "GET /")
	// Output:
	// HTTP/1.1 200 Fine
	// Server: Strata
	// X-Order: 1
	// x-case: kept
	// Content-Length: 6
	//
	// hello
}

// An interim response, and a final one without Server.
func ExampleBaseHTTPRequestHandler_SendResponseOnly() {
	manualGet(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		h.SendResponseOnly(103)
		h.SendHeader("Link", "</style.css>; rel=preload; as=style")
		h.EndHeaders()

		h.SendResponseOnly(200)
		h.EndHeaders()
	}), "GET /")
	// Output:
	// HTTP/1.1 103 Early Hints
	// Link: </style.css>; rel=preload; as=style
	//
	// HTTP/1.1 200 OK
	// Content-Length: 0
}

// Nothing of a field that would break out of its line is sent.
func ExampleBaseHTTPRequestHandler_SendHeader() {
	manualGet(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		h.SendResponse(200)
		err := h.SendHeader("Location", "/\r\nSet-Cookie: stolen=1")
		h.EndHeaders()
		fmt.Println(err != nil)
	}), "GET /")
	// Output:
	// true
	// HTTP/1.1 500 Internal Server Error
	// Content-Type: text/plain; charset=utf-8
	// X-Content-Type-Options: nosniff
	// Content-Length: 60
	// Connection: close
	//
	// 500 Internal Server Error
	// the response broke a rule of HTTP
}

// "Connection: close" sets CloseConnection.
func ExampleBaseHTTPRequestHandler_SendHeader_close() {
	manualGet(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		h.SendResponse(204)
		h.SendHeader("Connection", "close")
		h.EndHeaders()
		fmt.Println(h.CloseConnection)
	}), "GET /")
	// Output:
	// true
	// HTTP/1.1 204 No Content
	// Server: Strata
	// Connection: close
}

// What is flushed before its length is known goes in chunks.
func ExampleBaseHTTPRequestHandler_FlushHeaders() {
	manualGet(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		h.SendResponseOnly(200)
		h.FlushHeaders()
		h.Wfile.WriteString("hello\n")
	}), "GET /")
	// Output:
	// HTTP/1.1 200 OK
	// Transfer-Encoding: chunked
	//
	// 6
	// hello
	//
	// 0
}

// An error page, in which nothing can be markup.
func ExampleBaseHTTPRequestHandler_SendError() {
	manualGet(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		h.SendError(404, "", "There is no <b>"+h.Path+"</b>")
	}), "GET /here")
	// Output:
	// HTTP/1.1 404 Not Found
	// Server: Strata
	// Content-Type: text/html;charset=utf-8
	// Content-Length: 337
	//
	// <!DOCTYPE HTML>
	// <html lang="en">
	//     <head>
	//         <meta charset="utf-8">
	//         <title>Error response</title>
	//     </head>
	//     <body>
	//         <h1>Error response</h1>
	//         <p>Error code: 404</p>
	//         <p>Message: Not Found.</p>
	//         <p>Error code explanation: 404 - There is no &lt;b&gt;/here&lt;/b&gt;.</p>
	//     </body>
	// </html>
}

// A method that nobody has is 501.
func ExampleDispatch() {
	manualGet(MyHandler{}, "SPAM /")
	// Output:
	// HTTP/1.1 501 Unsupported method ('SPAM')
	// Server: Strata
	// Content-Type: text/html;charset=utf-8
	// Content-Length: 414
	// Connection: close
	//
	// <!DOCTYPE HTML>
	// <html lang="en">
	//     <head>
	//         <meta charset="utf-8">
	//         <title>Error response</title>
	//     </head>
	//     <body>
	//         <h1>Error response</h1>
	//         <p>Error code: 501</p>
	//         <p>Message: Unsupported method (&#39;SPAM&#39;).</p>
	//         <p>Error code explanation: 501 - The server lacks what the request needs; in particular it does not recognize the method.</p>
	//     </body>
	// </html>
}

// Spam has what is do_SPAM in Python.
type Spam struct{}

func (Spam) DoOther(method string, h *httpserver.BaseHTTPRequestHandler) bool {
	if method != "SPAM" {
		return false // 501
	}
	h.SendResponse(200)
	h.EndHeaders()
	h.Wfile.WriteString("eggs\n")
	return true
}

func ExampleDispatch_other() {
	manualGet(Spam{}, "SPAM /")
	// Output:
	// HTTP/1.1 200 OK
	// Server: Strata
	// Content-Length: 5
	//
	// eggs
}

// Error pages of one's own: any template of html/template, which escapes, or a function.
func ExampleDispatch_errorMessageFormat() {
	manualAsk(&httpserver.Server{Handler: httpserver.Dispatch{
		Do:                 MyHandler{},
		Log:                io.Discard,
		ErrorMessageFormat: template.Must(template.New("").Parse("{{.Code}}: {{.Message}}\n")),
		ErrorContentType:   "text/plain",
	}}, "SPAM / HTTP/1.1\r\nHost: a\r\n\r\n")
	// Output:
	// HTTP/1.1 501 Unsupported method ('SPAM')
	// Server: Strata
	// Content-Type: text/plain
	// Content-Length: 41
	// Connection: close
	//
	// 501: Unsupported method (&#39;SPAM&#39;)
}

// Picky takes no content of more than 10 octets, and says so before it is sent.
type Picky struct{}

func (Picky) HandleExpect100(h *httpserver.BaseHTTPRequestHandler) bool {
	if h.Request.ContentLength() > 10 {
		h.SendResponse(417)
		return false
	}
	return h.HandleExpect100()
}

func (Picky) DoPUT(h *httpserver.BaseHTTPRequestHandler) {
	content, _ := io.ReadAll(h.Rfile)
	h.SendResponse(200)
	h.EndHeaders()
	fmt.Fprintf(h.Wfile, "got %s\n", content)
}

func ExampleBaseHTTPRequestHandler_HandleExpect100() {
	for _, content := range []string{"hello", "more than there may be"} {
		manualAsk(&httpserver.Server{Handler: httpserver.Dispatch{Do: Picky{}, Log: io.Discard}},
			fmt.Sprintf("PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n%s", len(content), content))
	}
	// Output:
	// HTTP/1.1 100 Continue
	//
	// HTTP/1.1 200 OK
	// Server: Strata
	// Content-Length: 10
	//
	// got hello
	// HTTP/1.1 417 Expectation Failed
	// Server: Strata
	// Content-Length: 0
	// Connection: close
}

// Extra adds a field to every response, as an end_headers of one's own does in Python.
type Extra struct{ MyHandler }

func (Extra) OnEndHeaders(h *httpserver.BaseHTTPRequestHandler) {
	h.SendHeader("Cache-Control", "no-store")
}

func ExampleDispatch_onEndHeaders() {
	manualGet(Extra{}, "GET /none")
	// Output:
	// HTTP/1.1 404 Not Found
	// Server: Strata
	// Cache-Control: no-store
	// Content-Length: 0
}

// What a client sends cannot act on the terminal that shows the log.
func ExampleBaseHTTPRequestHandler_LogMessage() {
	s := &httpserver.Server{Handler: httpserver.Dispatch{Log: manualLog{}, Do: getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		h.LogRequest(200, 17)
		h.LogError("code %d, message %s", 404, "File not found")
		h.LogMessage("User-Agent is %s", h.Headers.Get("User-Agent"))
		h.SendResponse(200)
	})}}
	manualSend(s, "GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: a\\\tb\xffc\r\n\r\n")
	// Output:
	// pipe - - [time] "GET / HTTP/1.1" 200 17
	// pipe - - [time] code 404, message File not found
	// pipe - - [time] User-Agent is a\\\x09b\xffc
	// pipe - - [time] "GET / HTTP/1.1" 200 -
}

// The Server field says what one wants it to say, and nothing of the system unless one says so.
func ExampleBaseHTTPRequestHandler_VersionString() {
	manualSend(&httpserver.Server{Handler: httpserver.Dispatch{
		ServerVersion: "Spam/1.0", SysVersion: "Eggs/2.0", Log: io.Discard,
		Do: getFunc(func(h *httpserver.BaseHTTPRequestHandler) { fmt.Println(h.VersionString()) }),
	}}, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	// Output: Spam/1.0 Eggs/2.0
}

func ExampleBaseHTTPRequestHandler_DateTimeString() {
	manualSend(&httpserver.Server{Handler: httpserver.Dispatch{Log: io.Discard, Do: getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		fmt.Println(h.DateTimeString(time.Unix(784111777, 0)))
		_, err := time.Parse("Mon, 02 Jan 2006 15:04:05 GMT", h.DateTimeString())
		fmt.Println(err)
		_, err = time.Parse("02/Jan/2006 15:04:05", h.LogDateTimeString())
		fmt.Println(err)
	})}}, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	// Output:
	// Sun, 06 Nov 1994 08:49:37 GMT
	// <nil>
	// <nil>
}

func ExampleBaseHTTPRequestHandler_AddressString() {
	manualSend(&httpserver.Server{Handler: httpserver.Dispatch{Log: io.Discard, Do: getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		fmt.Println(h.ClientAddress, h.AddressString())
	})}}, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	// Output: pipe:1 pipe
}

// Several slashes at the begin of a path are one, so that "Location: " + h.Path + "/" leads to no other host.
func ExampleBaseHTTPRequestHandler_path() {
	manualSend(&httpserver.Server{Handler: httpserver.Dispatch{Log: io.Discard, Do: getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		fmt.Println(h.Path, h.Request.Target())
	})}}, "GET //evil.example/%2e%2e HTTP/1.1\r\nHost: a\r\n\r\n")
	// Output: /evil.example/%2e%2e //evil.example/%2e%2e
}

// Content is read to its end and no further, in chunks too.
func ExampleBaseHTTPRequestHandler_rfile() {
	echo := putFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		content, err := h.Rfile.ReadAll(1 << 20)
		fmt.Println(strings.ToUpper(string(content)), err)
	})
	manualSend(&httpserver.Server{Handler: httpserver.Dispatch{Do: echo, Log: io.Discard}},
		"PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
	// Output: ABCDE <nil>
}
