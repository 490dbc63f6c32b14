// Package stdlib puts cases before net/http: its Server and its Transport, each on a connection in memory, so that what
// is told is what a handler and a client's user see and not what one function of the parser says.
//
// # Terminology
//
//   - case, result, driver: see package lines.
//   - session: one connection of the server, and what its handler saw.
package stdlib
