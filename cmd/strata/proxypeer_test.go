package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// testProxy is a proxy on loopback, for CONNECT and SOCKS 5, that notes what it is told.
type testProxy struct {
	addr  string
	check func(head string) string // returns the whole answer to a CONNECT that is not granted
	to    string                   // connected to, whatever is asked for; empty for what is asked for

	mu   sync.Mutex
	told []string
	wait sync.WaitGroup
	ends []io.Closer
}

func newProxy(t *testing.T, config *tls.Config, to string, check func(head string) string) *testProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &testProxy{addr: l.Addr().String(), to: to, check: check}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	p.keep(l)
	p.wait.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.keep(c)
			p.wait.Go(func() { defer c.Close(); p.serve(c) })
		}
	})
	t.Cleanup(func() {
		p.mu.Lock()
		for _, c := range p.ends {
			c.Close()
		}
		p.mu.Unlock()
		p.wait.Wait()
	})
	return p
}

func (p *testProxy) keep(c io.Closer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ends = append(p.ends, c)
}

func (p *testProxy) tell(what string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, what)
}

// heard returns what the proxy was told since the last call.
func (p *testProxy) heard() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := p.told
	p.told = nil
	return all
}

func (p *testProxy) serve(c net.Conn) {
	r := bufio.NewReader(c)
	if first, err := r.Peek(1); err != nil {
		return
	} else if first[0] == 5 {
		p.socks(c, r)
		return
	}
	for {
		var head strings.Builder
		for !strings.HasSuffix(head.String(), "\r\n\r\n") {
			octet, err := r.ReadByte()
			if err != nil {
				return
			}
			head.WriteByte(octet)
		}
		p.tell(head.String())
		if _, length, ok := strings.Cut(head.String(), "\r\nContent-Length: "); ok {
			n, _ := strconv.Atoi(length[:strings.IndexByte(length, '\r')])
			r.Discard(n)
		}
		if p.check != nil {
			if answer := p.check(head.String()); answer != "" {
				io.WriteString(c, answer)
				continue
			}
		}
		p.relay(c, r, strings.Fields(head.String())[1], "HTTP/1.1 200 Connection established\r\n\r\n")
		return
	}
}

// socks grants a request of SOCKS 5, without authentication.
func (p *testProxy) socks(c net.Conn, r *bufio.Reader) {
	b := make([]byte, 256)
	io.ReadFull(r, b[:2])
	io.ReadFull(r, b[:b[1]])
	io.WriteString(c, "\x05\x00")
	io.ReadFull(r, b[:4])
	host := ""
	switch b[3] {
	case 1:
		io.ReadFull(r, b[:4])
		host = net.IP(b[:4]).String()
	case 3:
		io.ReadFull(r, b[:1])
		n := b[0]
		io.ReadFull(r, b[:n])
		host = string(b[:n])
	}
	io.ReadFull(r, b[:2])
	target := net.JoinHostPort(host, fmt.Sprint(int(b[0])<<8|int(b[1])))
	p.tell(target)
	if p.check != nil {
		io.WriteString(c, "\x05\x05\x00\x01\x00\x00\x00\x00\x00\x00")
		return
	}
	p.relay(c, r, target, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
}

func (p *testProxy) relay(c net.Conn, r io.Reader, target, granted string) {
	if p.to != "" {
		target = p.to
	}
	far, err := net.Dial("tcp", target)
	if err != nil {
		io.WriteString(c, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
		return
	}
	p.keep(far)
	io.WriteString(c, granted)
	done := make(chan bool)
	go func() {
		io.Copy(far, r)
		far.Close()
		close(done)
	}()
	io.Copy(c, far)
	c.Close()
	<-done
}

// noProxyVariables clears the environment of what has to do with proxies.
func noProxyVariables(t *testing.T) {
	t.Helper()
	for _, name := range []string{"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "REQUEST_METHOD"} {
		t.Setenv(name, "")
	}
}
