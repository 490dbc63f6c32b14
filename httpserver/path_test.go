package httpserver_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unicode/utf8"

	"github.com/strata-http/strata/httpserver"
)

func TestTranslatePath(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"/", "."},
		{"/a", "a"},
		{"/a/", "a"},
		{"/a/b", "a/b"},
		{"/a%20b/%C3%A4%c3%b6", "a b/äö"},
		{"/a?b/../c", "a"},
		{"/a#b", "a"},
		{"/...", "..."},
		{"/..a", "..a"},
		{"/%2561dmin", "%61dmin"}, // decoded once
		{"/%252e%252e/a", "%2e%2e/a"},
		{"/a%3Fb", "a?b"},
		{"/%0a", "\n"},
		{"/%ff", "\xff"},
		{"/a:b", "a:b"},
	} {
		if runtime.GOOS == "windows" && (strings.ContainsAny(c.want, "/?\n:") || !utf8.ValidString(c.want)) {
			continue
		}
		if got, err := httpserver.TranslatePath(c.path); got != c.want || err != nil {
			t.Errorf("%q: %q, %v; want %q", c.path, got, err, c.want)
		}
	}
	for _, path := range badPaths {
		got, err := httpserver.TranslatePath(path)
		var bad *httpserver.PathError
		if !errors.As(err, &bad) || bad.Path != path || bad.Why == "" || got != "" {
			t.Errorf("%q: %q, %v; want an error", path, got, err)
		}
		if err != nil && strings.ContainsAny(err.Error(), "\x00\x1b\r\n") {
			t.Errorf("%q: the message has a control character: %q", path, err)
		}
	}
}

