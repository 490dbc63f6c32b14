package httpclient_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// cannedServer listens at example.org:80 of a network in memory. It prints what it receives, up to a line
// that begins with the octets until, and answers.
func cannedServer(network *memory.Network, until, answer string) (done <-chan struct{}) {
	l, err := network.Listen("example.org:80")
	if err != nil {
		log.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		defer l.Close()
		c, err := l.Accept()
		if err != nil {
			log.Fatal(err)
		}
		defer c.Close()
		for r := bufio.NewReader(c); ; {
			line, err := r.ReadString('\n')
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("server got %q\n", line)
			if strings.HasPrefix(line, until) {
				break
			}
		}
		io.WriteString(c, answer)
		io.Copy(io.Discard, c) // until the client closes
	}()
	return ended
}

// A request over a network in memory: the same code with another dialer, or none, goes over TCP.
func ExampleConn_Do() {
	var network memory.Network
	done := cannedServer(&network, "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello\n")

	c, err := httpclient.New("example.org", httpclient.WithDialer(&network))
	if err != nil {
		log.Fatal(err)
	}
	fields := new(headers.Fields)
	fields.Add("user-agent", "strata")
	resp, err := c.Do(context.Background(), "GET", "/../%zz", fields, body.None())
	if err != nil {
		log.Fatal(err)
	}
	content, err := io.ReadAll(resp)
	fmt.Printf("%d %s %q %v\n", resp.Status(), resp.Reason(), content, err)
	c.Close()
	<-done
	// Output:
	// server got "GET /../%zz HTTP/1.1\r\n"
	// server got "Host: example.org\r\n"
	// server got "Accept-Encoding: identity\r\n"
	// server got "user-agent: strata\r\n"
	// server got "\r\n"
	// 200 OK "hello\n" <nil>
}

// Content whose length is not known is sent in chunks as it is read, with a trailer section if there is one.
func ExampleConn_Do_stream() {
	var network memory.Network
	done := cannedServer(&network, "Sum: ", "HTTP/1.1 204 No Content\r\n\r\n")

	c, err := httpclient.New("example.org", httpclient.WithDialer(&network))
	if err != nil {
		log.Fatal(err)
	}
	r, w := io.Pipe()
	go func() {
		fmt.Fprint(w, "some lines,\n")
		fmt.Fprint(w, "as they come\n")
		w.Close()
	}()
	content := body.Reader(r).WithTrailers(func() *headers.Fields {
		f := new(headers.Fields)
		f.Add("Sum", "known at the end")
		return f
	})
	resp, err := c.Do(context.Background(), "POST", "/", nil, content)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Status())
	c.Close()
	<-done
	// Output:
	// server got "POST / HTTP/1.1\r\n"
	// server got "Host: example.org\r\n"
	// server got "Accept-Encoding: identity\r\n"
	// server got "Transfer-Encoding: chunked\r\n"
	// server got "\r\n"
	// server got "c\r\n"
	// server got "some lines,\n"
	// server got "\r\n"
	// server got "d\r\n"
	// server got "as they come\n"
	// server got "\r\n"
	// server got "0\r\n"
	// server got "Sum: known at the end\r\n"
	// 204 No Content
}

// Field lines keep their order, their case and their duplicates.
func ExampleResponse_Fields() {
	var network memory.Network
	done := cannedServer(&network, "\r\n", "HTTP/1.1 200 OK\r\nset-cookie: a=1\r\nVia: 1.1 x\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n")

	c, err := httpclient.New("example.org", httpclient.WithDialer(&network))
	if err != nil {
		log.Fatal(err)
	}
	resp, err := c.Do(context.Background(), "GET", "/", nil, body.None())
	if err != nil {
		log.Fatal(err)
	}
	for name, value := range resp.Fields().All() {
		fmt.Printf("%s = %s\n", name, value)
	}
	for value := range resp.Fields().Values("Set-Cookie") {
		fmt.Printf("cookie %s\n", value)
	}
	c.Close()
	<-done
	// Output:
	// server got "GET / HTTP/1.1\r\n"
	// server got "Host: example.org\r\n"
	// server got "Accept-Encoding: identity\r\n"
	// server got "\r\n"
	// set-cookie = a=1
	// Via = 1.1 x
	// Set-Cookie = b=2
	// Content-Length = 0
	// cookie a=1
	// cookie b=2
}

// Interim responses come before the final one.
func ExampleWithInterim() {
	var network memory.Network
	done := cannedServer(&network, "\r\n", "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"+
		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

	c, err := httpclient.New("example.org", httpclient.WithDialer(&network),
		httpclient.WithInterim(func(h *conn.Head) error {
			fmt.Println(h.Status, h.Fields.GetString("Link"))
			return nil
		}))
	if err != nil {
		log.Fatal(err)
	}
	resp, err := c.Do(context.Background(), "HEAD", "/", nil, body.None())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Status())
	c.Close()
	<-done
	// Output:
	// server got "HEAD / HTTP/1.1\r\n"
	// server got "Host: example.org\r\n"
	// server got "Accept-Encoding: identity\r\n"
	// server got "\r\n"
	// 103 </style.css>; rel=preload
	// 200 OK
}

// Whatever has a DialContext method opens the connections: this one goes somewhere else than it is asked to.
func ExampleWithDialer() {
	var network memory.Network
	done := cannedServer(&network, "\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

	redirect := transport.DialerFunc(func(ctx context.Context, n, address string) (net.Conn, error) {
		fmt.Println("dialling", address)
		return network.DialContext(ctx, n, "example.org:80")
	})
	c, err := httpclient.New("[2001:db8::1]:8080", httpclient.WithDialer(redirect))
	if err != nil {
		log.Fatal(err)
	}
	resp, err := c.Do(context.Background(), "GET", "/", nil, body.None())
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resp.Status())
	c.Close()
	<-done
	// Output:
	// dialling [2001:db8::1]:8080
	// server got "GET / HTTP/1.1\r\n"
	// server got "Host: [2001:db8::1]:8080\r\n"
	// server got "Accept-Encoding: identity\r\n"
	// server got "\r\n"
	// 200 OK
}
