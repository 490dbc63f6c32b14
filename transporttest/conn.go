package transporttest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/nettest"

	"github.com/strata-http/strata/transport"
)

// TestConn runs nettest.TestConn on the connections of a stack. With [Stack].TLS it asks the same in tests of its own,
// but for the use of a connection after a write time-out.
func TestConn(t *testing.T, make func(t *testing.T) Stack) {
	s := newStand(t, make)
	if s.TLS {
		for _, sub := range sessionTests {
			t.Run(sub.name, func(t *testing.T) { sub.run(t, newStand(t, make)) })
		}
		return
	}
	s.watchdog.Stop() // nettest has one for each of its subtests
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		c1, c2, err = s.pair()
		return c1, c2, func() { c1.Close(); c2.Close() }, err
	})
}

// sessionTests ask of a TLS session what nettest asks of other connections.
var sessionTests = []subtest{
	{"BasicIO", sessionBasicIO},
	{"PingPong", sessionPingPong},
	{"RacyRead", sessionRacyRead},
	{"RacyWrite", sessionRacyWrite},
	{"ReadTimeout", sessionReadTimeout},
	{"WriteTimeoutIsFinal", sessionWriteTimeout},
	{"PresentTimeout", sessionPresentTimeout},
	{"CloseTimeout", sessionCloseTimeout},
	{"ConcurrentMethods", sessionConcurrentMethods},
}

var past = time.Unix(1, 0)

// shortly is a time that a test can wait for.
const shortly = 20 * time.Millisecond

// noise returns n octets that compress and repeat in no way.
func noise(n int) []byte {
	p := make([]byte, n)
	rand.NewChaCha8([32]byte{'n'}).Read(p)
	return p
}

func sessionBasicIO(t *testing.T, s *stand) {
	client, server := s.open()
	want := noise(1 << 20)
	for _, way := range []struct {
		name     string
		from, to net.Conn
	}{{"server to client", server, client}, {"client to server", client, server}} {
		s.wg.Go(func() {
			for rest := want; len(rest) > 0; rest = rest[min(len(rest), 1500):] {
				if _, err := way.from.Write(rest[:min(len(rest), 1500)]); err != nil {
					t.Errorf("%s: Write = %v", way.name, err)
					return
				}
			}
		})
		got := make([]byte, len(want))
		if n, err := io.ReadFull(way.to, got); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d octets of %d came, then %v, or they differ", way.name, n, len(want), err)
		}
	}
}

func sessionPingPong(t *testing.T, s *stand) {
	client, server := s.open()
	s.echo(server)
	for i := range 500 {
		roundTrip(t, client, strings.Repeat(string(rune('a'+i%26)), 1+i%16))
	}
}

// echo sends back what c receives, until it ends.
func (s *stand) echo(c net.Conn) {
	s.wg.Go(func() { io.Copy(c, struct{ io.Reader }{c}) })
}

// roundTrip sends text to a peer that echoes.
func roundTrip(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatalf("Write = %v", err)
	}
	got := make([]byte, len(text))
	if n, err := io.ReadFull(c, got); string(got) != text {
		t.Fatalf("the echo of %q is %q, then %v", text, got[:n], err)
	}
}

// Readers may change their buffer as soon as a Read that timed out has returned.
func sessionRacyRead(t *testing.T, s *stand) {
	client, server := s.open()
	s.wg.Go(func() { io.Copy(server, rand.NewChaCha8([32]byte{})) })
	racy(t, client.Read, client.SetReadDeadline, false)
}

// Writers may change theirs too; once one has timed out they fail for good.
func sessionRacyWrite(t *testing.T, s *stand) {
	client, server := s.open()
	s.wg.Go(func() { io.Copy(io.Discard, server) })
	racy(t, client.Write, client.SetWriteDeadline, true)
}

