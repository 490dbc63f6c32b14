package httpclient_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

const (
	okHead      = "HTTP/1.1 200 OK\r\n"
	chunkedHead = okHead + "Transfer-Encoding: chunked\r\n\r\n"
)

// TestBadResponses: each is the error of its name, above it ErrHTTP, and in it the rule and the offset.
func TestBadResponses(t *testing.T) {
	long := strings.Repeat("x", 20<<10)
	tests := []struct {
		name, response string
		kind           error
		rule           wire.Rule
		offset         int64
		read, expected int64 // of an IncompleteReadError; -2 is another error
	}{
		{"nothing", "", httpclient.ErrRemoteDisconnected, wire.RuleNoResponse, 0, 0, -2},
		{"cut head", okHead + "A: b\r\n", io.ErrUnexpectedEOF, wire.RuleIncompleteHead, 23, 0, -1},
		{"cut status-line", "HTTP/1.1 2", io.ErrUnexpectedEOF, wire.RuleIncompleteHead, 10, 0, -1},
		{"cut content", okHead + "Content-Length: 5\r\n\r\nhel", io.ErrUnexpectedEOF, wire.RuleIncompleteContent, 41, 3, 2},
		{"no content", okHead + "Content-Length: 5\r\n\r\n", io.ErrUnexpectedEOF, wire.RuleIncompleteContent, 38, 0, 5},
		{"cut chunk", chunkedHead + "5\r\nhel", io.ErrUnexpectedEOF, wire.RuleIncompleteContent, int64(len(chunkedHead)) + 6, 3, -1},
		{"no last-chunk", chunkedHead + "5\r\nhello\r\n", io.ErrUnexpectedEOF, wire.RuleIncompleteContent, int64(len(chunkedHead)) + 10, 5, -1},
		{"cut trailer section", chunkedHead + "5\r\nhello\r\n0\r\nA: b\r\n", io.ErrUnexpectedEOF, wire.RuleIncompleteContent, -1, 5, -1},
		{"another protocol", "SSH-2.0-OpenSSH_9.2\r\n", httpclient.ErrBadStatusLine, 0, -1, 0, -2},
		{"no status code", "HTTP/1.1 OK\r\n\r\n", httpclient.ErrBadStatusLine, wire.RuleStatusCode, 9, 0, -2},
		{"major version", "HTTP/2.0 200 OK\r\n\r\n", httpclient.ErrUnknownProtocol, wire.RuleMajorVersion, -1, 0, -2},
		{"long status-line", "HTTP/1.1 200 " + long + "\r\n\r\n", httpclient.ErrLineTooLong, wire.RuleLimitLine, 16 << 10, 0, -2},
		{"long field line", okHead + "A: " + long + "\r\n\r\n", httpclient.ErrLineTooLong, wire.RuleLimitLine, -1, 0, -2},
		{"endless status-line", long + long, httpclient.ErrHTTP, 0, -1, 0, -2},
		{"many fields", okHead + strings.Repeat("A: b\r\n", 257) + "\r\n", httpclient.ErrTooManyFields, wire.RuleLimitFields, -1, 0, -2},
		{"large section", okHead + strings.Repeat("A: "+long[:10<<10]+"\r\n", 10) + "\r\n", httpclient.ErrHTTP, wire.RuleLimitSection, -1, 0, -2},
		{"unknown coding", okHead + "Transfer-Encoding: gzip, chunked\r\n\r\n", httpclient.ErrUnknownTransferEncoding, wire.RuleUnknownCoding, -1, 0, -2},
		{"garbage as Content-Length", okHead + "Content-Length: -5\r\n\r\nhello", httpclient.ErrHTTP, wire.RuleContentLength, -1, 0, -2},
		{"two Content-Lengths", okHead + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", httpclient.ErrHTTP, wire.RuleContentLengths, -1, 0, -2},
		{"garbage as chunk-size", chunkedHead + "xyz\r\n", httpclient.ErrHTTP, wire.RuleChunkSize, int64(len(chunkedHead)), 0, -2},
		{"garbage behind a chunk", chunkedHead + "5\r\nhello!\r\n", httpclient.ErrHTTP, wire.RuleChunkEnd, int64(len(chunkedHead)) + 8, 5, -2},
		{"garbage as second chunk-size", chunkedHead + "5\r\nhello\r\n-1\r\n", httpclient.ErrHTTP, wire.RuleChunkSize, int64(len(chunkedHead)) + 10, 5, -2},
		{"huge chunk-size", chunkedHead + "8000000000000000\r\n", httpclient.ErrHTTP, wire.RuleChunkSizeRange, -1, 0, -2},
		{"chunk extensions without end", chunkedHead + strings.Repeat("1;"+long[:10<<10]+"\r\nx\r\n", 5), httpclient.ErrHTTP, wire.RuleLimitChunkOverhead, -1, 1, -2},
		{"bare CR in value", okHead + "A: b\rc\r\n\r\n", httpclient.ErrHTTP, wire.RuleBareCR, 21, 0, -2},
		{"SP before colon", okHead + "A : b\r\n\r\n", httpclient.ErrHTTP, 0, -1, 0, -2},
		{"101 unasked", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", httpclient.ErrHTTP, wire.RuleUpgradeUnasked, -1, 0, -2},
	}
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		responses := make(chan string, 1)
		w.serve(func(p *peer) {
			if _, _, err := p.request(); err == nil {
				p.send(<-responses)
			}
		})
		for _, test := range tests {
			t.Run(test.name, func(t *testing.T) {
				c := w.conn()
				responses <- test.response
				resp, err := c.Do(bounded(t), "GET", "/", nil, body.None())
				var content []byte
				if err == nil {
					content, err = io.ReadAll(resp)
				}
				wantError(t, err, test.kind, httpclient.ErrHTTP)
				var syntax *wire.SyntaxError
				if !errors.As(err, &syntax) {
					t.Fatalf("%v has no *wire.SyntaxError", err)
				}
				if test.rule != 0 && syntax.Rule != test.rule {
					t.Errorf("rule %s, want %s", syntax.Rule.Name(), test.rule.Name())
				}
				if test.offset >= 0 && syntax.Offset != test.offset {
					t.Errorf("offset %d, want %d", syntax.Offset, test.offset)
				}
				if len(content) != int(test.read) {
					t.Errorf("content %q, want %d octets", content, test.read)
				}
				var cut *httpclient.IncompleteReadError
				if errors.As(err, &cut) != (test.expected != -2) {
					t.Errorf("%v: IncompleteReadError %v", err, cut != nil)
				} else if cut != nil && (cut.Read != test.read || cut.Expected != test.expected) {
					t.Errorf("read %d and %d expected, want %d and %d", cut.Read, cut.Expected, test.read, test.expected)
				}
				if strings.ContainsAny(err.Error(), "\r\n") || len(err.Error()) > 2000 {
					t.Errorf("message %.500q", err)
				}
				if c.Connected() {
					t.Error("still connected")
				}
				responses <- okHello
				if get(t, c) != "hello" {
					t.Error("not usable behind it")
				}
			})
		}
	})
}

