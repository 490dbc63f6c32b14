// Package bridge is nothing but tests: code that nobody here wrote, run over nethttp.
//
// # Terminology
//
//   - suite: the tests of a module that others wrote, at the version that go.mod pins.
//   - mode: what of net/http is replaced while a suite runs: the transport, the server, or both.
package bridge
