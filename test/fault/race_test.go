//go:build race

package fault_test

// step leaves octets out under the race detector, which takes ten times as long.
const step = 7