// TestBadStatusLineError tells the line.
func TestBadStatusLineError(t *testing.T) {
	w := newWorld(t, allWorlds[0])
	w.serve(func(p *peer) {
		p.head()
		p.send("SSH-2.0-OpenSSH\x1b[0m\r\nmore")
		p.hold()
	})
	for name, source := range map[string]body.Source{"waiting": body.None(), "sending": body.Bytes(hugeBytes())} {
		_, err := w.conn().Do(bounded(t), "POST", "/", nil, source)
		var bad *httpclient.BadStatusLineError
		if !errors.As(err, &bad) {
			t.Fatalf("%s: %v", name, err)
		}
		if bad.Line != "SSH-2.0-OpenSSH\x1b[0m\r" || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: line %q, message %q", name, bad.Line, err)
		}
	}
}

// TestReset: a connection that is reset is told from one that is broken by the protocol.
func TestReset(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		responses := make(chan string, 1)
		read := make(chan bool, 1)
		w.serve(func(p *peer) {
			p.request()
			p.send(<-responses)
			<-read
			reset(p.raw)
		})
		for _, response := range []string{"", "HTTP/1.1 200 O", okHead + "Content-Length: 5\r\n\r\nhel"} {
			c := w.conn()
			responses <- response
			if response == "" {
				read <- true
			}
			var err error
			if strings.HasSuffix(response, "hel") {
				var resp httpclient.Response
				if resp, err = c.Do(bounded(t), "GET", "/", nil, body.None()); err != nil {
					t.Fatal(err)
				}
				var got [3]byte
				io.ReadFull(resp, got[:])
				read <- true
				_, err = resp.Read(got[:])
				var cut *httpclient.IncompleteReadError
				if !errors.As(err, &cut) || cut.Read != 3 || cut.Expected != 2 {
					t.Errorf("%v", err)
				}
			} else {
				if response != "" {
					read <- true
				}
				_, err = c.Do(bounded(t), "GET", "/", nil, body.None())
			}
			wantError(t, err, httpclient.ErrHTTP)
			if response == "" {
				wantError(t, err, httpclient.ErrRemoteDisconnected, syscall.ECONNRESET)
			}
			if c.Connected() {
				t.Error("still connected")
			}
		}
	})
}

// reset closes a connection by RST.
func reset(nc net.Conn) {
	switch nc := nc.(type) {
	case *net.TCPConn:
		nc.SetLinger(0)
		nc.Close()
	case interface{ Reset() error }:
		nc.Reset()
	}
}

