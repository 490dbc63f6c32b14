// Package conformance holds what HTTP/1.1 requires of a client and of a server, as cases that can be read: one page a
// section of RFC 9112 or RFC 9110, each case a rule in words, the octets, and what must come out. [Load] reads them.
//
// README.md describes the format of the pages. The tests of this package replay every case through package conn, in
// both roles and both directions; the command score puts them before any engine that has a driver as docs/parse.md
// describes it.
//
// The package itself imports the standard library alone, so that the tests and fuzz targets of every package can take
// their seeds from it; they do so in their external test packages:
//
//	func FuzzServer(f *testing.F) {
//		cases, err := conformance.All()
//		if err != nil {
//			f.Fatal(err)
//		}
//		for _, c := range cases {
//			if c.Direction == conformance.Receive && c.Role == "server" {
//				f.Add(c.Octets)
//			}
//		}
//		...
//	}
//
// # Terminology
//
//   - page: a file of cases, about one section of an RFC.
//   - case: a rule, octets, and what must come out of them.
//   - direction: a receive case has the octets that a peer sent; a send case has the steps by which a message is sent.
//   - role: the party that the engine plays, "client" or "server". In a receive case the octets are its peer's.
//   - expectation: one line of an outcome, a key and a value.
//   - configured: told to admit a deviation or to keep a limit other than the default.
package conformance
