package main

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/internal/testcert"
)

// brokenPipe is what the system says when nobody reads what is written.
var brokenPipe error = &os.PathError{Op: "write", Path: "/dev/stdout", Err: syscall.EPIPE}

const answer = "HTTP/1.1 200 Fine\r\nx-B: 1\r\nX-a:2\r\nX-A: 3\r\nContent-Length: 4\r\n\r\n\x00\xff\r\n"

func TestOutput(t *testing.T) {
	head, content := answer[:len(answer)-4], answer[len(answer)-4:]
	headOnly := "HTTP/1.1 200 Fine\r\nContent-Length: 4\r\n\r\n"
	for _, tt := range []struct {
		name, answer string
		args         []string
		stdout, file string
	}{
		{"content", answer, []string{"get"}, content, ""},
		{"-i", answer, []string{"get", "-i"}, head + content, ""},
		{"head", headOnly, []string{"head"}, headOnly, ""},
		{"head -i=false", headOnly, []string{"head", "-i=false"}, "", ""},
		{"-o", answer, []string{"get", "-o", "FILE"}, "", content},
		{"-o -i", answer, []string{"get", "-i", "-o", "FILE"}, "", head + content},
		{"-o -", answer, []string{"get", "-o", "-"}, content, ""},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n1\r\nd\r\n0\r\nT: 1\r\n\r\n", []string{"get"}, "abcd", ""},
		{"until close", "HTTP/1.0 200 OK\r\n\r\nabcd", []string{"get"}, "abcd", ""},
		{"interim", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer, []string{"get", "-i"}, head + content, ""},
		{"204", "HTTP/1.1 204 No Content\r\n\r\n", []string{"get", "-i"}, "HTTP/1.1 204 No Content\r\n\r\n", ""},
		{"error without --fail", "HTTP/1.1 500 Oh\r\nContent-Length: 1\r\n\r\nx", []string{"get"}, "x", ""},
		{"redirect", "HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 1\r\n\r\nx", []string{"get", "--fail"}, "x", ""},
		{"gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b", []string{"get"}, "\x1f\x8b", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "out")
			args := []string{tt.args[0], newPeer(t, tt.answer, nil).addr}
			for _, a := range tt.args[1:] {
				args = append(args, strings.ReplaceAll(a, "FILE", file))
			}
			if diff := cmp.Diff(result{0, tt.stdout, ""}, strata(t, "", args...), cmp.AllowUnexported(result{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			got, err := os.ReadFile(file)
			if err != nil && tt.file != "" || string(got) != tt.file {
				t.Errorf("file: %q, %v; want %q", got, err, tt.file)
			}
		})
	}
}

// TestExitStatus has a case for each exit status, and holds them to leave no file behind.
func TestExitStatus(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := l.Addr().String()
	l.Close()
	serve := func(answer string, then func(net.Conn)) string { return newPeer(t, answer, then).addr }
	notFound := "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"
	const begun = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"
	dir := t.TempDir()
	for _, tt := range []struct {
		name string
		args []string
		code int
		want string // in the message
	}{
		{"--fail", []string{"--fail", serve(notFound, nil)}, 1, "404 Not Found"},
		{"--fail 599", []string{"--fail", serve("HTTP/1.1 599 \r\nContent-Length: 0\r\n\r\n", nil)}, 1, "599"},
		{"usage", []string{"a b"}, 2, ""},
		{"refused", []string{refused}, 3, refused},
		{"no such name", []string{"name.invalid:1"}, 3, "name.invalid"},
		{"no TLS", []string{"https://" + serve("", nil)}, 4, "TLS"},
		{"no HTTP", []string{serve("SSH-2.0-x\r\n\r\n", nil)}, 5, "rule"},
		{"bad field", []string{serve("HTTP/1.1 200 OK\r\nA B: x\r\n\r\n", nil)}, 5, "rule space-before-colon"},
		{"escape sequence", []string{serve("HTTP/1.1 200 OK\r\nA: \x1b[2J\r\n\r\n", nil)}, 5, `"\x1b"`},
		{"bad length", []string{serve("HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nx", nil)}, 5, "rule content-length"},
		{"bad chunk", []string{serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nx\r\n", nil)}, 5, "rule chunk-size"},
		{"unknown coding", []string{serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx", nil)}, 5, "rule unknown-coding"},
		{"long line", []string{serve("HTTP/1.1 200 OK\r\nA: "+strings.Repeat("x", 20000)+"\r\n\r\n", nil)}, 5, "rule limit-line"},
		{"unasked switch", []string{serve("HTTP/1.1 101 Switching\r\n\r\n", nil)}, 5, "rule upgrade-unasked"},
		{"no answer", []string{serve("", nil)}, 6, "without a response"},
		{"reset", []string{serve("", reset)}, 6, ""},
		{"half a head", []string{serve("HTTP/1.1 200 OK\r\nA:", nil)}, 6, ""},
		{"half a content", []string{serve(begun, nil)}, 6, "7 more expected"},
		{"half a chunked content", []string{serve("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", nil)}, 6, "cut short"},
		{"reset in content", []string{serve(begun, reset)}, 6, ""},
		{"silence", []string{"--timeout", "0.05", serve("", hold)}, 7, "time ran out"},
		{"silence in content", []string{"--timeout", "50ms", serve(begun, hold)}, 7, "time ran out within the response"},
		{"no such data", []string{"-d", "@" + filepath.Join(dir, "none"), refused}, 8, "none"},
		{"data is a directory", []string{"-d", "@" + dir, refused}, 8, "directory"},
		{"data is too long", []string{"-d", "@-", "-H", "Content-Length: 2", serve("", hold)}, 8, "does not fit its length"},
		{"data is too short", []string{"-d", "@-", "-H", "Content-Length: 4", serve("", hold)}, 8, "does not fit its length"},
		{"no such CA file", []string{"--cacert", filepath.Join(dir, "none"), "https://" + refused}, 8, "none"},
		{"no certificate in CA file", []string{"--cacert", os.DevNull, "https://" + refused}, 8, "no certificate"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			got := strata(t, "abc", append([]string{"get", "-o", out}, tt.args...)...)
			if got.code != tt.code || got.stdout != "" || !strings.HasPrefix(got.stderr, "strata: ") || !strings.Contains(got.stderr, tt.want) {
				t.Errorf("got %+v, want %d and %q", got, tt.code, tt.want)
			}
			if strings.ContainsFunc(got.stderr, func(r rune) bool { return r < ' ' && r != '\n' }) {
				t.Errorf("control character in %q", got.stderr)
			}
			if left, err := os.ReadDir(filepath.Dir(out)); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
	t.Run("-o", func(t *testing.T) {
		got := strata(t, "", "get", refused, "-o", filepath.Join(dir, "no", "such"))
		// 3 would say that it had dialled.
		if got.code != 8 || !strings.Contains(got.stderr, filepath.Join(dir, "no", "such")+":") || strings.Contains(got.stderr, ".part") {
			t.Errorf("got %+v", got)
		}
	})
}

// TestCutKeepsFile: a file that is there stays whole when its successor does not.
func TestCutKeepsFile(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	if err := os.WriteFile(out, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	p := newPeer(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", nil)
	if got := strata(t, "", "get", p.addr, "-o", out); got.code != 6 {
		t.Errorf("got %+v", got)
	}
	left, err := os.ReadDir(dir)
	got, readErr := os.ReadFile(out)
	if err != nil || readErr != nil || len(left) != 1 || string(got) != "old" {
		t.Errorf("%v %q %v %v", left, got, err, readErr)
	}
}

func TestTLS(t *testing.T) {
	certificate, _, caPEM := testcert.New(t)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, caPEM, 0o666); err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}}
	strict := config.Clone()
	strict.ClientAuth = tls.RequireAnyClientCert
	cut := func(c net.Conn) { c.(*tls.Conn).NetConn().Close() }
	const open = "HTTP/1.1 200 OK\r\n\r\nhi\n"
	for _, tt := range []struct {
		name   string
		config *tls.Config
		answer string
		then   func(net.Conn)
		args   []string
		want   result
	}{
		{"trusted", config, ok, nil, []string{"--cacert", ca}, result{0, "hi\n", ""}},
		{"insecure", config, ok, nil, []string{"--insecure"}, result{0, "hi\n", ""}},
		{"until close_notify", config, open, nil, []string{"--insecure"}, result{0, "hi\n", ""}},
		{"untrusted", config, ok, nil, nil, result{4, "", "certificate"}},
		{"client certificate wanted", strict, ok, nil, []string{"--insecure"}, result{4, "", "tls"}},
		{"no close_notify", config, open, cut, []string{"--insecure"}, result{6, "hi\n", "close_notify"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newTLSPeer(t, tt.config, tt.answer, tt.then)
			got := strata(t, "", append([]string{"get", "https://" + p.addr + "/"}, tt.args...)...)
			if got.code != tt.want.code || got.stdout != tt.want.stdout || !strings.Contains(got.stderr, tt.want.stderr) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	t.Run("name", func(t *testing.T) {
		other, _, otherCA := testcert.New(t, "other.example")
		if err := os.WriteFile(ca, otherCA, 0o666); err != nil {
			t.Fatal(err)
		}
		p := newTLSPeer(t, &tls.Config{Certificates: []tls.Certificate{other}}, ok, nil)
		if got := strata(t, "", "get", "https://"+p.addr+"/", "--cacert", ca); got.code != 4 || len(p.requests) > 0 {
			t.Errorf("a certificate for another name was taken: %+v", got)
		}
	})
}

func TestVerbose(t *testing.T) {
	p := newPeer(t, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"+
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nSERVER: caf\u00e9\u009b\r\n\r\n2\r\nhi\r\n0\r\nSum: 7\r\n\r\n", hold)
	_, port, err := net.SplitHostPort(p.addr)
	if err != nil {
		t.Fatal(err)
	}
	got := strata(t, "", "post", "-v", "-H", "x-Y: z", "-d", "abc", p.addr+"/p?q")
	got.stderr = strings.ReplaceAll(got.stderr, port, "PORT")
	want := result{0, "hi", `*   Trying 127.0.0.1:PORT...
* Connected to 127.0.0.1 (127.0.0.1) port PORT
> POST /p?q HTTP/1.1
> Host: 127.0.0.1:PORT
> User-Agent: strata
> Accept-Encoding: identity
> Content-Length: 3
> x-Y: z
> 
< HTTP/1.1 103 Early Hints
< Link: </a>
< 
< HTTP/1.1 200 OK
< Transfer-Encoding: chunked
< SERVER: caf` + "\u00e9" + `\u009b
< 
* Trailers:
< Sum: 7
* Connection #0 to host 127.0.0.1 left intact
`}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(result{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestVerboseClosed(t *testing.T) {
	p := newPeer(t, "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nSum: 7\r\n\r\n", nil)
	got := strata(t, "", "get", "-v", p.addr)
	if !strings.Contains(got.stderr, "\n* Trailers:\n< Sum: 7\n* Connection closed: ") ||
		strings.Count(got.stderr, "Connection closed") != 1 || strings.Contains(got.stderr, "intact") {
		t.Errorf("got %+v", got)
	}
}

func TestVerboseTLS(t *testing.T) {
	certificate, _, caPEM := testcert.New(t)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, caPEM, 0o666); err != nil {
		t.Fatal(err)
	}
	p := newTLSPeer(t, &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}}, ok, nil)
	_, port, err := net.SplitHostPort(p.addr)
	if err != nil {
		t.Fatal(err)
	}
	got := strata(t, "", "get", "-v", "https://localhost:"+port+"/", "--cacert", ca, "--color", "always")
	if got.code != 0 || got.stdout != "hi\n" {
		t.Errorf("got %+v", got)
	}
	for _, want := range []string{
		"* Connected to localhost (127.0.0.1) port " + port, "* TLS 1.3, TLS_", "ALPN: http/1.1", "*  subject: CN=example.org",
		"*  issuer: CN=Strata test authority", "*  verified for localhost", "> GET / HTTP/1.1", "\x1b[",
	} {
		if !strings.Contains(got.stderr, want) {
			t.Errorf("there is no %q in\n%s", want, got.stderr)
		}
	}
	// An address has no part in the handshake, and is verified for all the same.
	got = strata(t, "", "get", "-v", "https://127.0.0.1:"+port+"/", "--cacert", ca)
	if got.code != 0 || !strings.Contains(got.stderr, "*  verified for 127.0.0.1\n") {
		t.Errorf("got %+v", got)
	}
	got = strata(t, "", "get", "-v", "https://localhost:"+port+"/", "--insecure")
	if got.code != 0 || !strings.Contains(got.stderr, "*  not verified\n") || strings.Contains(got.stderr, "\x1b") {
		t.Errorf("got %+v", got)
	}
}

func TestVerboseRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	got := strata(t, "", "get", "-v", addr)
	if got.code != 3 || !strings.HasPrefix(got.stderr, "*   Trying "+addr+"...\n* "+addr+": ") || !strings.Contains(got.stderr, "\nstrata: ") {
		t.Errorf("got %+v", got)
	}
}

// TestCanceled: a context that ends, as by a signal, ends the command at every step and leaves nothing behind.
func TestCanceled(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		cause        error
		want         int
	}{
		{"waiting", "", interrupted{syscall.SIGINT}, 130},
		{"reading", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", interrupted{syscall.SIGTERM}, 143},
		{"no signal", "", context.Canceled, 130},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			p := newPeer(t, tt.answer, func(c net.Conn) {
				cancel(tt.cause)
				hold(c)
			})
			out := filepath.Join(t.TempDir(), "out")
			got := strataContext(t, ctx, "", "get", p.addr, "-o", out)
			if diff := cmp.Diff(result{tt.want, "", ""}, got, cmp.AllowUnexported(result{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if left, err := os.ReadDir(filepath.Dir(out)); err != nil || len(left) != 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		})
	}
}

// TestTimeoutInData: time runs out also while the content does not come.
func TestTimeoutInData(t *testing.T) {
	p := newPeer(t, "", hold)
	stdin, typist := io.Pipe()
	defer typist.Close()
	var stdout, stderr strings.Builder
	code := run(t.Context(), []string{"post", p.addr, "-d", "@-", "--timeout", "0.05"}, stdin, &stdout, &stderr)
	if code != exitTime || stdout.Len() > 0 || !strings.HasPrefix(stderr.String(), "strata: time ran out while sending") {
		t.Errorf("exit status %d, %s", code, &stderr)
	}
}

// TestProcess: signals and pipes as the system has them.
func TestProcess(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process cannot be sent an interrupt here")
	}
	t.Run("interrupt", func(t *testing.T) {
		reached := make(chan struct{})
		p := newPeer(t, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", func(c net.Conn) {
			close(reached)
			hold(c)
		})
		out := filepath.Join(t.TempDir(), "out")
		cmd := command(t, "get", p.addr, "-o", out)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		<-reached
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Fatal(err)
		}
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 130 || stderr.Len() > 0 {
			t.Errorf("exit status %d, %s", code, &stderr)
		}
		if left, err := os.ReadDir(filepath.Dir(out)); err != nil || len(left) != 0 {
			t.Errorf("left behind: %v %v", left, err)
		}
	})
	t.Run("closed pipe", func(t *testing.T) {
		const n = 8 << 20 // more than a pipe holds
		p := newPeer(t, "HTTP/1.1 200 OK\r\nContent-Length: "+strconv.Itoa(n)+"\r\n\r\n"+strings.Repeat("x", n), nil)
		cmd := command(t, "get", p.addr)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := stdout.Read(make([]byte, 10)); err != nil {
			t.Error(err)
		}
		stdout.Close()
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != exitPipe || stderr.Len() > 0 {
			t.Errorf("exit status %d, %s", code, &stderr)
		}
	})
}
