package har_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/httpclient/har"
	"github.com/strata-http/strata/internal/testcert"
)

// entries are those of a recorder, once its file was found to be valid.
func entries(t *testing.T, r *har.Recorder) []har.Entry {
	t.Helper()
	var b bytes.Buffer
	n, err := r.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatalf("WriteTo = %d, %v", n, err)
	}
	for _, fault := range validate(b.Bytes()) {
		t.Error(fault)
	}
	var a har.Archive
	if err := json.Unmarshal(b.Bytes(), &a); err != nil {
		t.Fatal(err)
	}
	return a.Log.Entries
}

// One exchange with everything in it, in full, on the clock of a bubble.
func TestEntry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const answer = "HTTP/1.1 200 Fine\r\nX-b: 1\r\nx-A: 2\r\nX-b: 3\r\nSet-Cookie: id=7; Path=/; HttpOnly; Secure; " +
			"Expires=Wed, 21 Oct 2015 07:28:00 GMT\r\nContent-Type: text/plain; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
		n := world(t, "example.org:80", nil, func(r *http.Request) string {
			time.Sleep(30 * time.Millisecond)
			return answer + "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"
		})
		r := har.NewRecorder(har.KeepCredentials())
		c := client(t, n, r)
		time.Sleep(1500 * time.Microsecond)
		got := do(t, c, "POST", "/form?q=a+b&x=%E4&&y", fields("X-Order", "kept", "x-case", "kept", "X-Order", "again",
			"Cookie", "a=1; b=\"2\"", "Content-Type", "application/x-www-form-urlencoded"), body.String("name=J%C3%BCrgen&e="))
		if got != "hello" {
			t.Fatalf("content %q", got)
		}
		head := "POST /form?q=a+b&x=%E4&&y HTTP/1.1\r\nHost: example.org\r\nAccept-Encoding: identity\r\nContent-Length: 19\r\n" +
			"X-Order: kept\r\nx-case: kept\r\nX-Order: again\r\nCookie: a=1; b=\"2\"\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\n"
		want := har.Entry{
			Started: time.Now().Add(-30 * time.Millisecond).Format("2006-01-02T15:04:05.000Z07:00"), Time: 30, Connection: "1",
			Timings: har.Timings{DNS: -1, SSL: -1, Wait: 30},
			Request: har.Request{
				Method: "POST", URL: "http://example.org/form?q=a+b&x=%E4&&y", HTTPVersion: "HTTP/1.1",
				Cookies: []har.Cookie{{Name: "a", Value: "1"}, {Name: "b", Value: `"2"`}},
				Headers: []har.Pair{{Name: "Host", Value: "example.org"}, {Name: "Accept-Encoding", Value: "identity"},
					{Name: "Content-Length", Value: "19"}, {Name: "X-Order", Value: "kept"}, {Name: "x-case", Value: "kept"},
					{Name: "X-Order", Value: "again"}, {Name: "Cookie", Value: `a=1; b="2"`},
					{Name: "Content-Type", Value: "application/x-www-form-urlencoded"}},
				QueryString: []har.Pair{{Name: "q", Value: "a b"}, {Name: "x", Value: "ä"}, {Name: "y"}},
				PostData: &har.PostData{MimeType: "application/x-www-form-urlencoded", Text: "name=J%C3%BCrgen&e=",
					Params: []har.Pair{{Name: "name", Value: "Jürgen"}, {Name: "e"}}},
				HeadersSize: int64(len(head)), BodySize: 19,
			},
			Response: har.Response{
				Status: 200, StatusText: "Fine", HTTPVersion: "HTTP/1.1",
				Cookies: []har.Cookie{{Name: "id", Value: "7", Path: "/", HTTPOnly: true, Secure: true, Expires: "2015-10-21T07:28:00Z"}},
				Headers: []har.Pair{{Name: "X-b", Value: "1"}, {Name: "x-A", Value: "2"}, {Name: "X-b", Value: "3"},
					{Name: "Set-Cookie", Value: "id=7; Path=/; HttpOnly; Secure; Expires=Wed, 21 Oct 2015 07:28:00 GMT"},
					{Name: "Content-Type", Value: "text/plain; charset=utf-8"}, {Name: "Transfer-Encoding", Value: "chunked"}},
				Content:     har.Content{Size: 5, MimeType: "text/plain; charset=utf-8", Text: "hello"},
				HeadersSize: int64(len(answer)), BodySize: 20,
			},
		}
		if diff := cmp.Diff([]har.Entry{want}, entries(t, r)); diff != "" {
			t.Errorf("entries (-want +got):\n%s", diff)
		}
	})
}

