package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/strata-http/strata/internal/testcert"
)

// served is "strata serve" as a process of its own.
type served struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string // without the slash at its end
	addr   string
	out    *bufio.Reader
	stderr bytes.Buffer // to be looked at when the process has ended
}

// startServe starts the command on a free port.
func startServe(t *testing.T, args ...string) *served {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no signals here")
	}
	s := &served{t: t, cmd: command(t, append([]string{"serve", "--port", "0"}, args...)...)}
	pipe, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = &s.stderr
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		s.cmd.Wait()
	})
	s.out = bufio.NewReader(pipe)
	line, err := s.out.ReadString('\n')
	m := regexp.MustCompile(`^Serving .+ on (https?://(127\.0\.0\.1:\d+))/\n$`).FindStringSubmatch(line)
	if m == nil {
		s.cmd.Wait()
		t.Fatalf("the line is %q (%v); standard error: %s", line, err, &s.stderr)
	}
	s.url, s.addr = m[1], m[2]
	return s
}

// signal sends a signal to the process.
func (s *served) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// stop asks the process to end and returns its exit status.
func (s *served) stop() int {
	s.t.Helper()
	s.signal(os.Interrupt)
	return s.wait()
}

// wait waits for the process and returns its exit status.
func (s *served) wait() int {
	s.t.Helper()
	if rest, _ := io.ReadAll(s.out); len(rest) > 0 {
		s.t.Errorf("there is more on standard output: %q", rest)
	}
	s.cmd.Wait()
	return s.cmd.ProcessState.ExitCode()
}

// dial opens a connection to the server, with a deadline.
func (s *served) dial() net.Conn {
	s.t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return c
}

// site makes a directory with files.
func site(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string]string{"a.txt": "hello\n", "sub/index.html": "<p>index</p>\n"} {
		path := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(path), 0o777)
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The one line, the log, and Ctrl-C.
func TestServe(t *testing.T) {
	dir := site(t)
	for _, c := range []struct {
		args []string
		log  string // of one request; LF is ^
	}{
		{nil, `^127\.0\.0\.1 - - \[[^]]+\] "GET /a\.txt HTTP/1\.1" 200 6\n$`},
		{[]string{"--log", "combined"}, `"GET /a\.txt HTTP/1\.1" 200 6 "-" "me"\n$`},
		{[]string{"--log", "none"}, `^$`},
	} {
		s := startServe(t, append(c.args, dir)...)
		conn := s.dial()
		fmt.Fprintf(conn, "GET /a.txt HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\nConnection: close\r\n\r\n")
		got, err := io.ReadAll(conn)
		if err != nil || !strings.HasSuffix(string(got), "\r\n\r\nhello\n") {
			t.Errorf("%q, %v", got, err)
		}
		if code := s.stop(); code != exitDone {
			t.Errorf("exit status %d: %s", code, &s.stderr)
		}
		if !regexp.MustCompile(c.log).Match(s.stderr.Bytes()) {
			t.Errorf("%v: logged %q", c.args, &s.stderr)
		}
	}
}

// Without flags only this machine is served.
func TestServeDefaults(t *testing.T) {
	f := newServe(new(environment)).Flags()
	if bind, port := f.Lookup("bind").DefValue, f.Lookup("port").DefValue; bind != "127.0.0.1" || port != "8000" {
		t.Errorf("%s:%s", bind, port)
	}
}

// An IPv4 address is listened on as such: 0.0.0.0 admits nobody by IPv6, and is what the line says.
func TestServeBindIPv4(t *testing.T) {
	for _, bind := range []string{"0.0.0.0", "127.0.0.1"} {
		l, err := (&serving{bind: bind}).listen()
		if err != nil {
			t.Fatal(err)
		}
		host, _, err := net.SplitHostPort(l.Addr().String())
		if host != bind || err != nil {
			t.Errorf("%s: listens on %v", bind, l.Addr())
		}
		l.Close()
	}
}

