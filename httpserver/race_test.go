//go:build race

package httpserver_test

// raceEnabled tells that the race detector allocates where the code does not.
const raceEnabled = true