// racy calls op from several goroutines that write to its buffer afterwards, for the race detector to see.
func racy(t *testing.T, op func([]byte) (int, error), setDeadline func(time.Time) error, final bool) {
	setDeadline(time.Now().Add(time.Millisecond))
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			buf := make([]byte, 1024)
			for range 100 {
				_, err := op(buf)
				clear(buf)
				if err == nil {
					continue
				}
				if !isTimeout(err) {
					t.Errorf("got %v, want a time-out", err)
				}
				if final {
					return
				}
				setDeadline(time.Now().Add(time.Millisecond))
			}
		})
	}
	wg.Wait()
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// A read may time out any number of times, and neither reads nor writes suffer.
func sessionReadTimeout(t *testing.T, s *stand) {
	client, server := s.open()
	s.echo(server)
	for _, limit := range []struct {
		name string
		set  func()
	}{
		{"past", func() { client.SetReadDeadline(past) }},
		{"present", func() { s.wg.Go(func() { client.SetReadDeadline(past) }) }},
		{"future", func() { client.SetReadDeadline(time.Now().Add(shortly)) }},
	} {
		limit.set()
		if n, err := client.Read(make([]byte, 1)); n != 0 || !isTimeout(err) {
			t.Errorf("%s: Read = %d, %v, want a time-out", limit.name, n, err)
		}
		client.SetReadDeadline(time.Time{})
		roundTrip(t, client, "still there after a deadline in the "+limit.name)
	}
}

// A write that timed out may have sent a part of a record, so crypto/tls lets none follow: later writes fail, at once
// and whatever the deadline. Reads go on. An adapter above TLS may have held the write back before crypto/tls saw it;
// then later ones are whole.
func sessionWriteTimeout(t *testing.T, s *stand) {
	client, server := s.open()
	client.SetWriteDeadline(past)
	if _, err := client.Write([]byte("late")); !isTimeout(err) || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("Write past the deadline = %v, want os.ErrDeadlineExceeded", err)
	}
	client.SetWriteDeadline(time.Time{})
	for range 2 {
		n, err := client.Write([]byte("later"))
		switch {
		case err == nil && !isSession(client):
			got := make([]byte, len("later"))
			if m, err := io.ReadFull(server, got); string(got) != "later" {
				t.Errorf("after a time-out the server received %q, %v", got[:m], err)
			}
		case n != 0 || err == nil:
			t.Errorf("Write after a time-out = %d, %v, want an error", n, err)
		}
	}
	if _, err := io.WriteString(server, "x"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(client, make([]byte, 1)); err != nil {
		t.Errorf("Read after a write time-out = %v", err)
	}
}

// isSession tells a TLS session from a connection that has one below.
func isSession(c net.Conn) bool {
	switch c.(type) {
	case *transport.TLSConn, *tls.Conn:
		return true
	}
	return false
}

// A deadline ends calls that block already.
func sessionPresentTimeout(t *testing.T, s *stand) {
	client, _ := s.open()
	var wg sync.WaitGroup
	blocked := make(chan struct{}, 2)
	wg.Go(func() {
		blocked <- struct{}{}
		if n, err := client.Read(make([]byte, 1)); n != 0 || !isTimeout(err) {
			t.Errorf("Read = %d, %v, want a time-out", n, err)
		}
	})
	wg.Go(func() {
		blocked <- struct{}{}
		if err := writeUntilError(client); !isTimeout(err) {
			t.Errorf("Write = %v, want a time-out", err)
		}
	})
	<-blocked
	<-blocked
	client.SetDeadline(past)
	wg.Wait()
}

// writeUntilError fills a connection whose peer does not read.
func writeUntilError(c net.Conn) (err error) {
	for p := make([]byte, 64<<10); err == nil; {
		_, err = c.Write(p)
	}
	return err
}

// Close ends calls that block already.
func sessionCloseTimeout(t *testing.T, s *stand) {
	client, _ := s.open()
	var wg sync.WaitGroup
	blocked := make(chan struct{}, 2)
	wg.Go(func() {
		blocked <- struct{}{}
		if n, err := client.Read(make([]byte, 1)); n != 0 || err == nil || err == io.EOF {
			t.Errorf("Read during Close = %d, %v, want an error", n, err)
		}
	})
	wg.Go(func() {
		blocked <- struct{}{}
		writeUntilError(client)
	})
	<-blocked
	<-blocked
	client.Close()
	wg.Wait()
}

// Every method may be called at any time from any goroutine.
func sessionConcurrentMethods(_ *testing.T, s *stand) {
	client, server := s.open()
	s.echo(server)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() { client.Read(make([]byte, 64)) })
		wg.Go(func() { client.Write(make([]byte, 64)) })
		wg.Go(func() { client.SetDeadline(time.Now().Add(shortly)) })
		wg.Go(func() { client.SetReadDeadline(past) })
		wg.Go(func() { client.SetWriteDeadline(time.Now().Add(shortly)) })
		wg.Go(func() { client.LocalAddr(); client.RemoteAddr() })
	}
	wg.Wait() // no deadline is removed again, so that everything ends
}
