package fault_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/transport/fault"
	"github.com/strata-http/strata/transport/memory"
)

const digits = "0123456789"

// pair returns a connection with faults, and its peer, which has none. Both are closed at the end of the test.
func pair(t *testing.T, text string) (owner net.Conn, peer *memory.Conn) {
	t.Helper()
	script, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	a, b := memory.Pipe()
	c := fault.Wrap(a, script...)
	t.Cleanup(func() { c.Close(); b.Close() })
	return c, b
}

// readAll reads with a buffer of the given size, and returns what came and what ended it.
func readAll(c net.Conn, size int) (string, error) {
	var all []byte
	buf := make([]byte, size)
	for {
		n, err := c.Read(buf)
		all = append(all, buf[:n]...)
		if err != nil {
			return string(all), err
		}
	}
}

// writeAll writes s in pieces, and returns how many octets went and what ended it.
func writeAll(c net.Conn, s string, size int) (n int, err error) {
	for len(s) > 0 {
		piece := s[:min(size, len(s))]
		m, err := c.Write([]byte(piece))
		n += m
		if err != nil {
			return n, err
		}
		s = s[len(piece):]
	}
	return n, nil
}

// is compares an error with one that it must be; nil is only nil.
func is(t *testing.T, what string, got, want error) {
	t.Helper()
	if want == nil && got != nil || !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
	if got == nil || got == io.EOF || want == nil {
		return
	}
	var op *net.OpError
	if !errors.As(got, &op) {
		t.Errorf("%s: %T is not a *net.OpError", what, got)
	}
	var ne net.Error
	if late := errors.Is(want, os.ErrDeadlineExceeded); errors.As(got, &ne) && ne.Timeout() != late {
		t.Errorf("%s: %v has Timeout %v", what, got, ne.Timeout())
	}
}

// What is received in front of the offset arrives, and nothing behind it, whatever the sizes of reads and writes.
func TestReceivedOffsets(t *testing.T) {
	for _, tt := range []struct {
		action string
		ends   error // of reads
		writes error // of a write afterwards
	}{
		{"reset", syscall.ECONNRESET, syscall.ECONNRESET},
		{"close", io.EOF, syscall.EPIPE},
		{"half-close", io.EOF, nil},
		{"truncate", io.EOF, nil},
		{"stall", os.ErrDeadlineExceeded, nil},
		{"black hole", os.ErrDeadlineExceeded, nil},
	} {
		for offset := range len(digits) + 1 {
			for _, size := range []int{1, 3, 100} {
				text := fmt.Sprintf("received at %d: %s", offset, tt.action)
				t.Run(fmt.Sprintf("%s/%d", text, size), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						c, peer := pair(t, text)
						go func() {
							writeAll(peer, digits, size)
							peer.CloseWrite()
						}()
						c.SetReadDeadline(time.Now().Add(time.Hour))
						got, err := readAll(c, size)
						if want := digits[:offset]; got != want {
							t.Errorf("received %q, want %q", got, want)
						}
						is(t, "Read", err, tt.ends)
						_, err = c.Read(make([]byte, 1))
						is(t, "Read again", err, tt.ends)
						_, err = c.Write([]byte("x"))
						is(t, "Write", err, tt.writes)
						is(t, "Close", c.Close(), nil)
						_, err = c.Read(make([]byte, 1))
						is(t, "Read after Close", err, net.ErrClosed)
					})
				})
			}
		}
	}
}

// The peer gets what is sent in front of the offset, and nothing behind it, and the Write tells how far it came.
func TestSentOffsets(t *testing.T) {
	for _, tt := range []struct {
		action string
		writes error // of the octet behind the offset
		silent bool  // writes succeed all the same
		peer   error // what ends the peer's reads
		reads  error // of a read afterwards, while the peer says nothing
	}{
		{"reset", syscall.ECONNRESET, false, syscall.ECONNRESET, syscall.ECONNRESET},
		{"close", syscall.EPIPE, false, io.EOF, io.EOF},
		{"half-close", syscall.EPIPE, false, io.EOF, os.ErrDeadlineExceeded},
		{"truncate", nil, true, io.EOF, os.ErrDeadlineExceeded},
		{"stall", os.ErrDeadlineExceeded, false, os.ErrDeadlineExceeded, os.ErrDeadlineExceeded},
		{"black hole", nil, true, os.ErrDeadlineExceeded, os.ErrDeadlineExceeded},
	} {
		for offset := range len(digits) {
			for _, size := range []int{1, 3, 100} {
				text := fmt.Sprintf("sent at %d: %s", offset, tt.action)
				t.Run(fmt.Sprintf("%s/%d", text, size), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						c, peer := pair(t, text)
						var got string
						var ended error
						read := make(chan struct{})
						go func() {
							defer close(read)
							peer.SetReadDeadline(time.Now().Add(2 * time.Hour))
							got, ended = readAll(peer, size)
						}()
						synctest.Wait() // the peer reads: a reset would lose what it has not read
						c.SetDeadline(time.Now().Add(time.Hour))
						sent := 0
						var err error
						for sent < len(digits) && err == nil {
							var n int
							n, err = c.Write([]byte(digits[sent:min(sent+size, len(digits))]))
							sent += n
							if sent < offset {
								synctest.Wait()
							}
						}
						is(t, "Write", err, tt.writes)
						if want := offset; !tt.silent && sent != want || tt.silent && sent != len(digits) {
							t.Errorf("%d octets were written, want %d", sent, want)
						}
						_, err = c.Read(make([]byte, 1))
						is(t, "Read", err, tt.reads)
						<-read
						want := digits[:offset]
						if tt.action == "reset" {
							want = want[:len(got)] // what was under way is lost
						}
						if got != want {
							t.Errorf("the peer received %q, want %q", got, want)
						}
						is(t, "the peer's Read", ended, tt.peer)
					})
				})
			}
		}
	}
}
