//go:build !race

package fault_test

// step is from one octet that is tried to the next.
const step = 1
