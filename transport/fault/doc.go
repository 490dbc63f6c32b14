// Package fault makes connections fail on purpose: at an octet, at a moment, in one direction, on the connection that
// is named, always in the same way. It knows no HTTP.
//
// [New] wraps a transport.Dialer, [Listen] a net.Listener, [Wrap] a single net.Conn; what they return works as what was
// wrapped until one of its faults strikes. A fault is written as a sentence, in Go or as text, which say the same and
// can be turned into each other:
//
//	fault.Conn(1).Received().At(100).Reset()     conn 1 received at 100: reset
//	fault.Sent().At(20).Stall()                  sent at 20: stall
//	fault.After(5 * time.Second).Close()         after 5s: close
//	fault.Conns(1, 3).Dial().Refuse()            conn 1-3 dial: refuse
//	fault.TLS().WrongHost()                      tls: wrong host
//
// Several faults are a [Script]. [Parse] reads one, for a flag or a file; [Random] makes one from a seed. [Everywhere]
// runs an exchange once for every octet of it, with a fault at that octet, and reports what came of each.
//
// # Where a fault strikes
//
// Offsets count octets of one direction of one connection, from 0, as they pass the adapter. A fault at offset 100 comes
// between the first hundred octets and the rest: the hundred arrive, unchanged, whatever the sizes of the reads and
// writes, and nothing behind them does (or, for a fault that delays or changes, not as it was).
//
// What ends a direction or the connection (reset, close, half-close, truncate, an alert) strikes as soon as the octet
// before its offset has passed, so that an idle connection is found dead by the next who looks. At offset 0 there is
// no such octet: it strikes in the place of the first octet that would arrive, or with the first Write, which is
// what a server does that hangs up without an answer. For a server that hangs up at once there is
// After(0).
//
// The offsets are those at the place of the adapter in the stack. Below TLS they count octets of records, above TLS
// those of the application:
//
//	transport.TLS{Dialer: fault.New(transport.TCP{}, …)}   // the network fails
//	fault.New(transport.TLS{}, …)                          // the server fails, in good TLS
//
// Time runs from the moment when the connection was opened, on the clock of package time: in a testing/synctest bubble
// a stall of an hour takes none. Connections must be made inside the bubble.
//
// # What a fault does to the other end
//
// A reset closes the wrapped connection by a reset, where it or one below it has a method Reset or SetLinger, as those
// of transport/memory and package net have. A close closes it; a half-close of the sent direction calls its CloseWrite,
// where it has that. A black hole, a stall and a half-close of the received direction leave it open, and
// unread: the peer's writes block when the buffers are full. Truncate takes what the peer sends and drops it.
//
// # TLS
//
// A handshake that fails is made below TLS. TLS().Alert sends the client an alert in the place of the server's first
// octet; Received().At(0).Replace("HTTP/1.1 400 ") is a server that does not speak TLS; Received().At(60).Xor(1) damages
// the handshake; and TLS().WrongHost, TLS().Expired and TLS().UnknownAuthority connect the client to an impostor with a
// certificate that must be refused, in the place of the server.
//
// # Terminology
//
//   - sent: the direction in which the owner of the connection writes; received: the one in which it reads. For a
//     dialer the owner is the client, for a listener the server.
//   - A place is where a fault strikes: connections, direction, offset or time. An action is what happens there. A fault
//     is a place and an action; a script is a list of faults.
//   - A fault strikes when its place is reached and its action begins.
//   - Connections are numbered from 1, in the order in which they were dialled or accepted. A dial that fails counts.
//   - FIN is the orderly end of one direction; a reset ends both at once and loses what is under way (RFC 9293 section
//     3.5.3 for TCP).
package fault
