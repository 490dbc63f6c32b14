package httpclient_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
)

const automatic = "Host: example.org\r\nAccept-Encoding: identity\r\n"

// onlyReader hides what else a reader can do.
type onlyReader struct{ io.Reader }

// onlySeeker is a file that is no *os.File.
type onlySeeker struct{ io.ReadSeeker }

func seq(elements ...string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for _, e := range elements {
			if !yield([]byte(e)) {
				return
			}
		}
	}
}

var errSource = errors.New("the source failed")

func seq2(failAt int, elements ...string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for i, e := range elements {
			if i == failAt {
				yield(nil, errSource)
				return
			}
			if !yield([]byte(e), nil) {
				return
			}
		}
	}
}

func tempFile(t testing.TB, content string, offset int64) *os.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "content")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	return f
}

func trailers(pairs ...string) func() *headers.Fields {
	return func() *headers.Fields {
		f := new(headers.Fields)
		for i := 0; i < len(pairs); i += 2 {
			f.Add(pairs[i], pairs[i+1])
		}
		return f
	}
}

func fields(pairs ...string) *headers.Fields {
	if len(pairs) == 0 {
		return nil
	}
	return trailers(pairs...)()
}

// wireCases are small requests with the octets that are to be on the wire.
var wireCases = []struct {
	name   string
	method string
	fields []string
	source func(t testing.TB) body.Source
	want   string // behind the automatic fields
	writes int64  // how many there may be; 0 is any number
}{
	{name: "none", source: func(testing.TB) body.Source { return body.None() }, method: "GET", want: "\r\n", writes: 1},
	{name: "none, POST", source: func(testing.TB) body.Source { return body.None() }, want: "Content-Length: 0\r\n\r\n", writes: 1},
	{name: "nil bytes", method: "GET", source: func(testing.TB) body.Source { return body.Bytes(nil) }, want: "\r\n", writes: 1},
	{name: "no bytes", method: "GET", source: func(testing.TB) body.Source { return body.Bytes([]byte{}) }, want: "Content-Length: 0\r\n\r\n", writes: 1},
	{name: "bytes", source: func(testing.TB) body.Source { return body.Bytes([]byte("hello")) }, want: "Content-Length: 5\r\n\r\nhello", writes: 1},
	{name: "empty string", source: func(testing.TB) body.Source { return body.String("") }, want: "Content-Length: 0\r\n\r\n", writes: 1},
	{name: "string", source: func(testing.TB) body.Source { return body.String("h\x00\xffllo") }, want: "Content-Length: 6\r\n\r\nh\x00\xffllo", writes: 1},
	{name: "string, caller's chunked", fields: []string{"transfer-encoding", "chunked"}, source: func(testing.TB) body.Source { return body.String("hello") },
		want: "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", writes: 1},
	{name: "file", source: func(t testing.TB) body.Source { return body.File(tempFile(t, "hello", 0)) }, want: "Content-Length: 5\r\n\r\nhello", writes: 1},
	{name: "file from an offset", source: func(t testing.TB) body.Source { return body.File(tempFile(t, "hello", 2)) }, want: "Content-Length: 3\r\n\r\nllo", writes: 1},
	{name: "file behind its end", source: func(t testing.TB) body.Source { return body.File(tempFile(t, "hello", 9)) }, want: "Content-Length: 0\r\n\r\n"},
	{name: "empty file", source: func(t testing.TB) body.Source { return body.File(tempFile(t, "", 0)) }, want: "Content-Length: 0\r\n\r\n"},
	{name: "file, caller's chunked", fields: []string{"Transfer-Encoding", "chunked"},
		source: func(t testing.TB) body.Source { return body.File(tempFile(t, "hello", 1)) }, want: "Transfer-Encoding: chunked\r\n\r\n4\r\nello\r\n0\r\n\r\n"},
	{name: "seeker", source: func(t testing.TB) body.Source { return body.File(onlySeeker{strings.NewReader("hello")}) }, want: "Content-Length: 5\r\n\r\nhello"},
	{name: "reader", source: func(testing.TB) body.Source { return body.Reader(onlyReader{strings.NewReader("hello")}) },
		want: "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{name: "empty reader", source: func(testing.TB) body.Source { return body.Reader(onlyReader{strings.NewReader("")}) },
		want: "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{name: "reader in memory", source: func(testing.TB) body.Source { return body.Reader(strings.NewReader("hello")) },
		want: "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", writes: 1},
	{name: "sized reader", source: func(testing.TB) body.Source { return body.SizedReader(onlyReader{strings.NewReader("hello")}, 5) },
		want: "Content-Length: 5\r\n\r\nhello"},
	{name: "sized reader of nothing", source: func(testing.TB) body.Source { return body.SizedReader(onlyReader{strings.NewReader("")}, 0) },
		want: "Content-Length: 0\r\n\r\n"},
	{name: "sized reader of negative size", source: func(testing.TB) body.Source { return body.SizedReader(onlyReader{strings.NewReader("hello")}, -3) },
		want: "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{name: "sized reader in memory", source: func(testing.TB) body.Source { return body.SizedReader(bytes.NewBufferString("hello"), 5) },
		want: "Content-Length: 5\r\n\r\nhello", writes: 1},
	{name: "iterable, empty elements skipped", source: func(testing.TB) body.Source { return body.Seq(seq("", "he", "", "llo", "")) },
		want: "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"},
	{name: "iterable of nothing", source: func(testing.TB) body.Source { return body.Seq(seq("", "")) }, want: "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
	{name: "iterable, caller's length", fields: []string{"Content-Length", "5"}, source: func(testing.TB) body.Source { return body.Seq(seq("he", "", "llo")) },
		want: "Content-Length: 5\r\n\r\nhello"},
	{name: "iterable that can fail", source: func(testing.TB) body.Source { return body.Seq2(seq2(-1, "he", "llo")) },
		want: "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"},
	{name: "trailers", source: func(testing.TB) body.Source {
		return body.String("hello").WithTrailers(trailers("X-Sum", "1", "x-sum", "2"))
	},
		want: "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n"},
	{name: "trailers without content", source: func(testing.TB) body.Source { return body.None().WithTrailers(trailers("X-Sum", "1")) },
		want: "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n"},
	{name: "nil trailers", source: func(testing.TB) body.Source {
		return body.Reader(onlyReader{strings.NewReader("hello")}).WithTrailers(func() *headers.Fields { return nil })
	}, want: "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{name: "fields in order and case", fields: []string{"b", "2", "A", "1", "b", "3", "HOST", "other.example"}, method: "GET",
		source: func(testing.TB) body.Source { return body.None() }, want: "b: 2\r\nA: 1\r\nb: 3\r\nHOST: other.example\r\n\r\n", writes: 1},
}

func TestSourcesOnTheWire(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		type seen struct{ raw, content string }
		requests := make(chan seen, 1)
		w.serve(func(p *peer) {
			for {
				raw, content, err := p.request()
				if err != nil {
					return
				}
				requests <- seen{raw, content}
				p.send(okHello)
			}
		})
		var n *counting
		if !w.secure {
			n = w.count()
		}
		c := w.conn()
		for _, test := range wireCases {
			t.Run(test.name, func(t *testing.T) {
				method := test.method
				if method == "" {
					method = "POST"
				}
				want := method + " /x HTTP/1.1\r\n" + automatic + test.want
				if strings.Contains(test.want, "HOST") {
					want = strings.Replace(want, "Host: example.org\r\n", "", 1)
				}
				before := int64(0)
				if n != nil {
					before = n.writes.Load()
				}
				resp, err := c.Do(bounded(t), method, "/x", fields(test.fields...), test.source(t))
				if err != nil {
					t.Fatal(err)
				}
				if got := <-requests; got.raw != want {
					t.Errorf("on the wire (-want +got):\n%s", cmp.Diff(want, got.raw))
				}
				if got := readAll(t, resp); got != "hello" {
					t.Errorf("content %q", got)
				}
				if n != nil && test.writes > 0 && n.writes.Load()-before != test.writes {
					t.Errorf("%d writes, want %d", n.writes.Load()-before, test.writes)
				}
			})
		}
		if got := w.dials.Load(); got != 1 {
			t.Errorf("%d connections for all of these", got)
		}
	})
}

