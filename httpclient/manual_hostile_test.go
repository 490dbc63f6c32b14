package httpclient_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// manualEvil are the octets that have been used to inject: CPython CVE-2016-5699, -2019-9740, -2019-9947,
// -2019-18348, -2020-26116, -2026-1502; Go CVE-2023-29406; hyper CVE-2017-18587; undici CVE-2022-31150,
// -2022-35948, -2023-23936, -2026-1527.
var manualEvil = []string{
	"\r\n", "\n", "\r", "\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f", "\r\n\r\n", "\n\r", "\r\n ", "\r\n\t",
	"\r\nX-Injected: yes", " HTTP/1.1\r\nX-Injected: yes\r\n\r\n",
}

// manualPlaces are what a caller gives that goes on the wire. with puts the element into a request.
var manualPlaces = []struct {
	name   string
	within string // a value that is good
	extra  string // octets that are evil here besides
	with   func(c *httpclient.Conn, evil string) error
}{
	{"method", "GET", " \t:/\xff", func(c *httpclient.Conn, evil string) error {
		return c.Request(ctx, evil, "/", nil, body.None())
	}},
	{"target", "/spam", " \t#\xff", func(c *httpclient.Conn, evil string) error {
		return c.Request(ctx, "GET", evil, nil, body.None())
	}},
	{"absolute target", "http://spam.example/", " \t#\xff", func(c *httpclient.Conn, evil string) error {
		return c.Request(ctx, "GET", evil, nil, body.None())
	}},
	{"target of CONNECT", "spam.example:443", " \t/?#@\xff", func(c *httpclient.Conn, evil string) error {
		return c.Request(ctx, "CONNECT", evil, nil, body.None())
	}},
	{"Host", "spam.example", " \t/?#@\xff", func(c *httpclient.Conn, evil string) error {
		return c.Request(ctx, "GET", "/", manualPair("Host", evil), body.None())
	}},
	{"field name", "X-Spam", " \t:(\xff", func(c *httpclient.Conn, evil string) error {
		return c.Request(ctx, "GET", "/", manualPair(evil, "eggs"), body.None())
	}},
	{"field value", "eggs", "", func(c *httpclient.Conn, evil string) error {
		return c.Request(ctx, "GET", "/", manualPair("X-Spam", evil), body.None())
	}},
	{"upgrade", "spam", "", func(c *httpclient.Conn, evil string) error {
		fields := manualPair("Connection", "upgrade")
		fields.Add("Upgrade", evil)
		return c.Request(ctx, "GET", "/", fields, body.None())
	}},
	{"Content-Length", "4", " \t+-x\xff", func(c *httpclient.Conn, evil string) error {
		return c.Request(ctx, "POST", "/", manualPair("Content-Length", evil), body.String("spam"))
	}},
	{"Transfer-Encoding", "chunked", "\"=(\xff", func(c *httpclient.Conn, evil string) error {
		return c.Request(ctx, "POST", "/", manualPair("Transfer-Encoding", evil), body.String("spam"))
	}},
	{"putrequest method", "POST", " \t:/\xff", func(c *httpclient.Conn, evil string) error {
		return c.PutRequest(evil, "/", 0)
	}},
	{"putrequest url", "/spam", " \t#\xff", func(c *httpclient.Conn, evil string) error {
		return c.PutRequest("POST", evil, 0)
	}},
	{"putheader header", "X-Spam", " \t:(\xff", func(c *httpclient.Conn, evil string) error {
		return manualPut(c, func() error { return c.PutHeader(evil, "eggs") })
	}},
	{"putheader argument", "eggs", "", func(c *httpclient.Conn, evil string) error {
		return manualPut(c, func() error { return c.PutHeader("X-Spam", "bacon", evil) })
	}},
	{"folded header", "X-Spam", " \t:(\xff", func(c *httpclient.Conn, evil string) error {
		return manualPut(c, func() error { return c.PutHeaderFolded(evil, "eggs", "bacon") })
	}},
	{"folded argument", "eggs", "", func(c *httpclient.Conn, evil string) error {
		return manualPut(c, func() error { return c.PutHeaderFolded("X-Spam", "bacon", evil) })
	}},
}

