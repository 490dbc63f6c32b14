package memory_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/transport/memory"
)

// inBubble runs f in a bubble on a pair of each maker, with the moment when it began.
func inBubble(t *testing.T, size int, f func(t *testing.T, a, b *memory.Conn, start time.Time)) {
	t.Helper()
	for _, m := range makers {
		t.Run(m.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b, stop, err := m.make(size)
				if err != nil {
					t.Fatal(err)
				}
				defer stop()
				f(t, a, b, time.Now())
			})
		})
	}
}

// after checks how much time has passed on the bubble's clock.
func after(t *testing.T, start time.Time, want time.Duration) {
	t.Helper()
	if got := time.Since(start); got != want {
		t.Errorf("it took %v, want %v", got, want)
	}
}

func TestReadDeadlineOfAnHour(t *testing.T) {
	inBubble(t, 0, func(t *testing.T, a, b *memory.Conn, start time.Time) {
		a.SetReadDeadline(start.Add(time.Hour))
		_, err := a.Read(make([]byte, 1))
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read = %v", err)
		}
		after(t, start, time.Hour)
		// The connection can be used on once the deadline is another.
		a.SetReadDeadline(time.Time{})
		send(b, "late")
		buf := make([]byte, 8)
		if n, err := a.Read(buf); string(buf[:n]) != "late" || err != nil {
			t.Errorf("Read after the time-out = %q, %v", buf[:n], err)
		}
	})
}

func TestWriteDeadlineKeepsWhatWasWritten(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, a, b *memory.Conn, start time.Time) {
		a.SetWriteDeadline(start.Add(time.Hour))
		n, err := a.Write([]byte("0123456789"))
		if n != 4 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write = %d, %v, want 4 and a time-out", n, err)
		}
		after(t, start, time.Hour)
		a.SetWriteDeadline(time.Time{})
		go func() { send(a, "456789"); a.CloseWrite() }()
		if got, err := io.ReadAll(b); string(got) != "0123456789" || err != nil {
			t.Errorf("the peer read %q, %v", got, err)
		}
	})
}

// A second writer waits for its turn without a mutex, or the clock of the bubble would stand still.
func TestWriteDeadlineWhileWaitingForTurn(t *testing.T) {
	inBubble(t, 4, func(t *testing.T, a, b *memory.Conn, start time.Time) {
		a.SetWriteDeadline(start.Add(time.Minute))
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() {
				if _, err := a.Write([]byte("0123456789")); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("Write = %v", err)
				}
			})
		}
		wg.Wait()
		after(t, start, time.Minute)
	})
}

// A deadline that changes while a Read blocks counts from then on.
func TestDeadlineMoves(t *testing.T) {
	hour := func(h int) time.Duration { return time.Duration(h) * time.Hour }
	tests := []struct {
		name  string
		first time.Duration   // the deadline when the Read begins, 0 for none
		then  []time.Duration // set after 1, 2, ... hours; 0 for none, measured from the start
		want  time.Duration
	}{
		{"none, then one", 0, []time.Duration{hour(5)}, hour(5)},
		{"later", hour(2), []time.Duration{hour(7)}, hour(7)},
		{"sooner", hour(9), []time.Duration{hour(3)}, hour(3)},
		{"past", hour(9), []time.Duration{-hour(1)}, hour(1)},
		{"removed and set again", hour(2), []time.Duration{0, hour(4)}, hour(4)},
		{"moved many times", hour(2), []time.Duration{hour(3), hour(4), hour(5), hour(6)}, hour(6)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, 0, func(t *testing.T, a, b *memory.Conn, start time.Time) {
				at := func(d time.Duration) time.Time {
					if d == 0 {
						return time.Time{}
					}
					return start.Add(d)
				}
				a.SetReadDeadline(at(tt.first))
				go func() {
					for _, d := range tt.then {
						time.Sleep(time.Hour)
						a.SetReadDeadline(at(d))
					}
				}()
				if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
					t.Errorf("Read = %v", err)
				}
				after(t, start, tt.want)
			})
		})
	}
}

// What blocks is woken by whatever ends it.
func TestBlockedCallsReturn(t *testing.T) {
	tests := []struct {
		name        string
		end         func(a, b *memory.Conn)
		read, write error
	}{
		{"Close", func(a, b *memory.Conn) { a.Close() }, net.ErrClosed, net.ErrClosed},
		{"Reset", func(a, b *memory.Conn) { a.Reset() }, net.ErrClosed, net.ErrClosed},
		{"peer's Close", func(a, b *memory.Conn) { b.Close() }, io.EOF, syscall.EPIPE},
		{"peer's Reset", func(a, b *memory.Conn) { b.Reset() }, syscall.ECONNRESET, syscall.ECONNRESET},
		{"halves", func(a, b *memory.Conn) { a.CloseWrite(); b.CloseWrite() }, io.EOF, syscall.EPIPE},
		{"readers", func(a, b *memory.Conn) { a.CloseRead(); b.CloseRead() }, io.EOF, syscall.EPIPE},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			inBubble(t, 2, func(t *testing.T, a, b *memory.Conn, start time.Time) {
				var wg sync.WaitGroup
				wg.Go(func() {
					if _, err := a.Read(make([]byte, 1)); !errors.Is(err, tt.read) {
						t.Errorf("Read = %v, want %v", err, tt.read)
					}
				})
				for range 2 {
					wg.Go(func() {
						if _, err := a.Write([]byte("0123456789")); !errors.Is(err, tt.write) {
							t.Errorf("Write = %v, want %v", err, tt.write)
						}
					})
				}
				synctest.Wait()
				tt.end(a, b)
				wg.Wait()
				after(t, start, 0)
			})
		})
	}
}

func TestAcceptDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		l, err := new(memory.Network).Listen("example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		l.SetDeadline(start.Add(time.Hour))
		var op *net.OpError
		if _, err := l.Accept(); !errors.As(err, &op) || !op.Timeout() || !op.Temporary() {
			t.Errorf("Accept = %v", err)
		}
		after(t, start, time.Hour)
		l.Close()
		if err := l.SetDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("SetDeadline after Close = %v", err)
		}
	})
}

// A dial that finds the backlog full waits for Accept, for its context, or for the listener's end.
func TestFullBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		n := &memory.Network{Backlog: 1}
		l, err := n.Listen("example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		dial := func(ctx context.Context) error {
			c, err := n.DialContext(ctx, "tcp", "example.org:80")
			if err == nil {
				t.Cleanup(func() { c.Close() })
			}
			return err
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
		defer cancel()
		if err := dial(ctx); err != nil {
			t.Fatal(err)
		}
		if err := dial(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dial with a full backlog = %v", err)
		}
		after(t, start, time.Hour)

		go func() {
			time.Sleep(time.Minute)
			if _, err := l.Accept(); err != nil {
				t.Error(err)
			}
		}()
		if err := dial(context.Background()); err != nil {
			t.Errorf("dial after room was made = %v", err)
		}
		after(t, start, time.Hour+time.Minute)

		go func() {
			time.Sleep(time.Minute)
			l.Close()
		}()
		if err := dial(context.Background()); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("dial while the listener closes = %v", err)
		}
	})
}
