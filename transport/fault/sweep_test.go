package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
)

// echoes starts a server that sends four octets back, and no more, to each connection.
func echoes(t *testing.T) transport.Dialer {
	t.Helper()
	network, l := listen(t)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				buf := make([]byte, 4)
				if _, err := io.ReadFull(c, buf); err == nil {
					c.Write(buf)
					io.Copy(io.Discard, c)
				}
			}()
		}
	}()
	return network
}

// ping is a good client of echoes.
func ping(ctx context.Context, d transport.Dialer) error {
	c, err := d.DialContext(ctx, "tcp", "example.org:80")
	if err != nil {
		return err
	}
	defer c.Close()
	if by, ok := ctx.Deadline(); ok {
		c.SetDeadline(by)
	}
	if _, err := c.Write([]byte("ping")); err != nil {
		return err
	}
	got := make([]byte, 4)
	if _, err := io.ReadFull(c, got); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return err
	}
	if string(got) != "ping" {
		return fmt.Errorf("%w: %q", fault.ErrWrong, got)
	}
	return nil
}

// A client that handles every fault gets a clean report: each fault, at each offset, both ways.
func TestEverywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		report, err := fault.Everywhere(t.Context(), echoes(t), ping)
		if err != nil {
			t.Fatal(err)
		}
		if err := report.Err(); err != nil {
			t.Error(err)
		}
		const want = `connection 1: 4 octets sent, 4 received
fault                 outcome      cases  at
sent: cut             correct      5      0-4
received: cut         correct      5      0-4
sent: stall 1s        correct      5      0-4
received: stall 1s    correct      5      0-4
sent: stall           time-out     4      0-3
                      correct      1      4
received: stall       time-out     4      0-3
                      correct      1      4
sent: black hole      time-out     4      0-3
                      correct      1      4
received: black hole  time-out     4      0-3
                      correct      1      4
sent: reset           reset        5      0-4
received: reset       reset        4      0-3
                      correct      1      4
sent: close           broken pipe  4      0-3
                      cut short    1      4
received: close       cut short    4      0-3
                      correct      1      4
sent: half-close      broken pipe  4      0-3
                      correct      1      4
received: half-close  cut short    4      0-3
                      correct      1      4
sent: truncate        cut short    4      0-3
                      correct      1      4
received: truncate    cut short    4      0-3
                      correct      1      4
`
		if diff := cmp.Diff(want, report.String()); diff != "" {
			t.Errorf("the table (-want +got):\n%s", diff)
		}
	})
}