// largeSources are the same content by every kind of source.
func largeSources(t testing.TB, content string) map[string]func() body.Source {
	pieces := func(yield func([]byte) bool) {
		for rest, n := content, 1; rest != ""; n = n*7%40_000 + 1 {
			n := min(n, len(rest))
			if !yield([]byte(rest[:n])) {
				return
			}
			rest = rest[n:]
		}
	}
	file := tempFile(t, "skipped"+content, 0)
	return map[string]func() body.Source{
		"bytes":  func() body.Source { return body.Bytes([]byte(content)) },
		"string": func() body.Source { return body.String(content) },
		"file": func() body.Source {
			file.Seek(7, io.SeekStart)
			return body.File(file)
		},
		"seeker": func() body.Source { return body.File(onlySeeker{strings.NewReader(content)}) },
		"file, chunked": func() body.Source {
			file.Seek(7, io.SeekStart)
			return body.Reader(file)
		},
		"reader": func() body.Source { return body.Reader(onlyReader{strings.NewReader(content)}) },
		"sized reader": func() body.Source {
			return body.SizedReader(onlyReader{strings.NewReader(content)}, int64(len(content)))
		},
		"memory reader": func() body.Source { return body.SizedReader(bytes.NewReader([]byte(content)), int64(len(content))) },
		"iterable":      func() body.Source { return body.Seq(pieces) },
		"trailers":      func() body.Source { return body.Bytes([]byte(content)).WithTrailers(trailers("X-Sum", "done")) },
	}
}

