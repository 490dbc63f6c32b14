// Package generate makes cases: messages by the grammar, and what mutation makes of those and of given seeds. A case
// depends on the seed of the run and on its own number alone, so that any case of any run can be had again.
//
// # Terminology
//
//   - case, side: see package lines.
//   - seed: octets to begin with; and the number that a run's cases depend on.
//   - mutation: one change of the octets, made without regard to the grammar or just against it.
package generate
