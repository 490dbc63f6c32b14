package httpclient_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// seedSteps carries out calls named by letters, and returns the error of the last one.
func seedSteps(c *httpclient.Conn, resp *httpclient.Response, calls string) (err error) {
	for _, call := range calls {
		switch call {
		case 'P':
			err = c.PutRequest("POST", "/", 0)
		case 'L':
			err = c.PutHeader("Content-Length", "4")
		case 'H':
			err = c.PutHeader("X-Spam", "eggs")
		case 'F':
			err = c.PutHeaderFolded("X-Spam", "eggs", "bacon")
		case 'E':
			err = c.EndHeaders(ctx, body.None())
		case 'S':
			err = c.Send(ctx, body.String("spam"))
		case 'Q':
			err = c.Request(ctx, "GET", "/", nil, body.None())
		case 'W':
			err = c.SendRaw(ctx, []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), "GET")
		case 'w':
			err = c.SendRaw(ctx, []byte("GET / HTTP/1.1\r\n"))
		case 'R':
			var next httpclient.Response
			if next, err = c.Response(ctx); err == nil {
				*resp = next
			}
		case 'A':
			_, err = resp.ReadAll()
		case 'r':
			_, err = resp.ReadN(2)
		case 'C':
			err = resp.Close()
		case 'X':
			err = c.Close()
		case 'T':
			err = c.SetTunnel("far.example", 0, nil)
		case 'N':
			err = c.Pipeline(2)
		case 'D':
			err = c.Connect(ctx)
		}
	}
	return err
}

// TestSeedOrder: a call in the wrong order is the error of its name, writes nothing, and harms nothing: what
// was begun can go on.
func TestSeedOrder(t *testing.T) {
	tests := []struct {
		before, call string // see seedSteps
		want         error
		after        string // what is possible all the same
	}{
		{"", "H", httpclient.ErrCannotSendHeader, "PLESRA"},
		{"", "F", httpclient.ErrCannotSendHeader, "QRA"},
		{"", "E", httpclient.ErrCannotSendHeader, "PLESRA"},
		{"", "S", httpclient.ErrCannotSendRequest, "QRA"},
		{"", "R", httpclient.ErrResponseNotReady, "QRA"},
		{"P", "P", httpclient.ErrCannotSendRequest, "LESRA"},
		{"P", "Q", httpclient.ErrCannotSendRequest, "LESRA"},
		{"P", "W", httpclient.ErrCannotSendRequest, "LESRA"},
		{"P", "S", httpclient.ErrCannotSendRequest, "LESRA"},
		{"P", "R", httpclient.ErrResponseNotReady, "LESRA"},
		{"P", "T", httpclient.ErrImproperState, "LESRA"},
		{"P", "N", httpclient.ErrImproperState, "LESRA"},
		{"PLE", "P", httpclient.ErrCannotSendRequest, "SRA"},
		{"PLE", "H", httpclient.ErrCannotSendHeader, "SRA"},
		{"PLE", "F", httpclient.ErrCannotSendHeader, "SRA"},
		{"PLE", "E", httpclient.ErrCannotSendHeader, "SRA"},
		{"PLE", "Q", httpclient.ErrCannotSendRequest, "SRA"},
		{"PLE", "W", httpclient.ErrCannotSendRequest, "SRA"},
		{"PLE", "T", httpclient.ErrImproperState, "SRA"},
		{"PLES", "H", httpclient.ErrCannotSendHeader, "RA"},
		{"Q", "Q", httpclient.ErrCannotSendRequest, "RA"},
		{"Q", "P", httpclient.ErrCannotSendRequest, "RA"},
		{"Q", "W", httpclient.ErrCannotSendRequest, "RA"},
		{"Q", "H", httpclient.ErrCannotSendHeader, "RA"},
		{"Q", "E", httpclient.ErrCannotSendHeader, "RA"},
		{"Q", "S", httpclient.ErrCannotSendRequest, "RA"},
		{"Q", "N", httpclient.ErrImproperState, "RA"},
		{"QR", "R", httpclient.ErrResponseNotReady, "AQRA"},
		{"QR", "Q", httpclient.ErrCannotSendRequest, "AQRA"},
		{"QR", "P", httpclient.ErrCannotSendRequest, "AQRA"},
		{"QR", "W", httpclient.ErrCannotSendRequest, "AQRA"},
		{"QR", "H", httpclient.ErrCannotSendHeader, "AQRA"},
		{"QR", "N", httpclient.ErrImproperState, "AQRA"},
		{"QRr", "Q", httpclient.ErrCannotSendRequest, "AQRA"},
		{"QRA", "R", httpclient.ErrResponseNotReady, "QRA"},
		{"QRA", "S", httpclient.ErrCannotSendRequest, "QRA"},
		{"QRA", "T", httpclient.ErrImproperState, "QRA"},
		{"QRAPX", "H", httpclient.ErrCannotSendHeader, "QRA"},
		{"D", "T", httpclient.ErrImproperState, "QRA"},
		{"W", "Q", httpclient.ErrCannotSendRequest, "RA"},
	}
	network := seedTestServe(t, "example.org:80", func(seedRequest) string { return seedAnswer("200 OK", "content") })
	for _, test := range tests {
		t.Run(test.before+" "+test.call, func(t *testing.T) {
			c := seedConn(t, network, "example.org")
			defer c.Close()
			var resp httpclient.Response
			if err := seedSteps(c, &resp, test.before); err != nil {
				t.Fatal(err)
			}
			network.Written()
			network.Dialled()
			err := seedSteps(c, &resp, test.call)
			if !errors.Is(err, test.want) || !errors.Is(err, httpclient.ErrImproperState) || !errors.Is(err, httpclient.ErrHTTP) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if written, dialled := network.Written(), network.Dialled(); written != "" || dialled != nil {
				t.Errorf("written %q, dialled %v", written, dialled)
			}
			if err := seedSteps(c, &resp, test.after); err != nil {
				t.Errorf("afterwards: %v", err)
			}
			if resp.Status() != 200 || !resp.Closed() {
				t.Errorf("afterwards: status %v, closed %v", resp.Status(), resp.Closed())
			}
		})
	}
}

