package httpclient_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// manualConn returns a Conn in network, closed when the test is over.
func manualConn(t testing.TB, network *manualNetwork, host string, options ...httpclient.Option) *httpclient.Conn {
	t.Helper()
	c, err := httpclient.New(host, append(options, httpclient.WithDialer(network))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// manualPlainTLS is a TLS stack that does nothing, so that the octets of a Conn of NewTLS can be seen.
var manualPlainTLS = httpclient.WithTLS(transport.TLS{
	Handshake: func(_ context.Context, c net.Conn, _ string) (net.Conn, error) { return c, nil },
})

// manualTestServe is manualServe for a test.
func manualTestServe(t testing.TB, address string, handler manualHandler) *manualNetwork {
	network := manualServe(address, handler)
	t.Cleanup(network.Close)
	return network
}

func manualOK(manualRequest) string { return manualAnswer("200 OK", "") }

// manualBody is one kind of body, of the content "content" unless it says otherwise.
type manualBody struct {
	name    string
	make    func(t *testing.T) body.Source
	content string
	size    int // -1 when it is not known
}

var manualBodies = []manualBody{
	{"none", func(*testing.T) body.Source { return body.None() }, "", -2},
	{"nil bytes", func(*testing.T) body.Source { return body.Bytes(nil) }, "", -2},
	{"no bytes", func(*testing.T) body.Source { return body.Bytes([]byte{}) }, "", 0},
	{"empty string", func(*testing.T) body.Source { return body.String("") }, "", 0},
	{"bytes", func(*testing.T) body.Source { return body.Bytes([]byte("content")) }, "content", 7},
	{"string", func(*testing.T) body.Source { return body.String("content") }, "content", 7},
	{"file", func(t *testing.T) body.Source { return body.File(manualOpen(t, "content", 0)) }, "content", 7},
	{"file from an offset", func(t *testing.T) body.Source { return body.File(manualOpen(t, "content", 3)) }, "tent", 4},
	{"file at its end", func(t *testing.T) body.Source { return body.File(manualOpen(t, "content", 7)) }, "", 0},
	{"file, chunked", func(t *testing.T) body.Source { return body.FileChunked(manualOpen(t, "content", 3)) }, "tent", -1},
	{"reader", func(*testing.T) body.Source { return body.Reader(strings.NewReader("content")) }, "content", -1},
	{"empty reader", func(*testing.T) body.Source { return body.Reader(strings.NewReader("")) }, "", -1},
	{"sized reader", func(*testing.T) body.Source { return body.SizedReader(strings.NewReader("content"), 7) }, "content", 7},
	{"reader of negative size", func(*testing.T) body.Source { return body.SizedReader(strings.NewReader("content"), -1) }, "content", -1},
	{"iterable", func(*testing.T) body.Source {
		return body.Seq(slices.Values([][]byte{[]byte("con"), {}, []byte("tent")}))
	}, "content", -1},
	{"Latin-1", func(*testing.T) body.Source { return manualMust(body.Latin1("é")) }, "\xe9", 1},
	{"Latin-1 reader", func(*testing.T) body.Source { return body.Latin1Reader(strings.NewReader("é")) }, "\xe9", -1},
}

func manualOpen(t *testing.T, content string, offset int64) *os.File {
	path, remove := manualFile(content)
	f := manualMust(os.Open(path))
	t.Cleanup(func() { f.Close(); remove() })
	manualMust(f.Seek(offset, 0))
	return f
}

// TestManualFraming: which of Content-Length, Content-Length: 0 and chunked is added to a request, and when
// none; and that the content arrives.
func TestManualFraming(t *testing.T) {
	var content string
	network := manualTestServe(t, "example.org:80", func(r manualRequest) string {
		content = r.Content
		return manualAnswer("200 OK", "")
	})
	methods := []string{"GET", "HEAD", "DELETE", "OPTIONS", "POST", "post", "PoSt", "PUT", "put", "PATCH", "patch", "SPAM"}
	for _, version := range []wire.Version{wire.HTTP10, wire.HTTP11} {
		var options []httpclient.Option
		if version == wire.HTTP10 {
			options = append(options, httpclient.WithHTTP10())
		}
		for _, b := range manualBodies {
			for _, method := range methods {
				for _, caller := range []string{"", "Content-Length", "content-length", "Transfer-Encoding", "both"} {
					name := fmt.Sprint(version, " ", method, " of ", b.name, ", caller's ", caller)
					fields, want, rule := manualFramingRule(method, b, caller, version)
					c := manualConn(t, network, "example.org", options...)
					_, err := c.Do(t.Context(), method, "/", fields, b.make(t))
					written := network.Written()
					dialled := network.Dialled()
					c.Close()
					if rule != nil {
						if !errors.Is(err, rule) || !errors.Is(err, httpclient.ErrHTTP) || len(dialled) > 0 {
							t.Errorf("%s: error %v, dialled %v, want %v and nothing", name, err, dialled, rule)
						}
						continue
					}
					if err != nil {
						t.Errorf("%s: %v", name, err)
						continue
					}
					head, _, _ := strings.Cut(written, "\r\n\r\n")
					if got := manualFramingOf(head); got != want || content != b.content {
						t.Errorf("%s: framed by %q, want %q; content %q, want %q", name, got, want, content, b.content)
					}
				}
			}
		}
	}
}

// manualFramingRule returns the caller's fields, and the framing field that is to be sent, or the rule that
// refuses the request.
func manualFramingRule(method string, b manualBody, caller string, v wire.Version) (fields *headers.Fields, want string, rule error) {
	length := fmt.Sprint(": ", max(b.size, len(b.content)))
	switch caller {
	case "Content-Length", "content-length":
		return manualFields(caller + length), caller + length, nil
	case "Transfer-Encoding":
		if v == wire.HTTP10 {
			rule = wire.RuleCodingInHTTP10
		}
		return manualFields("Transfer-Encoding: chunked"), "Transfer-Encoding: chunked", rule
	case "both":
		return manualFields("Transfer-Encoding: chunked", "Content-Length"+length), "", wire.RuleCodingAndLength
	}
	switch {
	case b.size == -2 && slices.Contains([]string{"POST", "PUT", "PATCH"}, strings.ToUpper(method)):
		return nil, "Content-Length: 0", nil
	case b.size == -2:
		return nil, "", nil
	case b.size >= 0:
		return nil, fmt.Sprint("Content-Length: ", b.size), nil
	case v == wire.HTTP10:
		return nil, "", wire.RuleCodingInHTTP10
	}
	return nil, "Transfer-Encoding: chunked", nil
}

// manualFramingOf returns the lines of a head that frame.
func manualFramingOf(head string) string {
	var lines []string
	for line := range strings.SplitSeq(head, "\r\n") {
		switch name, _, _ := strings.Cut(strings.ToLower(line), ":"); name {
		case "content-length", "transfer-encoding":
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, ", ")
}

// TestManualHost: the value of the automatic Host.
func TestManualHost(t *testing.T) {
	const none = "none"
	tests := []struct {
		name           string
		host           string
		tls            bool
		tunnel         string
		method, target string
		want           string
	}{
		{"default port", "example.org", false, "", "GET", "/", "example.org"},
		{"default port, given", "example.org:80", false, "", "GET", "/", "example.org"},
		{"other port", "example.org:8080", false, "", "GET", "/", "example.org:8080"},
		{"https", "example.org", true, "", "GET", "/", "example.org"},
		{"https, given", "example.org:443", true, "", "GET", "/", "example.org"},
		{"https on 80", "example.org:80", true, "", "GET", "/", "example.org:80"},
		{"http on 443", "example.org:443", false, "", "GET", "/", "example.org:443"},
		{"case is kept", "Example.ORG", false, "", "GET", "/", "Example.ORG"},
		{"IPv4", "127.0.0.1:8080", false, "", "GET", "/", "127.0.0.1:8080"},
		{"bare IPv6", "::1", false, "", "GET", "/", "[::1]"},
		{"bracketed IPv6", "[::1]", false, "", "GET", "/", "[::1]"},
		{"bracketed IPv6 with port", "[2001:db8::1]:8080", false, "", "GET", "/", "[2001:db8::1]:8080"},
		{"zone", "fe80::1%eth0", false, "", "GET", "/", "[fe80::1]"},
		{"zone and port", "[fe80::1%eth0]:8080", false, "", "GET", "/", "[fe80::1]:8080"},
		{"internationalised", "bücher.example:8080", false, "", "GET", "/", "xn--bcher-kva.example:8080"},
		{"absolute-form", "proxy.example:3128", false, "", "GET", "http://other.example/x", "other.example"},
		{"absolute-form with port", "proxy.example:3128", false, "", "GET", "http://other.example:80/x", "other.example:80"},
		{"absolute-form, https", "proxy.example:3128", false, "", "GET", "https://other.example/x", "other.example"},
		{"absolute-form in capitals", "proxy.example:3128", false, "", "GET", "HTTP://Other.example/x", "Other.example"},
		{"absolute-form, IPv6", "proxy.example:3128", false, "", "GET", "http://[::1]:8/", "[::1]:8"},
		{"absolute-form, query alone", "proxy.example:3128", false, "", "GET", "http://other.example?x", "other.example"},
		{"absolute-form with userinfo of another scheme", "proxy.example:3128", false, "", "GET", "ftp://me:secret@files.example/x", "files.example"},
		{"absolute-form without authority", "proxy.example:3128", false, "", "GET", "urn:isbn:0", ""},
		{"asterisk-form", "example.org:8080", false, "", "OPTIONS", "*", "example.org:8080"},
		{"CONNECT by hand", "proxy.example:3128", false, "", "CONNECT", "far.example:443", "far.example:443"},
		{"tunnel", "proxy.example:3128", false, "far.example", "GET", "/", "far.example"},
		{"tunnel with port", "proxy.example:3128", false, "far.example:8080", "GET", "/", "far.example:8080"},
		{"tunnel of https", "proxy.example:3128", true, "far.example", "GET", "/", "far.example"},
		{"tunnel of https to 80", "proxy.example:3128", true, "far.example:80", "GET", "/", "far.example:80"},
		{"tunnel to a zone", "proxy.example:3128", false, "[fe80::1%eth0]:81", "GET", "/", "[fe80::1]:81"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			answer := "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
			network := manualTestServe(t, ":80", manualSequence(answer))
			for _, port := range []int{443, 8080, 3128, 81} {
				network.listen(fmt.Sprint(":", port), func(nc net.Conn) {
					if r, rest, ok := network.receive(nc, nil); ok && r.Method == "CONNECT" && test.tunnel != "" {
						nc.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
						network.receive(nc, rest)
					}
					nc.Write([]byte(answer))
				})
			}
			newConn := httpclient.New
			if test.tls {
				newConn = httpclient.NewTLS
			}
			c, err := newConn(test.host, httpclient.WithDialer(network), manualPlainTLS)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if test.tunnel != "" {
				if err := c.SetTunnel(test.tunnel, 0, nil); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := c.Do(t.Context(), test.method, test.target, nil, body.None()); err != nil {
				t.Fatal(err)
			}
			written := network.Written()
			_, request, _ := strings.Cut(written, test.method+" "+test.target+" HTTP/1.1\r\n")
			got := none
			if strings.HasPrefix(request, "Host: ") {
				got, _, _ = strings.Cut(strings.TrimPrefix(request, "Host: "), "\r\n")
			}
			if got != test.want || strings.Count(request, "Host: ") != 1 {
				t.Errorf("Host %q, want %q; written %q", got, test.want, written)
			}
		})
	}
}

// TestManualUserinfo: that of an http or https URI goes neither into Host nor into the target.
func TestManualUserinfo(t *testing.T) {
	for target, want := range map[string]string{
		"http://me:secret@files.example:8080/x@y": "GET http://files.example:8080/x@y HTTP/1.1\r\nHost: files.example:8080\r\n",
		"HTTPS://me@files.example?a=b@c":          "GET HTTPS://files.example?a=b@c HTTP/1.1\r\nHost: files.example\r\n",
	} {
		network := manualTestServe(t, "proxy.example:3128", manualOK)
		c, err := httpclient.New("proxy.example:3128", httpclient.WithDialer(network))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), "GET", target, nil, body.None()); err != nil {
			t.Fatal(err)
		}
		if written := network.Written(); !strings.HasPrefix(written, want) {
			t.Errorf("%q: written %q", target, written)
		}
		c.Close()
	}
}

// TestManualAutomaticFields: Host and Accept-Encoding, and how each is left out.
func TestManualAutomaticFields(t *testing.T) {
	network := manualTestServe(t, "example.org:80", manualOK)
	request := func(lines ...string) func(*httpclient.Conn) error {
		return func(c *httpclient.Conn) error { return c.Request(ctx, "GET", "/", manualFields(lines...), body.None()) }
	}
	steps := func(skip httpclient.Skip, lines ...string) func(*httpclient.Conn) error {
		return func(c *httpclient.Conn) error {
			manualCheck(c.PutRequest("GET", "/", skip))
			for name, value := range manualFields(lines...).All() {
				manualCheck(c.PutHeader(string(name), string(value)))
			}
			return c.EndHeaders(ctx, body.None())
		}
	}
	const host, coding = "Host: example.org\r\n", "Accept-Encoding: identity\r\n"
	tests := []struct {
		name string
		send func(*httpclient.Conn) error
		want string
	}{
		{"both", request(), host + coding},
		{"caller's Host", request("hOST: a.example"), coding + "hOST: a.example\r\n"},
		{"caller's empty Host", request("Host: "), coding + "Host: \r\n"},
		{"caller's Accept-Encoding", request("accept-encoding: gzip"), host + "accept-encoding: gzip\r\n"},
		{"both the caller's", request("Accept-Encoding: ", "Host: b"), "Accept-Encoding: \r\nHost: b\r\n"},
		{"steps", steps(0), host + coding},
		{"steps, Host skipped", steps(httpclient.SkipHost, "Host: c"), coding + "Host: c\r\n"},
		{"steps, Accept-Encoding skipped", steps(httpclient.SkipAcceptEncoding), host},
		{"steps, both skipped", steps(httpclient.SkipHost|httpclient.SkipAcceptEncoding, "host: d"), "host: d\r\n"},
		{"steps, a second Accept-Encoding", steps(0, "Accept-Encoding: br"), host + coding + "Accept-Encoding: br\r\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := manualConn(t, network, "example.org")
			if err := test.send(c); err != nil {
				t.Fatal(err)
			}
			if _, err := c.Response(t.Context()); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff("GET / HTTP/1.1\r\n"+test.want+"\r\n", network.Written()); diff != "" {
				t.Errorf("on the wire (-want +got):\n%s", diff)
			}
			c.Close()
		})
	}
	t.Run("refused", func(t *testing.T) {
		c := manualConn(t, network, "example.org")
		network.Dialled()
		for name, err := range map[string]error{
			"two of the caller's": request("Host: a", "Host: a")(c),
			"none":                steps(httpclient.SkipHost)(c),
		} {
			if !errors.Is(err, httpclient.ErrHTTP) {
				t.Errorf("%s: %v", name, err)
			}
			c.Close()
		}
		if dialled := network.Dialled(); dialled != nil {
			t.Errorf("dialled %v", dialled)
		}
	})
	t.Run("HTTP/1.0", func(t *testing.T) {
		c := manualConn(t, network, "example.org", httpclient.WithHTTP10())
		manualMust(c.Do(t.Context(), "GET", "http://other.example/", nil, body.None()))
		if got, want := network.Written(), "GET http://other.example/ HTTP/1.0\r\n\r\n"; got != want {
			t.Errorf("written %q, want %q", got, want)
		}
	})
}

