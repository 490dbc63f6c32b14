//go:build unix

package httpserver

import "syscall"

// nonblock keeps the opening of a FIFO, which took a file's place since it was looked at, from waiting for a
// writer.
const nonblock = syscall.O_NONBLOCK