// TestSeedClose: Close in every state, and a request after it.
func TestSeedClose(t *testing.T) {
	states := []string{
		"", "D", "P", "PH", "PF", "PLE", "PLES", "Q", "QR", "QRr", "QRA", "QRC", "QX", "QRX", "w", "W", "WR",
		"N", "NQ", "NQQ", "NQQR", "NQQRr", "NQQRA", "NQQRAR",
	}
	network := seedTestServe(t, "example.org:80", func(seedRequest) string { return seedAnswer("200 OK", "content") })
	for _, state := range states {
		t.Run(state, func(t *testing.T) {
			c := seedConn(t, network, "example.org")
			var resp httpclient.Response
			if err := seedSteps(c, &resp, state); err != nil {
				t.Fatal(err)
			}
			if err := c.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
			if c.Connected() || c.NetConn() != nil || c.TLS() != nil || c.Unanswered() != 0 {
				t.Error("something is left of the connection")
			}
			if _, err := resp.Read(make([]byte, 1)); !errors.Is(err, httpclient.ErrResponseClosed) || !resp.Closed() {
				t.Errorf("the response can be read: %v", err)
			}
			if err := c.Close(); err != nil {
				t.Errorf("Close again: %v", err)
			}
			network.Written()
			if err := seedSteps(c, &resp, "QRA"); err != nil || resp.Status() != 200 {
				t.Errorf("a request afterwards: %v", err)
			}
			if got, want := network.Written(), "GET / HTTP/1.1\r\nHost: example.org\r\nAccept-Encoding: identity\r\n\r\n"; got != want {
				t.Errorf("written %q, want %q", got, want)
			}
			c.Close()
		})
	}
}

