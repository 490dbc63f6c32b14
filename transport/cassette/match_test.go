package cassette_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport/cassette"
)

const three = `
dial 1 0s tcp example.org:80
open 1 1ms
> 1 2ms
  GET /a HTTP/1.1\r\n
  Host: example.org\r\n
  Accept: */*\r\n
  X-Token: \[4]\r\n
  \r\n
< 1 3ms
  answer a
> 1 4ms
  again
< 1 5ms
  and a
close 1 6ms

dial 2 0s tcp example.org:80
open 2 1ms
close 2 6ms

dial 3 0s tcp example.org:80
open 3 1ms
> 3 2ms
  GET /b HTTP/1.1\r\n
  \r\n
< 3 3ms
  answer b
close 3 6ms
`

const requestA = "GET /a HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\nX-Token: 1234\r\n\r\n"

func TestMismatches(t *testing.T) {
	tests := []struct {
		name   string
		writes []string
		want   string // of the error, behind file
	}{
		{"another target", []string{"GET /a", "bc HTTP/1.1\r\nHost: example.org\r\n\r\n"},
			`:6: connection 1: what is written differs from what was recorded at octet 6
- GET /a HTTP/1.1\r\n
+ GET /abc HTTP/1.1\r\n
  Host: example.org\r\n
- Accept: */*\r\n
- X-Token: \[4]\r\n
  \r\n`},
		{"a field is missing", []string{strings.Replace(requestA, "Accept: */*\r\n", "", 1)},
			`:8: connection 1: what is written differs from what was recorded at octet 36
  GET /a HTTP/1.1\r\n
  Host: example.org\r\n
- Accept: */*\r\n
- X-Token: \[4]\r\n
+ X-Token: 1234\r\n
  \r\n`},
		{"in pieces", []string{"GET /a HTTP/1.1\r\n", "Hose"},
			`:7: connection 1: what is written differs from what was recorded at octet 20
  GET /a HTTP/1.1\r\n
- Host: example.org\r\n
+ Hose
  ...`},
		{"longer", []string{requestA + "again", "!"},
			`:17: connection 1: more is written than was recorded at octet 71
+ !`},
		{"a redacted octet too many", []string{strings.Replace(requestA, "1234", "12345", 1)},
			`:9: connection 1: what is written differs from what was recorded at octet 62
  GET /a HTTP/1.1\r\n
  Host: example.org\r\n
  Accept: */*\r\n
- X-Token: \[4]\r\n
+ X-Token: \[4]5\r\n
  \r\n`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := written(t, three)
			tape := replay(t, file)
			c := dial(t, tape)
			last := len(tt.writes) - 1
			for _, s := range tt.writes[:last] {
				write(t, c, s)
			}
			_, err := c.Write([]byte(tt.writes[last]))
			var m *cassette.MismatchError
			if !errors.As(err, &m) {
				t.Fatalf("Write = %v", err)
			}
			if diff := cmp.Diff("cassette: "+file+tt.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			for _, again := range []error{readOne(c), tape.Err(), tape.Complete(), tape.Close()} {
				if again != err {
					t.Errorf("later: %v", again)
				}
			}
		})
	}
}

// What is written is not shown when the filters that it was recorded with would hide it.
func TestMismatchTellsNoSecret(t *testing.T) {
	secret := cassette.Redact(func(cassette.Stream) cassette.Filter {
		return func(w []byte, end bool) int { hide(w, "1234"); return len(w) }
	})
	c := dial(t, replay(t, written(t, three), secret))
	_, err := c.Write([]byte(strings.Replace(requestA, "/a", "/c", 1)))
	if err == nil || strings.Contains(err.Error(), "1234") || !strings.Contains(err.Error(), "X-Token: xxxx") {
		t.Errorf("Write = %v", err)
	}
}

func hide(w []byte, secret string) {
	copy(w, bytes.ReplaceAll(w, []byte(secret), bytes.Repeat([]byte("x"), len(secret))))
}

func TestCloseWriteMismatch(t *testing.T) {
	c := dial(t, replay(t, written(t, three)))
	write(t, c, requestA)
	err := c.(interface{ CloseWrite() error }).CloseWrite()
	var m *cassette.MismatchError
	if !errors.As(err, &m) || m.Line != 14 || m.Diff != "- again\n" {
		t.Errorf("CloseWrite = %v", err)
	}
}

// Every call after a mismatch tells of it, also one that is late.
func TestMismatchAndDeadline(t *testing.T) {
	c := dial(t, replay(t, written(t, hello)))
	_, first := io.WriteString(c, "x")
	c.SetDeadline(time.Unix(1, 0))
	_, write := io.WriteString(c, "y")
	for what, err := range map[string]error{"Write": first, "late Write": write, "late Read": readOne(c)} {
		var m *cassette.MismatchError
		if !errors.As(err, &m) {
			t.Errorf("%s = %v", what, err)
		}
	}
}

func TestDialMismatch(t *testing.T) {
	file := written(t, hello)
	tape := replay(t, file)
	_, err := tape.DialContext(context.Background(), "tcp", "example.com:80")
	want := file + ":3: connection 1: tcp example.com:80 is dialled, and was tcp example.org:80 when it was recorded"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("dial = %v", err)
	}
	tape = replay(t, file)
	dial(t, tape)
	_, err = tape.DialContext(context.Background(), "tcp", "example.org:80")
	if err == nil || !strings.Contains(err.Error(), "all 1 connections of the cassette were dialled already") {
		t.Errorf("dial = %v", err)
	}
	tape.Close()
	if _, err = tape.DialContext(context.Background(), "tcp", "example.org:80"); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dial after Close = %v", err)
	}
}

