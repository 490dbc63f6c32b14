package nethttp_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
)

// echoOctets logs each request as it came, by way of how its content is framed.
func echoOctets(r *run, p *peer) {
	for {
		head := p.head()
		if head == "" {
			return
		}
		r.logf("head %q", head)
		switch {
		case strings.Contains(head, "Transfer-Encoding: chunked"):
			r.logf("content %q", dechunk(p.chunked()))
		case strings.Contains(head, "Content-Length: 5"):
			r.logf("content %q", p.octets(5))
		}
		p.send(okHello)
	}
}

// dechunk joins the chunks, whose borders are the transport's own.
func dechunk(s string) string {
	var content strings.Builder
	for {
		line, rest, ok := strings.Cut(s, "\r\n")
		if !ok || line == "0" {
			return content.String() + "|" + rest
		}
		n := 0
		for _, c := range line {
			n = n*16 + strings.IndexRune("0123456789abcdef", c|0x20)
		}
		content.WriteString(rest[:n])
		s = rest[n+2:]
	}
}

// TestParityOctets: the octets of requests are those of http.Transport, but for User-Agent.
func TestParityOctets(t *testing.T) {
	plain := func(s string) io.Reader { return struct{ io.Reader }{strings.NewReader(s)} }
	for _, c := range []struct {
		name   string
		method string
		path   string
		body   func() io.Reader
		change func(*http.Request)
		knobs
	}{
		{name: "GET", method: "GET", path: "/"},
		{name: "no path", method: "GET"},
		{name: "query", method: "GET", path: "/a%20b/c?d={e}&f=ü"},
		{name: "no method", method: "GET", change: func(r *http.Request) { r.Method = "" }},
		{name: "opaque", method: "GET", change: func(r *http.Request) { r.URL.Opaque = "/a//b%2f" }},
		{name: "host", method: "GET", change: func(r *http.Request) { r.Host = "Example.ORG:81" }},
		{name: "host of another script", method: "GET", change: func(r *http.Request) { r.Host = "bücher.example" }},
		{name: "host with a zone", method: "GET", change: func(r *http.Request) { r.Host = "[fe80::1%25eth0]:80" }},
		{name: "impossible host", method: "GET", change: func(r *http.Request) { r.Host = "a b" }},
		{name: "header", method: "GET", change: func(r *http.Request) {
			r.Header = http.Header{"X-B": {"1", " 2 "}, "x-a": {"3"}, "Accept": {"*/*"}, "X-Empty": {""}, "User-Agent": {"me"}, "Host": {"no"}, "Content-Length": {"9"}}
		}},
		{name: "no user agent", method: "GET", change: func(r *http.Request) { r.Header.Set("User-Agent", "") }},
		{name: "own accept-encoding", method: "GET", change: func(r *http.Request) { r.Header.Set("Accept-Encoding", "br") }},
		{name: "range", method: "GET", change: func(r *http.Request) { r.Header.Set("Range", "bytes=0-1") }},
		{name: "HEAD", method: "HEAD"},
		{name: "no compression", method: "GET", knobs: knobs{noGzip: true}},
		{name: "no keep-alive", method: "GET", knobs: knobs{noKeepAlive: true}},
		{name: "close", method: "GET", change: func(r *http.Request) { r.Close = true }},
		{name: "own close", method: "GET", change: func(r *http.Request) { r.Close = true; r.Header.Set("Connection", "close") }},
		{name: "POST bytes", method: "POST", body: func() io.Reader { return bytes.NewReader([]byte("hello")) }},
		{name: "POST string", method: "POST", body: func() io.Reader { return strings.NewReader("hello") }},
		{name: "POST buffer", method: "POST", body: func() io.Reader { return bytes.NewBufferString("hello") }},
		{name: "POST nothing", method: "POST"},
		{name: "POST empty", method: "POST", body: func() io.Reader { return strings.NewReader("") }},
		{name: "POST NoBody", method: "POST", body: func() io.Reader { return http.NoBody }},
		{name: "PUT of unknown length", method: "PUT", body: func() io.Reader { return plain("hello") }},
		{name: "PUT of unknown length, empty", method: "PUT", body: func() io.Reader { return plain("") }},
		{name: "PUT sized", method: "PUT", body: func() io.Reader { return plain("hello") }, change: func(r *http.Request) { r.ContentLength = 5 }},
		{name: "PUT chunked", method: "PUT", body: func() io.Reader { return strings.NewReader("hello") }, change: func(r *http.Request) {
			r.TransferEncoding = []string{"chunked"}
		}},
		{name: "GET of unknown length", method: "GET", body: func() io.Reader { return plain("hello") }},
		{name: "GET of unknown length, empty", method: "GET", body: func() io.Reader { return plain("") }},
		{name: "DELETE with content", method: "DELETE", body: func() io.Reader { return strings.NewReader("hello") }},
		{name: "OPTIONS of the server", method: "OPTIONS", change: func(r *http.Request) { r.URL.Opaque = "*" }},
		{name: "trailers", method: "POST", body: func() io.Reader { return plain("hello") }, change: func(r *http.Request) {
			r.Trailer = http.Header{"X-Sum": {"1"}, "X-A": {"2"}}
		}},
		{name: "trailers with a length", method: "POST", body: func() io.Reader { return strings.NewReader("hello") }, change: func(r *http.Request) {
			r.Trailer = http.Header{"X-Sum": {"1"}}
		}},
		{name: "bad trailer", method: "POST", body: func() io.Reader { return plain("hello") }, change: func(r *http.Request) {
			r.Trailer = http.Header{"Content-Length": {"1"}}
		}},
		{name: "upgrade without keep-alive", method: "GET", knobs: knobs{noKeepAlive: true}, change: func(r *http.Request) {
			r.Header.Set("Connection", "upgrade")
			r.Header.Set("Upgrade", "x")
		}},
	} {
		parity{name: c.name, knobs: c.knobs, serve: echoOctets, test: func(r *run) {
			var b io.Reader
			if c.body != nil {
				b = c.body()
			}
			req := r.request(c.method, c.path, b)
			if c.change != nil {
				c.change(req)
			}
			before := req.Header.Clone()
			r.do(req)
			r.logf("header after %v", len(before) == len(req.Header))
		}}.check(t)
	}
}

