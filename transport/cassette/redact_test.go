package cassette_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport/cassette"
	"github.com/strata-http/strata/transport/tap"
)

var credentials = regexp.MustCompile(`(?im)^(?:authorization|cookie|set-cookie):[ \t]*([^\r\n]*)|"pin":"([0-9]+)"`)

const (
	secretRequest = "POST /login HTTP/1.1\r\nHost: example.org\r\nX-Authorization: kept\r\n" +
		"Authorization: Basic c2VjcmV0\r\nContent-Length: 14\r\n\r\n{\"pin\":\"1234\"}"
	secretAnswer = "HTTP/1.1 200 OK\r\nSet-Cookie: id=hidden\r\nContent-Length: 2\r\n\r\nok"
)

// exchangeSecrets writes the request in pieces of n octets and reads the answer.
func exchangeSecrets(t *testing.T, tape *cassette.Cassette, n int, answer string) {
	t.Helper()
	c := dial(t, tape)
	for rest := secretRequest; rest != ""; {
		k := min(n, len(rest))
		write(t, c, rest[:k])
		rest = rest[k:]
	}
	got, err := io.ReadAll(c)
	if string(got) != answer || err != nil {
		t.Fatalf("read %q, %v", got, err)
	}
	c.Close()
}

// Secrets are found however they were cut, lengths stay, and what was recorded can be replayed.
func TestRedactPattern(t *testing.T) {
	blanked := strings.NewReplacer("id=hidden", "*********").Replace(secretAnswer)
	for n := 1; n < len(secretRequest); n += 3 {
		file := path(t)
		tape := record(t, world(t, func(c net.Conn) {
			io.ReadFull(c, make([]byte, len(secretRequest)))
			for i := 0; i < len(secretAnswer); i += n {
				io.WriteString(c, secretAnswer[i:min(i+n, len(secretAnswer))])
			}
		}), file, cassette.RedactPattern(credentials))
		exchangeSecrets(t, tape, n, secretAnswer)
		if err := tape.Close(); err != nil {
			t.Fatal(err)
		}
		events, err := cassette.Parse(file, strings.NewReader(content(t, file)), 0)
		if err != nil {
			t.Fatal(err)
		}
		var in, out []byte
		redacted := 0
		for _, e := range events {
			if e.Direction == tap.Out {
				out = append(out, e.Octets...)
				for _, s := range e.Redacted {
					redacted += s.End - s.Start
				}
			} else {
				in = append(in, e.Octets...)
			}
		}
		want := strings.NewReplacer("Basic c2VjcmV0", "**************", "1234", "****").Replace(secretRequest)
		if string(out) != want || string(in) != blanked || redacted != 18 {
			t.Fatalf("in pieces of %d: %q, %q, %d octets redacted", n, out, in, redacted)
		}
		tape = replay(t, file)
		exchangeSecrets(t, tape, len(secretRequest), blanked)
		finish(t, tape)
	}
}

