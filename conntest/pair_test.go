package conntest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/conntest"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

func fields(kv ...string) *headers.Fields {
	f := new(headers.Fields)
	for i := 0; i < len(kv); i += 2 {
		f.Add(kv[i], kv[i+1])
	}
	return f
}

func content(pieces ...string) [][]byte {
	var all [][]byte
	for _, p := range pieces {
		all = append(all, []byte(p))
	}
	return all
}

// told is a Received to compare, its fields as text.
type told struct {
	Method, Target    string
	Status            int
	Reason            string
	Fields            string
	Mode              body.Mode
	Content, Trailers string
	Interim           []int
}

func tell(r conntest.Received) told {
	t := told{
		Method: r.Method, Target: r.Target, Status: r.Status, Reason: r.Reason, Fields: r.Fields.String(),
		Mode: r.Framing.Mode, Content: string(r.Content), Interim: r.Interim,
	}
	if r.Trailers != nil {
		t.Trailers = r.Trailers.String()
	}
	return t
}

var exchanges = []struct {
	name              string
	request, response conntest.Message
	served, got       told
	persists          bool
}{
	{
		name:     "Content-Length",
		request:  conntest.Message{Method: "GET", Target: "/x", Fields: fields("Host", "h")},
		response: conntest.Message{Status: 200, Reason: "OK", Fields: fields("Content-Length", "4"), Content: content("he", "", "re")},
		served:   told{Method: "GET", Target: "/x", Fields: "Host: h\n"},
		got:      told{Status: 200, Reason: "OK", Fields: "Content-Length: 4\n", Mode: body.LengthDelimited, Content: "here"},
		persists: true,
	}, {
		name: "chunks and trailers",
		request: conntest.Message{Method: "POST", Target: "/", Fields: fields("Host", "h", "Transfer-Encoding", "chunked"),
			Content: content("hello ", "", "world"), Trailers: fields("X-Sum", "1")},
		response: conntest.Message{Status: 200, Fields: fields("Transfer-Encoding", "chunked"), Content: content("ok"), Trailers: fields("X-Sum", "2")},
		served: told{Method: "POST", Target: "/", Fields: "Host: h\nTransfer-Encoding: chunked\n", Mode: body.Chunked,
			Content: "hello world", Trailers: "X-Sum: 1\n"},
		got:      told{Status: 200, Fields: "Transfer-Encoding: chunked\n", Mode: body.Chunked, Content: "ok", Trailers: "X-Sum: 2\n"},
		persists: true,
	}, {
		name:     "until the connection closes",
		request:  conntest.Message{Method: "GET", Target: "/", Fields: fields("Host", "h")},
		response: conntest.Message{Status: 200, Content: content("to ", "the end")},
		served:   told{Method: "GET", Target: "/", Fields: "Host: h\n"},
		got:      told{Status: 200, Mode: body.CloseDelimited, Content: "to the end"},
	}, {
		name:     "a tunnel",
		request:  conntest.Message{Method: "CONNECT", Target: "h:1", Fields: fields("Host", "h")},
		response: conntest.Message{Status: 200},
		served:   told{Method: "CONNECT", Target: "h:1", Fields: "Host: h\n"},
		got:      told{Status: 200, Mode: body.Tunnel},
	},
}

func TestExchange(t *testing.T) {
	for _, tt := range exchanges {
		t.Run(tt.name, func(t *testing.T) {
			for _, segment := range []int{0, 1, 2, 7} {
				p := conntest.NewPair(conn.Config{}, conn.Config{})
				p.Segment = segment
				for range 3 {
					served, got, err := p.Exchange(tt.request, tt.response)
					if err != nil {
						t.Fatal(segment, err)
					}
					if diff := cmp.Diff([]told{tt.served, tt.got}, []told{tell(served), tell(got)}); diff != "" {
						t.Fatalf("segments of %d (-want +got)\n%s", segment, diff)
					}
					if p.Client.Reusable() != tt.persists || p.Server.Reusable() != tt.persists {
						t.Fatalf("reusable %t, %t", p.Client.Reusable(), p.Server.Reusable())
					}
					if !tt.persists {
						break
					}
				}
			}
		})
	}
}

