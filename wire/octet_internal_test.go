package wire

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// The scanners that read eight octets at a time, each beside the loop that its grammar says.
var scanners = []struct {
	name  string
	scan  func(b []byte) int // the offset of the first octet that ends the scan, or len(b)
	fits  func(c byte) bool
	plain byte // an octet that fits
}{
	{"indexNotValue", func(b []byte) int { return orLen(indexNotValue(b), len(b)) }, fitsValue, 'v'},
	{"indexNotValue of a string", func(b []byte) int { return orLen(indexNotValue(string(b)), len(b)) }, fitsValue, 0xff},
	{"scanTarget", func(b []byte) int { return scanTarget(b, 0, 0) }, fitsTarget, '/'},
	{"scanTarget with obs-text", func(b []byte) int { return scanTarget(b, 0, AllowObsTarget) },
		func(c byte) bool { return fitsTarget(c) || c >= 0x80 }, '/'},
	{"ConsumeFieldValue", consumeValue, fitsValue, ' '},
	{"scanReason", func(b []byte) int { return scanReason(b, 0, 0) }, fitsValue, 'r'},
}

// odd are octets beside which the classes change, or that differ from such a one in a bit.
var odd = []byte{0, 1, 8, '\t', '\n', '\r', 0x1f, ' ', '!', '"', '#', '$', '~', 0x7f, 0x80, 0x81, 0x89, 0x9f, 0xa0, 0xa3, 0xfe, 0xff}

func fitsValue(c byte) bool  { return c == '\t' || c >= ' ' && c != 0x7f }
func fitsTarget(c byte) bool { return c > ' ' && c < 0x7f && c != '#' }

func orLen(i, n int) int {
	if i < 0 {
		return n
	}
	return i
}

func consumeValue(b []byte) int {
	_, next, ok, err := ConsumeFieldValue(b, 0, 0, 0)
	switch e, _ := err.(*SyntaxError); {
	case e != nil:
		return int(e.Offset)
	case ok:
		return next - len("\r\n")
	}
	return next
}

func naive(b []byte, fits func(byte) bool) int {
	for i, c := range b {
		if !fits(c) {
			return i
		}
	}
	return len(b)
}

// Every octet, at every place of every length up to 40; and those beside which the classes change, at every
// alignment.
func TestScannersAtEveryPlace(t *testing.T) {
	var all []byte
	for c := range 256 {
		all = append(all, byte(c))
	}
	for _, s := range scanners {
		for align := range 8 {
			octets := odd
			if align == 0 {
				octets = all
			}
			memory := bytes.Repeat([]byte{0}, 64)
			for n := range 41 {
				b := memory[align : align+n : align+n]
				for i := range b {
					b[i] = s.plain
				}
				for at := range n {
					for _, c := range octets {
						b[at] = c
						want := n
						if !s.fits(c) {
							want = at
						}
						if got := s.scan(b); got != want {
							t.Fatalf("%s, octet %#x at %d of %d, alignment %d: %d; want %d", s.name, c, at, n, align, got, want)
						}
					}
					b[at] = s.plain
				}
				clear(memory)
			}
		}
	}
}

func TestScannersAtRandom(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 30_000 {
		b := make([]byte, r.IntN(41))
		for i := range b {
			b[i] = byte(0x21 + r.IntN(0x5e))
			if r.IntN(8) == 0 {
				b[i] = odd[r.IntN(len(odd))]
			}
		}
		for _, s := range scanners {
			want := naive(b, s.fits)
			if got := s.scan(b); got != want {
				t.Fatalf("%s, %q: %d; want %d", s.name, b, got, want)
			}
		}
	}
}

// The lowest mark is at the lowest octet that is meant, whatever stands above it.
func TestControls(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 200_000 {
		x := r.Uint64()
		for _, floor := range []uint64{0x20, 0x21} {
			want := -1
			for k := range 8 {
				if c := byte(x >> (8 * k)); uint64(c) < floor || c == 0x7f {
					want = k
					break
				}
			}
			got := -1
			if marks := controls(x, floor); marks != 0 {
				got = firstMark(marks)
			}
			if got != want {
				t.Fatalf("%#016x, floor %#x: octet %d; want %d", x, floor, got, want)
			}
		}
	}
}

func TestLoad64(t *testing.T) {
	const text = "0123456789"
	if got := load64(text, 2); got != load64([]byte(text), 2) || got != 0x3938373635343332 {
		t.Errorf("%#x", got)
	}
}
