//go:build unix

package httpserver

import "syscall"

// nonblock keeps the opening of a FIFO, which took a file's place since it was looked at, from waiting for a
// writer.
const nonblock = syscall.O_NONBLOCK

// localize returns the name of a file as the system has it. A name here is octets without a slash or NUL, which
// its segments were asked for already; [path/filepath.Localize] would refuse what is no UTF-8.
func localize(name string) (string, error) { return name, nil }
