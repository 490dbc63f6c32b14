package httpclient_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// TestManualConnectRequest: what is said to the proxy. Host always has its port, which is 443 or 80 by default.
func TestManualConnectRequest(t *testing.T) {
	tests := []struct {
		name   string
		tls    bool
		host   string
		port   int
		fields *headers.Fields
		want   string
	}{
		{"default", false, "far.example", 0, nil, "CONNECT far.example:80 HTTP/1.1\r\nHost: far.example:80\r\n\r\n"},
		{"default of https", true, "far.example", 0, nil, "CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\n\r\n"},
		{"in the host", true, "far.example:8443", 0, nil, "CONNECT far.example:8443 HTTP/1.1\r\nHost: far.example:8443\r\n\r\n"},
		{"beside it", false, "far.example", 8080, nil, "CONNECT far.example:8080 HTTP/1.1\r\nHost: far.example:8080\r\n\r\n"},
		{"IPv6", false, "::1", 8080, nil, "CONNECT [::1]:8080 HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"},
		{"zone", false, "[fe80::1%eth0]", 0, nil, "CONNECT [fe80::1]:80 HTTP/1.1\r\nHost: [fe80::1]:80\r\n\r\n"},
		{"internationalised", false, "bücher.example", 0, nil,
			"CONNECT xn--bcher-kva.example:80 HTTP/1.1\r\nHost: xn--bcher-kva.example:80\r\n\r\n"},
		{"fields", true, "far.example", 0, manualFields("Proxy-Authorization: Basic YQ==", "User-Agent: a"),
			"CONNECT far.example:443 HTTP/1.1\r\nHost: far.example:443\r\nProxy-Authorization: Basic YQ==\r\nUser-Agent: a\r\n\r\n"},
		{"caller's Host", true, "far.example", 0, manualFields("X: y", "host: far.example"),
			"CONNECT far.example:443 HTTP/1.1\r\nX: y\r\nhost: far.example\r\n\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			network := new(manualNetwork)
			t.Cleanup(network.Close)
			network.proxy("proxy.example:3128", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
			newConn := httpclient.New
			if test.tls {
				newConn = httpclient.NewTLS
			}
			c := manualMust(newConn("proxy.example:3128", httpclient.WithDialer(network)))
			manualCheck(c.SetTunnel(test.host, test.port, test.fields))
			var refused *proxy.RefusedError
			if err := c.Connect(t.Context()); !errors.As(err, &refused) {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, network.Written()); diff != "" {
				t.Errorf("on the wire (-want +got):\n%s", diff)
			}
		})
	}
}

