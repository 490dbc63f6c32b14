//go:build race

package body_test

// raceEnabled says that the race detector is on, whose bookkeeping allocates.
const raceEnabled = true
