// Package testcert makes certificates for tests: an authority and a server certificate under it, new each time, so
// that no key is ever kept in a file.
//
// # Terminology
//
// The authority is a self-signed certificate that may sign others; the leaf is the server's certificate, which the
// authority signed. Roots are what a client trusts.
package testcert
