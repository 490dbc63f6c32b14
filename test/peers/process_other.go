//go:build !linux

package peers

import (
	"net"
	"os/exec"
	"syscall"
)

func bind(*exec.Cmd) {}

// terminate fails where there are no signals; kill follows.
func terminate(cmd *exec.Cmd) { cmd.Process.Signal(syscall.SIGTERM) }

func kill(cmd *exec.Cmd) { cmd.Process.Kill() }

// listens reports whether anybody listens at addr: whose process that is cannot be told here.
func listens(_ int, addr string) (bool, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return false, nil
	}
	return true, c.Close()
}
