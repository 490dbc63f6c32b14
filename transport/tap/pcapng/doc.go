// Package pcapng writes what a tap sees as a capture in the format pcapng, which Wireshark and tshark read: each
// connection as TCP, from its three-way handshake to FIN or RST.
//
//	file, err := os.Create("exchange.pcapng")
//	…
//	capture, err := pcapng.New(file)
//	…
//	dialer := tap.New(transport.TCP{}, capture)
//	…
//	err = capture.Close()
//
// The octets, their order and their times are those of the connection; the packets are made up, since a program does
// not see those of its kernel. Over transport.TLS a capture has the plain text; see [ServerPort] for how Wireshark
// takes it for what it is.
//
// The files are written by github.com/gopacket/gopacket, and packages of this module other than this one do not
// depend on it.
//
// # Terminology
//
//   - A flow is a connection as the capture shows it, with the addresses and ports of two ends.
//   - A segment is a TCP segment: a Write or Read of more than [SegmentSize] octets is several.
//   - A made-up address is one of the networks that RFC 5737 keeps for documentation, in the place of one that is not
//     of IP: of a Unix socket, or of a network in memory.
package pcapng
