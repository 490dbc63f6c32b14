package httpclient_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
)

// A request in four steps.
func ExampleConn_PutRequest() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()
	manualCheck(c.PutRequest("POST", "/index.html", 0))
	manualCheck(c.PutHeader("Accept", "text/html"))
	manualCheck(c.PutHeader("Content-Length", "9"))
	manualCheck(c.EndHeaders(ctx, body.None()))
	manualCheck(c.Send(ctx, body.String("spam ")))
	manualCheck(c.Send(ctx, body.String("eggs")))
	resp := manualMust(c.Response(ctx))
	fmt.Println(resp.Status())
	fmt.Println(network.Received())
	// Output:
	// 200 OK
	// POST /index.html HTTP/1.1
	// Host: www.python.org
	// Accept-Encoding: identity
	// Accept: text/html
	// Content-Length: 9
	//
	// spam eggs
}

// skip_host and skip_accept_encoding, to put other fields in their places.
func ExampleConn_PutRequest_skip() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()
	manualCheck(c.PutRequest("GET", "/", httpclient.SkipHost|httpclient.SkipAcceptEncoding))
	manualCheck(c.PutHeader("accept-encoding", "gzip, br"))
	manualCheck(c.PutHeader("host", "mirror.python.org"))
	manualCheck(c.EndHeaders(ctx, body.None()))
	resp := manualMust(c.Response(ctx))
	fmt.Println(resp.Status())
	fmt.Println(network.Received())
	// Output:
	// 200 OK
	// GET / HTTP/1.1
	// accept-encoding: gzip, br
	// host: mirror.python.org
}

// Several values are joined by SP, as RFC 9112 section 5.2 reads the fold that http.client sends.
func ExampleConn_PutHeader() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()
	manualCheck(c.PutRequest("GET", "/", 0))
	manualCheck(c.PutHeader("X-Spam", "eggs", "bacon"))
	fmt.Println(c.PutHeader("X-Evil", "a\r\nX-Injected: b"))
	manualCheck(c.EndHeaders(ctx, body.None()))
	manualMust(c.Response(ctx))
	fmt.Println(network.Received())
	// Output:
	// httpclient: not sent: field line at byte 9: bare CR in field value (RFC 9112 section 2.2); found "\r"
	// GET / HTTP/1.1
	// Host: www.python.org
	// Accept-Encoding: identity
	// X-Spam: eggs bacon
}

// The continuation lines of the documents, for a server that is known to take them.
func ExampleConn_PutHeaderFolded() {
	const answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
	network := new(manualNetwork)
	network.listen("www.python.org:80", network.recordAndSay(answer))
	defer network.Close()

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()
	manualCheck(c.PutRequest("GET", "/", 0))
	manualCheck(c.PutHeaderFolded("X-Spam", "eggs", "bacon"))
	manualCheck(c.EndHeaders(ctx, body.None()))
	manualMust(c.Response(ctx))
	_, folded, _ := strings.Cut(network.ReceivedOctets(), "identity\r\n")
	fmt.Printf("%q\n", folded)
	// Output:
	// "X-Spam: eggs\r\n\tbacon\r\n\r\n"
}

// message_body and encode_chunked: with content the message is complete and in one write where it is small,
// framed by what was put, here as one chunk for each element.
func ExampleConn_EndHeaders() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()
	manualCheck(c.PutRequest("POST", "/", 0))
	manualCheck(c.PutHeader("Transfer-Encoding", "chunked"))
	manualCheck(c.EndHeaders(ctx, body.Seq(slices.Values([][]byte{[]byte("spam"), []byte("eggs")}))))
	resp := manualMust(c.Response(ctx))
	fmt.Println(resp.Status())
	fmt.Println(network.Received())
	// Output:
	// 200 OK
	// POST / HTTP/1.1
	// Host: www.python.org
	// Accept-Encoding: identity
	// Transfer-Encoding: chunked
	//
	// 4
	// spam
	// 4
	// eggs
	// 0
}

// Send takes bytes, readers and iterables, between EndHeaders and Response and not elsewhere.
func ExampleConn_Send() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()
	err := c.Send(ctx, body.String("too early"))
	fmt.Println(errors.Is(err, httpclient.ErrCannotSendRequest))

	manualCheck(c.PutRequest("POST", "/", 0))
	manualCheck(c.PutHeader("Transfer-Encoding", "chunked"))
	manualCheck(c.EndHeaders(ctx, body.None()))
	manualCheck(c.Send(ctx, body.Bytes([]byte("spam"))))
	manualCheck(c.Send(ctx, body.Reader(strings.NewReader("eggs"))))
	manualCheck(c.Send(ctx, body.Seq(slices.Values([][]byte{[]byte("ba"), []byte("con")}))))
	manualMust(c.Response(ctx)) // which ends the request
	_, sent, _ := strings.Cut(network.ReceivedOctets(), "\r\n\r\n")
	fmt.Printf("%q\n", sent)
	// Output:
	// true
	// "4\r\nspam\r\n4\r\neggs\r\n2\r\nba\r\n3\r\ncon\r\n0\r\n\r\n"
}
