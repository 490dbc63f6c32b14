// Proxy is a forward proxy for HTTP/1.x, on package conn: the server role towards the client, the client role
// towards the origin, and two goroutines that move what passes between them, so that both directions stream at once.
//
//	$ go run ./examples/proxy --listen 127.0.0.1:8080
//	$ strata get --proxy http://127.0.0.1:8080 http://example.org/
//	$ strata get --proxy http://127.0.0.1:8080 https://example.org/
//
// It forwards requests in absolute-form to origins of the scheme http, and makes tunnels for CONNECT. Of a message that
// it forwards it takes off the fields that are for one connection alone, and those that Connection names (RFC 9110
// section 7.6.1), frames it anew, names itself in Via (section 7.6.3), and leaves all other field lines as they are, in
// their order and case. Interim responses and trailer sections pass too.
//
// A request that two recipients could read in two ways never gets further: package conn refuses it, the proxy answers
// with 400 and closes. A response of that kind is answered with 502. A message that is cut short on one side is cut short
// on the other.
//
// Whoever can connect to it can use it, so it listens on loopback unless --listen says otherwise. It makes a connection to
// the origin for each request, and ends one on which nothing moves for as long as --timeout says.
//
// # Terminology
//
//   - client, origin: the two that the proxy stands between; down and up are the connections to them.
//   - hop-by-hop field: a field that is for one connection, not for the message.
//   - loop: a request that comes back to a proxy that has forwarded it.
package main
