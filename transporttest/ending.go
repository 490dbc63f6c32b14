package transporttest

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// endingTests are about how calls and connections end, and what the errors are.
var endingTests = []subtest{
	{"ReadDeadline", testReadDeadline},
	{"WriteDeadline", testWriteDeadline},
	{"CloseWhileBlocked", testCloseWhileBlocked},
	{"AfterClose", testAfterClose},
	{"PeerGone", testPeerGone},
	{"DialContextEndsWithDialling", testDialContextEnds},
	{"DialCancelled", testDialCancelled},
	{"DialCancelledMeanwhile", testDialCancelledMeanwhile},
	{"DialTooLate", testDialTooLate},
	{"DialNobody", testDialNobody},
}

// checkTimeout asks of a time-out what package net promises, and Temporary, without which crypto/tls above the
// connection would stay failed.
func checkTimeout(t *testing.T, op string, err error) {
	t.Helper()
	n, ok := err.(net.Error)
	if !ok || !n.Timeout() {
		t.Errorf("%s: got %T %v, want a net.Error with Timeout() true", op, err, err)
		return
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s: %v is not os.ErrDeadlineExceeded", op, err)
	}
	if temporary, ok := err.(interface{ Temporary() bool }); !ok || !temporary.Temporary() {
		t.Errorf("%s: Temporary of the time-out %v is false", op, err)
	}
}

// A read that times out takes nothing with it.
func testReadDeadline(t *testing.T, s *stand) {
	client, server := s.open()
	s.echo(server)
	for name, at := range map[string]time.Time{"past": past, "future": time.Now().Add(shortly)} {
		if err := client.SetReadDeadline(at); err != nil {
			t.Fatal(err)
		}
		n, err := client.Read(make([]byte, 8))
		if n != 0 {
			t.Errorf("%s: Read past the deadline has read %d octets", name, n)
		}
		checkTimeout(t, name, err)
		if err := client.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		roundTrip(t, client, "after the time-out")
	}
}

// A peer that does not read holds writes up until their deadline. A time-out of crypto/tls is not Temporary after
// some of a record was sent, since nothing can follow.
func testWriteDeadline(t *testing.T, s *stand) {
	client, _ := s.open()
	if err := client.SetWriteDeadline(time.Now().Add(shortly)); err != nil {
		t.Fatal(err)
	}
	err := writeUntilError(client)
	if s.TLS {
		if !isTimeout(err) || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write = %v, want os.ErrDeadlineExceeded", err)
		}
		return
	}
	checkTimeout(t, "Write", err)
	client.SetWriteDeadline(past)
	if n, err := client.Write([]byte("x")); n != 0 || err == nil {
		t.Errorf("Write past the deadline = %d, %v", n, err)
	}
}

// Close ends the calls that block, and tells them so.
func testCloseWhileBlocked(t *testing.T, s *stand) {
	client, _ := s.open()
	var wg sync.WaitGroup
	started := make(chan struct{}, 2)
	wg.Go(func() {
		started <- struct{}{}
		if n, err := client.Read(make([]byte, 1)); n != 0 || !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read during Close = %d, %v, want net.ErrClosed", n, err)
		}
	})
	wg.Go(func() {
		started <- struct{}{}
		if err := writeUntilError(client); !errors.Is(err, net.ErrClosed) && !s.TLS {
			t.Errorf("Write during Close = %v, want net.ErrClosed", err)
		}
	})
	<-started
	<-started
	client.Close()
	wg.Wait()
}

// A closed connection says so in every method.
func testAfterClose(t *testing.T, s *stand) {
	client, _ := s.open()
	if err := client.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	_, read := client.Read(make([]byte, 1))
	_, write := client.Write([]byte("x"))
	for op, err := range map[string]error{
		"Read": read, "Write": write,
		"SetDeadline":      client.SetDeadline(time.Now()),
		"SetReadDeadline":  client.SetReadDeadline(time.Time{}),
		"SetWriteDeadline": client.SetWriteDeadline(time.Time{}),
	} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("%s after Close = %v, want net.ErrClosed", op, err)
		}
	}
	if err := client.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Errorf("a second Close = %v, want net.ErrClosed or nothing", err)
	}
}

// Whoever writes to a peer that is gone learns of it, though not at once.
func testPeerGone(t *testing.T, s *stand) {
	client, server := s.open()
	server.Close()
	if _, err := io.ReadAll(client); err != nil {
		t.Fatalf("reading to the end of a peer that closed: %v", err)
	}
	client.SetWriteDeadline(time.Now().Add(patience / 2))
	if err := writeUntilError(client); isTimeout(err) {
		t.Errorf("writes to a peer that is gone only end by their deadline: %v", err)
	}
}

// The context governs opening alone.
func testDialContextEnds(t *testing.T, s *stand) {
	client, server := s.open() // with a context that has ended since
	client.SetReadDeadline(time.Now().Add(shortly))
	if _, err := client.Read(make([]byte, 1)); !isTimeout(err) {
		t.Fatalf("after the end of the dial's context Read = %v, want a time-out", err)
	}
	client.SetReadDeadline(time.Time{})
	s.echo(server)
	roundTrip(t, client, "the context of the dial is over")
}

func testDialCancelled(t *testing.T, s *stand) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.refused(ctx, context.Canceled)
}

// Nobody accepts. A dialer that needs no answer returns a connection; one that waits for a handshake ends with the
// context.
func testDialCancelledMeanwhile(t *testing.T, s *stand) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	time.AfterFunc(shortly, cancel)
	c, err := s.DialContext(ctx, "", "")
	switch {
	case err == nil:
		c.Close()
	case c != nil:
		t.Errorf("DialContext returned %T beside the error %v", c, err)
	case !errors.Is(err, context.Canceled):
		t.Errorf("DialContext = %v, want context.Canceled", err)
	}
}

func testDialTooLate(t *testing.T, s *stand) {
	ctx, cancel := context.WithDeadline(context.Background(), past)
	defer cancel()
	if err := s.refused(ctx, context.DeadlineExceeded); err != nil && !isTimeout(err) {
		t.Errorf("%v is no net.Error with Timeout() true", err)
	}
}

// Nobody listens any more: that is an error, neither a hang nor a connection.
func testDialNobody(_ *testing.T, s *stand) {
	s.Listener.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience/2)
	defer cancel()
	if err := s.refused(ctx, nil); errors.Is(err, context.DeadlineExceeded) {
		s.t.Errorf("dialling where nobody listens only ends with the context: %v", err)
	}
}

// refused dials with no hope, and returns the error, which must be is.
func (s *stand) refused(ctx context.Context, is error) error {
	s.t.Helper()
	c, err := s.DialContext(ctx, "", "")
	if err == nil {
		s.t.Errorf("DialContext = %v, nil, want an error", c)
		return nil
	}
	if c != nil {
		s.t.Errorf("DialContext returned %T beside the error %v", c, err)
	}
	if is != nil && !errors.Is(err, is) {
		s.t.Errorf("DialContext = %v, want %v", err, is)
	}
	return err
}
