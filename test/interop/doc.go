// Package interop tests against servers that are not this project's own, which
// package peers runs: nginx, Apache and Python's http.server, over TCP and over
// TLS.
//
// The files peers*_test.go drive them with the standard library's client and
// with curl. They test no code of this project: they show that the peers do
// what the other tests take for granted.
//
// # Terminology
//
// The terms are those of package peers.
package interop
