// Package headers holds field sections: the ordered, case-keeping list of field lines in the head of a
// message or behind its last chunk, and the grammar of the fields that steer a connection.
//
// [Fields] keeps order, case and duplicates, in one buffer and a slice of spans. [Parser] fills it from
// octets that may arrive in any pieces. [Control] is what a section says about framing and about the
// connection, read in one pass. The rest reads the grammar that many fields share: lists, parameters,
// quoted strings.
//
// # Terminology
//
//   - field section: a sequence of field lines, ended by an empty line; the header section stands in
//     the head, the trailer section behind the content (RFC 9110 section 5 and 6).
//   - field line, field name, field value: RFC 9110 section 5.
//   - combined value: the values of all field lines of one name, joined by ", " (RFC 9110 section 5.2).
//   - list element, parameter: RFC 9110 sections 5.6.1 and 5.6.6.
//   - connection option: an element of Connection (RFC 9110 section 7.6.1).
//   - control field: what this package calls the fields that steer framing and the connection:
//     Content-Length, Transfer-Encoding, Connection, Host, Expect, Upgrade, Trailer.
//   - view: a byte slice into memory that somebody else owns; it holds while that memory is left alone.
package headers
