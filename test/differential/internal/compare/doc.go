// Package compare tells in what two engines differ on a case, gathers equal differences in groups, and finds the
// smallest example of each. The one side of each comparison is always Strata.
//
// # Terminology
//
//   - case, result, engine: see package lines.
//   - key: what of two results differs: "verdict" where one takes the message and the other does not; "wait" where
//     Strata waits for more and the other has refused already; else a part of a message that both take.
//   - rule: that by which Strata refuses the message (docs/rules.md); "accept" or "hang" where it does not.
//   - group: differences with the same side, rule, key, engine and detail.
package compare
