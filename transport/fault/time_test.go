package fault_test

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
	"github.com/strata-http/strata/transport/memory"
)

// took compares the time since start with what it must be, to the instant: the clock is a bubble's.
func took(t *testing.T, what string, start time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(start); got != want {
		t.Errorf("%s took %v, want %v", what, got, want)
	}
}

// Each piece is late by the delay, counted from when it came.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c, peer := pair(t, "at 2: split 4; at 2: delay 1m")
		go func() {
			time.Sleep(time.Hour)
			peer.Write([]byte(digits))
			peer.CloseWrite()
		}()
		buf := make([]byte, 100)
		for _, want := range []struct {
			octets string
			at     time.Duration
		}{
			{"01", time.Hour}, {"2345", time.Hour + time.Minute}, {"6789", time.Hour + 2*time.Minute}, {"", time.Hour + 3*time.Minute},
		} {
			n, err := c.Read(buf)
			if string(buf[:n]) != want.octets || (err == io.EOF) != (want.octets == "") {
				t.Errorf("Read = %q, %v; want %q", buf[:n], err, want.octets)
			}
			took(t, "the Read of "+want.octets, start, want.at)
		}
		start = time.Now()
		c.SetWriteDeadline(start.Add(90 * time.Second))
		n, err := c.Write([]byte(digits))
		if n != 6 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write = %d, %v", n, err)
		}
		took(t, "the Write", start, 90*time.Second)
	})
}

// Octets that a delay holds back survive a deadline, and are no octets that wait.
func TestDelayDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		c, peer := pair(t, "delay 1h")
		peer.Write([]byte("abc"))
		c.SetReadDeadline(start.Add(time.Minute))
		_, err := c.Read(make([]byte, 2))
		is(t, "Read", err, os.ErrDeadlineExceeded)
		took(t, "the Read", start, time.Minute)
		ready(t, c, false, nil)
		c.SetReadDeadline(time.Time{})
		buf := make([]byte, 2)
		n, err := c.Read(buf)
		if string(buf[:n]) != "ab" || err != nil {
			t.Errorf("Read = %q, %v", buf[:n], err)
		}
		took(t, "the second Read", start, time.Hour)
		ready(t, c, true, nil) // the third octet was left below, and is no stranger to Peek
	})
}

func ready(t *testing.T, c net.Conn, want bool, wantErr error) {
	t.Helper()
	got, err := transport.Peek(c)
	if got != want || !errors.Is(err, wantErr) || wantErr == nil && err != nil {
		t.Errorf("Ready = %v, %v; want %v, %v", got, err, want, wantErr)
	}
}

// A stall that has a length begins when somebody waits for it, ends on its own, and a deadline in it loses nothing.
func TestStallFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, peer := pair(t, "at 3: stall 1h")
		peer.Write([]byte(digits))
		buf := make([]byte, 100)
		if n, err := c.Read(buf); string(buf[:n]) != "012" || err != nil {
			t.Errorf("Read = %q, %v", buf[:n], err)
		}
		ready(t, c, false, nil)
		time.Sleep(24 * time.Hour)
		start := time.Now()
		c.SetReadDeadline(start.Add(time.Minute))
		_, err := c.Read(buf)
		is(t, "Read", err, os.ErrDeadlineExceeded)
		ready(t, c, false, nil)
		c.SetReadDeadline(time.Time{})
		if n, err := c.Read(buf); string(buf[:n]) != digits[3:] || err != nil {
			t.Errorf("Read = %q, %v", buf[:n], err)
		}
		took(t, "the stall", start, time.Hour)

		start = time.Now()
		if n, err := c.Write([]byte(digits)); n != len(digits) || err != nil {
			t.Errorf("Write = %d, %v", n, err)
		}
		took(t, "the stall of the Write", start, time.Hour)
	})
}

// At one offset, faults strike one after the other.
func TestOrder(t *testing.T) {
	for _, text := range []string{"received at 0: stall 1m; received at 0: reset", "received at 4: stall 1m; received at 4: reset"} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				c, peer := pair(t, text)
				peer.Write([]byte(digits))
				_, err := readAll(c, 100)
				is(t, "Read", err, syscall.ECONNRESET)
				took(t, "the reset", start, time.Minute)
			})
		})
	}
}

// A deadline that is set, and a Close, while somebody waits in a stall, end the wait.
func TestWakes(t *testing.T) {
	for name, tt := range map[string]struct {
		wake func(net.Conn)
		want error
	}{
		"deadline": {func(c net.Conn) { c.SetDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded},
		"Close":    {func(c net.Conn) { c.Close() }, net.ErrClosed},
	} {
		for _, text := range []string{"stall", "received at 0: black hole; sent at 0: stall", "stall 24h"} {
			t.Run(name+"/"+text, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c, peer := pair(t, text)
					peer.Write([]byte(digits))
					start := time.Now()
					go func() {
						time.Sleep(time.Minute)
						tt.wake(c)
					}()
					results := make(chan error)
					// Two of each: one waits in the stall, the other for its turn.
					for range 2 {
						go func() {
							_, err := c.Read(make([]byte, 1))
							results <- err
						}()
						go func() {
							_, err := c.Write([]byte("x"))
							results <- err
						}()
					}
					for range 4 {
						is(t, "the call", <-results, tt.want)
					}
					took(t, "the wait", start, time.Minute)
				})
			})
		}
	}
}