// badPaths mean no file, whatever there is.
var badPaths = []string{
	"", "a", "*", "http://a/",
	"//", "//host", "//host/..", "///", "/a//b", "/a//",
	"/.", "/..", "/../a", "/a/../b", "/a/..", "/./a", "/a/./", "/%2e%2e/a", "/%2E%2e", "/.%2e/a", "/a/%2e/b",
	"/..%2fa", "/..%2Fetc%2fpasswd", "/a%2fb", "/%2f", "/%2fetc/passwd", "/%2f%2fhost",
	`/\`, `/..\a`, `/\..\`, "/%5c", "/..%5c..%5c", "/%5Chost", `/a\b`,
	"/%00", "/a%00.html", "/a\x00",
	"/%", "/%2", "/a%", "/%zz", "/%2g/", "/%u002e", "/%\x1b0",
	"/..%c0%af%", // what an overlong slash was
}

// No path leads out of the directory, nor does a link, and what is no file is not read: each is 4xx. What is
// published of the kind is named.
func TestTraversal(t *testing.T) {
	outside := t.TempDir()
	const secret = "the secret outside"
	if err := os.WriteFile(filepath.Join(outside, "secret"), []byte(secret), 0o666); err != nil {
		t.Fatal(err)
	}
	simple, dir := tree(t, map[string]string{"admin": "inside", "sub/file": "inside", "%61dmin2": "inside", "etc/passwd": "inside"})
	for name, to := range map[string]string{
		"out": filepath.Join(outside, "secret"), "outdir": outside, "up": "../" + filepath.Base(outside) + "/secret",
		"root": "/", "loop": "loop", "gone": "nothing", "in": "sub/file", "indir": "sub",
	} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	targets := []string{
		"//host/..", "//host/%2e%2e", "//evil.example/%2f..", // CVE-2021-28861
		"/..%2f..%2fsecret", `/%2e%2e%5csecret`, "/..%5c..%5csecret", // CVE-2022-21221
		"/%252e%252e/secret", "/%25%32%65%25%32%65/secret", "/%252e%252e%252fsecret", "/%2561dmin", // GO-2026-4950
		"/../secret", "/sub/../../secret", "/.%2e/secret", "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
		"/out", "/outdir/secret", "/outdir/", "/up", "/root/etc/passwd", "/root/", "/loop", "/gone", "/outdir",
		"/admin%00", "/admin%00.html", "/%2fetc/passwd", "/admin/", "/admin/x", "/sub//file", "/sub/file/",
		"/" + strings.Repeat("a", 4000), "/" + strings.Repeat("a/", 4000),
	}
	s, _ := do(simple)
	for _, method := range []string{"GET", "HEAD"} {
		for _, target := range targets {
			a := ask(t, s, method+" "+target+" HTTP/1.1")
			if a.StatusCode < 400 || a.StatusCode > 499 || a.Header.Get("Location") != "" || strings.Contains(a.content, secret) {
				t.Errorf("%s %.60q: %s, %v: %.80q", method, target, a.Status, a.Header, a.content)
			}
		}
	}
	for _, target := range []string{"/admin", "/sub/file", "/%2561dmin2", "/etc/passwd", "/in", "/indir/file", "/%61dmin", "http://b/admin"} {
		if a := ask(t, s, "GET "+target+" HTTP/1.1"); a.StatusCode != 200 || a.content != "inside" {
			t.Errorf("%s: %s: %q; want what is inside", target, a.Status, a.content)
		}
	}
}

// A redirect for a directory stays on this origin, whatever the path begins with, and keeps the query.
func TestRedirect(t *testing.T) {
	simple, _ := tree(t, map[string]string{"sub/a b/x": "", "evil.example/x": ""})
	s, _ := do(simple)
	for _, c := range []struct {
		target   string
		code     int
		location string
	}{
		{"/sub", 301, "/sub/"},
		{"/sub?a=1&b=%2f", 301, "/sub/?a=1&b=%2f"},
		{"/sub/a%20b", 301, "/sub/a%20b/"},
		{"/%73ub", 301, "/%73ub/"},
		{"http://b/sub?x", 301, "/sub/?x"},
		{"/evil.example", 301, "/evil.example/"},
		{"//evil.example", 400, ""}, // CVE-2021-28861
		{"//evil.example/%2e%2e", 400, ""},
		{"///evil.example", 400, ""},
		{"/%2fevil.example", 400, ""},
		{"/%5cevil.example", 400, ""},
		{"/%5c%2fevil.example", 400, ""},
	} {
		a := ask(t, s, "GET "+c.target+" HTTP/1.1")
		if a.StatusCode != c.code || a.Header.Get("Location") != c.location {
			t.Errorf("%s: %s, Location %q; want %d, %q", c.target, a.Status, a.Header.Get("Location"), c.code, c.location)
		}
	}
}

// What is neither a file nor a directory is not even opened: a FIFO would wait for a writer for ever.
func TestNoFile(t *testing.T) {
	simple, dir := tree(t, map[string]string{"a": "x"})
	if err := mkfifo(filepath.Join(dir, "fifo")); err != nil {
		t.Skip(err)
	}
	l, err := net.Listen("unix", filepath.Join(dir, "socket"))
	if err != nil {
		t.Skip(err)
	}
	defer l.Close()
	s, _ := do(simple)
	for _, target := range []string{"/fifo", "/socket"} {
		if a := ask(t, s, "GET "+target+" HTTP/1.1"); a.StatusCode != 403 {
			t.Errorf("%s: %s", target, a.Status)
		}
	}
	if a := ask(t, s, "GET / HTTP/1.1"); !strings.Contains(a.content, ">a<") || strings.Contains(a.content, "fifo") || strings.Contains(a.content, "socket") {
		t.Errorf("the listing: %s", a.content)
	}
	dev, err := httpserver.NewSimpleHTTPRequestHandler("/dev")
	if err != nil {
		t.Skip(err)
	}
	defer dev.Root.Close()
	s, _ = do(dev)
	for _, target := range []string{"/zero", "/tty", "/full"} {
		if a := ask(t, s, "GET "+target+" HTTP/1.1"); a.StatusCode/100 != 4 {
			t.Errorf("/dev%s: %s", target, a.Status)
		}
	}
}

// A failure of the system is no 404, and what it was is logged and not told.
func TestSendFileError(t *testing.T) {
	for _, c := range []struct {
		err  error
		code int
	}{
		{&fs.PathError{Op: "open", Path: "/secret/place", Err: syscall.EMFILE}, 500},
		{&fs.PathError{Op: "open", Path: "/secret/place", Err: syscall.EIO}, 500},
		{&fs.PathError{Op: "open", Path: "/secret/place", Err: syscall.EACCES}, 403},
		{&fs.PathError{Op: "open", Path: "/secret/place", Err: syscall.ENOENT}, 404},
		{&fs.PathError{Op: "open", Path: "/secret/place", Err: errors.New("path escapes from parent")}, 404},
	} {
		s, logged := do(getFunc(func(h *httpserver.BaseHTTPRequestHandler) { h.SendFileError(c.err) }))
		a := ask(t, s, "GET / HTTP/1.1")
		if a.StatusCode != c.code || strings.Contains(a.content, "place") {
			t.Errorf("%v: %s: %s", c.err, a.Status, a.content)
		}
		if told := bytes.Contains(logged.Bytes(), []byte("place")); told != (c.code != 404) {
			t.Errorf("%v: logged %q", c.err, logged)
		}
	}
}
