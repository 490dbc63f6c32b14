package wire_test

import (
	"testing"

	"github.com/strata-http/strata/internal/fuzztest"
	"github.com/strata-http/strata/wire"
)

// The fuzz targets check that the outcome is the same under every split, that reading allocates nothing but an
// error, and that what is valid can be written and read back. fuzzed fails the test where it is not.

// maxFuzz is how many octets a target reads: every split of them is tried.
const maxFuzz = 200

// fuzzed is replay, with a bound on what reading allocates.
func fuzzed(t *testing.T, k kind, in string, lenient wire.Lenient) outcome {
	t.Helper()
	fuzztest.Bounded(t, len(in), func() { k()([]byte(in), 0, 0, lenient) })
	return replay(t, k, in, lenient)
}

// addAll adds seeds, strict and with all leniencies.
func addAll(f *testing.F, seeds []string) {
	for _, seed := range seeds {
		if len(seed) <= maxFuzz {
			f.Add(seed, uint64(0))
			f.Add(seed, uint64(wire.LenientAll))
		}
	}
}

func FuzzRequestLine(f *testing.F) {
	for _, c := range requestLines {
		f.Add(c.in, uint64(c.lenient))
	}
	addAll(f, fuzztest.StartLines(f, "server"))
	f.Fuzz(func(t *testing.T, in string, bits uint64) {
		if len(in) > maxFuzz {
			return
		}
		lenient := wire.Lenient(bits) & wire.LenientAll
		if got := fuzzed(t, requestLine, in, lenient); !got.ok {
			return
		}
		l, next, _, _ := wire.ConsumeRequestLine([]byte(in), 0, 0, lenient)
		method, target := in[:l.MethodEnd], in[l.TargetStart:l.TargetEnd]
		got, err := wire.AppendRequestLine(nil, method, target, l.Version, lenient)
		if err != nil {
			t.Fatalf("%q: not written: %v", in, err)
		}
		if l.Admitted&wire.AllowBareLF == 0 && string(got) != in[:next] {
			t.Fatalf("%q written: %q", in[:next], got)
		}
		if a, err := wire.ParseTarget(method, target); err == nil &&
			(a.Form == 0 || a.AuthorityStart > a.AuthorityEnd || a.AuthorityEnd > len(target)) {
			t.Fatalf("%q: %+v", target, a)
		}
	})
}

func FuzzStatusLine(f *testing.F) {
	for _, c := range statusLines {
		f.Add(c.in, uint64(c.lenient))
	}
	addAll(f, fuzztest.StartLines(f, "client"))
	f.Fuzz(func(t *testing.T, in string, bits uint64) {
		if len(in) > maxFuzz {
			return
		}
		lenient := wire.Lenient(bits) & wire.LenientAll
		if got := fuzzed(t, statusLine, in, lenient); !got.ok {
			return
		}
		l, next, _, _ := wire.ConsumeStatusLine([]byte(in), 0, 0, lenient)
		got, err := wire.AppendStatusLine(nil, l.Version, l.Status, in[l.ReasonStart:l.ReasonEnd])
		if refused := l.Status < 100 || l.Admitted&wire.AllowReasonControls != 0; refused != (err != nil) {
			t.Fatalf("%q written: %q, %v", in, got, err)
		}
		if err == nil && l.Admitted == 0 && string(got) != in[:next] {
			t.Fatalf("%q written: %q", in[:next], got)
		}
	})
}

func FuzzFieldLine(f *testing.F) {
	for _, c := range fieldLines {
		f.Add(c.in, uint64(c.lenient))
	}
	addAll(f, fuzztest.FieldLines(f))
	f.Fuzz(func(t *testing.T, in string, bits uint64) {
		if len(in) > maxFuzz {
			return
		}
		lenient := wire.Lenient(bits) & wire.LenientAll
		if got := fuzzed(t, fieldLine, in, lenient); !got.ok {
			return
		}
		l, _, _, _ := wire.ConsumeFieldLine([]byte(in), 0, 0, lenient)
		name, value := in[:l.NameEnd], wire.AppendCleanValue(nil, []byte(in[l.ValueStart:l.ValueEnd]))
		got, err := wire.AppendFieldLine(nil, name, value)
		if refused := l.Admitted&(wire.AllowControls|wire.AllowLooseName) != 0; refused != (err != nil) {
			t.Fatalf("%q written: %q, %v", in, got, err)
		}
		if want := name + ": " + string(value) + "\r\n"; err == nil && string(got) != want {
			t.Fatalf("%q written: %q; want %q", in, got, want)
		}
	})
}

