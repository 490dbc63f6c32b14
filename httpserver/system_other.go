//go:build !unix

package httpserver

import "path/filepath"

// nonblock is nothing where no file can make its opening wait.
const nonblock = 0

// localize returns the name of a file as the system has it.
func localize(name string) (string, error) { return filepath.Localize(name) }
