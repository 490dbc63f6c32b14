package httpclient_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
)

var errNoDial = errors.New("not dialled here")

func TestHosts(t *testing.T) {
	type outcome struct{ Host, Dial, Field string }
	plain := map[string]outcome{
		"example.org":       {"example.org", "example.org:80", "example.org"},
		"EXAMPLE.org":       {"EXAMPLE.org", "EXAMPLE.org:80", "EXAMPLE.org"},
		"example.org.":      {"example.org.", "example.org.:80", "example.org."},
		"example.org:80":    {"example.org", "example.org:80", "example.org"},
		"example.org:81":    {"example.org", "example.org:81", "example.org:81"},
		"example.org:65535": {"example.org", "example.org:65535", "example.org:65535"},
		"127.0.0.1":         {"127.0.0.1", "127.0.0.1:80", "127.0.0.1"},
		"[::1]":             {"::1", "[::1]:80", "[::1]"},
		"[::1]:81":          {"::1", "[::1]:81", "[::1]:81"},
		"::1":               {"::1", "[::1]:80", "[::1]"},
		"::1:81":            {"::1:81", "[::1:81]:80", "[::1:81]"},
		"fe80::1%eth0":      {"fe80::1%eth0", "[fe80::1%eth0]:80", "[fe80::1]"},
		"[fe80::1%eth0]:81": {"fe80::1%eth0", "[fe80::1%eth0]:81", "[fe80::1]:81"},
		"bücher.example":    {"xn--bcher-kva.example", "xn--bcher-kva.example:80", "xn--bcher-kva.example"},
		"bücher.example:81": {"xn--bcher-kva.example", "xn--bcher-kva.example:81", "xn--bcher-kva.example:81"},
	}
	ctx := context.Background()
	for in, want := range plain {
		var got outcome
		capture := httpclient.WithDialer(transport.DialerFunc(func(_ context.Context, _, address string) (net.Conn, error) {
			got.Dial = address
			return nil, errNoDial
		}))
		c, err := httpclient.New(in, capture)
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		_, err = c.Do(ctx, "GET", "/", nil, body.None())
		wantError(t, err, errNoDial)
		got.Host, got.Field = c.Host(), hostSent(t, in)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
	c, err := httpclient.NewTLS("example.org")
	if err != nil || c.Port() != 443 {
		t.Errorf("NewTLS: port %d, %v", c.Port(), err)
	}
}

// hostSent returns the Host that goes out.
func hostSent(t *testing.T, host string) string {
	w := newWorld(t, allWorlds[0])
	heads := make(chan string, 1)
	w.serve(func(p *peer) {
		head, _ := p.head()
		heads <- head
		p.send(okEmpty)
	})
	c, err := httpclient.New(host, httpclient.WithDialer(w))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Do(bounded(t), "GET", "/", nil, body.None()); err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(<-heads, "Host: ")
	field, _, _ := strings.Cut(rest, "\r\n")
	return field
}

func TestHostsRefused(t *testing.T) {
	for _, in := range []string{
		"", ":80", "host:", "host:x", "host:-1", "host:+1", "host:99999", "host:65536", "host:1 ", "host: 1", "host:0x50",
		"host:99999999999999999999", "a b", " a", "a ", "host/path", "host?query", "host#fragment", "user@host", "user@host:80",
		"http://host", "host\r\nX: y", "host\n", "host\x00", "host\x7f", "host\t", "host\\", "a\"b", "<a>", "[::1", "[::1]x",
		"[::1]:", "[::1]:x", "[]", "[]:80", "[host]", "[host]:80", "[::1%]", "::g", "1:2:3", "[::1%a b]", "::1%\r\n", "::1%",
		"bücher.example/", "bü cher", "ü\r\n", "\xff", "[::1]]", "[[::1]]",
	} {
		for name, make := range map[string]func(string, ...httpclient.Option) (*httpclient.Conn, error){"New": httpclient.New, "NewTLS": httpclient.NewTLS} {
			c, err := make(in)
			if err == nil {
				t.Errorf("%s(%q) gave host %q and port %d", name, in, c.Host(), c.Port())
				continue
			}
			wantError(t, err, httpclient.ErrInvalidURL, httpclient.ErrHTTP)
			if strings.ContainsAny(err.Error(), "\r\n\x00\x7f") {
				t.Errorf("control octets in the message %q", err)
			}
		}
	}
}