// A fault by time meets a Read and a Write that wait below, and what comes afterwards.
func TestAfter(t *testing.T) {
	for _, tt := range []struct {
		text        string
		read, write error // nil: not ended by the fault
		got         string
	}{
		{"after 1m: reset", syscall.ECONNRESET, syscall.ECONNRESET, ""},
		{"after 1m: close", io.EOF, syscall.EPIPE, ""},
		{"received after 1m: half-close", io.EOF, nil, ""},
		{"received after 1m: truncate", io.EOF, nil, ""},
		{"sent after 1m: half-close", nil, syscall.EPIPE, digits},
		{"received after 1m: stall", os.ErrDeadlineExceeded, nil, ""},
		{"received after 1m: stall 1h", nil, nil, digits},
		{"received after 1m: black hole", os.ErrDeadlineExceeded, nil, ""},
		{"received after 1m: delay 1h", nil, nil, digits},
		{"received after 1m: xor 01", nil, nil, "1" + digits[1:]},
	} {
		t.Run(tt.text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := memory.PipeSize(4)
				c := wrap(t, a, tt.text)
				defer b.Close()
				written := make(chan error, 1)
				go func() {
					_, err := writeAll(c, digits, 100)
					written <- err
				}()
				var got string
				ended := make(chan error, 1)
				go func() {
					c.SetReadDeadline(time.Now().Add(24 * time.Hour))
					var err error
					got, err = readAll(c, 100)
					ended <- err
				}()
				time.Sleep(time.Minute + time.Second)
				peerGot := make(chan string, 1)
				go func() {
					s, _ := readAll(b, 100)
					peerGot <- s
				}()
				b.SetWriteDeadline(time.Now().Add(12 * time.Hour)) // it may be that nobody reads
				writeAll(b, digits, 1)
				b.CloseWrite()
				is(t, "Write", <-written, tt.write)
				want := tt.read
				if want == nil {
					want = io.EOF
				}
				is(t, "Read", <-ended, want)
				if got != tt.got {
					t.Errorf("received %q, want %q", got, tt.got)
				}
				c.Close()
				if s := <-peerGot; tt.write == nil && s != digits {
					t.Errorf("the peer received %q", s)
				}
			})
		})
	}
}

func wrap(t *testing.T, below net.Conn, text string) net.Conn {
	t.Helper()
	c := fault.Wrap(below, must(t, text)...)
	t.Cleanup(func() { c.Close() })
	return c
}

// A fault at no time at all strikes before the connection is used.
func TestAfterNothing(t *testing.T) {
	for text, want := range map[string]error{
		"after 0s: reset":               syscall.ECONNRESET,
		"conn 1 after 0s: close":        io.EOF,
		"received after 0s: half-close": io.EOF,
	} {
		c, _ := pair(t, text)
		ready(t, c, true, want)
		_, err := c.Read(make([]byte, 1))
		is(t, text, err, want)
	}
}

// What a truncated direction drops is taken from the peer, which can go on; in a half-closed one it is not.
func TestTruncateDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for text, want := range map[string]error{
			"received at 3: truncate":   nil,
			"received at 3: half-close": os.ErrDeadlineExceeded,
		} {
			a, b := memory.PipeSize(4)
			c := wrap(t, a, text)
			failed := make(chan error, 1)
			go func() {
				b.SetWriteDeadline(time.Now().Add(time.Hour))
				_, err := writeAll(b, digits+digits, 100)
				failed <- err
			}()
			if got, err := readAll(c, 100); got != "012" || err != io.EOF {
				t.Errorf("%s: received %q, %v", text, got, err)
			}
			is(t, text+": the peer's Write", <-failed, want)
			c.Close()
			b.Close()
		}
	})
}

// An idle connection is found dead when its end is reached, and quiet in front of a stall.
func TestReady(t *testing.T) {
	for text, want := range map[string]struct {
		ready bool
		err   error
	}{
		"":                         {false, nil},
		"received at 4: reset":     {true, syscall.ECONNRESET},
		"sent at 4: reset":         {true, syscall.ECONNRESET},
		"received at 4: close":     {true, io.EOF},
		"received at 4: truncate":  {true, io.EOF},
		"sent at 4: half-close":    {false, nil},
		"received at 4: stall":     {false, nil},
		"received at 5: reset":     {false, nil},
		"after 1m: close":          {true, io.EOF},
		"sent at 2: close":         {true, io.EOF},
		"received after 1h: reset": {false, nil},
	} {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, peer := pair(t, text)
				c.Write([]byte("ping"))
				peer.Write([]byte("pong"))
				io.ReadFull(c, make([]byte, 4))
				time.Sleep(2 * time.Minute)
				ready(t, c, want.ready, want.err)
				ready(t, c, want.ready, want.err) // it is not told once only
				if !want.ready {
					peer.Write([]byte("!"))
					ready(t, c, text != "received at 4: stall", nil)
				}
				c.Close()
				ready(t, c, true, net.ErrClosed)
			})
		})
	}
}
