package peers

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The paths that peers serve beside "/" + the name of each of [Files]. Those
// that end in a slash are followed by a file's name.
const (
	// PathDirectory is a folder named without its slash: every peer answers
	// 301 by itself and points to the same path with the slash.
	PathDirectory = "/dir"
	// PathRedirect answers 301 with a Location that ends in /index.html.
	PathRedirect = "/redir"
	// PathPacked answers with gzip content, stored so, and Content-Encoding:
	// gzip; see [Packed].
	PathPacked = "/packed"
	// PathZipped serves files compressed on the way to who accepts gzip.
	PathZipped = "/zipped/"
	// PathChunked serves files with the chunked transfer coding.
	PathChunked = "/chunked/"
	// PathUntilClose serves files that end where the connection does.
	PathUntilClose = "/until-close/"
	// PathTrailers serves files with the chunked transfer coding and a trailer
	// section in which X-Peer has the name of the peer. Python's chunks carry
	// a chunk extension, and its trailers X-Sha256 too.
	PathTrailers = "/trailers/"
	// PathEarly serves files after an interim response 103.
	PathEarly = "/early/"
	// PathCut declares the length of the file, sends half of it and closes,
	// over TLS without close_notify.
	PathCut = "/cut/"
	// PathEcho answers any method with a description of the request, which
	// [ParseEcho] reads.
	PathEcho = "/echo"
	// PathMirror answers with the content of the request.
	PathMirror = "/mirror"
	// PathUpload stores the content of PUT and POST under the name that
	// follows (one segment, not starting with a dot), serves it to GET, and
	// removes it for DELETE; see [Peer.Uploaded].
	PathUpload = "/upload/"
)

// Feature is a set of things that a peer does.
type Feature uint32

// What a peer may do. All serve files to GET and HEAD, answer 304 to
// If-Modified-Since and 301 at [PathDirectory].
const (
	TLS          Feature = 1 << iota // HTTPSAddr is served
	KeepAlive                        // connections persist
	Ranges                           // Range is answered with 206
	ETag                             // files have an ETag
	Redirect                         // PathRedirect
	PackedFile                       // PathPacked
	Zipped                           // PathZipped
	Chunked                          // PathChunked
	UntilClose                       // PathUntilClose
	Trailers                         // PathTrailers
	Early                            // PathEarly
	Cut                              // PathCut
	EchoLength                       // PathEcho, with the length of the content
	EchoDigest                       // PathEcho has the digest of the content too
	EchoFields                       // PathEcho has the field lines, names in lower case and sorted
	EchoExact                        // PathEcho has the field lines in their order and case
	EchoTrailers                     // PathEcho has the trailer section of the request
	Mirror                           // PathMirror
	Upload                           // PathUpload
	Unix                             // Socket is served
)

// Peer is a running server. It is stopped when the test that started it ends.
type Peer struct {
	// Name is that of the [Kind].
	Name string
	// HTTPAddr and HTTPSAddr are host:port on loopback. HTTPSAddr is empty
	// without the feature TLS.
	HTTPAddr, HTTPSAddr string
	// Socket is the path of a Unix socket at which a peer with the feature
	// Unix serves what it serves at HTTPAddr, else empty.
	Socket string
	// Root is the document root, shared by all peers of this process: only for
	// reading.
	Root string
	// UploadDir is where PathUpload stores, this peer's own.
	UploadDir string
	// RootCAs and CAFile (PEM) hold the authority that signed the certificate
	// of HTTPSAddr, which is valid for 127.0.0.1, ::1 and localhost.
	RootCAs *x509.CertPool
	CAFile  string
	// LogFile has what the server wrote to its standard output and error. A
	// test that fails shows it.
	LogFile string

	// access is the file with a line for each request, LogFile or another.
	access   string
	features Feature
	proc     *process
}

// Has reports whether the peer does everything in f.
func (p *Peer) Has(f Feature) bool { return p.features&f == f }

// Require skips the test unless the peer does everything in f.
func (p *Peer) Require(t testing.TB, f Feature) {
	t.Helper()
	if !p.Has(f) {
		t.Skipf("%s does not do this", p.Name)
	}
}

// URL returns the http URL of a path, which begins with a slash.
func (p *Peer) URL(path string) string { return "http://" + p.HTTPAddr + path }

// TLSURL returns the https URL of a path, which begins with a slash.
func (p *Peer) TLSURL(path string) string { return "https://" + p.HTTPSAddr + path }

// URLs returns the URL of a path in every scheme that the peer serves.
func (p *Peer) URLs(path string) []string {
	urls := []string{p.URL(path)}
	if p.Has(TLS) {
		urls = append(urls, p.TLSURL(path))
	}
	return urls
}

// Uploaded returns name, size and digest of what was stored at PathUpload +
// name. The test fails when nothing was.
func (p *Peer) Uploaded(t testing.TB, name string) File {
	t.Helper()
	stored, err := os.Open(filepath.Join(p.UploadDir, name))
	if err != nil {
		t.Fatalf("%s stored no %q: %v", p.Name, name, err)
	}
	defer stored.Close()
	hash := sha256.New()
	size, err := io.Copy(hash, stored)
	if err != nil {
		t.Fatal(err)
	}
	return File{Name: name, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}
}

// Log returns what the server has written to LogFile so far.
func (p *Peer) Log() string {
	data, err := os.ReadFile(p.LogFile)
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(data))
}

// RequestLines returns the request-line of every request that the server has
// logged, in the order in which it was done with them, those by which the
// harness waited for the server included. A server may log a request after its
// response was received.
func (p *Peer) RequestLines(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile(p.access)
	if err != nil {
		t.Fatalf("%s has no log of its requests: %v", p.Name, err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		// Every format has the request-line as the first thing in quotes.
		if part := strings.SplitN(line, `"`, 3); len(part) == 3 && strings.Contains(part[1], " HTTP/1.") {
			lines = append(lines, part[1])
		}
	}
	return lines
}

func describe(name string, data []byte) File {
	sum := sha256.Sum256(data)
	return File{Name: name, Size: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
}

// Kind is one sort of server.
type Kind struct {
	// Name is "nginx", "apache", "python", "python-1.0" or "python-module".
	Name string
	// Start starts one, as the function of the same name does.
	Start func(t testing.TB, options ...Option) *Peer
}

// Kinds returns every sort of server that the harness knows, whether it is
// installed or not.
func Kinds() []Kind {
	return []Kind{
		{"nginx", Nginx},
		{"apache", Apache},
		{"python", PythonHTTP},
		{"python-1.0", func(t testing.TB, options ...Option) *Peer {
			return PythonHTTP(t, append([]Option{Protocol("HTTP/1.0")}, options...)...)
		}},
		{"python-module", PythonModule},
	}
}

// Each runs f as a subtest against a fresh server of every kind.
func Each(t *testing.T, f func(t *testing.T, p *Peer), options ...Option) {
	t.Helper()
	for _, k := range Kinds() {
		t.Run(k.Name, func(t *testing.T) { f(t, k.Start(t, options...)) })
	}
}
