// Command score puts the receive cases of the conformance pages before a driver, and prints how many of its answers are
// right.
//
//	go run ./test/conformance/score [flags] -- strata parse --jsonl
//	go run ./test/conformance/score -export > cases.jsonl
//
// A driver is any command that reads cases and writes results as docs/parse.md describes them. Each case counts once, as
// right or as missed; a miss is printed with what was expected and what came. The exit status is 0 when every case is
// right, 1 when some are missed, and 2 when the driver cannot be used. A driver that ends, or is silent, has missed that case
// and is started anew, up to ten times.
//
// Cases that need a configuration, a leniency or a limit, are left out unless -configured is given: then the driver is
// started once for each configuration, with --lenient, --preset and --limit behind its arguments, as strata parse takes
// them. -ignore leaves keys out of the comparison: other drivers have other names for rules, for instance.
//
// # Terminology
//
//   - driver: a command that speaks the protocol of docs/parse.md.
//   - side: the role that the engine behind a driver plays, "client" or "server".
//   - miss: a case of which one key or more is not as expected.
package main
