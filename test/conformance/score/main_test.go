package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/strata-http/strata/internal/parse"
	"github.com/strata-http/strata/test/conformance"
)

// strata builds the command, the driver that is to be right in all.
func strata(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "strata")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	build := exec.Command("go", "build", "-o", path, "github.com/strata-http/strata/cmd/strata")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

func TestStrataIsRight(t *testing.T) {
	path := strata(t)
	full := regexp.MustCompile(`^client (\d+)/(\d+), server (\d+)/(\d+)(?: \(\d+ with a leniency or a limit left out.*\))?\n$`)
	for _, flags := range [][]string{{}, {"-configured"}} {
		var out, errs bytes.Buffer
		status, err := run(append(flags, "--", path, "parse", "--jsonl"), &out, &errs)
		if err != nil || status != 0 || errs.Len() > 0 {
			t.Fatalf("%v: status %d, %v, %q\n%s", flags, status, err, errs.String(), out.String())
		}
		m := full.FindStringSubmatch(out.String())
		if m == nil || m[1] != m[2] || m[3] != m[4] {
			t.Fatalf("%v: printed %q", flags, out.String())
		}
		t.Logf("%v: %s", flags, strings.TrimSpace(out.String()))
	}
}

// TestMain lets this binary be a driver: one that answers every case alike.
func TestMain(m *testing.M) {
	if answer := os.Getenv("SCORE_TEST_ANSWER"); answer != "" {
		answerAll(answer)
		return
	}
	os.Exit(m.Run())
}

// answerAll is a driver that accepts all, that stops, or that says what is no JSON.
func answerAll(answer string) {
	encoder := json.NewEncoder(os.Stdout)
	if answer == "no driver" {
		os.Stdout.WriteString("hello\n")
		return
	}
	_ = encoder.Encode(map[string]any{"driver": "test", "sides": []string{"server"}, "caps": map[string]any{}})
	decoder := json.NewDecoder(os.Stdin)
	for {
		var c struct {
			ID string `json:"id"`
		}
		if decoder.Decode(&c) != nil || answer == "stop" || answer == "stop once" && c.ID == os.Getenv("SCORE_TEST_CASE") {
			return
		}
		if answer == "silent" {
			_, _ = io.Copy(io.Discard, os.Stdin) // until it is ended
		}
		if answer == "other id" {
			c.ID += "?"
		}
		_ = encoder.Encode(map[string]any{"id": c.ID, "verdict": "accept", "reusable": true, "rule": "none"})
	}
}

func TestOtherDrivers(t *testing.T) {
	tests := []struct {
		answer string
		args   []string
		status int
		err    string
		out    string
	}{
		{answer: "accept", status: 1, out: `  verdict: want "reject", got "accept"`},
		{answer: "accept", status: 1, args: []string{"-ignore", "rule,offset"}, out: `left out; -configured takes them`},
		{answer: "stop once", status: 1, out: "wrote no more: EOF"},
		{answer: "stop", status: 2, err: "wrote no more"},
		{answer: "other id", status: 2, err: "answers for"},
		{answer: "silent", args: []string{"-timeout", "50ms"}, status: 2, err: "no answer within 50ms"},
		{answer: "no driver", status: 2, err: "the first line of output, about the driver"},
	}
	for _, tt := range tests {
		t.Run(tt.answer, func(t *testing.T) {
			t.Setenv("SCORE_TEST_ANSWER", tt.answer)
			t.Setenv("SCORE_TEST_CASE", "rfc9112-02-message/http2-preface")
			var out, errs bytes.Buffer
			status, err := run(append(tt.args, "--", os.Args[0]), &out, &errs)
			if status != tt.status || (err == nil) != (tt.err == "") {
				t.Fatalf("status %d, %v; want %d, %q", status, err, tt.status, tt.err)
			}
			if err != nil && !strings.Contains(err.Error(), tt.err) {
				t.Errorf("%v; want %q in it", err, tt.err)
			}
			if !strings.Contains(out.String(), tt.out) {
				t.Errorf("printed %q; want %q in it", out.String(), tt.out)
			}
			if regexp.MustCompile(`(?m)^client `).MatchString(out.String()) {
				t.Error("the driver was asked about a side that it cannot take")
			}
			if strings.Contains(strings.Join(tt.args, " "), "rule") && strings.Contains(out.String(), "  rule: ") {
				t.Error("a key that is ignored was compared")
			}
		})
	}
}

// TestNoDriver: what cannot be started is an error, and so is a command line without a driver.
func TestNoDriver(t *testing.T) {
	for _, args := range [][]string{{}, {"--", filepath.Join(t.TempDir(), "none")}, {"-export", "--", "strata"}, {"-none"}} {
		var out, errs bytes.Buffer
		if status, err := run(args, &out, &errs); status != 2 || err == nil {
			t.Errorf("%q: status %d, %v", args, status, err)
		}
	}
}

// TestExport: what is exported is what strata parse reads.
func TestExport(t *testing.T) {
	var out, errs bytes.Buffer
	if status, err := run([]string{"-export"}, &out, &errs); status != 0 || err != nil {
		t.Fatal(status, err)
	}
	cases, err := conformance.All()
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	i := 0
	for _, c := range cases {
		if c.Direction != conformance.Receive {
			continue
		}
		got, err := parse.ReadCase([]byte(lines[i]))
		if err != nil {
			t.Fatalf("%s: %v", c.ID(), err)
		}
		if got.Side.String() != c.Role || !bytes.Equal(got.Octets, c.Octets) || got.EOF != c.EOF {
			t.Errorf("%s is exported as %s", c.ID(), lines[i])
		}
		i++
	}
	if i != len(lines) {
		t.Errorf("%d lines; want %d", len(lines), i)
	}
}