func TestTimingsTLS(t *testing.T) {
	cert, roots, _ := testcert.New(t, "example.org")
	synctest.Test(t, func(t *testing.T) {
		n := world(t, "example.org:443", &tls.Config{Certificates: []tls.Certificate{cert}}, func(*http.Request) string {
			time.Sleep(time.Hour)
			return "HTTP/1.1 204 No Content\r\n\r\n"
		})
		r := har.NewRecorder()
		n.Up.Latency, n.Down.Latency = 5*time.Millisecond, 5*time.Millisecond
		c, err := httpclient.NewTLS("example.org", r.OptionFor(n), httpclient.WithTLSConfig(&tls.Config{RootCAs: roots, ServerName: "example.org"}))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		do(t, c, "GET", "/", nil, body.None())
		do(t, c, "GET", "/again", nil, body.None())
		c.Close()
		time.Sleep(time.Second) // until the server has heard of it
		all := entries(t, r)
		if len(all) != 2 {
			t.Fatalf("%d entries", len(all))
		}
		first, second := all[0], all[1]
		if first.Request.URL != "https://example.org/" || first.Timings.SSL < 10 || first.Timings.Connect < first.Timings.SSL {
			t.Errorf("the first: %+v", first)
		}
		if got := first.Timings; got.Wait < 3_600_000 || got.Receive != 0 || first.Time != got.Connect+got.Send+got.Wait {
			t.Errorf("timings of the first: %+v", got)
		}
		if got := second.Timings; got.Connect != -1 || got.SSL != -1 || got.DNS != -1 || second.Connection != first.Connection {
			t.Errorf("timings of the second: %+v", got)
		}
	})
}

// A name that is resolved has a time of its own, when the Recorder sees the dialler.
func TestTimingsDNS(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	for host, resolved := range map[string]bool{"localhost": true, "127.0.0.1": false} {
		r := har.NewRecorder()
		c, err := httpclient.New(net.JoinHostPort(host, port), r.OptionFor(nil))
		if err != nil {
			t.Fatal(err)
		}
		do(t, c, "GET", "/", nil, body.None())
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		e := entries(t, r)[0]
		if e.Timings.DNS >= 0 != resolved || e.Timings.Connect < 0 || e.ServerIP != "127.0.0.1" {
			t.Errorf("%s: %+v, address %q", host, e.Timings, e.ServerIP)
		}
	}
}

func TestContents(t *testing.T) {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, strings.Repeat("gzip ", 100))
	z.Close()
	plain := func(kind, content string) string {
		return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", kind, len(content), content)
	}
	tests := []struct {
		name, method, answer string
		max                  int
		want                 har.Content
		size                 int64 // of the body on the wire
	}{
		{"text", "GET", plain("text/plain", "grüße\r\n\t"), -1, har.Content{Size: 10, MimeType: "text/plain", Text: "grüße\r\n\t"}, 10},
		{"binary", "GET", plain("image/png", "\x89PNG\x00"), -1, har.Content{Size: 5, MimeType: "image/png", Text: "iVBORwA=", Encoding: "base64"}, 5},
		{"Latin-1", "GET", plain("text/plain", "gr\xfc\xdfe"), -1, har.Content{Size: 5, MimeType: "text/plain", Text: "Z3L832U=", Encoding: "base64"}, 5},
		{"control", "GET", plain("text/plain", "\x1b["), -1, har.Content{Size: 2, MimeType: "text/plain", Text: "G1s=", Encoding: "base64"}, 2},
		{"gzip", "GET", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", packed.Len(), packed.String()), 1000,
			har.Content{Size: 500, Compression: 500 - int64(packed.Len()), MimeType: "x-unknown", Text: strings.Repeat("gzip ", 100)}, int64(packed.Len())},
		{"gzip that grows too much", "GET", fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", packed.Len(), packed.String()), 499,
			har.Content{Size: int64(packed.Len()), MimeType: "x-unknown", Encoding: "base64"}, int64(packed.Len())},
		{"limited", "GET", plain("text/plain", "grüße"), 3, har.Content{Size: 7, MimeType: "text/plain", Text: "gr", Comment: "the text is the first part of the content"}, 7},
		{"none kept", "GET", plain("text/plain", "hello"), 0, har.Content{Size: 5, MimeType: "text/plain", Comment: "the text is the first part of the content"}, 5},
		{"HEAD", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", -1, har.Content{MimeType: "x-unknown"}, 0},
		{"until close", "GET", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello", -1, har.Content{Size: 5, MimeType: "x-unknown", Text: "hello"}, 5},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := har.NewRecorder(har.MaxContent(tt.max))
			c := client(t, world(t, "example.org:80", nil, func(*http.Request) string { return tt.answer }), r)
			do(t, c, tt.method, "/", nil, body.None())
			all := entries(t, r)
			if len(all) != 1 {
				t.Fatalf("%d entries", len(all))
			}
			got := all[0].Response.Content
			if tt.want.Encoding == "base64" && tt.want.Text == "" {
				got.Text = ""
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("content (-want +got):\n%s", diff)
			}
			if all[0].Response.BodySize != tt.size || all[0].Comment != "" {
				t.Errorf("bodySize %d, want %d, comment %q", all[0].Response.BodySize, tt.size, all[0].Comment)
			}
		})
	}
}

