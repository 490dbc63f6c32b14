package cassette_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/cassette"
)

// The file of one exchange, in full.
func TestFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := path(t)
		tape := record(t, world(t, func(c net.Conn) {
			io.ReadFull(c, make([]byte, 18))
			time.Sleep(20 * time.Millisecond)
			io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n\x00\x80\\ \n tail ")
			time.Sleep(1500 * time.Microsecond)
		}), file)
		if !tape.Recording() {
			t.Error("it does not record")
		}
		c := dial(t, tape)
		write(t, c, "GET / HTTP/1.1\r\n\r\n")
		io.ReadAll(c)
		c.Close()
		if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the file is there before Close: %v", err)
		}
		finish(t, tape)
		want := cassette.Header + `
dial 1 0s tcp example.org:80
open 1 0s memory 1.client:1 -> memory example.org:80
> 1 0s
  GET / HTTP/1.1\r\n
  \r\n
< 1 20ms
  HTTP/1.1 200 OK\r\n
  \r\n
  \x00\x80\\ \n
   tail\x20
<end 1 21.5ms
close 1 21.5ms
`
		got := strings.Replace(content(t, file), c.LocalAddr().String(), "1.client:1", 1)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("file (-want +got):\n%s", diff)
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); len(left) != 1 {
			t.Errorf("files left: %q", left)
		}
	})
}

const hello = `
dial 1 0s tcp example.org:80
open 1 1ms
> 1 2ms
  ping
< 1 12ms
  pon
< 1 1h0m0.012s
  g
> 1 1h0m1s
  more\n
<end 1 2h
close 1 2h
`

func TestReplay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		tape := replay(t, written(t, hello))
		c := dial(t, tape)
		if ready, err := transport.Peek(c); ready || err != nil {
			t.Errorf("Ready = %v, %v", ready, err)
		}
		write(t, c, "pi")
		write(t, c, "ng")
		if ready, err := transport.Peek(c); !ready || err != nil {
			t.Errorf("Ready with an answer = %v, %v", ready, err)
		}
		read(t, c, "pon")
		read(t, c, "g")
		if err := tape.Complete(); err == nil || !strings.Contains(err.Error(), ":12: connection 1 was not written beyond octet 4 of 9") {
			t.Errorf("Complete = %v", err)
		}
		write(t, c, "more\n")
		if ready, err := transport.Peek(c); !ready || err != io.EOF {
			t.Errorf("Ready at the end = %v, %v", ready, err)
		}
		if _, err := c.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("Read = %v", err)
		}
		finish(t, tape)
		if time.Since(start) != 0 {
			t.Errorf("it took %v", time.Since(start))
		}
	})
}

func TestTimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		passed := func(want time.Duration) {
			t.Helper()
			if got := time.Since(start); got != want {
				t.Errorf("it took %v, want %v", got, want)
			}
		}
		tape := replay(t, written(t, hello), cassette.Timed())
		c := dial(t, tape)
		passed(time.Millisecond)
		write(t, c, "ping")
		if ready, _ := transport.Peek(c); ready {
			t.Error("the answer is there before its time")
		}
		read(t, c, "pon")
		passed(11 * time.Millisecond)
		c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read = %v", err)
		}
		c.SetReadDeadline(time.Time{})
		read(t, c, "g")
		passed(time.Hour + 11*time.Millisecond)
		finish2 := tape.Close()
		if finish2 != nil {
			t.Error(finish2)
		}
	})
}

func TestSegments(t *testing.T) {
	tests := []struct {
		name string
		how  cassette.Option
		want []string
	}{
		{"recorded", cassette.Segments(cassette.Recorded), []string{"pon", "g"}},
		{"whole", cassette.Segments(cassette.Whole), []string{"pong"}},
		{"octets", cassette.Segments(1), []string{"p", "o", "n", "g"}},
		{"two", cassette.Segments(2), []string{"po", "ng"}},
		{"by a function", cassette.SegmentBy(func(waiting int) int { return waiting - 3 }), []string{"p", "o", "n", "g"}},
		{"by half", cassette.SegmentBy(func(waiting int) int { return waiting/2 + 1 }), []string{"pon", "g"}},
		{"by none", cassette.SegmentBy(func(int) int { return -1 }), []string{"p", "o", "n", "g"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, replay(t, written(t, hello), tt.how))
			write(t, c, "ping")
			for _, s := range tt.want {
				read(t, c, s)
			}
		})
	}
}