// TestSeedFolds: what PutHeader and PutHeaderFolded make of several values.
func TestSeedFolds(t *testing.T) {
	network := new(seedNetwork)
	network.listen("example.org:80", network.recordAndSay("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"))
	t.Cleanup(network.Close)
	c := seedConn(t, network, "example.org")
	send := func() string {
		if err := c.EndHeaders(t.Context(), body.None()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Response(t.Context()); err != nil {
			t.Fatal(err)
		}
		return strings.TrimPrefix(network.Written(), "GET / HTTP/1.1\r\n")
	}
	begin := func() {
		if err := c.PutRequest("GET", "/", httpclient.SkipAcceptEncoding); err != nil {
			t.Fatal(err)
		}
	}
	begin()
	for _, values := range [][]string{nil, {"a"}, {"a", "b"}, {"a", "", "b"}, {"a\tb", "c d"}} {
		seedCheck(c.PutHeader("J", values...))
		seedCheck(c.PutHeaderFolded("F", values...))
	}
	want := "Host: example.org\r\nJ: \r\nF: \r\nJ: a\r\nF: a\r\nJ: a b\r\nF: a\r\n\tb\r\nJ: a  b\r\nF: a\r\n\t\r\n\tb\r\n" +
		"J: a\tb c d\r\nF: a\tb\r\n\tc d\r\n\r\n"
	if diff := cmp.Diff(want, send()); diff != "" {
		t.Errorf("on the wire (-want +got):\n%s", diff)
	}

	begin()
	for _, values := range [][]string{{"a", "b\r\nX: c"}, {"a\n", "b"}, {"a", "\x00"}, {" a", "b"}, {"a", "b "}, {"", "b"}} {
		if err := c.PutHeaderFolded("F", values...); !errors.Is(err, httpclient.ErrHTTP) {
			t.Errorf("%q: %v", values, err)
		}
	}
	if err := c.PutHeaderFolded("F\r\n", "a", "b"); !errors.Is(err, wire.RuleFieldName) {
		t.Errorf("a name: %v", err)
	}
	if got, want := send(), "Host: example.org\r\n\r\n"; got != want {
		t.Errorf("refused values were sent: %q", got)
	}

	begin() // a request that is given up leaves no fold behind
	seedCheck(c.PutHeaderFolded("F", "a", "b"))
	c.Close()
	begin()
	if got, want := send(), "Host: example.org\r\n\r\n"; got != want {
		t.Errorf("written %q, want %q", got, want)
	}
}

// TestSeedEndHeadersMended: EndHeaders that failed can be repeated, with other content.
func TestSeedEndHeadersMended(t *testing.T) {
	network := seedTestServe(t, "example.org:80", seedOK)
	c := seedConn(t, network, "example.org", httpclient.WithoutReconnect())
	seedCheck(c.PutRequest("POST", "/", 0))
	for _, content := range []string{"spam", "spam, eggs"} {
		if err := c.EndHeaders(t.Context(), body.String(content)); !errors.Is(err, httpclient.ErrNotConnected) {
			t.Fatal(err)
		}
	}
	seedCheck(c.Connect(t.Context()))
	if err := c.EndHeaders(t.Context(), body.Reader(strings.NewReader("a"))); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Response(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := "POST / HTTP/1.1\r\nHost: example.org\r\nAccept-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
	if diff := cmp.Diff(want, network.Written()); diff != "" {
		t.Errorf("on the wire (-want +got):\n%s", diff)
	}
}

// TestSeedNotConnected: without reconnecting nothing is dialled but by Connect.
func TestSeedNotConnected(t *testing.T) {
	network := seedTestServe(t, "example.org:80", func(seedRequest) string { return seedAnswer("200 OK", "", "Connection: close") })
	c := seedConn(t, network, "example.org", httpclient.WithoutReconnect())
	var resp httpclient.Response
	for _, round := range []string{"at first", "behind a drop"} {
		for _, calls := range []string{"Q", "PE", "W", "w"} {
			if err := seedSteps(c, &resp, calls); !errors.Is(err, httpclient.ErrNotConnected) || !errors.Is(err, httpclient.ErrHTTP) {
				t.Errorf("%s %s: %v", round, calls, err)
			}
			c.Close()
		}
		if dialled := network.Dialled(); dialled != nil {
			t.Errorf("%s: dialled %v", round, dialled)
		}
		if err := seedSteps(c, &resp, "DQRA"); err != nil {
			t.Errorf("%s, connected: %v", round, err)
		}
		network.Dialled()
	}
}

// TestSeedFileModes: files that cannot be content, by every way in, and nothing is dialled or written.
func TestSeedFileModes(t *testing.T) {
	network := seedTestServe(t, "example.org:80", seedOK)
	directory := seedMust(os.Open(t.TempDir()))
	defer directory.Close()
	path, remove := seedFile("spam")
	defer remove()
	writable := seedMust(os.OpenFile(path, os.O_WRONLY, 0))
	defer writable.Close()
	appending := seedMust(os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0))
	defer appending.Close()
	closed := seedMust(os.Open(path))
	closed.Close()
	for name, f := range map[string]*os.File{"directory": directory, "write-only": writable, "appending": appending, "closed": closed} {
		for way, source := range map[string]body.Source{"File": body.File(f), "FileChunked": body.FileChunked(f), "SizedReader": body.SizedReader(f, 4)} {
			c := seedConn(t, network, "example.org")
			check := func(what string, err error) {
				if !errors.Is(err, httpclient.ErrUnimplementedFileMode) || !errors.Is(err, httpclient.ErrHTTP) {
					t.Errorf("%s of %s, %s: %v", way, name, what, err)
				}
				if written := network.Written(); written != "" {
					t.Errorf("%s of %s, %s: written %q", way, name, what, written)
				}
			}
			check("Request", c.Request(t.Context(), "PUT", "/", nil, source))
			seedCheck(c.PutRequest("PUT", "/", 0))
			check("EndHeaders", c.EndHeaders(t.Context(), source))
			if dialled := network.Dialled(); dialled != nil {
				t.Errorf("%s of %s: dialled %v", way, name, dialled)
			}
			seedCheck(c.PutHeader("Content-Length", "4"))
			seedCheck(c.EndHeaders(t.Context(), body.None()))
			network.Written()
			check("Send", c.Send(t.Context(), source))
			network.Dialled()
			c.Close()
		}
	}
}

// TestSeedRemoteDisconnected: no octet of a response is a reset and a bad status line at once, however the
// connection ends, and the next request connects anew.
func TestSeedRemoteDisconnected(t *testing.T) {
	network := new(seedNetwork)
	endings := []func(net.Conn){
		func(nc net.Conn) { nc.Close() },
		func(nc net.Conn) { nc.(interface{ Reset() error }).Reset() },
	}
	ending := endings[0]
	network.listen("example.org:80", func(nc net.Conn) {
		network.receive(nc, nil)
		ending(nc)
	})
	t.Cleanup(network.Close)
	c := seedConn(t, network, "example.org")
	for _, ending = range endings {
		_, err := c.Do(t.Context(), "GET", "/", nil, body.None())
		for _, want := range []error{httpclient.ErrRemoteDisconnected, httpclient.ErrBadStatusLine, httpclient.ErrHTTP, syscall.ECONNRESET} {
			if !errors.Is(err, want) {
				t.Errorf("%v is not %v", err, want)
			}
		}
		if c.Connected() {
			t.Error("connected")
		}
	}
	if dialled := network.Dialled(); len(dialled) != len(endings) {
		t.Errorf("dialled %v", dialled)
	}
}

// TestSeedReads: the loop on Closed ends for every framing, and after the end it is EOF for ever.
func TestSeedReads(t *testing.T) {
	answers := map[string]string{
		"length":        seedAnswer("200 OK", "content"),
		"length, close": seedAnswer("200 OK", "content", "Connection: close"),
		"empty":         seedAnswer("200 OK", ""),
		"no content":    "HTTP/1.1 204 No Content\r\n\r\n",
		"chunked":       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ncon\r\n4\r\ntent\r\n0\r\n\r\n",
		"until close":   "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\ncontent",
		"HTTP/1.0":      "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\ncontent",
	}
	for name, answer := range answers {
		for _, amount := range []int{1, 2, 7, 200} {
			network := seedAnswers("example.org:80", answer)
			c := seedConn(t, network, "example.org")
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
			seedAtEnd(t, name, r)
			c.Close()
			network.Close()
		}
	}
}

// seedAtEnd checks that nothing but the end comes from r.
func seedAtEnd(t *testing.T, name string, r httpclient.Response) {
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

var errSeedHook = errors.New("the hook refuses")

// TestSeedHooks: an error of a hook stops the dial, and the write, with no octet on the wire; the error itself
// comes back.
func TestSeedHooks(t *testing.T) {
	network := seedTestServe(t, "example.org:80", seedOK)
	network.serveTLS("example.com:443", seedOK)
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
		{"content behind the head", "spam", func() body.Source { return body.Reader(seedOnly{strings.NewReader("spam")}) }, "\r\n\r\n"},
		{"large content", "spam", func() body.Source { return body.String(large) }, "\r\n\r\n"},
	}
	for _, test := range tests {
		for _, secure := range []bool{false, true} {
			hook := httpclient.WithSendHook(func(octets []byte) error {
				if strings.Contains(string(octets), test.refuse) {
					return errSeedHook
				}
				return nil
			})
			newConn, host := httpclient.New, "example.org"
			if secure {
				newConn, host = httpclient.NewTLS, "example.com"
			}
			c := seedMust(newConn(host, httpclient.WithDialer(network), httpclient.WithTLSConfig(seedRoots()), hook))
			network.Written()
			seedCheck(c.Connect(t.Context()))
			handshake := network.Written()
			_, err := c.Do(t.Context(), "POST", "/", nil, test.content())
			if err != errSeedHook {
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
		c := seedConn(t, network, "example.org", httpclient.WithSendHook(func([]byte) error { return errSeedHook }))
		network.Written()
		if err := c.SendRaw(t.Context(), []byte("spam")); err != errSeedHook || network.Written() != "" || c.Connected() {
			t.Errorf("%v, connected %v", err, c.Connected())
		}
	})
	t.Run("CONNECT", func(t *testing.T) {
		c := seedConn(t, network, "proxy.example:3128", httpclient.WithSendHook(func([]byte) error { return errSeedHook }))
		seedCheck(c.SetTunnel("example.org", 0, nil))
		if err := c.Connect(t.Context()); err != errSeedHook || network.Written() != "" || c.Connected() {
			t.Errorf("%v, connected %v", err, c.Connected())
		}
	})
	t.Run("connect", func(t *testing.T) {
		c := seedConn(t, network, "example.org", httpclient.WithConnectHook(func(_ context.Context, host string, port int) error {
			return errSeedHook
		}))
		var resp httpclient.Response
		network.Dialled()
		for _, calls := range []string{"D", "Q", "PE", "W"} {
			if err := seedSteps(c, &resp, calls); err != errSeedHook {
				t.Errorf("%s: %v", calls, err)
			}
			c.Close()
		}
		if dialled := network.Dialled(); dialled != nil {
			t.Errorf("dialled %v", dialled)
		}
	})
}

// seedOnly hides what else a reader can do, so that its content is sent behind the head.
type seedOnly struct{ io.Reader }
