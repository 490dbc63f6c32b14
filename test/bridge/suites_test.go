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
	"sync"
	"testing"
)

// suite is a module that others wrote, whose own tests are run over net/http as it is, and over Strata.
type suite struct {
	module   string
	packages []string // below the module; "." is the module's own
	modes    []string // what is replaced: transport, server, both
	patches  []edit   // what takes a transport of the suite's own out of the way
	inTurn   bool     // its tests listen on a port of their own, so that two runs at a time would meet there
}

var suites = []suite{
	{module: "github.com/go-resty/resty/v2", packages: []string{"."}, modes: []string{"transport", "both"}},
	// Most of its tests have a RoundTripper that calls the handler. With the patch it is that of net/http, to a server.
	{module: "github.com/coder/websocket", packages: []string{"."}, modes: []string{"transport", "both"}, patches: []edit{{
		"internal/test/wstest/pipe.go",
		"func (t fakeTransport) RoundTrip(r *http.Request) (*http.Response, error) {\n",
		"\tif http.StrataPipe != nil {\n\t\treturn http.StrataPipe(t.h, r)\n\t}\n",
	}}},
	{module: "github.com/gorilla/websocket", packages: []string{"."}, modes: []string{"server"}},
	{module: "github.com/go-chi/chi/v5", packages: []string{".", "middleware"}, modes: []string{"server"}, inTurn: true},
}

// count is how the tests and subtests of a package ended, by their names.
type count map[string]string

func (c count) of(action string) (n int) {
	for test, a := range c {
		if a == action && test != whole {
			n++
		}
	}
	return n
}

func (c count) String() string {
	return fmt.Sprintf("%3d pass, %2d fail, %2d skip", c.of("pass"), c.of("fail"), c.of("skip"))
}

// TestSuites runs the suites as they are, but for the patches of the table: an overlay gives net/http the two hooks of
// overlay.go, and package swap/hook, which one more test file imports, sets them.
func TestSuites(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the tests of three modules")
	}
	over := overlay(t, t.TempDir())
	var mu sync.Mutex
	var shown []string
	// They are built one after the other, which takes what the machine has, and run at the same time, as most of it is sleep.
	var built []func(*testing.T)
	var names []string
	for _, s := range suites {
		for _, p := range s.packages {
			binary, dir := build(t, over, s, p)
			names = append(names, strings.TrimPrefix(filepath.Join(s.module, p), "github.com/"))
			built = append(built, func(t *testing.T) {
				t.Parallel()
				alone := runSuite(t, binary, dir, s, p)
				mu.Lock()
				defer mu.Unlock()
				shown = append(shown, alone...)
			})
		}
	}
	t.Run("run", func(t *testing.T) {
		for i, name := range names {
			t.Run(name, built[i])
		}
	})
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
func runSuite(t *testing.T, binary, dir string, s suite, p string) (alone []string) {
	name := filepath.Join(s.module, p)
	results := make([]count, len(s.modes)+1)
	var runs sync.WaitGroup
	for i, mode := range append([]string{""}, s.modes...) {
		one := func() {
			own := filepath.Join(dir, "..", "run"+mode) // the tests write files
			if err := os.CopyFS(own, os.DirFS(dir)); err != nil {
				t.Error(err)
				return
			}
			results[i] = run(t, binary, own, name, mode)
			again(t, binary, own, name, mode, results[i])
		}
		if s.inTurn {
			one()
		} else {
			runs.Go(one)
		}
	}
	runs.Wait()
	base := results[0]
	figure(t, "%-37s net/http            %v", name, base)
	if base.of("pass") == 0 {
		t.Fatal("no test passes over net/http")
	}
	for i, mode := range s.modes {
		ours := results[i+1]
		figure(t, "%-37s Strata, %-11s %v", name, mode, ours)
		for test, action := range base {
			if action == ours[test] || action == "fail" && ours[test] == "pass" {
				continue
			}
			key := strings.Join([]string{name, mode, test}, " ")
			if hasFailingPart(ours, test) {
				continue // it fails by its subtests, which are told each
			}
			if test == whole && ours.of("fail") > 0 {
				continue // and the package by its tests
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

// again runs the tests once more that have failed: some suites measure time, and fail on a busy machine, whatever they
// run over. What passes now is counted as passed, and told.
func again(t *testing.T, binary, dir, name, mode string, ours count) {
	var failed []string
	for test, action := range ours {
		if top, _, _ := strings.Cut(test, "/"); action == "fail" && test != whole && !slices.Contains(failed, top) {
			failed = append(failed, top)
		}
	}
	if len(failed) == 0 {
		return
	}
	slices.Sort(failed)
	t.Logf("%s %s: once more %v", name, mode, failed)
	second := run(t, binary, dir, name, mode, "-test.run=^("+strings.Join(failed, "|")+")$")
	for test, action := range second {
		if test != whole {
			ours[test] = action
		}
	}
	if ours.of("fail") == 0 {
		ours[whole] = second[whole]
	}
}

// whole stands for a package as a whole, which fails by itself when its TestMain finds a goroutine left over, or at a panic.
const whole = "the package"

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
func build(t *testing.T, over string, s suite, p string) (binary, dir string) {
	t.Helper()
	tmp, module := t.TempDir(), s.module
	copied := filepath.Join(tmp, "module")
	source := strings.TrimSpace(goTool(t, "list", "-m", "-f", "{{.Dir}}", module))
	if err := os.CopyFS(copied, os.DirFS(source)); err != nil {
		t.Fatal(err)
	}
	for _, e := range s.patches {
		name := filepath.Join(copied, filepath.FromSlash(e.file))
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		write(t, name, e.on(t, string(text)))
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
func run(t *testing.T, binary, dir, name, mode string, args ...string) count {
	t.Helper()
	tally := filepath.Join(t.TempDir(), "tally")
	cmd := exec.Command("go", append([]string{"tool", "test2json", binary, "-test.v=test2json", "-test.timeout=170s"}, args...)...)
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
				key = whole
			}
			c[key] = ev.Action
		case "output":
			printed[ev.Test] += ev.Output
		}
	}
	for test, action := range c {
		if action == "fail" && mode != "" {
			t.Logf("%s %s %s failed:\n%s", name, mode, test, tail(printed[strings.TrimPrefix(test, whole)], 3000))
		}
	}
	if len(c) == 0 {
		t.Errorf("%s ran no test: %v\n%s", name, err, tail(out.String(), 4000))
		return c
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
	t.Logf("%s %s: %d requests were sent, %d answered by Strata", name, mode,
		bytes.Count(text, []byte("t")), bytes.Count(text, []byte("s")))
}

func goTool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
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
