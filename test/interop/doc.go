// Package interop tests against servers that are not this project's own, which
// package peers runs: nginx, Apache and Python's http.server, over TCP and over
// TLS.
//
// The files client*_test.go drive them with package httpclient, and the files
// binary*_test.go with the command strata, which the first of these tests
// builds. A table of checks is run against every server, for each scheme that it
// serves; what needs a server of its own, or none, is a test of its own.
//
// The files proxies*_test.go and binary_proxies_test.go go through real proxies to
// them, Squid, tinyproxy, microsocks, HAProxy and stunnel, and own_proxy_test.go
// through the one in examples/proxy.
//
// The files peers*_test.go drive them with the standard library's client and
// with curl. They test no code of this project: they show that the peers do
// what the other tests take for granted.
//
// # Terminology
//
// The terms are those of package peers, and:
//
//   - way: a proxy, and how it is used.
//   - session: a client's connection to one peer, whose dials are counted.
//   - load: content to send, with its digest.
//   - reading: a way to read the content of a response.
package interop
