// Package memory is a network that lives in memory: listeners, dialers and connections that behave as those of TCP
// do, with bounded buffers, deadlines, half-close and resets, but never touch the kernel.
//
// A [*Network] is a transport.Dialer, so it stands wherever TCP does; [Pipe] makes two connected ends without one.
// A Network has several hosts by name, or by IP address, and what lies between the ends may be far and narrow: see
// [Link]. A [*Listener] is a net.Listener, under which the servers of net/http and of httptest run as they are.
//
// Errors are those that package net would return: a *net.OpError around ECONNREFUSED, ECONNRESET, EPIPE,
// [os.ErrDeadlineExceeded], [net.ErrClosed], or a *net.DNSError.
//
// # In a testing/synctest bubble
//
// Everything here blocks durably in the sense of testing/synctest, and deadlines follow the bubble's clock, so that a
// time-out of an hour, and a link of an octet a second, take no time. Listeners, connections and the contexts of dials
// must then be made inside the bubble and used by its goroutines alone; the Network value itself may come from outside.
//
// # Terminology
//
//   - A direction is one of the two byte streams of a connection: a bounded buffer with one end that writes and
//     one that reads.
//   - The two ends of a connection are the connections that Dial and Accept, or Pipe, returned.
//   - The link of a direction is its latency and its bandwidth; octets that have left one end and not arrived at the
//     other are under way.
//   - Half-close ends one direction in order (FIN); the other goes on.
//   - A reset ends both at once, and what they held is lost (RST).
package memory
