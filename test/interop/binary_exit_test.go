package interop

import (
	"bufio"
	"io"
	"net"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/strata-http/strata/wire"
)

// canned listens on loopback and answers every connection with the same octets when the head of a request has come,
// and then closes it; with no octets it says nothing and waits for the client to leave. It returns its address.
func canned(t *testing.T, answer string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		serving.Wait()
	})
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { serveCanned(c, answer) })
		}
	})
	return l.Addr().String()
}

func serveCanned(c net.Conn, answer string) {
	defer c.Close()
	r := bufio.NewReader(c)
	if _, err := r.ReadString('\n'); err != nil {
		return
	}
	if _, err := textproto.NewReader(r).ReadMIMEHeader(); err != nil {
		return
	}
	if answer == "" {
		io.Copy(io.Discard, r)
		return
	}
	io.WriteString(c, answer)
}

// TestBinaryPeerTrouble has peers that do what no server should.
func TestBinaryPeerTrouble(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\n"
	for _, tt := range []struct {
		name, answer string
		status       int
		says         string
	}{
		{"bad chunk", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", 5, wire.RuleChunkSize.Name()},
		{"chunk too long", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello!\r\n0\r\n\r\n", 5, wire.RuleChunkEnd.Name()},
		{"space before colon", ok + "Content-Length : 5\r\n\r\nhello", 5, wire.RuleSpaceBeforeColon.Name()},
		{"two lengths", ok + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", 5, wire.RuleContentLengths.Name()},
		{"no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", 5, wire.RuleNoStatusLine.Name()},
		{"HTTP/2", "HTTP/2.0 200 OK\r\n\r\n", 5, wire.RuleMajorVersion.Name()},
		{"cut head", ok + "Content-Le", 6, ""},
		{"cut content", ok + "Content-Length: 10\r\n\r\nhello", 6, "5"},
		{"cut chunk", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel", 6, ""},
		{"cut before the last-chunk", ok + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 6, ""},
		{"silent", "", 7, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			timeout := "100s"
			if tt.answer == "" {
				timeout = "0.2"
			}
			out := filepath.Join(t.TempDir(), "out")
			if err := os.WriteFile(out, []byte("older content"), 0o600); err != nil {
				t.Fatal(err)
			}
			url := "http://" + canned(t, tt.answer) + "/"
			got := strata(t, "", "get", "--timeout", timeout, "-o", out, url)
			equal(t, "exit status", tt.status, got.status)
			equal(t, "standard output", "", got.stdout)
			if got.stderr == "" || !strings.Contains(got.stderr, tt.says) {
				t.Errorf("message %q does not name %q", got.stderr, tt.says)
			}
			kept, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "file that was there before", "older content", string(kept))
			equal(t, "files in the folder", []string{"out"}, names(t, filepath.Dir(out)))
		})
	}
}

// closedPort returns an address at which nobody listens while the test runs: the port is that of a connection's
// client, so that nobody else is given it meanwhile.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	holder, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { holder.Close() })
	return holder.LocalAddr().String()
}

// TestBinaryExit has the troubles of this side.
func TestBinaryExit(t *testing.T) {
	served := canned(t, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	dir := t.TempDir()
	missing := filepath.Join(dir, "no", "such", "folder")
	for _, tt := range []struct {
		name   string
		status int
		args   []string
		says   string
	}{
		{"done", 0, []string{"get", served}, ""},
		{"closed port", 3, []string{"get", "http://" + closedPort(t) + "/"}, "refused"},
		{"no such name", 3, []string{"get", "http://no-such-name.invalid/"}, "no-such-name.invalid"},
		{"no TLS there", 4, []string{"get", "--insecure", "https://" + served + "/"}, "TLS"},
		{"no such folder", 8, []string{"get", "-o", filepath.Join(missing, "out"), served}, missing},
		{"no such data", 8, []string{"post", "-d", "@" + filepath.Join(missing, "data"), served}, missing},
		{"no such authority", 8,
			[]string{"get", "--cacert", filepath.Join(missing, "ca.pem"), "https://" + served + "/"}, missing},
		{"no arguments", 2, []string{"get"}, "URL"},
		{"two URLs", 2, []string{"get", served, served}, "Try"},
		{"no such command", 2, []string{"fetch", served}, "fetch"},
		{"no such flag", 2, []string{"get", "--no-such-flag", served}, "no-such-flag"},
		{"other scheme", 2, []string{"get", "ftp://" + served + "/"}, "ftp"},
		{"bad field", 2, []string{"get", "-H", "a field", served}, "a field"},
		{"bad time", 2, []string{"get", "--timeout", "soon", served}, "soon"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := strata(t, "", tt.args...)
			equal(t, "exit status", tt.status, got.status)
			want := ""
			if tt.status == 0 {
				want = "hello"
			}
			equal(t, "standard output", want, got.stdout)
			if !strings.Contains(got.stderr, tt.says) || (got.stderr == "") != (tt.status == 0) {
				t.Errorf("message %q does not name %q", got.stderr, tt.says)
			}
		})
	}
}

// TestBinaryHelpExit has the command list the exit statuses.
func TestBinaryHelpExit(t *testing.T) {
	text := succeed(t, "", "help", "exit")
	for _, status := range []string{"0", "1", "2", "3", "4", "5", "6", "7", "8"} {
		found := false
		for line := range strings.Lines(text) {
			fields := strings.Fields(line)
			found = found || len(fields) > 1 && fields[0] == status
		}
		equal(t, "status "+status+" is listed", true, found)
	}
}