// TestInterim sends what Exchange does not: an interim response, by hand.
func TestInterim(t *testing.T) {
	p := conntest.NewPair(conn.Config{}, conn.Config{})
	p.SendRaw(conn.Server, []byte("HTTP/1.1 103 \r\n\r\n"))
	_, got, err := p.Exchange(
		conntest.Message{Method: "GET", Target: "/", Fields: fields("Host", "h")},
		conntest.Message{Status: 204})
	if err != nil || got.Status != 204 || !cmp.Equal(got.Interim, []int{103}) {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestErrors has each step of an exchange fail.
func TestErrors(t *testing.T) {
	request := conntest.Message{Method: "GET", Target: "/", Fields: fields("Host", "h")}
	for _, tt := range []struct {
		name              string
		request, response conntest.Message
		toServer          string // before the request
		toClient          string
		rule              wire.Rule
	}{
		{"to send the request", conntest.Message{Method: "GET", Target: "/"}, conntest.Message{}, "", "", wire.RuleHostMissing},
		{"to read the request", request, conntest.Message{}, "\x00", "", wire.RuleMethod},
		{"to send the response", request, conntest.Message{Status: 204, Fields: fields("Content-Length", "0")}, "", "", wire.RuleFramingForbidden},
		{"to send its content", request, conntest.Message{Status: 204, Content: content("x")}, "", "", wire.RuleContentForbidden},
		{"to read the response", request, conntest.Message{Status: 204}, "", "HTTP/1.1 20 \r\n", wire.RuleStatusCode},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := conntest.NewPair(conn.Config{}, conn.Config{})
			p.SendRaw(conn.Client, []byte(tt.toServer))
			p.SendRaw(conn.Server, []byte(tt.toClient))
			if _, _, err := p.Exchange(tt.request, tt.response); !errors.Is(err, tt.rule) {
				t.Errorf("error %v, want %v", err, tt.rule)
			}
		})
	}
}

// TestNext holds what Next promises: it waits for more only when all was shown, and tells the end.
func TestNext(t *testing.T) {
	for _, segment := range []int{0, 1, 3} {
		p := conntest.NewPair(conn.Config{}, conn.Config{})
		p.Segment = segment
		request := "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
		p.SendRaw(conn.Client, []byte(request+request))
		p.Close(conn.Client)
		if got := string(p.Sent(conn.Client)); got != request+request {
			t.Errorf("sent %q", got)
		}
		for i, want := range []conn.Kind{conn.RequestHead, conn.End, conn.Paused, conn.Paused} {
			if ev, err := p.Next(conn.Server); ev.Kind != want || err != nil {
				t.Fatalf("segments of %d, event %d: %v, %v", segment, i, ev.Kind, err)
			}
		}
		if got := string(p.Unread(conn.Server)); got != request {
			t.Errorf("unread %q", got)
		}
		if err := p.Send(conn.Server, func(c *conn.Conn, dst []byte) ([]byte, error) {
			dst, err := c.AppendResponse(dst, 204, "", nil)
			if err != nil {
				return dst, err
			}
			return c.AppendEnd(dst, nil)
		}); err != nil {
			t.Fatal(err)
		}
		for i, want := range []conn.Kind{conn.RequestHead, conn.End, conn.Closed, conn.Closed} {
			if ev, err := p.Next(conn.Server); ev.Kind != want || err != nil {
				t.Fatalf("segments of %d, second request, event %d: %v, %v", segment, i, ev.Kind, err)
			}
		}
	}
}

// TestFailedSend holds that what fails sends nothing.
func TestFailedSend(t *testing.T) {
	p := conntest.NewPair(conn.Config{}, conn.Config{})
	err := p.Send(conn.Client, func(c *conn.Conn, dst []byte) ([]byte, error) {
		return c.AppendRequest(dst, "GET", "/\r\n", fields("Host", "h"))
	})
	if !errors.Is(err, wire.RuleTarget) || len(p.Sent(conn.Client)) > 0 {
		t.Errorf("%v, sent %q", err, p.Sent(conn.Client))
	}
	if p.Conn(conn.Client) != p.Client || p.Conn(conn.Server) != p.Server {
		t.Error("the wrong party")
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

// Segment cuts what travels as a network would: here every octet arrives alone, and the server is told
// the same.
func ExamplePair_Next() {
	p := conntest.NewPair(conn.Config{}, conn.Config{})
	p.Segment = 1
	p.SendRaw(conn.Client, []byte("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"))
	for {
		ev, err := p.Next(conn.Server)
		fmt.Println(ev.Kind, err)
		if err != nil || ev.Kind == conn.Paused {
			return
		}
	}
	// Output:
	// request head <nil>
	// end <nil>
	// paused <nil>
}
