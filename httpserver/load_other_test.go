//go:build !unix

package httpserver_test

// mostDescriptors returns how many connections the process may have: where nobody tells, few.
func mostDescriptors() int { return 2_000 }
