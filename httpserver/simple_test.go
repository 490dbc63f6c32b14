package httpserver_test

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/httpserver"
)

func TestSimple(t *testing.T) {
	simple, _ := tree(t, map[string]string{
		"a.txt": "hello", "empty": "", "sub/index.html": "<p>index", "htm/index.htm": "<p>htm", "both/index.htm": "no", "both/index.html": "yes",
		"dirindex/index.html/": "", "dirindex/x": "", "unknown.zzzz": "?",
	})
	s, _ := do(simple)
	for _, c := range []struct {
		request string
		code    int
		fields  string
		content string
	}{
		{"GET /a.txt", 200, "Content-Type: text/plain; charset=utf-8\nContent-Length: 5\nLast-Modified: Mon, 06 May 2024 07:08:09 GMT\nAccept-Ranges: bytes", "hello"},
		{"HEAD /a.txt", 200, "Content-Type: text/plain; charset=utf-8\nContent-Length: 5\nLast-Modified: Mon, 06 May 2024 07:08:09 GMT\nAccept-Ranges: bytes", ""},
		{"GET /a.txt?q", 200, "Content-Length: 5", "hello"},
		{"GET /empty", 200, "Content-Type: application/octet-stream\nContent-Length: 0", ""},
		{"GET /unknown.zzzz", 200, "Content-Type: application/octet-stream", "?"},
		{"GET /sub/", 200, "Content-Type: text/html; charset=utf-8", "<p>index"},
		{"HEAD /sub/", 200, "Content-Length: 8", ""},
		{"GET /htm/", 200, "Content-Type: text/html; charset=utf-8", "<p>htm"},
		{"GET /both/", 200, "", "yes"},
		{"HEAD /sub", 301, "Location: /sub/\nContent-Length: 0", ""},
		{"GET /none", 404, "Content-Type: text/html;charset=utf-8", "*"},
		{"GET /a.txt/", 404, "", "*"},
		{"GET /a.txt/b", 404, "", "*"},
		{"POST /a.txt", 405, "Allow: GET, HEAD", "*"},
		{"DELETE /none", 405, "Allow: GET, HEAD", "*"},
		{"OPTIONS *", 405, "Allow: GET, HEAD", "*"},
		{"FOO /a.txt", 501, "Allow: ", "*"},
		{"get /a.txt", 501, "", "*"},
	} {
		a := ask(t, s, c.request+" HTTP/1.1")
		if a.StatusCode != c.code || c.content != "*" && a.content != c.content {
			t.Errorf("%s: %s: %q", c.request, a.Status, a.content)
		}
		for want := range strings.SplitSeq(c.fields, "\n") {
			if name, _, ok := strings.Cut(want, ":"); ok && a.fields(name) != want {
				t.Errorf("%s: %s; want %s", c.request, a.fields(name), want)
			}
		}
	}
	if a := ask(t, s, "GET /dirindex/ HTTP/1.1"); !strings.Contains(a.content, `<a href="index.html/">index.html/</a>`) {
		t.Errorf("an index.html that is a directory: %s", a.content)
	}
}

