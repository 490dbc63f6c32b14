package body_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// In steady state neither side of a body allocates.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	data := []byte("5;note=\"a b\"\r\nhello\r\n6;last\r\n world\r\n0\r\nX-Checksum: 1f0e\r\nX-Count: 2\r\n\r\n")
	limits := wire.Limits{}.Resolved()
	var d body.Decoder
	var e body.Encoder
	trailers := section("X-Checksum: 1f0e", "X-Count: 2")
	dst := make([]byte, 0, 256)
	hello := []byte("hello")
	decode := func(f body.Framing, data []byte, want int) func() bool {
		return func() bool {
			n := 0
			if d.Start(f, &limits, 0) != nil {
				return false
			}
			for rest := data; !d.Done(); {
				used, p, err := d.Next(rest, true)
				if err != nil {
					return false
				}
				n += len(p.Data)
				rest = rest[used:]
			}
			return n == want
		}
	}
	encode := func(f body.Framing, trailers *headers.Fields, want string) func() bool {
		return func() bool {
			e.Start(f)
			out, err1 := e.AppendChunk(dst, hello, "")
			out, err2 := e.AppendPrefix(out, 6)
			err3 := e.Skip(6)
			out, err4 := e.AppendSuffix(append(out, " world"...))
			out, err5 := e.AppendEnd(out, trailers)
			return err1 == nil && err2 == nil && err3 == nil && err4 == nil && err5 == nil && string(out) == want
		}
	}
	for _, c := range []struct {
		name string
		run  func() bool
	}{
		{"decoding chunks with extensions and trailers", decode(chunked, data, 11)},
		{"decoding by length", decode(length(11), []byte("hello world"), 11)},
		{"decoding until close", decode(closeDelimit, []byte("hello world"), 11)},
		{"encoding chunks with trailers", encode(chunked, trailers,
			"5\r\nhello\r\n6\r\n world\r\n0\r\nX-Checksum: 1f0e\r\nX-Count: 2\r\n\r\n")},
		{"encoding by length", encode(length(11), nil, "hello world")},
	} {
		ok := true
		if n := testing.AllocsPerRun(100, func() { ok = c.run() && ok }); n != 0 || !ok {
			t.Errorf("%s: %v allocations a run, ok = %v", c.name, n, ok)
		}
	}
}

func BenchmarkDecoder(b *testing.B) {
	chunk := "8000\r\n" + strings.Repeat("x", 32<<10) + "\r\n"
	for _, c := range []struct {
		name    string
		data    string
		framing body.Framing
	}{
		{"chunks of 32 KiB", strings.Repeat(chunk, 8) + "0\r\n\r\n", chunked},
		{"chunks of 16 octets", strings.Repeat("10\r\n0123456789abcdef\r\n", 1024) + "0\r\n\r\n", chunked},
		{"length", strings.Repeat("x", 256<<10), length(256 << 10)},
	} {
		b.Run(c.name, func(b *testing.B) {
			data := []byte(c.data)
			limits := wire.Limits{}.Resolved()
			var d body.Decoder
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := d.Start(c.framing, &limits, 0); err != nil {
					b.Fatal(err)
				}
				for rest := data; !d.Done(); {
					n, _, err := d.Next(rest, false)
					if err != nil {
						b.Fatal(err)
					}
					rest = rest[n:]
				}
			}
		})
	}
}

func BenchmarkEncoder(b *testing.B) {
	content := []byte(strings.Repeat("x", 32<<10))
	dst := make([]byte, 0, 64<<10)
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		var e body.Encoder
		e.Start(chunked)
		out, err := e.AppendContent(dst, content)
		if err != nil {
			b.Fatal(err)
		}
		if out, err = e.AppendEnd(out, nil); err != nil || len(slices.Clip(out)) < len(content) {
			b.Fatal(err)
		}
	}
}
