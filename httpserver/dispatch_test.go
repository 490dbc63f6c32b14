package httpserver_test

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/wire"
)

// getFunc is a type with DoGET alone.
type getFunc func(h *httpserver.BaseHTTPRequestHandler)

func (f getFunc) DoGET(h *httpserver.BaseHTTPRequestHandler) { f(h) }

// all has a method for every method of HTTP that has one.
type all struct{ other bool }

func say(h *httpserver.BaseHTTPRequestHandler, name string) {
	h.SendResponseOnly(200)
	h.SendHeader("Method", name)
	h.EndHeaders()
}

func (all) DoGET(h *httpserver.BaseHTTPRequestHandler)     { say(h, "GET") }
func (all) DoHEAD(h *httpserver.BaseHTTPRequestHandler)    { say(h, "HEAD") }
func (all) DoPOST(h *httpserver.BaseHTTPRequestHandler)    { say(h, "POST") }
func (all) DoPUT(h *httpserver.BaseHTTPRequestHandler)     { say(h, "PUT") }
func (all) DoDELETE(h *httpserver.BaseHTTPRequestHandler)  { say(h, "DELETE") }
func (all) DoPATCH(h *httpserver.BaseHTTPRequestHandler)   { say(h, "PATCH") }
func (all) DoOPTIONS(h *httpserver.BaseHTTPRequestHandler) { say(h, "OPTIONS") }
func (all) DoTRACE(h *httpserver.BaseHTTPRequestHandler)   { say(h, "TRACE") }
func (all) DoCONNECT(h *httpserver.BaseHTTPRequestHandler) {
	h.SendResponseOnly(403)
	h.SendHeader("Method", "CONNECT")
	h.EndHeaders()
}

func (a all) DoOther(method string, h *httpserver.BaseHTTPRequestHandler) bool {
	if a.other {
		say(h, "other "+method)
	}
	return a.other
}

func TestDispatch(t *testing.T) {
	methods := strings.Split(httpserver.Dispatch{Do: all{}}.Methods(), ", ")
	if len(methods) != 9 {
		t.Fatal(methods)
	}
	for _, m := range append(methods, "FOO", "get", "SEARCH") {
		target := "/"
		if m == "CONNECT" {
			target = "b:80"
		}
		s, _ := do(all{other: true})
		want := m
		if !strings.Contains(strings.Join(methods, " "), m) {
			want = "other " + m
		}
		if a := ask(t, s, m+" "+target+" HTTP/1.1"); a.Header.Get("Method") != want {
			t.Errorf("%s: %s, %v", m, a.Status, a.Header)
		}
		s, _ = do(struct{}{})
		if a := ask(t, s, m+" "+target+" HTTP/1.1"); a.Status != "501 Unsupported method ('"+m+"')" {
			t.Errorf("%s, which nothing serves: %s", m, a.Status)
		}
	}
	s, _ := do(all{})
	if a := ask(t, s, "FOO / HTTP/1.1"); a.StatusCode != 501 {
		t.Errorf("a DoOther that declines: %s", a.Status)
	}
	if got := (httpserver.Dispatch{Do: getFunc(nil)}).Methods(); got != "GET" {
		t.Errorf("the methods of a type with DoGET alone: %q", got)
	}
}

