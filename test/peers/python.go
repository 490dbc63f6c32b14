package peers

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// findPython prefers the system's own over one that a version manager put
// first in PATH.
func findPython(t testing.TB) string {
	t.Helper()
	return findBinary(t, "python3", "/usr/bin/python3", "python3")
}

// PythonHTTP starts a server built on Python's http.server: files are served
// by its SimpleHTTPRequestHandler, the rest by the script httpd.py. It speaks
// HTTP/1.1 unless [Protocol] says otherwise; as HTTP/1.0 it closes after each
// response, and [PathChunked] ends where the connection does.
func PythonHTTP(t testing.TB, options ...Option) *Peer {
	t.Helper()
	python := findPython(t)
	s := newSettings(options)
	return launch(t, s, pythonPlan(python, s.Protocol))
}

func pythonPlan(python, protocol string) plan {
	name := "python"
	features := TLS | Redirect | PackedFile | UntilClose | Cut | EchoLength | EchoDigest |
		EchoFields | EchoExact | EchoTrailers | Mirror | Upload
	if protocol == "HTTP/1.1" {
		features |= KeepAlive | Chunked | Trailers | Early
	} else {
		name = "python-1.0"
	}
	return plan{
		name:     name,
		features: features,
		prepare: func(s *settings) ([]string, error) {
			script, err := assets.ReadFile("httpd.py")
			if err != nil {
				return nil, err
			}
			path := filepath.Join(s.Dir, "httpd.py")
			if err := place(path, script, 0o644); err != nil {
				return nil, err
			}
			return []string{
				python, path,
				"--http", s.HTTPAddr, "--https", s.HTTPSAddr,
				"--cert", s.CertFile, "--key", s.KeyFile,
				"--root", s.Root, "--upload", s.UploadDir,
				"--protocol", s.Protocol,
				"--requests", strconv.Itoa(s.KeepaliveRequests),
				"--timeout", fmt.Sprint(s.KeepaliveTimeout.Seconds()),
			}, nil
		},
		ready: probe,
	}
}

// PythonModule starts "python3 -m http.server" as it comes: files over HTTP
// and nothing else, HTTP/1.0 unless [Protocol] says otherwise. Options but
// Protocol do not apply to it.
func PythonModule(t testing.TB, options ...Option) *Peer {
	t.Helper()
	python := findPython(t)
	s := newSettings(append([]Option{Protocol("HTTP/1.0")}, options...))
	return launch(t, s, modulePlan(python, s.Protocol))
}

func modulePlan(python, protocol string) plan {
	var features Feature
	if protocol == "HTTP/1.1" {
		features = KeepAlive
	}
	return plan{
		name:     "python-module",
		features: features,
		prepare: func(s *settings) ([]string, error) {
			host, port, err := net.SplitHostPort(s.HTTPAddr)
			if err != nil {
				return nil, err
			}
			argv := []string{python, "-m", "http.server", "--bind", host, "--directory", s.Root}
			// A flag of Python 3.11 and later, so only given when it is needed.
			if s.Protocol != "HTTP/1.0" {
				argv = append(argv, "--protocol", s.Protocol)
			}
			return append(argv, port), nil
		},
		ready: announced,
	}
}

// announced waits for the line that http.server writes once it listens. There
// is nothing of this peer's own to fetch from it.
func announced(_ context.Context, p *Peer) error {
	if !strings.Contains(p.Log(), "Serving HTTP on") {
		return fmt.Errorf("it has not said that it listens on %s", p.HTTPAddr)
	}
	return nil
}
