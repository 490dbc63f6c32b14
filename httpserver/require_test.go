package httpserver_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/strata-http/strata/httpserver"
)

// 405 has an Allow field, whatever it has to say.
func TestMethodNotAllowed(t *testing.T) {
	for _, c := range []struct {
		allow []string
		want  string
	}{{nil, ""}, {[]string{"GET"}, "GET"}, {[]string{"GET", "HEAD", "x-Mine"}, "GET, HEAD, x-Mine"}} {
		w := serve(t, handle(func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.Fields().Add("Secret", "x")
			w.WriteString("half a page")
			if err := w.MethodNotAllowed("GET", "P\r\nEvil: x"); err == nil || strings.ContainsAny(err.Error(), "\r\n") {
				t.Errorf("a method that is no token: %v", err)
			}
			if err := w.MethodNotAllowed(c.allow...); err != nil {
				t.Error(err)
			}
		}))
		w.send("DELETE / HTTP/1.1\r\nHost: a\r\n\r\n")
		w.expect("HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n" +
			"Allow: " + c.want + "\r\nContent-Length: 88\r\nConnection: close\r\n\r\n" +
			"405 Method Not Allowed\nthe resource does not have this method (RFC 9110 section 15.5.6)\n")
		if got := w.rest(); got != "" {
			t.Errorf("behind it: %q", got)
		}
	}
}

// 411 and 413 come before any content, which is not asked for, and close the connection.
func TestRequireLength(t *testing.T) {
	for _, c := range []struct {
		fields, content string
		limit           int64
		want            string
		closes          bool
	}{
		{"", "", 0, "200 OK", false},
		{"Content-Length: 0\n", "", 0, "200 OK", false},
		{"Content-Length: 5\n", "hello", 5, "200 OK", false},
		{"Content-Length: 5\n", "hello", -1, "200 OK", false},
		{"Content-Length: 5\n", "hello", 4, "413 Content Too Large", true},
		{"Content-Length: 5\nExpect: 100-continue\n", "", 4, "413 Content Too Large", true},
		{"Content-Length: 940000000000000\n", "", 4, "413 Content Too Large", true},
		{"Transfer-Encoding: chunked\n", "5\r\nhello\r\n0\r\n\r\n", -1, "411 Length Required", true},
		{"Transfer-Encoding: chunked\nExpect: 100-continue\n", "", 9, "411 Length Required", true},
	} {
		t.Run(fmt.Sprintf("%q within %d", c.fields, c.limit), func(t *testing.T) {
			w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
				if r.Method() != "POST" {
					return
				}
				if got := w.RequireLength(c.limit); got != strings.HasPrefix(c.want, "200") {
					t.Errorf("RequireLength = %v", got)
				}
			}))
			w.send(crlf("POST / HTTP/1.1\nHost: a\n"+c.fields+"\n") + c.content)
			if !c.closes {
				w.send(crlf("OPTIONS * HTTP/1.1\nHost: a\n\n"))
			}
			got := w.rest()
			if !strings.HasPrefix(got, "HTTP/1.1 "+c.want+"\r\n") || strings.Contains(got, "\r\nConnection: close") != c.closes {
				t.Errorf("answered %q", got)
			}
			if n := strings.Count(got, "HTTP/1.1 "); n != 2 && !c.closes || n != 1 && c.closes {
				t.Errorf("%d responses: %q", n, got)
			}
		})
	}
}

// Behind the head neither changes anything.
func TestRequireTooLate(t *testing.T) {
	w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		w.Flush()
		if err := w.MethodNotAllowed("GET"); err != httpserver.ErrHeadSent {
			t.Errorf("MethodNotAllowed: %v", err)
		}
		if w.RequireLength(0) {
			t.Error("RequireLength passes")
		}
	}))
	w.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")
	w.expect("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
	var none httpserver.ResponseWriter
	if err := none.MethodNotAllowed("GET"); err != httpserver.ErrHandlerReturned || none.RequireLength(-1) {
		t.Errorf("the zero ResponseWriter: %v", err)
	}
}

// A resource that is read and replaced, and nothing else, in up to a kibibyte of a length that is known.
func ExampleResponseWriter_MethodNotAllowed() {
	note := "empty"
	s := &httpserver.Server{NoDate: true, Handler: httpserver.HandlerFunc(func(w httpserver.ResponseWriter, r httpserver.Request) {
		switch r.Method() {
		case "GET", "HEAD":
			w.WriteString(note)
		case "PUT":
			if !w.RequireLength(1 << 10) {
				return
			}
			content, err := r.ReadAll(-1)
			if err != nil {
				return
			}
			note = string(content)
			w.SetStatus(204)
		default:
			w.MethodNotAllowed("GET", "HEAD", "PUT")
		}
	})}
	manualAsk(s, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
	manualAsk(s, "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")
	manualAsk(s, "DELETE / HTTP/1.1\r\nHost: a\r\n\r\n")
	manualAsk(s, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	// Output:
	// HTTP/1.1 204 No Content
	//
	// HTTP/1.1 411 Length Required
	// Content-Type: text/plain; charset=utf-8
	// X-Content-Type-Options: nosniff
	// Content-Length: 94
	// Connection: close
	//
	// 411 Length Required
	// content must have its length in Content-Length (RFC 9110 section 15.5.12)
	// HTTP/1.1 405 Method Not Allowed
	// Content-Type: text/plain; charset=utf-8
	// X-Content-Type-Options: nosniff
	// Allow: GET, HEAD, PUT
	// Content-Length: 88
	// Connection: close
	//
	// 405 Method Not Allowed
	// the resource does not have this method (RFC 9110 section 15.5.6)
	// HTTP/1.1 200 OK
	// Content-Length: 5
	//
	// hello
}
