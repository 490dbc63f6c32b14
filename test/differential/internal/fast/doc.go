// Package fast puts cases before fasthttp: its Server and its HostClient, each on a connection in memory.
//
// # Terminology
//
//   - case, result, driver: see package lines.
package fast
