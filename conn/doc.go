// Package conn is the state machine of one HTTP/1 connection, for both roles, without I/O: octets in,
// events out; events in, octets out.
//
// A [Conn] is given what was read from the peer by [Conn.Next], in the manner of a bufio.SplitFunc, and
// tells what it means, an [Event] at a time. What is to be sent is appended to the caller's slice by
// [Conn.AppendRequest] or [Conn.AppendResponse], [Conn.AppendContent] and [Conn.AppendEnd]. Whether the
// octets travel over a socket, a pipe or a test table is nobody's business here: there is no network,
// no clock, no goroutine and no lock in this package, and in steady state no allocation.
//
// What is sent is checked before a single octet of it is appended; a call that fails leaves the slice
// and the state as they were. What is received is checked as strictly as RFC 9112 allows, but for the
// deviations that [Config] names. A receive error is final: the connection can only be closed, for a
// server after an error response.
//
// The machine itself is data: see table.go, [Transition] and [Joints], and docs/states.md, which is
// drawn from them.
//
// # Terminology
//
//   - party, role: one of the two ends of a connection, client or server (RFC 9110 section 3.3).
//   - exchange: one request and its responses: any number of interim ones and one final one (RFC 9110
//     section 15).
//   - in flight: a request whose final response is not complete yet.
//   - pipelining: sending a request while another is in flight (RFC 9112 section 9.3.2).
//   - persistence: whether the connection may carry another exchange (RFC 9112 section 9.3).
//   - switch: the end of HTTP on a connection, by 101 (RFC 9110 section 7.8) or by 2xx to CONNECT
//     (section 9.3.6). The octets that follow stay in the caller's data.
//   - view: a byte slice into memory that somebody else owns.
package conn
