package httpclient_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/cassette"
)

// A Conn of NewTLS records https above TLS, and replays it, with a dialer that makes the session itself: Handshake then
// has nothing left to do.
func TestCassetteTLS(t *testing.T) {
	cert, roots, _ := testcert.New(t, "127.0.0.1")
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello from %s", r.URL.Path)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{cert}}
	server.StartTLS()
	file := filepath.Join(t.TempDir(), "x.cassette")

	talk := func(tape *cassette.Cassette) {
		t.Helper()
		already := transport.TLS{Handshake: func(_ context.Context, c net.Conn, _ string) (net.Conn, error) { return c, nil }}
		c, err := httpclient.NewTLS(strings.TrimPrefix(server.URL, "https://"), httpclient.WithDialer(tape), httpclient.WithTLS(already))
		if err != nil {
			t.Fatal(err)
		}
		for _, target := range []string{"/one", "/two"} {
			resp, err := c.Do(context.Background(), "GET", target, nil, body.None())
			if err != nil {
				t.Fatal(err)
			}
			if content, err := resp.ReadAll(); string(content) != "hello from "+target || err != nil {
				t.Errorf("%s: %q, %v", target, content, err)
			}
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if err := tape.Complete(); err != nil {
			t.Error(err)
		}
		if err := tape.Close(); err != nil {
			t.Error(err)
		}
	}

	tape, err := cassette.Record(transport.TLS{Config: &tls.Config{RootCAs: roots}}, file)
	if err != nil {
		t.Fatal(err)
	}
	talk(tape)
	server.Close()
	if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), `  GET /two HTTP/1.1\r\n`) {
		t.Errorf("%s, %v", text, err)
	}
	if tape, err = cassette.Replay(file); err != nil {
		t.Fatal(err)
	}
	talk(tape)
}
