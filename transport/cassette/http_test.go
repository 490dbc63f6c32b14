package cassette_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/cassette"
)

// get fetches a URL with a client whose https comes from d.
func get(d transport.Dialer, urls ...string) (string, error) {
	t := &http.Transport{DialContext: d.DialContext, DialTLSContext: d.DialContext}
	defer t.CloseIdleConnections()
	client := http.Client{Transport: t}
	var all strings.Builder
	for _, url := range urls {
		resp, err := client.Get(url)
		if err != nil {
			return all.String(), err
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Fprintf(&all, "%s %q %v\n", resp.Status, body, err)
	}
	return all.String(), nil
}

// http.Client records https as plain text, and replays it when the server is gone.
func TestHTTPClientTLS(t *testing.T) {
	cert, roots, _ := testcert.New(t, "127.0.0.1")
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello from %s", r.URL.Path)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	urls := []string{server.URL + "/one", server.URL + "/two"}
	want := "200 OK \"hello from /one\" <nil>\n200 OK \"hello from /two\" <nil>\n"

	file := path(t)
	tape := record(t, transport.TLS{Config: &tls.Config{RootCAs: roots}}, file)
	if got, err := get(tape, urls...); got != want || err != nil {
		t.Fatalf("recorded %q, %v", got, err)
	}
	finish(t, tape)
	server.Close()

	text := content(t, file)
	if strings.Count(text, "\ndial ") != 1 || strings.Count(text, `  GET /two HTTP/1.1\r\n`+"\n") != 1 || !strings.Contains(text, "hello from /two") {
		t.Errorf("the cassette is not one connection of plain text:\n%s", text)
	}
	for _, how := range []cassette.Segmentation{cassette.Recorded, cassette.Whole, 1} {
		tape = replay(t, file, cassette.Segments(how))
		if got, err := get(tape, urls...); got != want || err != nil {
			t.Errorf("replayed %q, %v", got, err)
		}
		if err := tape.Close(); err != nil {
			t.Error(err)
		}
	}

	tape = replay(t, file)
	_, err := get(tape, server.URL+"/other")
	if err == nil || !strings.Contains(err.Error(), `- GET /one HTTP/1.1\r\n`) || !strings.Contains(err.Error(), `+ GET /other HTTP/1.1\r\n`) {
		t.Errorf("another request: %v", err)
	}
	if tape.Close() == nil {
		t.Error("Close tells no mismatch")
	}
}

// In a bubble an answer that took an hour takes an hour of the bubble's clock.
func TestHTTPClientInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := written(t, `
dial 1 0s tcp example.org:80
open 1 0s
> 1 0s
  GET / HTTP/1.1\r\n
  Host: example.org\r\n
  User-Agent: Go-http-client/1.1\r\n
  Accept-Encoding: gzip\r\n
  \r\n
< 1 1h
  HTTP/1.1 200 OK\r\n
  Content-Length: 4\r\n
  \r\n
  late
`)
		start := time.Now()
		got, err := get(replay(t, file, cassette.Timed()), "http://example.org/")
		if diff := cmp.Diff("200 OK \"late\" <nil>\n", got); diff != "" || err != nil {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if time.Since(start) != time.Hour {
			t.Errorf("it took %v", time.Since(start))
		}
	})
}

// A crash leaves what came before it beside the file, and the file as it was.
func TestUnfinished(t *testing.T) {
	file := path(t)
	tape := record(t, world(t, func(c net.Conn) { io.Copy(c, c) }), file, cassette.Stable())
	c := dial(t, tape)
	write(t, c, "echo")
	read(t, c, "echo")
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("there is a file before Close: %v", err)
	}
	temporary, _ := filepath.Glob(file + ".*.tmp")
	if len(temporary) != 1 {
		t.Fatalf("temporary files: %q", temporary)
	}
	// All that has happened is there, to be saved after a crash.
	want := cassette.Header + "\ndial 1 - tcp example.org:80\nopen 1 -\n> 1 -\n  echo\n< 1 -\n  echo\n"
	if diff := cmp.Diff(want, content(t, temporary[0])); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	finish(t, tape)
}

// A dial that is under way when the recording ends is replayed as one that was given up.
func TestClosedWhileDialling(t *testing.T) {
	file := path(t)
	begun, end := make(chan struct{}), make(chan struct{})
	tape := record(t, transport.DialerFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
		close(begun)
		<-end
		return nil, net.ErrClosed
	}), file)
	done := make(chan struct{})
	go func() {
		defer close(done)
		tape.DialContext(context.Background(), "tcp", "example.org:80")
	}()
	<-begun
	finish(t, tape)
	close(end)
	<-done
	_, err := replay(t, file).DialContext(context.Background(), "tcp", "example.org:80")
	if err == nil || !strings.Contains(err.Error(), "canceled") {
		t.Errorf("dial = %v", err)
	}
}
