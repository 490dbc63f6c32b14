package interop

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http/httptrace"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/strata-http/strata/test/peers"
)

// checkKeepAlive has many requests on one connection.
func checkKeepAlive(t *testing.T, p *peers.Peer, url string) {
	c := client(t, p)
	dialed := 0
	trace := &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		if !info.Reused {
			dialed++
		}
	}}
	for range 100 {
		req := request(t, "GET", url, nil)
		_, content := do(t, c, req.WithContext(httptrace.WithClientTrace(req.Context(), trace)))
		equal(t, "length", 13, len(content))
	}
	equal(t, "connections", 1, dialed)
}

// dialRaw opens a connection on which the test writes requests itself.
func dialRaw(t *testing.T, p *peers.Peer, secure bool) net.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var c net.Conn
	var err error
	if secure {
		d := tls.Dialer{Config: &tls.Config{RootCAs: p.RootCAs}}
		c, err = d.DialContext(ctx, "tcp", p.HTTPSAddr)
	} else {
		c, err = new(net.Dialer).DialContext(ctx, "tcp", p.HTTPAddr)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	// A peer that does not close must not hold up the run.
	if err := c.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return c
}

const rawRequest = "GET /f-13 HTTP/1.1\r\nHost: localhost\r\n\r\n"

// TestPeerKeepaliveRequests sends three requests at once to peers that serve
// two on a connection, and counts what comes before the connection ends.
func TestPeerKeepaliveRequests(t *testing.T) {
	peers.Each(t, func(t *testing.T, p *peers.Peer) {
		p.Require(t, peers.KeepAlive)
		for _, secure := range []bool{false, true} {
			c := dialRaw(t, p, secure)
			if _, err := io.WriteString(c, rawRequest+rawRequest); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(c)
			if err != nil {
				t.Fatalf("TLS %v: connection does not end well: %v", secure, err)
			}
			equal(t, "responses", 2, bytes.Count(got, []byte("HTTP/1.1 200 ")))
			equal(t, "announced", p.Name != "python", bytes.Contains(got, []byte("\r\nConnection: close\r\n")))
		}
	}, peers.KeepaliveRequests(2))
}

// TestPeerKeepaliveTimeout waits for a peer to end an idle connection.
func TestPeerKeepaliveTimeout(t *testing.T) {
	peers.Each(t, func(t *testing.T, p *peers.Peer) {
		p.Require(t, peers.KeepAlive|peers.TLS)
		for _, secure := range []bool{false, true} {
			c := dialRaw(t, p, secure)
			if _, err := io.WriteString(c, rawRequest); err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(c)
			if err != nil {
				t.Fatalf("TLS %v: connection does not end well: %v", secure, err)
			}
			equal(t, "responses", 1, bytes.Count(got, []byte("HTTP/1.1 200 ")))
			equal(t, "announced", false, bytes.Contains(got, []byte("\r\nConnection: close\r\n")))
		}
	}, peers.KeepaliveTimeout(100*time.Millisecond))
}

func TestPythonProtocol(t *testing.T) {
	for _, tt := range []struct{ protocol, want string }{
		{"HTTP/1.0", "HTTP/1.0 200 OK\r\n"},
		{"HTTP/1.1", "HTTP/1.1 200 OK\r\n"},
	} {
		for name, start := range map[string]func(testing.TB, ...peers.Option) *peers.Peer{
			"script": peers.PythonHTTP, "module": peers.PythonModule,
		} {
			t.Run(name+" "+tt.protocol, func(t *testing.T) {
				c := dialRaw(t, start(t, peers.Protocol(tt.protocol)), false)
				if _, err := io.WriteString(c, strings.Replace(rawRequest, "\r\n\r\n", "\r\nConnection: close\r\n\r\n", 1)); err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(c)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "status-line", true, strings.HasPrefix(string(got), tt.want))
			})
		}
	}
}

// checkCurl has a second client agree, one that has the certificate by file.
func checkCurl(t *testing.T, p *peers.Peer, url string) {
	curl := peers.Curl(t)
	out := filepath.Join(t.TempDir(), "out")
	cmd := exec.CommandContext(t.Context(), curl, "--disable", "--silent", "--show-error", "--noproxy", "*",
		"--http1.1", "--max-time", "20", "--cacert", p.CAFile, "--output", out,
		"--write-out", "%{http_code} %{size_download} %{num_connects}", url)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	said, err := cmd.Output()
	if err != nil {
		t.Fatalf("curl: %v: %s", err, stderr.String())
	}
	equal(t, "curl's summary", "200 1048576 1", string(said))
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := digest(f)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "digest", peers.Lookup(t, "f-1048576").SHA256, got)
}
