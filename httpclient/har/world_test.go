package har_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/httpclient/har"
	"github.com/strata-http/strata/transport/memory"
)

// world is a server in memory: each request is answered with the octets that reply returns, after which the connection
// is closed when they say so.
func world(t *testing.T, address string, config *tls.Config, reply func(r *http.Request) string) *memory.Network {
	t.Helper()
	n := new(memory.Network)
	l, err := n.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	var listener net.Listener = l
	if config != nil {
		listener = tls.NewListener(l, config)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				r := bufio.NewReader(c)
				for {
					req, err := http.ReadRequest(r)
					if err != nil {
						return
					}
					io.Copy(io.Discard, req.Body)
					answer := reply(req)
					io.WriteString(c, answer)
					if strings.Contains(answer, "Connection: close") || answer == "" {
						return
					}
				}
			}()
		}
	}()
	return n
}

func client(t *testing.T, n *memory.Network, r *har.Recorder, options ...httpclient.Option) *httpclient.Conn {
	t.Helper()
	c, err := httpclient.New("example.org", append([]httpclient.Option{httpclient.WithDialer(n), r.Option()}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func fields(lines ...string) *headers.Fields {
	f := new(headers.Fields)
	for i := 0; i < len(lines); i += 2 {
		f.Add(lines[i], lines[i+1])
	}
	return f
}

func do(t *testing.T, c *httpclient.Conn, method, target string, f *headers.Fields, content body.Source) string {
	t.Helper()
	resp, err := c.Do(context.Background(), method, target, f, content)
	if err != nil {
		t.Fatal(err)
	}
	b, err := resp.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
