package memory_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// outcome is what one end sees: what it can still read and how that ends, what a write says, and what Ready says.
type outcome struct {
	Ready   bool
	ReadyIs error
	Read    string
	ReadIs  error
	WriteIs error
}

// kinds are the errors that tests tell apart, the first that matches names an error.
var kinds = []error{io.EOF, net.ErrClosed, os.ErrDeadlineExceeded, syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNREFUSED}

func kind(err error) error {
	for _, k := range kinds {
		if errors.Is(err, k) {
			return k
		}
	}
	return err
}

// look finds what an end can still read. It cannot block: where nothing waits its deadline is in the past.
func look(c *memory.Conn) (o outcome) {
	var err error
	o.Ready, err = c.Ready()
	o.ReadyIs = kind(err)
	var read strings.Builder
	buf := make([]byte, 3)
	for o.ReadIs == nil {
		if ready, _ := c.Ready(); !ready {
			c.SetReadDeadline(time.Unix(1, 0))
		}
		n, err := c.Read(buf)
		read.Write(buf[:n])
		o.ReadIs = kind(err)
	}
	o.Read = read.String()
	return o
}

func TestEndings(t *testing.T) {
	closed := outcome{Ready: true, ReadyIs: net.ErrClosed, ReadIs: net.ErrClosed, WriteIs: net.ErrClosed}
	quiet := outcome{ReadIs: os.ErrDeadlineExceeded}
	reset := outcome{Ready: true, ReadyIs: syscall.ECONNRESET, ReadIs: syscall.ECONNRESET, WriteIs: syscall.ECONNRESET}
	tests := []struct {
		name string
		do   func(a, b *memory.Conn) error
		a, b outcome
	}{
		{"nothing", func(a, b *memory.Conn) error { return nil }, quiet, quiet},
		{"octets wait",
			func(a, b *memory.Conn) error { return send(b, "hello") },
			outcome{Ready: true, Read: "hello", ReadIs: os.ErrDeadlineExceeded}, quiet},
		{"Close",
			func(a, b *memory.Conn) error { return errors.Join(send(a, "bye"), a.Close()) },
			closed, outcome{Ready: true, Read: "bye", ReadIs: io.EOF, WriteIs: syscall.EPIPE}},
		{"Close with octets unread",
			func(a, b *memory.Conn) error { return errors.Join(send(b, "lost"), a.Close()) },
			closed, outcome{Ready: true, ReadyIs: io.EOF, ReadIs: io.EOF, WriteIs: syscall.EPIPE}},
		{"both Close",
			func(a, b *memory.Conn) error { return errors.Join(a.Close(), b.Close()) },
			closed, closed},
		{"CloseWrite",
			func(a, b *memory.Conn) error { return errors.Join(send(a, "bye"), a.CloseWrite(), a.CloseWrite()) },
			outcome{ReadIs: os.ErrDeadlineExceeded, WriteIs: syscall.EPIPE},
			outcome{Ready: true, Read: "bye", ReadIs: io.EOF}},
		{"CloseWrite, then answer",
			func(a, b *memory.Conn) error { return errors.Join(a.CloseWrite(), send(b, "ok"), b.Close()) },
			outcome{Ready: true, Read: "ok", ReadIs: io.EOF, WriteIs: syscall.EPIPE}, closed},
		{"CloseRead",
			func(a, b *memory.Conn) error { return errors.Join(send(b, "old"), a.CloseRead()) },
			outcome{Ready: true, Read: "old", ReadIs: io.EOF},
			outcome{ReadIs: os.ErrDeadlineExceeded, WriteIs: syscall.EPIPE}},
		{"Reset",
			func(a, b *memory.Conn) error { return errors.Join(send(a, "lost"), send(b, "lost"), a.Reset()) },
			closed, reset},
		{"Reset after Close",
			func(a, b *memory.Conn) error {
				if err := errors.Join(send(a, "kept"), a.Close()); err != nil {
					return err
				}
				if err := a.Reset(); !errors.Is(err, net.ErrClosed) {
					return errors.New("Reset of a closed end did not fail")
				}
				return nil
			},
			closed, outcome{Ready: true, Read: "kept", ReadIs: io.EOF, WriteIs: syscall.EPIPE}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			eachPair(t, 0, func(t *testing.T, a, b *memory.Conn) {
				if err := tt.do(a, b); err != nil {
					t.Fatal(err)
				}
				gotA, gotB := look(a), look(b)
				gotA.WriteIs, gotB.WriteIs = kind(send(a, "x")), kind(send(b, "x"))
				compare := cmp.Comparer(func(x, y error) bool { return errors.Is(x, y) })
				if diff := cmp.Diff(tt.a, gotA, compare); diff != "" {
					t.Errorf("this end (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(tt.b, gotB, compare); diff != "" {
					t.Errorf("the peer (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func send(c net.Conn, s string) error {
	_, err := io.WriteString(c, s)
	return err
}

func TestErrorsAreNetErrors(t *testing.T) {
	a, b := memory.Pipe()
	defer b.Close()
	a.SetDeadline(time.Unix(1, 0))
	_, readErr := a.Read(make([]byte, 1))
	_, writeErr := a.Write([]byte("x"))
	for op, err := range map[string]error{"read": readErr, "write": writeErr} {
		var op2 *net.OpError
		if !errors.As(err, &op2) || op2.Op != op || !op2.Timeout() || !op2.Temporary() {
			t.Errorf("%s past the deadline = %#v, want a temporary time-out in *net.OpError with Op %q", op, err, op)
		}
	}
	a.Close()
	for name, err := range map[string]error{
		"Close":            a.Close(),
		"CloseWrite":       a.CloseWrite(),
		"CloseRead":        a.CloseRead(),
		"SetDeadline":      a.SetDeadline(time.Time{}),
		"SetReadDeadline":  a.SetReadDeadline(time.Time{}),
		"SetWriteDeadline": a.SetWriteDeadline(time.Time{}),
	} {
		var op *net.OpError
		if !errors.Is(err, net.ErrClosed) || !errors.As(err, &op) {
			t.Errorf("%s after Close = %v, want net.ErrClosed in *net.OpError", name, err)
		}
	}
}

func TestAddresses(t *testing.T) {
	eachPair(t, 0, func(t *testing.T, a, b *memory.Conn) {
		if a.LocalAddr() != b.RemoteAddr() || b.LocalAddr() != a.RemoteAddr() || a.LocalAddr() == b.LocalAddr() {
			t.Errorf("addresses %v -> %v and %v -> %v do not mirror each other",
				a.LocalAddr(), a.RemoteAddr(), b.LocalAddr(), b.RemoteAddr())
		}
		for _, addr := range []net.Addr{a.LocalAddr(), b.LocalAddr()} {
			if _, _, err := net.SplitHostPort(addr.String()); err != nil || addr.Network() != "memory" {
				t.Errorf("address %q of network %q, want host:port of memory", addr, addr.Network())
			}
		}
	})
}

// Writers take turns: the octets of one Write are never torn apart by those of another, however small the buffer is.
func TestWritesAreWhole(t *testing.T) {
	const writers, length = 8, 100
	eachPair(t, 7, func(t *testing.T, a, b *memory.Conn) {
		for w := range writers {
			go a.Write([]byte(strings.Repeat(string(rune('a'+w)), length)))
		}
		buf := make([]byte, length)
		seen := map[string]bool{}
		for range writers {
			if _, err := io.ReadFull(b, buf); err != nil {
				t.Fatal(err)
			}
			s := string(buf)
			if s != strings.Repeat(s[:1], length) || seen[s] {
				t.Fatalf("octets of one Write are %q", s)
			}
			seen[s] = true
		}
	})
}

// Both ends may write at once as far as the buffers go.
func TestBothWriteAtOnce(t *testing.T) {
	const size = 10000
	eachPair(t, size, func(t *testing.T, a, b *memory.Conn) {
		want := strings.Repeat("0123456789", size/10)
		for _, c := range []*memory.Conn{a, b} {
			if err := send(c, want); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []*memory.Conn{a, b} {
			got := make([]byte, size)
			if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
				t.Fatalf("read %v, or octets differ", err)
			}
		}
	})
}

func TestZeroLength(t *testing.T) {
	a, b := memory.Pipe()
	defer a.Close()
	if n, err := a.Read(nil); n != 0 || err != nil {
		t.Errorf("Read(nil) = %d, %v", n, err)
	}
	if n, err := a.Write(nil); n != 0 || err != nil {
		t.Errorf("Write(nil) = %d, %v", n, err)
	}
	if ready, err := b.Ready(); ready || err != nil {
		t.Errorf("after Write(nil) Ready = %v, %v", ready, err)
	}
}

func TestReadyIsReadyConn(t *testing.T) {
	a, b := memory.Pipe()
	defer b.Close()
	defer a.Close()
	b.SetReadDeadline(time.Unix(1, 0)) // must not count
	if ready, err := transport.Peek(b); ready || err != nil {
		t.Errorf("Peek of a quiet end = %v, %v", ready, err)
	}
	send(a, "x")
	if ready, err := transport.Ready(b); !ready || err != nil {
		t.Errorf("Ready with an octet = %v, %v", ready, err)
	}
}

func TestNoAllocations(t *testing.T) {
	a, b := memory.Pipe()
	defer a.Close()
	defer b.Close()
	buf := make([]byte, 1024)
	exchange := func() {
		far := time.Now().Add(time.Hour)
		a.SetDeadline(far)
		b.SetDeadline(far)
		a.Write(buf)
		b.Read(buf)
		b.Write(buf)
		a.Read(buf)
		a.Ready()
	}
	if n := testing.AllocsPerRun(100, exchange); n != 0 {
		t.Errorf("an exchange with deadlines allocates %v times", n)
	}
}

func BenchmarkPingPong(b *testing.B) {
	here, there := memory.Pipe()
	defer here.Close()
	go func() {
		defer there.Close()
		buf := make([]byte, 1024)
		for {
			if _, err := io.ReadFull(there, buf); err != nil {
				return
			}
			if _, err := there.Write(buf); err != nil {
				return
			}
		}
	}()
	buf := make([]byte, 1024)
	b.SetBytes(2 * int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := here.Write(buf); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(here, buf); err != nil {
			b.Fatal(err)
		}
	}
}
