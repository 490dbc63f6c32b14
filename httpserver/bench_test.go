package httpserver_test

import (
	"io"
	"net"
	"testing"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/transport/memory"
)

// BenchmarkExchange is one exchange on a connection that is kept, client and server in one process: what the client
// does beside them is to write the request and to read as many octets as the answer has.
func BenchmarkExchange(b *testing.B) {
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		r.WriteTo(io.Discard)
		w.Fields().Add("Content-Type", "text/plain")
		w.WriteString("Hello, World!")
	})
	const (
		browser = "GET /index.html HTTP/1.1\r\nHost: example.org\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\n" +
			"Accept: text/html,application/xhtml+xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en\r\nAccept-Encoding: gzip, br\r\n" +
			"Cookie: session=0123456789abcdef0123456789abcdef\r\nConnection: keep-alive\r\n\r\n"
		answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!"
	)
	pipe := func(b *testing.B) (client, server net.Conn) { return memory.Pipe() }
	socket := func(b *testing.B) (client, server net.Conn) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		defer l.Close()
		if client, err = net.Dial("tcp", l.Addr().String()); err != nil {
			b.Fatal(err)
		}
		if server, err = l.Accept(); err != nil {
			b.Fatal(err)
		}
		return client, server
	}
	for _, link := range []struct {
		name string
		pair func(b *testing.B) (client, server net.Conn)
	}{{"memory", pipe}, {"TCP", socket}} {
		for _, c := range []struct{ name, request string }{
			{"GET", get}, {"browser", browser},
			{"POST", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"},
			{"chunked", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"},
		} {
			b.Run(link.name+"/"+c.name, func(b *testing.B) {
				client, server := link.pair(b)
				s.NoDate = true
				done := make(chan error, 1)
				go func() { done <- s.ServeConn(b.Context(), server) }()
				request, got := []byte(c.request), make([]byte, len(answer))
				b.ReportAllocs()
				for b.Loop() {
					client.Write(request)
					if _, err := io.ReadFull(client, got); err != nil || string(got) != answer {
						b.Fatalf("answered %q, %v", got, err)
					}
				}
				client.Close()
				<-done
			})
		}
	}
}
