package httpclient_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/wire"
)

// manualGet returns the response to GET / from a server that answers so, and what ends both.
func manualGet(answer string, options ...httpclient.Option) (httpclient.Response, func()) {
	network := manualAnswers("www.python.org:80", answer)
	c := manualMust(httpclient.New("www.python.org", append(options, httpclient.WithDialer(network))...))
	resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	return resp, func() { c.Close(); network.Close() }
}

// The documents' reading of a page in pieces: while chunk := r1.read(200).
func ExampleResponse_ReadN() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()
	conn := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer conn.Close()

	manualCheck(conn.Request(ctx, "GET", "/", nil, body.None()))
	r1 := manualMust(conn.Response(ctx))
	for {
		chunk := manualMust(r1.ReadN(200))
		if len(chunk) == 0 {
			break
		}
		fmt.Printf("%.24q... %d octets\n", chunk, len(chunk))
	}
	// Output:
	// "<!doctype html>\n<!--[if "... 200 octets
	// "tml class=\"no-js ie8 lt-"... 140 octets
}

// The older loop: while not r1.closed. It ends because a Response is closed when its content was read to the
// end; after that, reading goes on to return nothing.
func ExampleResponse_Closed() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()
	conn := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer conn.Close()

	r1 := manualMust(conn.Do(ctx, "GET", "/index.html", nil, body.None()))
	for !r1.Closed() {
		fmt.Println(len(manualMust(r1.ReadN(200)))) // 200 bytes
	}
	more, err := r1.ReadN(200)
	fmt.Println(len(more), err)
	_, err = r1.Read(make([]byte, 200))
	fmt.Println(err)
	// Output:
	// 200
	// 140
	// 0 <nil>
	// EOF
}

// read() without an amount: all content, here of three chunks.
func ExampleResponse_ReadAll() {
	resp, end := manualGet("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nspam\r\n6\r\n, eggs\r\n0\r\n\r\n")
	defer end()

	fmt.Printf("%s\n", manualMust(resp.ReadAll()))
	fmt.Println(len(manualMust(resp.ReadAll())))
	// Output:
	// spam, eggs
	// 0
}

// readinto and read1: Read fills the caller's buffer with what one read gives, as any io.Reader does.
func ExampleResponse_Read() {
	resp, end := manualGet("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nspam\r\n6\r\n, eggs\r\n0\r\n\r\n")
	defer end()

	buffer := make([]byte, 3)
	for {
		n, err := resp.Read(buffer)
		if err == io.EOF {
			break
		}
		manualCheck(err)
		fmt.Printf("%d %q\n", n, buffer[:n])
	}
	// Output:
	// 3 "spa"
	// 1 "m"
	// 3 ", e"
	// 3 "ggs"
}

func ExampleResponse_Peek() {
	resp, end := manualGet(manualAnswer("200 OK", "spam, eggs"))
	defer end()

	next := manualMust(resp.Peek(4))
	fmt.Printf("%s is still there: %s\n", next, manualMust(resp.ReadAll()))
	_, err := resp.Peek(4)
	fmt.Println(err)
	// Output:
	// spam is still there: spam, eggs
	// EOF
}

// readline, with and without a limit.
func ExampleResponse_ReadLine() {
	resp, end := manualGet(manualAnswer("200 OK", "spam\neggs and bacon\nlast"))
	defer end()

	for _, limit := range []int{0, 4, 0, 0} {
		fmt.Printf("%q\n", manualMust(resp.ReadLine(limit)))
	}
	_, err := resp.ReadLine(0)
	fmt.Println(err)
	// Output:
	// "spam\n"
	// "eggs"
	// " and bacon\n"
	// "last"
	// EOF
}

// A response is iterable, by lines.
func ExampleResponse_Lines() {
	resp, end := manualGet(manualAnswer("200 OK", "spam\neggs\nbacon"))
	defer end()

	for line, err := range resp.Lines() {
		manualCheck(err)
		fmt.Printf("%q\n", line)
	}
	// Output:
	// "spam\n"
	// "eggs\n"
	// "bacon"
}

// io.Copy needs no buffer: a Response is an io.WriterTo.
func ExampleResponse_WriteTo() {
	resp, end := manualGet(manualAnswer("200 OK", "spam, eggs\n"))
	defer end()

	n := manualMust(resp.WriteTo(os.Stdout))
	fmt.Println(n, resp.Closed())
	// Output:
	// spam, eggs
	// 11 true
}

// with conn.getresponse() as r: Close ends the response; when content is left, it ends the connection, too.
func ExampleResponse_Close() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()

	read := func(n int) {
		r := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
		defer r.Close()
		manualMust(r.ReadN(n))
	}
	read(340)
	fmt.Println("read to the end:", c.Connected())
	read(200)
	fmt.Println("read in part:", c.Connected())
	// Output:
	// read to the end: true
	// read in part: false
}

// getheader, with duplicates, with a default, and with several defaults.
func ExampleResponse_Field() {
	resp, end := manualGet(manualAnswer("200 OK", "", "Vary: Accept", "Server: nginx", "vary: Cookie"))
	defer end()

	fmt.Printf("%q\n", resp.Field("VARY"))
	fmt.Printf("%q\n", resp.Field("Age"))
	fmt.Printf("%q\n", resp.Field("Age", "0"))
	fmt.Printf("%q\n", resp.Field("Allow", "GET", "HEAD"))
	// Output:
	// "Accept, Cookie"
	// ""
	// "0"
	// "GET, HEAD"
}

