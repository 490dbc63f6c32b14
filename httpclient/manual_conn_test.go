package httpclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
)

var ctx = context.Background()

// manualPage is what the servers of the Examples have at / and /index.html.
const manualPage = "<!doctype html>\n<!--[if lt IE 7]>   <html class=\"no-js ie6 lt-ie7 lt-ie8 lt-ie9\">   <![endif]-->\n" +
	"<!--[if IE 7]>      <html class=\"no-js ie7 lt-ie8 lt-ie9\">          <![endif]-->\n" +
	"<!--[if IE 8]>      <html class=\"no-js ie8 lt-ie9\">                 <![endif]-->\n" +
	"<!--[if gt IE 8]><!--><html class=\"no-js\" lang=\"en\" dir=\"ltr\">  <!--<![endif]-->\n"

// manualSite answers as the hosts of the documents' sessions did.
func manualSite(r manualRequest) string {
	switch r.Target {
	case "/", "/index.html", "/3/":
		return manualAnswer("200 OK", manualPage, "Content-Type: text/html; charset=utf-8")
	}
	return manualAnswer("404 Not Found", "no such page\n", "Content-Type: text/plain")
}

// Four spellings of one host and port: as a name, with a port, with the port as a number, and with a
// time-out for each step.
func ExampleNew() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()
	through := httpclient.WithDialer(network) // without it: TCP

	h1 := manualMust(httpclient.New("www.python.org", through))
	h2 := manualMust(httpclient.New("www.python.org:80", through))
	h3 := manualMust(httpclient.New("www.python.org", through, httpclient.WithPort(80)))
	h4 := manualMust(httpclient.New("www.python.org", through, httpclient.WithPort(80), httpclient.WithTimeout(10*time.Second)))

	for _, h := range []*httpclient.Conn{h1, h2, h3, h4} {
		resp := manualMust(h.Do(ctx, "GET", "/", nil, body.None()))
		fmt.Println(h.Host(), h.Port(), network.Dialled(), resp.Status())
		h.Close()
	}
	// Output:
	// www.python.org 80 [www.python.org:80] 200 OK
	// www.python.org 80 [www.python.org:80] 200 OK
	// www.python.org 80 [www.python.org:80] 200 OK
	// www.python.org 80 [www.python.org:80] 200 OK
}

// What is dialled, and what stands in Host: no default port, brackets around IPv6, no zone, the ASCII form of
// a name.
func ExampleNew_host() {
	host := func(r manualRequest) string { return manualAnswer("200 OK", r.Fields.GetString("Host")) }
	network := manualServe(":80", host) // whatever the name
	network.serve(":8080", host)
	defer network.Close()

	for _, host := range []string{"example.org", "example.org:8080", "::1", "[::1]:8080", "fe80::1%eth0", "bücher.example"} {
		c := manualMust(httpclient.New(host, httpclient.WithDialer(network)))
		resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
		fmt.Printf("%s: dialled %v, Host: %s\n", host, network.Dialled(), manualMust(resp.ReadAll()))
		c.Close()
	}
	// Output:
	// example.org: dialled [example.org:80], Host: example.org
	// example.org:8080: dialled [example.org:8080], Host: example.org:8080
	// ::1: dialled [[::1]:80], Host: [::1]
	// [::1]:8080: dialled [[::1]:8080], Host: [::1]:8080
	// fe80::1%eth0: dialled [[fe80::1%eth0]:80], Host: [fe80::1]
	// bücher.example: dialled [xn--bcher-kva.example:80], Host: xn--bcher-kva.example
}

