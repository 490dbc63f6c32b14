package parity

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

const okay = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// requestCases: what a peer gets, and what the caller is told of requests that cannot be sent.
func requestCases() []parityCase {
	sent := func(name, method string, body func() io.Reader, fields ...string) parityCase {
		return parityCase{"request: " + name, func(r *run) {
			var content io.Reader
			if body != nil {
				content = body()
			}
			r.do(r.client(nil), r.request(method, r.answers(okay, okay)+"/a%2Fb/../c?d=e%20f&g", content, fields...))
		}}
	}
	changed := func(name string, change func(*http.Request)) parityCase {
		return parityCase{"request: " + name, func(r *run) {
			req := r.request("GET", r.answers(okay, okay)+"/a", nil)
			change(req)
			res, err := r.trip(nil).RoundTrip(req)
			r.response(res, err)
		}}
	}
	unknown := func() io.Reader { return struct{ io.Reader }{strings.NewReader("content")} }
	return []parityCase{
		sent("GET", "GET", nil),
		sent("HEAD", "HEAD", nil),
		sent("OPTIONS", "OPTIONS", nil),
		sent("DELETE without content", "DELETE", nil),
		sent("POST without content", "POST", nil),
		sent("PUT without content", "PUT", nil),
		sent("PATCH of NoBody", "PATCH", func() io.Reader { return http.NoBody }),
		sent("POST of a string", "POST", func() io.Reader { return strings.NewReader("content") }),
		sent("POST of bytes", "POST", func() io.Reader { return bytes.NewReader([]byte("content")) }),
		sent("POST of a buffer", "POST", func() io.Reader { return bytes.NewBufferString("content") }),
		sent("POST of an unknown length", "POST", unknown),
		sent("GET of an unknown length", "GET", unknown),
		sent("PUT of an unknown length that is empty", "PUT", func() io.Reader { return struct{ io.Reader }{strings.NewReader("")} }),
		sent("POST of 1 MiB", "POST", func() io.Reader { return strings.NewReader(strings.Repeat("0123456789abcdef", 1<<16)) }),
		sent("POST of 1 MiB of an unknown length", "POST", func() io.Reader {
			return struct{ io.Reader }{strings.NewReader(strings.Repeat("0123456789abcdef", 1<<16))}
		}),
		sent("a method of its own", "FROB", nil),
		sent("fields", "GET", nil, "b", "1", "A", "2", "a", "3", "X-Empty", ""),
		sent("an own User-Agent", "GET", nil, "User-Agent", "own/1"),
		sent("an empty User-Agent", "GET", nil, "User-Agent", ""),
		sent("an own Accept-Encoding", "GET", nil, "Accept-Encoding", "br"),
		sent("Range, for which gzip is not asked", "GET", nil, "Range", "bytes=0-1"),
		sent("Connection: close", "GET", nil, "Connection", "close"),
		sent("Connection: keep-alive", "GET", nil, "Connection", "keep-alive"),
		sent("cookies", "GET", nil, "Cookie", "a=1; b=2"),
		sent("Host in the header is not sent", "GET", nil, "Host", "other.example"),
		sent("Content-Length in the header is not sent", "POST", unknown, "Content-Length", "3"),
		sent("Transfer-Encoding in the header is not sent", "POST", unknown, "Transfer-Encoding", "gzip"),
		sent("obs-text in a value", "GET", nil, "A", "\xe9t\xe9"),
		sent("spaces around a value", "GET", nil, "A", "  b\t"),
		sent("LF in a value", "GET", nil, "A", "b\nC: d"),
		sent("CR LF in a value", "GET", nil, "A", "b\r\nC: d"),
		sent("NUL in a value", "GET", nil, "A", "b\x00"),
		sent("DEL in a value", "GET", nil, "A", "b\x7f"),
		sent("a space in a name", "GET", nil, "A B", "c"),
		sent("a colon in a name", "GET", nil, "A:", "c"),
		sent("an empty name", "GET", nil, "", "c"),
		changed("an own Host", func(q *http.Request) { q.Host = "other.example:81" }),
		changed("Host with a space", func(q *http.Request) { q.Host = "a b" }),
		changed("Host with CR LF", func(q *http.Request) { q.Host = "a\r\nB: c" }),
		changed("Host with a slash", func(q *http.Request) { q.Host = "a/b" }),
		changed("Close", func(q *http.Request) { q.Close = true }),
		changed("a nil header", func(q *http.Request) { q.Header = nil }),
		changed("a nil URL", func(q *http.Request) { q.URL = nil }),
		changed("no host", func(q *http.Request) { q.URL.Host = "" }),
		changed("an unknown scheme", func(q *http.Request) { q.URL.Scheme = "gopher" }),
		changed("a scheme in upper case", func(q *http.Request) { q.URL.Scheme = "HTTP" }),
		changed("an empty method", func(q *http.Request) { q.Method = "" }),
		changed("a method with a space", func(q *http.Request) { q.Method = "GE T" }),
		changed("a method with CR LF", func(q *http.Request) { q.Method = "GET / HTTP/1.1\r\nA: b\r\n\r\n" }),
		changed("an opaque URL", func(q *http.Request) { q.URL.Opaque = "//other.example/x%20y" }),
		changed("an opaque path", func(q *http.Request) { q.URL.Opaque = "/x%zz" }),
		changed("an own RawPath", func(q *http.Request) { q.URL.Path, q.URL.RawPath = "/a/b", "/a%2Fb" }),
		changed("a query with a space", func(q *http.Request) { q.URL.RawQuery = "a b" }),
		changed("a query with CR LF", func(q *http.Request) { q.URL.RawQuery = "a\r\nB: c" }),
		changed("a query with UTF-8", func(q *http.Request) { q.URL.RawQuery = "ä" }),
		changed("a query that is only forced", func(q *http.Request) { q.URL.ForceQuery = true }),
		changed("an empty path", func(q *http.Request) { q.URL.Path = "" }),
		changed("a path without a slash", func(q *http.Request) { q.URL.Path = "a" }),
		changed("a fragment", func(q *http.Request) { q.URL.Fragment = "part" }),
		changed("user and password in the URL", func(q *http.Request) { q.URL.User = url.UserPassword("u", "p") }),
		changed("a negative length", func(q *http.Request) {
			q.Method, q.Body, q.ContentLength = "POST", io.NopCloser(strings.NewReader("content")), -1
		}),
		changed("chunked that was asked for", func(q *http.Request) {
			q.Method, q.Body, q.ContentLength = "POST", io.NopCloser(strings.NewReader("content")), 7
			q.TransferEncoding = []string{"chunked"}
		}),
		changed("an unknown coding", func(q *http.Request) {
			q.Method, q.Body, q.TransferEncoding = "POST", io.NopCloser(strings.NewReader("content")), []string{"odd"}
		}),
		changed("identity", func(q *http.Request) {
			q.Method, q.Body, q.TransferEncoding = "POST", io.NopCloser(strings.NewReader("content")), []string{"identity"}
		}),
		{"request: a length without content", func(r *run) {
			req := r.request("POST", r.answers(okay, okay)+"/a", nil)
			req.ContentLength = 3
			_, err := r.trip(nil).RoundTrip(req)
			r.sees("failed %t", err != nil)
		}},
		changed("trailers", func(q *http.Request) {
			q.Method, q.ContentLength = "POST", -1
			q.Trailer = http.Header{"A": nil, "B": nil}
			q.Body = io.NopCloser(io.MultiReader(strings.NewReader("content"), after(func() {
				q.Trailer.Set("A", "1")
				q.Trailer.Set("B", "2")
			})))
		}),
		changed("a trailer that must not be one", func(q *http.Request) {
			q.Method, q.ContentLength, q.Trailer = "POST", -1, http.Header{"Content-Length": {"1"}}
			q.Body = io.NopCloser(strings.NewReader("content"))
		}),
		changed("trailers of no content", func(q *http.Request) { q.Trailer = http.Header{"A": {"1"}} }),
	}
}

