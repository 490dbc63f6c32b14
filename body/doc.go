// Package body frames message content: which of the rules of RFC 9112 section 6.3 says how long it is
// ([RequestFraming], [ResponseFraming]), how the octets on the wire are taken apart ([Decoder]) and put
// together ([Encoder]), and what a sender can be given to send ([Source]).
//
// It reads and writes nothing itself: a Decoder works on octets that the caller has, an Encoder appends
// to the caller's slice, and a Source is a description that somebody else reads.
//
// # Terminology
//
//   - content: the octets of a message behind its head, transfer codings taken off (RFC 9110 section
//     6.4); the message body is the same with its codings (RFC 9112 section 6).
//   - framing: how a recipient knows where the message body ends (RFC 9112 section 6.3):
//     length-delimited by Content-Length, chunked, close-delimited, or no body at all.
//   - chunk, last-chunk, trailer section, chunk extension: RFC 9112 section 7.1.
//   - source: a description of content to send: nothing, bytes, a string, a file, a reader, an iterable.
package body