// The guide's session with a slow server. Its "except http.client.HTTPException" would let this pass: a
// time-out is no error of HTTP, there as here. It is what os.ErrDeadlineExceeded is.
func ExampleWithTimeout() {
	network := new(manualNetwork)
	network.listen("slow-server.com:80", func(nc net.Conn) { io.Copy(io.Discard, nc) }) // never answers
	defer network.Close()
	impatient := transport.DialerFunc(func(ctx context.Context, network_, address string) (net.Conn, error) {
		nc, err := network.DialContext(ctx, network_, address)
		return manualImpatient{nc}, err // five seconds are over at once, for the Example's sake
	})

	c := manualMust(httpclient.New("slow-server.com", httpclient.WithDialer(impatient), httpclient.WithTimeout(5*time.Second)))
	defer c.Close()
	_, err := c.Do(ctx, "GET", "/", nil, body.None())

	fmt.Println("Request failed:", err)
	fmt.Println("an error of HTTP:", errors.Is(err, httpclient.ErrHTTP))
	fmt.Println("a time-out:", errors.Is(err, os.ErrDeadlineExceeded))
	var late *httpclient.TimeoutError
	fmt.Println("which:", errors.As(err, &late), late.Phase)
	// Output:
	// Request failed: time-out (first byte)
	// an error of HTTP: false
	// a time-out: true
	// which: true first byte
}

// The connection is made from an address of the caller's choice; an address that this machine does not have
// is an error of dialling.
func ExampleWithSourceAddress() {
	l := manualMust(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	go http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		fmt.Fprint(w, "you come from ", host)
	}))

	for _, source := range []string{"127.0.0.1", "192.0.2.1"} {
		c := manualMust(httpclient.New(l.Addr().String(), httpclient.WithSourceAddress(&net.TCPAddr{IP: net.ParseIP(source)})))
		resp, err := c.Do(ctx, "GET", "/", nil, body.None())
		var dial *transport.DialError
		if errors.As(err, &dial) {
			fmt.Println("not from", source)
			continue
		}
		fmt.Printf("%s\n", manualMust(resp.ReadAll()))
		c.Close()
	}
	// Output:
	// you come from 127.0.0.1
	// not from 192.0.2.1
}

// A file-like body is read blocksize octets at a time, and each read is one chunk.
func ExampleWithBlockSize() {
	network := manualServe("localhost:8080", manualSite)
	defer network.Close()
	path, remove := manualFile("***filecontents***")
	defer remove()
	f := manualMust(os.Open(path))
	defer f.Close()

	c := manualMust(httpclient.New("localhost:8080", httpclient.WithDialer(network), httpclient.WithBlockSize(8)))
	defer c.Close()
	manualMust(c.Do(ctx, "PUT", "/file", nil, body.FileChunked(f)))
	fmt.Println(network.Received())
	// Output:
	// PUT /file HTTP/1.1
	// Host: localhost:8080
	// Accept-Encoding: identity
	// Transfer-Encoding: chunked
	//
	// 8
	// ***filec
	// 8
	// ontents*
	// 2
	// **
	// 0
}

// A request connects by itself, and again when the server has closed the connection meanwhile. Connect does
// it beforehand, for whoever wants to know at once.
func ExampleConn_Connect() {
	closing := "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
	network := manualAnswers("www.python.org:80", closing, closing, closing)
	defer network.Close()

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	defer c.Close()
	fmt.Println(c.Connected(), c.Connect(ctx), c.Connected(), network.Dialled())
	for range 2 {
		resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
		fmt.Println(resp.Status(), c.Connected(), network.Dialled())
	}
	c.Close()
	fmt.Println(c.Connect(ctx), c.Connected())
	// Output:
	// false <nil> true [www.python.org:80]
	// 200 OK false []
	// 200 OK false [www.python.org:80]
	// <nil> true
}

// Close ends a connection in any state. What was not read is lost, and the Conn can be used again.
func ExampleConn_Close() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network)))
	fmt.Println(c.Close()) // there is no connection yet
	resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	manualCheck(c.Close())
	_, err := resp.ReadAll()
	fmt.Println(c.Connected(), err)

	resp = manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	fmt.Println(resp.Status(), c.Close())
	// Output:
	// <nil>
	// false httpclient: response is closed
	// 200 OK <nil>
}

