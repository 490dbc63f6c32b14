package memory_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
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
	// Output:
	// "hello\n" <nil> from echo.example:7
	// true transport: dial tcp "echo.example:8": connect: connection refused
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
