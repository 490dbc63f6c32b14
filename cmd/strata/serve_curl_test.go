package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// curl runs curl against a server, and returns what it prints.
func (s *served) curl(args ...string) string {
	s.t.Helper()
	path, err := exec.LookPath("curl")
	if err != nil {
		if os.Getenv("STRATA_REQUIRE_PEERS") != "" {
			s.t.Fatalf("%v; STRATA_REQUIRE_PEERS is set", err)
		}
		s.t.Skip("curl is not installed")
	}
	cmd := exec.CommandContext(s.t.Context(), path, append([]string{"-q", "-sS", "--noproxy", "*", "--max-time", "60"}, args...)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Errorf("curl %q: %v: %s", args, err, out)
	}
	return string(out)
}

// code is what curl prints of a response's status.
const code = "%{http_code}"

func TestServeCurl(t *testing.T) {
	dir := site(t)
	then := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "a.txt"), then, then); err != nil {
		t.Fatal(err)
	}
	s := startServe(t, "--upload", "--upload-limit", "1M", "--cors", "-H", "X-Extra: yes", dir)
	put := filepath.Join(t.TempDir(), "put.bin")
	large := filepath.Join(t.TempDir(), "large.bin")
	content := []byte(strings.Repeat("0123456789", 50_000))
	for name, n := range map[string]int{put: 1, large: 3} {
		if err := os.WriteFile(name, []byte(strings.Repeat(string(content), n)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	a := s.url + "/a.txt"
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"GET", []string{a}, "hello\n"},
		{"HEAD", []string{"-I", "-w", code + " %{size_download}", "-o", os.DevNull, a}, "200 0"},
		{"a range", []string{"-r", "1-3", a}, "ell"},
		{"a range from the end", []string{"-r", "-2", "-w", code, a}, "o\n206"},
		{"two ranges", []string{"-r", "0-0,4-4", "-w", code + " %{content_type}", "-o", os.DevNull, a}, "206 multipart/byteranges; boundary=*"},
		{"no such range", []string{"-r", "10-", "-w", code, "-o", os.DevNull, a}, "416"},
		{"resuming", []string{"-C", "2", a}, "llo\n"},
		{"unchanged since", []string{"-z", "Mon, 06 May 2024 07:08:09 GMT", "-w", code, a}, "304"},
		{"changed since", []string{"-z", "Mon, 06 May 2024 07:08:08 GMT", "-w", code, a}, "hello\n200"},
		{"an index page through a redirect", []string{"-L", "-w", "%{num_redirects}", s.url + "/sub"}, "<p>index</p>\n1"},
		{"one connection for three", []string{"-w", " %{num_connects}|", a, a, a}, "hello\n 1|hello\n 0|hello\n 0|"},
		{"PUT", []string{"-T", put, "-w", code, s.url + "/"}, "201"},
		{"PUT again", []string{"-T", put, "-w", code, s.url + "/"}, "204"},
		{"PUT in chunks", []string{"-T", put, "-H", "Transfer-Encoding: chunked", "-w", code, s.url + "/chunked.bin"}, "201"},
		{"POST of a form", []string{"-F", "f=@" + put + ";filename=form.bin", "-w", code, s.url + "/sub/"}, "201"},
		{"too large", []string{"-T", large, "-w", code, "-o", os.DevNull, s.url + "/large.bin"}, "413"},
		{"DELETE", []string{"-X", "DELETE", "-w", code + " %header{allow}", "-o", os.DevNull, a}, "405*"},
		{"up", []string{"--path-as-is", "-w", code, "-o", os.DevNull, s.url + "/../etc/passwd"}, "400"},
		{"encoded up", []string{"--path-as-is", "-w", code, "-o", os.DevNull, s.url + "/..%2fetc/passwd"}, "400"},
		{"HTTP/1.0", []string{"-0", a}, "hello\n"},
	} {
		got := s.curl(c.args...)
		if want, ok := strings.CutSuffix(c.want, "*"); got != c.want && !(ok && strings.HasPrefix(got, want)) {
			t.Errorf("%s: %.200q, want %q", c.name, got, c.want)
		}
	}
	for _, name := range []string{"put.bin", "chunked.bin", "sub/form.bin"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != string(content) {
			t.Errorf("%s was stored with %d octets, %v", name, len(got), err)
		}
	}
	two := s.curl("-r", "0-1,3-", a)
	if parts := strings.Split(two, "\r\n\r\n"); len(parts) != 3 || !strings.HasPrefix(parts[1], "he\r\n--") || !strings.HasPrefix(parts[2], "lo\n\r\n--") {
		t.Errorf("two ranges: %q", two)
	}
	head := s.curl("-D", "-", "-o", os.DevNull, a)
	for _, line := range []string{"Last-Modified: Mon, 06 May 2024 07:08:09 GMT", "Access-Control-Allow-Origin: *", "X-Extra: yes", "Accept-Ranges: bytes"} {
		if !strings.Contains(head, "\n"+line+"\r\n") {
			t.Errorf("no %q in %q", line, head)
		}
	}
}

// A file of 5 GB, nearly all of it a hole: its parts, wherever they are, and its length.
func TestServeLarge(t *testing.T) {
	const size = 5 << 30
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "large"))
	if err != nil {
		t.Fatal(err)
	}
	err = f.Truncate(size)
	for _, at := range []int64{0, 1 << 31, 1 << 32, size - 6} {
		if err == nil {
			_, err = f.WriteAt(fmt.Appendf(nil, "%06d", at%1_000_000), at)
		}
	}
	if f.Close(); err != nil {
		t.Skipf("no sparse file: %v", err)
	}
	s := startServe(t, dir)
	url := s.url + "/large"
	if got := s.curl("-D", "-", "-I", url); !strings.Contains(got, "\r\nContent-Length: 5368709120\r\n") {
		t.Errorf("HEAD: %q", got)
	}
	for from, want := range map[string]string{
		"0-5": "000000", "2147483648-2147483653": "483648", "4294967296-4294967301": "967296", "-6": "709114", "5368709114-": "709114",
	} {
		if got := s.curl("-r", from, url); got != want {
			t.Errorf("%s: %q, want %q", from, got, want)
		}
	}
	// 64 MiB across the 4 GiB border.
	part := s.curl("-r", "4261412864-4328521727", url)
	zeros := make([]byte, 64<<20)
	copy(zeros[1<<32-4261412864:], "967296")
	if sha256.Sum256([]byte(part)) != sha256.Sum256(zeros) {
		t.Errorf("%d octets across the border of 4 GiB are not what they were", len(part))
	}
}
