package nethttp_test

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing/fstest"
	"time"
)

const expects = "POST / HTTP/1.1\nHost: a\nConnection: close\nExpect: 100-continue\nContent-Length: 5\n\nhello"

var bodyCases = []parityCase{
	writes("Expect, and nobody reads", expects, func(n *notes, w http.ResponseWriter) { w.WriteHeader(403) }),
	{name: "Expect, 100 by hand", octets: expects, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(100)
		content, err := io.ReadAll(r.Body)
		n.add("%q %v", content, err)
	}},
	{name: "content cut short", octets: "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\nx\n\n", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		n.add("an error: %v", err != nil)
	}},
	{name: "echo", octets: toPost, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		k, err := io.Copy(w, r.Body)
		n.add("%d %v", k, err)
	}},
	{name: "echo, Expect", octets: expects, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		k, err := io.Copy(w, r.Body)
		n.add("%d %v", k, err)
	}},
	{name: "content left", octets: "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello" + toGet, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		say(n, w, "x")
	}},
	{name: "content half read", octets: "POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n" + toGet, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		k, err := io.ReadFull(r.Body, make([]byte, 2))
		n.add("%d %v", k, err)
	}},
	{name: "content closed", octets: "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello" + toGet, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		n.add("%v", r.Body.Close())
		k, err := r.Body.Read(make([]byte, 2))
		n.add("%d %v", k, err)
	}},
	{name: "MaxBytesReader", octets: toPost, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3))
		n.add("%T %v", err, err)
		http.Error(w, "much", http.StatusRequestEntityTooLarge)
	}},
	but("only an http.Server is told by MaxBytesReader; the rest is read and the connection kept", func(theirs, ours *outcome) {
		theirs.first().Header.Del("Connection")
		ours.Messages, ours.Notes = ours.Messages[:1], ours.Notes[:1]
	}, parityCase{name: "MaxBytesReader, and another request", octets: strings.Replace(toPost, "Connection: close\n", "", 1) + toGet, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 3))
		n.add("%T %v", err, err)
		http.Error(w, "much", http.StatusRequestEntityTooLarge)
	}}),
	{name: "form", octets: "POST /?a=1 HTTP/1.1\nHost: a\nConnection: close\nContent-Type: application/x-www-form-urlencoded\nContent-Length: 7\n\nb=2&a=3", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		n.add("%v %v", r.ParseForm(), r.Form)
	}},
	{name: "multipart", octets: "POST / HTTP/1.1\nHost: a\nConnection: close\nContent-Type: multipart/form-data; boundary=b\nContent-Length: 77\n\n--b\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\n\nhello\n--b--\n", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		f, h, err := r.FormFile("f")
		if err != nil {
			n.add("%v", err)
			return
		}
		content, err := io.ReadAll(f)
		n.add("%s %d %q %v", h.Filename, h.Size, content, err)
	}},
}

var hijackCases = []parityCase{
	{name: "hijack", octets: "GET / HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: x\n\nearly", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		nc, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			n.add("%v", err)
			return
		}
		defer nc.Close()
		n.add("%T", nc)
		early := make([]byte, 5)
		_, err = io.ReadFull(rw, early)
		n.add("%q %v", early, err)
		rw.WriteString("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n")
		rw.Flush()
		_, err = w.Write([]byte("x"))
		n.add("%v", err)
		w.WriteHeader(200)
		_, _, err = http.NewResponseController(w).Hijack()
		n.add("%v", err)
	}},
	{name: "hijack behind 101", octets: "GET / HTTP/1.1\nHost: a\nConnection: Upgrade\nUpgrade: x\n\n", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Upgrade", "x")
		w.Header().Set("Connection", "Upgrade")
		w.WriteHeader(101)
		nc, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			n.add("%v", err)
			return
		}
		nc.Close()
	}},
	{name: "hijack inside of a response", octets: "GET / HTTP/1.1\nHost: a\n\n", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(200)
		nc, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			n.add("%v", err)
			return
		}
		io.WriteString(nc, "3\r\nabc\r\n0\r\n\r\n")
		nc.Close()
	}},
	but("2xx to CONNECT is framed by nothing (RFC 9112 section 6.3)", func(theirs, ours *outcome) {
		for _, o := range []*outcome{theirs, ours} {
			o.Messages[0].Coding, o.Messages[0].Content, o.Messages[0].Err = nil, "", ""
			o.Messages[0].Length = 0
			o.Rest = ""
		}
	}, parityCase{name: "CONNECT", octets: "CONNECT b:443 HTTP/1.1\nHost: b:443\n\n", handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		n.add("%q %q %v %q", r.Host, r.RequestURI, *r.URL, r.URL.Path)
		w.WriteHeader(200)
		nc, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			n.add("%v", err)
			return
		}
		nc.Close()
	}}),
	{name: "controller", octets: toGet, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		n.add("%v %v %v", c.SetReadDeadline(time.Now().Add(time.Hour)), c.SetWriteDeadline(time.Now().Add(time.Hour)), c.EnableFullDuplex())
		say(n, w, "x")
		n.add("%v", c.Flush())
	}},
	{name: "interfaces", octets: toGet, handler: func(n *notes, w http.ResponseWriter, r *http.Request) {
		_, flusher := w.(http.Flusher)
		_, hijacker := w.(http.Hijacker)
		_, readerFrom := w.(io.ReaderFrom)
		_, stringWriter := w.(io.StringWriter)
		_, notifier := w.(interface{ CloseNotify() <-chan bool }) // http.CloseNotifier, which is deprecated
		_, pusher := w.(http.Pusher)
		n.add("%v %v %v %v %v %v", flusher, hijacker, readerFrom, stringWriter, notifier, pusher)
	}},
}