// A listing escapes names as text and as references: none of them makes markup, another scheme or another place.
func TestListing(t *testing.T) {
	names := []string{"B", "a", "ä ö", "c%41", "d#e?f", "'&\"", "javascript:alert(1)", "<script>", "-", "x\xffy", "z\ny"}
	if runtime.GOOS == "windows" || runtime.GOOS == "darwin" {
		names = names[:5]
	}
	files := map[string]string{"sub dir/": ""}
	for _, name := range names {
		files[name] = "content of " + name
	}
	simple, dir := tree(t, files)
	if err := os.Symlink("a", filepath.Join(dir, "link")); err == nil {
		names = append(names, "link")
		os.Symlink("sub dir", filepath.Join(dir, "linkdir"))
		os.Symlink("/", filepath.Join(dir, "out"))
	}
	os.WriteFile(filepath.Join(dir, `back\slash`), nil, 0o666) // what cannot be asked for
	s, _ := do(simple)
	a := ask(t, s, "GET /?<x> HTTP/1.1")
	if a.StatusCode == 400 {
		a = ask(t, s, "GET / HTTP/1.1")
	}
	if a.StatusCode != 200 || a.fields("Content-Type") != "Content-Type: text/html; charset=utf-8" || strings.Contains(a.content, "<script") {
		t.Fatalf("%s %v: %s", a.Status, a.Header, a.content)
	}
	refs := regexp.MustCompile(`<li><a href="([^"<>&' ]*)">([^<>"']*)</a></li>`).FindAllStringSubmatch(a.content, -1)
	if n := strings.Count(a.content, "<li>"); len(refs) != n || n < len(names)+1 {
		t.Fatalf("%d lines, of which %d are as they must be: %s", n, len(refs), a.content)
	}
	base, _ := url.Parse("http://host/")
	var order []string
	for _, ref := range refs {
		to, err := base.Parse(ref[1])
		if err != nil || to.Host != "host" || to.Scheme != "http" || strings.Contains(ref[1], "out") || strings.Contains(ref[1], "back") {
			t.Errorf("%q leads to %v (%v)", ref[1], to, err)
			continue
		}
		order = append(order, ref[2])
		if strings.HasSuffix(ref[1], "/") {
			continue
		}
		if got := ask(t, s, "GET "+to.RequestURI()+" HTTP/1.1"); got.StatusCode != 200 || !strings.HasPrefix(got.content, "content of ") {
			t.Errorf("%q: %s", ref[1], got.Status)
		}
	}
	if len(names) > 6 {
		want := []string{"&#39;&amp;&#34;", "-", "&lt;script&gt;", "a", "B", "c%41", "d#e?f", "javascript:alert(1)", "link@", "linkdir@",
			"sub dir/", "x\uFFFDy", "z\ny", "ä ö"}
		if d := cmp.Diff(want, order); d != "" {
			t.Error(d)
		}
	}
	if a := ask(t, s, "GET /sub%20dir/ HTTP/1.1"); !strings.Contains(a.content, "<h1>Directory listing for /sub dir/</h1>") {
		t.Error(a.content)
	}
	if a := ask(t, s, "HEAD / HTTP/1.1"); a.content != "" || a.ContentLength < 100 {
		t.Errorf("HEAD: %v", a.Header)
	}
}

func TestSimpleOptions(t *testing.T) {
	simple, _ := tree(t, map[string]string{"a": "hello", "main": "start", ".hidden/a": "x", "b.go": "x", "C.FOO": "x"})
	simple.IndexPages = []string{"main"}
	simple.Hidden = func(name string) bool { return strings.HasPrefix(name, ".") && name != "." }
	simple.ExtensionsMap = map[string]string{".go": "text/x-go", ".foo": "x/foo", "": "x/none"}
	s, _ := do(simple)
	if a := ask(t, s, "GET / HTTP/1.1"); a.content != "start" {
		t.Errorf("%s: %q", a.Status, a.content)
	}
	if a := ask(t, s, "GET /.hidden/a HTTP/1.1"); a.StatusCode != 404 {
		t.Errorf("hidden: %s", a.Status)
	}
	for target, want := range map[string]string{"/b.go": "text/x-go", "/C.FOO": "x/foo", "/a": "x/none"} {
		if a := ask(t, s, "GET "+target+" HTTP/1.1"); a.Header.Get("Content-Type") != want {
			t.Errorf("%s is %s", target, a.Header.Get("Content-Type"))
		}
	}
	simple.IndexPages = []string{}
	if a := ask(t, s, "GET / HTTP/1.1"); !strings.Contains(a.content, `"main"`) || strings.Contains(a.content, "hidden") {
		t.Errorf("%s: %s", a.Status, a.content)
	}
	simple.NoListing = true
	if a := ask(t, s, "GET / HTTP/1.1"); a.StatusCode != 404 {
		t.Errorf("no listing: %s", a.Status)
	}
}

