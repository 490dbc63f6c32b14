//go:build !linux

package peers

import (
	"os/exec"
	"syscall"
)

func bind(*exec.Cmd) {}

// terminate fails where there are no signals; kill follows.
func terminate(cmd *exec.Cmd) { cmd.Process.Signal(syscall.SIGTERM) }

func kill(cmd *exec.Cmd) { cmd.Process.Kill() }
