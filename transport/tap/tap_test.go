package tap_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transport/tap"
)

// A log is a sink that keeps a line for each event.
type log struct {
	mu    sync.Mutex
	lines []string
}

func (l *log) Event(e tap.Event) {
	line := fmt.Sprintf("%d %s%s", e.Connection.ID, e.Direction, e.Kind)
	if e.Kind == tap.Data {
		line += fmt.Sprintf(" %q", e.Octets)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
}

func (l *log) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := l.lines
	l.lines = nil
	return lines
}

func want(t *testing.T, l *log, lines ...string) {
	t.Helper()
	if diff := cmp.Diff(lines, l.take()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}

// tapped returns the tapped end of a pipe, the other end, and what is told.
func tapped(t *testing.T, size int) (a net.Conn, b *memory.Conn, l *log) {
	t.Helper()
	l = new(log)
	here, there := memory.PipeSize(size)
	t.Cleanup(func() { here.Close(); there.Close() })
	return tap.New(nil, l).Conn(here), there, l
}

func TestEvents(t *testing.T) {
	a, b, l := tapped(t, 0)
	buf := make([]byte, 16)
	io.WriteString(a, "ping")
	io.WriteString(a, "")
	io.WriteString(b, "pong")
	a.Read(buf[:2])
	a.Read(buf)
	a.(interface{ CloseWrite() error }).CloseWrite()
	b.CloseWrite()
	a.Read(buf)
	a.Read(buf)
	a.Close()
	a.Close()
	a.Read(buf)
	want(t, l, "1 open", `1 >data "ping"`, `1 <data "po"`, `1 <data "ng"`, "1 >end", "1 <end", "1 close")
}

// What the deadline or Close of this side ends is not told, what the peer does is, once.
func TestErrors(t *testing.T) {
	a, b, l := tapped(t, 0)
	buf := make([]byte, 16)
	a.SetDeadline(time.Unix(1, 0))
	if _, err := a.Read(buf); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Read past the deadline = %v", err)
	}
	a.SetDeadline(time.Time{})
	b.Reset()
	for range 2 {
		if _, err := a.Read(buf); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Read after a reset = %v", err)
		}
		if _, err := io.WriteString(a, "x"); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("Write after a reset = %v", err)
		}
	}
	want(t, l, "1 open", "1 <error", "1 >error")
}

func TestDial(t *testing.T) {
	var l log
	var network memory.Network
	d := tap.New(&network, &l)
	if _, err := d.DialContext(context.Background(), "tcp", "nobody:80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dial to nobody = %v", err)
	}
	ln, err := network.Listen("example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	var accepted log
	tappedListener := tap.New(nil, &accepted).Listener(ln)
	c, err := d.DialContext(context.Background(), "tcp", "example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	s, err := tappedListener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(c, "hi")
	s.Read(make([]byte, 9))
	c.Close()
	s.Close()
	want(t, &l, "1 dial", "1 fail", "2 dial", "2 open", `2 >data "hi"`, "2 close")
	want(t, &accepted, "1 open", `1 <data "hi"`, "1 close")
}

// A Write that blocks keeps what answers it from being told before it, until more than MaxHeld octets wait.
func TestOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, l := tapped(t, 4)
		var wg sync.WaitGroup
		wg.Go(func() { io.WriteString(a, "request") })
		synctest.Wait()
		io.WriteString(b, "soon")
		buf := make([]byte, 8)
		a.Read(buf)
		want(t, l, "1 open")
		io.ReadFull(b, buf[:7])
		wg.Wait()
		want(t, l, `1 >data "request"`, `1 <data "soon"`)
	})
}

func TestHeldIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := memory.PipeSize(64 << 10)
		defer here.Close()
		told := 0
		a := tap.New(nil, tap.SinkFunc(func(e tap.Event) { told += len(e.Octets) })).Conn(here)
		var wg sync.WaitGroup
		wg.Go(func() { a.Write(make([]byte, 100<<10)) })
		synctest.Wait()
		buf := make([]byte, 64<<10)
		for range tap.MaxHeld/len(buf) + 1 {
			there.Write(buf)
			io.ReadFull(a, buf)
		}
		if want := tap.MaxHeld + len(buf); told != want {
			t.Errorf("%d octets told while the write blocks, want %d", told, want)
		}
		there.Close()
		wg.Wait()
	})
}

