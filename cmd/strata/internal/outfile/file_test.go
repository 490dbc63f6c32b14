package outfile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/cmd/strata/internal/outfile"
)

// files returns what is in dir, names and content.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		b, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[e.Name()] = string(b)
	}
	return all
}

func create(t *testing.T, path, content string) *outfile.File {
	t.Helper()
	f, err := outfile.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte(content)); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestCommit(t *testing.T) {
	for _, old := range []string{"", "old"} {
		dir := t.TempDir()
		path := filepath.Join(dir, "a")
		before := map[string]string{}
		if old != "" {
			before["a"] = old
			if err := os.WriteFile(path, []byte(old), 0o640); err != nil {
				t.Fatal(err)
			}
		}
		f := create(t, path, "new")
		if got := files(t, dir); got["a"] != before["a"] || len(got) != len(before)+1 {
			t.Errorf("before Commit: %v", got)
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		f.Discard() // nothing to discard any more
		if diff := cmp.Diff(map[string]string{"a": "new"}, files(t, dir)); diff != "" {
			t.Errorf("behind Commit: (-want +got)\n%s", diff)
		}
		if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && old != "" && info.Mode().Perm() != 0o640 {
			t.Errorf("permissions are not kept: %v %v", info.Mode(), err)
		}
	}
}

func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	create(t, path, "x").Discard()
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	create(t, path, "x").Discard()
	if diff := cmp.Diff(map[string]string{"a": "old"}, files(t, dir)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// wantNamed holds err to be about the path that was asked for, and not about the part.
func wantNamed(t *testing.T, err error, path string) {
	t.Helper()
	var p *fs.PathError
	if !errors.As(err, &p) || p.Path != path || strings.Contains(err.Error(), ".part") {
		t.Errorf("got %v, want an error about %q", err, path)
	}
}

func TestWriteFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	f := create(t, path, "x")
	f.Discard()
	_, err := f.Write([]byte("y"))
	wantNamed(t, err, path)
	if !errors.Is(err, fs.ErrClosed) {
		t.Errorf("the cause is lost: %v", err)
	}
}

func TestCommitFails(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	f := create(t, path, "x")
	if err := os.MkdirAll(filepath.Join(path, "in the way"), 0o777); err != nil {
		t.Fatal(err)
	}
	wantNamed(t, f.Commit(), path)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func TestSymlink(t *testing.T) {
	dir := t.TempDir()
	link, dest := filepath.Join(dir, "link"), filepath.Join(dir, "dest")
	if err := os.Symlink("dest", link); err != nil {
		t.Skip(err)
	}
	if _, err := outfile.Create(link); err == nil {
		t.Error("a symbolic link to nothing was taken")
	}
	if err := os.WriteFile(dest, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := create(t, link, "new").Commit(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v %v", info, err)
	}
	if got := files(t, dir); got["dest"] != "new" {
		t.Errorf("got %v", got)
	}
}

func TestCreateError(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{dir, filepath.Join(dir, "no", "such"), ""} {
		_, err := outfile.Create(path)
		wantNamed(t, err, path)
	}
	if got := files(t, dir); len(got) != 0 {
		t.Errorf("left behind: %v", got)
	}
}

func TestDevice(t *testing.T) {
	if _, err := os.Stat("/dev/null"); err != nil {
		t.Skip(err)
	}
	f := create(t, "/dev/null", "x")
	if err := f.Commit(); err != nil {
		t.Error(err)
	}
	create(t, "/dev/null", "x").Discard()
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode().IsRegular() {
		t.Errorf("/dev/null is %v, %v", info, err)
	}
}

func ExampleFile() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "report")
	f, err := outfile.Create(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Discard() // unless it is committed
	fmt.Fprint(f, "all of it")
	_, err = os.Stat(path)
	fmt.Println("there before Commit:", err == nil)
	fmt.Println("Commit:", f.Commit())
	b, err := os.ReadFile(path)
	fmt.Printf("%s %v\n", b, err)
	// Output:
	// there before Commit: false
	// Commit: <nil>
	// all of it <nil>
}