func TestAnyOrder(t *testing.T) {
	tape := replay(t, written(t, three), cassette.AnyOrder())
	a, b := dial(t, tape), dial(t, tape)
	spare := dial(t, tape)
	write(t, b, "GET /")
	write(t, a, "GET /")
	write(t, a, "b HTTP/1.1\r\n\r\n")
	read(t, a, "answer b")
	write(t, b, requestA[5:]+"again")
	read(t, b, "answer a")
	read(t, b, "and a")
	spare.Close()
	if err := tape.Complete(); err != nil {
		t.Error(err)
	}
	// Only the connection without octets is left.
	last := dial(t, tape)
	if _, err := last.Write([]byte("x")); err == nil {
		t.Error("a Write on a connection that carried nothing has succeeded")
	}
	if _, err := tape.DialContext(context.Background(), "tcp", "example.org:80"); err == nil {
		t.Error("a dial with nothing left has succeeded")
	}
}

func TestAnyOrderNearest(t *testing.T) {
	c := dial(t, replay(t, written(t, three), cassette.AnyOrder()))
	_, err := c.Write([]byte("GET /b HTTP/1.0\r\n\r\n"))
	var m *cassette.MismatchError
	if !errors.As(err, &m) || m.Connection != 3 || m.Offset != 14 || !strings.Contains(m.Diff, `+ GET /b HTTP/1.0\r\n`) {
		t.Errorf("Write = %v", err)
	}
}

// Many connections at once, each of which finds its own.
func TestConcurrent(t *testing.T) {
	const n = 50
	file := path(t)
	one := record(t, world(t, func(c net.Conn) {
		buf := make([]byte, 64)
		k, _ := c.Read(buf)
		fmt.Fprintf(c, "to %s", buf[:k])
	}), file)
	all := func(d *cassette.Cassette) {
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() {
				c, err := d.DialContext(context.Background(), "tcp", "example.org:80")
				if err != nil {
					t.Error(err)
					return
				}
				defer c.Close()
				s := fmt.Sprintf("request %d.", i)
				c.Write([]byte(s))
				buf := make([]byte, 64)
				if k, err := c.Read(buf); string(buf[:k]) != "to "+s {
					t.Errorf("Read = %q, %v", buf[:k], err)
				}
			})
		}
		wg.Wait()
	}
	all(one)
	finish(t, one)
	tape := replay(t, file, cassette.AnyOrder())
	all(tape)
	finish(t, tape)
}

// A function matches requests whose octets differ.
func TestMatch(t *testing.T) {
	firstLine := func(b []byte) string { s, _, _ := strings.Cut(string(b), "\r\n"); return s }
	var seen []string
	f := func(turn cassette.Turn, got []byte) (int, error) {
		seen = append(seen, fmt.Sprintf("%d.%d line %d %s", turn.Connection, turn.Index, turn.Line, turn.Dialled))
		if turn.Index == 1 {
			return len(got), nil
		}
		end := bytes.Index(got, []byte("\r\n\r\n"))
		if end < 0 {
			return 0, nil
		}
		if firstLine(got) != firstLine(turn.Octets) {
			return 0, fmt.Errorf("%q is not %q", firstLine(got), firstLine(turn.Octets))
		}
		return end + 4, nil
	}
	tape := replay(t, written(t, three), cassette.Match(f))
	c, err := tape.DialContext(context.Background(), "tcp", "other.example:8080")
	if err != nil {
		t.Fatal(err)
	}
	write(t, c, "GET /b HTTP/1.1\r\nHost: o")
	write(t, c, "ther.example\r\n\r\n")
	read(t, c, "answer b")
	a := dial(t, tape)
	write(t, a, "GET /a HTTP/1.1\r\n\r\nanything")
	read(t, a, "answer a")
	read(t, a, "and a")
	finish(t, tape)
	want := []string{
		"1.0 line 5 other.example:8080", "3.0 line 25 other.example:8080",
		"1.0 line 5 other.example:8080", "3.0 line 25 other.example:8080", "3.0 line 25 other.example:8080",
		"1.0 line 5 example.org:80", "1.0 line 5 example.org:80", "1.1 line 13 example.org:80",
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("asked (-want +got):\n%s", diff)
	}

	c = dial(t, replay(t, written(t, three), cassette.Match(f)))
	_, err = c.Write([]byte("PUT /c HTTP/1.1\r\n\r\n"))
	if err == nil || !strings.Contains(err.Error(), `"PUT /c HTTP/1.1" is not "GET /a HTTP/1.1"`) {
		t.Errorf("Write = %v", err)
	}
}

// An edited cassette is played as it is edited.
func TestEdit(t *testing.T) {
	file := written(t, three)
	edited := strings.NewReplacer("answer b", `ÄÖÜ\n`, "tcp example.org:80", `tcp  "example.org:80"`, "\n", "\r\n").Replace(content(t, file))
	if err := os.WriteFile(file, []byte(edited+"\r\n# a remark\r\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	c := dial(t, replay(t, file, cassette.AnyOrder()))
	write(t, c, "GET /b HTTP/1.1\r\n\r\n")
	read(t, c, "ÄÖÜ\n")
}
