package nethttp_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, s)
	w.Close()
	return b.String()
}

// TestParityResponses: what responses look like, and whether the connection is used again.
func TestParityResponses(t *testing.T) {
	zipped := gzipped("hello, world")
	chunkedZip := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(zipped), zipped)
	for _, c := range []struct {
		name, method, answer string
		closed               bool // the server closes behind the answer
		knobs
	}{
		{name: "length", answer: okHello},
		{name: "no reason", answer: "HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello"},
		{name: "another reason", answer: "HTTP/1.1 299 Who  knows\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "length of 0", answer: "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
		{name: "equal lengths", answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "different lengths", answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"},
		{name: "chunked", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
		{name: "chunked with trailers", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, x-other\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"},
		{name: "chunked with trailers nobody announced", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"},
		{name: "chunked, cut short", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", closed: true},
		{name: "length, cut short", answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel", closed: true},
		{name: "until close", answer: "HTTP/1.1 200 OK\r\n\r\nhello", closed: true},
		{name: "close", answer: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "HTTP/1.0", answer: "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", closed: true},
		{name: "HTTP/1.0 with keep-alive", answer: "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "HTTP/1.0 until close", answer: "HTTP/1.0 200 OK\r\n\r\nhello", closed: true},
		{name: "204", answer: "HTTP/1.1 204 No Content\r\n\r\n"},
		{name: "304 with a length", answer: "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n"},
		{name: "HEAD", method: "HEAD", answer: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\n"},
		{name: "HEAD without a length", method: "HEAD", answer: "HTTP/1.1 200 OK\r\n\r\n"},
		{name: "HEAD chunked", method: "HEAD", answer: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
		{name: "case and duplicates", answer: "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx-a: 1\r\nX-A:  2 \r\nset-cookie: a=b\r\nSet-Cookie: c=d\r\nX-Empty:\r\n\r\nhello"},
		{name: "pragma", answer: "HTTP/1.1 200 OK\r\nPragma: no-cache\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "obs-fold", answer: "HTTP/1.1 200 OK\r\nX-A: 1\r\n 2\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "gzip", answer: fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", len(zipped), zipped)},
		{name: "gzip chunked", answer: "HTTP/1.1 200 OK\r\nContent-Encoding: GZIP\r\nTransfer-Encoding: chunked\r\n\r\n" + chunkedZip},
		{name: "gzip that nobody asked for", knobs: knobs{noGzip: true}, answer: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"},
		{name: "gzip of nothing", answer: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n"},
		{name: "no gzip", answer: "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 20\r\n\r\nthis is not gzip, no"},
		{name: "interim responses", answer: "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + okHello},
		{name: "no keep-alive", knobs: knobs{noKeepAlive: true}, answer: okHello},
		{name: "not HTTP", answer: "nonsense\r\n\r\n", closed: true},
		{name: "nothing", answer: "", closed: true},
		{name: "half a head", answer: "HTTP/1.1 200 OK\r\nX-A: b\r\n", closed: true},
		{name: "a later minor version", answer: "HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello"},
		{name: "a large head", answer: "HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 100<<10) + "\r\n" + strings.Repeat("B: c\r\n", 500) + "Content-Length: 0\r\n\r\n"},
		{name: "head too large", knobs: knobs{maxHeader: 1000}, answer: "HTTP/1.1 200 OK\r\nX-A: " + strings.Repeat("a", 9000) + "\r\n\r\n"},
	} {
		parity{name: c.name, knobs: c.knobs, serve: func(r *run, p *peer) {
			for p.head() != "" {
				r.logf("on connection %d", p.n)
				if p.send(c.answer); c.closed {
					return
				}
			}
		}, test: func(r *run) {
			method := c.method
			if method == "" {
				method = "GET"
			}
			for range 2 {
				r.do(r.request(method, "/", nil))
			}
		}}.check(t)
	}
}

// TestParityClose: what becomes of a connection whose response is closed early.
func TestParityClose(t *testing.T) {
	for _, c := range []struct {
		name string
		read int
	}{{"nothing read", 0}, {"a part read", 3}, {"all but the end read", 5}} {
		parity{name: c.name, serve: func(r *run, p *peer) {
			for p.head() != "" {
				r.logf("on connection %d", p.n)
				p.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello")
			}
		}, test: func(r *run) {
			resp, err := r.rt.RoundTrip(r.request("GET", "/", nil))
			if err != nil {
				r.Fatal(err)
			}
			io.ReadFull(resp.Body, make([]byte, c.read))
			r.logf("close: %v", resp.Body.Close())
			n, err := resp.Body.Read(make([]byte, 1))
			r.logf("read: %d %v", n, err)
			r.logf("close: %v", resp.Body.Close())
			if resp, err = r.rt.RoundTrip(r.request("GET", "/", nil)); err != nil {
				r.Fatal(err)
			}
			resp.Body.Close()
		}}.check(t)
	}
}

// TestParityUpgrade: after 101 the body is the connection, with what had come already.
func TestParityUpgrade(t *testing.T) {
	parity{name: "101", serve: func(r *run, p *peer) {
		r.logf("head %q", p.head())
		p.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearly")
		io.Copy(p.Conn, p.br)
	}, test: func(r *run) {
		req := r.request("GET", "/", nil)
		req.Header.Set("Connection", "Upgrade")
		req.Header.Set("Upgrade", "echo")
		resp, err := r.rt.RoundTrip(req)
		if err != nil {
			r.Fatal(err)
		}
		r.logf("%s %v %v", resp.Status, resp.Header, resp.ContentLength)
		rw := resp.Body.(io.ReadWriteCloser)
		io.WriteString(rw, "hello")
		buf := make([]byte, 10)
		n, err := io.ReadFull(rw, buf)
		r.logf("%q %v", buf[:n], err)
		r.logf("close: %v", rw.Close())
		if _, err := rw.Read(buf); err == nil {
			r.Error("a read after Close")
		}
	}}.check(t)
	parity{name: "101 that nobody asked for", serve: func(r *run, p *peer) {
		p.head()
		p.send("HTTP/1.1 101 Switching Protocols\r\n\r\n")
	}, test: func(r *run) {
		resp, err := r.rt.RoundTrip(r.request("GET", "/", nil))
		if err == nil {
			resp.Body.Close()
		}
		r.logf("seen")
	}}.check(t)
	parity{name: "CONNECT by hand", serve: func(r *run, p *peer) {
		r.logf("head %q", p.head())
		p.send("HTTP/1.1 200 OK\r\n\r\n")
		io.Copy(p.Conn, p.br)
	}, knobs: knobs{noGzip: true}, test: func(r *run) {
		pr, pw := io.Pipe()
		req := r.request("CONNECT", "", pr)
		req.Host = "origin.example:443"
		req.ContentLength = -1
		resp, err := r.rt.RoundTrip(req)
		if err != nil {
			r.Fatal(err)
		}
		r.logf("%s %v", resp.Status, resp.Close)
		go io.WriteString(pw, "hello")
		buf := make([]byte, 5)
		n, err := io.ReadFull(resp.Body, buf)
		r.logf("%q %v", buf[:n], err)
		resp.Body.Close()
		pw.Close()
	}}.check(t)
	parity{name: "CONNECT refused", serve: always("HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nhello"), test: func(r *run) {
		b := track(strings.NewReader("x"))
		req := r.request("CONNECT", "", b)
		req.ContentLength = -1
		req.Host = "origin.example:443"
		resp, err := r.rt.RoundTrip(req)
		if err != nil {
			r.Fatal(err)
		}
		content, err := io.ReadAll(resp.Body)
		r.logf("%s %q %v", resp.Status, content, err)
		resp.Body.Close()
		r.logClosed(b)
	}}.check(t)
}

// TestParityStale: connections that the server has closed while they were idle, and requests that meet one.
func TestParityStale(t *testing.T) {
	for _, c := range []struct {
		name, method string
		body         string
		getBody      bool
		key          bool
	}{
		{name: "GET", method: "GET"},
		{name: "POST", method: "POST", body: "hello", getBody: true},
		{name: "POST with a key", method: "POST", body: "hello", getBody: true, key: true},
		{name: "POST with a key and no GetBody", method: "POST", body: "hello", key: true},
	} {
		parity{name: c.name, serve: func(r *run, p *peer) {
			for i := 0; p.head() != ""; i++ {
				r.logf("request %d on connection %d", i, p.n)
				if p.octets(len(c.body)); i == 1 && p.n == 1 {
					return // without a response
				}
				p.send(okHello)
			}
		}, test: func(r *run) {
			for range 2 {
				req := r.request(c.method, "/", nil)
				if c.body != "" {
					req = r.request(c.method, "/", strings.NewReader(c.body))
				}
				if !c.getBody {
					req.GetBody = nil
				}
				if c.key {
					req.Header.Set("Idempotency-Key", "1")
				}
				resp, err := r.rt.RoundTrip(req)
				if err != nil {
					r.logf("an error")
					continue
				}
				b, err := io.ReadAll(resp.Body)
				r.logf("%q %v", b, err)
				resp.Body.Close()
			}
		}}.check(t)
	}
}

// TestParityLimit: with one connection, requests go one after the other.
func TestParityLimit(t *testing.T) {
	parity{name: "one connection", knobs: knobs{maxConns: 1}, handler: func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.RemoteAddr)
	}, test: func(r *run) {
		seen := make(chan string, 8)
		for range 8 {
			req := r.request("GET", "/", nil)
			go func() {
				resp, err := r.rt.RoundTrip(req)
				if err != nil {
					seen <- err.Error()
					return
				}
				b, _ := io.ReadAll(resp.Body)
				resp.Body.Close()
				seen <- string(b)
			}()
		}
		all := map[string]bool{}
		for range 8 {
			s := <-seen
			if _, _, err := net.SplitHostPort(s); err != nil {
				r.Error(s)
			}
			all[s] = true
		}
		r.logf("%d connections", len(all))
	}}.check(t)
}
