package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/strata-http/strata/transport"
)

// TestForward compares the octets that reach the origin and the client.
func TestForward(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 2\r\n\r\nhi"
	const last = "Connection: close\r\n"
	const passed = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 2\r\nVia: 1.1 strata\r\n" + last + "\r\nhi"
	for _, tt := range []struct{ name, request, sent, response, answered string }{
		{"hop-by-hop fields",
			"GET http://HOST/a%2Fb?c=d HTTP/1.1\r\nHost: elsewhere.example\r\naccept: x\r\nConnection: close, X-Hop , x-other\r\n" +
				"X-Hop: 1\r\nX-Other: 2\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nTE: trailers\r\n" +
				"Proxy-Authorization: Basic c2VjcmV0\r\nUpgrade: h2c\r\nx-hop: 3\r\nACCEPT: y\r\nCookie: a=b\r\n\r\n",
			"GET /a%2Fb?c=d HTTP/1.1\r\nHost: HOST\r\naccept: x\r\nACCEPT: y\r\nCookie: a=b\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 200 Fine, thanks\r\nDate: D\r\nset-cookie: a\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n" +
				"Proxy-Authenticate: Basic\r\nVia: 1.0 inner\r\nContent-Length: 2\r\nSet-Cookie: b\r\n\r\nhi",
			"HTTP/1.1 200 Fine, thanks\r\nDate: D\r\nset-cookie: a\r\nVia: 1.0 inner\r\nContent-Length: 2\r\nSet-Cookie: b\r\n" +
				"Via: 1.1 strata\r\n" + last + "\r\nhi"},
		{"length named as an option",
			"POST http://HOST HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nConnection: close, content-length, host\r\ncontent-length: 3\r\n\r\nabc",
			"POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 3\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\nabc", ok, passed},
		{"case of the fields of framing and routing",
			"POST http://HOST/ HTTP/1.1\r\nX-A: 1\r\nhOST: HOST\r\nx-b: 2\r\ncontent-length: 3\r\nX-C: 3\r\n" + last + "\r\nabc",
			"POST / HTTP/1.1\r\nX-A: 1\r\nhOST: HOST\r\nx-b: 2\r\ncontent-length: 3\r\nX-C: 3\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\nabc",
			"HTTP/1.1 204 No Content\r\nDate: D\r\ncontent-length: 0\r\nx-d: 4\r\n\r\n",
			"HTTP/1.1 204 No Content\r\nDate: D\r\nx-d: 4\r\nVia: 1.1 strata\r\n" + last + "\r\n"},
		{"query without a path",
			"GET http://HOST?q HTTP/1.1\r\nHost: x\r\n" + last + "\r\n",
			"GET /?q HTTP/1.1\r\nHost: HOST\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n", ok, passed},
		{"OPTIONS for the server",
			"OPTIONS http://HOST HTTP/1.1\r\nHost: x\r\n" + last + "\r\n",
			"OPTIONS * HTTP/1.1\r\nHost: HOST\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n", ok, passed},
		{"chunks and trailers",
			"PUT http://HOST/ HTTP/1.1\r\nHost: HOST\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n" + last + "\r\n" +
				"3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\nConnection: x\r\nx-sum: 2\r\n\r\n",
			"PUT / HTTP/1.1\r\nHost: HOST\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n" +
				"3\r\nabc\r\n0\r\nX-Sum: 1\r\nx-sum: 2\r\n\r\n",
			"HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\nVia: 1.1 strata\r\n" + last + "\r\n2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n"},
		{"interim responses",
			"GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\n" + last + "\r\n",
			"GET / HTTP/1.1\r\nHost: HOST\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nConnection: x\r\n\r\n" + ok,
			"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nVia: 1.1 strata\r\n\r\n" + passed},
		{"until close",
			"GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\n" + last + "\r\n",
			"GET / HTTP/1.1\r\nHost: HOST\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n",
			"HTTP/1.0 200 OK\r\nDate: D\r\n\r\nhi",
			"HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\nVia: 1.0 strata\r\n" + last + "\r\n2\r\nhi\r\n0\r\n\r\n"},
		{"an old client",
			"GET http://HOST/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
			"GET / HTTP/1.1\r\nHost: HOST\r\nVia: 1.0 strata\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nDate: D\r\nTrailer: X-T\r\nTransfer-Encoding: chunked\r\n\r\n" +
				"2\r\nhi\r\n0\r\nX-T: 1\r\n\r\n",
			"HTTP/1.1 200 OK\r\nDate: D\r\nTrailer: X-T\r\nVia: 1.1 strata\r\n" + last + "\r\nhi"},
		{"HEAD",
			"HEAD http://HOST/ HTTP/1.1\r\nHost: HOST\r\n" + last + "\r\n",
			"HEAD / HTTP/1.1\r\nHost: HOST\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 99\r\n\r\n",
			"HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 99\r\nVia: 1.1 strata\r\n" + last + "\r\n"},
		{"304",
			"GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\n" + last + "\r\n",
			"GET / HTTP/1.1\r\nHost: HOST\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n",
			"HTTP/1.1 304 Not Modified\r\nDate: D\r\nContent-Length: 99\r\nETag: \"x\"\r\n\r\n",
			"HTTP/1.1 304 Not Modified\r\nDate: D\r\nContent-Length: 99\r\nETag: \"x\"\r\nVia: 1.1 strata\r\n" + last + "\r\n"},
		{"a client that waits is refused",
			"PUT http://HOST/ HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
			"PUT / HTTP/1.1\r\nHost: HOST\r\nExpect: 100-continue\r\nContent-Length: 9\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n", ok, passed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			addr := start(t)
			o := serve(t, tt.sent, tt.response)
			answer, err := talk(t, addr, o.addr, tt.request)
			equal(t, "response", tt.answered, answer)
			equal(t, "request", []string{tt.sent}, o.received(t, 1))
			equal(t, "end", nil, err)
		})
	}
}

