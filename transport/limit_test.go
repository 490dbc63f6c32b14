package transport_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// limited runs f in a bubble, on a connection with the limit l and its other end.
func limited(t *testing.T, l transport.Limit, f func(t *testing.T, c net.Conn, other *memory.Conn, start time.Time)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		a, b := memory.Pipe()
		l.Dialer = over(a)
		c, err := l.DialContext(t.Context(), "tcp", "example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		defer b.Close()
		f(t, c, b, time.Now())
	})
}

func took(t *testing.T, what string, start time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(start); got != want {
		t.Errorf("%s took %v, want %v", what, got, want)
	}
}

// The first piece is for free, each further one waits until the one before is paid.
func TestLimitTiming(t *testing.T) {
	const s = time.Second
	tests := []struct {
		rate int64
		n    int
		want time.Duration
	}{
		{1, 1, 0},
		{1, 61, time.Minute},
		{100, 1000, 10*s - s/100},
		{1000, 1000, s - s/100},
		{1 << 20, 1 << 20, 0}, // pieces of 10485 octets: 100 of them, and a rest
		{1 << 62, 1 << 20, 0},
	}
	for _, tt := range tests {
		if tt.rate == 1<<20 {
			piece := int64(tt.rate / 100)
			tt.want = 100 * time.Duration((piece*int64(s)+tt.rate-1)/tt.rate)
		}
		content := bytes.Repeat([]byte("x"), tt.n)
		limited(t, transport.Limit{Write: tt.rate}, func(t *testing.T, c net.Conn, other *memory.Conn, start time.Time) {
			go io.Copy(io.Discard, other)
			if n, err := c.Write(content); n != tt.n || err != nil {
				t.Errorf("Write = %d, %v", n, err)
			}
			took(t, "the write", start, tt.want)
		})
		limited(t, transport.Limit{Read: tt.rate}, func(t *testing.T, c net.Conn, other *memory.Conn, start time.Time) {
			go other.Write(content)
			if n, err := io.ReadFull(c, make([]byte, tt.n)); n != tt.n || err != nil {
				t.Errorf("ReadFull = %d, %v", n, err)
			}
			if tt.rate < 1<<20 { // where a piece is less than what a Read finds
				took(t, "the read", start, tt.want)
			}
		})
	}
}

// The directions do not hold each other up, and neither does a limit in one of them the other.
func TestLimitDirections(t *testing.T) {
	limited(t, transport.Limit{Read: 10, Write: 10}, func(t *testing.T, c net.Conn, other *memory.Conn, start time.Time) {
		var wg sync.WaitGroup
		wg.Go(func() { c.Write(make([]byte, 101)) })
		wg.Go(func() { other.Write(make([]byte, 101)) })
		wg.Go(func() { io.ReadFull(c, make([]byte, 101)) })
		wg.Wait()
		took(t, "both", start, 10*time.Second)
	})
	limited(t, transport.Limit{Write: 1}, func(t *testing.T, c net.Conn, other *memory.Conn, start time.Time) {
		other.Write(make([]byte, 1000))
		if n, err := c.Read(make([]byte, 1000)); n != 1000 || err != nil {
			t.Errorf("Read = %d, %v", n, err)
		}
		took(t, "a read without limit", start, 0)
	})
	a, _ := memory.Pipe()
	defer a.Close()
	if c := (transport.Limit{Read: -1}).Wrap(a); c != net.Conn(a) {
		t.Errorf("without a limit Wrap returned %T", c)
	}
}

// Time in which nothing passes is not saved.
func TestLimitSavesNothing(t *testing.T) {
	limited(t, transport.Limit{Write: 1}, func(t *testing.T, c net.Conn, _ *memory.Conn, _ time.Time) {
		c.Write([]byte("x"))
		time.Sleep(time.Hour)
		start := time.Now()
		c.Write([]byte("xxx"))
		took(t, "a write after a pause", start, 2*time.Second)
	})
}

func TestLimitDeadlines(t *testing.T) {
	limited(t, transport.Limit{Read: 1, Write: 1}, func(t *testing.T, c net.Conn, other *memory.Conn, start time.Time) {
		send(t, other, "hello")
		c.SetDeadline(start.Add(2500 * time.Millisecond))
		n, err := c.Write([]byte("hello"))
		if n != 3 || !isOpTimeout(err, "write") {
			t.Errorf("Write = %d, %v, want 3 octets and a time-out", n, err)
		}
		took(t, "Write", start, 2500*time.Millisecond)
		if n, err := c.Read(make([]byte, 5)); n != 0 || !isOpTimeout(err, "read") {
			t.Errorf("Read past the deadline = %d, %v", n, err)
		}
		c.SetDeadline(time.Time{})
		if got, err := io.ReadAll(io.LimitReader(c, 5)); string(got) != "hello" || err != nil {
			t.Errorf("after the time-out read %q, %v", got, err)
		}
		if n, err := c.Write([]byte("lo")); n != 2 || err != nil {
			t.Errorf("after the time-out Write = %d, %v", n, err)
		}
		got := make([]byte, 5)
		if _, err := io.ReadFull(other, got); string(got) != "hello" {
			t.Errorf("the other end read %q, %v", got, err)
		}
	})
}

func isOpTimeout(err error, op string) bool {
	var o *net.OpError
	return errors.As(err, &o) && o.Op == op && o.Timeout() && o.Temporary() && errors.Is(err, os.ErrDeadlineExceeded)
}

