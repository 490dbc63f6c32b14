package httpclient_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// manualError returns the error of GET / where the server answers so, or where the content is read.
func manualError(answer string, options ...httpclient.Option) error {
	network := manualAnswers("www.python.org:80", answer)
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", append(options, httpclient.WithDialer(network))...))
	defer c.Close()
	resp, err := c.Do(ctx, "GET", "/", nil, body.None())
	if err == nil {
		_, err = resp.ReadAll()
	}
	return err
}

// The hierarchy of http.client: each error is those above it.
func ExampleErrHTTP() {
	all := []struct {
		name string
		err  error
	}{
		{"NotConnected", httpclient.ErrNotConnected},
		{"InvalidURL", httpclient.ErrInvalidURL},
		{"UnknownProtocol", httpclient.ErrUnknownProtocol},
		{"UnknownTransferEncoding", httpclient.ErrUnknownTransferEncoding},
		{"UnimplementedFileMode", httpclient.ErrUnimplementedFileMode},
		{"IncompleteRead", &httpclient.IncompleteReadError{}},
		{"ImproperConnectionState", httpclient.ErrImproperState},
		{"CannotSendRequest", httpclient.ErrCannotSendRequest},
		{"CannotSendHeader", httpclient.ErrCannotSendHeader},
		{"ResponseNotReady", httpclient.ErrResponseNotReady},
		{"BadStatusLine", httpclient.ErrBadStatusLine},
		{"LineTooLong", httpclient.ErrLineTooLong},
		{"RemoteDisconnected", httpclient.ErrRemoteDisconnected},
	}
	for _, e := range all {
		var above []string
		for _, parent := range all {
			if parent.name != e.name && errors.Is(e.err, parent.err) {
				above = append(above, parent.name)
			}
		}
		fmt.Println(e.name, above, errors.Is(e.err, httpclient.ErrHTTP))
	}

	// What is no error of HTTP, as in Python: dialling, here, and TLS, time-outs, refused tunnels.
	c := manualMust(httpclient.New("nobody.example", httpclient.WithDialer(new(manualNetwork))))
	_, err := c.Do(ctx, "GET", "/", nil, body.None())
	var dial *transport.DialError
	fmt.Println(errors.As(err, &dial), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, httpclient.ErrHTTP))
	// Output:
	// NotConnected [] true
	// InvalidURL [] true
	// UnknownProtocol [] true
	// UnknownTransferEncoding [] true
	// UnimplementedFileMode [] true
	// IncompleteRead [] true
	// ImproperConnectionState [] true
	// CannotSendRequest [ImproperConnectionState] true
	// CannotSendHeader [ImproperConnectionState] true
	// ResponseNotReady [ImproperConnectionState] true
	// BadStatusLine [] true
	// LineTooLong [] true
	// RemoteDisconnected [BadStatusLine] true
	// true true false
}

// A port that is empty or no number, and a request-target that cannot be one.
func ExampleErrInvalidURL() {
	for _, host := range []string{"www.python.org:", "www.python.org:spam", "www.python.org:65536", "[::1", "two words"} {
		_, err := httpclient.New(host)
		fmt.Println(errors.Is(err, httpclient.ErrInvalidURL), err)
	}
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	_, err := c.Do(ctx, "GET", "/ HTTP/1.1\r\nX-Injected: a", nil, body.None())
	fmt.Println(errors.Is(err, httpclient.ErrInvalidURL), network.Dialled())
	// Output:
	// true httpclient: invalid host, port or request-target: empty port in "www.python.org:"
	// true httpclient: invalid host, port or request-target: port "spam" is not a number
	// true httpclient: invalid host, port or request-target: port "65536" is above 65535
	// true httpclient: invalid host, port or request-target: "[::1" has no closing bracket
	// true httpclient: invalid host, port or request-target: "two words" is no host name
	// true []
}

func ExampleErrUnknownProtocol() {
	err := manualError("HTTP/2.0 200 OK\r\n\r\n")
	fmt.Println(errors.Is(err, httpclient.ErrUnknownProtocol))
	fmt.Println(err)
	// Output:
	// true
	// httpclient: unknown protocol version: status-line at byte 5: unsupported major version (RFC 9110 section 2.5); found "2"
}

// A coding other than chunked is refused, unless the caller asks to have it left on the content.
func ExampleErrUnknownTransferEncoding() {
	answer := "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\n\x1f\x8b\x08\x00\r\n0\r\n\r\n"
	err := manualError(answer)
	fmt.Println(errors.Is(err, httpclient.ErrUnknownTransferEncoding))

	resp, end := manualGet(answer, httpclient.WithCodings())
	defer end()
	fmt.Printf("%q\n", manualMust(resp.ReadAll()))
	// Output:
	// true
	// "\x1f\x8b\b\x00"
}

