package interop

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strata-http/strata/test/peers"
)

// building is the command, built by the first test that asks for it. The folder is removed behind the last test.
var building struct {
	once sync.Once
	dir  string
	path string
	err  error
}

// binary returns the path of the command.
func binary(t *testing.T) string {
	t.Helper()
	b := &building
	b.once.Do(func() {
		if b.dir, b.err = os.MkdirTemp("", "strata-binary-"); b.err != nil {
			return
		}
		b.path = filepath.Join(b.dir, "strata.exe") // a name that runs anywhere
		// Unstamped: that would fail in a clone that another user owns.
		build := exec.Command("go", "build", "-buildvcs=false", "-o", b.path, "github.com/strata-http/strata/cmd/strata")
		if out, err := build.CombinedOutput(); err != nil {
			b.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	if b.err != nil {
		t.Fatalf("building the command: %v", b.err)
	}
	return b.path
}

// removeBinary removes what was built.
func removeBinary() error {
	if building.dir == "" {
		return nil
	}
	return os.RemoveAll(building.dir)
}

// outcome is how a run of the command ended.
type outcome struct {
	status         int
	stdout, stderr string
}

// strata runs the command, with stdin as its standard input.
func strata(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary(t), args...)
	cmd.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) || ctx.Err() != nil {
		t.Fatalf("strata %q: %v", args, err)
	}
	return outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// succeed runs the command, which must end well and have nothing to say about it, and returns its output.
func succeed(t *testing.T, stdin string, args ...string) string {
	t.Helper()
	got := strata(t, stdin, args...)
	if got.status != 0 || got.stderr != "" {
		t.Errorf("strata %q: exit status %d, standard error:\n%s", args, got.status, got.stderr)
	}
	return got.stdout
}

// binaryChecks are run by the command against one server of each kind, for each scheme.
var binaryChecks = []struct {
	name string
	need peers.Feature
	path string
	run  func(t *testing.T, p *peers.Peer, url string)
}{
	{"get", 0, "/", binaryGet},
	{"get large", 0, "/" + peers.Large(), binaryLarge},
	{"head", 0, "/f-65536", binaryHead},
	{"include", 0, "/f-4096", binaryInclude},
	{"verbose", 0, "/f-13", binaryVerbose},
	{"conditional", 0, "/f-13", binaryConditional},
	{"range", peers.Ranges, "/f-65536", binaryRange},
	{"chunked", peers.Chunked, peers.PathChunked + "f-1048576", binaryFile},
	{"until close", peers.UntilClose, peers.PathUntilClose + "f-1048576", binaryFile},
	{"trailers", peers.Trailers, peers.PathTrailers + "f-1048576", binaryFile},
	{"early", peers.Early, peers.PathEarly + "f-13", binaryEarly},
	{"packed", peers.PackedFile, peers.PathPacked, binaryPacked},
	{"redirect", 0, peers.PathDirectory, binaryRedirect},
	{"fail", 0, "/missing", binaryFail},
	{"cut", peers.Cut, peers.PathCut + "f-1048576", binaryCut},
	{"post", peers.EchoLength, peers.PathEcho + echoQuery, binaryPost},
	{"fields", peers.EchoExact, peers.PathEcho + "/../%zz" + echoQuery, binaryFields},
	{"mirror", peers.Mirror, peers.PathMirror, binaryMirror},
	{"put", peers.Upload, peers.PathUpload + "by-command", binaryPut},
}

func TestBinary(t *testing.T) {
	binary(t) // before the peers start, which would stand idle meanwhile
	peers.Each(t, func(t *testing.T, p *peers.Peer) {
		t.Parallel()
		for _, c := range binaryChecks {
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

// trusting returns args and the peer's authority, which every command knows how to take.
func trusting(p *peers.Peer, args ...string) []string {
	return append(args, "--cacert", p.CAFile)
}

func binaryGet(t *testing.T, p *peers.Peer, url string) {
	for _, f := range peers.Files(t) {
		if f.Size <= 1<<20 {
			got := succeed(t, "", trusting(p, "get", url+f.Name)...)
			equal(t, f.Name, f.SHA256, sum([]byte(got)))
		}
	}
}

// fileOf compares a file on disk with what it should be, and the folder with having nothing else.
func fileOf(t *testing.T, path string, want peers.File) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := digest(f)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "digest of the file written", want.SHA256, got)
	equal(t, "files in the folder", []string{filepath.Base(path)}, names(t, filepath.Dir(path)))
}

// names returns the names in a folder.
func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func binaryLarge(t *testing.T, p *peers.Peer, url string) {
	out := filepath.Join(t.TempDir(), "out")
	equal(t, "standard output", "", succeed(t, "", trusting(p, "get", "-o", out, url)...))
	fileOf(t, out, peers.Lookup(t, peers.Large()))
}

// binaryFile replaces a file with another, of 1 MiB.
func binaryFile(t *testing.T, p *peers.Peer, url string) {
	out := filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(out, []byte("older content"), 0o600); err != nil {
		t.Fatal(err)
	}
	equal(t, "standard output", "", succeed(t, "", trusting(p, "get", "-o", out, url)...))
	fileOf(t, out, peers.Lookup(t, "f-1048576"))
}

func binaryHead(t *testing.T, p *peers.Peer, url string) {
	head := succeed(t, "", trusting(p, "head", url)...)
	lines := strings.Split(head, "\r\n")
	if !strings.HasSuffix(head, "\r\n\r\n") || !strings.HasPrefix(lines[0], "HTTP/1.") ||
		indexOf(lines, "Content-Length: 65536") < 0 {
		t.Errorf("head is %q", head)
	}
	equal(t, "status", "200", strings.Fields(lines[0])[1])
}

func binaryInclude(t *testing.T, p *peers.Peer, url string) {
	head, content, found := strings.Cut(succeed(t, "", trusting(p, "get", "-i", url)...), "\r\n\r\n")
	equal(t, "has a head", true, found && strings.HasPrefix(head, "HTTP/1."))
	equal(t, "content", peers.Lookup(t, "f-4096").SHA256, sum([]byte(content)))
}

// marked returns the lines behind a mark, the mark taken off.
func marked(text, mark string) []string {
	var lines []string
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, mark+" "); ok {
			lines = append(lines, strings.TrimRight(rest, "\r\n"))
		}
	}
	return lines
}

func binaryVerbose(t *testing.T, p *peers.Peer, url string) {
	got := strata(t, "", trusting(p, "get", "-v", "-H", "x-Own: 1", "-H", "X-oWN: 2", url)...)
	equal(t, "exit status", 0, got.status)
	equal(t, "content", string(peers.Content(t, "f-13")), got.stdout)
	host := strings.Split(url, "/")[2]
	equal(t, "sent", []string{
		"GET /f-13 HTTP/1.1", "Host: " + host, "User-Agent: strata", "Accept-Encoding: identity", "x-Own: 1", "X-oWN: 2", "",
	}, marked(got.stderr, ">"))
	equal(t, "first line received", true, strings.HasPrefix(strings.Join(marked(got.stderr, "<"), "\n"), "HTTP/1."))
	equal(t, "length is among the lines received", true, indexOf(marked(got.stderr, "<"), "Content-Length: 13") > 0)
	equal(t, "events", true, len(marked(got.stderr, "*")) > 1)
	for line := range strings.Lines(got.stderr) {
		if !strings.HasPrefix(line, "* ") && !strings.HasPrefix(line, "> ") && !strings.HasPrefix(line, "< ") {
			t.Errorf("line %q has no mark", line)
		}
		if strings.ContainsRune(line, '\x1b') {
			t.Errorf("line %q is coloured, into a pipe", line)
		}
	}
}

func binaryConditional(t *testing.T, p *peers.Peer, url string) {
	since := "If-Modified-Since: " + peers.ModTime.Format("Mon, 02 Jan 2006 15:04:05 GMT")
	got := succeed(t, "", trusting(p, "get", "-i", "-H", since, url)...)
	line, _, _ := strings.Cut(got, "\r\n")
	equal(t, "status", "304", strings.Fields(line)[1])
	equal(t, "ends with its head", true, strings.HasSuffix(got, "\r\n\r\n") && strings.Count(got, "\r\n\r\n") == 1)
}

func binaryRange(t *testing.T, p *peers.Peer, url string) {
	got := succeed(t, "", trusting(p, "get", "-H", "Range: bytes=100-299", url)...)
	equal(t, "content", string(peers.Content(t, "f-65536")[100:300]), got)
	refused := strata(t, "", trusting(p, "get", "--fail", "-H", "Range: bytes=65536-", url)...)
	equal(t, "exit status beyond the end", 1, refused.status)
}

func binaryEarly(t *testing.T, p *peers.Peer, url string) {
	got := strata(t, "", trusting(p, "get", "-v", url)...)
	equal(t, "exit status", 0, got.status)
	equal(t, "content", string(peers.Content(t, "f-13")), got.stdout)
	received := marked(got.stderr, "<")
	equal(t, "interim response", []string{"HTTP/1.1 103 Early Hints", "Link: </style.css>; rel=preload", "", "HTTP/1.1 200 OK"},
		received[:min(4, len(received))])
}

func binaryPacked(t *testing.T, p *peers.Peer, url string) {
	packed, _ := peers.Packed(t)
	equal(t, "content", packed.SHA256, sum([]byte(succeed(t, "", trusting(p, "get", url)...))))
}

func binaryRedirect(t *testing.T, p *peers.Peer, url string) {
	head, _, _ := strings.Cut(succeed(t, "", trusting(p, "get", "-i", "--fail", url)...), "\r\n\r\n")
	line, fields, _ := strings.Cut(head, "\r\n")
	equal(t, "status", "301", strings.Fields(line)[1])
	equal(t, "has a Location", true, strings.Contains(fields, "Location: "))
}

func binaryFail(t *testing.T, p *peers.Peer, url string) {
	got := strata(t, "", trusting(p, "get", "--fail", url)...)
	equal(t, "exit status", 1, got.status)
	equal(t, "standard output", "", got.stdout)
	equal(t, "message names the status", true, strings.Contains(got.stderr, "404"))

	equal(t, "has content without --fail", true, succeed(t, "", trusting(p, "get", url)...) != "")

	out := filepath.Join(t.TempDir(), "out")
	got = strata(t, "", trusting(p, "get", "--fail", "-o", out, url)...)
	equal(t, "exit status with -o", 1, got.status)
	equal(t, "files written", nil, names(t, filepath.Dir(out)))
}

func binaryCut(t *testing.T, p *peers.Peer, url string) {
	out := filepath.Join(t.TempDir(), "out")
	got := strata(t, "", trusting(p, "get", "-o", out, url)...)
	equal(t, "exit status", 6, got.status)
	equal(t, "files written", nil, names(t, filepath.Dir(out)))
	equal(t, "message tells how much came", true, strings.Contains(got.stderr, "524288"))

	// To standard output goes what there is.
	got = strata(t, "", trusting(p, "get", url)...)
	equal(t, "exit status", 6, got.status)
	equal(t, "content", sum(peers.Content(t, "f-1048576")[:524288]), sum([]byte(got.stdout)))
}

// TestBinaryVerifies trusts the system's authorities, of which the peer's is none, and then one that has not signed.
func TestBinaryVerifies(t *testing.T) {
	peers.Each(t, func(t *testing.T, p *peers.Peer) {
		t.Parallel()
		p.Require(t, peers.TLS)
		url, content := p.TLSURL("/f-13"), string(peers.Content(t, "f-13"))
		for _, args := range [][]string{{"get"}, {"get", "--cacert", otherAuthority(t)}} {
			got := strata(t, "", append(args, url)...)
			equal(t, "exit status", 4, got.status)
			equal(t, "standard output", "", got.stdout)
			equal(t, "message is about the certificate", true, strings.Contains(got.stderr, "certificate"))
		}
		equal(t, "content with --insecure", content, succeed(t, "", "get", "--insecure", url))
	})
}

// otherAuthority returns a PEM file with a certificate that has signed nothing.
func otherAuthority(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
		Subject: pkix.Name{CommonName: "another authority"}, NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ca.pem")
	data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
