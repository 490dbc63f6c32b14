package transport_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/internal/testcert"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// The resolver is not asked: the name has the address that is given, and the request goes there. TLS above a Resolve
// would still verify the name.
func ExampleResolve() {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())

	d := transport.Resolve{Hosts: map[string][]string{"api.example:*": {"127.0.0.1"}}}
	c, err := d.DialContext(context.Background(), "tcp", net.JoinHostPort("api.example", port))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Println(c.RemoteAddr().String() == l.Addr().String())
	fmt.Printf("%T\n", c)
	// Output:
	// true
	// *net.TCPConn
}

func ExampleParseResolve() {
	hosts := map[string][]string{}
	for _, entry := range []string{"example.org:443:192.0.2.1,[2001:db8::1]", "*:80:192.0.2.2", "oops"} {
		hostPort, addresses, err := transport.ParseResolve(entry)
		if err != nil {
			fmt.Println(err)
			continue
		}
		hosts[hostPort] = addresses
	}
	fmt.Println(hosts)
	// Output:
	// transport: "oops" is not host:port:address
	// map[*:80:[192.0.2.2] example.org:443:[192.0.2.1 2001:db8::1]]
}

// What is meant for the real server goes to one in memory; everything else is dialled as it is, and nobody is there.
func ExampleConnectTo() {
	var network memory.Network
	l, err := network.Listen("stand-in:8080")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()

	d := transport.ConnectTo{Dialer: &network, Targets: map[string]string{"api.example:443": "stand-in:8080"}}
	for _, address := range []string{"api.example:443", "other.example:443"} {
		c, err := d.DialContext(context.Background(), "tcp", address)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(c.RemoteAddr())
		c.Close()
	}
	// Output:
	// stand-in:8080
	// transport: dial tcp "other.example:443": lookup other.example: no such host
}

func ExampleSourceAddress() {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()

	// transport.InterfaceAddrs("eth0") has the addresses of an interface.
	d := transport.SourceAddress{Local: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}
	c, err := d.DialContext(context.Background(), "tcp", l.Addr().String())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	host, _, _ := net.SplitHostPort(c.LocalAddr().String())
	fmt.Println("from", host)
	// Output: from 127.0.0.1
}

// A megabyte at ten kilobytes a second takes a hundred seconds, but not of the time of whoever runs the test.
func ExampleLimit() {
	synctest.Test(new(testing.T), func(t *testing.T) {
		var network memory.Network
		l, err := network.Listen("example.org:80")
		if err != nil {
			fmt.Println(err)
			return
		}
		defer l.Close()
		go func() {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.Write(make([]byte, 1_000_000))
			c.Close()
		}()

		slow := transport.Limit{Dialer: &network, Read: 10_000}
		c, err := slow.DialContext(context.Background(), "tcp", "example.org:80")
		if err != nil {
			fmt.Println(err)
			return
		}
		defer c.Close()
		start := time.Now()
		n, err := io.Copy(io.Discard, c)
		fmt.Println(n, err, time.Since(start))
	})
	// Output: 1000000 <nil> 1m40s
}

// A connection over a Unix socket: the address says whom the request is for, the path where it goes.
func ExampleUnix() {
	d := transport.Unix{Path: "/nonexistent/app.sock"}
	_, err := d.DialContext(context.Background(), "tcp", "app.example:80")
	fmt.Println(err)
	// Output: transport: dial unix "/nonexistent/app.sock": connect: no such file or directory
}

// Any function that makes a session can do the handshake: that of another TLS library, of one that makes its hello look
// like a browser's, of a hardware module. Here it is crypto/tls itself, with a certificate pinned by a rule of one's own.
func ExampleTLS_handshake() {
	cert, roots, _ := testcert.New(exampleTB{})
	client, server := memory.Pipe()
	go func() {
		s := tls.Server(server, &tls.Config{Certificates: []tls.Certificate{cert}})
		io.WriteString(s, "hello over TLS")
		s.Close()
	}()

	d := transport.TLS{
		Dialer: transport.DialerFunc(func(context.Context, string, string) (net.Conn, error) { return client, nil }),
		Handshake: func(ctx context.Context, c net.Conn, host string) (net.Conn, error) {
			fmt.Println("handshake with", host)
			session := tls.Client(c, &tls.Config{RootCAs: roots, ServerName: host})
			return session, session.HandshakeContext(ctx)
		},
	}
	c, err := d.DialContext(context.Background(), "tcp", "example.org:443")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	octets, err := io.ReadAll(c)
	fmt.Printf("%q %v\n", octets, err)
	// Output:
	// handshake with example.org
	// "hello over TLS" <nil>
}

// exampleTB stands for the test that an Example has not.
type exampleTB struct{ testing.TB }

func (exampleTB) Helper() {}