// A file that cannot be read as content: a directory, and one that was opened for writing.
func ExampleErrUnimplementedFileMode() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	path, remove := manualFile("spam")
	defer remove()

	directory := manualMust(os.Open(os.TempDir()))
	defer directory.Close()
	writable := manualMust(os.OpenFile(path, os.O_WRONLY, 0))
	defer writable.Close()
	for _, f := range []*os.File{directory, writable} {
		_, err := c.Do(ctx, "PUT", "/", nil, body.File(f))
		fmt.Println(errors.Is(err, httpclient.ErrUnimplementedFileMode), network.Dialled())
	}
	// Output:
	// true []
	// true []
}

// What was read, and what is still missing.
func ExampleIncompleteReadError() {
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nspam",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nspam\r\n",
	} {
		err := manualError(answer)
		var cut *httpclient.IncompleteReadError
		fmt.Println(errors.As(err, &cut), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, httpclient.ErrHTTP))
		fmt.Printf("%d octets read, %q, %d more expected\n", cut.Read, cut.Partial, cut.Expected)
	}
	// Output:
	// true true true
	// 4 octets read, "spam", 6 more expected
	// true true true
	// 4 octets read, "spam", -1 more expected
}

// A request while a response is not read to its end: nothing is written. It is an improper state.
func ExampleErrCannotSendRequest() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()

	resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	network.Received()
	err := c.Request(ctx, "GET", "/index.html", nil, body.None())
	fmt.Println(errors.Is(err, httpclient.ErrCannotSendRequest), errors.Is(err, httpclient.ErrImproperState))
	fmt.Printf("%q\n", network.Received())

	manualMust(resp.ReadAll())
	fmt.Println(c.Request(ctx, "GET", "/index.html", nil, body.None()))
	// Output:
	// true true
	// ""
	// <nil>
}

func ExampleErrCannotSendHeader() {
	c := manualMust(httpclient.New("www.python.org"))
	err := c.PutHeader("Accept", "text/html") // before PutRequest
	fmt.Println(errors.Is(err, httpclient.ErrCannotSendHeader), errors.Is(c.EndHeaders(ctx, body.None()), httpclient.ErrCannotSendHeader))
	// Output:
	// true true
}

func ExampleErrResponseNotReady() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()

	_, err := c.Response(ctx) // no request was sent
	fmt.Println(errors.Is(err, httpclient.ErrResponseNotReady))
	manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	_, err = c.Response(ctx) // that request has had its response
	fmt.Println(errors.Is(err, httpclient.ErrResponseNotReady))
	// Output:
	// true
	// true
}

func ExampleBadStatusLineError() {
	err := manualError("SSH-2.0-OpenSSH_9.2\r\n")
	var bad *httpclient.BadStatusLineError
	fmt.Println(errors.As(err, &bad), errors.Is(err, httpclient.ErrBadStatusLine))
	fmt.Printf("%q\n", bad.Line)

	err = manualError("HTTP/1.1 2OO OK\r\n\r\n") // a status code that is not understood
	fmt.Println(err)
	// Output:
	// true true
	// "SSH-2.0-OpenSSH_9.2\r"
	// httpclient: bad status line "HTTP/1.1 2OO OK\r": status-line at byte 10: status code is not three digits (RFC 9112 section 4); found "O"
}

func ExampleLineTooLongError() {
	limits := httpclient.WithLimits(wire.Limits{Line: 65536}) // what Python takes; without it, 16 KiB
	for _, answer := range []string{
		"HTTP/1.1 200 " + strings.Repeat("O", 65536) + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nX-Spam: " + strings.Repeat("O", 65536) + "\r\n\r\n",
	} {
		err := manualError(answer, limits)
		var long *httpclient.LineTooLongError
		fmt.Println(errors.As(err, &long), errors.Is(err, httpclient.ErrLineTooLong), long.What)
	}
	// Output:
	// true true status-line
	// true true field line
}

// More than a hundred fields are "got more than 100 headers" in Python; here the limit can be set.
func ExampleErrTooManyFields() {
	answer := "HTTP/1.1 200 OK\r\n" + strings.Repeat("X-Spam: eggs\r\n", 101) + "Content-Length: 0\r\n\r\n"
	fmt.Println(manualError(answer)) // the default is 256
	err := manualError(answer, httpclient.WithLimits(wire.Limits{Fields: 100}))
	fmt.Println(errors.Is(err, httpclient.ErrTooManyFields), errors.Is(err, httpclient.ErrHTTP))
	// Output:
	// <nil>
	// true true
}

// The server closes the connection instead of answering. That is a connection reset and a bad status line at
// once, and the Conn is ready to connect again.
func ExampleErrRemoteDisconnected() {
	network := manualAnswers("www.python.org:80", "", manualAnswer("200 OK", ""))
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()

	_, err := c.Do(ctx, "GET", "/", nil, body.None())
	fmt.Println(errors.Is(err, httpclient.ErrRemoteDisconnected), errors.Is(err, httpclient.ErrBadStatusLine), errors.Is(err, syscall.ECONNRESET))
	resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	fmt.Println(resp.Status(), len(network.Dialled()), "connections")
	// Output:
	// true true true
	// 200 OK 2 connections
}
