package fault_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"syscall"
	"time"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
	"github.com/strata-http/strata/transport/memory"
)

// serve starts a server in memory whose response is 26 octets of content behind a head of 102.
func serve(network *memory.Network) (stop func()) {
	l, err := network.Listen("example.org:80")
	if err != nil {
		panic(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		io.WriteString(w, "abcdefghijklmnopqrstuvwxyz")
	}))
	server.Listener.Close()
	server.Listener = l
	server.Start()
	return server.Close
}

// A server that dies at octet 110 of its response, for a client of net/http.
func Example() {
	var network memory.Network
	defer serve(&network)()

	dialer := fault.New(&network, fault.Received().At(110).Reset())
	client := &http.Client{Transport: &http.Transport{DialContext: dialer.DialContext}}
	resp, err := client.Get("http://example.org/")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	fmt.Printf("%q, reset: %v\n", content, errors.Is(err, syscall.ECONNRESET))
	// Output: "abcdefgh", reset: true
}

// The first two dials fail, and the third connection is slow.
func ExampleDialer() {
	var network memory.Network
	defer serve(&network)()

	dialer := &fault.Dialer{
		Dialer: &network,
		Script: fault.Script{
			fault.Conn(1).Dial().Refuse(),
			fault.Conn(2).Dial().NoSuchHost(),
			fault.Conn(3).Received().Split(10),
			fault.Conn(3).Received().Delay(time.Microsecond),
		},
		OnStrike: func(conn int, f fault.Fault) {
			if conn < 3 {
				fmt.Println("struck:", f)
			}
		},
	}
	transport := &http.Transport{DialContext: dialer.DialContext}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	for range 3 {
		resp, err := client.Get("http://example.org/")
		if err != nil {
			fmt.Println(err)
			continue
		}
		content, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Println(string(content), err)
	}
	fmt.Println("left over:", len(dialer.Unstruck()))
	// Output:
	// struck: conn 1 dial: refuse
	// Get "http://example.org/": transport: dial tcp "example.org:80": connect: connection refused
	// struck: conn 2 dial: no such host
	// Get "http://example.org/": transport: dial tcp "example.org:80": lookup example.org: no such host
	// abcdefghijklmnopqrstuvwxyz <nil>
	// left over: 0
}

func ExampleParse() {
	script, err := fault.Parse(`
		conn 1 dial: refuse             # nobody listens yet
		conn 2 received at 100: stall 5s; conn 2 received at 100: reset
	`)
	fmt.Println(err)
	fmt.Print(script)

	_, err = fault.Parse("received at 100: explode")
	fmt.Println(err)
	// Output:
	// <nil>
	// conn 1 dial: refuse
	// conn 2 received at 100: stall 5s
	// conn 2 received at 100: reset
	// fault: script line 1: "received at 100: explode": "explode" is no action
}

// A plan prints its seed and its script; either brings it back.
func ExampleRandom() {
	plan := fault.Random(42)
	fmt.Print(plan)
	again, err := fault.Parse("random 42")
	fmt.Println(again.String() == plan.Script.String(), err)
	// Output:
	// # seed 42
	// conn 2 received at 373: reset
	// conn 2 sent at 2741: black hole
	// received at 3266: truncate
	// true <nil>
}

// One call tries every octet. This client forgets to look whether the line came whole.
func ExampleEverywhere() {
	var network memory.Network
	listener, err := network.Listen("example.org:79")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer listener.Close()
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			io.WriteString(c, "ok\n")
			c.Close()
		}
	}()

	report, err := fault.Everywhere(context.Background(), &network, func(ctx context.Context, d transport.Dialer) error {
		c, err := d.DialContext(ctx, "tcp", "example.org:79")
		if err != nil {
			return err
		}
		defer c.Close()
		line, err := io.ReadAll(c)
		if err == nil && string(line) != "ok\n" {
			err = fmt.Errorf("%w: %q", fault.ErrWrong, line)
		}
		return err
	}, fault.Received().Reset(), fault.Received().HalfClose())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(report)
	// Output:
	// connection 1: 0 octets sent, 3 received
	// fault                 outcome       cases  at
	// received: reset       reset         4      0-3
	// received: half-close  wrong result  3      0-2
	//                       correct       1      3
}

// A client that takes no dialer gets its faults from the server's listener.
func ExampleListen() {
	below, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Listener.Close()
	server.Listener = fault.Listen(below, fault.Sent().At(17).HalfClose())
	server.Start()
	defer server.Close()

	_, err = http.Get(server.URL)
	fmt.Println(errors.Is(err, io.ErrUnexpectedEOF))
	// Output: true
}
