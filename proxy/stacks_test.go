package proxy_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"testing"

	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transporttest"
)

// playing is a listener whose connections begin with a proxy's part, which is played here: what follows is the far
// side itself, with nothing between that could hide what a dialer does to a connection.
type playing struct {
	net.Listener
	play func(net.Conn) error
}

func (p playing) Accept() (net.Conn, error) {
	nc, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return nc, p.play(nc)
}

// octets reads one octet at a time, so that none of the far side's is taken.
type octets struct{ io.Reader }

func (o octets) ReadByte() (byte, error) {
	var b [1]byte
	_, err := io.ReadFull(o, b[:])
	return b[0], err
}

func playHTTP(nc net.Conn) error {
	_, err := readHead(octets{nc})
	io.WriteString(nc, "HTTP/1.1 200 OK\r\n\r\n")
	return err
}

func playSOCKS(nc net.Conn) error {
	_, err := socksServer{user: "u", password: "p"}.handshake(nc)
	io.WriteString(nc, "\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")
	return err
}

// TestDialers: the connections of both dialers keep what package net promises, over TCP, over memory, over each
// other and below TLS.
func TestDialers(t *testing.T) {
	type stack = transporttest.Stack
	tcp := func(t *testing.T) stack {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return stack{Dialer: transport.TCP{}, Listener: l}
	}
	inMemory := func(t *testing.T) stack {
		n := new(memory.Network)
		l, err := n.Listen("example.org:80")
		if err != nil {
			t.Fatal(err)
		}
		return stack{Dialer: n, Listener: l}
	}
	// What is dialled is the listener, whatever stands for the proxy's address, so the stacks have no need of one.
	here := func(s stack) transport.Dialer {
		return transport.DialerFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return s.Dialer.DialContext(ctx, network, s.Listener.Addr().String())
		})
	}
	connect := func(base func(*testing.T) stack) func(*testing.T) stack {
		return func(t *testing.T) stack {
			s := base(t)
			s.Dialer, s.Address = proxy.Connect{Proxy: "p:1", Dialer: here(s)}, "far.example:80"
			s.Listener = playing{s.Listener, playHTTP}
			return s
		}
	}
	socks := func(base func(*testing.T) stack) func(*testing.T) stack {
		return func(t *testing.T) stack {
			s := base(t)
			s.Dialer, s.Address = proxy.SOCKS5{Proxy: "p:1", Dialer: here(s), Userinfo: proxy.UserPassword("u", "p")}, "far.example:80"
			s.Listener = playing{s.Listener, playSOCKS}
			return s
		}
	}
	secure := func(base func(*testing.T) stack) func(*testing.T) stack {
		return func(t *testing.T) stack {
			s := base(t)
			cert, roots, _ := testcert.New(t, "far.example")
			s.Dialer, s.TLS = transport.TLS{Dialer: s.Dialer, Config: &tls.Config{RootCAs: roots}}, true
			s.Listener = tls.NewListener(s.Listener, &tls.Config{Certificates: []tls.Certificate{cert}})
			return s
		}
	}
	for _, tt := range []struct {
		name  string
		make  func(*testing.T) stack
		whole bool
	}{
		{"CONNECT over TCP", connect(tcp), true},
		{"CONNECT over memory", connect(inMemory), true},
		{"SOCKS over TCP", socks(tcp), true},
		{"SOCKS over memory", socks(inMemory), false},
		{"CONNECT over SOCKS over CONNECT", connect(socks(connect(inMemory))), false},
		{"TLS over CONNECT over TCP", secure(connect(tcp)), false},
		{"TLS over SOCKS over TCP", secure(socks(tcp)), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if tt.whole {
				transporttest.TestDialer(t, tt.make)
			} else {
				transporttest.TestExchanges(t, tt.make)
			}
		})
	}
}

// TestTLSProxy: TLS to the proxy, CONNECT inside, TLS to the origin inside that; each certificate is verified as its
// own name.
func TestTLSProxy(t *testing.T) {
	w := newWorld(t)
	cert, roots, _ := testcert.New(t, "proxy.example", "origin.example")
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	l, err := w.Listen("origin.example:443")
	if err != nil {
		t.Fatal(err)
	}
	w.serve(tls.NewListener(l, config), func(nc net.Conn) { io.Copy(nc, nc) })
	if l, err = w.Listen("proxy.example:443"); err != nil {
		t.Fatal(err)
	}
	w.serve(tls.NewListener(l, config), func(nc net.Conn) {
		r := bufio.NewReader(nc)
		head, err := readHead(r)
		if err == nil {
			w.tell("proxy", head)
			w.relay(nc, r, "origin.example:443", "HTTP/1.1 200 OK\r\n\r\n", "")
		}
	})
	u, err := proxy.ParseURL("https://u:p@proxy.example")
	if err != nil {
		t.Fatal(err)
	}
	via := proxy.Server{URL: u, Dialer: w, TLS: &tls.Config{RootCAs: roots}}
	talk(t, transport.TLS{Dialer: via, Config: &tls.Config{RootCAs: roots}}, "origin.example:443")
	if got := w.heard("proxy"); len(got) != 1 || fieldIn(got[0], "Proxy-Authorization") != "Basic dTpw" {
		t.Errorf("the proxy was told %q", got)
	}
	via.TLS = nil // its certificate is then none that is known
	if _, err := via.DialContext(t.Context(), "tcp", "origin.example:443"); err == nil || len(w.heard("proxy")) > 0 {
		t.Errorf("a certificate of nobody: %v", err)
	}
}

// TestChain: CONNECT via SOCKS via CONNECT. Each proxy is asked for the next, and each has its own credentials and no
// other's.
func TestChain(t *testing.T) {
	w := newWorld(t)
	w.echo(originAddress)
	w.httpProxy("one.example:3128", httpProxy{})
	w.socksServer("two.example:1080", socksServer{user: "two", password: "second"})
	w.httpProxy("three.example:3128", httpProxy{})
	var d transport.Dialer = w
	for _, text := range []string{"http://one:first@one.example:3128", "socks5h://two:second@two.example", "http://three:third@three.example:3128"} {
		u, err := proxy.ParseURL(text)
		if err != nil {
			t.Fatal(err)
		}
		d = proxy.Server{URL: u, Dialer: d}
	}
	talk(t, d, originAddress)
	one, two, three := w.heard("one.example:3128"), w.heard("two.example:1080"), w.heard("three.example:3128")
	if len(one) != 1 || len(two) != 1 || len(three) != 1 {
		t.Fatalf("%q %q %q", one, two, three)
	}
	if one[0] != "CONNECT two.example:1080 HTTP/1.1\r\nHost: two.example:1080\r\nProxy-Authorization: Basic b25lOmZpcnN0\r\n\r\n" ||
		two[0] != "three.example:3128" ||
		three[0] != "CONNECT origin.example:443 HTTP/1.1\r\nHost: origin.example:443\r\nProxy-Authorization: Basic dGhyZWU6dGhpcmQ=\r\n\r\n" {
		t.Errorf("%q %q %q", one, two, three)
	}
}
