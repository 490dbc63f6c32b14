package httpclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// TestProxyRefused: refusals are what they are behind SetTunnel; that of a SOCKS proxy has its own type.
func TestProxyRefused(t *testing.T) {
	network := new(manualNetwork)
	defer network.Close()
	network.proxy(proxyAddress, "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"a\"\r\nContent-Length: 0\r\n\r\n")
	network.listen("garbage.example:1", network.recordAndSay("SSH-2.0-x\r\n"))
	network.listen("silent.example:1", network.recordAndSay(""))
	network.socks("socks.example:1080", "u", "p")
	do := func(url string) (*httpclient.Conn, error) {
		c := manualMust(httpclient.NewTLS("www.python.org", httpclient.WithDialer(network), httpclient.WithProxy(url)))
		_, err := c.Do(t.Context(), "GET", "/secret", nil, body.None())
		return c, err
	}
	var refused *proxy.RefusedError
	c, err := do(proxyURL)
	if !errors.As(err, &refused) || errors.Is(err, httpclient.ErrHTTP) || refused.Status != 407 || c.ProxyFields().GetString("Proxy-Authenticate") == "" {
		t.Errorf("%v, %v", err, c.ProxyFields())
	}
	if _, err := do("http://garbage.example:1"); !errors.Is(err, httpclient.ErrBadStatusLine) || !strings.Contains(err.Error(), `"SSH-2.0-x\r"`) || !strings.HasPrefix(err.Error(), "proxy garbage.example:1: ") {
		t.Error(err)
	}
	if _, err := do("http://silent.example:1"); !errors.Is(err, httpclient.ErrRemoteDisconnected) {
		t.Error(err)
	}
	if _, err := do("http://nobody.example:1"); !errors.As(err, new(*transport.DialError)) {
		t.Error(err)
	}
	var socks *proxy.SOCKSError
	if _, err := do("socks5h://u:wrong@socks.example"); !errors.As(err, &socks) || socks.Step != proxy.SOCKSAuth || errors.As(err, new(*transport.DialError)) {
		t.Error(err)
	}
	if _, err := do("socks5h://u:p@socks.example"); !errors.As(err, &socks) || socks.Step != proxy.SOCKSConnect || socks.Address != "www.python.org:443" {
		t.Error(err)
	}
	if _, err := do("socks5h://u@socks.example"); !errors.As(err, new(*proxy.AuthError)) {
		t.Error(err)
	}
}

// TestProxyChallenge: a 407 of a proxy that forwards is a response, and the next request answers it; so does every one
// after it.
func TestProxyChallenge(t *testing.T) {
	network := manualServe(proxyAddress, func(r manualRequest) string {
		switch got := r.Fields.GetString("Proxy-Authorization"); got {
		case "Custom n1 GET http://origin.example/a", "Custom n1 GET http://origin.example/b":
			return manualAnswer("200 OK", "")
		default:
			return manualAnswer("407 No", "", `Proxy-Authenticate: Basic realm="x", Custom nonce=n1`)
		}
	})
	defer network.Close()
	var refused []string
	c := manualConn(t, network, "origin.example", httpclient.WithRoute(proxy.Route{
		Proxy: proxyAddress, AbsoluteForm: true,
		Auth: func(_ context.Context, r *proxy.AuthRequest) (string, error) {
			refused = append(refused, r.Refused)
			c, ok := r.Challenge("Custom")
			if !ok {
				return "Early", nil
			}
			nonce, _ := c.Param("nonce")
			return "Custom " + nonce + " " + r.Method + " " + r.Target, nil
		},
	}))
	for i, want := range []int{407, 200, 200} {
		resp, err := c.Do(t.Context(), "GET", []string{"/a", "/a", "/b"}[i], nil, body.None())
		if err != nil || int(resp.Status()) != want {
			t.Fatal(resp.Status(), err)
		}
	}
	if diff := cmp.Diff([]string{"", "Early", ""}, refused); diff != "" {
		t.Errorf("told as refused (-want +got):\n%s", diff)
	}
	if got := network.Dialled(); len(got) != 1 {
		t.Errorf("dialled %v", got)
	}
	for _, auth := range []proxy.Auth{
		func(context.Context, *proxy.AuthRequest) (string, error) { return "", errors.New("no keytab") },
		func(context.Context, *proxy.AuthRequest) (string, error) { return "hunter2\r\n", nil },
	} {
		c := manualConn(t, network, "origin.example", httpclient.WithRoute(proxy.Route{Proxy: proxyAddress, AbsoluteForm: true, Auth: auth}))
		_, err := c.Do(t.Context(), "GET", "/", nil, body.None())
		if !errors.As(err, new(*proxy.AuthError)) || strings.Contains(err.Error(), "hunter2") || len(network.Dialled()) > 0 {
			t.Error(err)
		}
	}
}

