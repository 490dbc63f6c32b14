//go:build !unix

package httpserver

// nonblock is nothing where no file can make its opening wait.
const nonblock = 0