// A call that its deadline ends before its turn, or its moment, leaves the turn to the next.
func TestLimitTurn(t *testing.T) {
	limited(t, transport.Limit{Read: 1, Write: 1}, func(t *testing.T, c net.Conn, other *memory.Conn, start time.Time) {
		send(t, other, "ab")
		send(t, c, "x")
		c.Read(make([]byte, 1))
		c.SetDeadline(start.Add(time.Millisecond))
		if n, err := c.Write([]byte("y")); n != 0 || !isOpTimeout(err, "write") {
			t.Errorf("Write = %d, %v", n, err)
		}
		if n, err := c.Read(make([]byte, 1)); n != 0 || !isOpTimeout(err, "read") {
			t.Errorf("Read = %d, %v", n, err)
		}
		c.SetDeadline(time.Time{})
		send(t, c, "z")
		if _, err := c.Read(make([]byte, 1)); err != nil {
			t.Error(err)
		}
		took(t, "all", start, time.Second)
	})
}

// A deadline that is moved counts for calls that wait, and Close ends them.
func TestLimitWakes(t *testing.T) {
	const m, s = 10*time.Second + 30*time.Millisecond, time.Second // between two pieces
	tests := []struct {
		name       string
		do         func(c net.Conn)
		read       error         // what reads end with, nil if they go on
		write      error         // the same for writes
		readUntil  time.Duration // when
		writeUntil time.Duration
	}{
		{"Close", func(c net.Conn) { c.Close() }, net.ErrClosed, net.ErrClosed, m, m},
		{"SetReadDeadline", func(c net.Conn) { c.SetReadDeadline(time.Unix(1, 0)) }, os.ErrDeadlineExceeded, nil, m, 0},
		{"SetWriteDeadline", func(c net.Conn) { c.SetWriteDeadline(time.Unix(1, 0)) }, nil, os.ErrDeadlineExceeded, 0, m},
		{"SetDeadline", func(c net.Conn) { c.SetDeadline(time.Now().Add(s)) }, os.ErrDeadlineExceeded, os.ErrDeadlineExceeded, m + s, m + s},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			limited(t, transport.Limit{Read: 10, Write: 10}, func(t *testing.T, c net.Conn, other *memory.Conn, start time.Time) {
				go func() { other.Write(make([]byte, 100_000)) }()
				c.SetDeadline(start.Add(time.Hour))
				var wg sync.WaitGroup
				check := func(op string, want error, until time.Duration, call func([]byte) (int, error)) {
					var err error
					for err == nil {
						_, err = call(make([]byte, 100_000))
					}
					switch {
					case want != nil && (!errors.Is(err, want) || time.Since(start) != until):
						t.Errorf("%s = %v after %v, want %v after %v", op, err, time.Since(start), want, until)
					case want == nil && time.Since(start) <= 2*m:
						t.Errorf("%s = %v after %v, it should go on", op, err, time.Since(start))
					}
				}
				for range 3 { // one waits for its moment, the others for their turn
					wg.Go(func() { check("Read", tt.read, tt.readUntil, c.Read) })
					wg.Go(func() { check("Write", tt.write, tt.writeUntil, c.Write) })
				}
				go io.Copy(io.Discard, other)
				time.Sleep(m)
				tt.do(c)
				time.Sleep(3 * m)
				c.Close()
				wg.Wait()
			})
		})
	}
}

// The octets of one Write stay together.
func TestLimitWholeWrites(t *testing.T) {
	limited(t, transport.Limit{Write: 100}, func(t *testing.T, c net.Conn, other *memory.Conn, start time.Time) {
		for w := range 4 {
			go c.Write([]byte(strings.Repeat(string(rune('a'+w)), 10)))
		}
		got := make([]byte, 10)
		for range 4 {
			if _, err := io.ReadFull(other, got); err != nil || string(got) != strings.Repeat(string(got[:1]), 10) {
				t.Errorf("octets of one Write are %q, %v", got, err)
			}
		}
	})
}

func TestLimitPassesOn(t *testing.T) {
	limited(t, transport.Limit{Read: 1, Write: 1}, func(t *testing.T, c net.Conn, other *memory.Conn, start time.Time) {
		if ready, err := transport.Peek(c); ready || err != nil {
			t.Errorf("Ready = %v, %v", ready, err)
		}
		send(t, other, "xy")
		c.Read(make([]byte, 1))
		if ready, err := transport.Peek(c); !ready || err != nil { // though a Read would wait for a second
			t.Errorf("Ready = %v, %v", ready, err)
		}
		if err := c.(*transport.LimitedConn).CloseWrite(); err != nil {
			t.Errorf("CloseWrite = %v", err)
		}
		if _, err := c.Write([]byte("x")); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("Write after CloseWrite = %v", err)
		}
		if _, err := other.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the other end reads %v", err)
		}
		if _, ok := c.(*transport.LimitedConn).NetConn().(*memory.Conn); !ok {
			t.Error("NetConn is not the connection below")
		}
	})
	foreign, _ := foreignPair(t)
	c := transport.Limit{Read: 1}.Wrap(foreign).(*transport.LimitedConn)
	if err := c.CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("CloseWrite over a connection without = %v", err)
	}
	if _, err := c.Ready(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Ready over a connection without = %v", err)
	}
}

func TestLimitDialError(t *testing.T) {
	made := errors.New("made up")
	if c, err := (transport.Limit{Dialer: failing{made}, Read: 1}).DialContext(t.Context(), "tcp", "a:1"); c != nil || err != made {
		t.Errorf("DialContext = %v, %v", c, err)
	}
}