// Errors and ends come back as what they were.
func TestFaults(t *testing.T) {
	head := "\ndial 1 0s tcp example.org:80\nopen 1 1ms\n"
	tests := []struct {
		name string
		text string
		do   func(c net.Conn) error
		want error
	}{
		{"reset while reading", head + "<error 1 2ms reset\n", readOne, syscall.ECONNRESET},
		{"cut", head + "<error 1 2ms cut\n", readOne, transport.ErrNoCloseNotify},
		{"gone", head + "<error 1 2ms timeout\n", readOne, syscall.ETIMEDOUT},
		{"EOF", head + "<end 1 2ms\n", readOne, io.EOF},
		{"write", head + "> 1 2ms\n  x\n>error 1 3ms broken-pipe\n", func(c net.Conn) error {
			n, err := io.WriteString(c, "xyz")
			if n != 1 {
				return errors.New("not one octet was written")
			}
			return err
		}, syscall.EPIPE},
		{"deadline", head, func(c net.Conn) error { c.SetDeadline(time.Unix(1, 0)); return readOne(c) }, os.ErrDeadlineExceeded},
		{"write deadline", head, func(c net.Conn) error {
			c.SetWriteDeadline(time.Unix(1, 0))
			_, err := c.Write([]byte("x"))
			return err
		}, os.ErrDeadlineExceeded},
		{"closed", head, func(c net.Conn) error { c.Close(); return readOne(c) }, net.ErrClosed},
		{"write closed", head, func(c net.Conn) error { c.Close(); _, err := c.Write([]byte("x")); return err }, net.ErrClosed},
		{"close twice", head, func(c net.Conn) error { c.Close(); return c.Close() }, net.ErrClosed},
		{"write after CloseWrite", head + ">end 1 2ms\n", func(c net.Conn) error {
			if err := c.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
				return err
			}
			_, err := c.Write([]byte("x"))
			return err
		}, syscall.EPIPE},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := dial(t, replay(t, written(t, tt.text)))
			if err := tt.do(c); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
			if c.LocalAddr() == nil || c.RemoteAddr().String() != "example.org:80" {
				t.Errorf("addresses %v, %v", c.LocalAddr(), c.RemoteAddr())
			}
		})
	}
}

func readOne(c net.Conn) error {
	_, err := c.Read(make([]byte, 1))
	return err
}

func TestDialFaults(t *testing.T) {
	tests := []struct {
		fault string
		want  error
	}{
		{"refused", syscall.ECONNREFUSED}, {"unreachable", syscall.EHOSTUNREACH},
		{"timeout", syscall.ETIMEDOUT}, {"canceled", context.Canceled},
	}
	for _, tt := range tests {
		tape := replay(t, written(t, "\ndial 1 0s tcp example.org:80\nfail 1 1ms "+tt.fault+"\n"))
		_, err := tape.DialContext(context.Background(), "tcp", "example.org:80")
		var dial *transport.DialError
		if !errors.Is(err, tt.want) || !errors.As(err, &dial) {
			t.Errorf("%s: %v", tt.fault, err)
		}
	}
	tape := replay(t, written(t, "\ndial 1 0s tcp example.org:80\nfail 1 1ms no-host\n"+
		"\ndial 2 0s tcp example.org:80\nfail 2 1ms other \"TLS: bad \\x22moon\\x22\"\n"))
	_, err := tape.DialContext(context.Background(), "tcp", "example.org:80")
	var dns *net.DNSError
	if !errors.As(err, &dns) || !dns.IsNotFound || dns.Name != "example.org" {
		t.Errorf("no-host: %v", err)
	}
	_, err = tape.DialContext(context.Background(), "tcp", "example.org:80")
	var recorded *cassette.RecordedError
	if !errors.As(err, &recorded) || recorded.Text != `TLS: bad "moon"` {
		t.Errorf("other: %v", err)
	}
	if err := tape.Complete(); err != nil {
		t.Error(err)
	}
	if _, err = tape.DialContext(context.Background(), "tcp", "example.org:80"); err == nil {
		t.Error("a third dial has succeeded")
	}
}

