package httpserver_test

import (
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strata-http/strata/httpserver"
)

func TestRanges(t *testing.T) {
	simple, dir := tree(t, map[string]string{"a.txt": "0123456789", "empty.txt": ""})
	s, _ := do(simple)
	info, err := os.Stat(filepath.Join(dir, "a.txt"))
	if err != nil {
		t.Fatal(err)
	}
	tag := httpserver.ETag(info)
	many := strings.Repeat("0-0,", httpserver.DefaultMaxRanges+1) + "1-1"
	for _, c := range []struct {
		fields       string
		code         int
		contentRange string
		content      string
	}{
		{"Range: bytes=0-4", 206, "bytes 0-4/10", "01234"},
		{"Range: bytes=0-0", 206, "bytes 0-0/10", "0"},
		{"Range: bytes=9-", 206, "bytes 9-9/10", "9"},
		{"Range: bytes=0-", 206, "bytes 0-9/10", "0123456789"},
		{"Range: bytes=5-100", 206, "bytes 5-9/10", "56789"},
		{"Range: bytes=-3", 206, "bytes 7-9/10", "789"},
		{"Range: bytes=-100", 206, "bytes 0-9/10", "0123456789"},
		{"Range: BYTES=1-2", 206, "bytes 1-2/10", "12"},
		{"Range: bytes= 1-2 ,", 206, "bytes 1-2/10", "12"},
		{"Range: bytes=0-99999999999999999999999", 206, "bytes 0-9/10", "0123456789"},
		{"Range: bytes=3-4,20-30", 206, "bytes 3-4/10", "34"}, // what is not satisfiable is left out
		{"Range: bytes=10-", 416, "bytes */10", "*"},
		{"Range: bytes=10-20,30-", 416, "bytes */10", "*"},
		{"Range: bytes=-0", 416, "bytes */10", "*"},
		{"Range: bytes=99999999999999999999999-", 416, "bytes */10", "*"},
		// Not well-formed, or not of this unit: as if it were not there.
		{"Range: bytes=4-2", 200, "", "0123456789"},
		{"Range: bytes=", 200, "", "0123456789"},
		{"Range: bytes=,", 200, "", "0123456789"},
		{"Range: bytes", 200, "", "0123456789"},
		{"Range: bytes=a-b", 200, "", "0123456789"},
		{"Range: bytes=-", 200, "", "0123456789"},
		{"Range: bytes=--1", 200, "", "0123456789"},
		{"Range: bytes=+1-2", 200, "", "0123456789"},
		{"Range: bytes=0x1-2", 200, "", "0123456789"},
		{"Range: bytes=1 - 2", 200, "", "0123456789"},
		{"Range: bytes=1", 200, "", "0123456789"},
		{"Range: bytes=0-1,x", 200, "", "0123456789"},
		{"Range: lines=0-1", 200, "", "0123456789"},
		{"Range: bytes=0-1\nRange: bytes=2-3", 200, "", "0123456789"},
		// More than the file has, and more ranges than there may be.
		{"Range: bytes=0-9,0-9", 200, "", "0123456789"},
		{"Range: bytes=" + many, 200, "", "0123456789"},
		// If-Range.
		{"Range: bytes=0-1\nIf-Range: " + tag, 206, "bytes 0-1/10", "01"},
		{"Range: bytes=0-1\nIf-Range: W/" + tag, 200, "", "0123456789"},
		{"Range: bytes=0-1\nIf-Range: \"a\"", 200, "", "0123456789"},
		{"Range: bytes=0-1\nIf-Range: Mon, 06 May 2024 07:08:09 GMT", 206, "bytes 0-1/10", "01"},
		{"Range: bytes=0-1\nIf-Range: Mon, 06 May 2024 07:08:10 GMT", 200, "", "0123456789"},
		{"Range: bytes=0-1\nIf-Range: soon", 200, "", "0123456789"},
		{"Range: bytes=20-\nIf-Range: \"a\"", 200, "", "0123456789"},
		{"Range: bytes=0-1\nIf-None-Match: " + tag, 304, "", ""},
		{"Range: bytes=0-1\nIf-Match: \"a\"", 412, "", "*"},
	} {
		a := ask(t, s, "GET /a.txt HTTP/1.1\n"+c.fields)
		if a.StatusCode != c.code || a.Header.Get("Content-Range") != c.contentRange || c.content != "*" && a.content != c.content {
			t.Errorf("%.60q: %s, %q: %q", c.fields, a.Status, a.Header.Get("Content-Range"), a.content)
		}
		if c.code/100 == 2 && (a.ContentLength != int64(len(c.content)) || a.fields("Content-Type", "Accept-Ranges") !=
			"Content-Type: text/plain; charset=utf-8\nAccept-Ranges: bytes" || a.Header.Get("ETag") != tag) {
			t.Errorf("%.60q: %v", c.fields, a.Header)
		}
	}
	// HEAD has no ranges (RFC 9110 section 14.2).
	if a := ask(t, s, "HEAD /a.txt HTTP/1.1\nRange: bytes=0-1"); a.StatusCode != 200 || a.ContentLength != 10 {
		t.Errorf("HEAD: %s %v", a.Status, a.Header)
	}
	for field, code := range map[string]int{"bytes=0-": 416, "bytes=-1": 200, "bytes=0-0": 416} {
		if a := ask(t, s, "GET /empty.txt HTTP/1.1\nRange: "+field); a.StatusCode != code {
			t.Errorf("%s of an empty file: %s", field, a.Status)
		}
	}
	simple.MaxRanges = -1
	if a := ask(t, s, "GET /a.txt HTTP/1.1\nRange: bytes=0-1"); a.StatusCode != 200 || a.Header.Get("Accept-Ranges") != "" {
		t.Errorf("without ranges: %s %v", a.Status, a.Header)
	}
}

