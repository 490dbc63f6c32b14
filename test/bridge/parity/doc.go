// Package parity is nothing but a test: the same cases over net/http and over Strata, and what of them is seen.
//
// # Terminology
//
//   - engine: what performs a case, net/http or Strata.
//   - peer: what is at the other end of the engine's transport, and says what the case tells it to.
//   - to note: to write down what the caller, the handler or the peer sees, to be compared.
package parity
