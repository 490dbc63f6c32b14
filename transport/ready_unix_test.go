//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package transport_test

import (
	"errors"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/strata-http/strata/transport"
)

func TestReadyAllocatesNothing(t *testing.T) {
	for _, m := range plain[:3] {
		t.Run(m.name, func(t *testing.T) {
			c, _ := m.make(t)
			if n := testing.AllocsPerRun(100, func() { transport.Ready(c) }); n != 0 {
				t.Errorf("Ready allocates %v times", n)
			}
		})
	}
}

// notSocket has a SyscallConn as a connection over a serial line would, but no socket behind it.
type notSocket struct {
	net.Conn
	f *os.File
}

func (n notSocket) SyscallConn() (syscall.RawConn, error) { return n.f.SyscallConn() }

func TestReadyNotSocket(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	inner, peer := memoryPair(t)
	c := notSocket{inner, r}
	if _, err := transport.Peek(c); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Peek = %v, want errors.ErrUnsupported", err)
	}
	if ready, err := transport.Ready(c); ready || err != nil {
		t.Errorf("Ready = %v, %v", ready, err)
	}
	send(t, peer, "x")
	if ready, err := transport.Ready(c); !ready || err != nil {
		t.Errorf("Ready with an octet = %v, %v", ready, err)
	}
}
