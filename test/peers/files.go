package peers

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Index is the name of the text file among [Files].
const Index = "index.html"

// ModTime is when every served file was last modified, by its Last-Modified.
var ModTime = time.Date(2024, time.February, 29, 12, 30, 45, 0, time.UTC)

// File describes a file that peers serve or stored.
type File struct {
	Name   string
	Size   int64
	SHA256 string // lower-case hex
}

// sizes of the files with pseudo-random content, from nothing over the edges
// of usual buffers to more than any socket holds.
var sizes = []int64{0, 1, 13, 4095, 4096, 65536, 1 << 20, largeSize()}

// largeSize spares those who only run all tests of the project.
func largeSize() int64 {
	if os.Getenv(RequireEnv) == "1" {
		return 64 << 20
	}
	return 16 << 20
}

// Large is the name of the largest among [Files]: of 64 MiB where
// STRATA_REQUIRE_PEERS is 1, else of 16 MiB.
func Large() string { return "f-" + strconv.FormatInt(largeSize(), 10) }

// indexText is long enough for Apache to compress: it leaves less than 68
// octets as they are.
const indexText = `<!DOCTYPE html>
<html lang="en">
<title>A peer</title>
<h1>A peer</h1>
<p>This page is served for tests. It is text, and as text often does it says
the same thing more than once: this page is served for tests.
`

const packedName = "packed.gz"

// shared is what all peers of one process have in common.
type shared struct {
	dir    string // removed by Cleanup
	root   string // the document root
	files  []File
	packed File
	plain  []byte // what packed holds
	certs  certs
}

var (
	sharedMu  sync.Mutex
	sharedNow *shared
)

// common makes the shared folder on first use, which takes under a second.
func common(t testing.TB) *shared {
	t.Helper()
	sharedMu.Lock()
	defer sharedMu.Unlock()
	if sharedNow != nil {
		return sharedNow
	}
	dir, err := newDir("strata-peers-")
	if err != nil {
		t.Fatalf("folder for the served files: %v", err)
	}
	s := &shared{dir: dir, root: filepath.Join(dir, "root")}
	if err := s.fill(); err != nil {
		os.RemoveAll(dir)
		t.Fatalf("served files: %v", err)
	}
	sharedNow = s
	return s
}

// Cleanup removes the files that all peers of this process serve. It belongs
// at the end of TestMain, when no peer runs any more. They are made anew if
// they are asked for again.
func Cleanup() error {
	sharedMu.Lock()
	defer sharedMu.Unlock()
	if sharedNow == nil {
		return nil
	}
	dir := sharedNow.dir
	sharedNow = nil
	return os.RemoveAll(dir)
}

// Files returns the files in the document root, smallest first: f-0, f-1,
// f-13, f-4095, f-4096, f-65536, f-1048576 and [Large] with pseudo-random
// octets, f-N of N octets and the same in every run, and then [Index].
func Files(t testing.TB) []File {
	t.Helper()
	return append([]File(nil), common(t).files...)
}

// Lookup returns the file of that name among [Files].
func Lookup(t testing.TB, name string) File {
	t.Helper()
	for _, f := range common(t).files {
		if f.Name == name {
			return f
		}
	}
	t.Fatalf("no file %q is served", name)
	return File{}
}

// Content returns the octets of a file among [Files].
func Content(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(common(t).root, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Packed describes the gzip octets that [PathPacked] serves, and returns the
// text that they hold.
func Packed(t testing.TB) (File, []byte) {
	t.Helper()
	s := common(t)
	return s.packed, bytes.Clone(s.plain)
}

// newDir makes a temporary folder that a server that gave up root can enter.
// t.TempDir would be closed to it, and too long for the path of a socket.
func newDir(prefix string) (string, error) {
	dir, err := os.MkdirTemp("", prefix)
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		os.RemoveAll(dir)
		return "", err
	}
	return dir, nil
}

func (s *shared) fill() error {
	if err := makeDir(filepath.Join(s.root, PathDirectory), 0o755); err != nil {
		return err
	}
	// Both levels: the umask may have narrowed what MkdirAll gave.
	if err := os.Chmod(s.root, 0o755); err != nil {
		return err
	}
	for _, size := range sizes {
		f, err := s.random(size)
		if err != nil {
			return err
		}
		s.files = append(s.files, f)
	}
	for _, name := range []string{Index, filepath.Join(PathDirectory, Index)} {
		if err := s.store(name, []byte(indexText)); err != nil {
			return err
		}
	}
	s.files = append(s.files, describe(Index, []byte(indexText)))
	if err := s.pack(); err != nil {
		return err
	}
	var err error
	s.certs, err = makeCerts(s.dir)
	return err
}

// random writes f-N with N octets from a generator that N seeds.
func (s *shared) random(size int64) (File, error) {
	name := "f-" + strconv.FormatInt(size, 10)
	var seed [32]byte
	binary.BigEndian.PutUint64(seed[:], uint64(size))
	path := filepath.Join(s.root, name)
	out, err := os.Create(path)
	if err != nil {
		return File{}, err
	}
	hash := sha256.New()
	_, err = io.CopyN(io.MultiWriter(out, hash), rand.NewChaCha8(seed), size)
	if e := out.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = settle(path)
	}
	return File{Name: name, Size: size, SHA256: hex.EncodeToString(hash.Sum(nil))}, err
}

func (s *shared) pack() error {
	for i := range 1000 {
		s.plain = fmt.Appendf(s.plain, "line %d of a text that packs well\n", i)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(s.plain); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	s.packed = describe(packedName, b.Bytes())
	return s.store(packedName, b.Bytes())
}

func (s *shared) store(name string, data []byte) error {
	path := filepath.Join(s.root, name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return err
	}
	return settle(path)
}

// settle makes a file readable for every user, whatever the umask, and dates it.
func settle(path string) error {
	if err := os.Chmod(path, 0o644); err != nil {
		return err
	}
	return os.Chtimes(path, ModTime, ModTime)
}

// makeDir makes a folder with exactly this mode, whatever the umask.
func makeDir(path string, mode os.FileMode) error {
	if err := os.MkdirAll(path, 0o755); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}
