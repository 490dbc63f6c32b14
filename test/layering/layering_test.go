package layering

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// The module's own files against the table.
func TestLayers(t *testing.T) {
	found, err := scan(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := found["test/layering"]; !ok {
		t.Fatal("the scan did not come across its own package")
	}
	for _, fault := range check(table, found) {
		t.Error(fault)
	}
}

// The core's rows must stay what makes it the core, whoever edits the table.
func TestCoreIsPure(t *testing.T) {
	impure := []string{
		"bufio", "context", "crypto", "crypto/rand", "crypto/tls", "embed", "internal/poll", "io/fs",
		"io/ioutil", "log", "log/slog", "net", "net/http", "net/netip", "net/textproto", "net/url", "os",
		"os/exec", "os/signal", "path/filepath", "reflect", "runtime", "sync", "sync/atomic", "syscall",
		"testing", "time", "unsafe",
	}
	for _, pkg := range core {
		r, ok := table[pkg]
		if !ok {
			t.Errorf("%s has no row", pkg)
			continue
		}
		if len(r.modules) != 0 || !r.noBackDoor {
			t.Errorf("%s may use the modules %q, noBackDoor is %v", pkg, r.modules, r.noBackDoor)
		}
		for _, std := range impure {
			if matchAny(r.std, std) {
				t.Errorf("%s may import %s", pkg, std)
			}
		}
		for _, other := range []string{"transport", "transport/memory", "internal/driver", "httpclient", "conntest"} {
			if matchAny(r.project, other) {
				t.Errorf("%s may import %s", pkg, other)
			}
		}
	}
}

// No two library packages may import each other by way of the table, and none
// may import itself: then the arrows run one way.
func TestTableHasNoCycle(t *testing.T) {
	reach := func(from string) []string {
		var seen []string
		queue := []string{from}
		for len(queue) > 0 {
			r, _ := lookUp(table, queue[0])
			queue = queue[1:]
			for pkg := range table {
				if !strings.HasSuffix(pkg, "...") && matchAny(r.project, pkg) && !slices.Contains(seen, pkg) {
					seen, queue = append(seen, pkg), append(queue, pkg)
				}
			}
		}
		return seen
	}
	for pkg := range table {
		if !strings.HasSuffix(pkg, "...") && slices.Contains(reach(pkg), pkg) {
			t.Errorf("by the table %s may come to import itself", pkg)
		}
	}
}

// fake is a small house for the tests of the checker itself.
var fake = map[string]row{
	"low":      {std: []string{"bytes"}, noBackDoor: true},
	"high":     {project: []string{"low"}, std: anything, modules: xnet, tests: []string{"top/..."}},
	"top/...":  {project: anything, std: anything, modules: anything},
	"top/show": {project: anything, std: anything, public: true},
}

func TestChecker(t *testing.T) {
	const p = module + "/"
	tests := []struct {
		name string
		file string
		text string
		want []string
	}{
		{"allowed standard package", "low/a.go", `package low; import "bytes"`, nil},
		{"forbidden standard package", "low/a.go", `package low; import "bufio"`, []string{
			`low/a.go: import "bufio": not among the standard packages that low may import`}},
		{"a sub-package is another package", "low/a.go", `package low; import "bytes/deep"`, []string{
			`low/a.go: import "bytes/deep": not among the standard packages that low may import`}},
		{"unsafe", "low/a.go", `package low; import "unsafe"`, []string{
			`low/a.go: import "unsafe": not among the standard packages that low may import`}},
		{"another system's file", "low/a_windows.go", `package low; import "os"`, []string{
			`low/a_windows.go: import "os": not among the standard packages that low may import`}},
		{"a file behind a build tag", "low/a.go", "//go:build never\n\npackage low\nimport _ \"os\"", []string{
			`low/a.go: import "os": not among the standard packages that low may import`}},
		{"allowed layer", "high/a.go", `package high; import "` + p + `low"`, nil},
		{"forbidden layer", "low/a.go", `package low; import x "` + p + `high"`, []string{
			`low/a.go: import "` + p + `high": not below low`}},
		{"unknown package as an import", "high/a.go", `package high; import "` + p + `lower"`, []string{
			`high/a.go: import "` + p + `lower": not below high`}},
		{"the module's top", "high/a.go", `package high; import "` + module + `"`, []string{
			`high/a.go: import "` + module + `": not below high`}},
		{"unknown package", "new/a.go", `package new`, []string{
			`package "new" has no row in the layering table`}},
		{"unknown package below a known one", "low/sub/a.go", `package sub`, []string{
			`package "low/sub" has no row in the layering table`}},
		{"unknown internal package", "internal/x/a.go", `package x`, []string{
			`package "internal/x" has no row in the layering table`}},
		{"unknown package at the top", "a.go", `package strata`, []string{
			`package "." has no row in the layering table`}},
		{"a package of tests only", "new/a_test.go", `package new`, []string{
			`package "new" has no row in the layering table`}},
		{"allowed module", "high/a.go", `package high; import "golang.org/x/net/idna"`, nil},
		{"forbidden module", "high/a.go", `package high; import "golang.org/x/networks"`, []string{
			`high/a.go: import "golang.org/x/networks": not among the modules that high may depend on`}},
		{"any module", "top/a.go", `package top; import "example.com/m"`, nil},
		{"tree", "top/x/y/a.go", `package y; import "` + p + `internal/z"`, nil},
		{"longest pattern", "top/show/a.go", `package show; import ("` + p + `low"; "` + p + `internal/z")`, []string{
			`top/show/a.go: import "` + p + `internal/z": top/show shows what the public packages can do`}},
		{"C", "low/a.go", `package low; import "C"`, []string{`low/a.go: import "C": the core has no C`}},
		{"C elsewhere", "high/a.go", `package high; import "C"`, nil},
		{"linkname", "low/a.go", "package low\n\n//go:linkname now runtime.nanotime\nfunc now() int64", []string{
			`low/a.go: go:linkname reaches past the imports`}},
		{"linkname in a string", "low/a.go", "package low\n\nconst s = `\n//go:linkname a b\n`", nil},
		{"test file: standard packages, kits and itself", "low/a_test.go",
			`package low_test; import ("os"; "` + p + `low"; "` + p + `conntest"; "github.com/google/go-cmp/cmp")`, nil},
		{"test file: a layer above", "low/a_test.go", `package low; import "` + p + `high"`, []string{
			`low/a_test.go: import "` + p + `high": not below low`}},
		{"test file: what its row adds", "high/a_test.go", `package high; import "` + p + `top/x"`, nil},
		{"other file: what its row adds for tests", "high/a.go", `package high; import "` + p + `top/x"`, []string{
			`high/a.go: import "` + p + `top/x": not below high`}},
		{"test file: a module", "low/a_test.go", `package low; import "example.com/m"`, []string{
			`low/a_test.go: import "example.com/m": not among the modules that low may depend on`}},
		{"test kit outside a test", "low/a.go", `package low; import "` + p + `conntest"`, []string{
			`low/a.go: import "` + p + `conntest": not below low`}},
		{"a package main is checked", "low/a.go", `package main; import "os"`, []string{
			`low/a.go: import "os": not among the standard packages that low may import`}},
		{"testdata", "low/testdata/a.go", `package broken; import "os"`, nil},
		{"hidden folder", ".x/a.go", `package x`, nil},
		{"hidden file", "low/_a.go", `package low; import "os"`, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found, err := scan(fstest.MapFS{tt.file: {Data: []byte(tt.text)}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, check(fake, found)); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

// A generator beside a package is a program of its own; the package's files are
// still checked.
func TestProgramBesidePackage(t *testing.T) {
	found, err := scan(fstest.MapFS{
		"low/low.go": {Data: []byte(`package low; import "net"`)},
		"low/gen.go": {Data: []byte("//go:build ignore\n\npackage main\nimport \"os\"")},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`low/low.go: import "net": not among the standard packages that low may import`}
	if diff := cmp.Diff(want, check(fake, found)); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestScanPassesOverNestedModules(t *testing.T) {
	found, err := scan(fstest.MapFS{
		"go.mod":              {Data: []byte("module m")},
		"low/low.go":          {Data: []byte("package low")},
		"nested/go.mod":       {Data: []byte("module n")},
		"nested/a.go":         {Data: []byte("package nested")},
		"nested/deep/b.go":    {Data: []byte("package deep")},
		"vendor/x.com/y/c.go": {Data: []byte("package y")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || len(found["low"]) != 1 {
		t.Errorf("found %v, want low alone", found)
	}
}

func TestScanReportsBrokenFiles(t *testing.T) {
	for _, text := range []string{"", "package", `package low; import "`, "package low; import 7"} {
		if found, err := scan(fstest.MapFS{"low/a.go": {Data: []byte(text)}}); err == nil {
			t.Errorf("%q was read as %v", text, found)
		}
	}
}