// A write that fails half-way has told what was taken, not what was given.
func TestPartialWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _, l := tapped(t, 4)
		a.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := io.WriteString(a, "request")
		if n != 4 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write = %d, %v", n, err)
		}
		want(t, l, "1 open", `1 >data "requ"`)
	})
}

func TestReady(t *testing.T) {
	a, b, l := tapped(t, 0)
	if ready, err := transport.Peek(a); ready || err != nil {
		t.Errorf("Peek of a quiet connection = %v, %v", ready, err)
	}
	io.WriteString(b, "x")
	if ready, err := transport.Peek(a); !ready || err != nil {
		t.Errorf("Peek with an octet = %v, %v", ready, err)
	}
	want(t, l, "1 open")
}

// A base without CloseWrite has none through the tap.
func TestNoHalfClose(t *testing.T) {
	var l log
	here, there := net.Pipe()
	defer there.Close()
	defer here.Close()
	a := tap.New(nil, &l).Conn(here)
	if err := a.(interface{ CloseWrite() error }).CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("CloseWrite = %v", err)
	}
	want(t, &l, "1 open")
}

// at is a moment of the golden dump, in microseconds.
func at(us int) time.Time { return time.UnixMicro(1_700_000_000_000_000 + int64(us)) }

func TestDumpGolden(t *testing.T) {
	one := tap.Connection{ID: 1, Network: "tcp", Address: "example.org:80"}
	open := one
	open.Local, open.Remote = memory.Addr("192.0.2.1:51000"), memory.Addr("192.0.2.80:80")
	two := tap.Connection{ID: 2, Network: "tcp", Address: "bad\x1bhost:80"}
	three := tap.Connection{ID: 3, Local: memory.Addr("here:80"), Accepted: true}
	events := []tap.Event{
		{Kind: tap.Dial, Time: at(0), Connection: one},
		{Kind: tap.Open, Time: at(12345), Connection: open},
		{Kind: tap.Data, Time: at(12400), Connection: open, Direction: tap.Out, Octets: []byte("GET / HTTP/1.1\r\n")},
		{Kind: tap.Data, Time: at(12500), Connection: open, Direction: tap.Out, Octets: []byte("\r\n")},
		{Kind: tap.Dial, Time: at(13000), Connection: two},
		{Kind: tap.Fail, Time: at(13001), Connection: two, Err: errors.New("no such\nhost")},
		{Kind: tap.Data, Time: at(2030000), Connection: open, Direction: tap.In, Octets: []byte("HTTP/1.1 200 OK\r\n\r\n\x00\x7f\x80~|")},
		{Kind: tap.Data, Time: at(2030001), Connection: open, Direction: tap.In, Octets: []byte("!")},
		{Kind: tap.End, Time: at(2030100), Connection: open, Direction: tap.In},
		{Kind: tap.Error, Time: at(2030101), Connection: open, Direction: tap.Out, Err: syscall.EPIPE},
		{Kind: tap.Close, Time: at(3600000000), Connection: open},
		{Kind: tap.Open, Time: at(3600000001), Connection: three},
	}
	var b strings.Builder
	d := tap.NewDump(&b)
	for _, e := range events {
		d.Event(e)
	}
	golden, err := os.ReadFile("testdata/dump.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), b.String()); diff != "" {
		t.Errorf("dump (-want +got):\n%s", diff)
	}
	if d.Err() != nil {
		t.Error(d.Err())
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestDumpError(t *testing.T) {
	full := errors.New("disk full")
	d := tap.NewDump(brokenWriter{full})
	d.Event(tap.Event{Kind: tap.Close, Time: at(0)})
	if !errors.Is(d.Err(), full) {
		t.Errorf("Err = %v", d.Err())
	}
}

func TestNames(t *testing.T) {
	for k := tap.Dial; k <= tap.Close; k++ {
		if k.String() == "unknown" {
			t.Errorf("kind %d has no name", k)
		}
	}
	if s := tap.Kind(0).String() + tap.Kind(99).String() + tap.Direction(0).String(); s != "unknownunknown" {
		t.Errorf("names of nothing: %q", s)
	}
}
