package httpclient_test

import (
	"context"
	"net"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// Dialling is told once, whether the dialer tells of itself or knows nothing of traces.
func TestTraceOfDialling(t *testing.T) {
	var network memory.Network
	foreign := transport.DialerFunc(func(_ context.Context, n, address string) (net.Conn, error) {
		return network.DialContext(context.Background(), n, address)
	})
	for name, d := range map[string]transport.Dialer{"own": &network, "foreign": foreign} {
		for _, listens := range []bool{true, false} {
			if listens {
				listener, err := network.Listen("example.org:80")
				if err != nil {
					t.Fatal(err)
				}
				defer listener.Close()
				go func() {
					if nc, err := listener.Accept(); err == nil {
						nc.Close()
						listener.Close()
					}
				}()
			}
			var starts, dones, failures int
			c, err := httpclient.New("example.org", httpclient.WithDialer(d), httpclient.WithTrace(&httpclient.Trace{
				Trace: transport.Trace{
					DialStart: func(network, address string) {
						if starts++; network != "tcp" || address != "example.org:80" {
							t.Errorf("%s: %s %s", name, network, address)
						}
					},
					DialDone: func(nc net.Conn, err error) {
						if dones++; err != nil {
							failures++
						}
						if (nc == nil) != (err != nil) {
							t.Errorf("%s: %v, %v", name, nc, err)
						}
					},
				},
			}))
			if err != nil {
				t.Fatal(err)
			}
			c.Do(t.Context(), "GET", "/", nil, body.None())
			c.Close()
			if starts != 1 || dones != 1 || failures == 1 == listens {
				t.Errorf("%s, listens %v: %d starts, %d ends, %d failures", name, listens, starts, dones, failures)
			}
			if listens {
				// The name is free again before the dial that is to fail.
				for {
					l, err := network.Listen("example.org:80")
					if err == nil {
						l.Close()
						break
					}
				}
			}
		}
	}
}
