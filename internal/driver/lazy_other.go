//go:build !unix

package driver

// canReadSocket is false where a socket cannot be read without a wait by itself: it is then read like any
// other connection.
const canReadSocket = false

func readSocket(uintptr, []byte) (n int, again bool, err error) { return 0, true, nil }