// behind is a case about a handler of the standard library.
func behind(name, octets string, h http.Handler) parityCase {
	return parityCase{name: name, octets: octets, handler: func(_ *notes, w http.ResponseWriter, r *http.Request) { h.ServeHTTP(w, r) }}
}

var files = fstest.MapFS{
	"a.txt":        {Data: []byte("hello"), ModTime: time.Unix(1e9, 0)},
	"d/index.html": {Data: []byte("<p>index"), ModTime: time.Unix(1e9, 0)},
	"e/x":          {Data: []byte("<html>"), ModTime: time.Unix(1e9, 0)},
}

func request(method, target string, fields map[string]string) string {
	line := method + " " + target + " HTTP/1.1\nHost: a\nConnection: close\n"
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		line += name + ": " + fields[name] + "\n"
	}
	return line + "\n"
}

var libraryCases = []parityCase{
	behind("file", request("GET", "/a.txt", nil), http.FileServerFS(files)),
	behind("file to HEAD", request("HEAD", "/a.txt", nil), http.FileServerFS(files)),
	behind("file, range", request("GET", "/a.txt", map[string]string{"Range": "bytes=1-2"}), http.FileServerFS(files)),
	behind("file, range that is none", request("GET", "/a.txt", map[string]string{"Range": "bytes=9-"}), http.FileServerFS(files)),
	behind("file not modified", request("GET", "/a.txt", map[string]string{"If-Modified-Since": "Sun, 09 Sep 2001 01:46:40 GMT"}), http.FileServerFS(files)),
	behind("index", request("GET", "/d/", nil), http.FileServerFS(files)),
	behind("directory", request("GET", "/d", nil), http.FileServerFS(files)),
	behind("listing", request("GET", "/e/", nil), http.FileServerFS(files)),
	behind("no file", request("GET", "/no", nil), http.FileServerFS(files)),
	behind("sniffed file", request("GET", "/e/x", nil), http.FileServerFS(files)),
	behind("redirect", request("GET", "/", nil), http.RedirectHandler("/b", http.StatusFound)),
	behind("TimeoutHandler in time", toGet, http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") }), time.Minute, "late")),
	behind("TimeoutHandler too late", toGet, http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), time.Millisecond, "late")),
	behind("MaxBytesHandler", toPost, http.MaxBytesHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, err := io.ReadAll(r.Body)
		fmt.Fprint(w, err)
	}), 3)),
	behind("StripPrefix", request("GET", "/x/a.txt", nil), http.StripPrefix("/x", http.FileServerFS(files))),
	behind("mux cleans", request("GET", "/x/../a", nil), mux()),
	behind("mux with a wildcard", request("GET", "/v/a%2Fb", nil), mux()),
	behind("mux, method not allowed", request("POST", "/v/a", nil), mux()),
	behind("CrossOriginProtection", request("POST", "/", map[string]string{"Sec-Fetch-Site": "cross-site"}), http.NewCrossOriginProtection().Handler(http.NotFoundHandler())),
	behind("proxy to nothing", toGet, &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(&url.URL{Scheme: "http", Host: "b.invalid"}) },
		Transport: noTransport{},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusBadGateway)
		},
	}),
}

type noTransport struct{}

func (noTransport) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no way") }

func mux() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /v/{x}", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.PathValue("x"), r.Pattern) })
	m.HandleFunc("/a", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, "a") })
	return m
}
