//go:build !windows

package cassette

import "syscall"

// portable makes one errno of those that mean the same.
func portable(e syscall.Errno) syscall.Errno {
	if e == syscall.ENETUNREACH {
		return syscall.EHOSTUNREACH
	}
	return e
}