func TestRequestContents(t *testing.T) {
	r := har.NewRecorder(har.MaxContent(100))
	c := client(t, world(t, "example.org:80", nil, func(*http.Request) string { return "HTTP/1.1 204 OK\r\n\r\n" }), r)
	do(t, c, "PUT", "/a", fields("Content-Type", "text/plain"), body.Reader(strings.NewReader("chunked")))
	do(t, c, "PUT", "/b", nil, body.Bytes([]byte{0xff, 0}))
	do(t, c, "PUT", "/c", nil, body.String(strings.Repeat("x", 200_000)))
	if err := c.PutRequest("POST", "/d", 0); err != nil {
		t.Fatal(err)
	}
	c.PutHeaderFolded("X-Folded", "one", "two")
	c.PutHeader("Content-Length", "2")
	if err := c.EndHeaders(context.Background(), body.None()); err != nil {
		t.Fatal(err)
	}
	c.Send(context.Background(), body.String("o"))
	c.Send(context.Background(), body.String("k"))
	resp, err := c.Response(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	resp.ReadAll()
	var got []har.PostData
	var sizes []int64
	for _, e := range entries(t, r) {
		got = append(got, *e.Request.PostData)
		sizes = append(sizes, e.Request.BodySize)
	}
	want := []har.PostData{
		{MimeType: "text/plain", Params: []har.Pair{}, Text: "chunked"},
		{MimeType: "x-unknown", Params: []har.Pair{}, Text: "/wA=", Encoding: "base64"},
		{MimeType: "x-unknown", Params: []har.Pair{}, Text: strings.Repeat("x", 100), Comment: "the text is the first part of the content"},
		{MimeType: "x-unknown", Params: []har.Pair{}, Text: "ok"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("postData (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{17, 2, 200_000, 2}, sizes); diff != "" {
		t.Errorf("bodySize (-want +got):\n%s", diff)
	}
}

// Credentials are left out unless they are asked for, and a hook sees the rest.
func TestRedaction(t *testing.T) {
	n := world(t, "example.org:80", nil, func(*http.Request) string {
		return "HTTP/1.1 204 OK\r\nset-cookie: id=secret\r\n\r\n"
	})
	f := fields("AUTHORIZATION", "Basic secret", "Cookie", "id=secret", "X-Key", "secret")
	r := har.NewRecorder(har.Redact(func(e *har.Entry) {
		for i, h := range e.Request.Headers {
			if h.Name == "X-Key" {
				e.Request.Headers[i].Value = "gone"
			}
		}
		e.Request.URL = strings.ReplaceAll(e.Request.URL, "secret", "gone")
		e.Request.QueryString = nil
	}))
	do(t, client(t, n, r), "GET", "/?key=secret", f, body.None())
	text, err := json.Marshal(r.Archive())
	if err != nil || bytes.Contains(text, []byte("secret")) || !bytes.Contains(text, []byte(`{"name":"AUTHORIZATION","value":"[redacted]"}`)) {
		t.Errorf("%s, %v", text, err)
	}
	r = har.NewRecorder(har.KeepCredentials())
	do(t, client(t, n, r), "GET", "/", f, body.None())
	if text, _ := json.Marshal(r.Archive()); bytes.Count(text, []byte("secret")) != 6 {
		t.Errorf("%s", text)
	}
}

// What did not come to its end is an entry that says so.
func TestUnfinished(t *testing.T) {
	r := har.NewRecorder()
	c := client(t, world(t, "example.org:80", nil, func(req *http.Request) string {
		switch req.URL.Path {
		case "/nothing":
			return ""
		case "/cut":
			return "HTTP/1.1 200 OK\r\nContent-Length: 10\r\nX: Connection: close\r\n\r\nhello"
		case "/bad":
			return "HTTP/1.1 200 OK\r\nContent-Length: x\r\nX: Connection: close\r\n\r\n"
		}
		return "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	}), r)
	ctx := context.Background()
	for _, target := range []string{"/nothing", "/cut", "/bad"} {
		if resp, err := c.Do(ctx, "GET", target, nil, body.None()); err == nil {
			resp.ReadAll()
		}
	}
	if resp, err := c.Do(ctx, "GET", "/closed", nil, body.None()); err != nil {
		t.Error(err)
	} else if err := resp.Close(); err != nil {
		t.Error(err)
	}
	var got []string
	for _, e := range entries(t, r) {
		comment, _, _ := strings.Cut(e.Comment, ": ")
		got = append(got, fmt.Sprintf("%s %d %q %s", e.Request.URL[len("http://example.org"):], e.Response.Status, e.Response.Content.Text, comment))
	}
	want := []string{
		`/nothing 0 "" no response was received`,
		`/cut 200 "hello" the response was not received to its end`,
		`/bad 200 "" the response was not received to its end`,
		`/closed 200 "hello" `,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Several requests in flight, interim responses, and several connections of one recorder.
func TestPipelined(t *testing.T) {
	r := har.NewRecorder()
	n := world(t, "example.org:80", nil, func(req *http.Request) string {
		return fmt.Sprintf("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(req.URL.Path), req.URL.Path)
	})
	for range 2 {
		c := client(t, n, r)
		if err := c.Pipeline(3); err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		for _, target := range []string{"/one", "/two", "/three"} {
			if err := c.Request(ctx, "GET", target, nil, body.None()); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			resp, err := c.Response(ctx)
			if err != nil {
				t.Fatal(err)
			}
			resp.ReadAll()
		}
	}
	var got []string
	for _, e := range entries(t, r) {
		got = append(got, e.Connection+" "+e.Request.URL+" "+e.Response.Content.Text)
	}
	want := []string{
		"1 http://example.org/one /one", "1 http://example.org/two /two", "1 http://example.org/three /three",
		"2 http://example.org/one /one", "2 http://example.org/two /two", "2 http://example.org/three /three",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestURLs(t *testing.T) {
	answer := func(*http.Request) string { return "HTTP/1.1 204 OK\r\n\r\n" }
	tests := []struct {
		host, method, target string
		fields               *headers.Fields
		want                 string
	}{
		{"example.org:8080", "GET", "/a?b", nil, "http://example.org:8080/a?b"},
		{"example.org:8080", "GET", "http://other.example/", nil, "http://other.example/"},
		{"example.org:8080", "OPTIONS", "*", nil, "http://example.org:8080"},
		{"example.org:8080", "GET", "/", fields("Host", "virtual.example"), "http://virtual.example/"},
		{"example.org:8080", "GET", "/", fields("Host", ""), "http://example.org:8080/"},
	}
	for _, tt := range tests {
		r := har.NewRecorder()
		c, err := httpclient.New(tt.host, httpclient.WithDialer(world(t, tt.host, nil, answer)), r.Option())
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.Do(context.Background(), tt.method, tt.target, tt.fields, body.None())
		if err != nil {
			t.Errorf("%s: %v", tt.target, err)
			continue
		}
		resp.Close()
		c.Close()
		if all := entries(t, r); len(all) != 1 || all[0].Request.URL != tt.want {
			t.Errorf("%s: %+v", tt.target, all)
		}
	}
}
