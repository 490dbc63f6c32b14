package headers_test

import (
	"testing"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// In steady state nothing here allocates.
func TestAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	data := []byte(serverResponse)
	p, received := newParser(0, wire.Limits{}), new(headers.Fields)
	sent, copied := new(headers.Fields), new(headers.Fields)
	dst := make([]byte, 0, 1024)
	name, value := []byte("Date"), []byte("Thu, 14 Mar 2024 09:26:53 GMT")
	for _, c := range []struct {
		name string
		run  func() bool
	}{
		{"Parser", func() bool {
			p.Start(0)
			_, ok, _ := p.Parse(received, data)
			return ok && received.Len() == 9
		}},
		{"Parser in two pieces", func() bool {
			p.Start(0)
			_, early, _ := p.Parse(received, data[:100])
			_, ok, _ := p.Parse(received, data)
			return ok && !early
		}},
		{"Control", func() bool {
			c := received.Control()
			return c.ContentLength == 18273 && c.KeepAlive
		}},
		{"reading", func() bool {
			n := 0
			for name, value := range received.All() {
				n += len(name) + len(value)
			}
			for value := range received.Values("date") {
				n += len(value)
			}
			return n > 200 && received.Get("etag") != nil && received.HasElement("Cache-Control", "public")
		}},
		{"Fields reused", func() bool {
			sent.Reset()
			sent.Add("Host", "example.com")
			sent.AddBytes(name, value)
			sent.Set("Host", "example.org")
			sent.Del("Date")
			return sent.Len() == 1
		}},
		{"CopyFrom", func() bool {
			copied.CopyFrom(received)
			return copied.Len() == 9
		}},
		{"AppendTo", func() bool {
			var err error
			dst, err = received.AppendTo(dst[:0])
			return err == nil && len(dst) == len(data)-2
		}},
	} {
		ok := true
		if n := testing.AllocsPerRun(100, func() { ok = c.run() && ok }); n != 0 || !ok {
			t.Errorf("%s: %v allocations a run, ok = %v", c.name, n, ok)
		}
	}
}
