// Package parse puts octets before a [conn.Conn] and tells what became of them: the machine interface by which engines
// are checked and compared, by the command and by the conformance suite. docs/parse.md describes it.
//
// A case is what one peer sent on one connection. The engine is package conn as anybody can use it: nothing here reads
// a message.
//
// # Terminology
//
//   - case: the octets that a peer sent, whether it then closed, and what was asked of it.
//   - side: the role that the engine plays. On the client side the octets are a server's.
//   - verdict: whether the first final message was delivered whole.
//   - interim and final response: RFC 9110 section 15. A request counts as a final message.
//   - outstanding request: one that was sent and has no complete final response (RFC 9112 section 9.2).
//   - excess: octets behind the response to the last outstanding request.
//   - leftover: octets behind a switch to another protocol, by 101 or by CONNECT.
package parse
