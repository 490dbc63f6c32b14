package cassette_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"regexp"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/cassette"
	"github.com/strata-http/strata/transport/memory"
)

// chatter is a server whose every connection does what its first octet says, at moments of its own.
func chatter(seed uint64) func(c net.Conn) {
	return func(c net.Conn) {
		var first [1]byte
		if _, err := io.ReadFull(c, first[:]); err != nil {
			return
		}
		r := rand.New(rand.NewPCG(seed, uint64(first[0])))
		buf := make([]byte, 64)
		for range r.IntN(6) {
			c.Write(randomOctets(r, 1+r.IntN(200)))
			time.Sleep(time.Duration(r.Int64N(int64(time.Hour))))
			if r.IntN(3) == 0 {
				c.Read(buf)
			}
		}
		switch r.IntN(3) {
		case 0:
			c.(*memory.Conn).Reset()
		case 1:
			c.(*memory.Conn).CloseWrite()
			io.Copy(io.Discard, c)
		}
	}
}

func randomOctets(r *rand.Rand, n int) []byte {
	const common = "abc \\\r\n\t\"*[]xü\x00\xff"
	b := make([]byte, n)
	for i := range b {
		if b[i] = byte(r.Uint32()); r.IntN(4) > 0 {
			b[i] = common[r.IntN(len(common))]
		}
	}
	return b
}

// chat is one connection of a client, which is as deterministic as what it hears.
func chat(d transport.Dialer, seed, number uint64) {
	r := rand.New(rand.NewPCG(seed, number))
	address := "example.org:80"
	if r.IntN(6) == 0 {
		address = "nobody.example:80"
	}
	c, err := d.DialContext(context.Background(), "tcp", address)
	if err != nil {
		return
	}
	defer c.Close()
	c.Write([]byte{byte(number)})
	buf := make([]byte, 1+r.IntN(100))
	for range r.IntN(8) {
		switch r.IntN(4) {
		case 0:
			if _, err := c.Write(randomOctets(r, 1+r.IntN(100))); err != nil {
				return
			}
		case 1:
			time.Sleep(time.Duration(r.Int64N(int64(time.Minute))))
		case 2:
			c.(interface{ CloseWrite() error }).CloseWrite()
		default:
			c.SetReadDeadline(time.Now().Add(time.Duration(1 + r.Int64N(int64(time.Hour)))))
			if _, err := c.Read(buf); err != nil && r.IntN(2) == 0 {
				return
			}
		}
	}
}

// chats runs several connections, that begin at moments of their own, so that they overlap and their order is
// always the same.
func chats(d transport.Dialer, seed uint64) {
	var wg sync.WaitGroup
	for i := range uint64(4) {
		time.Sleep(time.Duration(1+seed%7) * time.Second)
		wg.Go(func() { chat(d, seed, i) })
	}
	wg.Wait()
}

// record, replay, record again is the identity, times and all.
func TestIdentity(t *testing.T) {
	options := map[string][]cassette.Option{
		"plain":    nil,
		"redacted": {cassette.RedactPattern(regexp.MustCompile(`[a-c]+(\s)`)), cassette.RedactPattern(regexp.MustCompile(`[\x80-\xff]`))},
	}
	for name, opts := range options {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(60) {
				synctest.Test(t, func(t *testing.T) {
					n := new(memory.Network)
					l, err := n.Listen("example.org:80")
					if err != nil {
						t.Fatal(err)
					}
					first, second := path(t), path(t)
					go serve(l, chatter(seed))
					one := record(t, n, first, opts...)
					chats(one, seed)
					l.Close()
					time.Sleep(24 * time.Hour) // the server's part is over
					if err := one.Close(); err != nil {
						t.Fatal(err)
					}

					tape := replay(t, first, cassette.Timed())
					again := record(t, tape, second, opts...)
					chats(again, seed)
					if err := errors.Join(tape.Complete(), again.Close()); err != nil {
						t.Errorf("seed %d: %v", seed, err)
					}
					if diff := cmp.Diff(content(t, first), content(t, second)); diff != "" {
						t.Errorf("seed %d (-first +second):\n%s", seed, diff)
					}
				})
				if t.Failed() {
					return
				}
			}
		})
	}
}

// The same without the times: segments as recorded, none waited for.
func TestIdentityUntimed(t *testing.T) {
	first, second := path(t), path(t)
	network := world(t, func(c net.Conn) {
		buf := make([]byte, 64)
		for {
			n, err := c.Read(buf)
			if err != nil {
				return
			}
			fmt.Fprintf(c, "you said %q\n", buf[:n])
		}
	})
	talk := func(d transport.Dialer) {
		for i := range 3 {
			c := dial(t, d)
			for j := range 3 {
				s := fmt.Sprintf("%d.%d", i, j)
				write(t, c, s)
				read(t, c, fmt.Sprintf("you said %q\n", s))
			}
			c.Close()
		}
	}
	one := record(t, network, first, cassette.Stable())
	talk(one)
	finish(t, one)
	tape := replay(t, first)
	again := record(t, tape, second, cassette.Stable())
	talk(again)
	finish(t, tape)
	finish(t, again)
	if diff := cmp.Diff(content(t, first), content(t, second)); diff != "" {
		t.Errorf("(-first +second):\n%s", diff)
	}
}