func manualPair(name, value string) *headers.Fields {
	f := new(headers.Fields)
	f.Add(name, value)
	return f
}

// manualPut begins a request, and ends it when put let the element pass.
func manualPut(c *httpclient.Conn, put func() error) error {
	manualCheck(c.PutRequest("GET", "/", 0))
	if err := put(); err != nil {
		return err
	}
	return c.EndHeaders(ctx, body.None())
}

// TestManualInjection puts evil octets at the beginning, in the middle and at the end of every element that a
// caller gives: nothing is dialled, nothing is written, and what was there goes on. Values alone may have
// whitespace within; at their ends it is no part of them, and is refused.
func TestManualInjection(t *testing.T) {
	network := manualTestServe(t, "example.org:80", manualOK)
	for _, options := range [][]httpclient.Option{nil, {httpclient.WithHTTP10()}, {httpclient.WithLenient(wire.LenientAll)}} {
		for _, warm := range []bool{false, true} {
			for _, place := range manualPlaces {
				evils := manualEvil
				for i := range len(place.extra) {
					evils = append(evils[:len(evils):len(evils)], place.extra[i:i+1])
				}
				for _, evil := range evils {
					middle := len(place.within) / 2
					for _, element := range []string{evil + place.within, place.within[:middle] + evil + place.within[middle:], place.within + evil, evil} {
						if !manualIsEvil(place.name, element) {
							continue
						}
						c := manualConn(t, network, "example.org", options...)
						if warm {
							manualMust(c.Do(ctx, "GET", "/", manualFields("Connection: keep-alive"), body.None()))
						}
						network.Written()
						network.Dialled()
						err := place.with(c, element)
						if !errors.Is(err, httpclient.ErrHTTP) {
							t.Errorf("%s %q: %v", place.name, element, err)
						}
						if written, dialled := network.Written(), network.Dialled(); written != "" || dialled != nil {
							t.Errorf("%s %q: written %q, dialled %v", place.name, element, written, dialled)
						}
						if err != nil && strings.ContainsAny(err.Error(), "\r\n\x00\x1b") {
							t.Errorf("%s %q: the error shows it as it is: %q", place.name, element, err)
						}
						c.Close()
					}
				}
			}
		}
	}
}

// manualIsEvil leaves out what happens to be good: whitespace around list elements, and an empty target or value.
func manualIsEvil(place, element string) bool {
	if place == "Transfer-Encoding" || place == "Content-Length" {
		return strings.Trim(element, " \t") == element
	}
	return true
}

// TestManualInjectionPasses is its control: the same elements without evil are sent.
func TestManualInjectionPasses(t *testing.T) {
	network := manualTestServe(t, "example.org:80", manualOK)
	for _, place := range manualPlaces {
		c := manualConn(t, network, "example.org")
		if err := place.with(c, place.within); err != nil {
			t.Errorf("%s: %v", place.name, err)
		}
		if written := network.Written(); !strings.HasPrefix(place.name, "putrequest") && !strings.Contains(written, place.within) {
			t.Errorf("%s: written %q", place.name, written)
		}
		c.Close()
	}
}