// getheaders, msg and headers: all fields in order and case, duplicates apart.
func ExampleResponse_Fields_getheaders() {
	resp, end := manualGet(manualAnswer("200 OK", "", "Vary: Accept", "Server: nginx", "vary: Cookie"))
	defer end()

	for name, value := range resp.Fields().All() {
		fmt.Printf("(%s, %s)\n", name, value)
	}
	for value := range resp.Fields().Values("Vary") {
		fmt.Printf("%s\n", value)
	}
	// Output:
	// (Vary, Accept)
	// (Server, nginx)
	// (vary, Cookie)
	// (Content-Length, 0)
	// Accept
	// Cookie
}

func ExampleResponse_Status() {
	resp, end := manualGet("HTTP/1.1 404 Nobody Home\r\nContent-Length: 0\r\n\r\n")
	defer end()

	fmt.Println(int(resp.Status()), resp.Reason())                      // as the server has it
	fmt.Println(resp.Status())                                          // as RFC 9110 has it
	fmt.Println(resp.Status() == status.NotFound)                       // http.client.NOT_FOUND
	fmt.Println(status.NotFound.Phrase())                               // http.client.responses[http.client.NOT_FOUND]
	fmt.Println(status.RequestEntityTooLarge.Phrase())                  // the phrase is the new one
	fmt.Println(status.UnprocessableEntity, "=", int(status.Code(422))) // the old name, the new phrase
	// Output:
	// 404 Nobody Home
	// 404 Not Found
	// true
	// Not Found
	// Content Too Large
	// 422 Unprocessable Content = 422
}

func ExampleResponse_Version() {
	for _, line := range []string{"HTTP/1.0 200 OK", "HTTP/1.1 200 OK"} {
		resp, end := manualGet(line + "\r\nConnection: close\r\n\r\n")
		fmt.Println(int(resp.Version()), resp.Version(), resp.Version() == wire.HTTP10)
		end()
	}
	// Output:
	// 10 HTTP/1.0 true
	// 11 HTTP/1.1 false
}

// url and geturl: the URI that was asked for. Nothing is followed, so it is never another.
func ExampleResponse_URL() {
	network := manualServe("www.python.org:8080", manualSite)
	defer network.Close()
	c := manualMust(httpclient.New("www.python.org:8080", httpclient.WithDialer(network)))
	defer c.Close()

	for _, target := range []string{"", "/index.html?spam=1", "http://www.python.org/3/"} {
		resp := manualMust(c.Do(ctx, "GET", target, nil, body.None()))
		fmt.Println(resp.URL())
		manualMust(resp.ReadAll())
	}
	// Output:
	// http://www.python.org:8080/
	// http://www.python.org:8080/index.html?spam=1
	// http://www.python.org/3/
}

// will_close and length: whether the connection ends behind the response, and how much is still to come.
func ExampleResponse_WillClose() {
	for _, answer := range []string{
		manualAnswer("200 OK", "spam, eggs"),
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 10\r\n\r\nspam, eggs",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nspam, eggs\r\n0\r\n\r\n",
		"HTTP/1.1 204 No Content\r\n\r\n",
	} {
		resp, end := manualGet(answer)
		remaining := resp.Remaining()
		manualMust(resp.ReadN(4))
		fmt.Println(resp.WillClose(), remaining, resp.Remaining())
		end()
	}
	// Output:
	// false 10 6
	// true 10 6
	// false -1 -1
	// false 0 0
}

// HTTPResponse(sock, debuglevel, method, url): a response that comes from anywhere.
func ExampleReadResponse() {
	sock := strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nspam")
	resp := manualMust(httpclient.ReadResponse(sock, "GET",
		httpclient.WithDebug(os.Stdout), httpclient.WithResponseURL("http://example.org/spam")))
	fmt.Println(resp.Status(), resp.URL())
	fmt.Printf("%s\n", manualMust(resp.ReadAll()))

	sock = strings.NewReader("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n")
	resp = manualMust(httpclient.ReadResponse(sock, "HEAD"))
	fmt.Println(resp.Status(), resp.Closed())
	// Output:
	// reply: 'HTTP/1.1 200 OK\r\n'
	// header: Content-Length: 4
	// 200 OK http://example.org/spam
	// spam
	// 200 OK true
}

// parse_headers(fp): the start-line is read already, and what follows is left to be read.
func ExampleReadFields() {
	fp := bufio.NewReader(strings.NewReader("Content-Type: text/plain\r\nVary: Accept\r\n\r\nspam"))
	fields := manualMust(httpclient.ReadFields(fp, wire.Limits{}, 0))
	fmt.Print(fields)
	fmt.Printf("%s\n", manualMust(io.ReadAll(fp)))
	// Output:
	// Content-Type: text/plain
	// Vary: Accept
	// spam
}

// 103 (Early Hints) is not the response: Python returns it as if it were.
func ExampleWithInterim_hints() {
	hints := func(h *conn.Head) error {
		fmt.Printf("%d %s\n", h.Status, h.Fields.Get("Link"))
		return nil
	}
	resp, end := manualGet("HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"+manualAnswer("200 OK", "spam"),
		httpclient.WithInterim(hints))
	defer end()
	fmt.Println(resp.Status())
	// Output:
	// 103 </style.css>; rel=preload
	// 200 OK
}
