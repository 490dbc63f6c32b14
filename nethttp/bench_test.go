package nethttp_test

import (
	"io"
	"net"
	"net/http"
	"testing"
)

// BenchmarkRoundTrip is a small exchange over TCP with a server that does next to nothing.
func BenchmarkRoundTrip(b *testing.B) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer nc.Close()
				buf := make([]byte, 4096)
				for {
					if _, err := nc.Read(buf); err != nil {
						return
					}
					if _, err := io.WriteString(nc, cannedHello); err != nil {
						return
					}
				}
			}()
		}
	}()
	for _, s := range sides {
		b.Run(s.name, func(b *testing.B) {
			rt := s.make(knobs{})
			defer rt.(interface{ CloseIdleConnections() }).CloseIdleConnections()
			req, err := http.NewRequest("GET", "http://"+l.Addr().String()+"/path", nil)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				resp, err := rt.RoundTrip(req)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.Copy(io.Discard, resp.Body); err != nil {
					b.Fatal(err)
				}
				resp.Body.Close()
			}
		})
	}
}
