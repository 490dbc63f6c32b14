//go:build !unix

package httpserver_test

import "errors"

func mkfifo(string) error { return errors.ErrUnsupported }
