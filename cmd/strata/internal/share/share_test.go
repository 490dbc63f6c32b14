package share_test

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/strata-http/strata/cmd/strata/internal/share"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/transport/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// shared is a share with a few files, and what it was told.
type shared struct {
	t   *testing.T
	dir string
	s   *httpserver.Server
	log bytes.Buffer
}

func newShare(t *testing.T, o share.Options) *shared {
	t.Helper()
	x := &shared{t: t, dir: t.TempDir()}
	for name, content := range map[string]string{"a.txt": "old", "sub/b": "b"} {
		path := filepath.Join(x.dir, name)
		os.MkdirAll(filepath.Dir(path), 0o777)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	files, err := httpserver.NewSimpleHTTPRequestHandler(x.dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Root.Close() })
	o.Errors = &x.log
	x.s = &httpserver.Server{Handler: share.New(files, o)}
	return x
}

// ask sends octets, the lines of the head with LF and without Host, and returns the response. The client then
// ends its direction.
func (x *shared) ask(head, content string) (*http.Response, string) {
	x.t.Helper()
	client, server := memory.Pipe()
	defer client.Close()
	done := make(chan error, 1)
	go func() { done <- x.s.ServeConn(context.Background(), server) }()
	line, fields, _ := strings.Cut(head, "\n")
	if fields != "" {
		fields += "\n"
	}
	go func() {
		io.WriteString(client, strings.ReplaceAll(line+"\nHost: here:8000\n"+fields+"\n", "\n", "\r\n")+content)
		client.CloseWrite()
	}()
	octets, err := io.ReadAll(client)
	<-done
	method, _, _ := strings.Cut(head, " ")
	r, bad := http.ReadResponse(bufio.NewReader(bytes.NewReader(octets)), &http.Request{Method: method})
	if bad != nil {
		x.t.Fatalf("%q: %v, %v: %q", head, bad, err, octets)
	}
	got, _ := io.ReadAll(r.Body)
	return r, string(got)
}

// files returns the share's files with their content, in order.
func (x *shared) files() (all []string) {
	x.t.Helper()
	filepath.WalkDir(x.dir, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			b, _ := os.ReadFile(path)
			name, _ := filepath.Rel(x.dir, path)
			all = append(all, filepath.ToSlash(name)+"="+string(b))
		}
		return err
	})
	slices.Sort(all)
	return all
}

