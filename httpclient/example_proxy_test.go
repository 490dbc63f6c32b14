package httpclient_test

import (
	"context"
	"fmt"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
)

// Requests to an http origin go to the proxy in absolute-form, with the proxy's credentials.
func ExampleWithProxy() {
	network := manualServe("proxy.example:3128", func(r manualRequest) string {
		fmt.Println(r.Method, r.Target)
		fmt.Print(r.Fields)
		return manualAnswer("200 OK", "by way of the proxy")
	})
	defer network.Close()

	c := manualMust(httpclient.New("origin.example", httpclient.WithDialer(network),
		httpclient.WithProxy("http://alice:open%20sesame@proxy.example:3128")))
	defer c.Close()
	resp := manualMust(c.Do(context.Background(), "GET", "/", nil, body.None()))
	fmt.Println(string(manualMust(resp.ReadAll())), resp.URL())
	// Output:
	// GET http://origin.example/
	// Host: origin.example
	// Accept-Encoding: identity
	// Proxy-Authorization: Basic YWxpY2U6b3BlbiBzZXNhbWU=
	// by way of the proxy http://origin.example/
}

// A rule chooses the way to each origin; fields of a Server are for the proxy alone.
func ExampleWithRouteRule() {
	network := manualServe("proxy.example:3128", manualOK)
	network.serve("intranet.example:80", manualOK)
	defer network.Close()
	var fields = manualFields("X-Department: testing")
	through := proxy.Server{
		URL: manualMust(proxy.ParseURL("http://proxy.example:3128")), Dialer: network, Fields: fields,
	}
	rule := proxy.Settings{HTTP: through.URL, NoProxy: "intranet.example"}.Rule(through)
	for _, host := range []string{"origin.example", "intranet.example"} {
		c := manualMust(httpclient.New(host, httpclient.WithRouteRule(rule)))
		manualMust(c.Do(context.Background(), "GET", "/", nil, body.None()))
		fmt.Print(network.Received())
		c.Close()
	}
	// Output:
	// GET http://origin.example/ HTTP/1.1
	// Host: origin.example
	// Accept-Encoding: identity
	// X-Department: testing
	//
	// GET / HTTP/1.1
	// Host: intranet.example
	// Accept-Encoding: identity
}
