package httpclient_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
)

// TestManualReads: the loop on Closed ends for every framing, and after the end it is EOF for ever.
func TestManualReads(t *testing.T) {
	answers := map[string]string{
		"length":        manualAnswer("200 OK", "content"),
		"length, close": manualAnswer("200 OK", "content", "Connection: close"),
		"empty":         manualAnswer("200 OK", ""),
		"no content":    "HTTP/1.1 204 No Content\r\n\r\n",
		"chunked":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n",
		"until close":   "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ncontent",
		"HTTP/1.0":      "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\ncontent",
	}
	for name, answer := range answers {
		for _, amount := range []int{1, 2, 7, 200} {
			network := manualAnswers("example.org:80", answer)
			c := manualConn(t, network, "example.org")
			r, err := c.Do(t.Context(), "GET", "/", nil, body.None())
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			rounds := 0
			for ; !r.Closed() && rounds < 100; rounds++ {
				piece, err := r.ReadN(amount)
				if err != nil {
					t.Fatalf("%s by %d: %v", name, amount, err)
				}
				got.Write(piece)
			}
			_, content, _ := strings.Cut(answer, "\r\n\r\n")
			if name == "chunked" {
				content = "content"
			}
			if got.String() != content || rounds == 100 {
				t.Errorf("%s by %d: %q in %d rounds", name, amount, got.String(), rounds)
			}
			manualAtEnd(t, name, r)
			c.Close()
			network.Close()
		}
	}
}

// manualAtEnd checks that nothing but the end comes from r.
func manualAtEnd(t *testing.T, name string, r httpclient.Response) {
	t.Helper()
	for range 3 {
		if n, err := r.Read(make([]byte, 4)); n != 0 || err != io.EOF {
			t.Errorf("%s: Read behind the end: %d, %v", name, n, err)
		}
		if b, err := r.ReadN(4); len(b) != 0 || err != nil {
			t.Errorf("%s: ReadN behind the end: %q, %v", name, b, err)
		}
		if b, err := r.ReadAll(); len(b) != 0 || err != nil {
			t.Errorf("%s: ReadAll behind the end: %q, %v", name, b, err)
		}
		if b, err := r.Peek(1); len(b) != 0 || err != io.EOF {
			t.Errorf("%s: Peek behind the end: %q, %v", name, b, err)
		}
		if b, err := r.ReadLine(0); len(b) != 0 || err != io.EOF {
			t.Errorf("%s: ReadLine behind the end: %q, %v", name, b, err)
		}
		if n, err := r.WriteTo(io.Discard); n != 0 || err != nil {
			t.Errorf("%s: WriteTo behind the end: %d, %v", name, n, err)
		}
		for line := range r.Lines() {
			t.Errorf("%s: a line behind the end: %q", name, line)
		}
	}
	if !r.Closed() || r.Remaining() != 0 || r.Close() != nil {
		t.Errorf("%s: not at its end: %v, %d", name, r.Closed(), r.Remaining())
	}
}

var errManualHook = errors.New("the hook refuses")

// TestManualHooks: an error of a hook stops the dial, and the write, with no octet on the wire; the error itself
// comes back.
func TestManualHooks(t *testing.T) {
	network := manualTestServe(t, "example.org:80", manualOK)
	network.serveTLS("example.com:443", manualOK)
	network.proxy("proxy.example:3128", "HTTP/1.1 200 OK\r\n\r\n")
	large := strings.Repeat("spam", 100_000)
	tests := []struct {
		name    string
		refuse  string // what the octets contain that are refused
		content func() body.Source
		sent    string // what may be sent before
	}{
		{"head", "POST", body.None, ""},
		{"head with content", "POST", func() body.Source { return body.String("spam") }, ""},
		{"content behind the head", "spam", func() body.Source { return body.Reader(manualOnly{strings.NewReader("spam")}) }, "\r\n\r\n"},
		{"large content", "spam", func() body.Source { return body.String(large) }, "\r\n\r\n"},
	}
	for _, test := range tests {
		for _, secure := range []bool{false, true} {
			hook := httpclient.WithSendHook(func(octets []byte) error {
				if strings.Contains(string(octets), test.refuse) {
					return errManualHook
				}
				return nil
			})
			newConn, host := httpclient.New, "example.org"
			if secure {
				newConn, host = httpclient.NewTLS, "example.com"
			}
			c := manualMust(newConn(host, httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots()), hook))
			network.Written()
			manualCheck(c.Connect(t.Context()))
			handshake := network.Written()
			_, err := c.Do(t.Context(), "POST", "/", nil, test.content())
			if err != errManualHook {
				t.Errorf("%s, TLS %v: error %v", test.name, secure, err)
			}
			written := network.Written()
			if strings.Contains(written, test.refuse) || test.sent == "" && written != "" || !secure && !strings.HasSuffix(written, test.sent) {
				t.Errorf("%s, TLS %v: written %.200q", test.name, secure, written)
			}
			if c.Connected() || secure == (handshake == "") {
				t.Errorf("%s, TLS %v: connected %v, %d octets of a handshake", test.name, secure, c.Connected(), len(handshake))
			}
			if _, err := c.Do(t.Context(), "GET", "/", nil, body.None()); err != nil {
				t.Errorf("%s, TLS %v: afterwards: %v", test.name, secure, err)
			}
			c.Close()
		}
	}
	t.Run("raw", func(t *testing.T) {
		c := manualConn(t, network, "example.org", httpclient.WithSendHook(func([]byte) error { return errManualHook }))
		network.Written()
		if err := c.SendRaw(t.Context(), []byte("spam")); err != errManualHook || network.Written() != "" || c.Connected() {
			t.Errorf("%v, connected %v", err, c.Connected())
		}
	})
	t.Run("CONNECT", func(t *testing.T) {
		c := manualConn(t, network, "proxy.example:3128", httpclient.WithSendHook(func([]byte) error { return errManualHook }))
		manualCheck(c.SetTunnel("example.org", 0, nil))
		if err := c.Connect(t.Context()); err != errManualHook || network.Written() != "" || c.Connected() {
			t.Errorf("%v, connected %v", err, c.Connected())
		}
	})
	t.Run("connect", func(t *testing.T) {
		c := manualConn(t, network, "example.org", httpclient.WithConnectHook(func(_ context.Context, host string, port int) error {
			return errManualHook
		}))
		var resp httpclient.Response
		network.Dialled()
		for _, calls := range []string{"D", "Q", "PE", "W"} {
			if err := manualSteps(c, &resp, calls); err != errManualHook {
				t.Errorf("%s: %v", calls, err)
			}
			c.Close()
		}
		if dialled := network.Dialled(); dialled != nil {
			t.Errorf("dialled %v", dialled)
		}
	})
}

// manualOnly hides what else a reader can do, so that its content is sent behind the head.
type manualOnly struct{ io.Reader }
