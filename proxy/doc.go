// Package proxy reaches origins through proxies: dialers that speak a proxy's protocol, so that whatever
// dials can go through one.
//
// [Connect] opens a tunnel with the CONNECT method (RFC 9110 section 9.3.6) and is a transport.Dialer
// itself: TLS to the origin, or another tunnel, is made above it.
//
// # Terminology
//
//   - proxy: a message-forwarding agent chosen by the client (RFC 9110 section 3.7).
//   - tunnel: a blind relay between two connections (RFC 9110 section 3.7).
//   - authority: host and port of the origin, the request-target of CONNECT.
//   - refusal: any final response to CONNECT but 2xx.
package proxy