// The attributes are those of the request.
func TestBaseAttributes(t *testing.T) {
	var got []string
	s, _ := do(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		content, err := io.ReadAll(h.Rfile)
		got = []string{
			h.ClientAddress.String(), h.AddressString(), h.RequestLine, h.Command, h.Path, h.RequestVersion, h.Headers.String(),
			string(content), fmt.Sprint(err, h.CloseConnection, h.Server.NoDate),
		}
	}))
	ask(t, s, "GET ///a/b?c HTTP/1.1\nX-a: 1\nx-A: 2\nContent-Length: 3", "abc")
	want := []string{"pipe:1", "pipe", "GET ///a/b?c HTTP/1.1", "GET", "/a/b?c", "HTTP/1.1",
		"Host: a\nX-a: 1\nx-A: 2\nContent-Length: 3\n", "abc", "<nil> false true"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

// What calls of a handler come to on the wire. Server and Date are left out where SendResponseOnly is used.
func TestBaseResponse(t *testing.T) {
	type base = httpserver.BaseHTTPRequestHandler
	for _, c := range []struct {
		name, request string
		get           func(h *base)
		want          string
		page          string
		closes        bool
	}{
		{name: "nothing", get: func(*base) {}, want: "HTTP/1.1 200 OK\nContent-Length: 0\n\n"},
		{name: "a response", get: func(h *base) {
			h.SendResponseOnly(201, "Made")
			h.SendHeader("b", "1")
			h.SendHeader("A", "2")
			h.EndHeaders()
			h.Wfile.Write([]byte("hello"))
		}, want: "HTTP/1.1 201 Made\nb: 1\nA: 2\nContent-Length: 5\n\n", page: "hello"},
		{name: "without EndHeaders", get: func(h *base) {
			h.SendResponseOnly(200)
			h.SendHeader("A", "2")
			h.Wfile.WriteString("hello")
			if err := h.SendHeader("B", "late"); err != httpserver.ErrHeadSent {
				panic(err)
			}
		}, want: "HTTP/1.1 200 OK\nA: 2\nContent-Length: 5\n\n", page: "hello"},
		{name: "FlushHeaders sends", get: func(h *base) {
			h.SendResponseOnly(200)
			h.FlushHeaders()
			h.Wfile.WriteString("hello")
			if err := h.SendResponse(500); err != httpserver.ErrHeadSent {
				panic(err)
			}
			if err := h.SendError(500); err != httpserver.ErrHeadSent {
				panic(err)
			}
		}, want: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n"},
		{name: "a second response drops the first", get: func(h *base) {
			h.SendResponseOnly(200)
			h.SendHeader("Secret", "x")
			h.EndHeaders()
			h.Wfile.WriteString("half a page")
			h.SendResponseOnly(404)
			h.EndHeaders()
		}, want: "HTTP/1.1 404 Not Found\nContent-Length: 0\n\n"},
		{name: "close", get: func(h *base) {
			h.SendResponseOnly(200)
			h.SendHeader("Connection", "close")
			h.EndHeaders()
		}, want: "HTTP/1.1 200 OK\nConnection: close\nContent-Length: 0\n\n", closes: true},
		{name: "CloseConnection", get: func(h *base) {
			h.CloseConnection = true
			h.SendResponseOnly(200)
			h.FlushHeaders()
		}, want: "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nConnection: close\n\n0\n\n", closes: true},
		{name: "interim responses", get: func(h *base) {
			h.SendResponse(103)
			h.SendHeader("Link", "</a>; rel=preload")
			h.EndHeaders()
			h.SendResponseOnly(102)
			h.EndHeaders()
			h.SendResponseOnly(200)
			h.EndHeaders()
		}, want: "HTTP/1.1 103 Early Hints\nLink: </a>; rel=preload\n\nHTTP/1.1 102 Processing\n\nHTTP/1.1 200 OK\nContent-Length: 0\n\n"},
		{name: "a field that cannot be sent", get: func(h *base) {
			h.SendResponseOnly(200)
			if err := h.SendHeader("X", "a\r\nSet-Cookie: b"); !errors.Is(err, wire.RuleBareCR) && err == nil {
				panic("no error")
			}
			h.EndHeaders()
		}, want: "HTTP/1.1 500 Internal Server Error\nContent-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\n" +
			"Content-Length: 60\nConnection: close\n\n", page: "500 Internal Server Error\nthe response broke a rule of HTTP\n", closes: true},
		{name: "HTTP/1.0", request: "GET / HTTP/1.0", get: func(h *base) {
			h.SendResponseOnly(200)
			h.FlushHeaders()
			h.Wfile.WriteString("hello")
		}, want: "HTTP/1.1 200 OK\nConnection: close\n\n", page: "hello", closes: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := do(getFunc(c.get))
			w := serve(t, s)
			if c.request == "" {
				c.request = "GET / HTTP/1.1"
			}
			w.send(crlf(c.request + "\nHost: a\n\n"))
			w.expect(crlf(c.want) + c.page)
			if c.closes {
				io.ReadAll(w.client)
				return
			}
			w.send(crlf("NEXT / HTTP/1.1\nHost: a\nConnection: close\n\n"))
			if got := w.rest(); !strings.HasPrefix(got, "HTTP/1.1 501 ") {
				t.Errorf("the next exchange: %q", got)
			}
		})
	}
}

// With the version HTTP/1.0, nothing is chunked, no interim response is sent, and connections end unless the
// client asks for more.
func TestProtocol10(t *testing.T) {
	for _, c := range []struct{ request, content, want string }{
		{"GET / HTTP/1.1", "", "HTTP/1.0 200 OK\nContent-Length: 5\nConnection: close\n\nhello"},
		{"GET /flush HTTP/1.1", "", "HTTP/1.0 200 OK\nConnection: close\n\nhello"},
		{"GET / HTTP/1.1\nConnection: keep-alive", "", "HTTP/1.0 200 OK\nContent-Length: 5\nConnection: keep-alive\n\nhello"},
		{"GET / HTTP/1.0", "", "HTTP/1.0 200 OK\nContent-Length: 5\nConnection: close\n\nhello"},
		{"GET / HTTP/1.0\nConnection: keep-alive", "", "HTTP/1.0 200 OK\nContent-Length: 5\nConnection: keep-alive\n\nhello"},
		{"HEAD / HTTP/1.1", "", "HTTP/1.0 501 Unsupported method ('HEAD')\n"},
		{"GET / HTTP/1.1\nExpect: 100-continue\nContent-Length: 3", "abc", "HTTP/1.0 200 OK\nContent-Length: 5\nConnection: close\n\nhello"},
		{"GET / HTTP/2.0", "", "HTTP/1.0 505 "},
		{"GET /hints HTTP/1.1", "", "HTTP/1.0 200 OK\nContent-Length: 0\nConnection: close\n\n"},
	} {
		s, _ := do(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
			if h.Path == "/hints" {
				h.SendResponseOnly(103)
				if err := h.EndHeaders(); !errors.Is(err, wire.RuleInterimToHTTP10) {
					t.Errorf("an interim response: %v", err)
				}
				return
			}
			io.Copy(io.Discard, h.Rfile)
			h.SendResponseOnly(200)
			h.EndHeaders()
			if h.Path == "/flush" {
				h.FlushHeaders()
			}
			h.Wfile.WriteString("hello")
		}))
		s.Protocol = wire.HTTP10
		w := serve(t, s)
		w.send(crlf(c.request+"\nHost: a\n\n") + c.content)
		w.expect(crlf(c.want))
		if strings.Contains(c.want, "keep-alive") {
			w.send(crlf(c.request + "\nHost: a\n\n"))
			w.expect(crlf(c.want))
		}
	}
}

