package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
)

// mirror answers with the content and the trailer section of the request, as they come.
func mirror(w httpserver.ResponseWriter, r httpserver.Request) {
	w.Duplex()
	w.Fields().Add("Trailer", "X-Number")
	buf := make([]byte, 4096)
	for {
		n, err := r.Read(buf)
		w.Write(buf[:n])
		w.Flush()
		if err == io.EOF {
			break
		} else if err != nil {
			panic(httpserver.ErrAbort)
		}
	}
	w.Trailers().Append(r.Trailers())
}

// mirroring runs a server of mirror, with TLS where there is a certificate.
func mirroring(t *testing.T, certs ...tls.Certificate) string {
	t.Helper()
	server := &httpserver.Server{
		Handler:   httpserver.HandlerFunc(mirror),
		TLSConfig: &tls.Config{Certificates: certs},
		Drain:     8 << 20, // it answers before it has read, and keeps the connection
	}
	t.Cleanup(func() { server.Close() })
	return listen(t, func(l net.Listener) {
		if len(certs) > 0 {
			server.ServeTLS(l, "", "")
		} else {
			server.Serve(l)
		}
	})
}

// client connects to an origin by way of a proxy of the test's own, and counts the connections to that.
func client(t *testing.T, host string, roots *x509.CertPool) (c *httpclient.Conn, dials *int) {
	t.Helper()
	dials = new(int)
	options := []httpclient.Option{
		httpclient.WithProxy("http://" + start(t)),
		httpclient.WithFullDuplex(),
		httpclient.WithTimeout(patience),
		httpclient.WithDialer(transport.DialerFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			*dials++
			return transport.TCP{}.DialContext(ctx, network, address)
		})),
	}
	create := httpclient.New
	if roots != nil {
		create = httpclient.NewTLS
		options = append(options, httpclient.WithTLSConfig(&tls.Config{RootCAs: roots}))
	}
	c, err := create(host, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c, dials
}

// TestClient sends requests of every framing on one connection, by absolute-form and in a tunnel.
func TestClient(t *testing.T) {
	lender := httptest.NewTLSServer(nil) // of a certificate
	defer lender.Close()
	roots := x509.NewCertPool()
	roots.AddCert(lender.Certificate())
	for _, tt := range []struct {
		name, host string
		roots      *x509.CertPool
	}{
		{"http", mirroring(t), nil},
		{"https", mirroring(t, lender.TLS.Certificates...), roots},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c, dials := client(t, tt.host, tt.roots)
			large := bytes.Repeat([]byte("0123456789abcdef"), 1<<16)
			trailers := new(headers.Fields)
			trailers.Add("x-number", "1")
			for _, content := range []body.Source{
				body.None(), body.String("abc"), body.Bytes(large), body.Reader(bytes.NewReader(large)),
				body.Reader(strings.NewReader("abc")).WithTrailers(func() *headers.Fields { return trailers }),
			} {
				want := []byte("abc")
				if content.Kind() == body.KindNone {
					want = []byte{}
				} else if content.Len() > 3 || content.Trailers() == nil && content.Len() < 0 {
					want = large
				}
				resp, err := c.Do(t.Context(), "POST", "/", nil, content)
				if err != nil {
					t.Fatal(err)
				}
				got, err := resp.ReadAll()
				if err != nil || !bytes.Equal(got, want) {
					t.Errorf("%d octets of content came back as %d, %v", len(want), len(got), err)
				}
				equal(t, "has a trailer section", content.Trailers() != nil, resp.Trailers().GetString("X-Number") == "1")
			}
			equal(t, "connections", 1, *dials)
		})
	}
}

// TestBothWays sends each piece of content when the one before has come back.
func TestBothWays(t *testing.T) {
	c, _ := client(t, mirroring(t), nil)
	pieces, w := io.Pipe()
	sent := make(chan error, 1)
	go func() {
		_, err := io.WriteString(w, "0")
		sent <- err
	}()
	resp, err := c.Do(t.Context(), "POST", "/", nil, body.Reader(pieces))
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range []string{"1", "2", "3", ""} {
		if err := <-sent; err != nil {
			t.Fatal(err)
		}
		if n, err := resp.Read(make([]byte, 2)); n != 1 || err != nil {
			t.Fatalf("%d octets, %v, came back", n, err)
		}
		go func() {
			if piece == "" {
				sent <- w.Close()
				return
			}
			_, err := io.WriteString(w, piece)
			sent <- err
		}()
	}
	rest, err := resp.ReadAll()
	equal(t, "rest", "", string(rest))
	equal(t, "error", nil, errors.Join(err, <-sent))
}