// TestManualInjectionOrigin: the same for hosts that go into Host and CONNECT, and for fields for a proxy.
func TestManualInjectionOrigin(t *testing.T) {
	network := new(manualNetwork)
	t.Cleanup(network.Close)
	network.proxy("proxy.example:3128", "HTTP/1.1 200 OK\r\n\r\n")
	evils := append(manualEvil[:len(manualEvil):len(manualEvil)], " ", "\t", "/", "?", "#", "@", "\xff", ":443\r\nX-Injected: yes")
	for _, evil := range evils {
		for _, host := range []string{evil + "far.example", "far" + evil + ".example", "far.example" + evil, "far.example:80" + evil, "[::1" + evil + "]", "fe80::1%a" + evil} {
			if strings.HasSuffix(host, "%a#") {
				continue // a zone, which is never sent, may have that
			}
			_, err := httpclient.New(host, httpclient.WithDialer(network))
			c := manualConn(t, network, "proxy.example:3128")
			for name, err := range map[string]error{"New": err, "SetTunnel": c.SetTunnel(host, 0, nil), "SetTunnel with port": c.SetTunnel(host, 443, nil)} {
				if !errors.Is(err, httpclient.ErrInvalidURL) {
					t.Errorf("%s(%q): %v", name, host, err)
				}
			}
		}
	}
	for _, evil := range manualEvil {
		for _, fields := range []*headers.Fields{
			manualPair("X-Spam", "eggs"+evil), manualPair("X-Spam", evil+"eggs"), manualPair("X-Spam", "eg"+evil+"gs"), manualPair("Host", "far"+evil+".example"),
			manualPair("X"+evil+"Spam", "eggs"), manualPair(evil+"X-Spam", "eggs"), manualPair("X-Spam"+evil, "eggs"),
		} {
			c := manualConn(t, network, "proxy.example:3128")
			err := c.SetTunnel("far.example", 0, fields)
			if !errors.Is(err, httpclient.ErrHTTP) {
				t.Errorf("tunnel fields %q: %v", fields, err)
			}
		}
	}
	// What SetTunnel cannot tell to be wrong, CONNECT refuses before anything is dialled.
	for _, fields := range []*headers.Fields{manualFields("Content-Length: 4"), manualFields("Transfer-Encoding: chunked"), manualFields("Host: a", "Host: a"), manualFields("Host: a b")} {
		c := manualConn(t, network, "proxy.example:3128")
		if err := c.SetTunnel("far.example", 0, fields); err == nil {
			err = c.Connect(ctx)
			if !errors.Is(err, httpclient.ErrHTTP) {
				t.Errorf("tunnel fields %q: %v", fields, err)
			}
		}
	}
	if written, dialled := network.Written(), network.Dialled(); written != "" || dialled != nil {
		t.Errorf("written %q, dialled %v", written, dialled)
	}
}

// TestManualInjectionTrailer: trailers are known only when the content has been sent. No octet of a bad trailer
// section follows it, and no last-chunk: the message is not complete, and the connection is closed.
func TestManualInjectionTrailer(t *testing.T) {
	network := manualTestServe(t, "example.org:80", manualOK)
	var sections []*headers.Fields
	for _, evil := range manualEvil {
		sections = append(sections, manualPair("X-Sum", "1"+evil), manualPair("X-Sum", evil+"1"), manualPair("X-Sum"+evil, "1"), manualPair("X"+evil+"Sum", "1"))
	}
	for _, name := range []string{"Content-Length", "transfer-encoding", "Host", "Connection", "Authorization", "Trailer", "X Sum", ""} {
		sections = append(sections, manualPair(name, "1"))
	}
	for i, section := range sections {
		both := manualFields("X-Good: 1") // which stands before, and is not sent either
		both.Append(section)
		for _, content := range []body.Source{body.String("spam"), body.Reader(manualOnly{strings.NewReader("spam")})} {
			c := manualConn(t, network, "example.org")
			network.Written()
			_, err := c.Do(ctx, "POST", "/", nil, content.WithTrailers(func() *headers.Fields { return both }))
			if !errors.Is(err, httpclient.ErrHTTP) {
				t.Errorf("%d, %q: %v", i, section, err)
			}
			if _, sent, _ := strings.Cut(network.Written(), "\r\n\r\n"); sent != "4\r\nspam\r\n" || c.Connected() {
				t.Errorf("%d, %q: written %q, connected %v", i, section, sent, c.Connected())
			}
		}
	}
}

// TestManualInjectionRaw: the raw path, and it alone, sends what nobody checks.
func TestManualInjectionRaw(t *testing.T) {
	network := new(manualNetwork)
	t.Cleanup(network.Close)
	network.listen("example.org:80", network.recordAndSay(""))
	for _, evil := range manualEvil {
		c := manualConn(t, network, "example.org")
		raw := fmt.Sprintf("GET /%s HTTP/1.1\r\n\r\n", evil)
		network.Written()
		if err := c.SendRaw(ctx, []byte(raw), "GET"); err != nil || network.Written() != raw {
			t.Errorf("%q: %v", raw, err)
		}
		c.Close()
	}
}
