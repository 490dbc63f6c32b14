package httpserver_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strata-http/strata/httpserver"
)

// answer is a response as another implementation, that of the standard library, reads it.
type answer struct {
	*http.Response
	content string
}

// ask sends one request and returns the response to it. head is a request-line and fields with LF between
// them, to which Host is added.
func ask(t *testing.T, s *httpserver.Server, head string, content ...string) answer {
	t.Helper()
	w := serve(t, s)
	line, fields, _ := strings.Cut(head, "\n")
	if fields != "" {
		fields += "\n"
	}
	w.send(crlf(line+"\nHost: a\n"+fields+"\n") + strings.Join(content, ""))
	method, _, _ := strings.Cut(head, " ")
	octets := w.rest()
	w.wait() // and what is logged is complete
	r, err := http.ReadResponse(bufio.NewReader(strings.NewReader(octets)), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%q: %v: %q", head, err, octets)
	}
	got, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("%q: %v: %q", head, err, octets)
	}
	return answer{r, string(got)}
}

// do is a Server that dispatches to the methods of v and logs to the returned buffer, which is to be looked at
// when the response has been read.
func do(v any) (*httpserver.Server, *bytes.Buffer) {
	var logged bytes.Buffer
	return &httpserver.Server{Handler: httpserver.Dispatch{Do: v, Log: &logged}}, &logged
}

// modified is when the files of a tree were.
var modified = time.Date(2024, 5, 6, 7, 8, 9, 500_000_000, time.UTC)

// tree makes files in a new directory and serves them. A name that ends in a slash is a directory.
func tree(t *testing.T, files map[string]string) (s *httpserver.SimpleHTTPRequestHandler, dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if strings.HasSuffix(name, "/") {
			if err := os.MkdirAll(path, 0o777); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, modified, modified); err != nil {
			t.Fatal(err)
		}
	}
	s, err := httpserver.NewSimpleHTTPRequestHandler(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Root.Close() })
	return s, dir
}

// fields returns some fields of a response, in one string.
func (a answer) fields(names ...string) string {
	var all []string
	for _, name := range names {
		all = append(all, fmt.Sprintf("%s: %s", name, strings.Join(a.Header.Values(name), " | ")))
	}
	return strings.Join(all, "\n")
}
