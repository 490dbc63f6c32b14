// Package cassette records connections octet by octet into a file that a person can read, diff and edit, and plays
// them back without a network. It knows no HTTP: what is compared and replayed are octets.
//
//	tape, err := cassette.Auto(transport.TCP{}, "testdata/login.cassette")
//	if err != nil { … }
//	defer tape.Close()
//	client := http.Client{Transport: &http.Transport{DialContext: tape.DialContext}}
//
// The first run records, each later one replays. [Record] and [Replay] do either alone. To have https as plain text on
// the cassette, record above TLS: give Record a [transport.TLS] and the cassette to http.Transport.DialTLSContext.
//
// Replay is strict. What is written must be what was recorded, octet for octet, and a difference is a
// [*MismatchError] that shows it, from the Write and from every call on that connection after it. What was recorded as
// read is delivered once everything was written that had been written before it. Connections are told apart by the
// order in which they are dialled, or see [AnyOrder] and [Match].
//
// The format is described byte for byte in docs/cassette.md; [Parse] and [Append] read and write it.
//
// # Terminology
//
//   - A cassette is the file, and the dialer that records or replays it.
//   - A segment is what one Read returned or one Write took.
//   - A turn is what this side writes before it reads again: the outbound segments between two inbound events.
//   - Out and in are the directions in which this side, the one that dials, writes and reads; see package tap.
//   - A redacted octet is one that a [Filter] has changed while recording. When it is outbound, it matches any octet
//     when it is replayed.
package cassette
