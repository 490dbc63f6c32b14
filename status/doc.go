// Package status names the status codes of HTTP: what a recipient of a response
// reads in the three digits of its status-line.
//
// A [Code] is an int, so any number converts to it and an unregistered code
// works like any other: it has no phrase, no reference and no description, and
// its class is that of its first digit. The package knows every code that the
// IANA registry assigns for good; temporary assignments are left out.
//
// The package is pure data. Nothing here does I/O, and no lookup allocates but
// [Code.String] of a code that is not registered.
//
// # Terminology
//
// The terms are those of RFC 9110, section 15.
//
//   - Status code: the three-digit integer in a response that says what became of
//     the request.
//   - Class: the meaning that the first digit alone carries; a client that does
//     not recognize a code treats it as the x00 code of its class.
//   - Interim response: one with a code of class 1xx; more responses to the same
//     request follow.
//   - Final response: one with a code of any other class; it ends the exchange.
//   - Reason phrase: the text after the code in an HTTP/1.1 status-line. It is
//     advice for people; a recipient must not act on it.
//   - Registered: listed in the IANA HTTP Status Code Registry.
//   - Valid: within 100 to 599.
package status
