// Strata is the command line of the HTTP/1.1 engine of the same name: it sends requests as they are typed, shows what
// passes on the wire, serves the files of a directory, and demonstrates the layers. "strata help" lists its commands,
// "strata help exit" its exit statuses.
//
// # Terminology
//
//   - URL, request-target: what is typed, and the part of it that is sent (RFC 9112 section 3.2).
//   - automatic field: one that is sent without having been asked for.
//   - content: what a message carries beyond its head (RFC 9110 section 6.4).
//   - peer: the server, or a proxy before it.
//   - exchange: one request and its responses.
package main