// TestDialErrors are not errors of HTTP.
func TestDialErrors(t *testing.T) {
	w := newWorld(t, allWorlds[1])
	address := w.listener.Addr().String()
	w.listener.Close()
	c, err := httpclient.New(address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Do(bounded(t), "GET", "/", nil, body.None())
	var dial *transport.DialError
	if !errors.As(err, &dial) || !errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, httpclient.ErrHTTP) {
		t.Errorf("refused: %v", err)
	}
	foreign := errors.New("no route")
	c, _ = httpclient.New("example.org", httpclient.WithDialer(transport.DialerFunc(
		func(context.Context, string, string) (net.Conn, error) { return nil, foreign })))
	_, err = c.Do(bounded(t), "GET", "/", nil, body.None())
	if !errors.As(err, &dial) || dial.Address != "example.org:80" || !errors.Is(err, foreign) || errors.Is(err, httpclient.ErrHTTP) {
		t.Errorf("foreign dialer: %v", err)
	}
	if c.Connected() {
		t.Error("connected")
	}
}

// TestVerification is on unless it is turned off.
func TestVerification(t *testing.T) {
	for _, tcp := range []bool{false, true} {
		w := newWorld(t, &world{secure: true, tcp: tcp})
		other, otherRoots, _ := testcert.New(t, "other.example")
		w.serve(answer(okHello))
		dialer := httpclient.WithDialer(w)
		do := func(host string, options ...httpclient.Option) error {
			c, err := httpclient.NewTLS(host, append(options, dialer)...)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, err = c.Do(bounded(t), "GET", "/", nil, body.None())
			return err
		}
		refused := func(what string, err error) {
			t.Helper()
			var failed *transport.TLSError
			var verification *tls.CertificateVerificationError
			if !errors.As(err, &failed) || !errors.As(err, &verification) || errors.Is(err, httpclient.ErrHTTP) {
				t.Errorf("%s: %v", what, err)
			}
		}
		roots := httpclient.WithTLSConfig(&tls.Config{RootCAs: w.roots})
		refused("system's roots", do("example.org"))
		refused("other roots", do("example.org", httpclient.WithTLSConfig(&tls.Config{RootCAs: otherRoots})))
		err := do("other.example", roots)
		refused("wrong name", err)
		var name x509.HostnameError
		if !errors.As(err, &name) {
			t.Errorf("wrong name: %v", err)
		}
		refused("wrong address", do("127.0.0.2", roots))
		for _, host := range []string{"example.org", "EXAMPLE.org:1234", "127.0.0.1", "[::1]", "::1"} {
			if err := do(host, roots); err != nil {
				t.Errorf("%s: %v", host, err)
			}
		}
		if err := do("anything.example", httpclient.WithoutVerification()); err != nil {
			t.Errorf("without verification: %v", err)
		}
		w.serverTLS.Certificates = []tls.Certificate{other}
		refused("other certificate", do("example.org", roots))
	}
}

// TestCloseNotify: content that the close delimits is whole only with close_notify.
func TestCloseNotify(t *testing.T) {
	for _, tcp := range []bool{false, true} {
		w := newWorld(t, &world{secure: true, tcp: tcp})
		responses, notify, done := make(chan string, 1), make(chan bool), make(chan struct{})
		t.Cleanup(func() { close(done) })
		w.serve(func(p *peer) {
			p.request()
			p.send(<-responses)
			with := false
			select {
			case with = <-notify:
			case <-done:
			}
			if with {
				p.Conn.(*tls.Conn).CloseWrite()
				p.hold()
			}
			if half, ok := p.raw.(interface{ CloseWrite() error }); ok {
				half.CloseWrite()
				io.Copy(io.Discard, p.raw)
			}
		})
		tests := []struct {
			response string
			notify   bool
			ok       bool
			expected int64
		}{
			{okHead + "\r\nhello", true, true, 0},
			{okHead + "\r\nhello", false, false, -1},
			{okHead + "\r\n", false, false, -1},
			{okHello, false, true, 0},
			{okHead + "Content-Length: 6\r\n\r\nhello", true, false, 1},
			{okHead + "Content-Length: 6\r\n\r\nhello", false, false, 1},
			{chunkedHead + "5\r\nhello\r\n0\r\n\r\n", false, true, 0},
			{chunkedHead + "5\r\nhello\r\n", false, false, -1},
		}
		for _, test := range tests {
			c := w.conn()
			responses <- test.response
			resp, err := c.Do(bounded(t), "GET", "/", nil, body.None())
			if err != nil {
				t.Fatal(err)
			}
			notify <- test.notify
			b, err := io.ReadAll(resp)
			if test.ok {
				if err != nil || string(b) != "hello" {
					t.Errorf("%q, notify %v: %q, %v", test.response, test.notify, b, err)
				}
				continue
			}
			wantError(t, err, httpclient.ErrHTTP, io.ErrUnexpectedEOF)
			var cut *httpclient.IncompleteReadError
			if !errors.As(err, &cut) || cut.Expected != test.expected || cut.Read != int64(len(b)) {
				t.Errorf("%q, notify %v: %v", test.response, test.notify, err)
			}
			if !test.notify {
				wantError(t, err, transport.ErrNoCloseNotify)
			}
		}
		// Without an octet of a response.
		for _, with := range []bool{true, false} {
			responses <- ""
			go func() { notify <- with }()
			_, err := w.conn().Do(bounded(t), "GET", "/", nil, body.None())
			wantError(t, err, httpclient.ErrRemoteDisconnected, syscall.ECONNRESET)
		}
	}
}
