package httpclient_test

import (
	"context"
	"io"
	"net"
	"testing"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
)

// canned is a connection that costs nothing: each write is answered with the same octets.
type canned struct {
	answer []byte
	rest   []byte
}

func (c *canned) Read(p []byte) (int, error) {
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *canned) Write(p []byte) (int, error) {
	c.rest = c.answer
	return len(p), nil
}

func (c *canned) Close() error                     { return nil }
func (c *canned) LocalAddr() net.Addr              { return nil }
func (c *canned) RemoteAddr() net.Addr             { return nil }
func (c *canned) SetDeadline(time.Time) error      { return nil }
func (c *canned) SetReadDeadline(time.Time) error  { return nil }
func (c *canned) SetWriteDeadline(time.Time) error { return nil }
func (c *canned) Ready() (bool, error)             { return false, nil }

const hello = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nhello, world!"

func cannedConn(tb testing.TB, answer string) *httpclient.Conn {
	c, err := httpclient.New("example.org", httpclient.WithDialer(transport.DialerFunc(
		func(context.Context, string, string) (net.Conn, error) { return &canned{answer: []byte(answer)}, nil })))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { c.Close() })
	return c
}

func exchange(tb testing.TB, c *httpclient.Conn, method string, content body.Source, buf []byte) {
	resp, err := c.Do(context.Background(), method, "/", nil, content)
	if err != nil {
		tb.Fatal(err)
	}
	for {
		if _, err := resp.Read(buf); err == io.EOF {
			return
		} else if err != nil {
			tb.Fatal(err)
		}
	}
}

func BenchmarkDo(b *testing.B) {
	c, buf := cannedConn(b, hello), make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		exchange(b, c, "GET", body.None(), buf)
	}
}
