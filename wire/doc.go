// Package wire holds the octets of HTTP/1: the grammar of tokens, request-line, status-line, field
// lines and chunk framing, the catalogue of rules, limits and leniency.
//
// It is pure functions over byte slices. Those that read are called Consume: they look at the element
// at the front of what they are given and say where its parts stand, without copying and without
// writing. Those that write are called Append: they check first, so that an element that breaks a rule
// leaves the destination as it was.
//
// An element that has not arrived whole is no error. A Consume function then returns ok = false and an
// offset from which the next call, with more octets, goes on; so no octet is scanned twice without
// need and the outcome depends on the octets alone, not on how they were segmented. An element that
// can no longer become valid is refused at its first offending octet, without waiting for the rest.
//
// # Terminology
//
//   - octet: a byte, as the RFCs say.
//   - token, tchar, OWS, BWS, quoted-string, obs-text: RFC 9110 section 5.6.
//   - start-line: request-line or status-line, RFC 9112 section 2.1.
//   - request-target and its four forms: RFC 9112 section 3.2.
//   - field line, field name, field value: RFC 9110 section 5 and RFC 9112 section 5.
//   - obs-fold: a field line continued on the next line, RFC 9112 section 5.2.
//   - chunk head: what this package calls chunk-size, chunk extensions and their line end, RFC 9112
//     section 7.1; the last-chunk is a chunk head whose size is 0.
//   - rule: one requirement of the protocol, or a limit; see [Rule].
//   - leniency: a deviation that a recipient was told to admit; see [Lenient].
package wire
