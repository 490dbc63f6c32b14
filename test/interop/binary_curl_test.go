package interop

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/strata-http/strata/test/peers"
)

// curlChecks are command lines that mean the same to both commands; content of the file f-13 stands for "FILE".
var curlChecks = []struct {
	name, path   string
	need         peers.Feature
	strata, curl []string
}{
	{"get", "/f-4096", 0, []string{"get"}, nil},
	{"head", "/f-4096", 0, []string{"head"}, []string{"--head"}},
	{"target as typed", "/../%zz?a=%20b", 0, []string{"get"}, []string{"--path-as-is"}},
	{"not found", "/missing", 0, []string{"get"}, nil},
	{"redirect", peers.PathDirectory, 0, []string{"get"}, nil},
	{"fields", "/f-13", 0,
		[]string{"get", "-H", "x-own: 1", "-H", "X-Own: 2"}, []string{"-H", "x-own: 1", "-H", "X-Own: 2"}},
	{"range", "/f-4096", peers.Ranges, []string{"get", "-H", "Range: bytes=1-2"}, []string{"-H", "Range: bytes=1-2"}},
	{"chunked", peers.PathChunked + "f-4096", peers.Chunked, []string{"get"}, nil},
	{"early", peers.PathEarly + "f-13", peers.Early, []string{"get"}, nil},
	{"put", peers.PathUpload + "beside-curl", peers.Upload,
		[]string{"put", "-d", "@FILE"}, []string{"-H", "Expect:", "--upload-file", "FILE"}},
}

// TestBinaryBesideCurl compares what "strata -v" and "curl -v" show of the same exchange, line by line.
func TestBinaryBesideCurl(t *testing.T) {
	curl := peers.Curl(t)
	peers.Each(t, func(t *testing.T, p *peers.Peer) {
		t.Parallel()
		for _, c := range curlChecks {
			t.Run(c.name, func(t *testing.T) {
				p.Require(t, c.need)
				for _, url := range p.URLs(c.path) {
					ours := strata(t, "", trusting(p, append(withFile(p, c.strata), "-v", url)...)...)
					equal(t, "exit status", 0, ours.status)
					theirs := besides(t, curl, p, append(withFile(p, c.curl), url)...)
					if c.name == "put" {
						// The one creates the file, the other replaces it, so each is asked twice.
						ours = strata(t, "", trusting(p, append(withFile(p, c.strata), "-v", url)...)...)
					}
					equal(t, "lines sent", comparable(theirs, ">"), comparable(ours.stderr, ">"))
					equal(t, "lines received", comparable(theirs, "<"), comparable(ours.stderr, "<"))
				}
			})
		}
	})
}

// withFile returns args with the path of a file in place of "FILE".
func withFile(p *peers.Peer, args []string) []string {
	args = slices.Clone(args)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "FILE", filepath.Join(p.Root, "f-13"))
	}
	return args
}

// besides runs curl and returns what it tells of the exchange.
func besides(t *testing.T, curl string, p *peers.Peer, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, curl, append([]string{"--disable", "--silent", "--verbose", "--noproxy", "*", "--http1.1",
		"--cacert", p.CAFile}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("curl %q: %v\n%s", args, err, stderr.String())
	}
	return stderr.String()
}

// comparable returns the lines behind a mark, sorted, without those in which the two are known to differ: User-Agent,
// since each has its own name; Accept, which curl sends and strata leaves to the user; Accept-Encoding: identity, which
// strata sends and curl does not; and the time of day.
func comparable(text, mark string) []string {
	var lines []string
	for _, line := range marked(text, mark) {
		name, _, _ := strings.Cut(line, ":")
		switch name {
		case "User-Agent", "Accept", "Accept-Encoding", "Date", "":
			continue
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}