// openTunnel opens one to a listener, and returns both ends.
func openTunnel(t *testing.T, early string) (near, far *net.TCPConn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	nc, err := net.Dial("tcp", start(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	host := l.Addr().String()
	io.WriteString(nc, "CONNECT "+host+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n"+early)
	const reply = "HTTP/1.1 200 OK\r\n\r\n"
	got := make([]byte, len(reply))
	nc.SetDeadline(time.Now().Add(patience))
	if _, err := io.ReadFull(nc, got); err != nil || string(got) != reply {
		t.Fatalf("reply %q, %v", got, err)
	}
	other, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	other.SetDeadline(time.Now().Add(patience))
	return nc.(*net.TCPConn), other.(*net.TCPConn)
}

// TestHalfClose ends a tunnel one direction at a time, either first.
func TestHalfClose(t *testing.T) {
	for _, originFirst := range []bool{false, true} {
		const early, late = "sent before the reply, ", "and behind it"
		near, far := openTunnel(t, early)
		io.WriteString(near, late)
		got := make([]byte, len(early+late))
		if _, err := io.ReadFull(far, got); err != nil || string(got) != early+late {
			t.Fatalf("through the tunnel came %q, %v", got, err)
		}
		first, second := near, far
		if originFirst {
			first, second = far, near
		}
		first.CloseWrite()
		rest, err := io.ReadAll(second)
		equal(t, "ends without more", "<nil>", string(rest)+errorText(err))
		io.WriteString(second, "the other direction goes on")
		second.CloseWrite()
		rest, err = io.ReadAll(first)
		equal(t, "behind the end", "the other direction goes on<nil>", string(rest)+errorText(err))
	}
}

func errorText(err error) string {
	if err == nil {
		return "<nil>"
	}
	return err.Error()
}

// TestTunnelBreaks has one end of a tunnel broken off, which ends the other.
func TestTunnelBreaks(t *testing.T) {
	near, far := openTunnel(t, "")
	far.SetLinger(0)
	far.Close()
	if _, err := io.ReadAll(near); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the tunnel goes on")
	}
}

// TestTunnelIdle leaves a tunnel alone for longer than an exchange may take.
func TestTunnelIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network memory.Network
		at := func(address string) net.Listener {
			l, err := network.Listen(address)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		far, entry := at("origin.example:443"), at("proxy.example:8080")
		var serving sync.WaitGroup
		p := &forwarder{name: "strata", dialer: &network, timeout: time.Minute}
		serving.Go(func() { accept(p, entry) })
		serving.Go(func() {
			c, err := far.Accept()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			io.Copy(c, c)
		})
		u := parse(t, "http://proxy.example:8080")
		c, err := proxy.Server{URL: u, Dialer: &network}.DialContext(t.Context(), "tcp", "origin.example:443")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			time.Sleep(time.Hour)
			io.WriteString(c, "still there")
			got := make([]byte, len("still there"))
			if _, err := io.ReadFull(c, got); err != nil {
				t.Fatalf("behind an hour: %v", err)
			}
		}
		c.Close()
		far.Close()
		entry.Close()
		serving.Wait()
	})
}

// TestChain goes through two proxies, of which the second is reached by a tunnel of the first.
func TestChain(t *testing.T) {
	first := proxy.Server{URL: parse(t, "http://"+start(t))}
	second := proxy.Server{URL: parse(t, "http://"+start(t)), Dialer: first}
	c, err := httpclient.New(mirroring(t), httpclient.WithRouteRule(second.Route))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	resp, err := c.Do(t.Context(), "POST", "/", nil, body.String("abc"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := resp.ReadAll()
	equal(t, "content", "abc<nil>", string(got)+errorText(err))
	equal(t, "Via", "1.1 strata", resp.Fields().GetString("Via"))
}

func parse(t *testing.T, url string) proxy.URL {
	t.Helper()
	u, err := proxy.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
