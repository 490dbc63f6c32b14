package interop

import (
	"bufio"
	"context"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strata-http/strata/test/peers"
)

// ownProxy runs the proxy of examples/proxy until the test ends.
func ownProxy(t *testing.T) *peers.Proxy {
	t.Helper()
	path := filepath.Join(t.TempDir(), "proxy.exe")
	build := exec.Command("go", "build", "-buildvcs=false", "-o", path, "github.com/strata-http/strata/examples/proxy")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(path, "--listen", "127.0.0.1:0")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		io.Copy(io.Discard, stderr)
		cmd.Wait()
	})
	line, err := bufio.NewReader(stderr).ReadString('\n')
	_, url, found := strings.Cut(strings.TrimSpace(line), " http://")
	if err != nil || !found {
		t.Fatalf("it says %q, %v", line, err)
	}
	return peers.ProxyAt(t, "strata", url, "http")
}

// TestOwnProxy goes to real servers through this project's proxy: by its client and its command, and by curl.
func TestOwnProxy(t *testing.T) {
	t.Parallel()
	binary(t)
	p := ownProxy(t)
	w := way{p, "http", p.URL("http"), peers.Nginx(t), peers.PythonHTTP(t)}
	for _, c := range wayChecks {
		t.Run(c.name, func(t *testing.T) { c.run(t, w) })
	}
	t.Run("curl", func(t *testing.T) { curlThrough(t, w) })
}

// curlThrough sends and gets by curl, with keep-alive, chunks and Expect.
func curlThrough(t *testing.T, w way) {
	curl := peers.Curl(t)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, url := range w.python.URLs("") {
		args := []string{"--disable", "--silent", "--show-error", "--fail", "--noproxy", "", "--proxy", w.url, "--cacert", w.python.CAFile}
		got, err := exec.CommandContext(ctx, curl, append(args, url+"/f-65536", url+peers.PathChunked+"f-65536",
			url+peers.PathEarly+"f-13", url+peers.PathTrailers+"f-4096")...).Output()
		if err != nil {
			t.Errorf("curl to %s: %v", url, err)
		}
		var want string
		for _, name := range []string{"f-65536", "f-65536", "f-13", "f-4096"} {
			want += string(peers.Content(t, name))
		}
		equal(t, "content", want, string(got))

		l := loadOf(t, "f-1048576")
		for _, field := range []string{"Expect: 100-continue", "Transfer-Encoding: chunked"} {
			send := exec.CommandContext(ctx, curl, append(args, "-H", field, "--data-binary", "@-", url+peers.PathMirror)...)
			send.Stdin = strings.NewReader(string(l.content))
			got, err := send.Output()
			if err != nil {
				t.Errorf("curl with %q to %s: %v", field, url, err)
			}
			equal(t, "digest of what came back", l.SHA256, sum(got))
		}
	}
}
