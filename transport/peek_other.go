//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package transport

import (
	"errors"
	"net"
)

// peek has no way to look into a socket here, so Ready reads it briefly.
func peek(net.Conn) (ready bool, err error) { return false, errors.ErrUnsupported }
