// Package httpserver serves HTTP/1 over any net.Listener: TCP, TLS, Unix sockets, a network in memory.
//
// A [Handler] sees what the wire said, octet for octet where it wants to, and says what goes on the wire; the
// response is framed by what is known of it:
//
//	httpserver.ListenAndServe("127.0.0.1:8080", httpserver.HandlerFunc(
//		func(w httpserver.ResponseWriter, r httpserver.Request) {
//			w.Fields().Add("Content-Type", "text/plain")
//			w.WriteString("hello from " + r.Target() + "\n")
//		}))
//
// A [Server] has limits and time-outs by phase from the start: its zero value can stand on a hostile network.
// What cannot be read as a request is answered by the status that RFC 9110 and RFC 9112 name for the rule it
// breaks, with a short text that names the rule, and the connection is closed.
//
// Whoever knows Python's http.server finds it on top of that: [Dispatch] calls DoGET and its like with a
// [BaseHTTPRequestHandler], [SimpleHTTPRequestHandler] serves the files of a directory, and [NewHTTPServer] binds an
// address for them. docs/http-server.md maps every name.
//
//	type hello struct{}
//
//	func (hello) DoGET(h *httpserver.BaseHTTPRequestHandler) {
//		h.SendResponse(200)
//		h.SendHeader("Content-Type", "text/plain")
//		h.EndHeaders()
//		h.Wfile.WriteString("hello from " + h.Path + "\n")
//	}
//
// An idle connection is a goroutine that waits and a small struct: its buffers are in a pool. That holds as well,
// on a socket, while a client lets the server wait within a request. An exchange on a connection that is kept
// allocates nothing.
//
// # Terminology
//
//   - exchange: one request and its responses: any number of interim ones and one final one (RFC 9110
//     section 15).
//   - head: the start-line and the header section of a message.
//   - commit: to send the head of the final response. Until then it can be changed.
//   - drain: to read content that the handler has left, so that the next request can be found behind it.
//   - linger: to go on reading, for a moment, behind a last response: a close at once might turn into a reset
//     that overtakes it (RFC 9112 section 9.6).
//   - take over, hijack: to use the connection for another protocol, behind 101 or 2xx to CONNECT, or as the
//     handler likes.
//   - dispatch: to call the method of a type that stands for the method of a request.
//   - listing: a page that names the files of a directory.
//   - gone: said of a client whose end of the connection has arrived while a handler works for it.
package httpserver