// What cannot be is said before anything is served, by its exit status too.
func TestServeRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, taken, _ := net.SplitHostPort(l.Addr().String())
	dir := site(t)
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--port", taken, dir}, exitConnection, l.Addr().String()},
		{[]string{"--bind", "203.0.113.1", "--port", "0", dir}, exitConnection, "203.0.113.1:0"},
		{[]string{"--port", "0", filepath.Join(dir, "none")}, exitFile, "none"},
		{[]string{"--port", "0", filepath.Join(dir, "a.txt")}, exitFile, "a.txt"},
		{[]string{"--port", "0", "--cert", filepath.Join(dir, "none"), dir}, exitFile, "none"},
		{[]string{"--port", "0", "--cert", filepath.Join(dir, "a.txt"), dir}, exitFile, "tls"},
		{[]string{"--port", "70000"}, exitUsage, "70000"},
		{[]string{"--port", "-1"}, exitUsage, "-1"},
		{[]string{"--log", "loud"}, exitUsage, "loud"},
		{[]string{"--key", "x"}, exitUsage, "--cert"},
		{[]string{"--upload-limit", "1"}, exitUsage, "--upload"},
		{[]string{"--upload", "--upload-limit", "some"}, exitUsage, "size"},
		{[]string{"-H", "no field"}, exitUsage, "Name: value"},
		{[]string{"-H", "Content-Length: 1"}, exitUsage, "Content-Length"},
		{[]string{"-H", "X: a\rb"}, exitUsage, "cannot be sent"},
		{[]string{dir, dir}, exitUsage, "one directory"},
	} {
		r := strata(t, "", append([]string{"serve"}, c.args...)...)
		if r.code != c.code || !strings.Contains(r.stderr, c.says) || r.stdout != "" {
			t.Errorf("%q: %d, %q, %q; want %d and %q", c.args, r.code, r.stdout, r.stderr, c.code, c.says)
		}
	}
	if r := strata(t, "", "serve", "--port", taken, dir); !strings.Contains(r.stderr, "--port 0") {
		t.Errorf("a taken port: the message names no way out: %q", r.stderr)
	}
}

func TestSizeFlag(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "17": "17", "1024": "1K", "500K": "500K", "10m": "10M", "2G": "2G", "1T": "1T", "7B": "7", "none": "none", "8388607T": "8388607T",
	} {
		var f sizeFlag
		if err := f.Set(text); err != nil || f.String() != want {
			t.Errorf("%q is %q, %v", text, f.String(), err)
		}
	}
	for _, text := range []string{"", "K", "-1", "1.5M", "1KB", "9223372036854775808", "8388608T", "1 K", "+1"} {
		if f := sizeFlag(5); f.Set(text) == nil {
			t.Errorf("%q is %v", text, &f)
		}
	}
}

// An exchange that is under way when the signal comes is carried to its end; a second signal cuts it, and nothing that
// is half done stays.
func TestServeEnds(t *testing.T) {
	for _, cut := range []bool{false, true} {
		dir := site(t)
		s := startServe(t, "--upload", dir)
		c := s.dial()
		in := bufio.NewReader(c)
		fmt.Fprintf(c, "PUT /new HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 6\r\n\r\n")
		if line, err := in.ReadString('\n'); err != nil || line != "HTTP/1.1 100 Continue\r\n" {
			t.Fatalf("%q, %v", line, err)
		}
		in.ReadString('\n')
		s.signal(syscall.SIGTERM)
		// It no longer listens, so the signal has been seen.
		for {
			probe, err := net.Dial("tcp", s.addr)
			if err != nil {
				break
			}
			probe.Close()
		}
		if cut {
			s.signal(os.Interrupt)
		} else {
			io.WriteString(c, "abcdef")
		}
		head, err := in.ReadString('\n')
		code := s.wait()
		entries, _ := os.ReadDir(dir)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		switch list := strings.Join(names, " "); {
		case cut && (code != exitSignal+int(syscall.SIGTERM) || list != "a.txt sub" || err == nil):
			t.Errorf("cut: exit status %d, %q, %v; there is %s; %s", code, head, err, list, &s.stderr)
		case !cut && (code != exitDone || list != "a.txt new sub" || head != "HTTP/1.1 201 Created\r\n"):
			t.Errorf("not cut: exit status %d, %q, %v; there is %s; %s", code, head, err, list, &s.stderr)
		}
	}
}

