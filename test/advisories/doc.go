// Package advisories has no code: its tests try on Strata what was published as a weakness of other HTTP/1
// clients and servers. README.md tabulates them: identifier, mechanism, test, and where each is tried. A test
// holds the table to the tests.
//
// Each advisory is tried on up to four subjects: the client façade (package httpclient, on a transport in memory that
// records what is written), the client and the server of package conn, to which octets are shown at every split, and
// the server façade (package httpserver).
//
// # Terminology
//
//   - advisory: a published weakness, by its identifier: a CVE, an issue of a project, or, where nobody has
//     published the like, the number of its kind in the Common Weakness Enumeration (CWE).
//   - subject: what an advisory is tried on.
//   - injection: octets of a caller's that become syntax of the message they are put into.
//   - desynchronisation: two parties that disagree on which response belongs to which request.
package advisories
