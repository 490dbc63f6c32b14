package interop

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strata-http/strata/test/peers"
)

// sources are contents of requests with and without a length known ahead; the
// standard library sends the latter with the chunked transfer coding.
var sources = []struct {
	name string
	make func(content []byte) io.Reader
}{
	{"length", func(content []byte) io.Reader { return bytes.NewReader(content) }},
	{"chunked", func(content []byte) io.Reader { return io.MultiReader(bytes.NewReader(content)) }},
}

// some files: at the edges of usual buffers, and larger.
func some(t *testing.T) []peers.File {
	t.Helper()
	return []peers.File{peers.Lookup(t, "f-1"), peers.Lookup(t, "f-4096"), peers.Lookup(t, "f-1048576")}
}

// echoQuery is there to see that the target arrives as it was sent.
const echoQuery = "?a=%20b"

func checkEcho(t *testing.T, p *peers.Peer, url string) {
	c := client(t, p)
	ask := func(method string, content io.Reader, f peers.File) {
		resp, got := do(t, c, request(t, method, url, content, "X-Asked", `a: "b" \=`))
		equal(t, "status", 200, resp.StatusCode)
		compareEcho(t, p, got, peers.Echo{
			Method: method, Target: peers.PathEcho + echoQuery, Protocol: "HTTP/1.1",
			Length: f.Size, SHA256: f.SHA256,
		})
	}
	ask("GET", nil, peers.Lookup(t, "f-0"))
	for _, source := range sources {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			f := peers.Lookup(t, "f-4095")
			ask(method, source.make(peers.Content(t, f.Name)), f)
		}
		f := peers.Lookup(t, "f-1048576")
		ask("POST", source.make(peers.Content(t, f.Name)), f)
	}
}

func compareEcho(t *testing.T, p *peers.Peer, content []byte, want peers.Echo) {
	t.Helper()
	got, err := peers.ParseEcho(content)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Has(peers.EchoDigest) {
		want.SHA256 = ""
	}
	line := ""
	switch {
	case p.Has(peers.EchoExact):
		line = `X-Asked: a: "b" \=`
	case p.Has(peers.EchoFields):
		line = `x-asked: a: "b" \=`
	}
	equal(t, "fields echoed", p.Has(peers.EchoFields), len(got.Fields) > 0)
	if line != "" && !strings.Contains(strings.Join(got.Fields, "\n")+"\n", line+"\n") {
		t.Errorf("fields %q lack %q", got.Fields, line)
	}
	got.Fields = nil
	equal(t, "echo of "+want.Method, want, got)
}

func checkMirror(t *testing.T, p *peers.Peer, url string) {
	c := client(t, p)
	for _, source := range sources {
		for _, f := range some(t) {
			content := source.make(peers.Content(t, f.Name))
			resp, got := do(t, c, request(t, "POST", url, content, "Content-Type", "x/y"))
			equal(t, "status", 200, resp.StatusCode)
			equal(t, "Content-Type", "x/y", resp.Header.Get("Content-Type"))
			equal(t, f.Name+" "+source.name, f.SHA256, sum(got))
		}
	}
}

func checkUpload(t *testing.T, p *peers.Peer, url string) {
	c := client(t, p)
	for _, method := range []string{"PUT", "POST"} {
		for _, source := range sources {
			for _, f := range some(t) {
				resp, _ := do(t, c, request(t, method, url, source.make(peers.Content(t, f.Name))))
				if resp.StatusCode != 201 && resp.StatusCode != 204 {
					t.Errorf("%s of %s: status %d", method, f.Name, resp.StatusCode)
				}
				want := peers.File{Name: "stored", Size: f.Size, SHA256: f.SHA256}
				equal(t, method+" "+source.name, want, p.Uploaded(t, "stored"))
			}
		}
	}
	resp, content := do(t, c, request(t, "GET", url, nil))
	equal(t, "status of GET", 200, resp.StatusCode)
	equal(t, "GET", p.Uploaded(t, "stored").SHA256, sum(content))

	resp, _ = do(t, c, request(t, "DELETE", url, nil))
	equal(t, "status of DELETE", 204, resp.StatusCode)
	if _, err := os.Stat(filepath.Join(p.UploadDir, "stored")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after DELETE: %v", err)
	}
}

// checkUploadLarge sends more than any buffer on the way holds.
func checkUploadLarge(t *testing.T, p *peers.Peer, url string) {
	f := peers.Lookup(t, peers.Large())
	content, err := os.Open(filepath.Join(p.Root, f.Name))
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	resp, _ := do(t, client(t, p), request(t, "PUT", url, content))
	if resp.StatusCode != 201 && resp.StatusCode != 204 {
		t.Errorf("status %d", resp.StatusCode)
	}
	f.Name = "large"
	equal(t, "stored", f, p.Uploaded(t, "large"))
}

func checkExpect(t *testing.T, p *peers.Peer, url string) {
	c := client(t, p)
	c.Transport.(*http.Transport).ExpectContinueTimeout = time.Minute
	waited := false
	trace := &httptrace.ClientTrace{Got100Continue: func() { waited = true }}
	req := request(t, "PUT", url, strings.NewReader("content"), "Expect", "100-continue")
	req = req.WithContext(httptrace.WithClientTrace(req.Context(), trace))
	do(t, c, req)
	equal(t, "100 (Continue) was received", true, waited)
	equal(t, "stored", sum([]byte("content")), p.Uploaded(t, "expected").SHA256)
}
