package conn_test

import (
	"fmt"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
)

// A whole exchange by hand: what one party appends, the other is shown.
func Example() {
	client, server := conn.New(conn.Client, conn.Config{}), conn.New(conn.Server, conn.Config{})
	hear := func(c *conn.Conn, data []byte) {
		for {
			n, ev, err := c.Next(data, false)
			data = data[n:] // what was consumed is done with
			fmt.Printf("%v: %v", c.Role(), ev.Kind)
			switch ev.Kind {
			case conn.RequestHead:
				fmt.Printf(" %s %s for %s", ev.Head.Method, ev.Head.Target, ev.Head.Host)
			case conn.ResponseHead:
				fmt.Printf(" %d %s", ev.Head.Status, ev.Head.Reason)
			case conn.Content:
				fmt.Printf(" %q", ev.Content)
			}
			fmt.Println()
			if err != nil || ev.Kind == conn.End || ev.Kind == conn.NeedData {
				return
			}
		}
	}

	var fields headers.Fields
	fields.Add("Host", "example.org")
	fields.Add("Content-Length", "5")
	octets, _ := client.AppendRequest(nil, "POST", "/greet", &fields)
	octets, _ = client.AppendContent(octets, []byte("world"))
	octets, _ = client.AppendEnd(octets, nil)
	hear(server, octets[:30]) // octets come in any pieces; these hold no whole head
	hear(server, octets)

	fields.Reset()
	fields.Add("Transfer-Encoding", "chunked")
	octets, _ = server.AppendResponse(nil, 200, "OK", &fields)
	octets, _ = server.AppendContent(octets, []byte("hello, world"))
	octets, _ = server.AppendEnd(octets, nil)
	fmt.Printf("%q\n", octets)
	hear(client, octets)
	fmt.Println("for another exchange:", client.Reusable(), server.Reusable())
	// Output:
	// server: need data
	// server: request head POST /greet for example.org
	// server: content "world"
	// server: end
	// "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\nhello, world\r\n0\r\n\r\n"
	// client: response head 200 OK
	// client: chunk
	// client: content "hello, world"
	// client: chunk
	// client: end
	// for another exchange: true true
}

// What is malformed goes out by the raw path, which checks nothing. The method tells how the response is
// framed: one to HEAD has no content, whatever its Content-Length.
func ExampleConn_AppendRaw() {
	client := conn.New(conn.Client, conn.Config{})
	request, err := client.AppendRaw(nil, []byte("HEAD /../%zz HTTP/1.1\r\nHost : h\r\n\r\n"), "HEAD")
	fmt.Printf("%q %v, %d in flight\n", request, err, client.InFlight())

	response := []byte("HTTP/1.1 400 Bad Request\r\nContent-Length: 512\r\n\r\n")
	for client.InFlight() > 0 {
		n, ev, _ := client.Next(response, false)
		response = response[n:]
		fmt.Println(ev.Kind)
	}
	// Output:
	// "HEAD /../%zz HTTP/1.1\r\nHost : h\r\n\r\n" <nil>, 1 in flight
	// response head
	// end
}

// A switch of protocols leaves what follows it in the caller's data, for whoever speaks that protocol.
func ExampleConn_Switched() {
	client := conn.New(conn.Client, conn.Config{})
	var fields headers.Fields
	fields.Add("Host", "example.org")
	fields.Add("Connection", "Upgrade")
	fields.Add("Upgrade", "echo")
	request, _ := client.AppendRequest(nil, "GET", "/", &fields)
	request, _ = client.AppendEnd(request, nil)
	fmt.Println(len(request), "octets,", client.State(conn.Client))

	data := []byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\nhello in echo")
	n, ev, _ := client.Next(data, false)
	fmt.Println(ev.Kind, ev.Head.Status, client.Switched())
	data = data[n:]
	n, ev, _ = client.Next(data, false)
	fmt.Printf("%v, consumed %d, left %q\n", ev.Kind, n, data)
	// Output:
	// 73 octets, might switch
	// response head 101 true
	// paused, consumed 0, left "hello in echo"
}

// Content need not pass through Next: Ahead says how much of it may go from the connection straight to
// where it is wanted, and Skip tells that it did.
func ExampleConn_Ahead() {
	server := conn.New(conn.Server, conn.Config{})
	head := "PUT /big HTTP/1.1\r\nHost: example.org\r\nContent-Length: 1000000\r\n\r\n"
	_, ev, _ := server.Next([]byte(head), false)
	fmt.Println(ev.Kind, server.Ahead())

	for server.Ahead() > 0 {
		moved := min(server.Ahead(), 600_000) // by io.CopyN to a file, say
		if err := server.Skip(moved); err != nil {
			fmt.Println(err)
		}
		fmt.Println("moved", moved)
	}
	_, ev, _ = server.Next(nil, false)
	fmt.Println(ev.Kind, server.State(conn.Client))
	// Output:
	// request head 1000000
	// moved 600000
	// moved 400000
	// end done
}

// A client that pipelines has several requests in flight; the responses come in their order, each framed
// by its own request.
func ExampleConfig_pipelining() {
	client := conn.New(conn.Client, conn.Config{Pipeline: 2})
	var fields headers.Fields
	fields.Add("Host", "example.org")
	var requests []byte
	for _, method := range []string{"HEAD", "GET", "GET"} {
		out, err := client.AppendRequest(requests, method, "/", &fields)
		if err == nil {
			out, err = client.AppendEnd(out, nil)
		}
		requests = out
		fmt.Println(method, client.InFlight(), err)
	}
	data := []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
	for len(data) > 0 || !client.Reusable() {
		n, ev, _ := client.Next(data, false)
		data = data[n:]
		fmt.Printf("%v %q, %d in flight\n", ev.Kind, ev.Content, client.InFlight())
	}
	// Output:
	// HEAD 1 <nil>
	// GET 2 <nil>
	// GET 2 conn: client in state done cannot send request: 2 in flight already
	// response head "", 2 in flight
	// end "", 1 in flight
	// response head "", 1 in flight
	// content "hi", 1 in flight
	// end "", 0 in flight
}

// Each party's side of the machine is a table that can be asked.
func ExampleTransition() {
	next, ok := conn.Transition(conn.Server, conn.StateOwed, conn.InputResponse)
	fmt.Println(next, ok)
	_, ok = conn.Transition(conn.Server, conn.StateBody, conn.InputInterim)
	fmt.Println(ok)
	// Output:
	// body true
	// false
}
