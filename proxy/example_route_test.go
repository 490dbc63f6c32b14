package proxy_test

import (
	"context"
	"crypto/md5"
	"fmt"
	"net"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
)

// A chain is dialers that stand on each other: TLS inside CONNECT inside SOCKS.
func ExampleServer() {
	near, err := proxy.ParseURL("socks5h://alice:open%20sesame@near.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	far, err := proxy.ParseURL("http://far.example:3128")
	if err != nil {
		fmt.Println(err)
		return
	}
	// In place of the network: it says who is dialled, and that is the nearest proxy alone.
	wire := transport.DialerFunc(func(_ context.Context, _, address string) (net.Conn, error) {
		fmt.Println("dialling", address)
		return nil, net.ErrClosed
	})
	chain := proxy.Server{URL: far, Dialer: proxy.Server{URL: near, Dialer: wire}}
	_, err = transport.TLS{Dialer: chain}.DialContext(context.Background(), "tcp", "origin.example:443")
	fmt.Println(err)
	fmt.Println(near)
	// Output:
	// dialling near.example:1080
	// transport: dial tcp "origin.example:443": use of closed network connection
	// socks5h://***@near.example:1080
}

// A rule is a function: what it returns is the way to one origin.
func ExampleRule() {
	office, err := proxy.ParseURL("http://proxy.corp.example:3128")
	if err != nil {
		fmt.Println(err)
		return
	}
	through := proxy.Server{URL: office}
	var rule proxy.Rule = func(scheme, address string) (proxy.Route, error) {
		if host, _, _ := net.SplitHostPort(address); host == "intranet.example" {
			return proxy.Route{}, nil
		}
		return through.Route(scheme, address)
	}
	for _, origin := range []struct{ scheme, address string }{
		{"http", "intranet.example:80"}, {"http", "example.org:80"}, {"https", "example.org:443"},
	} {
		r, err := rule(origin.scheme, origin.address)
		fmt.Printf("%s://%s: direct %v, absolute-form %v, %v\n", origin.scheme, origin.address, r.Direct(), r.AbsoluteForm, err)
	}
	// Output:
	// http://intranet.example:80: direct true, absolute-form false, <nil>
	// http://example.org:80: direct false, absolute-form true, <nil>
	// https://example.org:443: direct false, absolute-form false, <nil>
}

// Settings are what http_proxy, https_proxy and no_proxy say; here they are given by hand.
func ExampleSettings_Rule() {
	u, err := proxy.ParseURL("http://proxy.example:3128")
	if err != nil {
		fmt.Println(err)
		return
	}
	rule := proxy.Settings{HTTP: u, HTTPS: u, NoProxy: "corp.example, 10.0.0.0/8"}.Rule(proxy.Server{})
	for _, address := range []string{"www.corp.example:80", "10.1.2.3:80", "example.org:80", "localhost:80"} {
		r, err := rule("http", address)
		fmt.Printf("%s by way of %q, %v\n", address, r.Proxy, err)
	}
	// Output:
	// www.corp.example:80 by way of "", <nil>
	// 10.1.2.3:80 by way of "", <nil>
	// example.org:80 by way of "proxy.example:3128", <nil>
	// localhost:80 by way of "", <nil>
}

// Any scheme of authentication is a function from challenges to credentials.
func ExampleAuth() {
	var auth proxy.Auth = func(_ context.Context, r *proxy.AuthRequest) (string, error) {
		c, ok := r.Challenge("Example")
		if !ok || r.Refused != "" {
			return "", nil // not asked yet, or our answer was wrong
		}
		nonce, _ := c.Param("nonce")
		return fmt.Sprintf("Example %x", md5.Sum([]byte(nonce+r.Method+r.Target+"secret")))[:16], nil
	}
	challenges, err := proxy.ParseChallenges(`Basic realm="a", Example nonce="42"`)
	if err != nil {
		fmt.Println(err)
		return
	}
	request := &proxy.AuthRequest{Method: "CONNECT", Target: "origin.example:443"}
	first, _ := auth(context.Background(), request)
	request.Challenges = challenges
	second, _ := auth(context.Background(), request)
	fmt.Printf("%q, then %q\n", first, second)
	// Output: "", then "Example 0ac0a27f"
}

// A trace is told what is said to proxies, without the credentials.
func ExampleWithTrace() {
	ctx := proxy.WithTrace(context.Background(), &proxy.Trace{
		Ask:     func(protocol, proxy, address string) { fmt.Println(protocol, proxy, address) },
		Request: func(_ string, head []byte) error { fmt.Printf("%q\n", head); return nil },
		Reply:   func(_ string, head *conn.Head) { fmt.Println(head.Status) },
	})
	d := proxy.Connect{
		Proxy: "proxy.example:3128", Dialer: transport.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				server.Read(make([]byte, 1024))
				server.Write([]byte("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"))
				server.Close()
			}()
			return client, nil
		}),
		Auth: proxy.Basic(proxy.UserPassword("alice", "open sesame")),
	}
	_, err := d.DialContext(ctx, "tcp", "origin.example:443")
	fmt.Println(err)
	// Output:
	// CONNECT proxy.example:3128 origin.example:443
	// "CONNECT origin.example:443 HTTP/1.1\r\nHost: origin.example:443\r\nProxy-Authorization: ***** ************************\r\n\r\n"
	// 403
	// proxy proxy.example:3128 refused a tunnel to origin.example:443: 403 "Forbidden"
}

// What was sent to a proxy can be shown when its credentials are hidden.
func ExampleRedact() {
	head := []byte("CONNECT a.example:443 HTTP/1.1\r\nProxy-Authorization: Basic eDp5\r\n\r\n")
	fmt.Printf("%q\n", proxy.Redact(head))
	// Output: "CONNECT a.example:443 HTTP/1.1\r\nProxy-Authorization: ***** ****\r\n\r\n"
}

// Challenges are read as RFC 9110 section 11.6.1 has them, commas within and between.
func ExampleParseChallenges() {
	challenges, err := proxy.ParseChallenges(`Negotiate, Digest realm="the \"staff\"", nonce=n1 , Basic realm=x`)
	for _, c := range challenges {
		fmt.Println(c)
	}
	fmt.Println(err)
	// Output:
	// Negotiate
	// Digest realm="the \"staff\""
	// Basic realm="x"
	// <nil>
}
