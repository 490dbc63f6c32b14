package httpclient_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/pydiff anew, by the Pythons in STRATA_PYTHON and STRATA_PYTHON27")

func TestHTTPClientOutcomes(t *testing.T) {
	python := findPython("STRATA_PYTHON", "python3.13", "python3")
	if python == "" && os.Getenv("STRATA_REQUIRE_PEERS") == "1" {
		t.Fatal("no python3 on this machine (STRATA_REQUIRE_PEERS=1)")
	}
	refreshOutcomes(t, python, "outcome.py", "outcomes.json", pyCases())
}

func TestHTTPLib27Outcomes(t *testing.T) {
	python := findPython("STRATA_PYTHON27", "python2.7")
	refreshOutcomes(t, python, "outcome27.py", "outcomes27.json", py27Cases)
}

// pyVersions are the responses of which other versions than the recorded one may make something else: they
// differ in how they read content of a size that cannot be, and so in the error.
var pyVersions = map[string]bool{
	"length: 2^62":             true,
	"length: 2^63":             true,
	"length: thirty digits":    true,
	"chunk-size: -5":           true,
	"chunk-size: 2^62":         true,
	"chunk-size: 2^64+5":       true,
	"chunk-size: forty digits": true,
}

// refreshOutcomes compares what is recorded with what python says now, or records it.
func refreshOutcomes(t *testing.T, python, script, file string, cases []pyCase) {
	t.Helper()
	if python == "" {
		t.Skip("no Python on this machine")
	}
	now := askPython(t, python, script, cases)
	if *update {
		writeOutcomes(t, file, now)
	}
	recorded := readOutcomes(t, file)
	version, _, _ := strings.Cut(now.Python, " ")
	same := strings.HasPrefix(recorded.Python, version+" ")
	if len(recorded.Outcomes) != len(cases) {
		t.Fatalf("%s has %d outcomes for %d cases: write it anew with -update", file, len(recorded.Outcomes), len(cases))
	}
	differ := 0
	for i, want := range recorded.Outcomes {
		diff := cmp.Diff(want, now.Outcomes[i])
		if diff == "" {
			continue
		}
		differ++
		if !same && pyVersions[want.Name] {
			t.Logf("%s: Python %s makes something else of it", want.Name, version)
			continue
		}
		t.Errorf("%s: (-recorded +Python %s)\n%s", want.Name, version, diff)
	}
	t.Logf("Python %s: %d of %d outcomes are those recorded", version, len(recorded.Outcomes)-differ, len(cases))
}

func outcomesFile(name string) string { return filepath.Join("testdata", "pydiff", name) }

func readOutcomes(t *testing.T, name string) pyOutcomes {
	t.Helper()
	text, err := os.ReadFile(outcomesFile(name))
	if err != nil {
		t.Fatal(err)
	}
	var found pyOutcomes
	if err := json.Unmarshal(text, &found); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return found
}

// writeOutcomes writes a file with one outcome a line.
func writeOutcomes(t *testing.T, name string, found pyOutcomes) {
	t.Helper()
	var b bytes.Buffer
	line := func(v any) string {
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			t.Fatal(err)
		}
		return strings.TrimSuffix(b.String(), "\n")
	}
	fmt.Fprintf(&b, "{\"python\": %s, \"outcomes\": [\n", line(found.Python))
	for i, o := range found.Outcomes {
		comma := ","
		if i == len(found.Outcomes)-1 {
			comma = ""
		}
		b.WriteString(line(o) + comma + "\n")
	}
	b.WriteString("]}\n")
	if err := os.WriteFile(outcomesFile(name), b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
}

// askPython runs a script over cases.
func askPython(t *testing.T, python, script string, cases []pyCase) pyOutcomes {
	t.Helper()
	type asked struct {
		Name   string `json:"name"`
		Method string `json:"method"`
		Octets []byte `json:"octets"`
	}
	var ask struct {
		Cases []asked `json:"cases"`
	}
	for _, c := range cases {
		ask.Cases = append(ask.Cases, asked{c.name, c.requestMethod(), []byte(c.octets)})
	}
	in, err := json.Marshal(ask)
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), python, outcomesFile(script))
	command.Stdin = bytes.NewReader(in)
	out, err := command.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("%s: %v\n%s", python, err, exit.Stderr)
		}
		t.Fatal(err)
	}
	var found pyOutcomes
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatalf("%s answered %q: %v", python, out, err)
	}
	if len(found.Outcomes) != len(cases) {
		t.Fatalf("%s answered %d of %d", python, len(found.Outcomes), len(cases))
	}
	for i := range found.Outcomes {
		if o := &found.Outcomes[i]; len(o.Fields) == 0 {
			o.Fields = nil // as it is read back
		}
	}
	return found
}

// findPython returns the Python in that environment variable, or the first of names there is, or "".
func findPython(variable string, names ...string) string {
	if python := os.Getenv(variable); python != "" {
		return python
	}
	for _, name := range names {
		if python, err := exec.LookPath(name); err == nil && exec.Command(python, "-c", "import json").Run() == nil {
			return python
		}
	}
	return ""
}