// Without reconnecting, which is http.client's auto_open = 0, a request needs a Connect before it.
func ExampleWithoutReconnect() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network), httpclient.WithoutReconnect()))
	defer c.Close()
	_, err := c.Do(ctx, "GET", "/", nil, body.None())
	fmt.Println(errors.Is(err, httpclient.ErrNotConnected), network.Dialled())

	manualCheck(c.Connect(ctx))
	resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	fmt.Println(resp.Status())
	// Output:
	// true []
	// 200 OK
}

// The audit event http.client.connect: an error of the hook, and nothing is dialled.
func ExampleWithConnectHook() {
	network := manualServe("www.python.org:80", manualSite)
	network.serve("intranet.example:80", manualSite)
	defer network.Close()
	audit := httpclient.WithConnectHook(func(_ context.Context, host string, port int) error {
		fmt.Println("http.client.connect", host, port)
		if host == "intranet.example" {
			return errors.New("not allowed")
		}
		return nil
	})

	for _, host := range []string{"www.python.org", "intranet.example"} {
		c := manualMust(httpclient.New(host, httpclient.WithDialer(network), audit))
		resp, err := c.Do(ctx, "GET", "/", nil, body.None())
		fmt.Println(resp.Status(), err, network.Dialled())
		c.Close()
	}
	// Output:
	// http.client.connect www.python.org 80
	// 200 OK <nil> [www.python.org:80]
	// http.client.connect intranet.example 80
	// 000 not allowed []
}

// The audit event http.client.send: an error of the hook, and nothing is written.
func ExampleWithSendHook() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()
	secrets := errors.New("that must not leave the house")
	audit := httpclient.WithSendHook(func(octets []byte) error {
		fmt.Printf("http.client.send %.21q...\n", octets)
		if string(octets[:4]) == "POST" {
			return secrets
		}
		return nil
	})

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network), audit))
	defer c.Close()
	resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	manualMust(resp.ReadAll())
	fmt.Println(resp.Status(), len(network.Received()), "octets sent")

	_, err := c.Do(ctx, "POST", "/", nil, body.String("the secrets"))
	fmt.Println(err == secrets, len(network.Received()), "octets sent")
	// Output:
	// http.client.send "GET / HTTP/1.1\r\nHost:"...
	// 200 OK 63 octets sent
	// http.client.send "POST / HTTP/1.1\r\nHost"...
	// true 0 octets sent
}

// What http.client prints after set_debuglevel(1), to any writer.
func ExampleWithDebug() {
	network := manualServe("www.python.org:80", manualSite)
	defer network.Close()

	c := manualMust(httpclient.New("www.python.org", httpclient.WithDialer(network), httpclient.WithDebug(os.Stdout)))
	defer c.Close()
	resp := manualMust(c.Do(ctx, "HEAD", "/index.html", nil, body.None()))
	fmt.Println(resp.Status())
	// Output:
	// send: b'HEAD /index.html HTTP/1.1\r\nHost: www.python.org\r\nAccept-Encoding: identity\r\n\r\n'
	// reply: 'HTTP/1.1 200 OK\r\n'
	// header: Content-Type: text/html; charset=utf-8
	// header: Content-Length: 340
	// 200 OK
}

// What fileno is for: to look at the socket, or to set an option of it, below TLS and everything else.
func ExampleConn_SyscallConn() {
	l := manualMust(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	go http.Serve(l, http.NotFoundHandler())

	c := manualMust(httpclient.New(l.Addr().String()))
	defer c.Close()
	resp := manualMust(c.Do(ctx, "GET", "/", nil, body.None()))
	socket := manualMust(resp.Conn().SyscallConn())
	manualCheck(socket.Control(func(fd uintptr) { fmt.Println("a descriptor:", fd > 0) }))
	fmt.Printf("the connection: %T, TLS: %v\n", resp.Conn().NetConn(), resp.Conn().TLS() != nil)
	// Output:
	// a descriptor: true
	// the connection: *net.TCPConn, TLS: false
}