// TestRefuse has what is answered by the proxy itself.
func TestRefuse(t *testing.T) {
	dead := listen(t, func(l net.Listener) { l.Close() })
	const host = " HTTP/1.1\r\nHost: HOST\r\n"
	for _, tt := range []struct {
		name, request string
		status        int
	}{
		{"both framings", "POST http://HOST/" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
		{"two lengths", "POST http://HOST/" + host + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
		{"two hosts", "GET http://HOST/" + host + "Host: b\r\n\r\n", 400},
		{"space before colon", "GET http://HOST/" + host + "A : b\r\n\r\n", 400},
		{"unknown coding", "POST http://HOST/" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501},
		{"no request", "\x16\x03\x01\x00\r\n\r\n", 400},
		{"another major version", "GET http://HOST/ HTTP/2.0\r\nHost: HOST\r\n\r\n", 505},
		{"origin-form", "GET /" + host + "\r\n", 400},
		{"asterisk-form", "OPTIONS *" + host + "\r\n", 400},
		{"https", "GET https://HOST/" + host + "\r\n", 400},
		{"userinfo", "GET http://user:secret@HOST/" + host + "\r\n", 400},
		{"CONNECT with content", "CONNECT HOST" + host + "Content-Length: 3\r\n\r\nabc", 400},
		{"nobody there", "GET http://" + dead + "/" + host + "\r\n", 502},
		{"a tunnel to nobody", "CONNECT " + dead + host + "\r\n", 502},
		{"nobody there for HEAD", "HEAD http://" + dead + "/" + host + "\r\n", 502},
		{"a loop", "GET http://HOST/" + host + "Via: 1.1 first, 1.0 strata (x)\r\n\r\n", 508},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var dialled atomic.Int32
			addr := start(t, func(p *forwarder) {
				p.dialer = transport.DialerFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
					if address != dead {
						dialled.Add(1)
					}
					return transport.TCP{}.DialContext(ctx, network, address)
				})
			})
			answer, err := talk(t, addr, "127.0.0.1:80", tt.request+"GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n"+
				strings.Repeat("more, unread; ", 10<<10))
			head, content, whole := strings.Cut(answer, "\r\n\r\n")
			equal(t, "status", fmt.Sprintf("HTTP/1.1 %d ", tt.status), head[:min(len(head), len("HTTP/1.1 200 "))])
			equal(t, "is one whole response", true, whole && content == "" && strings.Contains(head, "\r\nContent-Length: 0"))
			equal(t, "closes and says so", true, strings.Contains(head, "\r\nConnection: close"))
			equal(t, "repeats a secret", false, strings.Contains(answer, "secret"))
			equal(t, "end", nil, err)
			equal(t, "connections to the origin", 0, dialled.Load())
		})
	}
}