// Each way in which a client can be bad is found, and told from the others.
func TestEverywhereFinds(t *testing.T) {
	for name, tt := range map[string]struct {
		faults string
		bad    func(ctx context.Context, d transport.Dialer, err error) error // what the client does where ping fails
		want   fault.Outcome
		says   string
	}{
		"an unclear error": {"received at 0: reset", func(context.Context, transport.Dialer, error) error {
			return errors.New("something went wrong")
		}, fault.Unclear, "something went wrong"},
		"a wrong result": {"received at 0: xor 01", func(_ context.Context, _ transport.Dialer, err error) error {
			return err
		}, fault.Wrong, `"qing"`},
		"a panic": {"received at 0: reset", func(context.Context, transport.Dialer, error) error {
			panic("oh")
		}, fault.Unclear, "the exchange panicked: oh"},
		"an exit": {"received at 0: reset", func(context.Context, transport.Dialer, error) error {
			runtime.Goexit()
			return nil
		}, fault.Unclear, "left its goroutine without returning"},
		"an open connection": {"received at 0: reset", func(ctx context.Context, d transport.Dialer, _ error) error {
			_, err := d.DialContext(ctx, "tcp", "example.org:80")
			return err
		}, fault.Leak, "left 1 connections open; its error: none"},
		"a hang": {"received at 0: reset", func(ctx context.Context, d transport.Dialer, _ error) error {
			c, err := d.DialContext(ctx, "tcp", "example.org:80")
			if err == nil {
				c.Read(make([]byte, 1))
			}
			return err
		}, fault.Hang, "still running"},
		"a goroutine": {"received at 0: reset", func(ctx context.Context, _ transport.Dialer, err error) error {
			// It ends far too late, and yet it ends: the bubble demands that.
			go func() { go time.Sleep(time.Hour) }()
			return err
		}, fault.Leak, "left goroutines running; its error: read memory"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				exchange := func(ctx context.Context, d transport.Dialer) error {
					err := ping(ctx, d)
					if err == nil {
						return nil
					}
					return tt.bad(ctx, d, err)
				}
				report, err := fault.Everywhere(t.Context(), echoes(t), exchange, must(t, tt.faults)...)
				if err != nil {
					t.Fatal(err)
				}
				bad, good := report.Cases[0], report.Cases[len(report.Cases)-1]
				if bad.Outcome != tt.want || !strings.Contains(fmt.Sprint(bad.Err), tt.says) {
					t.Errorf("%v: %v (%v), want %v with %q", bad.Fault, bad.Outcome, bad.Err, tt.want, tt.says)
				}
				if good.Outcome != fault.Correct {
					t.Errorf("%v: %v (%v), want it correct", good.Fault, good.Outcome, good.Err)
				}
				if stacks := bad.Stacks != ""; stacks != (tt.want == fault.Hang || name == "a goroutine") {
					t.Errorf("the stacks are %q", bad.Stacks)
				}
				if err := report.Err(); err == nil || !strings.Contains(err.Error(), bad.Fault.String()+": "+tt.want.String()) {
					t.Errorf("Err = %v", err)
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

// An exchange that fails by itself, or a context that has ended, is an error and no report.
func TestEverywhereErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := fault.New(echoes(t), fault.Conn(1).Dial().Refuse())
		report, err := fault.Everywhere(t.Context(), d, ping)
		if report != nil || !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("Everywhere with a refused connection = %v, %v", report, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		_, err = fault.Everywhere(ctx, d, func(ctx context.Context, d transport.Dialer) error {
			if n++; n == 3 {
				cancel()
			}
			return ping(ctx, d)
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Everywhere after cancel = %v", err)
		}
	})
}

// What a fault's place leaves open is filled in: connections, directions, offsets by steps and the last one.
func TestSweepPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		twice := func(ctx context.Context, d transport.Dialer) error {
			if err := ping(ctx, d); err != nil {
				return err
			}
			return ping(ctx, d)
		}
		for text, want := range map[string]string{
			"cut":                    "conn 1 sent at 0,conn 1 sent at 3,conn 1 sent at 4,conn 1 received at 0,conn 1 received at 3,conn 1 received at 4,conn 2 sent at 0,conn 2 sent at 3,conn 2 sent at 4,conn 2 received at 0,conn 2 received at 3,conn 2 received at 4",
			"received: cut":          "conn 1 received at 0,conn 1 received at 3,conn 1 received at 4,conn 2 received at 0,conn 2 received at 3,conn 2 received at 4",
			"conn 2 sent at 9: cut":  "conn 2 sent at 0,conn 2 sent at 3,conn 2 sent at 4",
			"conn 1-: stall 1ms":     "conn 1- sent at 0,conn 1- sent at 3,conn 1- sent at 4,conn 1- received at 0,conn 1- received at 3,conn 1- received at 4",
			"dial: delay 1s":         "conn 1 dial,conn 2 dial",
			"conn 2 after 1s: reset": "conn 2 after 1s",
		} {
			report, err := fault.Sweep{Dialer: echoes(t), Exchange: twice, Faults: must(t, text), Step: 3}.Run(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range report.Cases {
				place, _, _ := strings.Cut(c.Fault.String(), ":")
				got = append(got, place)
				if !c.Outcome.OK() || c.Struck == (text == "conn 2 after 1s: reset") {
					t.Errorf("%v: %v, struck %v", c.Fault, c.Outcome, c.Struck)
				}
			}
			if diff := cmp.Diff(strings.Split(want, ","), got); diff != "" {
				t.Errorf("%q (-want +got):\n%s", text, diff)
			}
		}
	})
}

// A judge has the last word on a case.
func TestSweepJudge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		report, err := fault.Sweep{
			Dialer: echoes(t), Exchange: ping, Faults: must(t, "received at 0: xor 01"),
			Judge: func(c *fault.Case) {
				if c.Outcome == fault.Wrong {
					c.Outcome, c.Class = fault.Failed, "changed"
				}
			},
		}.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		const want = "connection 1: 4 octets sent, 4 received\nfault             outcome  cases  at\n" +
			"received: xor 01  changed  4      0-3\n                  correct  1      4\n"
		if diff := cmp.Diff(want, report.String()); diff != "" || report.Err() != nil {
			t.Errorf("Err = %v (-want +got):\n%s", report.Err(), diff)
		}
	})
}

// Errors are classed by what they say of the network.
func TestClass(t *testing.T) {
	for class, errs := range map[string][]error{
		"time-out":     {context.DeadlineExceeded, &net.OpError{Op: "dial", Err: syscall.ETIMEDOUT}},
		"no such host": {&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", IsNotFound: true}}},
		"refused":      {fmt.Errorf("dialling: %w", syscall.ECONNREFUSED)},
		"reset":        {syscall.ECONNRESET},
		"broken pipe":  {syscall.EPIPE},
		"cut short":    {io.ErrUnexpectedEOF, transport.ErrNoCloseNotify},
		"closed":       {net.ErrClosed},
		"TLS":          {&transport.TLSError{Err: errors.New("x")}, &net.OpError{Op: "remote error", Err: errors.New("x")}},
		"":             {io.EOF, errors.New("x")},
	} {
		for _, err := range errs {
			if got := fault.Class(err); got != class {
				t.Errorf("Class(%v) = %q, want %q", err, got, class)
			}
		}
	}
}
