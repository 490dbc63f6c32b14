package httpserver_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strata-http/strata/httpserver"
)

// The preconditions of RFC 9110 section 13, in the order of its section 13.2.2.
func TestPrecondition(t *testing.T) {
	const at, before, later = "Mon, 06 May 2024 07:08:09 GMT", "Mon, 06 May 2024 07:08:08 GMT", "Mon, 06 May 2024 07:08:10 GMT"
	simple, dir := tree(t, map[string]string{"a": "hello"})
	info, err := os.Stat(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	tag := httpserver.ETag(info)
	s, _ := do(simple)
	for _, c := range []struct {
		fields string
		code   int
	}{
		{"", 200},
		{"If-Modified-Since: " + at, 304},
		{"If-Modified-Since: " + later, 304},
		{"If-Modified-Since: " + before, 200},
		{"If-Modified-Since: Monday, 06-May-24 07:08:09 GMT", 304},
		{"If-Modified-Since: Mon May  6 07:08:09 2024", 304},
		{"If-Modified-Since: Monday, 06-May-94 07:08:09 GMT", 200}, // of 1994, not 2094
		{"If-Modified-Since: yesterday", 200},
		{"If-Modified-Since: " + at + "\nIf-Modified-Since: " + at, 200},
		{"If-Modified-Since: 2024-05-06T07:08:09Z", 200},
		{"If-None-Match: " + tag, 304},
		{"If-None-Match: W/" + tag, 304},
		{"If-None-Match: *", 304},
		{`If-None-Match: "a,b", W/"c" , ` + tag, 304},
		{"If-None-Match: \"a\"\nIf-None-Match: " + tag, 304},
		{`If-None-Match: "a"`, 200},
		{`If-None-Match: ` + strings.Trim(tag, `"`), 200},
		{`If-None-Match: "a" ` + tag, 200},
		{`If-None-Match: "a`, 200},
		{"If-None-Match: \"a\"\nIf-Modified-Since: " + at, 200}, // the date is not looked at
		{"If-None-Match: " + tag + "\nIf-Modified-Since: " + before, 304},
		{"If-Match: " + tag, 200},
		{"If-Match: *", 200},
		{`If-Match: "a", ` + tag, 200},
		{"If-Match: W/" + tag, 412}, // a weak one never matches strongly
		{`If-Match: "a"`, 412},
		{"If-Unmodified-Since: " + at, 200},
		{"If-Unmodified-Since: " + before, 412},
		{"If-Unmodified-Since: tomorrow", 200},
		{"If-Match: " + tag + "\nIf-Unmodified-Since: " + before, 200}, // the date is not looked at
		{"If-Match: " + tag + "\nIf-None-Match: " + tag, 304},
		{"If-Match: \"a\"\nIf-None-Match: " + tag, 412},
	} {
		for _, method := range []string{"GET", "HEAD"} {
			a := ask(t, s, method+" /a HTTP/1.1\n"+c.fields)
			if a.StatusCode != c.code || (c.code == 200) != (a.content == "hello") && method == "GET" {
				t.Errorf("%s, %q: %s: %q; want %d", method, c.fields, a.Status, a.content, c.code)
			}
			if c.code == 304 && (a.Header.Get("ETag") != tag || a.Header.Get("Last-Modified") != at || a.Header.Get("Content-Type") != "") {
				t.Errorf("%s, %q: %v", method, c.fields, a.Header)
			}
		}
	}
}

// With another method than GET and HEAD, an entity-tag that matches is 412, and there may be nothing yet.
func TestPreconditionPut(t *testing.T) {
	var code int
	var tag string
	s, _ := do(putFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		code = int(httpserver.Precondition(h.Request, tag, modified))
	}))
	for _, c := range []struct {
		tag, fields string
		code        int
	}{
		{`"a"`, `If-None-Match: *`, 412},
		{``, `If-None-Match: *`, 0},
		{``, `If-Match: *`, 412},
		{`"a"`, `If-Match: *`, 0},
		{`"a"`, `If-None-Match: "a"`, 412},
		{`"a"`, `If-Modified-Since: Mon, 06 May 2024 07:08:09 GMT`, 0},
		{`W/"a"`, `If-Match: W/"a"`, 412},
		{`W/"a"`, `If-None-Match: "a"`, 412},
	} {
		tag = c.tag
		if ask(t, s, "PUT / HTTP/1.1\n"+c.fields); code != c.code {
			t.Errorf("%q, %q: %d, want %d", c.tag, c.fields, code, c.code)
		}
	}
}

type putFunc func(h *httpserver.BaseHTTPRequestHandler)

func (f putFunc) DoPUT(h *httpserver.BaseHTTPRequestHandler) { f(h) }