// TestManualTunnelRefused: an answer other than 2xx is an error with status and reason, which is no ErrHTTP; the
// socket is closed, and the fields are kept. 2xx of any kind is a tunnel.
func TestManualTunnelRefused(t *testing.T) {
	tests := []struct {
		reply  string
		status status.Code
		reason string
	}{
		{"HTTP/1.1 407 Who are you?\r\nProxy-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nspam", 407, "Who are you?"},
		{"HTTP/1.1 302 Found\r\nLocation: http://login.example/\r\n\r\n", 302, "Found"},
		{"HTTP/1.0 502 \r\nVia: a\r\n\r\n", 502, ""},
		{"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 403 Forbidden\r\nServer: b\r\n\r\n", 403, "Forbidden"},
	}
	for _, test := range tests {
		closed := make(chan error, 1)
		network := new(manualNetwork)
		network.listen("proxy.example:3128", func(nc net.Conn) {
			network.receive(nc, nil)
			io.WriteString(nc, test.reply)
			_, err := nc.Read(make([]byte, 1))
			closed <- err
		})
		c := manualConn(t, network, "proxy.example:3128")
		manualCheck(c.SetTunnel("far.example", 443, nil))
		if c.ProxyFields() != nil {
			t.Error("fields before CONNECT")
		}
		_, err := c.Do(t.Context(), "GET", "/secret", nil, body.None())
		var refused *proxy.RefusedError
		if !errors.As(err, &refused) || errors.Is(err, httpclient.ErrHTTP) {
			t.Fatalf("error %v", err)
		}
		want := &proxy.RefusedError{Proxy: "proxy.example:3128", Address: "far.example:443", Status: test.status, Reason: test.reason}
		got := *refused
		got.Fields = nil
		if diff := cmp.Diff(want, &got); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if err := <-closed; err != io.EOF {
			t.Errorf("the socket is not closed: %v", err)
		}
		if c.Connected() || c.ProxyFields().Len() == 0 || c.ProxyFields().String() != refused.Fields.String() {
			t.Errorf("connected %v, fields %v", c.Connected(), c.ProxyFields())
		}
		if written := network.Written(); strings.Contains(written, "secret") {
			t.Errorf("written %q", written)
		}
		network.Close()
	}
	for _, reply := range []string{"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 204 No\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 299 \r\n\r\n"} {
		network := new(manualNetwork)
		network.listen("proxy.example:3128", func(nc net.Conn) {
			network.receive(nc, nil)
			io.WriteString(nc, reply)
			network.answer(nc, manualOK)
		})
		c := manualConn(t, network, "proxy.example:3128")
		manualCheck(c.SetTunnel("far.example", 0, nil))
		resp, err := c.Do(t.Context(), "GET", "/", nil, body.None())
		if err != nil || resp.Status() != 200 || c.ProxyFields() == nil {
			t.Errorf("%q: %v", reply, err)
		}
		c.Close()
		network.Close()
	}
}

// TestManualTunnelBroken: a proxy that says no HTTP, or nothing, is the error that a server would be.
func TestManualTunnelBroken(t *testing.T) {
	tests := []struct {
		name, reply string
		want        []error
		line        string
	}{
		{"nothing", "", []error{httpclient.ErrRemoteDisconnected, syscall.ECONNRESET}, ""},
		{"another protocol", "SSH-2.0-x\r\n", []error{httpclient.ErrBadStatusLine}, "SSH-2.0-x\r"},
		{"half a head", "HTTP/1.1 200 OK\r\nA: b\r\n", []error{io.ErrUnexpectedEOF}, ""},
		{"a bad field", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n", []error{wire.RuleSpaceBeforeColon}, ""},
		{"a long line", "HTTP/1.1 200 " + strings.Repeat("O", 1<<16) + "\r\n\r\n", []error{httpclient.ErrLineTooLong}, ""},
		{"another version", "HTTP/3.0 200 OK\r\n\r\n", []error{httpclient.ErrUnknownProtocol}, ""},
	}
	for _, test := range tests {
		network := new(manualNetwork)
		network.listen("proxy.example:3128", network.recordAndSay(test.reply))
		c := manualConn(t, network, "proxy.example:3128")
		manualCheck(c.SetTunnel("far.example", 0, nil))
		_, err := c.Do(t.Context(), "GET", "/secret", nil, body.None())
		for _, want := range append(test.want, httpclient.ErrHTTP) {
			if !errors.Is(err, want) {
				t.Errorf("%s: %v is not %v", test.name, err, want)
			}
		}
		var bad *httpclient.BadStatusLineError
		if errors.As(err, &bad) && bad.Line != test.line {
			t.Errorf("%s: line %q, want %q", test.name, bad.Line, test.line)
		}
		if c.Connected() || c.ProxyFields() != nil || strings.Contains(network.Written(), "secret") {
			t.Errorf("%s: connected %v, fields %v", test.name, c.Connected(), c.ProxyFields())
		}
		network.Close()
	}
}

// TestManualTunnelLenient: the leniency of a Conn holds for its proxy also.
func TestManualTunnelLenient(t *testing.T) {
	network := new(manualNetwork)
	t.Cleanup(network.Close)
	network.proxy("proxy.example:3128", "HTTP/1.1 200\r\n\r\n")
	network.serve("far.example:80", manualOK)
	for lenient, want := range map[wire.Lenient]error{0: wire.RuleMissingReason, wire.AllowMissingReason: nil} {
		c := manualConn(t, network, "proxy.example:3128", httpclient.WithLenient(lenient))
		manualCheck(c.SetTunnel("far.example", 0, nil))
		if _, err := c.Do(t.Context(), "GET", "/", nil, body.None()); !errors.Is(err, want) {
			t.Errorf("%v: %v", lenient, err)
		}
	}
}

// TestManualTunnelTimeout: a proxy that does not answer runs into the time-out, which is no error of HTTP.
func TestManualTunnelTimeout(t *testing.T) {
	for name, limit := range map[string]httpclient.Timeouts{"first byte": {FirstByte: time.Nanosecond}, "total": {Total: time.Millisecond}} {
		network := new(manualNetwork)
		network.listen("proxy.example:3128", func(nc net.Conn) { io.Copy(io.Discard, nc) })
		c := manualConn(t, network, "proxy.example:3128", httpclient.WithTimeouts(limit))
		manualCheck(c.SetTunnel("far.example", 0, nil))
		_, err := c.Do(t.Context(), "GET", "/", nil, body.None())
		var late *httpclient.TimeoutError
		if !errors.As(err, &late) || string(late.Phase) != name || !errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, httpclient.ErrHTTP) {
			t.Errorf("%s: %v", name, err)
		}
		network.Close()
	}
}

