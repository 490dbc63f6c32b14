package headers_test

import (
	"testing"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, in string }{{"request", browserRequest}, {"response", serverResponse}} {
		b.Run(c.name, func(b *testing.B) {
			data := []byte(c.in)
			p, f := newParser(0, wire.Limits{}), new(headers.Fields)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				p.Start(0)
				if _, ok, err := p.Parse(f, data); !ok {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkControl(b *testing.B) {
	for _, c := range []struct{ name, in string }{{"request", browserRequest}, {"response", serverResponse}} {
		b.Run(c.name, func(b *testing.B) {
			p, f := newParser(0, wire.Limits{}), new(headers.Fields)
			p.Start(0)
			if _, ok, err := p.Parse(f, []byte(c.in)); !ok {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if c := f.Control(); !c.KeepAlive {
					b.Fatal(c)
				}
			}
		})
	}
}

func BenchmarkAppendTo(b *testing.B) {
	p, f := newParser(0, wire.Limits{}), new(headers.Fields)
	p.Start(0)
	if _, ok, err := p.Parse(f, []byte(browserRequest)); !ok {
		b.Fatal(err)
	}
	dst := make([]byte, 0, 1024)
	b.SetBytes(int64(len(browserRequest)))
	b.ReportAllocs()
	for b.Loop() {
		var err error
		if dst, err = f.AppendTo(dst[:0]); err != nil {
			b.Fatal(err)
		}
	}
}