// TestBadOrigin has responses that are none, or end too early.
func TestBadOrigin(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nDate: D\r\n"
	for _, tt := range []struct {
		name, response, start string
		old, whole            bool
	}{
		{"nothing", "", "HTTP/1.1 502 ", false, true},
		{"both framings", ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "HTTP/1.1 502 ", false, true},
		{"chunked 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "HTTP/1.1 502 ", false, true},
		{"two lengths", ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi!", "HTTP/1.1 502 ", false, true},
		{"an upgrade nobody wanted", "HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n", "HTTP/1.1 502 ", false, true},
		{"split by a bare CR", ok + "A: b\rC: d\r\n\r\n", "HTTP/1.1 502 ", false, true},
		{"cut content", ok + "Content-Length: 9\r\n\r\nhi", "HTTP/1.1 200 OK", false, false},
		{"cut chunks", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", "HTTP/1.1 200 OK", false, false},
		{"bad chunks", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nx\r\n", "HTTP/1.1 200 OK", false, false},
		{"cut chunks for an old client", ok + "Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n", "", true, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := serve(t, "\r\n\r\n", tt.response)
			version := "1.1"
			if tt.old {
				version = "1.0"
			}
			answer, err := talk(t, start(t), o.addr, "GET http://HOST/ HTTP/"+version+"\r\nHost: HOST\r\n\r\n")
			equal(t, "begins with "+tt.start, true, strings.HasPrefix(answer, tt.start))
			complete := strings.HasSuffix(answer, "\r\n0\r\n\r\n") || strings.Contains(answer, "502") || tt.old && err == nil
			equal(t, "looks whole", tt.whole, complete)
		})
	}
}

// TestBadContent has a request that turns bad when its head is at the origin.
func TestBadContent(t *testing.T) {
	o := serve(t, "never", "")
	answer, _ := talk(t, start(t), o.addr, "PUT http://HOST/ HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\n"+
		"3\r\nabc\r\nno chunk\r\n0\r\n\r\nGET http://HOST/smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n")
	equal(t, "status", true, strings.HasPrefix(answer, "HTTP/1.1 400 "))
	equal(t, "request", []string{"PUT / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n3\r\nabc\r\n"},
		o.received(t, 1))
}

// TestSilentOrigin has one that says nothing in time.
func TestSilentOrigin(t *testing.T) {
	o := serve(t, "never", "")
	addr := start(t, func(p *forwarder) { p.timeout = 50 * time.Millisecond })
	answer, _ := talk(t, addr, o.addr, "GET http://HOST/ HTTP/1.1\r\nHost: HOST\r\n\r\n")
	equal(t, "status", true, strings.HasPrefix(answer, "HTTP/1.1 504 "))
}

// TestPipelined has requests that come in one piece answered in order, each whole.
func TestPipelined(t *testing.T) {
	o := serve(t, "\r\n\r\n", "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 2\r\n\r\nhi")
	answer, err := talk(t, start(t), o.addr, "GET http://HOST/1 HTTP/1.1\r\nHost: HOST\r\n\r\n"+
		"HEAD http://HOST/2 HTTP/1.1\r\nHost: HOST\r\n\r\nGET http://HOST/3 HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")
	const head = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 2\r\nVia: 1.1 strata\r\n"
	equal(t, "responses", head+"\r\nhi"+head+"\r\n"+head+"Connection: close\r\n\r\nhi", answer)
	equal(t, "end", nil, err)
	equal(t, "connections", 3, len(o.received(t, 3)))
}

// TestEarlyResponse has an origin answer before the content has come, of which all goes there nevertheless; and then
// another request.
func TestEarlyResponse(t *testing.T) {
	o := serve(t, "\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
	c, err := net.Dial("tcp", start(t))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	r := bufio.NewReader(c)
	io.WriteString(c, "PUT http://"+o.addr+"/ HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
	for _, last := range []bool{false, true} {
		resp, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(resp.Body)
		equal(t, "content", "hi", string(content))
		equal(t, "error", nil, err)
		if _, err := http.ParseTime(resp.Header.Get("Date")); err != nil {
			t.Errorf("a response without a Date is given one: %v", err)
		}
		if !last {
			io.WriteString(c, "contentedGET http://"+o.addr+"/ HTTP/1.1\r\nHost: x\r\n\r\n")
		}
	}
	equal(t, "requests", []string{
		"GET / HTTP/1.1\r\nHost: HOST\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\n",
		"PUT / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 9\r\nVia: 1.1 strata\r\nConnection: close\r\n\r\ncontented",
	}, o.received(t, 2))
}