// TestManualTunnelAgain: a reconnect tunnels again, each time with the fields for the proxy, none of which goes
// through the tunnel; and a tunnel cannot be set while there is a connection.
func TestManualTunnelAgain(t *testing.T) {
	network := new(manualNetwork)
	t.Cleanup(network.Close)
	network.proxy("proxy.example:3128", "HTTP/1.1 200 OK\r\nVia: proxy\r\n\r\n")
	network.serve("far.example:80", func(manualRequest) string { return manualAnswer("200 OK", "spam", "Connection: close") })
	c := manualConn(t, network, "proxy.example:3128")
	fields := manualFields("Proxy-Authorization: Basic YQ==")
	manualCheck(c.SetTunnel("far.example", 0, fields))
	fields.Set("Proxy-Authorization", "changed behind its back")

	for range 3 {
		resp, err := c.Do(t.Context(), "GET", "/", nil, body.None())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.SetTunnel("other.example", 0, nil); !errors.Is(err, httpclient.ErrImproperState) {
			t.Errorf("SetTunnel after connecting: %v", err)
		}
		if content, err := resp.ReadAll(); string(content) != "spam" || err != nil || c.Connected() {
			t.Errorf("%q, %v, connected %v", content, err, c.Connected())
		}
		want := "CONNECT far.example:80 HTTP/1.1\r\nHost: far.example:80\r\nProxy-Authorization: Basic YQ==\r\n\r\n" +
			"GET / HTTP/1.1\r\nHost: far.example\r\nAccept-Encoding: identity\r\n\r\n"
		if diff := cmp.Diff(want, network.Written()); diff != "" {
			t.Errorf("on the wire (-want +got):\n%s", diff)
		}
	}
	if got := network.Dialled(); len(got) != 3 {
		t.Errorf("dialled %v", got)
	}
	// Without a connection it can be set anew.
	manualCheck(c.SetTunnel("other.example", 0, nil))
	if c.ProxyFields() != nil {
		t.Error("fields of the tunnel before")
	}
}

