package memory_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport/memory"
)

// linked runs f in a bubble, on a pair whose directions have the links up (from a to b) and down.
func linked(t *testing.T, size int, up, down memory.Link, f func(t *testing.T, a, b *memory.Conn, start time.Time)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := &memory.Network{BufferSize: size, Up: up, Down: down}
		a, b := n.Pipe()
		defer a.Close()
		defer b.Close()
		f(t, a, b, time.Now())
	})
}

// arrival is what one Read found, and when.
type arrival struct {
	N  int
	At time.Duration
}

// arrivals reads to the end or the first error.
func arrivals(c net.Conn, start time.Time) (got []arrival, err error) {
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if n > 0 {
			got = append(got, arrival{n, time.Since(start)})
		}
		if err != nil {
			return got, err
		}
	}
}

func TestLinkTiming(t *testing.T) {
	const ms, s = time.Millisecond, time.Second
	tests := []struct {
		name   string
		size   int
		link   memory.Link
		writes []arrival // how much is written, and when
		want   []arrival // with the end as an arrival of nothing; times are rounded up
	}{
		{"latency", 0, memory.Link{Latency: s}, []arrival{{5, 0}, {7, 200 * ms}},
			[]arrival{{5, s}, {7, 1200 * ms}, {0, 1200 * ms}}},
		{"latency of an hour", 0, memory.Link{Latency: time.Hour}, []arrival{{5, 0}},
			[]arrival{{5, time.Hour}, {0, time.Hour}}},
		{"nothing is written", 0, memory.Link{Latency: s}, nil, []arrival{{0, s}}},
		{"an octet a second", 0, memory.Link{Bandwidth: 1}, []arrival{{3, 0}},
			[]arrival{{1, s}, {1, 2 * s}, {1, 3 * s}, {0, 3 * s}}},
		{"packets of a hundredth of a second", 0, memory.Link{Bandwidth: 1000}, []arrival{{25, 0}},
			[]arrival{{10, 10 * ms}, {10, 20 * ms}, {5, 25 * ms}, {0, 25 * ms}}},
		{"packets of 1460 octets", 0, memory.Link{Bandwidth: 1_460_000}, []arrival{{3000, 0}},
			[]arrival{{1460, ms}, {1460, 2 * ms}, {80, 3000*s/1_460_000 + 1}, {0, 3000*s/1_460_000 + 1}}},
		{"both", 0, memory.Link{Latency: s, Bandwidth: 100}, []arrival{{2, 0}},
			[]arrival{{1, 1010 * ms}, {1, 1020 * ms}, {0, 1020 * ms}}},
		{"writes queue on the line", 0, memory.Link{Bandwidth: 1}, []arrival{{2, 0}, {1, s}, {1, 10 * s}},
			[]arrival{{1, s}, {1, 2 * s}, {1, 3 * s}, {1, 11 * s}, {0, 11 * s}}},
		{"a write when the line has just become free", 0, memory.Link{Bandwidth: 1000}, []arrival{{15, 0}, {10, 15 * ms}},
			[]arrival{{10, 10 * ms}, {5, 15 * ms}, {10, 25 * ms}, {0, 25 * ms}}},
		{"a write while the line is busy", 0, memory.Link{Bandwidth: 1000}, []arrival{{15, 0}, {10, 14 * ms}},
			[]arrival{{10, 10 * ms}, {10, 20 * ms}, {5, 25 * ms}, {0, 25 * ms}}},
		{"writes at once", 0, memory.Link{Latency: s}, []arrival{{5, 0}, {6, 0}}, []arrival{{11, s}, {0, s}}},
		{"a third of an octet a nanosecond", 0, memory.Link{Bandwidth: 333_333_333}, []arrival{{4, 0}},
			[]arrival{{4, 13}, {0, 13}}},
		{"negative is none", 0, memory.Link{Latency: -s, Bandwidth: -1}, []arrival{{9, 0}}, []arrival{{9, 0}, {0, 0}}},
		// Two octets fit, so a third leaves only when one was read.
		{"the buffer is the window", 2, memory.Link{Latency: s}, []arrival{{5, 0}},
			[]arrival{{2, s}, {2, 2 * s}, {1, 3 * s}, {0, 3 * s}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			linked(t, tt.size, tt.link, memory.Link{}, func(t *testing.T, a, b *memory.Conn, start time.Time) {
				go func() {
					for _, w := range tt.writes {
						time.Sleep(time.Until(start.Add(w.At)))
						a.Write(make([]byte, w.N))
					}
					a.CloseWrite()
				}()
				got, err := arrivals(b, start)
				got = append(got, arrival{0, time.Since(start)})
				// A Read at the moment of an arrival may come before or after what else happens then.
				if diff := cmp.Diff(tt.want, got); diff != "" || err != io.EOF {
					t.Errorf("arrivals (-want +got), then %v:\n%s", err, diff)
				}
			})
		})
	}
}

