package nethttp_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/nethttp"
)

// loopConn has one request come n times, each when the response before it was written, and drops what is written: what is
// measured is the server, not the kernel.
type loopConn struct {
	net.Conn
	request string
	n       int
	next    chan struct{}
	once    sync.Once
	done    chan struct{}
}

func (c *loopConn) Read(p []byte) (int, error) {
	if len(p) == 1 { // looking for the end of the client
		<-c.next
		return 0, errTimeout{}
	}
	if c.n--; c.n < 0 {
		return 0, io.EOF
	}
	return copy(p, c.request), nil
}

func (c *loopConn) Write(p []byte) (int, error) { return len(p), nil }
func (c *loopConn) Close() error {
	c.once.Do(func() { close(c.done) })
	return nil
}
func (c *loopConn) LocalAddr() net.Addr               { return loopAddr }
func (c *loopConn) RemoteAddr() net.Addr              { return loopAddr }
func (c *loopConn) SetDeadline(time.Time) error       { return nil }
func (c *loopConn) SetWriteDeadline(time.Time) error  { return nil }
func (c *loopConn) SetReadDeadline(t time.Time) error { c.wake(t); return nil }

// wake ends the look for the end of the client, which an http.Server begins by itself.
func (c *loopConn) wake(t time.Time) {
	if !t.IsZero() && t.Before(time.Now()) {
		c.next <- struct{}{}
	}
}

type errTimeout struct{}

func (errTimeout) Error() string   { return "time-out" }
func (errTimeout) Timeout() bool   { return true }
func (errTimeout) Temporary() bool { return true }

var loopAddr = &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}

// oneListener yields one connection.
type oneListener struct {
	conn *loopConn
	once sync.Once
}

func (l *oneListener) Accept() (nc net.Conn, err error) {
	err = errors.New("no more")
	l.once.Do(func() { nc, err = l.conn, nil })
	if err != nil {
		<-l.conn.done
	}
	return nc, err
}
func (l *oneListener) Close() error   { return nil }
func (l *oneListener) Addr() net.Addr { return loopAddr }

// BenchmarkServe compares the servers without the kernel's part, which is the same for both.
func BenchmarkServe(b *testing.B) {
	hello := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "hello world\n")
	})
	const request = "GET /hello?x=y HTTP/1.1\r\nHost: example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n" +
		"Accept-Encoding: gzip, deflate\r\nAccept-Language: en-US,en;q=0.5\r\n\r\n"
	for _, c := range []struct {
		name  string
		serve func(l net.Listener)
	}{
		{"strata", func(l net.Listener) { nethttp.Serve(l, hello) }},
		{"nethttp", func(l net.Listener) { (&http.Server{Handler: hello}).Serve(l) }},
		{"native", func(l net.Listener) {
			nc, _ := l.Accept()
			(&httpserver.Server{Handler: httpserver.HandlerFunc(func(w httpserver.ResponseWriter, r httpserver.Request) {
				w.Fields().Add("Content-Type", "text/plain")
				w.WriteString("hello world\n")
			})}).ServeConn(context.Background(), nc)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			c.serve(&oneListener{conn: &loopConn{request: request, n: b.N, next: make(chan struct{}, 1), done: make(chan struct{})}})
		})
	}
}
