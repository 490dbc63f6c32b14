package transport_test

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

	"github.com/strata-http/strata/transport"
)

// eachTLS runs f on a pair of every kind of session.
func eachTLS(t *testing.T, f func(t *testing.T, c *transport.TLSConn, s *tls.Conn)) {
	t.Helper()
	for _, m := range secure {
		t.Run(m.name, func(t *testing.T) {
			c, s := m.make(t)
			f(t, c.(*transport.TLSConn), s.(*tls.Conn))
		})
	}
}

// The tests that follow ask of TLS what nettest.TestConn asks of other connections, but for the use of a connection
// after a write time-out, which crypto/tls forbids.

func TestTLSBasicIO(t *testing.T) {
	eachTLS(t, func(t *testing.T, c *transport.TLSConn, s *tls.Conn) {
		want := make([]byte, 1<<20)
		rand.NewChaCha8([32]byte{}).Read(want)
		for _, dir := range []struct{ from, to net.Conn }{{s, c}, {c, s}} {
			go func() {
				dir.from.Write(want)
				dir.from.(interface{ CloseWrite() error }).CloseWrite()
			}()
			got, err := io.ReadAll(dir.to)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("read %d octets of %d, %v, or they differ", len(got), len(want), err)
			}
		}
	})
}

func TestTLSPingPong(t *testing.T) {
	eachTLS(t, func(t *testing.T, c *transport.TLSConn, s *tls.Conn) {
		go io.Copy(s, s)
		buf := make([]byte, 16)
		for i := range 500 {
			want := strings.Repeat(string(rune('a'+i%26)), 1+i%16)
			send(t, c, want)
			if n, err := io.ReadFull(c, buf[:len(want)]); string(buf[:n]) != want || err != nil {
				t.Fatalf("echo %d = %q, %v, want %q", i, buf[:n], err, want)
			}
		}
	})
}

// Readers may change their buffer as soon as a Read that timed out has returned.
func TestTLSRacyRead(t *testing.T) {
	eachTLS(t, func(t *testing.T, c *transport.TLSConn, s *tls.Conn) {
		go io.Copy(s, rand.NewChaCha8([32]byte{}))
		c.SetReadDeadline(time.Now().Add(time.Millisecond))
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				a, b := make([]byte, 1024), make([]byte, 1024)
				for range 100 {
					_, err := c.Read(a)
					copy(a, b)
					if err != nil {
						if !isTimeout(err) {
							t.Errorf("Read = %v", err)
						}
						c.SetReadDeadline(time.Now().Add(time.Millisecond))
					}
				}
			})
		}
		wg.Wait()
		below(c).Close() // the writer stops
	})
}

func TestTLSReadTimeout(t *testing.T) {
	eachTLS(t, func(t *testing.T, c *transport.TLSConn, s *tls.Conn) {
		go io.Copy(s, s)
		past := time.Unix(1, 0)
		for _, when := range []string{"past", "present", "future"} {
			switch when {
			case "past":
				c.SetReadDeadline(past)
			case "present":
				go c.SetReadDeadline(past)
			case "future":
				c.SetReadDeadline(time.Now().Add(5 * time.Millisecond))
			}
			_, err := c.Read(make([]byte, 1))
			var n temporary
			if !errors.Is(err, os.ErrDeadlineExceeded) || !errors.As(err, &n) || !n.Timeout() || !n.Temporary() {
				t.Errorf("%s: Read = %#v, want a temporary time-out", when, err)
			}
			c.SetReadDeadline(time.Time{})
			send(t, c, "still there")
			buf := make([]byte, len("still there"))
			if _, err := io.ReadFull(c, buf); string(buf) != "still there" || err != nil {
				t.Fatalf("%s: after the time-out Read = %q, %v", when, buf, err)
			}
		}
	})
}

func TestTLSWriteTimeoutIsFinal(t *testing.T) {
	eachTLS(t, func(t *testing.T, c *transport.TLSConn, s *tls.Conn) {
		c.SetWriteDeadline(time.Unix(1, 0))
		if _, err := c.Write([]byte("x")); !isTimeout(err) || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write past the deadline = %v", err)
		}
		c.SetWriteDeadline(time.Time{})
		if _, err := c.Write([]byte("x")); err == nil {
			t.Error("Write after a time-out succeeded")
		}
		send(t, s, "y")
		if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
			t.Errorf("Read after a write time-out = %v", err)
		}
	})
}

func TestTLSCloseWhileBlocked(t *testing.T) {
	eachTLS(t, func(t *testing.T, c *transport.TLSConn, s *tls.Conn) {
		var wg sync.WaitGroup
		started := make(chan struct{}, 2)
		wg.Go(func() {
			started <- struct{}{}
			if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("Read during Close = %v", err)
			}
		})
		wg.Go(func() {
			started <- struct{}{}
			var err error
			for p := make([]byte, 1<<20); err == nil; { // s never reads
				_, err = c.Write(p)
			}
		})
		<-started
		<-started
		c.Close()
		wg.Wait()
	})
}

