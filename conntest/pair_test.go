package conntest_test

import (
	"fmt"
	"testing"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/conntest"
	"github.com/strata-http/strata/headers"
)

func fields(kv ...string) *headers.Fields {
	f := new(headers.Fields)
	for i := 0; i < len(kv); i += 2 {
		f.Add(kv[i], kv[i+1])
	}
	return f
}

func TestExchange(t *testing.T) {
	for _, segment := range []int{0, 1, 2, 7} {
		p := conntest.NewPair(conn.Config{}, conn.Config{})
		p.Segment = segment
		for range 3 {
			served, got, err := p.Exchange(
				conntest.Message{Method: "POST", Target: "/x", Fields: fields("Host", "h", "Transfer-Encoding", "chunked"),
					Content: [][]byte{[]byte("hello "), nil, []byte("world")}, Trailers: fields("X-Sum", "1")},
				conntest.Message{Status: 200, Reason: "OK", Fields: fields("Content-Length", "2"), Content: [][]byte{[]byte("ok")}})
			if err != nil {
				t.Fatal(segment, err)
			}
			if string(served.Content) != "hello world" || string(got.Content) != "ok" || served.Trailers.GetString("x-sum") != "1" {
				t.Fatalf("%d: %q %q %v", segment, served.Content, got.Content, served.Trailers)
			}
			if !p.Client.Reusable() || !p.Server.Reusable() {
				t.Fatal("not reusable")
			}
		}
	}
}

func ExamplePair() {
	p := conntest.NewPair(conn.Config{}, conn.Config{})
	served, got, err := p.Exchange(
		conntest.Message{Method: "GET", Target: "/hello", Fields: fields("Host", "example.org")},
		conntest.Message{Status: 200, Reason: "OK", Fields: fields("Content-Length", "2"), Content: [][]byte{[]byte("hi")}},
	)
	fmt.Println(served.Method, served.Target, err)
	fmt.Printf("%d %s %q\n", got.Status, got.Reason, got.Content)
	// Output:
	// GET /hello <nil>
	// 200 OK "hi"
}
