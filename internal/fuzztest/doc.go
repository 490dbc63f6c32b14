// Package fuzztest is what the fuzz targets of all layers share: seeds out of the conformance suite, ways to cut octets,
// and a bound on what a call may allocate. Only tests import it.
//
// # Terminology
//
//   - seed: an input that fuzzing begins with; an ordinary test runs all of them.
//   - segmentation: how octets are cut into what single reads yield.
package fuzztest
