package proxy_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/proxy"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/wire"
)

// fake is a proxy that answers the head of one request with reply and then echoes, until either side ends.
type fake struct {
	*memory.Network
	request chan string // what was asked
	ended   chan struct{}
}

func newFake(t testing.TB, reply string, echo bool) *fake {
	t.Helper()
	f := &fake{new(memory.Network), make(chan string, 1), make(chan struct{})}
	listener, err := f.Listen("proxy.example:3128")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		defer close(f.ended)
		nc, err := listener.Accept()
		if err != nil {
			return
		}
		defer nc.Close()
		r := bufio.NewReader(nc)
		var head strings.Builder
		for !strings.HasSuffix(head.String(), "\r\n\r\n") {
			c, err := r.ReadByte()
			if err != nil {
				break
			}
			head.WriteByte(c)
		}
		f.request <- head.String()
		io.WriteString(nc, reply)
		if echo {
			io.Copy(nc, r)
		}
	}()
	return f
}

func fieldsOf(kv ...string) *headers.Fields {
	f := new(headers.Fields)
	for i := 0; i < len(kv); i += 2 {
		f.Add(kv[i], kv[i+1])
	}
	return f
}

// A tunnel carries octets both ways, and begins with those that came with the reply.
func TestTunnel(t *testing.T) {
	for name, reply := range map[string]string{
		"plain":           "HTTP/1.1 200 Connection established\r\n\r\n",
		"early octets":    "HTTP/1.1 200 OK\r\n\r\nearly ",
		"interim first":   "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
		"framing ignored": "HTTP/1.1 201 Created\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n",
		"HTTP/1.0":        "HTTP/1.0 200 OK\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, reply, true)
			var status int
			d := proxy.Connect{
				Proxy: "proxy.example:3128", Dialer: f, Fields: fieldsOf("Proxy-Authorization", "Basic eDp5"),
				Reply: func(h *conn.Head) { status = h.Status },
			}
			nc, err := d.DialContext(context.Background(), "tcp", "[2001:db8::1]:443")
			if err != nil {
				t.Fatal(err)
			}
			want := "CONNECT [2001:db8::1]:443 HTTP/1.1\r\nHost: [2001:db8::1]:443\r\nProxy-Authorization: Basic eDp5\r\n\r\n"
			if diff := cmp.Diff(want, <-f.request); diff != "" {
				t.Errorf("request (-want +got):\n%s", diff)
			}
			if status/100 != 2 {
				t.Errorf("the hook was told of %d", status)
			}
			want = strings.SplitAfter(reply, "\r\n\r\n")[strings.Count(reply, "\r\n\r\n")] + "through"
			if _, err := io.WriteString(nc, "through"); err != nil {
				t.Fatal(err)
			}
			got := make([]byte, len(want))
			if _, err := io.ReadFull(nc, got); err != nil || string(got) != want {
				t.Errorf("%q, %v; want %q", got, err, want)
			}
			nc.Close()
			<-f.ended
		})
	}
}

// Whatever is no 2xx is a refusal, and the connection to the proxy is closed.
func TestRefusal(t *testing.T) {
	f := newFake(t, "HTTP/1.1 407 Who\x01?\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", true)
	d := proxy.Connect{Proxy: "proxy.example:3128", Dialer: f, Lenient: wire.AllowReasonControls}
	_, err := d.DialContext(context.Background(), "tcp", "origin.example:443")
	var refused *proxy.RefusedError
	if !errors.As(err, &refused) {
		t.Fatalf("%v", err)
	}
	if refused.Status != 407 || refused.Fields.GetString("proxy-authenticate") != "Basic" || refused.Address != "origin.example:443" {
		t.Errorf("%+v", refused)
	}
	if strings.ContainsRune(err.Error(), '\x01') {
		t.Errorf("%q has octets of the peer in it unquoted", err)
	}
	<-f.request
	<-f.ended
}

// A reply that is none is an error that says so.
func TestBadReply(t *testing.T) {
	for reply, rule := range map[string]wire.Rule{
		"":                              wire.RuleNoResponse,
		"HTTP/1.1 200":                  wire.RuleIncompleteHead,
		"SSH-2.0-x\r\n":                 wire.RuleNoStatusLine,
		"HTTP/1.1 200 OK\r\nA:\x00\r\n": wire.RuleNUL,
		"HTTP/1.1 101 Switching Protocols\r\n\r\n":           wire.RuleUpgradeUnasked,
		strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 150): wire.RuleLimitInterim,
	} {
		f := newFake(t, reply, false)
		d := proxy.Connect{Proxy: "proxy.example:3128", Dialer: f}
		_, err := d.DialContext(context.Background(), "tcp", "origin.example:443")
		var bad *proxy.ReplyError
		if !errors.As(err, &bad) || !errors.Is(err, rule) {
			t.Errorf("%.40q: %v; want one by %q", reply, err, rule.Name())
		}
		<-f.request
		<-f.ended
	}
}

// What must not be sent is refused before anything is dialled.
func TestNothingDialled(t *testing.T) {
	never := transport.DialerFunc(func(context.Context, string, string) (net.Conn, error) {
		t.Error("dialled")
		return nil, net.ErrClosed
	})
	for name, d := range map[string]proxy.Connect{
		"field name":  {Fields: fieldsOf("A\r\nB", "c")},
		"field value": {Fields: fieldsOf("A", "b\r\nEvil: 1")},
		"framing":     {Fields: fieldsOf("Content-Length", "5")},
		"two hosts":   {Fields: fieldsOf("Host", "a:1", "Host", "b:1")},
	} {
		d.Dialer = never
		if _, err := d.DialContext(context.Background(), "tcp", "origin.example:443"); !errors.As(err, new(*wire.SyntaxError)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, address := range []string{"", "origin.example", "origin.example:", "origin.example:0", "a b:1", "a\r\n:1", "user@a:1", ":443"} {
		d := proxy.Connect{Dialer: never}
		if _, err := d.DialContext(context.Background(), "tcp", address); !errors.As(err, new(*wire.SyntaxError)) {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// A silent proxy is left when the time-out, or the context, says so.
func TestSilentProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, timeout := range []time.Duration{0, time.Hour} {
			var network memory.Network
			listener, err := network.Listen("proxy.example:3128")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Hour)
			d := proxy.Connect{Proxy: "proxy.example:3128", Dialer: &network, Timeout: timeout}
			start := time.Now()
			_, err = d.DialContext(ctx, "tcp", "origin.example:443")
			want := 2 * time.Hour
			if timeout > 0 {
				want = timeout
			}
			var late net.Error
			if took := time.Since(start); took != want || !errors.As(err, &late) || !late.Timeout() {
				t.Errorf("%v after %v; want a time-out after %v", err, took, want)
			}
			if want := "proxy proxy.example:3128: no reply within 1h0m0s"; timeout > 0 &&
				(!errors.Is(err, os.ErrDeadlineExceeded) || err.Error() != want) {
				t.Errorf("%v, want %s", err, want)
			}
			cancel()
			listener.Close()
		}
	})
}
