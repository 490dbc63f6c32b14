//go:build unix

package har_test

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient/har"
)

// A browser is a headless Chromium that is driven by its debugging protocol, over a pair of pipes: messages are JSON,
// ended by NUL.
type browser struct {
	cmd  *exec.Cmd
	to   *os.File
	from *bufio.Reader
	last int
}

// startChromium starts one in a folder of its own. Without Chromium the test is skipped, unless STRATA_REQUIRE_PEERS is
// set.
func startChromium(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("STRATA_REQUIRE_PEERS") != "" {
			t.Fatalf("%v; STRATA_REQUIRE_PEERS is set", err)
		}
		t.Skipf("%v; test/peers/install.sh installs it", err)
	}
	// No t.TempDir, which fails the test when a process that is about to end still writes a file.
	dir, err := os.MkdirTemp("", "chromium")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	read, to := pipe(t)
	from, write := pipe(t)
	cmd := exec.Command(path, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
		"--disable-background-networking", "--disable-component-update", "--user-data-dir="+dir,
		"--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{read, write} // 3 and 4
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	cmd.WaitDelay = 5 * time.Second
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	read.Close()
	write.Close()
	t.Cleanup(func() {
		to.Close()
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		cmd.Wait()
		from.Close()
		if t.Failed() {
			for line := range strings.Lines(complaints.String()) {
				if !strings.Contains(line, "dbus") { // which a headless machine does not have
					t.Logf("Chromium said: %s", line)
				}
			}
		}
	})
	deadline := time.Now().Add(2 * time.Minute)
	from.SetReadDeadline(deadline)
	to.SetWriteDeadline(deadline)
	return &browser{cmd: cmd, to: to, from: bufio.NewReader(from)}
}

func pipe(t *testing.T) (read, write *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return read, write
}

// call calls a method of the protocol and reads its result.
func (b *browser) call(session, method string, params, result any) error {
	b.last++
	text, err := json.Marshal(struct {
		ID      int    `json:"id"`
		Method  string `json:"method"`
		Params  any    `json:"params"`
		Session string `json:"sessionId,omitempty"`
	}{b.last, method, params, session})
	if err != nil {
		return err
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		return fmt.Errorf("%s: %w", method, err)
	}
	for {
		text, err := b.from.ReadBytes(0)
		if err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		var reply struct {
			ID     int
			Result json.RawMessage
			Error  json.RawMessage
		}
		if err := json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &reply); err != nil {
			return fmt.Errorf("%s: %w", method, err)
		}
		switch {
		case reply.ID != b.last: // an event
		case reply.Error != nil:
			return fmt.Errorf("%s: %s", method, reply.Error)
		default:
			return json.Unmarshal(reply.Result, result)
		}
	}
}

// evaluate runs a script in a session and reads what its promise comes to.
func (b *browser) evaluate(session, script string, value any) error {
	var done struct {
		Result struct {
			Value json.RawMessage
		}
		ExceptionDetails json.RawMessage
	}
	err := b.call(session, "Runtime.evaluate",
		map[string]any{"expression": script, "awaitPromise": true, "returnByValue": true}, &done)
	switch {
	case err != nil:
		return err
	case done.ExceptionDetails != nil:
		return fmt.Errorf("the script has failed: %s", done.ExceptionDetails)
	case done.Result.Value == nil:
		return errors.New("the script has returned nothing")
	}
	return json.Unmarshal(done.Result.Value, value)
}

// open opens a page and returns the session with it.
func (b *browser) open(url string) (session string, err error) {
	var target struct{ TargetID string }
	if err := b.call("", "Target.createTarget", map[string]any{"url": url}, &target); err != nil {
		return "", err
	}
	var attached struct{ SessionID string }
	err = b.call("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	if err != nil {
		return "", err
	}
	// The page is blank at first, and a script that runs then is lost when the other one comes.
	for {
		var there bool
		err := b.evaluate(attached.SessionID, "new Promise((done) => setTimeout(() => "+
			"done(location.href !== 'about:blank' && document.readyState === 'complete'), 20))", &there)
		switch {
		case there:
			return attached.SessionID, nil
		case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, io.EOF), errors.Is(err, syscall.EPIPE):
			return "", fmt.Errorf("%s has not been loaded: %w", url, err)
		}
	}
}

//go:embed testdata/import.js
var importScript string

// imported is what the Network panel knows of a request that it has imported.
type imported struct {
	Method, URL, StatusText, MIMEType, Content, Form, Address, Protocol string
	Status, Size                                                        int
	RequestFields, ResponseFields, Query                                []string
	Wait                                                                float64 // ms
}

// Chromium's developer tools import an archive as a person would have them do it, by the Network panel, and have all
// of it.
func TestChromium(t *testing.T) {
	r := har.NewRecorder(har.KeepCredentials())
	n := world(t, "example.org:80", nil, func(r *http.Request) string {
		if r.URL.Path == "/binary" {
			return "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 5\r\n\r\n\x89PNG\x00"
		}
		return "HTTP/1.1 404 Not Here\r\nX-b: 1\r\nx-A: 2\r\nX-b: 3\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n" +
			"7\r\ngr\xc3\xbc\xc3\x9fe\r\n0\r\n\r\n"
	})
	c := client(t, n, r)
	do(t, c, "POST", "/form?q=a+b", fields("Content-Type", "application/x-www-form-urlencoded", "Cookie", "a=b"), body.String("name=x"))
	do(t, c, "GET", "/binary", nil, body.None())
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(canceled(), "GET", "/", nil, body.None()); err == nil {
		t.Fatal("a request that was canceled has succeeded")
	}
	want := []imported{{
		Method: "POST", URL: "http://example.org/form?q=a+b", Status: 404, StatusText: "Not Here", MIMEType: "text/plain",
		Content: "grüße", Form: "name=x", Size: 7, Protocol: "http/1.1", Query: []string{"q: a+b"},
		RequestFields: []string{"Host: example.org", "Accept-Encoding: identity", "Content-Length: 6",
			"Content-Type: application/x-www-form-urlencoded", "Cookie: a=b"},
		ResponseFields: []string{"X-b: 1", "x-A: 2", "X-b: 3", "Content-Type: text/plain", "Transfer-Encoding: chunked"},
	}, {
		Method: "GET", URL: "http://example.org/binary", Status: 200, StatusText: "OK", MIMEType: "image/png",
		Content: "iVBORwA=", Size: 5, Protocol: "http/1.1", Query: []string{},
		RequestFields:  []string{"Host: example.org", "Accept-Encoding: identity"},
		ResponseFields: []string{"Content-Type: image/png", "Content-Length: 5"},
	}}

	var file bytes.Buffer
	if _, err := r.WriteTo(&file); err != nil {
		t.Fatal(err)
	}
	quoted, err := json.Marshal(file.String())
	if err != nil {
		t.Fatal(err)
	}
	b := startChromium(t)
	session, err := b.open("devtools://devtools/bundled/devtools_app.html")
	if err != nil {
		t.Fatal(err)
	}
	var got []imported
	if err := b.evaluate(session, "("+importScript+")("+string(quoted)+")", &got); err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if i < len(r.Archive().Log.Entries) {
			if wait := r.Archive().Log.Entries[i].Timings.Wait; got[i].Wait-wait > 0.001 || wait-got[i].Wait > 0.001 {
				t.Errorf("wait of %v ms, and %v ms in the file", got[i].Wait, wait)
			}
			got[i].Wait = 0
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("imported (-want +got):\n%s", diff)
	}
	b.call("", "Browser.close", struct{}{}, new(any))
}

// canceled is a context that has ended.
func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
