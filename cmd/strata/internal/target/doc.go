// Package target takes a URL apart by hand, as it was typed: nothing is decoded, normalized or escaped, and of all that
// stands in it only a fragment is left out of the request-target.
//
// # Terminology
//
//   - scheme, authority, path, query, fragment: the parts of a URL (RFC 3986 section 3).
//   - origin-form: a request-target that is a path and a query (RFC 9112 section 3.2.1).
//   - zone: what tells interfaces apart in a link-local IPv6 address (RFC 6874); it is not for the peer.
package target
