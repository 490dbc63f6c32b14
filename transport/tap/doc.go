// Package tap shows every octet of a connection to somebody else, with direction, time and connection, and changes
// none. It knows no HTTP.
//
// A [Tap] wraps a dialer and is one; what passes on its connections it tells a [Sink]: a function, a [Dump] that
// writes hexadecimal and text for people, or the writer of package pcapng beside this one, whose captures Wireshark
// reads.
//
//	dialer := tap.New(transport.TCP{}, tap.NewDump(os.Stderr))
//
// Where a Tap stands decides what it sees: over [transport.TLS] the plain octets, below it the records.
//
// # Terminology
//
//   - An event is something that happened on a connection: it was dialled, octets passed, a direction ended.
//   - This side is the program that the Tap runs in. Out is the direction in which this side writes, in the one in
//     which it reads, whether it dialled the connection or accepted it.
//   - The end of a direction is what FIN says in TCP, and close_notify in TLS.
//   - A base is the connection below that of a Tap.
package tap