// TestParityRefused: what is refused, is refused with the body closed, and before anything is sent.
func TestParityRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*http.Request)
		text   bool // the texts of the errors are the same
	}{
		{"no URL", func(r *http.Request) { r.URL = nil }, true},
		{"no header", func(r *http.Request) { r.Header = nil }, true},
		{"method", func(r *http.Request) { r.Method = "a b" }, true},
		{"scheme", func(r *http.Request) { r.URL.Scheme = "ftp" }, false},
		{"no host", func(r *http.Request) { r.URL.Host = "" }, true},
		{"field name", func(r *http.Request) { r.Header["a b"] = []string{"c"} }, true},
		{"field value", func(r *http.Request) { r.Header["A"] = []string{"secret\r\nb: c"} }, true},
		{"trailer name", func(r *http.Request) { r.Trailer = http.Header{"a b": {"c"}} }, true},
		{"control octet in the target", func(r *http.Request) { r.URL.Opaque = "/a\nb" }, true},
		{"content too short", func(r *http.Request) { r.ContentLength = 10 }, false},
		{"content too long", func(r *http.Request) { r.ContentLength = 3 }, false},
	} {
		parity{name: c.name, serve: func(_ *run, p *peer) { p.hold() }, test: func(r *run) {
			b := track(strings.NewReader("hello"))
			req := r.request("POST", "/", b)
			req.ContentLength = 5
			c.change(req)
			_, err := r.rt.RoundTrip(req)
			if err == nil {
				r.Fatal("no error")
			}
			_, mismatch, _ := strings.Cut(err.Error(), "http: ContentLength")
			if r.logf("error %s", mismatch); c.text {
				r.logf("error: %v", err)
			}
			r.logClosed(b)
		}}.check(t)
	}
}

