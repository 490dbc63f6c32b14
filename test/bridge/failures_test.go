package bridge

import "strings"

// failure is a test of a suite that fails with Strata and not without, and why that is right.
type failure struct {
	name, mode, test string
	why              string
}

func (f failure) key() string { return strings.Join([]string{f.name, f.mode, f.test}, " ") }

// failures are all of them. TestSuites fails on one that is not here, and on one that is here and does not fail.
var failures = []failure{}