// FuzzFieldValue reads what continues a folded field line, and FuzzChunkEnd what follows chunk-data: what can be
// written back of either is checked by the targets of whole sections and bodies.
func FuzzFieldValue(f *testing.F) {
	for _, c := range fieldLines {
		f.Add(c.in, uint64(c.lenient))
	}
	addAll(f, fuzztest.FieldLines(f))
	f.Fuzz(func(t *testing.T, in string, bits uint64) {
		if len(in) > maxFuzz {
			return
		}
		lenient := wire.Lenient(bits) & wire.LenientAll
		if got := fuzzed(t, fieldValue, in, lenient); !got.ok {
			return
		}
		l, next, _, _ := wire.ConsumeFieldValue([]byte(in), 0, 0, lenient)
		if l.ValueStart < 0 || l.ValueStart > l.ValueEnd || l.ValueEnd >= next {
			t.Fatalf("%q: %+v, next %d", in, l, next)
		}
	})
}

func FuzzChunkEnd(f *testing.F) {
	addAll(f, []string{"\r\n", "\n", "\r", "\r\r\n", " \r\n", "X", ""})
	f.Fuzz(func(t *testing.T, in string, bits uint64) {
		if len(in) <= maxFuzz {
			got := fuzzed(t, chunkEnd, in, wire.Lenient(bits)&wire.LenientAll)
			if got.ok && in[:got.next] != "\r\n" && in[:got.next] != "\n" {
				t.Fatalf("%q ends a chunk", in[:got.next])
			}
		}
	})
}

func FuzzChunkHead(f *testing.F) {
	for _, c := range chunkHeads {
		f.Add(c.in, uint64(c.lenient))
	}
	addAll(f, fuzztest.Bodies(f))
	f.Fuzz(func(t *testing.T, in string, bits uint64) {
		if len(in) > maxFuzz {
			return
		}
		lenient := wire.Lenient(bits) & wire.LenientAll
		if got := fuzzed(t, chunkHead, in, lenient); !got.ok {
			return
		}
		h, _, _, _ := wire.ConsumeChunkHead([]byte(in), 0, 0, wire.ChunkHead{}, lenient)
		if h.Admitted&wire.AllowLooseChunkExt != 0 {
			return
		}
		// Its extensions, without whitespace around "=" and ";", can be written and are the same.
		var ext []byte
		for rest := []byte(in[h.ExtStart:h.ExtEnd]); len(rest) > 0; {
			name, value, n := wire.ConsumeChunkExt(rest)
			if n == 0 {
				t.Fatalf("%q: extensions end at %q", in, rest)
			}
			ext = append(append(ext, ';'), name...)
			if value != nil {
				ext = append(append(ext, '='), value...)
			}
			rest = rest[n:]
		}
		got, err := wire.AppendChunkHead(nil, h.Size, ext)
		if err != nil {
			t.Fatalf("%q: not written: %v", in, err)
		}
		back, next, ok, err := wire.ConsumeChunkHead(got, 0, 0, wire.ChunkHead{}, 0)
		if !ok || next != len(got) || back.Size != h.Size || string(got[back.ExtStart:back.ExtEnd]) != string(ext) {
			t.Fatalf("%q read back: %+v, %v", got, back, err)
		}
	})
}

// FuzzAuthority checks that nothing that takes an authority apart can be confused by what another would
// take for a delimiter.
func FuzzAuthority(f *testing.F) {
	for _, seed := range []string{"a:80", "[::1]:443", "[v1.a]", "a%20b", "u@a", "1:2:3:4::5:6:7:8"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		a, bad := wire.ParseAuthority(in)
		if bad >= 0 {
			if bad >= len(in) {
				t.Fatalf("%q: bad at %d", in, bad)
			}
			return
		}
		for i := range len(in) {
			if c := in[i]; c <= ' ' || c >= 0x7f || c == '/' || c == '@' || c == '?' || c == '#' || c == '\\' {
				t.Fatalf("%q was taken, with %q", in, c)
			}
		}
		if a.Port > 65535 || a.HostEnd > len(in) || a.Port >= 0 && in[a.HostEnd] != ':' {
			t.Fatalf("%q: %+v", in, a)
		}
	})
}
