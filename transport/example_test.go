package transport_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// Before a connection is used again it is asked whether anything waits on it.
func ExampleReady() {
	client, server := memory.Pipe()
	defer client.Close()

	fmt.Println(transport.Ready(client))
	io.WriteString(server, "unsolicited")
	fmt.Println(transport.Ready(client))
	io.ReadFull(client, make([]byte, len("unsolicited")))
	server.Close()
	fmt.Println(transport.Ready(client))
	// Output:
	// false <nil>
	// true <nil>
	// true EOF
}

// Any function can be a dialer: this one sends every connection to one place.
func ExampleDialerFunc() {
	var network memory.Network
	l, err := network.Listen("127.0.0.1:8080")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer l.Close()
	toLocal := transport.DialerFunc(func(ctx context.Context, n, _ string) (net.Conn, error) {
		return network.DialContext(ctx, n, "127.0.0.1:8080")
	})
	c, err := toLocal.DialContext(context.Background(), "tcp", "example.org:80")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Println(c.RemoteAddr())
	// Output: 127.0.0.1:8080
}

// Callers tell by type which step failed: here there was a connection, but its peer did not speak TLS.
func ExampleTLS() {
	var network memory.Network
	l, err := network.Listen("example.org:443")
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
		io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		io.Copy(io.Discard, c)
		c.Close()
	}()

	_, err = transport.TLS{Dialer: &network}.DialContext(context.Background(), "tcp", "example.org:443")
	var dial *transport.DialError
	var handshake *transport.TLSError
	fmt.Println(errors.As(err, &dial), errors.As(err, &handshake))
	fmt.Println(err)
	// Output:
	// false true
	// transport: TLS handshake with "example.org": tls: first record does not look like a TLS handshake
}

func ExampleWithTrace() {
	ctx := transport.WithTrace(context.Background(), &transport.Trace{
		DialStart: func(network, address string) { fmt.Println("connecting to", address, "over", network) },
		DialDone:  func(c net.Conn, err error) { fmt.Println("result:", err) },
		TLSStart:  func(host string) { fmt.Println("handshake with", host) },
		TLSDone:   func(s tls.ConnectionState, err error) { fmt.Println(tls.VersionName(s.Version), err) },
	})
	transport.TLS{Dialer: new(memory.Network)}.DialContext(ctx, "tcp", "example.org:443")
	// Output:
	// connecting to example.org:443 over tcp
	// result: transport: dial tcp "example.org:443": lookup example.org: no such host
}