// TestProxyHooks: what is dialled is the proxy, and what goes to it can be refused.
func TestProxyHooks(t *testing.T) {
	network := new(manualNetwork)
	defer network.Close()
	network.proxy(proxyAddress, "HTTP/1.1 200 OK\r\n\r\n")
	network.serve(proxyAddress+"0", manualOK)
	no := errors.New("not today")
	for _, newConn := range []func(string, ...httpclient.Option) (*httpclient.Conn, error){httpclient.New, httpclient.NewTLS} {
		var dialled []string
		url := proxyURL
		if c := manualMust(newConn("a")); c.Port() == 80 {
			url += "0"
		}
		c := manualMust(newConn("origin.example", httpclient.WithDialer(network), httpclient.WithProxy(url),
			httpclient.WithConnectHook(func(_ context.Context, host string, port int) error {
				dialled = append(dialled, fmt.Sprint(host, " ", port))
				return nil
			}),
			httpclient.WithSendHook(func([]byte) error { return no })))
		_, err := c.Do(t.Context(), "GET", "/", nil, body.None())
		if err != no || network.Written() != "" || len(dialled) != 1 || !strings.HasPrefix(dialled[0], "proxy.example 3128") {
			t.Errorf("%v, dialled %v", err, dialled)
		}
		c.Close()
	}
}

// TestProxyEarlyOctets: what a tunnel brings before the first request is nobody's response.
func TestProxyEarlyOctets(t *testing.T) {
	network := new(manualNetwork)
	defer network.Close()
	network.listen(proxyAddress, func(nc net.Conn) {
		network.receive(nc, nil)
		io.WriteString(nc, "HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 Forged\r\nContent-Length: 0\r\n\r\n")
		io.Copy(io.Discard, nc)
	})
	tunnel := proxy.Connect{Proxy: proxyAddress, Dialer: network}
	for name, option := range map[string]httpclient.Option{
		"route": httpclient.WithRoute(proxy.Route{Proxy: proxyAddress, Dialer: tunnel}), "dialer": httpclient.WithDialer(tunnel),
	} {
		c := manualMust(httpclient.New("origin.example", httpclient.WithDialer(network), option))
		if _, err := c.Do(t.Context(), "GET", "/", nil, body.None()); !errors.Is(err, wire.RuleUnsolicited) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestProxyAndTunnel: SetTunnel reaches its proxy through another; not through one that forwards requests.
func TestProxyAndTunnel(t *testing.T) {
	network := new(manualNetwork)
	defer network.Close()
	network.socks("socks.example:1080", "alice", "hunter2")
	network.proxy(proxyAddress, "HTTP/1.1 200 OK\r\nVia: second\r\n\r\n")
	network.serve("far.example:80", manualOK)
	c := manualConn(t, network, proxyAddress, httpclient.WithProxy("socks5h://alice:hunter2@socks.example"))
	manualCheck(c.SetTunnel("far.example", 0, nil))
	if resp, err := c.Do(t.Context(), "GET", "/", nil, body.None()); err != nil || resp.URL() != "http://far.example/" || c.ProxyFields().GetString("Via") != "second" {
		t.Error(err)
	}
	if got := network.Dialled(); len(got) != 1 || got[0] != "socks.example:1080" {
		t.Errorf("dialled %v", got)
	}
	c = manualConn(t, network, "second.example:3128", httpclient.WithProxy(proxyURL))
	if err := c.SetTunnel("far.example", 0, nil); !errors.Is(err, httpclient.ErrImproperState) {
		t.Error(err)
	}
}

// TestProxySilent: a proxy that says nothing is left in time.
func TestProxySilent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := new(manualNetwork)
		defer network.Close()
		network.listen(proxyAddress, func(nc net.Conn) { io.Copy(io.Discard, nc) })
		network.listen("socks.example:1080", func(nc net.Conn) { io.Copy(io.Discard, nc) })
		for _, url := range []string{proxyURL, "socks5h://socks.example"} {
			for phase, limit := range map[string]httpclient.Timeouts{"first byte": {FirstByte: time.Hour}, "dial": {Dial: time.Hour}, "total": {Total: time.Hour}} {
				c := manualMust(httpclient.NewTLS("origin.example", httpclient.WithDialer(network), httpclient.WithProxy(url), httpclient.WithTimeouts(limit)))
				start := time.Now()
				_, err := c.Do(t.Context(), "GET", "/", nil, body.None())
				var late net.Error
				if took := time.Since(start); took != time.Hour || !errors.As(err, &late) || !late.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s, %s: %v after %v", url, phase, err, took)
				}
				c.Close()
			}
		}
	})
}
