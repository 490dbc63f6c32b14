package memory_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/transport/memory"
)

// A server and a client of a made-up protocol meet on a network of their own.
func ExampleNetwork() {
	var network memory.Network
	l, err := network.Listen("echo.example:7")
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
		defer c.Close()
		io.Copy(c, c)
	}()

	c, err := network.DialContext(context.Background(), "tcp", "echo.example:7")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Fprintln(c, "hello")
	line, err := bufio.NewReader(c).ReadString('\n')
	fmt.Printf("%q %v from %v\n", line, err, c.RemoteAddr())

	_, err = network.DialContext(context.Background(), "tcp", "echo.example:8")
	fmt.Println(errors.Is(err, syscall.ECONNREFUSED), err)
	_, err = network.DialContext(context.Background(), "tcp", "nobody.example:7")
	fmt.Println(err)
	// Output:
	// "hello\n" <nil> from echo.example:7
	// true transport: dial tcp "echo.example:8": connect: connection refused
	// transport: dial tcp "nobody.example:7": lookup nobody.example: no such host
}

// A slow, distant server takes no time to test in a synctest bubble: the exchange lasts four seconds of its clock, one
// for the round trip of the dial, one for that of the exchange, and two for the octets to leave.
func ExampleLink() {
	synctest.Test(new(testing.T), func(t *testing.T) {
		network := memory.Network{
			Up:   memory.Link{Latency: 500 * time.Millisecond},
			Down: memory.Link{Latency: 500 * time.Millisecond, Bandwidth: 1000},
		}
		l, err := network.Listen("far.example:80")
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
			defer c.Close()
			io.ReadFull(c, make([]byte, 1))
			c.Write(make([]byte, 2000))
		}()

		start := time.Now()
		c, err := network.DialContext(context.Background(), "tcp", "far.example:80")
		if err != nil {
			fmt.Println(err)
			return
		}
		defer c.Close()
		fmt.Println("connected after", time.Since(start))
		c.Write([]byte("?"))
		octets, err := io.ReadAll(c)
		fmt.Println(len(octets), err, "after", time.Since(start))
	})
	// Output:
	// connected after 1s
	// 2000 <nil> after 4s
}

// The servers and clients of the standard library run on the network as they are. Here a request goes to a server that
// answers after an hour, which takes no time in a synctest bubble.
func ExampleListener() {
	synctest.Test(new(testing.T), func(t *testing.T) {
		var network memory.Network
		l, err := network.Listen("api.example:80")
		if err != nil {
			fmt.Println(err)
			return
		}
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Hour)
			fmt.Fprintf(w, "hello from %s", r.Host)
		})}
		go server.Serve(l)
		defer server.Close()

		client := &http.Client{Transport: &http.Transport{DialContext: network.DialContext}}
		defer client.CloseIdleConnections()
		start := time.Now()
		resp, err := client.Get("http://api.example/")
		if err != nil {
			fmt.Println(err)
			return
		}
		content, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Printf("%s, %v, after %v\n", content, err, time.Since(start))
	})
	// Output: hello from api.example, <nil>, after 1h0m0s
}

func ExampleNetwork_Pipe() {
	network := memory.Network{BufferSize: 4}
	client, server := network.Pipe()
	defer client.Close()
	defer server.Close()

	client.SetWriteDeadline(time.Now().Add(time.Millisecond))
	n, err := client.Write([]byte("more than fits"))
	fmt.Println(n, errors.Is(err, os.ErrDeadlineExceeded))
	// Output: 4 true
}

func ExamplePipe() {
	a, b := memory.Pipe()
	defer a.Close()

	io.WriteString(b, "last words")
	b.Close()
	octets, err := io.ReadAll(a)
	fmt.Printf("%q %v\n", octets, err)
	// Output: "last words" <nil>
}

func ExampleConn_SetReadDeadline() {
	a, b := memory.Pipe()
	defer a.Close()
	defer b.Close()

	a.SetReadDeadline(time.Now().Add(-time.Second))
	_, err := a.Read(make([]byte, 1))
	fmt.Println(errors.Is(err, os.ErrDeadlineExceeded))
	// Output: true
}

func ExampleConn_Reset() {
	a, b := memory.Pipe()
	defer b.Close()

	io.WriteString(a, "never read")
	a.Reset()
	_, err := io.ReadAll(b)
	fmt.Println(err)
	// Output: read memory pipe:2->pipe:1: read: connection reset by peer
}
