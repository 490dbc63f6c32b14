package conn_test

import (
	"testing"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
)

// exchange runs one exchange of a kind over and over between a client and a server, in buffers of its
// own that it uses again.
type exchange struct {
	tb                 testing.TB
	client, server     *conn.Conn
	method             string
	request, response  *headers.Fields
	content            []byte // of either message that frames any
	pieces             int    // in which it is sent
	trailers           *headers.Fields
	toServer, toClient []byte
	octets             int // of content heard
}

func newExchange(tb testing.TB, method, request, response, content string, pieces int, trailers *headers.Fields) *exchange {
	return &exchange{
		tb: tb, method: method, content: []byte(content), pieces: pieces, trailers: trailers,
		client: conn.New(conn.Client, conn.Config{}), server: conn.New(conn.Server, conn.Config{}),
		request: parseFields("Host: example.org" + request), response: parseFields("Date: today" + response),
	}
}

func (x *exchange) run() {
	var err error
	x.toServer, err = x.client.AppendRequest(x.toServer[:0], x.method, "/index.html", x.request)
	x.check(err)
	x.toServer = x.body(x.client, x.toServer, x.request)
	x.hear(x.server, x.toServer)
	x.toClient, err = x.server.AppendResponse(x.toClient[:0], 200, "OK", x.response)
	x.check(err)
	x.toClient = x.body(x.server, x.toClient, x.response)
	x.hear(x.client, x.toClient)
	if !x.client.Reusable() || !x.server.Reusable() {
		x.tb.Fatal("not reusable")
	}
}

func (x *exchange) body(c *conn.Conn, dst []byte, fields *headers.Fields) []byte {
	var err error
	if !fields.Has("Content-Length") && !fields.Has("Transfer-Encoding") {
		dst, err = c.AppendEnd(dst, nil)
		x.check(err)
		return dst
	}
	for range x.pieces {
		dst, err = c.AppendContent(dst, x.content)
		x.check(err)
	}
	var trailers *headers.Fields
	if fields.Has("Transfer-Encoding") {
		trailers = x.trailers
	}
	dst, err = c.AppendEnd(dst, trailers)
	x.check(err)
	return dst
}

func (x *exchange) hear(c *conn.Conn, data []byte) {
	for {
		n, ev, err := c.Next(data, false)
		x.check(err)
		data = data[n:]
		x.octets += len(ev.Content)
		if ev.Kind == conn.End {
			return
		}
		if ev.Kind == conn.NeedData {
			x.tb.Fatal("the message is cut")
		}
	}
}

func (x *exchange) check(err error) {
	if err != nil {
		x.tb.Fatal(err)
	}
}

// exchanges are the kinds that must not allocate.
func exchanges(tb testing.TB) map[string]*exchange {
	const coded = "\nTransfer-Encoding: chunked\nTrailer: X-Sum"
	return map[string]*exchange{
		"GET with Content-Length response": newExchange(tb, "GET", "\nAccept: */*", "\nContent-Length: 26", "hello, world\n", 2, nil),
		"HEAD":                             newExchange(tb, "HEAD", "", "", "", 0, nil),
		"POST with Content-Length":         newExchange(tb, "POST", "\nContent-Length: 26", "\nContent-Length: 26", "hello, world\n", 2, nil),
		"chunked with trailers":            newExchange(tb, "POST", coded, coded, "hello, world\n", 3, parseFields("X-Sum: 1\nX-Other: 2")),
	}
}

func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for name, x := range exchanges(t) {
		t.Run(name, func(t *testing.T) {
			x.run() // the buffers grow once
			if n := testing.AllocsPerRun(200, x.run); n != 0 {
				t.Errorf("%v allocations an exchange", n)
			}
			if x.octets == 0 && name != "HEAD" {
				t.Error("no content was heard")
			}
		})
	}
}

// TestNoAllocationsPiecemeal shows the same exchanges octet by octet: resuming costs no memory either.
func TestNoAllocationsPiecemeal(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	octets := []byte(crlf("POST /x HTTP/1.1\nHost: h\nTransfer-Encoding: chunked\n\n3;a=b\nabc\n0\nX-Sum: 1\n\n"))
	c := conn.New(conn.Server, conn.Config{})
	response := parseFields("Content-Length: 0")
	var out []byte
	run := func() {
		from := 0
		for to := 1; to <= len(octets); to++ {
			n, ev, err := c.Next(octets[from:to], false)
			for from += n; err == nil && ev.Kind != conn.NeedData && ev.Kind != conn.Paused; from += n {
				n, ev, err = c.Next(octets[from:to], false)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		var err error
		if out, err = c.AppendResponse(out[:0], 200, "OK", response); err == nil {
			out, err = c.AppendEnd(out, nil)
		}
		if err != nil || !c.Reusable() {
			t.Fatal("not reusable", err)
		}
	}
	run()
	if n := testing.AllocsPerRun(50, run); n != 0 {
		t.Errorf("%v allocations an exchange", n)
	}
}

// TestResetKeepsMemory takes a Conn to another connection, as a pool does.
func TestResetKeepsMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	x := newExchange(t, "GET", "", "\nContent-Length: 2", "ok", 1, nil)
	run := func() {
		x.client.Reset(conn.Client, conn.Config{})
		x.server.Reset(conn.Server, conn.Config{})
		x.run()
	}
	run()
	if n := testing.AllocsPerRun(50, run); n != 0 {
		t.Errorf("%v allocations a connection", n)
	}
}
