package parity

// difference says why something is not the same in some cases, and why that is accepted.
type difference struct {
	cases []string
	why   string
}

// differences are all of them. What it is that differs stands in differences.md, with these reasons.
var differences = []difference{
	{[]string{
		"response: HTTP/1.0 chunked",
	}, "Both take the response to its end. Strata reads the chunks, as RFC 9112 section 6.1 says of a Transfer-Encoding in HTTP/1.0 that it is faulty framing and that the connection is to be closed behind it; net/http hands them on as content."},
	{[]string{
		"response: reason missing", "response: space before the colon", "response: name that is no token", "response: bare LF",
	}, "Strict by default: RFC 9112 sections 2.2, 4 and 5.1. `Transport.Lenient` admits each by name. A field name with a space before its colon, which net/http hands on under an odd name, has been used to smuggle."},
	{[]string{
		"response: HTTP/2.0",
	}, "Only major version 1 has this syntax (RFC 9112 section 2.3)."},
	{[]string{
		"response: 101 that nobody asked for",
	}, "A server must not switch to a protocol that the request did not offer (RFC 9110 section 15.2.2)."},
	{[]string{
		"response: Content-Length of a field list",
	}, "RFC 9110 section 8.6 lets a recipient take a list of equal lengths for one, as both do with equal field lines."},
	{[]string{
		"arrival: a head of 20 KiB",
	}, "The limits of package wire are lower than the 1 MiB of net/http. MaxHeaderBytes raises them, and `httpserver.Server.Limits`."},
	{[]string{
		"response: cut in the status-line", "response: cut in the head", "response: cut behind the last chunk", "response: cut in the trailers",
		"response: nothing", "connection: reset in place of a response", "connection: reset in the content",
	}, "Strata's errors can be told apart by more: what is cut short is io.ErrUnexpectedEOF everywhere, a connection that ends without a word is io.EOF and ECONNRESET both, in whichever way it ended."},
	{[]string{
		"body: that fails at once", "server: ReadTimeout", "server: a read deadline of the handler",
	}, "The *net.OpError of net/http here is one of how it copies. What went wrong is the same."},
	{[]string{
		"time: ResponseHeaderTimeout", "time: ResponseHeaderTimeout with content to send", "tls: a handshake that takes too long",
	}, "Strata's error is os.ErrDeadlineExceeded too."},
	{[]string{
		"proxy: CONNECT without TLS behind it", "tls: the server speaks HTTP",
		"client: https asked of a server that speaks http", "tls: cut in the handshake",
	}, "The errors hold what net/http puts into a text, or say less or more of the end of a connection; url.Error and http.ErrSchemeMismatch are there where they are."},
	{[]string{
		"request: a query with a space", "request: a path without a slash",
	}, "net/http sends a request-line that is none (RFC 9112 section 3). Strata sends nothing, and names the rule."},
	{[]string{
		"request: an unknown coding", "request: identity",
	}, "net/http sends the content and nothing that frames it, so that the server takes it for the next request. Strata sends it in chunks."},
	{[]string{
		"connection: not kept when the request says so by its header",
	}, "Behind \"Connection: close\" a client must not send more (RFC 9112 section 9.6); net/http heeds Request.Close alone."},
	{[]string{
		"time: Expect is answered by 417",
	}, "Both end the request. net/http sends content that the server has refused, to keep the connection; Strata closes it (RFC 9110 section 10.1.1 allows both)."},
	{[]string{
		"client: the default User-Agent",
	}, "It is not Go-http-client."},
	{[]string{
		"arrival: HTTP/1.0", "arrival: HTTP/1.0 with Host", "arrival: HTTP/1.0 keep-alive", "arrival: Expect of HTTP/1.0",
	}, "A server tells its own version to a client of HTTP/1.0 too (RFC 9110 section 6.2), and then must say that the connection closes (RFC 9112 section 9.6)."},
	{[]string{
		"arrival: an empty line in front",
	}, "A server should ignore it (RFC 9112 section 2.2)."},
	{[]string{
		"arrival: GET *", "arrival: a fragment in the target", "arrival: the preface of HTTP/2", "arrival: UTF-8 in the target",
		"arrival: obs-fold", "arrival: bare LF",
	}, "Strict by default: RFC 9112 sections 2.2, 3.2 and 5.2. `httpserver.Server.Lenient` admits UTF-8 in the target, obs-fold and bare LF by name."},
	{[]string{
		"arrival: length and chunked", "arrival: chunked in HTTP/1.0",
	}, "It is how requests are smuggled (RFC 9112 sections 6.1 and 6.3). net/http takes one of the two for the truth."},
	{[]string{
		"arrival: an unknown coding", "arrival: chunked twice",
	}, "Both refuse. Where chunked is not the final coding, and applied once, the status is 400 (RFC 9112 sections 6.1 and 6.3)."},
	{[]string{
		"arrival: CONNECT",
	}, "A 2xx to CONNECT ends HTTP on the connection (RFC 9110 section 9.3.6), so the handler has to take it over; this one did not."},
	{[]string{
		"handler: 3 KiB, GET", "handler: 3 KiB, HEAD", "handler: 3 KiB, 1.0", "handler: 100 KiB, HEAD", "handler: 100 KiB in pieces, HEAD",
		"handler: 205, HEAD", "handler: trailers that were announced, 1.0",
	}, "Strata tells the length of more responses: up to 16 KiB, where net/http ends at 2 KiB, of all to HEAD, and of those whose trailers HTTP/1.0 has no place for."},
	{[]string{
		"handler: Content-Length that is no number, GET", "handler: Content-Length that is no number, HEAD",
		"handler: Content-Length that is no number, 1.0",
		"handler: Transfer-Encoding: chunked, GET", "handler: Transfer-Encoding: chunked, HEAD", "handler: Transfer-Encoding: chunked, 1.0",
		"handler: Transfer-Encoding: identity, GET", "handler: Transfer-Encoding: identity, HEAD", "handler: Transfer-Encoding: identity, 1.0",
	}, "The framing is the server's: what the handler says of it is dropped where it is no length, and the response framed by what is known."},
	{[]string{
		"handler: 103 and 200, 1.0",
	}, "There are no interim responses in HTTP/1.0 (RFC 9110 section 15.2)."},
	{[]string{
		"handler: trailers by prefix that nobody waits for, GET", "handler: trailers by prefix that nobody waits for, HEAD",
	}, "Strata has not sent the head when the handler returns, and sees that there are trailers. net/http loses them."},
	{[]string{
		"handler: a panic behind Flush, HEAD", "handler: a panic behind Flush, 1.0",
	}, "A response that is broken off ends by a reset, so that none is taken for whole that only the end of the connection delimits."},
	{[]string{
		"server: Hijack behind a write",
	}, "Both begin the response that the handler began. Strata sends what it has written too, with the type of it."},
	{[]string{
		"server: ReadHeaderTimeout",
	}, "408 is the status for it (RFC 9110 section 15.5.9)."},
}