// An error page has nothing in it that is not escaped, and the status line nothing that ends it.
func TestSendError(t *testing.T) {
	const evil = "<script>alert('\"&')</script>"
	for _, c := range []struct {
		dispatch httpserver.Dispatch
		send     func(h *httpserver.BaseHTTPRequestHandler)
		status   string
		has      []string
		fields   string
	}{
		{send: func(h *httpserver.BaseHTTPRequestHandler) { h.SendError(404) }, status: "404 Not Found",
			has: []string{"Error code: 404", "Message: Not Found.", "404 - The server has no current"}, fields: "Content-Type: text/html;charset=utf-8"},
		{send: func(h *httpserver.BaseHTTPRequestHandler) { h.SendError(404, evil, evil) }, status: "404 " + evil,
			has: []string{"Message: &lt;script&gt;alert(&#39;&#34;&amp;&#39;)&lt;/script&gt;.", "404 - &lt;script&gt;"}},
		{send: func(h *httpserver.BaseHTTPRequestHandler) { h.SendError(404, "a\r\nSet-Cookie: b") }, status: "404 Not Found",
			has: []string{"Message: a\r\nSet-Cookie: b."}, fields: "Set-Cookie: "},
		{send: func(h *httpserver.BaseHTTPRequestHandler) { h.SendError(499) }, status: "499 ???", has: []string{"Message: ???."}},
		{dispatch: httpserver.Dispatch{
			ErrorMessageFormat: template.Must(template.New("").Parse("<p>{{.Code}} {{.Message}} {{.Explain}}</p>")), ErrorContentType: "text/x"},
			send: func(h *httpserver.BaseHTTPRequestHandler) { h.SendError(400, evil, "e") }, status: "400 " + evil,
			has: []string{"<p>400 &lt;script&gt;"}, fields: "Content-Type: text/x"},
		{dispatch: httpserver.Dispatch{ErrorMessageFormat: httpserver.ErrorFormatFunc(func(w io.Writer, e httpserver.ErrorMessage) error {
			_, err := fmt.Fprintf(w, "%d %q", e.Code, e.Message)
			return err
		})}, send: func(h *httpserver.BaseHTTPRequestHandler) { h.SendError(400, "m") }, status: "400 m", has: []string{`400 "m"`}},
		{dispatch: httpserver.Dispatch{ErrorContentType: "text/x", ErrorMessageFormat: template.Must(template.New("").Parse("half {{.None}}"))},
			send: func(h *httpserver.BaseHTTPRequestHandler) { h.SendError(400) }, status: "400 Bad Request",
			has: []string{"Error code: 400"}, fields: "Content-Type: text/html;charset=utf-8"},
	} {
		var logged bytes.Buffer
		c.dispatch.Do, c.dispatch.Log = getFunc(c.send), &logged
		a := ask(t, &httpserver.Server{Handler: c.dispatch}, "GET / HTTP/1.1")
		if a.Status != c.status || strings.Contains(a.content, "<script") {
			t.Errorf("%s, want %s: %s", a.Status, c.status, a.content)
		}
		for _, part := range c.has {
			if !strings.Contains(a.content, part) {
				t.Errorf("%s: no %q in %s", c.status, part, a.content)
			}
		}
		if name, _, ok := strings.Cut(c.fields, ":"); ok && a.fields(name) != c.fields {
			t.Errorf("%s: %s, want %s", c.status, a.fields(name), c.fields)
		}
		if n := bytes.Count(logged.Bytes(), []byte("\n")); n < 2 || bytes.Contains(logged.Bytes(), []byte("\r")) {
			t.Errorf("%s: logged %q", c.status, &logged)
		}
	}
}

