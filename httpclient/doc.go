// Package httpclient is a client for one HTTP/1 connection: what Python's http.client is, in Go's manner.
//
// A [Conn] is one origin. It dials when a request needs it, sends one request at a time, and reads one
// response at a time; the octets of both are the caller's to choose and to see. Nothing is followed,
// decoded, cached or retried.
//
//	c, err := httpclient.New("example.org")
//	if err != nil { … }
//	defer c.Close()
//	resp, err := c.Do(ctx, "GET", "/", nil, body.None())
//	if err != nil { … }
//	_, err = io.Copy(os.Stdout, resp)
//
// A [Response] is a small value that looks into memory of its Conn: it holds until the next request, and
// [Response.Clone] keeps its head. Its content must be read to the end, or closed, before the next
// request.
//
// A [Pool] keeps connections to many origins for further exchanges. It gives out Conns, or makes whole exchanges by
// [Pool.Do], which is the one place that sends a request again, where RFC 9110 section 9.2.2 allows it.
//
// # Terminology
//
//   - origin: scheme, host and port (RFC 9110 section 4.3.1).
//   - request-target: what stands between method and version; it goes out as it is given.
//   - automatic fields: Host, Accept-Encoding, Content-Length and Transfer-Encoding, which a Conn adds
//     where the caller has not.
//   - interim response: 1xx; final response: the other one (RFC 9110 section 15).
//   - persistence, reuse: RFC 9112 section 9.3.
//   - route: the way to the origin, direct or by proxies; see package proxy.
//   - idle: a connection in a pool without an exchange; quiet: nothing waits to be read from it.
//   - idempotent: a method that may be applied twice as well as once (RFC 9110 section 9.2.2).
//   - full duplex: request and response pass at the same time.
//   - phase: a step of an exchange that can have a time-out of its own.
package httpclient
