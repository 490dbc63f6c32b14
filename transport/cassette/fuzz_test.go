package cassette

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/transport/tap"
)

// Whatever a cassette holds, and whatever is done with it, replaying ends: nothing panics, and no more is read than was
// recorded.
func FuzzReplay(f *testing.F) {
	const one = Header + "\ndial 1 0s tcp a:1\nopen 1 1ms tcp 192.0.2.1:1 -> tcp 192.0.2.2:2\n> 1 2ms\n  ask\\[2]\n< 1 1h\n  answer\n" +
		"> 1 -\n  more\n>error 1 2ms reset\n<end 1 3ms\nclose 1 5ms\n\ndial 2 0s tcp a:1\nfail 2 1s refused\n"
	f.Add(one, "askxxmore", uint8(0))
	f.Add(one, "ask", uint8(255))
	f.Add(one, "asked more", uint8(37))
	f.Fuzz(func(t *testing.T, text, writes string, how uint8) {
		events, err := Parse("f", strings.NewReader(text), 1<<16)
		if err != nil {
			return
		}
		c := newConfig([]Option{Segments(Segmentation(how%4) - 1)})
		c.timed, c.anyOrder = how&4 != 0, how&8 != 0
		if how&16 != 0 {
			c.match = func(turn Turn, written []byte) (int, error) { return min(len(turn.Octets), len(written)), nil }
		}
		p := &player{config: c, file: "f", tracks: tracks(events)}
		synctest.Test(t, func(t *testing.T) {
			for _, tr := range p.tracks {
				play(t, p, tr.dial, writes, int(how>>5)+1)
			}
			p.complete()
		})
	})
}

// play dials as was recorded, writes in pieces and reads in between.
func play(t *testing.T, p *player, dial Event, writes string, piece int) {
	c, err := p.dial(context.Background(), dial.Network, dial.Address)
	if err != nil {
		return
	}
	defer c.Close()
	recorded := 0
	for _, tr := range p.tracks {
		for _, e := range tr.events {
			if e.Direction == tap.In {
				recorded += len(e.Octets)
			}
		}
	}
	buf := make([]byte, 16)
	for ; writes != ""; writes = writes[min(piece, len(writes)):] {
		c.Write([]byte(writes[:min(piece, len(writes))]))
		c.SetReadDeadline(time.Now().Add(time.Minute))
		n, _ := c.Read(buf)
		recorded -= n
		c.(*conn).Ready()
	}
	c.(*conn).CloseWrite()
	for {
		c.SetReadDeadline(time.Now().Add(1000 * time.Hour))
		n, err := c.Read(buf)
		if recorded -= n; recorded < 0 {
			t.Fatal("more was read than was recorded")
		}
		if err != nil && n > 0 || err == io.ErrNoProgress {
			t.Fatalf("%d octets with %v", n, err)
		}
		if err != nil {
			return
		}
	}
}
