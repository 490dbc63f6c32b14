package transporttest_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transporttest"
)

// A victim is a dialer that breaks one promise. The suite must say which.
type victim struct {
	name    string
	dial    func(ctx context.Context, network, address string, below transport.Dialer) (net.Conn, error)
	foreign bool
	noHalf  bool
	want    []string // the subtests of Exchanges that fail, perhaps among others
}

// wrapped is a victim whose connections are wrapped.
func wrapped(wrap func(c *memory.Conn) net.Conn) func(context.Context, string, string, transport.Dialer) (net.Conn, error) {
	return func(ctx context.Context, network, address string, below transport.Dialer) (net.Conn, error) {
		c, err := below.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return wrap(c.(*memory.Conn)), nil
	}
}

var victims = []victim{
	{name: "no Ready", noHalf: true,
		dial: wrapped(func(c *memory.Conn) net.Conn { return struct{ net.Conn }{c} }),
		// The last resort of transport.Ready takes an octet away.
		want: []string{"ReadyQuiet", "ReadyOctets", "ReadyRest", "ReadyOctetsThenEnd"}},
	{name: "Ready, which is denied", foreign: true, dial: wrapped(func(c *memory.Conn) net.Conn { return c }),
		want: []string{"ReadyQuiet"}},
	{name: "Ready sees no end", dial: wrapped(func(c *memory.Conn) net.Conn { return readyBlind{c} }),
		want: []string{"ReadyEnd", "ReadyHalfClose", "ReadyOctetsThenEnd", "ClosedWhileIdle"}},
	{name: "Ready takes octets", dial: wrapped(func(c *memory.Conn) net.Conn { return readyTakes{c} }),
		want: []string{"ReadyOctets", "ReadyRest", "ReadyOctetsThenEnd"}},
	{name: "no half-close", dial: wrapped(func(c *memory.Conn) net.Conn { return noCloseWrite{c, c} }),
		want: []string{"HalfCloseByClient"}},
	{name: "half-close is denied", noHalf: true, dial: wrapped(func(c *memory.Conn) net.Conn { return c }),
		want: []string{"HalfCloseByClient"}},
	{name: "half-close closes", dial: wrapped(func(c *memory.Conn) net.Conn { return closesAll{c} }),
		want: []string{"HalfCloseByClient", "Upgrade"}},
	{name: "the end is no io.EOF", dial: wrapped(func(c *memory.Conn) net.Conn { return mapped{c, io.EOF, io.ErrUnexpectedEOF} }),
		want: []string{"Copy", "HalfCloseByClient", "HalfCloseByServer", "PeerGone", "ReadyOctetsThenEnd", "UntilClose", "Upgrade", "CloseBetweenHeadAndContent"}},
	{name: "time-outs are strange", dial: wrapped(func(c *memory.Conn) net.Conn {
		return mapped{c, os.ErrDeadlineExceeded, syscall.EIO}
	}), want: []string{"ReadDeadline", "WriteDeadline", "ReadyQuiet", "ResponseTimeout"}},
	{name: "time-outs are not temporary", dial: wrapped(func(c *memory.Conn) net.Conn {
		return mapped{c, os.ErrDeadlineExceeded, finalTimeout{}}
	}), want: []string{"ReadDeadline", "WriteDeadline"}},
	{name: "closed is strange", dial: wrapped(func(c *memory.Conn) net.Conn { return mapped{c, net.ErrClosed, syscall.EBADF} }),
		want: []string{"CloseWhileBlocked", "AfterClose"}},
	{name: "octets change", dial: wrapped(func(c *memory.Conn) net.Conn { return &corrupt{Conn: c} }),
		want: []string{"BothWriteAtOnce", "Copy", "ChunkedBothWays"}},
	{name: "writes wait for reads", dial: wrapped(func(c *memory.Conn) net.Conn { return &locked{Conn: c} }),
		want: []string{"ReadWhileWriteBlocks", "WriteWhileReadBlocks"}},
	{name: "deadlines are ignored", dial: wrapped(func(c *memory.Conn) net.Conn { return noDeadline{c} }),
		want: []string{"ReadDeadline", "WriteDeadline", "ReadyQuiet", "ResponseTimeout"}},
	{name: "no addresses", dial: wrapped(func(c *memory.Conn) net.Conn { return noAddr{c} }), want: []string{"Addresses"}},
	{name: "the context lives on", want: []string{"DialContextEndsWithDialling"},
		dial: func(ctx context.Context, network, address string, below transport.Dialer) (net.Conn, error) {
			c, err := below.DialContext(ctx, network, address)
			if err == nil {
				context.AfterFunc(ctx, func() { c.Close() })
			}
			return c, err
		}},
	{name: "the context is ignored", want: []string{"DialCancelled", "DialTooLate"},
		dial: func(_ context.Context, network, address string, below transport.Dialer) (net.Conn, error) {
			return below.DialContext(context.Background(), network, address)
		}},
	{name: "errors come with a connection", want: []string{"DialCancelled", "DialTooLate", "DialNobody"},
		dial: func(ctx context.Context, network, address string, below transport.Dialer) (net.Conn, error) {
			c, err := below.DialContext(ctx, network, address)
			if err != nil {
				return noAddr{}, err
			}
			return c, nil
		}},
}

