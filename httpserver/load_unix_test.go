//go:build unix

package httpserver_test

import "syscall"

// mostDescriptors returns how many descriptors the process may have. The runtime has raised that as far as it can.
func mostDescriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 256
	}
	return int(min(uint64(limit.Cur), 1<<20))
}
