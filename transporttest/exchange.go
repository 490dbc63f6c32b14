package transporttest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
)

// httpTests are exchanges of HTTP.
var httpTests = []subtest{
	{"KeepAlive", testKeepAlive},
	{"ClosedWhileIdle", testClosedWhileIdle},
	{"ChunkedBothWays", testChunked},
	{"UntilClose", testUntilClose},
	{"Upgrade", testUpgrade},
	{"Cancel", testCancel},
	{"ResponseTimeout", testResponseTimeout},
	{"CloseBetweenHeadAndContent", testCutShort},
}

// client returns an HTTP client over the stack.
func (s *stand) client(options ...httpclient.Option) *httpclient.Conn {
	s.t.Helper()
	c, err := httpclient.New("example.org", append(options, httpclient.WithDialer(s))...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.keep(c)
	return c
}

// serve accepts connections and runs script on each until it returns, and counts them. An error of script is one of
// the test, unless the test is over.
func (s *stand) serve(script func(p *peer) error) (accepted *atomic.Int32) {
	accepted = new(atomic.Int32)
	s.wg.Go(func() {
		for {
			nc, err := s.accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			s.wg.Go(func() {
				defer nc.Close()
				if err := script(newPeer(nc)); err != nil && !s.isOver() {
					s.t.Errorf("server: %v", err)
				}
			})
		}
	})
	return accepted
}

func (s *stand) isOver() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.over
}

// echoes answers each request with its content, until the client closes.
func echoes(p *peer) error {
	for {
		r, err := p.receive()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		var answer []byte
		if r.method != "HEAD" {
			answer = fmt.Appendf(nil, "%s %s: %s", r.method, r.target, r.content)
		}
		chunk := 0
		if r.mode == body.Chunked {
			chunk = 1000
		}
		if err := p.respond(200, answer, chunk, r.trailers); err != nil {
			return err
		}
	}
}

// exchange sends a request and reads the response.
func (s *stand) exchange(c *httpclient.Conn, method, target string, content body.Source) string {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	resp, err := c.Do(ctx, method, target, nil, content)
	if err != nil {
		s.t.Fatalf("%s %s: %v", method, target, err)
	}
	got, err := resp.ReadAll()
	if err != nil {
		s.t.Fatalf("%s %s: reading the content: %v", method, target, err)
	}
	return string(got)
}

// Many exchanges on one connection.
func testKeepAlive(t *testing.T, s *stand) {
	accepted := s.serve(echoes)
	c := s.client()
	long := strings.Repeat("0123456789", 5000)
	for i := range 5 {
		for _, tt := range []struct {
			method, target string
			content        body.Source
			want           string
		}{
			{"GET", fmt.Sprintf("/%d", i), body.None(), fmt.Sprintf("GET /%d: ", i)},
			{"HEAD", "/", body.None(), ""},
			{"POST", "/short", body.String("content"), "POST /short: content"},
			{"PUT", "/long", body.String(long), "PUT /long: " + long},
			{"POST", "/chunked", body.Reader(io.MultiReader(strings.NewReader("in "), strings.NewReader("pieces"))), "POST /chunked: in pieces"},
		} {
			if got := s.exchange(c, tt.method, tt.target, tt.content); got != tt.want {
				t.Errorf("%s %s: %d octets of content, want %d, or they differ", tt.method, tt.target, len(got), len(tt.want))
			}
		}
	}
	if n := accepted.Load(); n != 1 {
		t.Errorf("there were %d connections, want 1", n)
	}
}

// A server closes idle connections as it likes. The client sees that before it sends, and dials anew.
func testClosedWhileIdle(t *testing.T, s *stand) {
	accepted := s.serve(func(p *peer) error {
		r, err := p.receive()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		return p.respond(200, []byte(r.target), 0, nil)
	})
	c := s.client()
	for i, target := range []string{"/one", "/two", "/three"} {
		if got := s.exchange(c, "GET", target, body.None()); got != target {
			t.Errorf("GET %s = %q", target, got)
		}
		if err := s.awaitReady(c.NetConn()); err != io.EOF {
			t.Errorf("Ready = true, %v when the server has closed, want io.EOF", err)
		}
		if n := accepted.Load(); int(n) != i+1 {
			t.Errorf("after %d exchanges there were %d connections", i+1, n)
		}
	}
}

