package wire_test

import (
	"strings"
	"testing"

	"github.com/strata-http/strata/wire"
)

func BenchmarkConsumeFieldLine(b *testing.B) {
	for _, c := range []struct{ name, in string }{
		{"short", "Host: example.com\r\n"},
		{"long", "Cookie: " + strings.Repeat("session=0123456789abcdef; ", 10) + "a=b\r\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			in := []byte(c.in)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, ok, err := wire.ConsumeFieldLine(in, 0, 0, 0); !ok {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkConsumeRequestLine(b *testing.B) {
	in := []byte("GET /wp-content/uploads/2010/03/hello-kitty-darth-vader-pink.jpg HTTP/1.1\r\n")
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok, err := wire.ConsumeRequestLine(in, 0, 0, 0); !ok {
			b.Fatal(err)
		}
	}
}

func BenchmarkConsumeStatusLine(b *testing.B) {
	in := []byte("HTTP/1.1 200 OK\r\n")
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, ok, err := wire.ConsumeStatusLine(in, 0, 0, 0); !ok {
			b.Fatal(err)
		}
	}
}

func BenchmarkConsumeChunkHead(b *testing.B) {
	for _, c := range []struct{ name, in string }{
		{"size", "8000\r\n"},
		{"ext", "8000;name=value;other=\"quoted\"\r\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			in := []byte(c.in)
			b.SetBytes(int64(len(in)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, ok, err := wire.ConsumeChunkHead(in, 0, 0, wire.ChunkHead{}, 0); !ok {
					b.Fatal(err)
				}
			}
		})
	}
}