func TestUpload(t *testing.T) {
	outside := t.TempDir()
	const form = "multipart/form-data; boundary=xx"
	file := func(name, content string) string {
		return "--xx\r\nContent-Disposition: form-data; name=f; filename=\"" + name + "\"\r\n\r\n" + content + "\r\n"
	}
	for _, c := range []struct {
		head, content string
		code          int
		files         string // what is there beside what there was, or in its place
	}{
		{"PUT /new HTTP/1.1\nContent-Length: 3", "abc", 201, "a.txt=old new=abc sub/b=b"},
		{"PUT /a.txt HTTP/1.1\nContent-Length: 3", "abc", 204, "a.txt=abc sub/b=b"},
		{"PUT /sub/c%20d HTTP/1.1\nContent-Length: 3", "abc", 201, "a.txt=old sub/b=b sub/c d=abc"},
		{"PUT /empty HTTP/1.1\nContent-Length: 0", "", 201, "a.txt=old empty= sub/b=b"},
		{"PUT /new HTTP/1.1\nTransfer-Encoding: chunked", "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n", 201, "a.txt=old new=abc sub/b=b"},
		{"POST /new HTTP/1.1\nContent-Length: 3", "abc", 201, "a.txt=old new=abc sub/b=b"},
		{"PUT /link HTTP/1.1\nContent-Length: 3", "abc", 204, "a.txt=old link=abc sub/b=b"}, // itself, not what is outside
		// Not whole: nothing is left of it.
		{"PUT /a.txt HTTP/1.1\nContent-Length: 30", "abc", 400, ""},
		{"PUT /a.txt HTTP/1.1\nTransfer-Encoding: chunked", "2\r\nab\r\n", 400, ""},
		{"PUT /a.txt HTTP/1.1\nTransfer-Encoding: chunked", "2\r\nabX", 400, ""},
		// Too much.
		{"PUT /a.txt HTTP/1.1\nContent-Length: 101", strings.Repeat("x", 101), 413, ""},
		{"PUT /a.txt HTTP/1.1\nTransfer-Encoding: chunked", "65\r\n" + strings.Repeat("x", 101) + "\r\n0\r\n\r\n", 413, ""},
		{"PUT /a.txt HTTP/1.1\nContent-Length: 100", strings.Repeat("x", 100), 204, "a.txt=" + strings.Repeat("x", 100) + " sub/b=b"},
		{"PUT /a.txt HTTP/1.1\nExpect: 100-continue\nContent-Length: 101", "", 413, ""},
		{"POST / HTTP/1.1\nContent-Type: " + form + "\nContent-Length: 1000000", "", 413, ""},
		// No length.
		{"PUT /a.txt HTTP/1.1", "", 411, ""},
		{"POST /a.txt HTTP/1.1", "", 411, ""},
		// No place.
		{"PUT / HTTP/1.1\nContent-Length: 3", "abc", 409, ""},
		{"PUT /sub HTTP/1.1\nContent-Length: 3", "abc", 409, ""},
		{"PUT /sub/ HTTP/1.1\nContent-Length: 3", "abc", 409, ""},
		{"PUT /none/a HTTP/1.1\nContent-Length: 3", "abc", 409, ""},
		{"PUT /a.txt/b HTTP/1.1\nContent-Length: 3", "abc", 409, ""},
		{"POST / HTTP/1.1\nContent-Length: 3", "abc", 409, ""},
		{"PUT /../a HTTP/1.1\nContent-Length: 3", "abc", 400, ""},
		{"PUT /%2e%2e%2fa HTTP/1.1\nContent-Length: 3", "abc", 400, ""},
		{"PUT /a%00 HTTP/1.1\nContent-Length: 3", "abc", 400, ""},
		{"PUT //a HTTP/1.1\nContent-Length: 3", "abc", 400, ""},
		{"PUT /out/a HTTP/1.1\nContent-Length: 3", "abc", 404, ""}, // a link that leads out
		{"PUT /.strata-upload-x HTTP/1.1\nContent-Length: 3", "abc", 403, ""},
		// Not what is there, or not a file.
		{"PUT /a.txt HTTP/1.1\nIf-None-Match: *\nContent-Length: 3", "abc", 412, ""},
		{"PUT /new HTTP/1.1\nIf-None-Match: *\nContent-Length: 3", "abc", 201, "a.txt=old new=abc sub/b=b"},
		{"PUT /new HTTP/1.1\nIf-Match: *\nContent-Length: 3", "abc", 412, ""},
		{"PUT /a.txt HTTP/1.1\nContent-Range: bytes 0-2/3\nContent-Length: 3", "abc", 400, ""},
		{"PUT /a.txt HTTP/1.1\nContent-Encoding: gzip\nContent-Length: 3", "abc", 415, ""},
		// Other origins.
		{"PUT /a.txt HTTP/1.1\nOrigin: http://evil.example\nContent-Length: 3", "abc", 403, ""},
		{"PUT /a.txt HTTP/1.1\nOrigin: null\nContent-Length: 3", "abc", 403, ""},
		{"PUT /a.txt HTTP/1.1\nOrigin: https://here:8000\nContent-Length: 3", "abc", 403, ""},
		{"PUT /a.txt HTTP/1.1\nOrigin: http://here:8000\nContent-Length: 3", "abc", 204, "a.txt=abc sub/b=b"},
		// Forms.
		{"POST / HTTP/1.1\nContent-Type: " + form, file("x", "1") + file("a.txt", "2") + "--xx--\r\n", 201, "a.txt=2 sub/b=b x=1"},
		{"POST /sub/ HTTP/1.1\nContent-Type: " + form, file("x y", "1") + "--xx--\r\n", 201, "a.txt=old sub/b=b sub/x y=1"},
		{"POST /sub HTTP/1.1\nContent-Type: " + form, file(`C:\\dir\\x`, "1") + "--xx--\r\n", 201, "a.txt=old sub/b=b sub/x=1"},
		{"POST /sub/ HTTP/1.1\nContent-Type: " + form, file("../../x", "1") + "--xx--\r\n", 201, "a.txt=old sub/b=b sub/x=1"},
		{"POST / HTTP/1.1\nContent-Type: " + form, file("..", "1") + "--xx--\r\n", 400, ""},
		{"POST / HTTP/1.1\nContent-Type: " + form, file("x", "1") + file("sub", "2") + "--xx--\r\n", 409, ""},
		{"POST / HTTP/1.1\nContent-Type: " + form, file("x", "1") + file(".strata-upload-y", "2") + "--xx--\r\n", 403, ""},
		{"POST / HTTP/1.1\nContent-Type: " + form, file("x", "1"), 400, ""}, // no end
		{"POST / HTTP/1.1\nContent-Type: " + form, "what is no form at all", 400, ""},
		{"POST / HTTP/1.1\nContent-Type: " + form, "--xx\r\nContent-Disposition: form-data; name=f\r\n\r\n1\r\n--xx--\r\n", 400, ""},
		{"POST /none/ HTTP/1.1\nContent-Type: " + form, file("x", "1") + "--xx--\r\n", 404, ""},
		{"POST /a.txt HTTP/1.1\nContent-Type: " + form, file("x", "1") + "--xx--\r\n", 409, ""},
		{"POST /out/ HTTP/1.1\nContent-Type: " + form, file("x", "1") + "--xx--\r\n", 404, ""},
	} {
		limit := int64(100)
		if strings.Contains(c.head, form) && !strings.Contains(c.head, "Content-Length") {
			limit = -1
			c.head += "\nTransfer-Encoding: chunked"
			c.content = hex(len(c.content)) + "\r\n" + c.content + "\r\n0\r\n\r\n"
		}
		x := newShare(t, share.Options{Upload: true, UploadLimit: limit})
		for name, to := range map[string]string{"out": outside, "link": filepath.Join(outside, "target")} {
			if err := os.Symlink(to, filepath.Join(x.dir, name)); err != nil {
				t.Skip(err)
			}
		}
		if c.files == "" {
			c.files = "a.txt=old sub/b=b"
		}
		r, content := x.ask(c.head, c.content)
		if got := strings.Join(x.files(), " "); r.StatusCode != c.code || got != c.files {
			t.Errorf("%q: %s, %.200s\n have %s\n want %s", c.head, r.Status, content, got, c.files)
		}
		if left, _ := os.ReadDir(outside); len(left) > 0 {
			t.Fatalf("%q: it came out to %v", c.head, left)
		}
		if c.code == 201 && r.Header.Get("Location") == "" || r.StatusCode/100 == 1 {
			t.Errorf("%q: %s %v", c.head, r.Status, r.Header)
		}
	}
}

