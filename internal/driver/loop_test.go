package driver

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/transport/memory"
)

// client returns a loop in the client's role over a connection in memory, and the server's end.
func client(t testing.TB, size int) (*Loop, *memory.Conn) {
	t.Helper()
	here, there := memory.PipeSize(size)
	l := new(Loop)
	l.Start(here, conn.New(conn.Client, conn.Config{}))
	if err := l.Begin(context.Background(), time.Time{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Close()
		there.Close()
	})
	return l, there
}

// head appends the head of a request.
func head(t testing.TB, l *Loop, pairs ...string) []byte {
	t.Helper()
	f := new(headers.Fields)
	f.Add("Host", "example.org")
	for i := 0; i < len(pairs); i += 2 {
		f.Add(pairs[i], pairs[i+1])
	}
	out, err := l.Conn.AppendRequest(l.Out(), "POST", "/", f)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const (
	rawHead = "POST / HTTP/1.1\r\nHost: example.org\r\n"
	okHello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
)

// content reads to the end of the message.
func content(t testing.TB, l *Loop) string {
	t.Helper()
	var all []byte
	buf := make([]byte, 100)
	for {
		n, err := l.Read(buf, nil)
		all = append(all, buf[:n]...)
		if err == io.EOF {
			return string(all)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func expect(t testing.TB, ev conn.Event, err error, want conn.Kind) {
	t.Helper()
	if err != nil || ev.Kind != want {
		t.Fatalf("event %v, error %v, want %v", ev.Kind, err, want)
	}
}

// onlyReader hides what else a reader can do.
type onlyReader struct{ io.Reader }

// TestDuplex: sending goes on while the response is read.
func TestDuplex(t *testing.T) {
	l, peer := client(t, 0)
	got := make(chan string, 1)
	go func() {
		io.CopyN(io.Discard, peer, int64(len(rawHead+"Transfer-Encoding: chunked\r\n\r\n")))
		io.WriteString(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
		b := make([]byte, len("1\r\na\r\n1\r\nb\r\n0\r\n\r\n"))
		io.ReadFull(peer, b)
		got <- string(b)
		io.WriteString(peer, "lo")
	}()
	more := make(chan bool)
	source := body.Seq(func(yield func([]byte) bool) {
		_ = yield([]byte("a")) && <-more && yield([]byte("b"))
	})
	ev, err := l.Send(head(t, l, "Transfer-Encoding", "chunked"), Message{Source: &source, Duplex: true})
	expect(t, ev, err, conn.ResponseHead)
	if !l.Sending() {
		t.Error("sending has ended")
	}
	var half [3]byte
	for n := 0; n < len(half); {
		m, err := l.Read(half[n:], nil)
		if err != nil {
			t.Fatal(err)
		}
		n += m
	}
	more <- true
	// The end of sending interrupts a read. This one must not take that for a time-out.
	if rest := content(t, l); rest != "lo" {
		t.Errorf("the rest is %q", rest)
	}
	if err := l.FinishSend(); err != nil {
		t.Error(err)
	}
	if want := "1\r\na\r\n1\r\nb\r\n0\r\n\r\n"; <-got != want {
		t.Error("other octets were sent")
	}
	if !l.Conn.Reusable() || !l.Idle() {
		t.Error("not reusable")
	}
}

// TestReusedBehindHelper: a response that comes when the helper has sent everything, and nobody has noticed
// yet, leaves the connection fit for use.
func TestReusedBehindHelper(t *testing.T) {
	l, peer := client(t, 0)
	go func() {
		want := rawHead + "Content-Length: 5\r\n\r\nhello"
		b := make([]byte, len(want))
		for {
			if _, err := io.ReadFull(peer, b); err != nil {
				return
			}
			if string(b) != want {
				t.Errorf("request %q", b)
			}
			io.WriteString(peer, okHello)
		}
	}()
	sources := map[string]func() body.Source{
		"sized": func() body.Source { return body.SizedReader(onlyReader{strings.NewReader("hello")}, 5) },
		"iterable": func() body.Source {
			return body.Seq(func(yield func([]byte) bool) { _ = yield([]byte("he")) && yield([]byte("llo")) && yield(nil) })
		},
		"seeker": func() body.Source {
			return body.File(struct{ io.ReadSeeker }{strings.NewReader("hello")})
		},
	}
	for range 300 {
		for name, source := range sources {
			s := source()
			ev, err := l.Send(head(t, l, "Content-Length", "5"), Message{Source: &s})
			if err == nil && ev.Kind == conn.NeedData {
				ev, err = l.Next()
			}
			expect(t, ev, err, conn.ResponseHead)
			if got := content(t, l); got != "hello" {
				t.Fatalf("content %q", got)
			}
			if !l.Conn.Reusable() || !l.Idle() || !l.Quiet() {
				t.Fatalf("not reusable behind %s", name)
			}
		}
	}
}

// TestNotReusedBehindUnsentEnd: where the machine has moved on and the octets have not, the connection is
// not used again.
func TestNotReusedBehindUnsentEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Head and content fit; nobody reads the last-chunk.
		l, peer := client(t, len(rawHead+"Transfer-Encoding: chunked\r\n\r\n"+"5\r\nhello\r\n"))
		s := body.Seq(func(yield func([]byte) bool) { yield([]byte("hello")) })
		go func() {
			time.Sleep(time.Second)
			io.WriteString(peer, okHello)
		}()
		ev, err := l.Send(head(t, l, "Transfer-Encoding", "chunked"), Message{Source: &s})
		expect(t, ev, err, conn.ResponseHead)
		content(t, l)
		if l.Idle() || l.Quiet() {
			t.Error("the connection would be used again without its last-chunk")
		}
		l.Close()
	})
}

// TestForeignConn: a connection whose reads return nothing is not read for ever, and its own kind of
// time-out is known as one.
func TestForeignConn(t *testing.T) {
	l, _ := client(t, 0)
	l.nc = &foreign{Conn: l.nc, read: func([]byte) (int, error) { return 0, nil }}
	s := body.None()
	if _, err := l.Send(head(t, l, "Content-Length", "0"), Message{Source: &s}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Next(); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v", err)
	}
	l, _ = client(t, 0)
	l.nc = &foreign{Conn: l.nc, read: func([]byte) (int, error) { return 0, ownTimeout{} }}
	if _, err := l.Send(head(t, l, "Content-Length", "0"), Message{Source: &s}); err != nil {
		t.Fatal(err)
	}
	var timeout *TimeoutError
	if _, err := l.Next(); !errors.As(err, &timeout) || timeout.Phase != PhaseFirstByte {
		t.Errorf("error %v", err)
	}
}

type foreign struct {
	net.Conn
	read func([]byte) (int, error)
}

func (f *foreign) Read(p []byte) (int, error) { return f.read(p) }

type ownTimeout struct{}

func (ownTimeout) Error() string   { return "own kind of time-out" }
func (ownTimeout) Timeout() bool   { return true }
func (ownTimeout) Temporary() bool { return true }

// TestTimedOut tells time-outs from a peer that is gone.
func TestTimedOut(t *testing.T) {
	for err, want := range map[error]bool{
		os.ErrDeadlineExceeded: true, ownTimeout{}: true, context.DeadlineExceeded: true,
		syscall.ETIMEDOUT: false, io.EOF: false, syscall.ECONNRESET: false, net.ErrClosed: false,
	} {
		if got := timedOut(&net.OpError{Op: "read", Err: err}); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}

// TestPool: a buffer of another size is never taken in.
func TestPool(t *testing.T) {
	b := getBuffer()
	if len(b) != bufferSize || cap(b) != bufferSize {
		t.Errorf("%d octets of %d", len(b), cap(b))
	}
	putBuffer(b[:0])
	for _, odd := range [][]byte{nil, {}, make([]byte, 10), make([]byte, bufferSize+1), make([]byte, 2*bufferSize), make([]byte, bufferSize)[1:]} {
		putBuffer(odd)
	}
	for range 20 {
		if b := getBuffer(); len(b) != bufferSize {
			t.Errorf("%d octets", len(b))
		}
	}
}

// TestLargeHead grows the buffer, and gives the pooled one back at once.
func TestLargeHead(t *testing.T) {
	l, peer := client(t, 0)
	s := body.None()
	if _, err := l.Send(head(t, l, "Content-Length", "0"), Message{Source: &s}); err != nil {
		t.Fatal(err)
	}
	line := "A: " + strings.Repeat("x", 10_000) + "\r\n"
	go io.WriteString(peer, "HTTP/1.1 200 OK\r\n"+strings.Repeat(line, 6)+"Content-Length: 5\r\n\r\nhello")
	ev, err := l.Next()
	expect(t, ev, err, conn.ResponseHead)
	if ev.Head.Fields.Len() != 7 {
		t.Errorf("%d field lines", ev.Head.Fields.Len())
	}
	if got := content(t, l); got != "hello" {
		t.Errorf("content %q", got)
	}
	if !l.Idle() || l.in != nil {
		t.Error("an idle loop has a buffer")
	}
}

// TestSmallChunksInOneWrite: framing and content go out together.
func TestSmallChunksInOneWrite(t *testing.T) {
	l, peer := client(t, 1<<20)
	var writes [][]byte
	l.nc = &recording{Conn: l.nc, writes: &writes}
	l.socket = false
	go func() {
		io.CopyN(io.Discard, peer, 1<<20)
	}()
	s := body.Seq(func(yield func([]byte) bool) { _ = yield([]byte("hello")) && yield(make([]byte, bufferSize)) })
	ev, err := l.Send(head(t, l, "Transfer-Encoding", "chunked"), Message{Source: &s})
	expect(t, ev, err, conn.NeedData)
	var got []int
	for _, w := range writes {
		got = append(got, len(w))
	}
	want := []int{len(rawHead + "Transfer-Encoding: chunked\r\n\r\n"), len("5\r\nhello\r\n"), len("4000\r\n\r\n") + bufferSize, len("0\r\n\r\n")}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lengths of writes (-want +got):\n%s", diff)
	}
	if !bytes.Equal(writes[1], []byte("5\r\nhello\r\n")) {
		t.Errorf("chunk %q", writes[1])
	}
}

type recording struct {
	net.Conn
	writes *[][]byte
}

func (r *recording) Write(p []byte) (int, error) {
	*r.writes = append(*r.writes, bytes.Clone(p))
	return r.Conn.Write(p)
}

// TestClosedByCallback: a loop that is closed within a callback, or by a writer, fails in peace.
func TestClosedByCallback(t *testing.T) {
	l, peer := client(t, 0)
	go io.WriteString(peer, "HTTP/1.1 103 Early Hints\r\n\r\n")
	s := body.Reader(onlyReader{strings.NewReader(strings.Repeat("x", 1<<20))})
	_, err := l.Send(head(t, l, "Transfer-Encoding", "chunked"), Message{Source: &s, Interim: func(*conn.Head) error { return l.Close() }})
	if !errors.Is(err, net.ErrClosed) {
		t.Errorf("error %v", err)
	}
	l.Discard(5)
	if err := l.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

// TestFinishSendEnds with the context and with the deadline, though the source blocks.
func TestFinishSendEnds(t *testing.T) {
	for name, blind := range map[string]bool{"duplex": false, "blind": true} {
		for _, cancelled := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				l, peer := client(t, 0)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				deadline := time.Time{}
				if cancelled {
					time.AfterFunc(time.Minute, cancel)
				} else {
					deadline = time.Now().Add(time.Minute)
				}
				if err := l.Begin(ctx, deadline); err != nil {
					t.Fatal(err)
				}
				release := make(chan bool)
				source := body.Seq(func(func([]byte) bool) { <-release })
				go io.WriteString(peer, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
				start := time.Now()
				_, err := l.Send(head(t, l, "Transfer-Encoding", "chunked"), Message{Source: &source, Duplex: !blind, Blind: blind})
				if !blind {
					if err != nil {
						t.Fatal(err)
					}
					err = l.FinishSend()
				}
				var timeout *TimeoutError
				switch {
				case time.Since(start) != time.Minute:
					t.Errorf("%s: after %v", name, time.Since(start))
				case cancelled && err != context.Canceled:
					t.Errorf("%s: %v", name, err)
				case !cancelled && (!errors.As(err, &timeout) || timeout.Phase != PhaseTotal):
					t.Errorf("%s: %v", name, err)
				case l.Idle():
					t.Errorf("%s: idle", name)
				}
				l.Close()
				close(release)
			})
		}
	}
}