func TestMultipartRanges(t *testing.T) {
	simple, _ := tree(t, map[string]string{"a.txt": "0123456789"})
	s, _ := do(simple)
	for field, want := range map[string]string{
		"bytes=0-0,-1":          "[bytes 0-0/10 0][bytes 9-9/10 9]",
		"bytes=7-,0-1":          "[bytes 7-9/10 789][bytes 0-1/10 01]", // in the order of the request
		"bytes=1-1, 2-3 ,40-50": "[bytes 1-1/10 1][bytes 2-3/10 23]",
	} {
		a := ask(t, s, "GET /a.txt HTTP/1.1\nRange: "+field)
		kind, params, err := mime.ParseMediaType(a.Header.Get("Content-Type"))
		if a.StatusCode != 206 || err != nil || kind != "multipart/byteranges" || a.Header.Get("Content-Range") != "" || a.ContentLength != int64(len(a.content)) {
			t.Errorf("%s: %s %v", field, a.Status, a.Header)
		}
		got := ""
		for r := multipart.NewReader(strings.NewReader(a.content), params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(p)
			if err != nil || p.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
				t.Errorf("%s: %v, %v", field, p.Header, err)
			}
			got += fmt.Sprintf("[%s %s]", p.Header.Get("Content-Range"), b)
		}
		if got != want {
			t.Errorf("%s: %s, want %s", field, got, want)
		}
	}
}

// SendHead's content can be read as well as written, with the same result.
func TestContentRead(t *testing.T) {
	simple, _ := tree(t, map[string]string{"a.txt": "0123456789"})
	s, _ := do(reader{simple})
	for _, field := range []string{"", "\nRange: bytes=2-4", "\nRange: bytes=0-0,-2"} {
		a := ask(t, s, "GET /a.txt HTTP/1.1"+field)
		if a.ContentLength != int64(len(a.content)) || !strings.Contains(a.content, map[bool]string{true: "\r\n\r\n89\r\n--", false: "34"}[strings.Contains(field, ",")]) {
			if field != "" || a.content != "0123456789" {
				t.Errorf("%q: %q", field, a.content)
			}
		}
	}
}

type reader struct {
	*httpserver.SimpleHTTPRequestHandler
}

func (r reader) DoGET(h *httpserver.BaseHTTPRequestHandler) {
	content := r.SendHead(h)
	defer content.Close()
	all, err := io.ReadAll(struct{ io.Reader }{content})
	if err != nil {
		panic(err)
	}
	h.Wfile.Write(all)
}
