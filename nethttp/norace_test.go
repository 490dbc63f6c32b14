//go:build !race

package nethttp_test

// raceEnabled says that the race detector is on, which allocates.
const raceEnabled = false