// A Read that waits is ended by whatever ends it.
func TestBlockedRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, end := range []struct {
			name string
			do   func(c net.Conn)
			want error
		}{
			{"Close", func(c net.Conn) { c.Close() }, net.ErrClosed},
			{"deadline set", func(c net.Conn) { c.SetReadDeadline(time.Now().Add(-1)) }, os.ErrDeadlineExceeded},
			{"deadline moved", func(c net.Conn) {
				c.SetReadDeadline(time.Now().Add(time.Hour))
				time.Sleep(time.Minute)
				c.SetReadDeadline(time.Now().Add(time.Minute))
			}, os.ErrDeadlineExceeded},
			{"mismatch", func(c net.Conn) { io.WriteString(c, "x") }, &cassette.MismatchError{}},
		} {
			c := dial(t, replay(t, written(t, hello)))
			result := make(chan error)
			go func() { result <- readOne(c) }()
			synctest.Wait()
			end.do(c)
			err := <-result
			var m *cassette.MismatchError
			if !errors.Is(err, end.want) && !(errors.As(end.want, &m) && errors.As(err, &m)) {
				t.Errorf("%s: Read = %v", end.name, err)
			}
		}
	})
}

func TestAuto(t *testing.T) {
	file := filepath.Join(t.TempDir(), "new", "folder", "x.cassette")
	t.Setenv("CI", "true")
	_, err := cassette.Auto(nil, file)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "env -u CI") || !strings.Contains(err.Error(), file) {
		t.Errorf("Auto with CI set = %v", err)
	}
	if _, err := os.Stat(filepath.Dir(file)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder was made: %v", err)
	}
	os.Unsetenv("CI")
	network := world(t, func(c net.Conn) { io.Copy(c, c) })
	for _, recording := range []bool{true, false} {
		tape, err := cassette.Auto(network, file)
		if err != nil || tape.Recording() != recording {
			t.Fatalf("Auto = %v, want recording %v", err, recording)
		}
		c := dial(t, tape)
		write(t, c, "echo")
		read(t, c, "echo")
		c.Close()
		finish(t, tape)
		os.Setenv("CI", "true")
	}
}

func TestDiscard(t *testing.T) {
	file := path(t)
	if err := os.WriteFile(file, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	tape := record(t, world(t, func(net.Conn) {}), file)
	dial(t, tape)
	if err := tape.Discard(); err != nil {
		t.Error(err)
	}
	if err := tape.Close(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Close = %v", err)
	}
	if _, err := tape.DialContext(context.Background(), "tcp", "example.org:80"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dial = %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); len(left) != 1 || content(t, file) != "old" {
		t.Errorf("files left: %q", left)
	}
}

// Too much makes the recording fail, and disturbs nobody.
func TestLimit(t *testing.T) {
	file := path(t)
	tape := record(t, world(t, func(c net.Conn) { io.Copy(c, c) }), file, cassette.Limit(10))
	c := dial(t, tape)
	for range 3 {
		write(t, c, "echo")
		read(t, c, "echo")
	}
	for _, err := range []error{tape.Err(), tape.Close()} {
		if !errors.Is(err, cassette.ErrTooLarge) {
			t.Errorf("%v", err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), "*")); len(left) != 0 {
		t.Errorf("files left: %q", left)
	}
	if _, err := cassette.Replay(written(t, hello), cassette.Limit(12)); !errors.Is(err, cassette.ErrTooLarge) {
		t.Errorf("Replay = %v", err)
	}
	if _, err := cassette.Replay(written(t, hello), cassette.Limit(13)); err != nil {
		t.Errorf("Replay = %v", err)
	}
}