func TestServeTLS(t *testing.T) {
	dir := site(t)
	pair, roots, _ := testcert.New(t)
	cert, key := testcert.PEM(t, pair)
	certFile, keyFile, both := filepath.Join(t.TempDir(), "cert"), filepath.Join(t.TempDir(), "key"), filepath.Join(t.TempDir(), "both")
	for name, content := range map[string][]byte{certFile: cert, keyFile: key, both: append(cert[:len(cert):len(cert)], key...)} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"--cert", certFile, "--key", keyFile}, {"--cert", both}, {"--tls"}} {
		s := startServe(t, append(args, dir)...)
		config := &tls.Config{RootCAs: roots}
		if args[0] == "--tls" {
			config = &tls.Config{InsecureSkipVerify: true, VerifyConnection: func(state tls.ConnectionState) error {
				own := x509.NewCertPool()
				own.AddCert(state.PeerCertificates[0])
				for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
					if _, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: own, DNSName: name}); err != nil {
						t.Errorf("the certificate is not for %s: %v", name, err)
					}
				}
				return nil
			}}
		}
		r, err := (&http.Client{Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true}}).Get(s.url + "/a.txt")
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r.Body)
		r.Body.Close()
		if string(content) != "hello\n" || err != nil || !strings.HasPrefix(s.url, "https:") {
			t.Errorf("%q: %s: %q, %v", args, s.url, content, err)
		}
		if code := s.stop(); code != exitDone || strings.Contains(s.stderr.String(), "fingerprint") != (args[0] == "--tls") {
			t.Errorf("%q: %d, %s", args, code, &s.stderr)
		}
	}
}

// Requests that are sent all at once are answered in order, and on one connection.
func TestServePipelined(t *testing.T) {
	s := startServe(t, "--upload", "-H", "X-Extra: yes", site(t))
	c := s.dial()
	io.WriteString(c, "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\nHEAD /a.txt HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n"+
		"PUT /b HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nxGET /sub/ HTTP/1.1\r\nHost: a\r\nRange: bytes=3-7\r\n\r\n"+
		"GET /b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	in := bufio.NewReader(c)
	for _, want := range []struct{ method, status, content string }{
		{"GET", "200 OK", "hello\n"}, {"HEAD", "200 OK", ""}, {"GET", "404 Not Found", "*"},
		{"PUT", "201 Created", ""}, {"GET", "206 Partial Content", "index"}, {"GET", "200 OK", "x"},
	} {
		r, err := http.ReadResponse(in, &http.Request{Method: want.method})
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r.Body)
		if err != nil || r.Status != want.status || want.content != "*" && string(content) != want.content || r.Header.Get("X-Extra") != "yes" {
			t.Errorf("%s: %v: %q, %v; want %q", r.Status, r.Header, content, err, want)
		}
	}
	if rest, err := io.ReadAll(in); len(rest) > 0 || err != nil {
		t.Errorf("behind the last response: %q, %v", rest, err)
	}
}

// HTTP/1.0 as Python's server speaks it.
func TestServeHTTP10(t *testing.T) {
	s := startServe(t, "--http1.0", site(t))
	c := s.dial()
	io.WriteString(c, "GET /a.txt HTTP/1.1\r\nHost: a\r\n\r\n")
	got, err := io.ReadAll(c)
	if err != nil || !strings.HasPrefix(string(got), "HTTP/1.0 200 OK\r\n") || !strings.HasSuffix(string(got), "hello\n") {
		t.Errorf("%q, %v", got, err)
	}
}
