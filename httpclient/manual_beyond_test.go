package httpclient_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// strict, of the older documents: it is on here unless the caller asks for a leniency by name. With this one a
// response that begins with no status-line is one of HTTP/0.9, all of it content, as in Python 2.7.
func ExampleWithLenient() {
	answer := "<html>spam</html>"
	fmt.Println(errors.Is(manualError(answer), httpclient.ErrBadStatusLine))

	network := manualAnswers("old.example:80", answer)
	c := manualMust(httpclient.New("old.example", httpclient.WithDialer(network), httpclient.WithLenient(wire.AllowHTTP09)))
	resp := manualMust(c.Do(ctx, "GET", "/", manualFields("Connection: close"), body.None()))
	network.Close() // which ends the content
	fmt.Println(int(resp.Version()), int(resp.Status()), resp.Fields().Len())
	fmt.Printf("%s\n", manualMust(resp.ReadAll()))
	// Output:
	// true
	// 9 200 0
	// <html>spam</html>
}

// Several requests go out before the first response is read.
func ExampleConn_Pipeline() {
	network := manualServe("www.python.org:80", func(r manualRequest) string { return manualAnswer("200 OK", "this is "+r.Target) })
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()

	manualCheck(c.Pipeline(2))
	manualCheck(c.Request(ctx, "GET", "/spam", nil, body.None()))
	manualCheck(c.Request(ctx, "GET", "/eggs", nil, body.None()))
	fmt.Println(c.Unanswered(), "unanswered")
	for range 2 {
		resp := manualMust(c.Response(ctx))
		fmt.Printf("%s\n", manualMust(resp.ReadAll()))
	}
	// Output:
	// 2 unanswered
	// this is /spam
	// this is /eggs
}

// What is malformed can be sent, too, by a path of its own. The response is still read as it should be.
func ExampleConn_SendRaw() {
	network := new(manualNetwork)
	network.listen("www.python.org:80", network.recordAndSay("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"))
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()

	manualCheck(c.SendRaw(ctx, []byte("GET / HTTP/1.1\r\nContent-Length : 1\r\nTransfer-Encoding:\x0bchunked\r\n\r\n"), "GET"))
	resp := manualMust(c.Response(ctx))
	fmt.Println(resp.Status())
	fmt.Printf("%q\n", network.ReceivedOctets())
	// Output:
	// 400 Bad Request
	// "GET / HTTP/1.1\r\nContent-Length : 1\r\nTransfer-Encoding:\vchunked\r\n\r\n"
}

// After an upgrade the connection is the caller's, and begins with what the server sent behind the head.
func ExampleResponse_Hijack() {
	network := new(manualNetwork)
	network.listen("www.python.org:80", func(nc net.Conn) {
		network.receive(nc, nil)
		io.WriteString(nc, "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: spam\r\n\r\nwelcome\n")
	})
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))

	resp := manualMust(c.Do(ctx, "GET", "/", manualFields("Connection: upgrade", "Upgrade: spam"), body.None()))
	nc := manualMust(resp.Hijack())
	defer nc.Close()
	fmt.Println(resp.Status())
	fmt.Printf("%s", manualMust(io.ReadAll(nc)))
	// Output:
	// 101 Switching Protocols
	// welcome
}

// Trailers in both directions.
func ExampleResponse_Trailers() {
	network := manualAnswers("www.python.org:80", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\neggs\r\n0\r\nX-Sum: 2\r\n\r\n")
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()

	source := body.String("spam").WithTrailers(func() *headers.Fields { return manualFields("X-Sum: 1") })
	resp := manualMust(c.Do(ctx, "POST", "/", nil, source))
	_, sent, _ := strings.Cut(network.ReceivedOctets(), "\r\n\r\n")
	fmt.Printf("%q\n", sent)
	manualMust(resp.ReadAll())
	fmt.Print(resp.Trailers())
	// Output:
	// "4\r\nspam\r\n0\r\nX-Sum: 1\r\n\r\n"
	// X-Sum: 2
}

// The head as it came, and the leniencies that it needed.
func ExampleResponse_RawHead() {
	resp, end := manualGet("HTTP/1.1 200 OK\nServer:  spam\r\nContent-Length: 0\r\n\r\n", httpclient.WithLenient(wire.AllowBareLF))
	defer end()

	fmt.Printf("%q\n", resp.RawHead())
	for _, d := range resp.Deviations() {
		fmt.Println(d.Lenient)
	}
	// Output:
	// "HTTP/1.1 200 OK\nServer:  spam\r\nContent-Length: 0\r\n\r\n"
	// AllowBareLF
}

// Content that waits for 100 (Continue). A server that refuses by its head never gets it.
func ExampleConn_Request_continue() {
	network := manualServe("www.python.org:80", func(r manualRequest) string { return manualAnswer("200 OK", "got "+r.Content) })
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network),
		httpclient.WithInterim(func(h *conn.Head) error {
			fmt.Println(h.Status)
			return nil
		})))
	defer c.Close()

	resp := manualMust(c.Do(ctx, "PUT", "/", manualFields("Expect: 100-continue"), body.String("spam")))
	fmt.Printf("%s\n", manualMust(resp.ReadAll()))
	// Output:
	// 100
	// got spam
}
