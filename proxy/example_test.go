package proxy_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport/memory"
)

// A request goes through a proxy: the tunnel is a dialer like any other.
func ExampleConnect() {
	var network memory.Network
	listener, err := network.Listen("proxy.example:3128")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer listener.Close()
	go toyProxy(listener)

	tunnel := proxy.Connect{Proxy: "proxy.example:3128", Dialer: &network}
	c, err := httpclient.New("origin.example", httpclient.WithDialer(tunnel))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	resp, err := c.Do(context.Background(), "GET", "/", nil, body.None())
	if err != nil {
		fmt.Println(err)
		return
	}
	content, err := resp.ReadAll()
	fmt.Println(resp.Status(), string(content), err)
	// Output:
	// CONNECT origin.example:80 HTTP/1.1
	// GET / HTTP/1.1
	// 200 OK hello <nil>
}

// toyProxy answers CONNECT, and then plays the origin itself.
func toyProxy(listener net.Listener) {
	nc, err := listener.Accept()
	if err != nil {
		return
	}
	defer nc.Close()
	r := bufio.NewReader(nc)
	for _, reply := range []string{
		"HTTP/1.1 200 Connection established\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
	} {
		line, _ := r.ReadString('\n')
		fmt.Println(strings.TrimSpace(line))
		for line != "\r\n" && err == nil {
			line, err = r.ReadString('\n')
		}
		io.WriteString(nc, reply)
	}
}
