package transport_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/strata-http/strata/transport"
)

// awaitReady asks Ready until what was sent has come. A foreign connection waits for itself, one millisecond a time.
func awaitReady(c net.Conn) error {
	for {
		if ready, err := transport.Ready(c); ready {
			return err
		} else if err != nil {
			return errors.Join(errors.New("Ready returned false with an error"), err)
		}
	}
}

func TestReady(t *testing.T) {
	tests := []struct {
		name string
		do   func(client, server net.Conn) error
		want error // when ready
	}{
		{"octets", func(c, s net.Conn) error { _, err := io.WriteString(s, "x"); return err }, nil},
		{"close", func(c, s net.Conn) error { return s.Close() }, io.EOF},
		{"half-close", func(c, s net.Conn) error { return s.(interface{ CloseWrite() error }).CloseWrite() }, io.EOF},
		{"own close", func(c, s net.Conn) error { return c.Close() }, net.ErrClosed},
		{"octets, then close", func(c, s net.Conn) error { _, err := io.WriteString(s, "x"); return errors.Join(err, s.Close()) }, nil},
		{"reset", func(c, s net.Conn) error { return reset(s) }, syscall.ECONNRESET},
	}
	for _, m := range slices.Concat(plain, secure) {
		for _, tt := range tests {
			t.Run(m.name+"/"+tt.name, func(t *testing.T) {
				c, s := m.make(t)
				// A deadline that has passed does not count, but for a foreign connection, which loses it.
				c.SetReadDeadline(time.Unix(1, 0))
				if tt.name == "reset" && !canReset(s) {
					t.Skip("this kind of connection has no reset")
				}
				for range 2 { // the first answer must not spoil the second
					if ready, err := transport.Ready(c); ready || err != nil {
						t.Fatalf("Ready of an idle connection = %v, %v", ready, err)
					}
				}
				if err := tt.do(c, s); err != nil {
					t.Fatal(err)
				}
				if err := awaitReady(c); !errors.Is(err, tt.want) || tt.want == nil && err != nil {
					t.Errorf("Ready = true, %v, want %v", err, tt.want)
				}
			})
		}
	}
}

// below is the connection under all layers of TLS.
func below(c net.Conn) net.Conn {
	for {
		n, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return c
		}
		c = n.NetConn()
	}
}

func canReset(c net.Conn) bool {
	switch below(c).(type) {
	case interface{ Reset() error }, interface{ SetLinger(int) error }:
		return true
	}
	return false
}

func reset(c net.Conn) error {
	switch c := below(c).(type) {
	case interface{ Reset() error }:
		return c.Reset()
	case interface{ SetLinger(int) error }:
		return errors.Join(c.SetLinger(0), c.(net.Conn).Close())
	}
	return errors.ErrUnsupported
}

// Ready consumes nothing, however often it is asked, and the deadlines stay as they are.
func TestReadyConsumesNothing(t *testing.T) {
	for _, m := range slices.Concat(plain, secure) {
		t.Run(m.name, func(t *testing.T) {
			c, s := m.make(t)
			if _, err := transport.Peek(c); errors.Is(err, errors.ErrUnsupported) {
				t.Skip("a foreign connection is documented to lose an octet")
			}
			past := time.Unix(1, 0)
			c.SetReadDeadline(past)
			go func() {
				io.WriteString(s, "hello")
				s.Close()
			}()
			for range 3 {
				if err := awaitReady(c); err != nil {
					t.Errorf("Ready = true, %v", err)
				}
			}
			if _, ok := c.(*transport.TLSConn); !ok { // it has an octet in its hands
				if _, err := c.Read(make([]byte, 8)); !isTimeout(err) {
					t.Errorf("Read past the deadline = %v after Ready", err)
				}
			}
			c.SetReadDeadline(time.Time{})
			got, err := io.ReadAll(c)
			if string(got) != "hello" || err != nil {
				t.Errorf("after Ready ReadAll = %q, %v", got, err)
			}
			if err := awaitReady(c); !errors.Is(err, io.EOF) {
				t.Errorf("Ready at the end = %v", err)
			}
		})
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// After Ready found a TLS connection quiet the caller's deadline is in force again.
func TestReadyKeepsDeadline(t *testing.T) {
	for _, m := range secure {
		t.Run(m.name, func(t *testing.T) {
			c, s := m.make(t)
			c.SetReadDeadline(time.Unix(1, 0))
			if ready, err := transport.Ready(c); ready || err != nil {
				t.Fatalf("Ready = %v, %v", ready, err)
			}
			if _, err := c.Read(make([]byte, 1)); !isTimeout(err) {
				t.Errorf("Read past the deadline = %v", err)
			}
			c.SetDeadline(time.Time{})
			send(t, s, "x")
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Errorf("Read after the time-out = %v", err)
			}
		})
	}
}

func TestPeekForeign(t *testing.T) {
	c, s := foreignPair(t)
	send(t, s, "x")
	if ready, err := transport.Peek(c); ready || !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Peek = %v, %v, want errors.ErrUnsupported", ready, err)
	}
	if b, err := io.ReadAll(io.LimitReader(c, 1)); string(b) != "x" || err != nil {
		t.Errorf("after Peek Read = %q, %v", b, err)
	}
}

// TLS 1.3 servers send session tickets behind the handshake. They are taken in without harm.
func TestReadyTakesTickets(t *testing.T) {
	for _, m := range secure {
		t.Run(m.name, func(t *testing.T) {
			c, s := m.make(t)
			session := c.(*transport.TLSConn)
			if session.ConnectionState().Version != tls.VersionTLS13 {
				t.Skip("tickets come inside the handshake")
			}
			if ready, err := transport.Peek(session.NetConn()); err == nil && !ready {
				if err := await(t, session.NetConn()); err != nil {
					t.Fatal(err)
				}
			}
			if ready, err := transport.Ready(c); ready || err != nil {
				t.Errorf("Ready with a ticket below = %v, %v", ready, err)
			}
			if ready, err := transport.Peek(session.NetConn()); ready {
				t.Errorf("after Ready octets wait below still, %v", err)
			}
			send(t, s, "x")
			if err := awaitReady(c); err != nil {
				t.Errorf("Ready = %v", err)
			}
		})
	}
}

func TestReadyDuringRead(t *testing.T) {
	c, s := tlsPair(memoryPair, tls.VersionTLS13)(t)
	done := make(chan error, 1)
	go func() {
		_, err := c.Read(make([]byte, 1))
		done <- err
	}()
	for { // until the Read has begun
		if ready, err := transport.Ready(c); ready {
			if err == nil || errors.Is(err, io.EOF) {
				t.Errorf("Ready during a Read = %v, %v", ready, err)
			}
			break
		}
	}
	send(t, s, "x")
	if err := <-done; err != nil {
		t.Errorf("Read = %v", err)
	}
}

func BenchmarkReady(b *testing.B) {
	for _, m := range []maker{plain[0], plain[1], plain[2], secure[0]} {
		b.Run(m.name, func(b *testing.B) {
			c, _ := m.make(b)
			b.ReportAllocs()
			for b.Loop() {
				if ready, err := transport.Ready(c); ready || err != nil {
					b.Fatal(ready, err)
				}
			}
		})
	}
}