// An error has no content where its status or the method has none.
func TestSendErrorContentless(t *testing.T) {
	for _, code := range []int{204, 205, 304} {
		s, _ := do(getFunc(func(h *httpserver.BaseHTTPRequestHandler) { h.SendError(code) }))
		if a := ask(t, s, "GET / HTTP/1.1"); a.StatusCode != code || a.content != "" || a.Header.Get("Content-Type") != "" {
			t.Errorf("%d: %s, %v: %q", code, a.Status, a.Header, a.content)
		}
	}
	s, _ := do(struct{}{})
	if a := ask(t, s, "HEAD / HTTP/1.1"); a.StatusCode != 501 || a.content != "" || a.ContentLength < 300 {
		t.Errorf("HEAD: %s, %d octets: %q", a.Status, a.ContentLength, a.content)
	}
}

// What is logged can neither end its line nor act on a terminal.
func TestLogMessage(t *testing.T) {
	s, logged := do(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		h.SendResponse(200)
		h.LogRequest(200, 17)
		h.LogError("%s", "a\r\nb\x1b[31m\x00\x7f\u009b\\ \xff é")
	}))
	ask(t, s, "GET /%0a HTTP/1.1")
	line := `pipe - - \[\d\d/\w{3}/\d{4} \d\d:\d\d:\d\d\] `
	want := regexp.MustCompile("^" + line + `"GET /%0a HTTP/1.1" 200 -` + "\n" + line + `"GET /%0a HTTP/1.1" 200 17` + "\n" + line +
		regexp.QuoteMeta(`a\x0d\x0ab\x1b[31m\x00\x7f\xc2\x9b\\ \xff é`) + "\n$")
	if !want.Match(logged.Bytes()) {
		t.Errorf("%q", logged)
	}
}