func hex(n int) string {
	const digits = "0123456789abcdef"
	s := ""
	for ; n > 0; n /= 16 {
		s = digits[n%16:n%16+1] + s
	}
	return s
}

// An upload's ETag is that of the file, so that the next one can tell which one it replaces.
func TestUploadTag(t *testing.T) {
	x := newShare(t, share.Options{Upload: true, UploadLimit: -1})
	r, _ := x.ask("PUT /a.txt HTTP/1.1\nContent-Length: 3", "abc")
	tag := r.Header.Get("ETag")
	if got, _ := x.ask("GET /a.txt HTTP/1.1", ""); tag == "" || got.Header.Get("ETag") != tag {
		t.Fatalf("%q, and then %q", tag, got.Header.Get("ETag"))
	}
	if r, _ := x.ask("PUT /a.txt HTTP/1.1\nContent-Length: 4\nIf-Match: "+tag, "abcd"); r.StatusCode != 204 {
		t.Errorf("the tag that it has: %s", r.Status)
	}
	if r, _ := x.ask("PUT /a.txt HTTP/1.1\nContent-Length: 4\nIf-Match: "+tag, "abcd"); r.StatusCode != 412 {
		t.Errorf("the tag that it had: %s", r.Status)
	}
}

// What is not allowed says what is.
func TestMethods(t *testing.T) {
	const read, write = "GET, HEAD, OPTIONS", "GET, HEAD, POST, PUT, OPTIONS"
	for _, c := range []struct {
		upload bool
		method string
		code   int
		allow  string
	}{
		{false, "PUT", 405, read}, {false, "POST", 405, read}, {false, "DELETE", 405, read}, {false, "PATCH", 405, read},
		{true, "DELETE", 405, "GET, HEAD, POST, PUT, OPTIONS"}, {false, "OPTIONS", 204, read}, {true, "OPTIONS", 204, write},
		{true, "FOO", 501, ""},
	} {
		x := newShare(t, share.Options{Upload: c.upload})
		r, _ := x.ask(c.method+" /a.txt HTTP/1.1\nContent-Length: 3", "abc")
		if r.StatusCode != c.code || r.Header.Get("Allow") != c.allow {
			t.Errorf("%v, %s: %s, Allow %q", c.upload, c.method, r.Status, r.Header.Get("Allow"))
		}
		if d := cmp.Diff([]string{"a.txt=old", "sub/b=b"}, x.files()); d != "" {
			t.Error(d)
		}
	}
}

