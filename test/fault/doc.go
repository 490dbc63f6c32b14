// Package fault has no code: its tests run the client into a fault at every octet of an exchange, and hold the table of
// what came of it, docs/faults.md, to what they find.
//
// # Terminology
//
// Those of package transport/fault. The right class of an error is the one that a user of httpclient would look for:
// a response that did not come, one that was cut short, one that breaks a rule, a handshake that failed, time that ran
// out.
package fault