func TestRedactedFile(t *testing.T) {
	file := path(t)
	tape := record(t, world(t, func(c net.Conn) {
		io.ReadFull(c, make([]byte, len(secretRequest)))
		io.WriteString(c, secretAnswer)
	}), file, cassette.RedactPattern(credentials), cassette.Stable())
	exchangeSecrets(t, tape, len(secretRequest), secretAnswer)
	finish(t, tape)
	want := cassette.Header + `
dial 1 - tcp example.org:80
open 1 -
> 1 -
  POST /login HTTP/1.1\r\n
  Host: example.org\r\n
  X-Authorization: kept\r\n
  Authorization: \[14]\r\n
  Content-Length: 14\r\n
  \r\n
  {"pin":"\[4]"}
< 1 -
  HTTP/1.1 200 OK\r\n
  Set-Cookie: *********\r\n
  Content-Length: 2\r\n
  \r\n
  ok
<end 1 -
close 1 -
`
	if diff := cmp.Diff(want, content(t, file)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

// Over a long stream the window moves, and matches at any place are found; the context before it counts.
func TestRedactPatternLong(t *testing.T) {
	var sent, want bytes.Buffer
	for i := 0; sent.Len() < 20*cassette.PatternWindow; i++ {
		pad := strings.Repeat("-", i*37%4000)
		secret := strings.Repeat("s", 1+i*101%cassette.PatternWindow)
		sent.WriteString(pad + "\nkey=" + secret + ";xkey=not;")
		want.WriteString(pad + "\nkey=" + strings.Repeat("*", len(secret)) + ";xkey=not;")
	}
	file := path(t)
	tape := record(t, world(t, func(c net.Conn) { io.Copy(io.Discard, c) }), file,
		cassette.RedactPattern(regexp.MustCompile(`(?m)^key=([^;]*)`)))
	c := dial(t, tape)
	for b := sent.Bytes(); len(b) > 0; {
		n := min(len(b), 1000)
		if _, err := c.Write(b[:n]); err != nil {
			t.Fatal(err)
		}
		b = b[n:]
	}
	c.Close()
	finish(t, tape)
	events, err := cassette.Parse(file, strings.NewReader(content(t, file)), 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []byte
	for _, e := range events {
		got = append(got, e.Octets...)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("not all was redacted, or too much")
	}
}

// A filter by hand: the stream is shown with direction and connection, and what is not settled is shown again.
func TestRedactFilter(t *testing.T) {
	var streams []cassette.Stream
	var windows []string
	line := cassette.Redact(func(s cassette.Stream) cassette.Filter {
		streams = append(streams, s)
		if s.Direction == tap.In {
			return nil
		}
		return func(w []byte, end bool) int {
			windows = append(windows, string(w))
			n := bytes.LastIndexByte(w, '\n') + 1
			hide(w, "secret") // in what is not settled, too: that must not be kept
			return n
		}
	})
	file := path(t)
	tape := record(t, world(t, func(c net.Conn) { io.Copy(c, c) }), file, line, cassette.Stable())
	c := dial(t, tape)
	for _, s := range []string{"a sec", "ret\nsec", "ret"} {
		write(t, c, s)
		read(t, c, s)
	}
	c.Close()
	finish(t, tape)
	want := []cassette.Stream{{1, tap.Out, "tcp", "example.org:80"}, {1, tap.In, "tcp", "example.org:80"}}
	if diff := cmp.Diff(want, streams); diff != "" {
		t.Errorf("streams (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a sec", "a secret\nsec", "sec", "secret", "secret"}[:1], windows[:1]); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a sec", "a secret\nsec", "secret", "secret"}, windows); diff != "" {
		t.Errorf("windows (-want +got):\n%s", diff)
	}
	wantFile := cassette.Header + "\ndial 1 - tcp example.org:80\nopen 1 -\n> 1 -\n  a \\[3]\n< 1 -\n  a sec\n" +
		"> 1 -\n  \\[3]\\n\n  \\[3]\n< 1 -\n  ret\\n\n  sec\n> 1 -\n  \\[3]\n< 1 -\n  ret\nclose 1 -\n"
	if diff := cmp.Diff(wantFile, content(t, file)); diff != "" {
		t.Errorf("file (-want +got):\n%s", diff)
	}
}

// A filter that does not do what it must fails the recording, and nothing of it is left.
func TestBadFilters(t *testing.T) {
	tests := []struct {
		name   string
		filter cassette.Filter
		want   string
	}{
		{"holds all", func([]byte, bool) int { return 0 }, "holds 65600 octets, and 65536 are the most"},
		{"too many", func(w []byte, _ bool) int { return len(w) + 1 }, "says that it has settled"},
		{"negative", func([]byte, bool) int { return -1 }, "says that it has settled -1"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := path(t)
			tape := record(t, world(t, func(c net.Conn) { io.Copy(io.Discard, c) }), file,
				cassette.Redact(func(cassette.Stream) cassette.Filter { return tt.filter }))
			c := dial(t, tape)
			for range 1025 {
				write(t, c, strings.Repeat("x", 64))
			}
			c.Close()
			err := tape.Close()
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), "connection 1") {
				t.Errorf("Close = %v", err)
			}
			if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("the file is there: %v", err)
			}
		})
	}
}

// A match longer than can be held fails the recording rather than to be missed.
func TestRedactPatternEndless(t *testing.T) {
	tape := record(t, world(t, func(c net.Conn) { io.Copy(io.Discard, c) }), path(t),
		cassette.RedactPattern(regexp.MustCompile(`key=[^;]*`)))
	c := dial(t, tape)
	write(t, c, "key="+strings.Repeat("s", cassette.MaxWindow))
	if err := tape.Close(); err == nil || !strings.Contains(err.Error(), "holds") {
		t.Errorf("Close = %v", err)
	}
}
