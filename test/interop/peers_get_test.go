package interop

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"testing"

	"github.com/strata-http/strata/test/peers"
)

func checkFiles(t *testing.T, p *peers.Peer, url string) {
	c := client(t, p)
	for _, f := range peers.Files(t) {
		resp, got := fetch(t, c, url+f.Name)
		equal(t, f.Name+" status", 200, resp.StatusCode)
		equal(t, f.Name+" length", f.Size, resp.ContentLength)
		equal(t, f.Name+" digest", f.SHA256, got)

		resp, content := do(t, c, request(t, "HEAD", url+f.Name, nil))
		// Apache leaves "Content-Length: 0" out of its answer to HEAD.
		if p.Name != "apache" || f.Size > 0 {
			equal(t, f.Name+" HEAD length", f.Size, resp.ContentLength)
		}
		equal(t, f.Name+" HEAD content", 0, len(content))
	}
}

func checkNotModified(t *testing.T, p *peers.Peer, url string) {
	c := client(t, p)
	resp, _ := do(t, c, request(t, "GET", url, nil))
	since := resp.Header.Get("Last-Modified")
	equal(t, "Last-Modified", peers.ModTime.Format(http.TimeFormat), since)
	resp, _ = do(t, c, request(t, "GET", url, nil, "If-Modified-Since", since))
	equal(t, "status for If-Modified-Since", 304, resp.StatusCode)

	etag := resp.Header.Get("Etag")
	equal(t, "has an ETag", p.Has(peers.ETag), etag != "")
	if etag != "" {
		resp, _ = do(t, c, request(t, "GET", url, nil, "If-None-Match", etag))
		equal(t, "status for If-None-Match", 304, resp.StatusCode)
	}
}

func checkRange(t *testing.T, p *peers.Peer, url string) {
	whole := peers.Content(t, "f-65536")
	for _, tt := range []struct {
		ask, got string
		want     []byte
	}{
		{"bytes=100-299", "bytes 100-299/65536", whole[100:300]},
		{"bytes=-1", "bytes 65535-65535/65536", whole[65535:]},
	} {
		resp, content := do(t, client(t, p), request(t, "GET", url, nil, "Range", tt.ask))
		equal(t, "status", 206, resp.StatusCode)
		equal(t, "Content-Range", tt.got, resp.Header.Get("Content-Range"))
		equal(t, "content", sum(tt.want), sum(content))
	}
	resp, _ := do(t, client(t, p), request(t, "GET", url, nil, "Range", "bytes=65536-"))
	equal(t, "status beyond the end", 416, resp.StatusCode)
}

// The three below leave the empty file out, since a server that knows in time
// that nothing comes may say so. One of them has the largest.

func checkChunked(t *testing.T, p *peers.Peer, url string) {
	checkFraming(t, p, url, peers.Files(t)[1:], "chunked")
}

func checkUntilClose(t *testing.T, p *peers.Peer, url string) {
	checkFraming(t, p, url, peers.Files(t)[1:7])
}

func checkTrailers(t *testing.T, p *peers.Peer, url string) {
	checkFraming(t, p, url, peers.Files(t)[1:7], "chunked")
	resp, _ := do(t, client(t, p), request(t, "GET", url+"f-65536", nil))
	equal(t, "trailer", p.Name, resp.Trailer.Get("X-Peer"))
}

// checkFraming looks at how the length of content is told where it is not told
// by Content-Length.
func checkFraming(t *testing.T, p *peers.Peer, url string, files []peers.File, coding ...string) {
	t.Helper()
	c := client(t, p)
	for _, f := range files {
		resp, got := fetch(t, c, url+f.Name)
		equal(t, f.Name+" status", 200, resp.StatusCode)
		equal(t, f.Name+" coding", coding, resp.TransferEncoding)
		equal(t, f.Name+" length", -1, resp.ContentLength)
		equal(t, f.Name+" digest", f.SHA256, got)
	}
}

func checkDirectory(t *testing.T, p *peers.Peer, url string) {
	checkMoved(t, p, url, url+"/")
}

func checkRedirect(t *testing.T, p *peers.Peer, url string) {
	checkMoved(t, p, url, strings.TrimSuffix(url, peers.PathRedirect)+"/"+peers.Index)
}

func checkMoved(t *testing.T, p *peers.Peer, url, want string) {
	t.Helper()
	resp, _ := do(t, client(t, p), request(t, "GET", url, nil))
	equal(t, "status", 301, resp.StatusCode)
	location, err := resp.Location()
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "Location", want, location.String())
}

func checkPacked(t *testing.T, p *peers.Peer, url string) {
	packed, plain := peers.Packed(t)
	resp, content := do(t, client(t, p), request(t, "GET", url, nil))
	equal(t, "status", 200, resp.StatusCode)
	equal(t, "Content-Encoding", "gzip", resp.Header.Get("Content-Encoding"))
	equal(t, "length", packed.Size, resp.ContentLength)
	equal(t, "digest", packed.SHA256, sum(content))
	equal(t, "unpacked", string(plain), gunzip(t, content))
}

func checkZipped(t *testing.T, p *peers.Peer, url string) {
	want := string(peers.Content(t, peers.Index))
	resp, content := do(t, client(t, p), request(t, "GET", url, nil, "Accept-Encoding", "gzip"))
	equal(t, "Content-Encoding", "gzip", resp.Header.Get("Content-Encoding"))
	equal(t, "unpacked", want, gunzip(t, content))

	resp, content = do(t, client(t, p), request(t, "GET", url, nil))
	equal(t, "Content-Encoding when not asked for", "", resp.Header.Get("Content-Encoding"))
	equal(t, "plain", want, string(content))
}

func gunzip(t *testing.T, packed []byte) string {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

func checkEarly(t *testing.T, p *peers.Peer, url string) {
	var got []string
	trace := &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		got = append(got, fmt.Sprint(code, " ", h.Get("Link")))
		return nil
	}}
	req := request(t, "GET", url, nil)
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), trace))
	resp, content := do(t, client(t, p), req)
	equal(t, "interim responses", []string{"103 </style.css>; rel=preload"}, got)
	equal(t, "status", 200, resp.StatusCode)
	equal(t, "digest", peers.Lookup(t, "f-13").SHA256, sum(content))
}

func checkCut(t *testing.T, p *peers.Peer, url string) {
	resp, err := client(t, p).Do(request(t, "GET", url, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("reading half of the content: %v", err)
	}
	equal(t, "declared", 4096, resp.ContentLength)
	equal(t, "content", sum(peers.Content(t, "f-4096")[:2048]), sum(content))
}