func TestTLSConcurrentMethods(t *testing.T) {
	eachTLS(t, func(t *testing.T, c *transport.TLSConn, s *tls.Conn) {
		go io.Copy(s, s)
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { c.Read(make([]byte, 64)) })
			wg.Go(func() { c.Write(make([]byte, 64)) })
			wg.Go(func() { c.SetReadDeadline(time.Unix(1, 0)) })
			wg.Go(func() { c.SetDeadline(time.Now().Add(time.Hour)) })
			wg.Go(func() { transport.Ready(c) })
			wg.Go(func() { c.LocalAddr(); c.RemoteAddr(); c.ConnectionState(); c.NetConn(); c.Session() })
		}
		ended := make(chan struct{})
		go func() { wg.Wait(); close(ended) }()
		for {
			c.SetReadDeadline(time.Unix(1, 0)) // for the reads that found nothing
			select {
			case <-ended:
				return
			case <-time.After(time.Millisecond):
			}
		}
	})
}

// TestTLSEnds shows which ends of the raw stream are the end of the data.
func TestTLSEnds(t *testing.T) {
	tests := []struct {
		name string
		end  func(s *tls.Conn) error
		want error
	}{
		{"close_notify and FIN", func(s *tls.Conn) error { return s.Close() }, io.EOF},
		{"close_notify alone", func(s *tls.Conn) error { return s.CloseWrite() }, io.EOF},
		{"FIN alone", func(s *tls.Conn) error { return s.NetConn().Close() }, transport.ErrNoCloseNotify},
		{"FIN inside a record", func(s *tls.Conn) error {
			_, err := s.NetConn().Write([]byte{23, 3, 3, 0, 99, 1, 2, 3})
			return errors.Join(err, s.NetConn().Close())
		}, transport.ErrNoCloseNotify},
		{"FIN inside a record header", func(s *tls.Conn) error {
			_, err := s.NetConn().Write([]byte{23, 3})
			return errors.Join(err, s.NetConn().Close())
		}, transport.ErrNoCloseNotify},
	}
	for _, tt := range tests {
		for _, asked := range []bool{false, true} {
			name := tt.name
			if asked {
				name += ", after Ready"
			}
			t.Run(name, func(t *testing.T) {
				eachTLS(t, func(t *testing.T, c *transport.TLSConn, s *tls.Conn) {
					send(t, s, "the data")
					if err := tt.end(s); err != nil {
						t.Fatal(err)
					}
					if asked {
						if err := awaitReady(c); err != nil {
							t.Errorf("Ready before the data = %v", err)
						}
					}
					var got []byte
					var err error
					for buf := make([]byte, 3); err == nil; {
						var n int
						n, err = c.Read(buf)
						got = append(got, buf[:n]...)
					}
					if string(got) != "the data" || err != tt.want {
						t.Errorf("read %q, then %v, want all and %v", got, err, tt.want)
					}
					if _, again := c.Read(make([]byte, 1)); again != err {
						t.Errorf("a second Read = %v, want %v again", again, err)
					}
					if err := awaitReady(c); err != tt.want {
						t.Errorf("Ready at the end = %v, want %v", err, tt.want)
					}
				})
			})
		}
	}
}

// endsWithData returns the end of the stream along with its last octets, as io.Reader allows.
type endsWithData struct {
	net.Conn
	all []byte // what is left, once the stream was read to its end
	end bool
}

func (c *endsWithData) Read(p []byte) (int, error) {
	if !c.end {
		return c.Conn.Read(p)
	}
	n := copy(p, c.all)
	if c.all = c.all[n:]; len(c.all) == 0 {
		return n, io.EOF
	}
	return n, nil
}

// readToEnd takes in the rest of the stream, so that the end comes with data from now on.
func (c *endsWithData) readToEnd(t *testing.T) {
	t.Helper()
	var err error
	if c.all, err = io.ReadAll(c.Conn); err != nil {
		t.Fatal(err)
	}
	c.end = true
}

func TestTLSEndComesWithData(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(s *tls.Conn) error
		want error
	}{
		{"close_notify", func(s *tls.Conn) error { return s.Close() }, io.EOF},
		{"none", func(s *tls.Conn) error { return s.NetConn().Close() }, transport.ErrNoCloseNotify},
	} {
		for _, asked := range []bool{false, true} {
			t.Run(tt.name, func(t *testing.T) {
				var raw *endsWithData
				c, s := tlsPair(func(t testing.TB) (net.Conn, net.Conn) {
					a, b := memoryPair(t)
					raw = &endsWithData{Conn: a}
					return raw, b
				}, tls.VersionTLS13)(t)
				send(t, s, "the data")
				if err := tt.end(s.(*tls.Conn)); err != nil {
					t.Fatal(err)
				}
				raw.readToEnd(t)
				if asked {
					if ready, err := transport.Ready(c); !ready || err != nil {
						t.Errorf("Ready = %v, %v", ready, err)
					}
				}
				var got strings.Builder
				_, err := io.Copy(&got, c)
				if err == nil {
					err = io.EOF
				}
				if got.String() != "the data" || err != tt.want {
					t.Errorf("read %q, then %v, want %v", got.String(), err, tt.want)
				}
			})
		}
	}
}

func TestTLSHalfClose(t *testing.T) {
	eachTLS(t, func(t *testing.T, c *transport.TLSConn, s *tls.Conn) {
		go func() {
			request, _ := io.ReadAll(s)
			io.WriteString(s, "answer to "+string(request))
			s.CloseWrite()
		}()
		send(t, c, "a question")
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(c); string(got) != "answer to a question" || err != nil {
			t.Errorf("after CloseWrite ReadAll = %q, %v", got, err)
		}
		if _, err := c.Write([]byte("x")); err == nil {
			t.Error("Write after CloseWrite succeeded")
		}
	})
}
