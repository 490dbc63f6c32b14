// Package closure tests how connections over TLS end: both façades say so by a closure alert, so that nobody takes
// content that was cut short for content that is whole (RFC 9112 section 9.8).
//
// # Terminology
//
//   - closure alert: close_notify (RFC 8446 section 6.1).
package closure