// after is an empty reader that calls f at its end.
func after(f func()) io.Reader {
	return readerFunc(func([]byte) (int, error) { f(); return 0, io.EOF })
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// watched is a request body that tells when it is closed.
type watched struct {
	io.Reader
	closes atomic.Int32
}

func (w *watched) Close() error { w.closes.Add(1); return nil }

// bodyCases: what becomes of a request's body.
func bodyCases() []parityCase {
	lies := func(name string, length int64, content string) parityCase {
		return parityCase{"body: " + name, func(r *run) {
			body := &watched{Reader: strings.NewReader(content)}
			url := r.silent("") // no response comes before it is noticed
			if int64(len(content)) == length {
				url = r.answers(okay)
			}
			req := r.request("POST", url, body)
			req.ContentLength = length
			res, err := r.trip(nil).RoundTrip(req)
			r.sees("error %s", class(err))
			if err == nil {
				res.Body.Close()
			}
			r.sees("closed %t", r.soon(func() bool { return body.closes.Load() > 0 }))
		}}
	}
	refused := func(name string, change func(*http.Request)) parityCase {
		return parityCase{"body: closed when " + name, func(r *run) {
			body := &watched{Reader: strings.NewReader("content")}
			req := r.request("POST", r.answers(okay), body)
			change(req)
			_, err := r.trip(nil).RoundTrip(req)
			r.sees("error %s, closed %t", class(err), r.soon(func() bool { return body.closes.Load() > 0 }))
		}}
	}
	return []parityCase{
		lies("shorter than its length", 10, "content"),
		lies("longer than its length", 3, "content"),
		lies("of its length", 7, "content"),
		refused("a field is invalid", func(q *http.Request) { q.Header["A B"] = []string{"c"} }),
		refused("the method is invalid", func(q *http.Request) { q.Method = "A B" }),
		refused("the scheme is unknown", func(q *http.Request) { q.URL.Scheme = "gopher" }),
		refused("there is no host", func(q *http.Request) { q.URL.Host = "" }),
		refused("the context is over", func(q *http.Request) {
			ctx, cancel := context.WithCancel(q.Context())
			cancel()
			*q = *q.WithContext(ctx)
		}),
		refused("the header is nil", func(q *http.Request) { q.Header = nil }),
		{"body: closed when nobody listens", func(r *run) {
			body := &watched{Reader: strings.NewReader("content")}
			_, err := r.trip(nil).RoundTrip(r.request("POST", "http://"+closedPort(), body))
			r.sees("error %s, closed %t", class(err), r.soon(func() bool { return body.closes.Load() > 0 }))
		}},
		{"body: that fails", func(r *run) {
			body := &watched{Reader: io.MultiReader(strings.NewReader("cont"), readerFunc(func([]byte) (int, error) { return 0, errOfBody }))}
			_, err := r.trip(nil).RoundTrip(r.request("POST", r.silent(""), body))
			r.sees("error %s, closed %t", class(err), r.soon(func() bool { return body.closes.Load() > 0 }))
		}},
		{"body: that fails at once", func(r *run) {
			req := r.request("POST", r.silent(""), readerFunc(func([]byte) (int, error) { return 0, errOfBody }))
			req.ContentLength = 5
			_, err := r.trip(nil).RoundTrip(req)
			r.sees("error %s", class(err))
		}},
		{"body: a response comes before it is sent", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				p.requestHead()
				p.say("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n")
				p.end()
			})
			pr, pw := io.Pipe()
			r.afterFirst(func() { pw.Close() })
			go pw.Write([]byte("some"))
			res, err := r.trip(nil).RoundTrip(r.request("POST", url, pr))
			r.response(res, err)
		}},
		{"body: is not read again on a kept connection that is gone", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				p.request()
				p.say(okay)
				if p.n == 1 {
					p.requestHead()
					p.reset()
					return
				}
				p.request()
			})
			c := r.client(nil)
			r.get(c, url)
			body := &watched{Reader: strings.NewReader("content")}
			_, err := c.Do(r.request("POST", url, body))
			r.sees("failed %t", err != nil)
		}},
		{"body: GetBody gives it again for a redirect", func(r *run) {
			url := r.answers("HTTP/1.1 307 Elsewhere\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", okay)
			r.do(r.client(nil), r.request("PUT", url, bytes.NewReader([]byte("content"))))
		}},
		{"body: cannot be given again for a redirect", func(r *run) {
			url := r.answers("HTTP/1.1 307 Elsewhere\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n", okay)
			r.do(r.client(nil), r.request("PUT", url, struct{ io.Reader }{strings.NewReader("content")}))
		}},
		{"body: the request is as it was afterwards", func(r *run) {
			req := r.request("POST", r.answers(okay), strings.NewReader("content"), "A", "b")
			before := req.Clone(r.ctx)
			res, err := r.trip(nil).RoundTrip(req)
			if err == nil {
				res.Body.Close()
				r.sees("the request of the response is the one that was sent: %t", res.Request == req)
			}
			r.sees("%s %s %t %d, header as before %t", req.Method, req.Proto, req.Host == before.Host, req.ContentLength,
				fieldsOf(req.Header) == fieldsOf(before.Header))
		}},
		{"body: a panic of nobody's", func(r *run) {
			_, err := r.trip(nil).RoundTrip(r.request("POST", r.answers("close "), strings.NewReader("content")))
			r.sees("error %t, EOF %t", err != nil, errors.Is(err, io.EOF))
		}},
	}
}
