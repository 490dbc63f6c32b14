//go:build race

package httpclient_test

// raceEnabled says that the race detector is on, which allocates and is slow.
const raceEnabled = true