// Content of unknown length in both directions, more than any buffer holds, with trailers.
func testChunked(t *testing.T, s *stand) {
	sent := headers.Fields{}
	sent.Add("Checksum", "0123456789")
	want := noise(large)
	s.serve(func(p *peer) error {
		r, err := p.receive()
		if err != nil {
			return err
		}
		switch {
		case r.mode != body.Chunked || !bytes.Equal(r.content, want):
			t.Errorf("the server received %d octets framed as %v, want %d chunked, or they differ", len(r.content), r.mode, len(want))
		case r.trailers == nil || r.trailers.GetString("Checksum") != "0123456789":
			t.Errorf("the server received trailers %v", r.trailers)
		}
		return p.respond(200, r.content, 1009, r.trailers)
	})
	c := s.client()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	content := body.Reader(struct{ io.Reader }{bytes.NewReader(want)}).WithTrailers(func() *headers.Fields { return &sent })
	resp, err := c.Do(ctx, "POST", "/", nil, content)
	if err != nil {
		t.Fatal(err)
	}
	got, err := resp.ReadAll()
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d octets came back, %v, want %d, or they differ", len(got), err, len(want))
	}
	if trailers := resp.Trailers(); trailers == nil || trailers.GetString("Checksum") != "0123456789" {
		t.Errorf("trailers %v came back", trailers)
	}
}

// Content that the end of the connection delimits.
func testUntilClose(t *testing.T, s *stand) {
	want := noise(large)
	s.serve(func(p *peer) error {
		if _, err := p.receive(); err != nil {
			return err
		}
		_, err := p.nc.Write(append([]byte("HTTP/1.0 200 OK\r\n\r\n"), want...))
		return err
	})
	if got := s.exchange(s.client(), "GET", "/", body.None()); got != string(want) {
		t.Errorf("%d octets of content, want %d, or they differ", len(got), len(want))
	}
}

// After 101 the octets are the callers' own, those that came with it included.
func testUpgrade(t *testing.T, s *stand) {
	s.serve(func(p *peer) error {
		r, err := p.receive()
		if err != nil {
			return err
		}
		if got := r.fields.GetString("Upgrade"); got != "echo" {
			t.Errorf("the server was asked for %q", got)
		}
		early, err := p.upgrade("echo", "welcome")
		if err != nil {
			return err
		}
		if _, err := p.nc.Write(early); err != nil {
			return err
		}
		io.Copy(p.nc, struct{ io.Reader }{p.nc})
		return nil
	})
	var fields headers.Fields
	fields.Add("Connection", "Upgrade")
	fields.Add("Upgrade", "echo")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	resp, err := s.client().Do(ctx, "GET", "/", &fields, body.None())
	if err != nil {
		t.Fatal(err)
	}
	if !resp.Switched() {
		t.Fatalf("status %v, and no switch", resp.Status())
	}
	raw, err := resp.Hijack()
	if err != nil {
		t.Fatal(err)
	}
	s.keep(raw)
	first := make([]byte, len("welcome"))
	if _, err := io.ReadFull(raw, first); string(first) != "welcome" {
		t.Fatalf("behind 101 came %q, %v", first, err)
	}
	roundTrip(t, raw, "octets of another protocol\x00\xff")
	quiet(t, raw)
	if half, ok := raw.(halfCloser); ok && !s.NoHalfClose {
		if _, err := io.WriteString(raw, "last"); err != nil {
			t.Fatal(err)
		}
		if err := half.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(raw); string(got) != "last" || err != nil {
			t.Errorf("after half-close read %q, %v", got, err)
		}
	}
}

// silent reads a request, closes heard, and answers nothing; it returns when the client has gone.
func silent(heard chan<- struct{}) func(p *peer) error {
	return func(p *peer) error {
		_, err := p.receive()
		close(heard)
		if err != nil {
			return err
		}
		p.nc.Read(make([]byte, 1))
		return nil
	}
}

// The end of a context ends an exchange, and the server learns of it.
func testCancel(t *testing.T, s *stand) {
	heard := make(chan struct{})
	gone := make(chan struct{})
	script := silent(heard)
	s.serve(func(p *peer) error {
		defer close(gone)
		return script(p)
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.wg.Go(func() {
		s.await(heard)
		cancel()
	})
	if _, err := s.client().Do(ctx, "GET", "/", nil, body.None()); !errors.Is(err, context.Canceled) {
		t.Errorf("Do = %v, want context.Canceled", err)
	}
	s.await(gone)
}

// A server that does not answer is given up when the time is over.
func testResponseTimeout(t *testing.T, s *stand) {
	heard := make(chan struct{})
	s.serve(silent(heard))
	c := s.client(httpclient.WithTimeouts(httpclient.Timeouts{FirstByte: shortly}))
	_, err := c.Do(context.Background(), "GET", "/", nil, body.None())
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("Do = %v, want a time-out", err)
	}
	s.await(heard)
}

// A connection that ends too early is an error, never a shorter message.
func testCutShort(t *testing.T, s *stand) {
	s.serve(func(p *peer) error {
		if _, err := p.receive(); err != nil {
			return err
		}
		_, err := io.WriteString(p.nc, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nnot a hundred")
		return err
	})
	resp, err := s.client().Do(context.Background(), "GET", "/", nil, body.None())
	if err != nil {
		t.Fatal(err)
	}
	got, err := resp.ReadAll()
	var incomplete *httpclient.IncompleteReadError
	if !errors.As(err, &incomplete) {
		t.Errorf("read %q, %v, want an *IncompleteReadError", got, err)
	}
}