// News of an end travels as octets do.
func TestLinkEndings(t *testing.T) {
	const s = time.Second
	link := memory.Link{Latency: s, Bandwidth: 10}
	tests := []struct {
		name  string
		do    func(a, b *memory.Conn)
		read  error // of b, with what came before
		n     int
		at    time.Duration
		write error // of b, once it fails
		until time.Duration
	}{
		{"Close", func(a, b *memory.Conn) { a.Close() }, io.EOF, 20, 3 * s, syscall.EPIPE, s},
		{"CloseWrite, then Close", func(a, b *memory.Conn) {
			a.CloseWrite()
			time.AfterFunc(5*s/2, func() { a.Close() })
		}, io.EOF, 20, 3 * s, syscall.EPIPE, 7 * s / 2},
		{"Reset", func(a, b *memory.Conn) { a.Reset() }, syscall.ECONNRESET, 0, s, syscall.ECONNRESET, s},
		{"CloseRead, then Close later", func(a, b *memory.Conn) {
			a.CloseRead()
			time.AfterFunc(10*s, func() { a.Close() })
		}, io.EOF, 20, 11 * s, syscall.EPIPE, s},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			linked(t, 1000, link, link, func(t *testing.T, a, b *memory.Conn, start time.Time) {
				a.Write(make([]byte, 20))
				tt.do(a, b)
				var wg sync.WaitGroup
				wg.Go(func() {
					var err error
					for sent := 0; err == nil; sent += 100 { // it knows nothing yet, but the buffer is bounded
						if sent > 1000 {
							t.Errorf("more was taken than the buffer holds")
							return
						}
						_, err = b.Write(make([]byte, 100))
					}
					if !errors.Is(err, tt.write) || time.Since(start) != tt.until {
						t.Errorf("Write = %v after %v, want %v after %v", err, time.Since(start), tt.write, tt.until)
					}
				})
				got, err := io.ReadAll(b)
				if err == nil {
					err = io.EOF
				}
				if len(got) != tt.n || !errors.Is(err, tt.read) || time.Since(start) != tt.at {
					t.Errorf("read %d octets, %v after %v, want %d, %v after %v", len(got), err, time.Since(start), tt.n, tt.read, tt.at)
				}
				wg.Wait()
			})
		})
	}
}

// After CloseRead nothing arrives any more, not even what is under way.
func TestLinkCloseRead(t *testing.T) {
	linked(t, 0, memory.Link{Latency: time.Second}, memory.Link{Latency: time.Second}, func(t *testing.T, a, b *memory.Conn, start time.Time) {
		send(a, "old")
		time.Sleep(time.Second)
		send(a, "late")
		b.CloseRead()
		send(a, "later")
		if got, err := io.ReadAll(b); string(got) != "old" || err != nil {
			t.Errorf("after CloseRead read %q, %v", got, err)
		}
		time.Sleep(5 * time.Second)
		if got, err := io.ReadAll(b); len(got) != 0 || err != nil {
			t.Errorf("later read %q, %v", got, err)
		}
		if err := send(a, "x"); !errors.Is(err, syscall.EPIPE) {
			t.Errorf("Write to who refuses = %v", err)
		}
	})
}

func TestLinkReadyAndDeadline(t *testing.T) {
	const s = time.Second
	linked(t, 0, memory.Link{Latency: 10 * s}, memory.Link{}, func(t *testing.T, a, b *memory.Conn, start time.Time) {
		send(a, "x")
		a.CloseWrite()
		b.SetReadDeadline(start.Add(3 * s))
		if _, err := b.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read before the arrival = %v", err)
		}
		after(t, start, 3*s)
		if ready, err := b.Ready(); ready || err != nil {
			t.Errorf("before the arrival Ready = %v, %v", ready, err)
		}
		time.Sleep(7 * s)
		if ready, err := b.Ready(); !ready || err != nil {
			t.Errorf("after it Ready = %v, %v", ready, err)
		}
		b.SetReadDeadline(time.Time{})
		if got, err := io.ReadAll(b); string(got) != "x" || err != nil {
			t.Errorf("read %q, %v", got, err)
		}
		after(t, start, 10*s)
		if ready, err := b.Ready(); !ready || err != io.EOF {
			t.Errorf("at the end Ready = %v, %v", ready, err)
		}
	})
}

