package httpclient_test

import (
	"errors"
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

// manualSteps carries out calls named by letters, and returns the error of the last one.
func manualSteps(c *httpclient.Conn, resp *httpclient.Response, calls string) (err error) {
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

// TestManualOrder: a call in the wrong order is the error of its name, writes nothing, and harms nothing: what
// was begun can go on.
func TestManualOrder(t *testing.T) {
	tests := []struct {
		before, call string // see manualSteps
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
	network := manualTestServe(t, "example.org:80", func(manualRequest) string { return manualAnswer("200 OK", "content") })
	for _, test := range tests {
		t.Run(test.before+" "+test.call, func(t *testing.T) {
			c := manualConn(t, network, "example.org")
			defer c.Close()
			var resp httpclient.Response
			if err := manualSteps(c, &resp, test.before); err != nil {
				t.Fatal(err)
			}
			network.Written()
			network.Dialled()
			err := manualSteps(c, &resp, test.call)
			if !errors.Is(err, test.want) || !errors.Is(err, httpclient.ErrImproperState) || !errors.Is(err, httpclient.ErrHTTP) {
				t.Errorf("error %v, want %v", err, test.want)
			}
			if written, dialled := network.Written(), network.Dialled(); written != "" || dialled != nil {
				t.Errorf("written %q, dialled %v", written, dialled)
			}
			if err := manualSteps(c, &resp, test.after); err != nil {
				t.Errorf("afterwards: %v", err)
			}
			if resp.Status() != 200 || !resp.Closed() {
				t.Errorf("afterwards: status %v, closed %v", resp.Status(), resp.Closed())
			}
		})
	}
}

// TestManualClose: Close in every state, and a request after it.
func TestManualClose(t *testing.T) {
	states := []string{
		"", "D", "P", "PH", "PF", "PLE", "PLES", "Q", "QR", "QRr", "QRA", "QRC", "QX", "QRX", "w", "W", "WR",
		"N", "NQ", "NQQ", "NQQR", "NQQRr", "NQQRA", "NQQRAR",
	}
	network := manualTestServe(t, "example.org:80", func(manualRequest) string { return manualAnswer("200 OK", "content") })
	for _, state := range states {
		t.Run(state, func(t *testing.T) {
			c := manualConn(t, network, "example.org")
			var resp httpclient.Response
			if err := manualSteps(c, &resp, state); err != nil {
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
			if err := manualSteps(c, &resp, "QRA"); err != nil || resp.Status() != 200 {
				t.Errorf("a request afterwards: %v", err)
			}
			if got, want := network.Written(), "GET / HTTP/1.1\r\nHost: example.org\r\nAccept-Encoding: identity\r\n\r\n"; got != want {
				t.Errorf("written %q, want %q", got, want)
			}
			c.Close()
		})
	}
}

// TestManualFolds: what PutHeader and PutHeaderFolded make of several values.
func TestManualFolds(t *testing.T) {
	network := new(manualNetwork)
	network.listen("example.org:80", network.recordAndSay("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"))
	t.Cleanup(network.Close)
	c := manualConn(t, network, "example.org")
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
		manualCheck(c.PutHeader("J", values...))
		manualCheck(c.PutHeaderFolded("F", values...))
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
	manualCheck(c.PutHeaderFolded("F", "a", "b"))
	c.Close()
	begin()
	if got, want := send(), "Host: example.org\r\n\r\n"; got != want {
		t.Errorf("written %q, want %q", got, want)
	}
}

// TestManualEndHeadersMended: EndHeaders that failed can be repeated, with other content.
func TestManualEndHeadersMended(t *testing.T) {
	network := manualTestServe(t, "example.org:80", manualOK)
	c := manualConn(t, network, "example.org", httpclient.WithoutReconnect())
	manualCheck(c.PutRequest("POST", "/", 0))
	for _, content := range []string{"spam", "spam, eggs"} {
		if err := c.EndHeaders(t.Context(), body.String(content)); !errors.Is(err, httpclient.ErrNotConnected) {
			t.Fatal(err)
		}
	}
	manualCheck(c.Connect(t.Context()))
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

// TestManualNotConnected: without reconnecting nothing is dialled but by Connect.
func TestManualNotConnected(t *testing.T) {
	network := manualTestServe(t, "example.org:80", func(manualRequest) string { return manualAnswer("200 OK", "", "Connection: close") })
	c := manualConn(t, network, "example.org", httpclient.WithoutReconnect())
	var resp httpclient.Response
	for _, round := range []string{"at first", "behind a drop"} {
		for _, calls := range []string{"Q", "PE", "W", "w"} {
			if err := manualSteps(c, &resp, calls); !errors.Is(err, httpclient.ErrNotConnected) || !errors.Is(err, httpclient.ErrHTTP) {
				t.Errorf("%s %s: %v", round, calls, err)
			}
			c.Close()
		}
		if dialled := network.Dialled(); dialled != nil {
			t.Errorf("%s: dialled %v", round, dialled)
		}
		if err := manualSteps(c, &resp, "DQRA"); err != nil {
			t.Errorf("%s, connected: %v", round, err)
		}
		network.Dialled()
	}
}

// TestManualFileModes: files that cannot be content, by every way in, and nothing is dialled or written.
func TestManualFileModes(t *testing.T) {
	network := manualTestServe(t, "example.org:80", manualOK)
	directory := manualMust(os.Open(t.TempDir()))
	defer directory.Close()
	path, remove := manualFile("spam")
	defer remove()
	writable := manualMust(os.OpenFile(path, os.O_WRONLY, 0))
	defer writable.Close()
	appending := manualMust(os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0))
	defer appending.Close()
	closed := manualMust(os.Open(path))
	closed.Close()
	for name, f := range map[string]*os.File{"directory": directory, "write-only": writable, "appending": appending, "closed": closed} {
		for way, source := range map[string]body.Source{"File": body.File(f), "FileChunked": body.FileChunked(f), "SizedReader": body.SizedReader(f, 4)} {
			c := manualConn(t, network, "example.org")
			check := func(what string, err error) {
				if !errors.Is(err, httpclient.ErrUnimplementedFileMode) || !errors.Is(err, httpclient.ErrHTTP) {
					t.Errorf("%s of %s, %s: %v", way, name, what, err)
				}
				if written := network.Written(); written != "" {
					t.Errorf("%s of %s, %s: written %q", way, name, what, written)
				}
			}
			check("Request", c.Request(t.Context(), "PUT", "/", nil, source))
			manualCheck(c.PutRequest("PUT", "/", 0))
			check("EndHeaders", c.EndHeaders(t.Context(), source))
			if dialled := network.Dialled(); dialled != nil {
				t.Errorf("%s of %s: dialled %v", way, name, dialled)
			}
			manualCheck(c.PutHeader("Content-Length", "4"))
			manualCheck(c.EndHeaders(t.Context(), body.None()))
			network.Written()
			check("Send", c.Send(t.Context(), source))
			network.Dialled()
			c.Close()
		}
	}
}

// TestManualRemoteDisconnected: no octet of a response is a reset and a bad status line at once, however the
// connection ends, and the next request connects anew.
func TestManualRemoteDisconnected(t *testing.T) {
	network := new(manualNetwork)
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
	c := manualConn(t, network, "example.org")
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