func TestGuessType(t *testing.T) {
	s := new(httpserver.SimpleHTTPRequestHandler)
	for name, want := range map[string]string{
		"a.html": "text/html; charset=utf-8", "a/b.HTM": "text/html; charset=utf-8", "a.tar.gz": "application/gzip", "a.js": "text/javascript; charset=utf-8",
		"a.svg": "image/svg+xml", "a.wasm": "application/wasm", "a.Z": "application/octet-stream", "a": "application/octet-stream",
		".html": "application/octet-stream", "..html": "application/octet-stream", "x.d/a": "application/octet-stream", "a.": "application/octet-stream",
		"": "application/octet-stream", ".a.txt": "text/plain; charset=utf-8",
	} {
		if got := s.GuessType(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

// derived has methods of its own in the place of those of the type that it embeds, as a subclass has.
type derived struct {
	*httpserver.SimpleHTTPRequestHandler
}

func (derived) GuessType(name string) string { return "x/" + filepath.Base(name) }
func (d derived) TranslatePath(path string) (string, error) {
	return d.SimpleHTTPRequestHandler.TranslatePath(strings.TrimPrefix(path, "/prefix"))
}
func (derived) ListDirectory(h *httpserver.BaseHTTPRequestHandler, name string) io.ReadCloser {
	h.SendResponse(200)
	h.EndHeaders()
	return io.NopCloser(strings.NewReader("my list of " + name))
}
func (derived) DoPOST(h *httpserver.BaseHTTPRequestHandler) { h.SendError(409) }

func TestDerived(t *testing.T) {
	simple, _ := tree(t, map[string]string{"a": "hello"})
	s, _ := do(derived{simple})
	if a := ask(t, s, "GET /prefix/a HTTP/1.1"); a.content != "hello" || a.Header.Get("Content-Type") != "x/a" {
		t.Errorf("%s %v: %q", a.Status, a.Header, a.content)
	}
	if a := ask(t, s, "GET /prefix/ HTTP/1.1"); a.content != "my list of ." {
		t.Errorf("%s: %q", a.Status, a.content)
	}
	if a := ask(t, s, "POST / HTTP/1.1"); a.StatusCode != 409 {
		t.Errorf("POST: %s", a.Status)
	}
	if a := ask(t, s, "PUT / HTTP/1.1"); a.StatusCode != 405 || a.Header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("PUT: %s %v", a.Status, a.Header)
	}
}

// Without a directory nothing is served, and the log says why.
func TestNoRoot(t *testing.T) {
	s, logged := do(new(httpserver.SimpleHTTPRequestHandler))
	if a := ask(t, s, "GET / HTTP/1.1"); a.StatusCode != 500 || !strings.Contains(logged.String(), "no Root") {
		t.Errorf("%s: %s", a.Status, logged)
	}
}

// A file that has become shorter while it is sent closes the connection: what was announced cannot be.
func TestShorterFile(t *testing.T) {
	simple, dir := tree(t, map[string]string{"big": strings.Repeat("x", 1<<20)})
	s, _ := do(cutter{simple, filepath.Join(dir, "big")})
	w := serve(t, s)
	w.send(crlf("GET /big HTTP/1.1\nHost: a\n\n"))
	all, err := io.ReadAll(w.client)
	if len(all) > 1<<20 {
		t.Errorf("%d octets, %v: %.300q", len(all), err, all)
	}
	w.wait()
	if got := fmt.Sprint(w.reported()); !strings.Contains(got, "EOF") && !strings.Contains(got, "content") {
		t.Errorf("told: %s", got)
	}
}

// cutter makes a file shorter between its head and its content.
type cutter struct {
	*httpserver.SimpleHTTPRequestHandler
	file string
}

func (c cutter) OnEndHeaders(*httpserver.BaseHTTPRequestHandler) { os.Truncate(c.file, 1000) }