// What has not arrived as a whole packet is not there.
func TestLinkReadyInsidePacket(t *testing.T) {
	linked(t, 0, memory.Link{Bandwidth: 1000}, memory.Link{}, func(t *testing.T, a, b *memory.Conn, start time.Time) {
		send(a, "a dozen bytes")
		for _, want := range []struct {
			at    time.Duration
			ready bool
			n     int
		}{{9 * time.Millisecond, false, 0}, {10 * time.Millisecond, true, 10}, {12 * time.Millisecond, false, 0}, {13 * time.Millisecond, true, 3}} {
			time.Sleep(time.Until(start.Add(want.at)))
			ready, err := b.Ready()
			if ready != want.ready || err != nil {
				t.Errorf("after %v Ready = %v, %v", want.at, ready, err)
			}
			if ready {
				if n, err := b.Read(make([]byte, 100)); n != want.n || err != nil {
					t.Errorf("after %v Read = %d, %v, want %d", want.at, n, err, want.n)
				}
			}
		}
	})
}

// A dial takes a round trip, whatever comes of it.
func TestLinkDial(t *testing.T) {
	const s = time.Second
	tests := []struct {
		name, address string
		limit         time.Duration
		want          time.Duration
		is            error
		accepted      error // what the listener's connection reads, if there is one
	}{
		{"accepted", "a.test:80", 0, 3 * s, nil, nil},
		{"refused", "a.test:81", 0, 3 * s, syscall.ECONNREFUSED, nil},
		{"unknown", "b.test:80", 0, 0, syscall.ECONNREFUSED, nil},
		{"ended on the way there", "a.test:80", s / 2, s / 2, context.DeadlineExceeded, nil},
		{"ended on the way back", "a.test:80", 2 * s, 2 * s, context.DeadlineExceeded, syscall.ECONNRESET},
		{"ended on the way back of a refusal", "a.test:81", 2 * s, 2 * s, context.DeadlineExceeded, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &memory.Network{Up: memory.Link{Latency: s}, Down: memory.Link{Latency: 2 * s}}
				l, err := n.Listen("a.test:80")
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithCancel(context.Background())
				if tt.limit > 0 {
					ctx, cancel = context.WithTimeout(ctx, tt.limit)
				}
				defer cancel()
				start := time.Now()
				c, err := n.DialContext(ctx, "tcp", tt.address)
				if !errors.Is(err, tt.is) || (c == nil) == (err == nil) {
					t.Errorf("DialContext = %v, %v, want %v", c, err, tt.is)
				}
				after(t, start, tt.want)
				if c != nil {
					c.Close()
				}
				if tt.accepted != nil {
					server, err := l.Accept()
					if err != nil {
						t.Fatal(err)
					}
					if _, err := server.Read(make([]byte, 1)); !errors.Is(err, tt.accepted) {
						t.Errorf("the other end reads %v, want %v", err, tt.accepted)
					}
					server.Close()
				}
				l.Close()
			})
		})
	}
}

// Whatever the link, the buffers and the pieces: both ends send at once, and all octets arrive in order.
func TestLinkKeepsOctets(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		link := func() memory.Link {
			return memory.Link{
				Latency:   time.Duration(rnd.IntN(3)) * time.Duration(rnd.IntN(100)) * time.Millisecond,
				Bandwidth: rnd.Int64N(3) * (1 + rnd.Int64N(1_000_000)),
			}
		}
		up, down, size := link(), link(), 1+rnd.IntN(5000)
		linked(t, size, up, down, func(t *testing.T, a, b *memory.Conn, start time.Time) {
			want := make([]byte, 20_000)
			for i := range want {
				want[i] = byte(rnd.Uint32())
			}
			var wg sync.WaitGroup
			for i, end := range []*memory.Conn{a, b} {
				mine := rand.New(rand.NewPCG(seed, uint64(i)))
				wg.Go(func() {
					for rest := want; len(rest) > 0; {
						n := min(len(rest), 1+mine.IntN(4000))
						if _, err := end.Write(rest[:n]); err != nil {
							t.Errorf("Write = %v", err)
							return
						}
						rest = rest[n:]
						time.Sleep(time.Duration(mine.IntN(2)) * time.Millisecond)
					}
					end.CloseWrite()
				})
				wg.Go(func() {
					if got, err := io.ReadAll(end); err != nil || !bytes.Equal(got, want) {
						t.Errorf("seed %d: %d octets of %d arrived, %v, or they differ", seed, len(got), len(want), err)
					}
				})
			}
			wg.Wait()
			// No link is faster than its bandwidth.
			for _, l := range []memory.Link{up, down} {
				if l.Bandwidth > 0 && time.Since(start) < time.Duration(int64(len(want))*int64(time.Second)/l.Bandwidth) {
					t.Errorf("seed %d: all arrived after %v over %+v", seed, time.Since(start), l)
				}
			}
		})
	}
}
