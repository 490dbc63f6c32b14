package bridge

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/strata-http/strata/nethttp"
)

// served is an application that others wrote, or with parts of theirs, behind a server of Strata.
type served struct {
	name    string
	handler func(t *testing.T) http.Handler
	asked   []exchange
}

// exchange is a request, and what must come of it.
type exchange struct {
	method, path string
	fields       []string // "Name: value"
	content      string
	status       int
	want         string   // in the content
	header       []string // "Name: value" that the response has
}

func (e exchange) String() string { return e.method + " " + e.path }

// TestServed asks the applications by net/http, by Strata and by curl.
func TestServed(t *testing.T) {
	for _, a := range applications {
		t.Run(a.name, func(t *testing.T) {
			base := "http://" + serve(t, a.handler(t))
			for _, client := range []struct {
				name string
				ask  func(*testing.T, string, exchange) answer
			}{
				{"net-http", asker(&http.Transport{})}, {"Strata", asker(&nethttp.Transport{})}, {"curl", curl},
			} {
				t.Run(client.name, func(t *testing.T) {
					for _, e := range a.asked {
						e.check(t, client.ask(t, base, e))
					}
					figure(t, "%s behind Strata, asked by %s: %d exchanges", a.name, client.name, len(a.asked))
				})
			}
		})
	}
}

// answer is what came of an exchange.
type answer struct {
	status  int
	header  http.Header
	content string
}

func (e exchange) check(t *testing.T, a answer) {
	t.Helper()
	if a.status != e.status {
		t.Errorf("%v: status %d, want %d: %.200q", e, a.status, e.status, a.content)
	}
	if !strings.Contains(a.content, e.want) {
		t.Errorf("%v: %.200q, want %.200q in it", e, a.content, e.want)
	}
	for _, line := range e.header {
		name, value, _ := strings.Cut(line, ": ")
		if got := a.header.Get(name); got != value {
			t.Errorf("%v: %s is %q, want %q", e, name, got, value)
		}
	}
	if e.method == "HEAD" && a.content != "" {
		t.Errorf("%v has content %.100q", e, a.content)
	}
}

// asker asks by a transport.
func asker(rt http.RoundTripper) func(*testing.T, string, exchange) answer {
	return func(t *testing.T, base string, e exchange) answer {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), e.method, base+e.path, strings.NewReader(e.content))
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range e.fields {
			name, value, _ := strings.Cut(line, ": ")
			req.Header.Set(name, value)
		}
		t.Cleanup(rt.(interface{ CloseIdleConnections() }).CloseIdleConnections)
		res, err := rt.RoundTrip(req)
		if err != nil {
			t.Fatalf("%v: %v", e, err)
		}
		return answer{res.StatusCode, res.Header, readAll(t, res.Body)}
	}
}

// curl asks by the program of that name.
func curl(t *testing.T, base string, e exchange) answer {
	t.Helper()
	needCurl(t)
	args := []string{"--silent", "--show-error", "--include", "--max-time", "60", "--path-as-is", "--header", "Expect:"}
	if e.method == "HEAD" {
		args = append(args, "--head")
	} else {
		args = append(args, "--request", e.method)
	}
	if e.content != "" {
		args = append(args, "--data-binary", "@-", "--header", "Content-Type:")
	}
	for _, line := range e.fields {
		args = append(args, "--header", line)
	}
	cmd := exec.CommandContext(t.Context(), "curl", append(args, base+e.path)...)
	cmd.Stdin = strings.NewReader(e.content)
	out, err := cmd.Output()
	if err != nil {
		var failed *exec.ExitError
		errors.As(err, &failed)
		t.Fatalf("%v: %v %s", e, err, failed.Stderr)
	}
	head, content, _ := strings.Cut(string(out), "\r\n\r\n")
	lines := strings.Split(head, "\r\n")
	status, err := strconv.Atoi(strings.Fields(lines[0])[1])
	if err != nil {
		t.Fatalf("%v: %q", e, head)
	}
	a := answer{status: status, header: http.Header{}, content: content}
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		a.header.Add(name, value)
	}
	return a
}

func needCurl(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("curl"); err != nil {
		if os.Getenv("STRATA_REQUIRE_PEERS") == "1" {
			t.Fatal("curl is not installed")
		}
		t.Skip("curl is not installed")
	}
}

// serve serves over Strata until the test is over, and returns host:port.
func serve(t *testing.T, handler http.Handler) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := nethttp.NewServer(&http.Server{Handler: handler})
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		<-done
	})
	return l.Addr().String()
}
