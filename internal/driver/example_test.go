package driver_test

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/internal/driver"
	"github.com/strata-http/strata/transport/memory"
)

// A loop sends what the machine appends and reads what the machine asks for.
func ExampleLoop() {
	client, server := memory.Pipe()
	go func() {
		request := make([]byte, 1024)
		n, _ := server.Read(request)
		fmt.Printf("%q\n", request[:n])
		io.WriteString(server, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	}()

	var loop driver.Loop
	loop.Start(client, conn.New(conn.Client, conn.Config{}))
	defer loop.Close()
	if err := loop.Begin(context.Background(), time.Time{}); err != nil {
		fmt.Println(err)
		return
	}
	var fields headers.Fields
	fields.Add("Host", "example.org")
	out, err := loop.Conn.AppendRequest(loop.Out(), "GET", "/", &fields)
	if err != nil {
		fmt.Println(err)
		return
	}
	none := body.None()
	if _, err := loop.Send(out, driver.Message{Source: &none}); err != nil {
		fmt.Println(err)
		return
	}
	for {
		ev, err := loop.Next()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(ev.Kind)
		if ev.Kind == conn.End {
			return
		}
	}
	// Output:
	// "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"
	// response head
	// content
	// end
}