type readyBlind struct{ *memory.Conn }

func (c readyBlind) Ready() (bool, error) {
	ready, err := c.Conn.Ready()
	if err == io.EOF {
		return false, nil
	}
	return ready, err
}

type readyTakes struct{ *memory.Conn }

func (c readyTakes) Ready() (bool, error) {
	ready, err := c.Conn.Ready()
	if ready && err == nil {
		c.Conn.Read(make([]byte, 1))
	}
	return ready, err
}

type noCloseWrite struct {
	net.Conn
	transport.ReadyConn
}

type closesAll struct{ *memory.Conn }

func (c closesAll) CloseWrite() error { return c.Conn.Close() }

// mapped has another error in the place of one.
type mapped struct {
	*memory.Conn
	from, to error
}

func (c mapped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, c.other(err)
}

func (c mapped) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	return n, c.other(err)
}

func (c mapped) other(err error) error {
	if errors.Is(err, c.from) {
		return c.to
	}
	return err
}

type finalTimeout struct{}

func (finalTimeout) Error() string        { return "late" }
func (finalTimeout) Timeout() bool        { return true }
func (finalTimeout) Temporary() bool      { return false }
func (finalTimeout) Is(target error) bool { return target == os.ErrDeadlineExceeded }

// corrupt changes an octet behind many others.
type corrupt struct {
	*memory.Conn
	n int
}

func (c *corrupt) Write(p []byte) (int, error) {
	const at = 200_000
	if c.n <= at && at < c.n+len(p) {
		p = slices.Clone(p)
		p[at-c.n] ^= 1
	}
	n, err := c.Conn.Write(p)
	c.n += n
	return n, err
}

// locked lets one call be under way at a time.
type locked struct {
	*memory.Conn
	mu sync.Mutex
}

func (c *locked) Read(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Conn.Read(p)
}

func (c *locked) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.Conn.Write(p)
}

type noDeadline struct{ *memory.Conn }

func (noDeadline) SetDeadline(time.Time) error      { return nil }
func (noDeadline) SetReadDeadline(time.Time) error  { return nil }
func (noDeadline) SetWriteDeadline(time.Time) error { return nil }

type noAddr struct{ *memory.Conn }

func (noAddr) LocalAddr() net.Addr { return nil }

// TestVictim is run by TestSuiteFails, in a process of its own since it fails.
func TestVictim(t *testing.T) {
	if os.Getenv("STRATA_TEST_VICTIMS") == "" {
		t.Skip("these fail on purpose")
	}
	transporttest.SetPatience(250 * time.Millisecond)
	for _, v := range victims {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel()
			transporttest.TestExchanges(t, func(t *testing.T) transporttest.Stack {
				s := overMemory(t, transporttest.Stack{})
				below := s.Dialer
				s.Dialer = transport.DialerFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
					return v.dial(ctx, network, address, below)
				})
				s.Foreign, s.NoHalfClose = v.foreign, v.noHalf
				return s
			})
		})
	}
}

// TestSuiteFails shows that the suite finds each broken promise, and says which it is.
func TestSuiteFails(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(self, "-test.run=^TestVictim$", "-test.v", "-test.parallel=16", "-test.timeout=30s")
	cmd.Env = append(os.Environ(), "STRATA_TEST_VICTIMS=1")
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("the tests of the victims: %v\n%s", err, out)
	}
	got := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?m)^ +--- FAIL: TestVictim/([^/\s]+)/(\S+)`).FindAllStringSubmatch(string(out), -1) {
		got[m[1]] = append(got[m[1]], m[2])
	}
	for _, v := range victims {
		name := strings.ReplaceAll(v.name, " ", "_")
		for _, want := range v.want {
			if !slices.Contains(got[name], want) {
				t.Errorf("%s: of all subtests %q fail, but not %s", v.name, got[name], want)
			}
		}
	}
	if t.Failed() {
		t.Logf("…%s", out[max(0, len(out)-1000):])
	}
}
