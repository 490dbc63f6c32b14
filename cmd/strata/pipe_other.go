//go:build !windows

package main

import (
	"errors"
	"syscall"
)

// isClosedPipe reports whether err says that nobody reads what was written.
func isClosedPipe(err error) bool { return errors.Is(err, syscall.EPIPE) }
