package httpserver_test

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/wire"
)

func echo(w httpserver.ResponseWriter, r httpserver.Request) {
	content, err := r.ReadAll(-1)
	if err != nil {
		return
	}
	w.Write(content)
}

// Pipelined requests are answered in order, whatever their framing.
func TestPipelined(t *testing.T) {
	w := serve(t, handle(echo))
	go io.WriteString(w.client, crlf("POST / HTTP/1.1\nHost: a\nContent-Length: 3\n\nabc"+
		"GET / HTTP/1.1\nHost: a\n\n"+
		"POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n2\nde\n0\n\n"+
		"GET / HTTP/1.1\nHost: a\nConnection: close\n\n"+
		"GET /never HTTP/1.1\nHost: a\n\n"))
	w.expect(crlf("HTTP/1.1 200 OK\nContent-Length: 3\n\nabc" +
		"HTTP/1.1 200 OK\nContent-Length: 0\n\n" +
		"HTTP/1.1 200 OK\nContent-Length: 2\n\nde" +
		"HTTP/1.1 200 OK\nContent-Length: 0\nConnection: close\n\n"))
	if rest := w.rest(); rest != "" {
		t.Errorf("behind the last response: %q", rest)
	}
}

// Each request is read the same however it is split.
func TestSplit(t *testing.T) {
	request := crlf("POST /x HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3\nabc\n2\nde\n0\nT: u\n\n")
	answer := crlf("HTTP/1.1 200 OK\nContent-Length: 5\n\nabcde")
	w := serve(t, handle(echo))
	for i := 1; i < len(request); i++ {
		w.send(request[:i])
		w.send(request[i:])
		w.expect(answer)
	}
	for i := range len(request) {
		w.send(request[i : i+1])
	}
	w.expect(answer)
}

// 100 (Continue) is sent when the handler first reads, and not when it answers without.
func TestContinue(t *testing.T) {
	w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		if r.Path() == "/refuse" {
			w.Error(413, "too much")
			return
		}
		echo(w, r)
	}))
	w.send(crlf("POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 2\n\n"))
	w.expect(crlf("HTTP/1.1 100 Continue\n\n"))
	w.send("hi")
	w.expect(crlf("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"))
	// Content that comes unasked needs no invitation.
	w.send(crlf("POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 2\n\nhi"))
	w.expect(crlf("HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nhi"))
	w.send(crlf("POST /refuse HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 2\n\n"))
	w.expect(crlf("HTTP/1.1 413 Content Too Large\nContent-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n" +
		"Content-Length: 31\nConnection: close\n\n"))
	if rest := w.rest(); rest != "413 Content Too Large\ntoo much\n" {
		t.Errorf("%q", rest)
	}
}

// Content that the handler leaves is read up to a bound; beyond, the connection closes.
func TestDrain(t *testing.T) {
	for _, c := range []struct {
		name   string
		drain  int64
		framed string
		keeps  bool
	}{
		{"within", 0, "Content-Length: 1000\n\n" + strings.Repeat("x", 1000), true},
		{"within, chunked", 0, "Transfer-Encoding: chunked\n\n3e8\n" + strings.Repeat("x", 1000) + "\n0\n\n", true},
		{"beyond", 999, "Content-Length: 1000\n\n" + strings.Repeat("x", 1000), false},
		{"beyond, chunked", 999, "Transfer-Encoding: chunked\n\n3e8\n" + strings.Repeat("x", 1000) + "\n0\n\n", false},
		{"none wanted", -1, "Content-Length: 1\n\nx", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := handle(func(w httpserver.ResponseWriter, _ httpserver.Request) { w.WriteString("ok") })
			s.Drain = c.drain
			w := serve(t, s)
			w.send(crlf("POST / HTTP/1.1\nHost: a\n" + c.framed + "GET / HTTP/1.1\nHost: a\n\n"))
			got := w.rest()
			if n := strings.Count(got, "HTTP/1.1 200 OK"); n != 1 && !c.keeps || n != 2 && c.keeps {
				t.Errorf("%d responses: %q", n, got)
			}
		})
	}
}

// What is wrong with content reaches the handler, and the client where nothing was answered yet.
func TestBadContent(t *testing.T) {
	for _, c := range []struct {
		name, content string
		rule          wire.Rule
		cut           bool
	}{
		{"a chunk size", "Transfer-Encoding: chunked\n\nxyz\n", wire.RuleChunkSize, false},
		{"cut short", "Content-Length: 10\n\nabc", wire.RuleIncompleteContent, true},
		{"too long", "Transfer-Encoding: chunked\n\nffff\n", wire.RuleLimitContent, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var failed error
			s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) { _, failed = r.ReadAll(-1) })
			s.Limits.Content = 100
			w := serve(t, s)
			w.send(crlf("POST / HTTP/1.1\nHost: a\n" + c.content))
			got := w.rest()
			if !errors.Is(failed, c.rule) || errors.Is(failed, io.ErrUnexpectedEOF) != c.cut {
				t.Errorf("the handler was told %v", failed)
			}
			want := map[bool]string{true: "HTTP/1.1 400 ", false: "HTTP/1.1 4"}[c.rule != wire.RuleLimitContent]
			if !strings.HasPrefix(got, want) || !strings.Contains(got, c.rule.Name()) || !strings.Contains(got, "Connection: close") {
				t.Errorf("the client was told %q", got)
			}
			if errs := w.reported(); len(errs) != 1 || !errors.Is(errs[0], c.rule) {
				t.Errorf("reported: %v", errs)
			}
		})
	}
}

// A file is framed by its length, and goes by the kernel where there is one.
func TestFile(t *testing.T) {
	content := strings.Repeat("0123456789", 100_000)
	path := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		f, err := os.Open(path)
		if err != nil {
			panic(err)
		}
		defer f.Close()
		switch r.Path() {
		case "/part":
			f.Seek(100, io.SeekStart)
			w.WriteString("<")
			w.Fields().Add("Content-Length", "12")
			w.ReadFrom(io.LimitReader(f, 10))
			w.WriteString(">")
		case "/chunked":
			w.Flush()
			w.ReadFrom(f)
		default:
			w.ReadFrom(f)
		}
	})
	s.NoDate = true
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l)
	defer s.Close()
	nc, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	check := func(path, want string) {
		t.Helper()
		io.WriteString(nc, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\n")
		got := make([]byte, len(want))
		n, err := io.ReadFull(nc, got)
		if string(got) != want {
			t.Fatalf("%s: %d octets, %v: %.100q; want %.100q", path, n, err, got, want)
		}
	}
	check("/", crlf("HTTP/1.1 200 OK\nContent-Length: 1000000\n\n")+content)
	check("/part", crlf("HTTP/1.1 200 OK\nContent-Length: 12\n\n<0123456789>"))
	check("/chunked", crlf("HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n4000\n")+content[:0x4000])
}
