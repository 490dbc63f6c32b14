// Package demo shows one HTTP/1.1 exchange from both ends, call by call: the octets that each layer makes, what they
// become at the other end, and the states of both machines.
//
// Client and server are two conn.Conn values, each with its own view of both parties. The octets pass through a
// connection of transport/memory. One goroutine plays both parties in turn, so the account is the same every time.
//
// # Terminology
//
//   - A party is the client or the server, with all that it holds.
//   - A piece is a run of octets that one layer has made.
//   - A segment is what one Read hands over.
package demo