// Parts of uploads are neither listed nor served.
func TestParts(t *testing.T) {
	x := newShare(t, share.Options{})
	os.WriteFile(filepath.Join(x.dir, ".strata-upload-x"), nil, 0o666)
	if r, _ := x.ask("GET /.strata-upload-x HTTP/1.1", ""); r.StatusCode != 404 {
		t.Errorf("it is served: %s", r.Status)
	}
	if _, page := x.ask("GET / HTTP/1.1", ""); strings.Contains(page, "strata-upload") || !strings.Contains(page, "a.txt") {
		t.Errorf("it is listed: %s", page)
	}
}

// Every response has the fields that were asked for: errors, redirects and 304 too.
func TestFields(t *testing.T) {
	var o share.Options
	o.Fields, o.Removed = new(headers.Fields), []string{"Last-Modified"}
	o.Fields.Add("x-One", "1")
	o.Fields.Add("X-Two", "2")
	o.Fields.Add("x-one", "3")
	o.Fields.Add("server", "mine")
	x := newShare(t, o)
	for _, head := range []string{"GET /a.txt", "GET /none", "GET /sub", "PUT /a", "OPTIONS *", "GET /a.txt HTTP/1.1\nIf-None-Match: *"} {
		if !strings.Contains(head, "HTTP") {
			head += " HTTP/1.1"
		}
		r, _ := x.ask(head, "")
		if d := cmp.Diff([]string{"1", "3"}, r.Header.Values("X-One")); d != "" || r.Header.Get("X-Two") != "2" ||
			len(r.Header.Values("Server")) != 1 || r.Header.Get("Server") != "mine" || r.Header.Get("Last-Modified") != "" || r.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%q: %s %v", head, r.Status, r.Header)
		}
	}
}

func TestCORS(t *testing.T) {
	x := newShare(t, share.Options{CORS: true, Upload: true, UploadLimit: -1})
	for _, head := range []string{"GET /a.txt HTTP/1.1", "GET /none HTTP/1.1", "PUT /b HTTP/1.1\nContent-Length: 0\nOrigin: http://other.example"} {
		if r, _ := x.ask(head, ""); r.Header.Get("Access-Control-Allow-Origin") != "*" || r.StatusCode == 403 {
			t.Errorf("%q: %s %v", head, r.Status, r.Header)
		}
	}
	r, _ := x.ask("OPTIONS /b HTTP/1.1\nOrigin: http://other.example\nAccess-Control-Request-Method: PUT", "")
	if r.StatusCode != 204 || !strings.Contains(r.Header.Get("Access-Control-Allow-Methods"), "PUT") || r.Header.Get("Access-Control-Allow-Headers") != "*" {
		t.Errorf("a preflight request: %s %v", r.Status, r.Header)
	}
}