// hooks has a type's own of what may be its own.
type hooks struct {
	getFunc
	messages *[]string
	accept   bool
}

func (k hooks) DoPUT(h *httpserver.BaseHTTPRequestHandler) {
	content, _ := h.Rfile.ReadAll(100)
	h.SendResponse(200)
	h.SendHeader("Got", string(content))
	h.EndHeaders()
}

func (k hooks) HandleExpect100(h *httpserver.BaseHTTPRequestHandler) bool {
	if !k.accept {
		h.SendError(417)
		return false
	}
	return h.HandleExpect100()
}

func (k hooks) OnEndHeaders(h *httpserver.BaseHTTPRequestHandler) { h.SendHeader("Hooked", "yes") }

func (k hooks) LogMessage(_ *httpserver.BaseHTTPRequestHandler, message string) {
	*k.messages = append(*k.messages, message)
}

func TestHooks(t *testing.T) {
	var messages []string
	k := hooks{messages: &messages, accept: true}
	s, _ := do(k)
	w := serve(t, s)
	w.send(crlf("PUT / HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 3\n\n"))
	w.expect(crlf("HTTP/1.1 100 Continue\n\n"))
	w.send("abc")
	if got := w.rest(); !strings.Contains(got, "Got: abc\r\nHooked: yes\r\n") {
		t.Errorf("%q", got)
	}
	k.accept = false
	s, _ = do(k)
	if a := ask(t, s, "PUT / HTTP/1.1\nExpect: 100-continue\nContent-Length: 3"); a.StatusCode != 417 || a.Header.Get("Hooked") != "yes" {
		t.Errorf("%s, %v", a.Status, a.Header)
	}
	want := []string{`"PUT / HTTP/1.1" 200 -`, "code 417, message Expectation Failed", `"PUT / HTTP/1.1" 417 -`}
	if d := cmp.Diff(want, messages); d != "" {
		t.Error(d)
	}
}

// The Server field is the Dispatch's, or else the Server's, or a default; never twice.
func TestVersionString(t *testing.T) {
	for _, c := range []struct{ version, sys, name, want string }{
		{"", "", "", "Strata"},
		{"", "", "Named/1", "Named/1"},
		{"Mine/2", "", "Named/1", "Mine/2"},
		{"Mine/2", "Go/1", "", "Mine/2 Go/1"},
	} {
		s := &httpserver.Server{Name: c.name, Handler: httpserver.Dispatch{
			ServerVersion: c.version, SysVersion: c.sys, Log: io.Discard,
			Do: getFunc(func(h *httpserver.BaseHTTPRequestHandler) { h.SendResponse(200) }),
		}}
		if a := ask(t, s, "GET / HTTP/1.1"); a.fields("Server") != "Server: "+c.want || len(a.Header.Values("Date")) != 1 {
			t.Errorf("%+v: %v", c, a.Header)
		}
	}
	s, _ := do(getFunc(func(h *httpserver.BaseHTTPRequestHandler) {
		if got := h.DateTimeString(time.Unix(0, 0)); got != "Thu, 01 Jan 1970 00:00:00 GMT" {
			t.Error(got)
		}
		if got, err := time.Parse("02/Jan/2006 15:04:05", h.LogDateTimeString()); err != nil {
			t.Error(got, err)
		}
	}))
	ask(t, s, "GET / HTTP/1.1")
}