// TestManualTunnelTLS: inside the tunnel the certificate is verified against the far end, never the proxy; a
// certificate for another name, or none, is an error of TLS, and no octet of the request was written.
func TestManualTunnelTLS(t *testing.T) {
	network := new(manualNetwork)
	t.Cleanup(network.Close)
	network.proxy("example.com:3128", "HTTP/1.1 200 OK\r\n\r\n") // the certificate is good for the proxy's name
	network.serveTLS("www.python.org:443", manualOK)
	network.serveTLSConfig("far.example:443", &tls.Config{Certificates: []tls.Certificate{manualCertificate("")}}, manualOK)
	network.listen("plain.example:443", func(nc net.Conn) { io.WriteString(nc, "HTTP/1.1 400 Bad Request\r\n\r\n") })
	for _, host := range []string{"www.python.org", "far.example", "plain.example"} {
		c := manualMust(httpclient.NewTLS("example.com:3128", httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots())))
		manualCheck(c.SetTunnel(host, 0, nil))
		network.ReceivedOctets()
		_, err := c.Do(t.Context(), "GET", "/secret", nil, body.None())
		received := network.ReceivedOctets()
		if host == "www.python.org" {
			if err != nil || c.TLS().ServerName != host {
				t.Errorf("%s: %v", host, err)
			}
		} else {
			var failed *transport.TLSError
			if !errors.As(err, &failed) || failed.Host != host || errors.Is(err, httpclient.ErrHTTP) || c.Connected() {
				t.Errorf("%s: %v", host, err)
			}
			if want := fmt.Sprintf("CONNECT %s:443 HTTP/1.1\r\nHost: %s:443\r\n\r\n", host, host); received != want {
				t.Errorf("%s: received %q", host, received)
			}
		}
		c.Close()
	}
}

// TestManualTunnelSeen: debugging, traces and hooks are told of the words with the proxy as well, and above TLS
// of nothing twice.
func TestManualTunnelSeen(t *testing.T) {
	network := new(manualNetwork)
	t.Cleanup(network.Close)
	network.proxy("localhost:8080", "HTTP/1.1 200 OK\r\nVia: proxy\r\n\r\n")
	network.serveTLS("www.python.org:443", manualOK)
	var debug strings.Builder
	c := manualMust(httpclient.NewTLS("localhost:8080", httpclient.WithDialer(network), httpclient.WithTLSConfig(manualRoots()),
		httpclient.WithDebug(&debug)))
	defer c.Close()
	manualCheck(c.SetTunnel("www.python.org", 0, nil))
	if _, err := c.Do(t.Context(), "GET", "/", nil, body.None()); err != nil {
		t.Fatal(err)
	}
	want := `send: b'CONNECT www.python.org:443 HTTP/1.1\r\nHost: www.python.org:443\r\n\r\n'
reply: 'HTTP/1.1 200 OK\r\n'
header: Via: proxy
send: b'GET / HTTP/1.1\r\nHost: www.python.org\r\nAccept-Encoding: identity\r\n\r\n'
reply: 'HTTP/1.1 200 OK\r\n'
header: Content-Length: 0
`
	if diff := cmp.Diff(want, debug.String()); diff != "" {
		t.Errorf("debugging output (-want +got):\n%s", diff)
	}
	if _, ok := c.NetConn().(*transport.TLSConn); !ok {
		t.Errorf("the connection is a %T", c.NetConn())
	}

	network.serve("www.python.org:80", manualOK)
	plain := manualConn(t, network, "localhost:8080", httpclient.WithDebug(io.Discard))
	manualCheck(plain.SetTunnel("www.python.org", 0, nil))
	if err := plain.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := plain.NetConn().(*manualWire); !ok {
		t.Errorf("the connection is a %T", plain.NetConn())
	}

	// Octets behind the proxy's reply would pass for the first response: in HTTP the client speaks first.
	network.listen("eager.example:8080", func(nc net.Conn) {
		network.receive(nc, nil)
		io.WriteString(nc, "HTTP/1.1 200 OK\r\n\r\n"+manualOK(manualRequest{}))
		network.receive(nc, nil)
	})
	sends := 0
	eager := manualConn(t, network, "eager.example:8080", httpclient.WithTrace(&httpclient.Trace{BytesOut: func([]byte) { sends++ }}))
	manualCheck(eager.SetTunnel("www.python.org", 0, nil))
	if _, err := eager.Do(t.Context(), "GET", "/", nil, body.None()); !errors.Is(err, wire.RuleUnsolicited) || sends != 1 {
		t.Errorf("%v, %d writes seen", err, sends)
	}
}
