//go:build race

package conn_test

// raceEnabled tells that the race detector allocates where the code does not.
const raceEnabled = true