// TestManualInvalidHosts: hosts and ports that New, SetTunnel and WithPort refuse.
func TestManualInvalidHosts(t *testing.T) {
	hosts := []string{
		"", ":", ":80", "example.org:", "example.org:spam", "example.org:-1", "example.org:+80", "example.org: 80", "example.org:8 0",
		"example.org:65536", "example.org:99999999999999999999", "[::1]:", "[::1]:x", "[::1]80", "[::1", "::1]", "[]", "[example.org]",
		"a:b:c", "::g", "1::2::3", "fe80::1%", "fe80::1%e th", "exa mple.org", "example.org/", "me@example.org", "http://example.org",
		"example.org?x", "example.org#x", "ex\xffample.org", "xn--\u00fc.example", "example.org\x00", "example.org\r\n",
	}
	plain := manualMust(httpclient.New("proxy.example"))
	for _, host := range hosts {
		_, asOrigin := httpclient.New(host)
		_, asTLS := httpclient.NewTLS(host)
		for name, err := range map[string]error{"New": asOrigin, "NewTLS": asTLS, "SetTunnel": plain.SetTunnel(host, 0, nil)} {
			if !errors.Is(err, httpclient.ErrInvalidURL) || !errors.Is(err, httpclient.ErrHTTP) {
				t.Errorf("%s(%q): %v", name, host, err)
			}
		}
	}
	for _, port := range []int{-1, 65536, 1 << 40} {
		_, err := httpclient.New("example.org", httpclient.WithPort(port))
		if tunnel := plain.SetTunnel("example.org", port, nil); !errors.Is(err, httpclient.ErrInvalidURL) || !errors.Is(tunnel, httpclient.ErrInvalidURL) {
			t.Errorf("port %d: %v, %v", port, err, tunnel)
		}
	}
	if _, err := httpclient.New("example.org:80", httpclient.WithPort(81)); !errors.Is(err, httpclient.ErrInvalidURL) {
		t.Errorf("two ports: %v", err)
	}
	c, err := httpclient.New("example.org:81", httpclient.WithPort(81))
	if err != nil || c.Port() != 81 {
		t.Errorf("one port twice: %v", err)
	}
	if c, err = httpclient.New("::1", httpclient.WithPort(81)); err != nil || c.Host() != "::1" || c.Port() != 81 {
		t.Errorf("an address with a port beside it: %v", err)
	}
}