var errSource = errors.New("the source failed")

// TestParityBody: bodies that fail, and bodies of requests that are answered before they are sent.
func TestParityBody(t *testing.T) {
	parity{
		name: "the source fails", serve: func(_ *run, p *peer) { p.hold() },
		test: func(r *run) {
			b := track(io.MultiReader(strings.NewReader("hello"), failing{}))
			_, err := r.rt.RoundTrip(r.request("POST", "/", b))
			r.logf("%v", errors.Is(err, errSource))
			r.logClosed(b)
		},
	}.check(t)
	parity{
		name: "answered early, and closed", serve: func(_ *run, p *peer) {
			p.head()
			p.send("HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
			p.hold()
		},
		test: func(r *run) {
			pr, pw := io.Pipe()
			defer pw.Close()
			b := track(pr)
			r.do(r.request("POST", "/", b))
			pw.CloseWithError(errSource)
			r.logClosed(b)
		},
	}.check(t)
	parity{
		name: "full duplex", serve: func(_ *run, p *peer) {
			p.head()
			p.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
			for range 3 {
				line, _ := p.br.ReadString('\n')
				data, _ := p.br.ReadString('\n')
				p.send(line + data)
			}
			p.octets(5)
			p.send("0\r\n\r\n")
			p.hold()
		},
		test: func(r *run) {
			pr, pw := io.Pipe()
			resp, err := r.rt.RoundTrip(r.request("POST", "/", pr))
			if err != nil {
				r.Fatal(err)
			}
			buf := make([]byte, 100)
			for _, s := range []string{"one", "two", "three"} {
				io.WriteString(pw, s)
				n, err := io.ReadAtLeast(resp.Body, buf, len(s))
				r.logf("%q %v", buf[:n], err)
			}
			pw.Close()
			_, err = resp.Body.Read(buf)
			r.logf("%v %v", err, resp.Body.Close())
		},
	}.check(t)
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errSource }

// TestParityProxyOctets: what proxies are sent.
func TestParityProxyOctets(t *testing.T) {
	for _, c := range []struct {
		name, url, userinfo string
		status              string
		knobs
	}{
		{name: "absolute-form", url: "http://origin.example:81/a?b", status: "200 OK"},
		{name: "absolute-form with credentials", url: "http://origin.example/", userinfo: "u:p@", status: "200 OK"},
		{name: "CONNECT refused", url: "https://origin.example/", status: "403 Forbidden"},
		{name: "CONNECT with credentials", url: "https://origin.example:444/", userinfo: "u:p@", status: "403 Forbidden", knobs: knobs{
			connectHeader: http.Header{"X-Proxy": {"1"}},
		}},
	} {
		c.knobs.noGzip = true
		var proxied string
		c.knobs.proxy = func(*http.Request) (*url.URL, error) { return url.Parse(proxied) }
		parity{name: c.name, knobs: c.knobs, serve: func(r *run, p *peer) {
			for {
				head := p.head()
				if head == "" {
					return
				}
				if strings.HasPrefix(head, "CONNECT") {
					// The order of the fields is the own of package proxy.
					for _, want := range []string{"CONNECT ", "\r\nHost: ", "\r\nX-Proxy: 1\r\n", "\r\nProxy-Authorization: Basic dTpw\r\n"} {
						r.logf("%q %v", want, strings.Contains(head, want))
					}
					r.logf("%s", strings.SplitN(head, "\r\n", 2)[0])
				} else {
					r.logf("head %q", head)
				}
				p.send("HTTP/1.1 " + c.status + "\r\nContent-Length: 0\r\n\r\n")
			}
		}, test: func(r *run) {
			proxied = strings.Replace(r.url, "http://", "http://"+c.userinfo, 1)
			for range 2 {
				req := r.request("GET", "", nil)
				req.URL, _ = url.Parse(c.url)
				req.Host = ""
				r.do(req.WithContext(httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
					GetConn: func(hostPort string) { r.logf("GetConn %s", hostPort) },
				})))
			}
		}}.check(t)
	}
}
