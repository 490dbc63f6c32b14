package peers

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// bind gives the child a process group of its own, so that its children are
// reached with it, and has it end when this process dies without a clean-up.
func bind(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

func terminate(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }

func kill(cmd *exec.Cmd) { syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }

// listens reports whether a process has a socket that listens at addr, an IPv4 address and a port.
func listens(pid int, addr string) (bool, error) {
	inode, err := listener(addr)
	if err != nil || inode == "" {
		return false, err
	}
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	fds, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	for _, fd := range fds {
		// What is closed meanwhile is not the one.
		if link, err := os.Readlink(filepath.Join(dir, fd.Name())); err == nil && link == "socket:["+inode+"]" {
			return true, nil
		}
	}
	return false, nil
}

// listener returns the inode of the socket that listens at addr, or nothing.
func listener(addr string) (inode string, err error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil {
		return "", err
	}
	ip := at.Addr().As4()
	slices.Reverse(ip[:]) // as a machine of little-endian order has it
	local := strings.ToUpper(hex.EncodeToString(ip[:])) + fmt.Sprintf(":%04X", at.Port())
	table, err := os.Open("/proc/net/tcp")
	if err != nil {
		return "", err
	}
	defer table.Close()
	const localColumn, stateColumn, inodeColumn, listenState = 1, 3, 9, "0A"
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		columns := strings.Fields(lines.Text())
		if len(columns) > inodeColumn && columns[localColumn] == local && columns[stateColumn] == listenState {
			return columns[inodeColumn], nil
		}
	}
	return "", lines.Err()
}
