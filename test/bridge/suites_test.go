package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// suite is a module that others wrote, whose own tests are run over net/http as it is, and over Strata.
type suite struct {
	module   string
	packages []string // below the module; "." is the module's own
	modes    []string // what is replaced: transport, server, both
}

var suites = []suite{
	{"github.com/go-resty/resty/v2", []string{"."}, []string{"transport", "both"}},
	{"github.com/coder/websocket", []string{"."}, []string{"transport", "both"}},
	{"github.com/go-chi/chi/v5", []string{".", "middleware"}, []string{"server"}},
}

// count is how the tests and subtests of a package ended, by their names.
type count map[string]string

func (c count) of(action string) (n int) {
	for _, a := range c {
		if a == action {
			n++
		}
	}
	return n
}

func (c count) String() string {
	return fmt.Sprintf("%3d pass, %2d fail, %2d skip", c.of("pass"), c.of("fail"), c.of("skip"))
}

// TestSuites runs the suites. Not one octet of them is changed: an overlay gives net/http the two hooks of
// overlay.go, and package swap/hook, which one more test file imports, sets them.
func TestSuites(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the tests of three modules")
	}
	shared := t.TempDir()
	over := overlay(t, shared)
	var shown []string
	for _, s := range suites {
		for _, p := range s.packages {
			t.Run(strings.TrimPrefix(filepath.Join(s.module, p), "github.com/"), func(t *testing.T) {
				shown = append(shown, runSuite(t, over, s, p)...)
			})
		}
	}
	if t.Failed() {
		return
	}
	for _, f := range failures {
		if !slices.Contains(shown, f.key()) {
			t.Errorf("%s does not fail, but the table has it: %s", f.key(), f.why)
		}
	}
}

// runSuite runs one package in all its modes, and returns the failures that are Strata's alone.
func runSuite(t *testing.T, over string, s suite, p string) (alone []string) {
	name := filepath.Join(s.module, p)
	binary, dir := build(t, over, s.module, p)
	base := run(t, binary, dir, name, "")
	t.Logf("%-36s net/http           %v", name, base)
	if base.of("pass") == 0 {
		t.Fatal("no test passes over net/http")
	}
	for _, mode := range s.modes {
		ours := run(t, binary, dir, name, mode)
		t.Logf("%-36s Strata (%-9s) %v", name, mode, ours)
		for test, action := range base {
			if action == ours[test] || action == "fail" && ours[test] == "pass" {
				continue
			}
			key := strings.Join([]string{name, mode, test}, " ")
			if hasFailingPart(ours, test) {
				continue // it fails by its subtests, which are told each
			}
			if !slices.ContainsFunc(failures, func(f failure) bool { return f.key() == key }) {
				t.Errorf("%s: %s over net/http, %q over Strata", key, action, ours[test])
				continue
			}
			alone = append(alone, key)
		}
	}
	return alone
}

// hasFailingPart reports whether a subtest of test has failed.
func hasFailingPart(c count, test string) bool {
	for name, action := range c {
		if action == "fail" && strings.HasPrefix(name, test+"/") {
			return true
		}
	}
	return false
}

// build compiles the tests of a package, of a copy of its module, with the hooks.
func build(t *testing.T, over, module, p string) (binary, dir string) {
	t.Helper()
	tmp := t.TempDir()
	copied := filepath.Join(tmp, "module")
	source := strings.TrimSpace(goTool(t, "list", "-m", "-f", "{{.Dir}}", module))
	if err := os.CopyFS(copied, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(copied, p)
	pkg := strings.TrimSpace(goTool(t, "list", "-f", "{{.Name}}", module+"/"+p))
	write(t, filepath.Join(dir, "zz_strata_test.go"),
		"package "+pkg+"\n\nimport _ \"github.com/strata-http/strata/test/bridge/swap/hook\"\n")

	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(tmp, name), string(text))
	}
	mod := filepath.Join(tmp, "go.mod")
	goTool(t, "mod", "edit", "-replace", module+"="+copied, "-replace", "github.com/strata-http/strata="+root, mod)
	binary = filepath.Join(tmp, "suite.test")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	goTool(t, "test", "-c", "-o", binary, "-modfile", mod, "-overlay", over, "-tags", "strata_hook",
		"-ldflags", "-s -w", module+"/"+p)
	return binary, dir
}

// run runs the tests of a package, with what mode says replaced.
func run(t *testing.T, binary, dir, name, mode string) count {
	t.Helper()
	tally := filepath.Join(t.TempDir(), "tally")
	cmd := exec.Command(goCommand(), "tool", "test2json", binary, "-test.v=test2json", "-test.timeout=100s")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "STRATA_SWAP="+mode, "STRATA_SWAP_TALLY="+tally, "GODEBUG=")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if dir := os.Getenv("STRATA_BRIDGE_LOGS"); dir != "" {
		file := strings.NewReplacer("/", "_", " ", "_").Replace(name + "_" + mode + ".json")
		write(t, filepath.Join(dir, file), out.String())
	}
	c := count{}
	printed := map[string]string{}
	for line := range bytes.Lines(out.Bytes()) {
		var ev struct{ Action, Test, Output string }
		if json.Unmarshal(line, &ev) != nil {
			continue
		}
		switch ev.Action {
		case "pass", "fail", "skip":
			key := ev.Test
			if key == "" {
				key = "the package" // it fails by itself when TestMain finds a goroutine left over, or at a panic
			}
			c[key] = ev.Action
		case "output":
			printed[ev.Test] += ev.Output
		}
	}
	for test, action := range c {
		if action == "fail" && mode != "" {
			t.Logf("%s %s %s failed:\n%s", name, mode, test, tail(printed[strings.TrimPrefix(test, "the package")], 3000))
		}
	}
	if len(c) == 0 {
		t.Fatalf("%s ran no test: %v\n%s", name, err, tail(out.String(), 4000))
	}
	checkTally(t, name, mode, tally)
	return c
}

// checkTally tells how much went by way of Strata, which must be something when it is there and nothing when not.
func checkTally(t *testing.T, name, mode, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if mode == "" {
		if err == nil {
			t.Errorf("%s: Strata took part in the run that is over net/http alone", name)
		}
		return
	}
	if err != nil {
		t.Errorf("%s %s: nothing went by way of Strata", name, mode)
		return
	}
	t.Logf("%s %s: %d requests sent, %d answered by Strata", name, mode,
		bytes.Count(text, []byte("t")), bytes.Count(text, []byte("s")))
}

func goCommand() string { return filepath.Join(runtime.GOROOT(), "bin", "go") }

func goTool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command(goCommand(), args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, tail(stderr.String(), 4000))
	}
	return string(out)
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func tail(s string, n int) string {
	if len(s) > n {
		return "…" + s[len(s)-n:]
	}
	return s
}