func sum(b string) string {
	h := sha256.Sum256([]byte(b))
	return hex.EncodeToString(h[:8])
}

// noise is content in which a shift by any octet shows.
func noise(n int) string {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return string(b)
}

// TestSourcesToNetHTTP sends content of sizes around the buffer's to the reference server.
func TestSourcesToNetHTTP(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serveHTTP(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			b, err := io.ReadAll(r.Body)
			fmt.Fprint(rw, len(b), " ", sum(string(b)), " ", err, " ", r.Trailer.Get("X-Sum"))
		}))
		c := w.conn()
		for _, size := range []int{0, 1, 16<<10 - 200, 16<<10 - 1, 16 << 10, 16<<10 + 1, 300_000, 1 << 20} {
			content := noise(size)
			for name, source := range largeSources(t, content) {
				trailer := ""
				if name == "trailers" {
					trailer = "done"
				}
				resp, err := c.Do(bounded(t), "PUT", "/", nil, source())
				if err != nil {
					t.Fatalf("%s of %d: %v", name, size, err)
				}
				want := fmt.Sprint(size, " ", sum(content), " ", nil, " ", trailer)
				if got := readAll(t, resp); got != want {
					t.Errorf("%s of %d: the server got %s, want %s", name, size, got, want)
				}
			}
		}
		if got := w.dials.Load(); got != 1 {
			t.Errorf("%d connections for all of these", got)
		}
	})
}

// TestBlockSize: each read is one chunk.
func TestBlockSize(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		raws := make(chan string, 1)
		w.serve(func(p *peer) {
			raw, _, _ := p.request()
			raws <- raw
			p.send(okEmpty)
		})
		c := w.conn(httpclient.WithBlockSize(2))
		if _, err := c.Do(bounded(t), "PUT", "/", nil, body.Reader(onlyReader{strings.NewReader("hello")})); err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(<-raws, "\r\n\r\n")
		if want := "2\r\nhe\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n"; got != want {
			t.Errorf("on the wire %q, want %q", got, want)
		}
	})
}

// blockingTrailers are trailers that are not there before b is released.
func blockingTrailers(b *blocking) func() *headers.Fields {
	return func() *headers.Fields {
		b.Read(nil)
		return nil
	}
}
