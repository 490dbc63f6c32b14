package peers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if err := Cleanup(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		os.Exit(code)
	}))
}

// recorder is a test whose outcome is looked at, not reported.
type recorder struct {
	testing.TB
	outcome  string
	cleanups []func()
}

func (r *recorder) Helper()          {}
func (r *recorder) Failed() bool     { return r.outcome != "" && r.outcome[0] != 's' }
func (r *recorder) Cleanup(f func()) { r.cleanups = append(r.cleanups, f) }

func (r *recorder) Logf(format string, args ...any) {
	r.outcome += fmt.Sprintf("\nlog: "+format, args...)
}

func (r *recorder) Errorf(format string, args ...any) {
	r.outcome += fmt.Sprintf("error: "+format, args...)
}

func (r *recorder) Skip(args ...any) {
	r.outcome = "skip: " + fmt.Sprint(args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.outcome = "fatal: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// record runs f as a test does and returns how it came out.
func record(t *testing.T, f func(t testing.TB)) string {
	r := &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			for i := len(r.cleanups) - 1; i >= 0; i-- {
				r.cleanups[i]()
			}
		}()
		f(r)
	}()
	<-done
	return r.outcome
}

func TestMissingBinary(t *testing.T) {
	const message = "no no-such-server on this machine; on Debian, test/peers/install.sh nginx installs it"
	for _, tt := range []struct{ env, want string }{
		{"", "skip: " + message},
		{"0", "skip: " + message},
		{"1", "fatal: " + message + " (STRATA_REQUIRE_PEERS=1)"},
	} {
		t.Run(RequireEnv+"="+tt.env, func(t *testing.T) {
			t.Setenv(RequireEnv, tt.env)
			got := record(t, func(t testing.TB) {
				findBinary(t, "nginx", "/no/such/server", "no-such-server")
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

// plans are those whose binary is there.
func plans(t *testing.T) map[string]func(t testing.TB) plan {
	return map[string]func(t testing.TB) plan{
		"nginx":         func(t testing.TB) plan { return nginxPlan(findBinary(t, "nginx", "nginx")) },
		"apache":        func(t testing.TB) plan { return apachePlan(findBinary(t, "apache2", "apache2")) },
		"python":        func(t testing.TB) plan { return pythonPlan(findPython(t), "HTTP/1.1") },
		"python-module": func(t testing.TB) plan { return modulePlan(findPython(t), "HTTP/1.0") },
		"squid":         func(t testing.TB) plan { return squidPlan(t, findBinary(t, "squid", "squid")) },
		"tinyproxy":     func(t testing.TB) plan { return tinyproxyPlan(findBinary(t, "tinyproxy", "tinyproxy")) },
		"haproxy":       func(t testing.TB) plan { return haproxyPlan(findBinary(t, "haproxy", "haproxy")) },
		"microsocks":    func(t testing.TB) plan { return microsocksPlan(findBinary(t, "microsocks", "microsocks")) },
	}
}

// TestPortTaken takes the port away between its choice and its use, once.
func TestPortTaken(t *testing.T) {
	for name, makePlan := range plans(t) {
		t.Run(name, func(t *testing.T) {
			pl := makePlan(t)
			var thief net.Listener
			prepare := pl.prepare
			pl.prepare = func(s *settings) ([]string, error) {
				if thief == nil {
					var err error
					if thief, err = net.Listen("tcp", s.HTTPAddr); err != nil {
						return nil, err
					}
					t.Cleanup(func() { thief.Close() })
				}
				return prepare(s)
			}
			s := newSettings(nil)
			s.Behind = "127.0.0.1:1" // of HAProxy, which is not asked for anything
			p := launch(t, s, pl)
			if thief == nil || p.HTTPAddr == thief.Addr().String() {
				t.Errorf("runs on %s, which is taken", p.HTTPAddr)
			}
			if c, err := net.Dial("tcp", p.HTTPAddr); err != nil {
				t.Errorf("not there after a second attempt: %v", err)
			} else {
				c.Close()
			}
		})
	}
}

// TestServerTrouble looks at what a test says whose server is no good.
func TestServerTrouble(t *testing.T) {
	sh := findBinary(t, "dash", "sh")
	leave := filepath.Join(t.TempDir(), "leave")
	for _, tt := range []struct {
		name, script string
		want         []string
	}{
		{"exits", "echo bad configuration; exit 1",
			[]string{"fatal: broken does not start: it exited", "bad configuration"}},
		{"always taken", "echo Address already in use >&2; exit 1",
			[]string{"fatal: broken does not start: port taken", "Address already in use"}},
		{"dies later", "echo up; until [ -e '" + leave + "' ]; do :; done; echo down",
			[]string{"error: broken ended before the test did", "log of broken:\nup\ndown"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pl := plan{
				name:    "broken",
				prepare: func(*settings) ([]string, error) { return []string{sh, "-c", tt.script}, nil },
				ready: func(_ context.Context, p *Peer) error {
					if p.Log() != "up" {
						return errors.New("not up")
					}
					return nil
				},
			}
			got := record(t, func(t testing.TB) {
				p := launch(t, newSettings(nil), pl)
				if err := os.WriteFile(leave, nil, 0o644); err != nil {
					t.Errorf("%v", err)
				}
				<-p.proc.exited
			})
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("outcome %q lacks %q", got, want)
				}
			}
		})
	}
}

// TestStubbornServer has one that ignores the signal to end, with a child of
// its own that outlives it.
func TestStubbornServer(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only there the children of a server are in its process group")
	}
	log := filepath.Join(t.TempDir(), "log")
	proc, err := start([]string{"/bin/sh", "-c", "trap '' TERM; sleep 600 & echo $!; wait"}, log)
	if err != nil {
		t.Fatal(err)
	}
	var child int
	for child == 0 {
		if data, _ := os.ReadFile(log); strings.HasSuffix(string(data), "\n") {
			if child, err = strconv.Atoi(strings.TrimSpace(string(data))); err != nil {
				t.Fatal(err)
			}
		}
	}
	proc.stop(0)
	if proc.running() {
		t.Error("still running after stop")
	}
	// It dies a moment after it was killed.
	deadline := time.NewTimer(10 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for alive(child) {
		select {
		case <-tick.C:
		case <-deadline.C:
			t.Fatalf("child %d runs on", child)
		}
	}
}

// alive reports whether a process is neither gone nor dead and only not yet
// noticed by its parent.
func alive(pid int) bool {
	state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(state), ") Z ")
}

func TestParseEcho(t *testing.T) {
	const facts = "method: POST\ntarget: /echo?a: b\nprotocol: HTTP/1.1\nlength: 3\n"
	base := Echo{Method: "POST", Target: "/echo?a: b", Protocol: "HTTP/1.1", Length: 3}
	full := base
	full.SHA256 = "00ff"
	full.Fields = []string{"Host: h", "X-Empty: ", "x: a: b"}
	trailed := base
	trailed.Fields, trailed.Trailers = []string{"Host: h"}, []string{"b: 1", "A: 2"}
	for _, tt := range []struct {
		name, in string
		want     Echo
		err      error
	}{
		{"bare", facts + "\n", base, nil},
		{"full", facts + "sha256: 00ff\n\nHost: h\nX-Empty: \nx: a: b\n", full, nil},
		{"trailers", facts + "\nHost: h\n\nb: 1\nA: 2\n", trailed, nil},
		{"empty", "", Echo{}, errors.New(`echo has no empty line: ""`)},
		{"unended", facts, Echo{}, fmt.Errorf("echo has no empty line: %q", facts)},
		{"twice", "length: 1\n" + facts + "\n", Echo{}, errors.New(`echo has line "length: 3"`)},
		{"no colon", "x\n" + facts + "\n", Echo{}, errors.New(`echo has line "x"`)},
		{"unknown", "x: y\n" + facts + "\n", Echo{}, errors.New(`echo has unknown key "x"`)},
		{"lacking", "length: 1\n\n", Echo{}, errors.New(`echo lacks "method": "length: 1\n\n"`)},
		{"no number", "length: x\n\n", Echo{},
			errors.New(`echo has length "x": strconv.ParseInt: parsing "x": invalid syntax`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseEcho([]byte(tt.in))
			if diff := cmp.Diff(fmt.Sprint(tt.err), fmt.Sprint(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if tt.err == nil {
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("echo (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestFreePortsAreDistinct(t *testing.T) {
	seen := make(map[string]bool)
	for range 20 {
		ports, err := freePorts(2)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range ports {
			if seen[p] {
				t.Fatalf("%s came twice", p)
			}
			seen[p] = true
		}
	}
}
