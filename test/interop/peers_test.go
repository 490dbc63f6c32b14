package interop

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/strata-http/strata/test/peers"
)

// checks are run against one server of each kind, for each scheme.
var checks = []struct {
	name string
	need peers.Feature
	path string
	run  func(t *testing.T, p *peers.Peer, url string)
}{
	{"files", 0, "/", checkFiles},
	{"not modified", 0, "/" + peers.Index, checkNotModified},
	{"range", peers.Ranges, "/f-65536", checkRange},
	{"chunked", peers.Chunked, peers.PathChunked, checkChunked},
	{"trailers", peers.Trailers, peers.PathTrailers, checkTrailers},
	{"until close", peers.UntilClose, peers.PathUntilClose, checkUntilClose},
	{"directory", 0, peers.PathDirectory, checkDirectory},
	{"redirect", peers.Redirect, peers.PathRedirect, checkRedirect},
	{"packed", peers.PackedFile, peers.PathPacked, checkPacked},
	{"zipped", peers.Zipped, peers.PathZipped + peers.Index, checkZipped},
	{"early", peers.Early, peers.PathEarly + "f-13", checkEarly},
	{"cut", peers.Cut, peers.PathCut + "f-4096", checkCut},
	{"echo", peers.EchoLength, peers.PathEcho + echoQuery, checkEcho},
	{"mirror", peers.Mirror, peers.PathMirror, checkMirror},
	{"upload", peers.Upload, peers.PathUpload + "stored", checkUpload},
	{"upload large", peers.Upload, peers.PathUpload + "large", checkUploadLarge},
	{"expect", peers.Upload | peers.KeepAlive, peers.PathUpload + "expected", checkExpect},
	{"keep-alive", peers.KeepAlive, "/f-13", checkKeepAlive},
	{"curl", 0, "/f-1048576", checkCurl},
}

func TestPeers(t *testing.T) {
	peers.Each(t, func(t *testing.T, p *peers.Peer) {
		t.Parallel()
		for _, c := range checks {
			t.Run(c.name, func(t *testing.T) {
				p.Require(t, c.need)
				for _, url := range p.URLs(c.path) {
					scheme, _, _ := strings.Cut(url, ":")
					t.Run(scheme, func(t *testing.T) { c.run(t, p, url) })
				}
			})
		}
	})
}

// client is the standard library's, told to change nothing: it follows no
// redirect, asks for no compression and goes through no proxy.
func client(t *testing.T, p *peers.Peer) *http.Client {
	transport := &http.Transport{
		TLSClientConfig:    &tls.Config{RootCAs: p.RootCAs},
		DisableCompression: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func request(t *testing.T, method, url string, content io.Reader, fields ...string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, content)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		req.Header.Set(fields[i], fields[i+1])
	}
	return req
}

// do returns the response and all of its content.
func do(t *testing.T, c *http.Client, req *http.Request) (*http.Response, []byte) {
	t.Helper()
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", req.Method, req.URL, err)
	}
	return resp, content
}

// fetch returns the response and the digest of its content, of any size.
func fetch(t *testing.T, c *http.Client, url string) (*http.Response, string) {
	t.Helper()
	resp, err := c.Do(request(t, "GET", url, nil))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := digest(resp.Body)
	if err != nil {
		t.Fatalf("GET %s: %v", url, err)
	}
	return resp, got
}

func digest(r io.Reader) (string, error) {
	h := sha256.New()
	_, err := io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), err
}

func sum(content []byte) string {
	s := sha256.Sum256(content)
	return hex.EncodeToString(s[:])
}

// equal fails the test with both values when they differ.
func equal[T any](t *testing.T, what string, want, got T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
