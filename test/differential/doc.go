// The command differential puts the same octets before Strata and before other engines of HTTP/1, and tells where they
// disagree:
//
//	go run . --count 100000             # generate so many cases, print the groups
//	go run . --time 1h --known          # go on for an hour; a group that nobody has explained is an error
//	go run . --count 2000 --from 6000000 --seed 7
//	go run . --engine mine='./mine --jsonl'
//
// Half of the cases are messages by the grammar, half are seeds: those of test/conformance and of testdata. Most are
// then mutated. A case depends on --seed and its number alone. Engines that are not installed are left out, with a line
// that says so.
//
// Each difference belongs to a group: the side, the rule by which Strata refuses, what differs, and the engine. Groups
// that are known are explained in docs/differences.md, which is written from the table in this command; the others are
// printed with an example that was made as small as it goes.
//
// Every engine is behind a driver that speaks the lines of docs/parse.md over its standard input and output. Those of
// Strata, net/http and fasthttp are in this program; those in other languages are in drivers. Strata is there three
// times: as it is, with one octet a read (strata/1), and as httpclient; the last two may differ from it in nothing.
//
// # Terminology
//
//   - case, engine, driver, group, key: see the packages in internal.
//   - known group: one that a row of the table in known.go explains.
package main
