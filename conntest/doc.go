// Package conntest helps to test code that uses package conn: it couples a client and a server
// [conn.Conn] in memory, without I/O.
//
// # Terminology
//
//   - pair: a client and a server, each with the octets that the other has sent and it has not consumed.
//   - segment: how many octets a party is shown at a time, as a network would cut them.
package conntest
