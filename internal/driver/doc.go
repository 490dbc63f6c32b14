// Package driver is the one blocking loop between a conn.Conn and a net.Conn: it reads when the machine
// needs data, writes what the machine appended, keeps deadlines and contexts, and sends bodies.
//
// Clients, servers and proxies run on it. It knows no URL, no header field and no policy.
//
// # Terminology
//
//   - loop: what this package calls one connection with its buffers and its machine.
//   - watch: the registration that turns the end of a context into the end of an I/O operation.
//   - helper: the goroutine that sends a body which does not fit the first write. It lives for that send
//     only, so that a final response is seen while a write or a source blocks.
//   - ear: what hears a final response when the first write of a message is held up, on connections that
//     are no sockets.
//   - broken: said of a connection on which something was begun that was not sent whole. It is not used
//     again, and closed without a good-bye that could block.
//   - duplex: going on with the request body after the final response has begun.
package driver
