// Package proxy reaches origins through proxies: dialers that speak a proxy's protocol, so that whatever
// dials can go through one, and rules that say which origin is reached how.
//
// [Connect] opens a tunnel with the CONNECT method (RFC 9110 section 9.3.6), [SOCKS5] a connection by SOCKS 5 (RFC
// 1928). Both are a transport.Dialer and stand on one: TLS to the origin, or another proxy, is made above, and TLS to
// the proxy, or a proxy before it, below. [Server] is either, as a URL says, and chains like this:
//
//	first := proxy.Server{URL: a}
//	second := proxy.Server{URL: b, Dialer: first}
//	tls := transport.TLS{Dialer: second}
//
// Requests to http origins need no tunnel: a proxy can be sent them in absolute-form (RFC 9112 section 3.2.2). Whether
// they are is part of the [Route] to an origin, which a [Rule] chooses: a function, the method [Server.Route], or what
// the environment says ([FromEnvironment], [Settings.Rule]).
//
// Credentials go to the proxy that they are for, and nowhere else. They stand in no error of this package, and what a
// [Trace] is told has asterisks in their place; [Userinfo] and [URL] print as "***". A program that is given
// credentials in a field of its own making sees to that with [Redact].
//
// # Terminology
//
//   - proxy: a message-forwarding agent chosen by the client (RFC 9110 section 3.7).
//   - tunnel: a blind relay between two connections (RFC 9110 section 3.7).
//   - authority: host and port of the origin, the request-target of CONNECT.
//   - refusal: any final response to CONNECT but 2xx, and any reply of SOCKS but success.
//   - challenge, credentials, scheme, realm: RFC 9110 section 11.
//   - direct: without a proxy between.
//   - absolute-form: a request-target that is a URI (RFC 9112 section 3.2.2).
//   - local, remote resolution: whether this machine or the proxy finds the addresses of a name.
package proxy
