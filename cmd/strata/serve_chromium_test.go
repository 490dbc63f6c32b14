//go:build unix

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// chromiumPage makes a page with twenty resources: pictures, style sheets and scripts, in turn. It tells how many of them were loaded
// and took effect.
func chromiumPage(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var page strings.Builder
	page.WriteString("<!DOCTYPE html><html><head><title>page</title>\n<script>var ran = 0, failed = [];" +
		"addEventListener('error', function (e) { failed.push(String(e.target.src || e.target.href)) }, true)</script>\n")
	for i := range 20 {
		switch i % 4 {
		case 0:
			write(fmt.Sprintf("style %d.css", i), fmt.Sprintf("#d%d { width: %dpx }", i, 100+i))
			fmt.Fprintf(&page, "<link rel=\"stylesheet\" href=\"style%%20%d.css\"><i id=\"d%d\" style=\"display: block\"></i>\n", i, i)
		case 1:
			write(fmt.Sprintf("script%d.js", i), "ran++")
			fmt.Fprintf(&page, "<script src=\"script%d.js\"></script>\n", i)
		case 2:
			write(fmt.Sprintf("picture%d.svg", i), fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="1"/>`, 10+i))
			fmt.Fprintf(&page, "<img src=\"picture%d.svg\">\n", i)
		case 3:
			write(fmt.Sprintf("module%d.mjs", i), "window.ran++")
			fmt.Fprintf(&page, "<script type=\"module\" src=\"module%d.mjs\"></script>\n", i)
		}
	}
	page.WriteString(`<p id="result">not yet</p><script>addEventListener('load', function () {
		var styled = [0, 4, 8, 12, 16].filter(function (i) { return document.getElementById('d' + i).offsetWidth === 100 + i }).length
		var drawn = Array.from(document.images).filter(function (p) { return p.naturalWidth > 0 }).length
		document.getElementById('result').textContent = ['ran', ran, 'styled', styled, 'drawn', drawn, 'failed', failed.length].join(' ')
	})</script></body></html>`)
	write("index.html", page.String())
	return dir
}

// A browser loads a page with twenty resources, over the few connections that it opens, and each has its media type.
func TestServeChromium(t *testing.T) {
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("STRATA_REQUIRE_PEERS") != "" {
			t.Fatalf("%v; STRATA_REQUIRE_PEERS is set", err)
		}
		t.Skip(err)
	}
	s := startServe(t, "-H", "X-Content-Type-Options: nosniff", chromiumPage(t))
	profile, err := os.MkdirTemp("", "chromium") // not t.TempDir: a process that is about to end may still write
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(profile)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
		"--disable-background-networking", "--disable-component-update", "--no-proxy-server", "--user-data-dir="+profile,
		"--virtual-time-budget=10000", "--dump-dom", s.url+"/")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	dom, err := cmd.Output()
	if err != nil {
		t.Fatalf("chromium: %v", err)
	}
	if want := `<p id="result">ran 10 styled 5 drawn 5 failed 0</p>`; !strings.Contains(string(dom), want) {
		t.Errorf("no %s in\n%s", want, dom)
	}
	if code := s.stop(); code != exitDone {
		t.Errorf("exit status %d", code)
	}
	if n := strings.Count(s.stderr.String(), `HTTP/1.1" 200 `); n != 21 {
		t.Errorf("%d responses with 200, want 21: %s", n, &s.stderr)
	}
}
