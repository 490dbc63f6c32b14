package readme

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

// pages returns every Markdown page of the project, as paths from its root.
func pages(t *testing.T) []string {
	t.Helper()
	pages := []string{"README.md", "CONTRIBUTING.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, d os.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".md" {
			rel, _ := filepath.Rel(root, path)
			pages = append(pages, rel)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func read(t *testing.T, page string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// module returns a folder with a module of its own, which uses this one as it stands here.
func module(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	here, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	const path = "github.com/strata-http/strata"
	mod := strings.Replace(read(t, "go.mod"), "module "+path, "module programs", 1)
	mod += fmt.Sprintf("\nrequire %s v0.0.0\nreplace %s => %q\n", path, path, here)
	for name, content := range map[string]string{"go.mod": mod, "go.sum": read(t, "go.sum")} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

var goBlock = regexp.MustCompile("(?s)```go\n(package \\w+\n.*?)```")

// file is where a block of a page is put, below the module's folder: a program in a folder of its own, and the tests
// of a page together in one, so that they share what the first of them declares, and are linked once.
func file(page string, i int, program string) string {
	page = strings.TrimSuffix(filepath.Base(page), ".md")
	if strings.Contains(program, "\nfunc main() {") {
		return fmt.Sprintf("%s-%d/main.go", page, i)
	}
	return fmt.Sprintf("%s-tests/block%d_test.go", page, i)
}

// Every program compiles against the module as it is, is formatted, and, where it is a test, passes.
func TestPrograms(t *testing.T) {
	dir := module(t)
	count := 0
	for _, page := range pages(t) {
		text := read(t, page)
		if all, whole := strings.Count(text, "```go\n"), len(goBlock.FindAllString(text, -1)); all != whole {
			t.Errorf("%s: %d of %d blocks of Go are no programs, and so are held to nothing", page, all-whole, all)
		}
		for i, m := range goBlock.FindAllStringSubmatch(text, -1) {
			name := filepath.Join(dir, file(page, i, m[1]))
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(m[1]), 0o666); err != nil {
				t.Fatal(err)
			}
			count++
		}
	}
	if count == 0 {
		t.Fatal("no program found")
	}
	for _, args := range [][]string{{"vet", "./..."}, {"test", "./..."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %v: %v\n%s", args, err, out)
		}
	}
	if out, err := exec.Command("gofmt", "-l", dir).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("gofmt would change: %v\n%s", err, out)
	}
}

var link = regexp.MustCompile(`\]\(([^)\s]+)\)`)

// Every link to a file of the project leads to one.
func TestLinks(t *testing.T) {
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			to, _, _ := strings.Cut(m[1], "#")
			if to == "" || strings.Contains(to, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(root, filepath.Dir(page), to)); err != nil {
				t.Errorf("%s: %v", page, err)
			}
		}
	}
}
