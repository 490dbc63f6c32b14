package transporttest

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/strata-http/strata/transport"
)

// readyTests are about transport.Ready: what happens to an idle connection is seen before it is used again.
var readyTests = []subtest{
	{"ReadyQuiet", testReadyQuiet},
	{"ReadyOctets", testReadyOctets},
	{"ReadyRest", testReadyRest},
	{"ReadyEnd", testReadyEnd},
	{"ReadyHalfClose", testReadyHalfClose},
	{"ReadyOctetsThenEnd", testReadyOctetsThenEnd},
	{"ReadyOwnClose", testReadyOwnClose},
}

// quiet asks twice: the first answer must not spoil the second.
func quiet(t *testing.T, c net.Conn) {
	t.Helper()
	for range 2 {
		if ready, err := transport.Ready(c); ready || err != nil {
			t.Fatalf("Ready of a quiet connection = %v, %v", ready, err)
		}
	}
}

// awaitReady asks until what was sent has come, and returns the error that Ready tells.
func (s *stand) awaitReady(c net.Conn) error {
	s.t.Helper()
	poll := time.NewTicker(100 * time.Microsecond)
	defer poll.Stop()
	for late := time.Now().Add(patience / 2); time.Now().Before(late); <-poll.C {
		ready, err := transport.Ready(c)
		if ready {
			return err
		}
		if err != nil {
			s.t.Fatalf("Ready = false, %v", err)
		}
	}
	s.t.Fatal("Ready never saw what was sent")
	return nil
}

// A quiet connection stays as it is, its deadline too, and has it in force afterwards.
func testReadyQuiet(t *testing.T, s *stand) {
	client, server := s.open()
	quiet(t, client)
	if _, err := transport.Peek(client); s.Foreign != errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("Peek = %v, which does not fit Stack.Foreign, %v", err, s.Foreign)
	}
	if !s.Foreign {
		client.SetReadDeadline(past)
		quiet(t, client)
		if _, err := client.Read(make([]byte, 1)); !isTimeout(err) {
			t.Errorf("Read past the deadline = %v, after Ready", err)
		}
		client.SetReadDeadline(time.Time{})
	}
	s.echo(server)
	roundTrip(t, client, "after Ready")
	quiet(t, client)
}

// Octets that nobody asked for are seen, and are still there.
func testReadyOctets(t *testing.T, s *stand) {
	client, server := s.open()
	quiet(t, client)
	if _, err := io.WriteString(server, "unasked"); err != nil {
		t.Fatal(err)
	}
	if err := s.awaitReady(client); err != nil {
		t.Fatalf("Ready = true, %v, want octets", err)
	}
	if s.Foreign {
		return // the connection is good for nothing now
	}
	if err := s.awaitReady(client); err != nil {
		t.Errorf("asked again, Ready = true, %v", err)
	}
	got := make([]byte, len("unasked"))
	if n, err := io.ReadFull(client, got); string(got) != "unasked" {
		t.Errorf("after Ready read %q, %v", got[:n], err)
	}
	quiet(t, client)
}

// What a Read has left is seen, wherever it lies: in the kernel, in an adapter, or in a TLS record that was taken in
// whole.
func testReadyRest(t *testing.T, s *stand) {
	client, server := s.open()
	if _, err := io.WriteString(server, "two"); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if _, err := io.ReadFull(client, make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if err := s.awaitReady(client); err != nil {
			t.Fatalf("after octet %d Ready = true, %v", i, err)
		}
		if s.Foreign {
			return
		}
	}
	if _, err := io.ReadFull(client, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	quiet(t, client)
}

func testReadyEnd(t *testing.T, s *stand) {
	client, server := s.open()
	quiet(t, client)
	server.Close()
	for range 2 {
		if err := s.awaitReady(client); err != io.EOF {
			t.Errorf("Ready = true, %v, want io.EOF", err)
		}
	}
}

func testReadyHalfClose(t *testing.T, s *stand) {
	client, server := s.open()
	half, ok := server.(halfCloser)
	if s.NoHalfClose || !ok {
		t.Skipf("%T has no half-close", server)
	}
	quiet(t, client)
	if err := half.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := s.awaitReady(client); err != io.EOF {
		t.Errorf("Ready = true, %v, want io.EOF", err)
	}
}

// The end does not hide the octets before it.
func testReadyOctetsThenEnd(t *testing.T, s *stand) {
	client, server := s.open()
	if _, err := io.WriteString(server, "x"); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if err := s.awaitReady(client); err != nil {
		t.Errorf("Ready = true, %v, want octets", err)
	}
	if s.Foreign {
		return
	}
	if got, err := io.ReadAll(client); string(got) != "x" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	if err := s.awaitReady(client); err != io.EOF {
		t.Errorf("Ready at the end = true, %v, want io.EOF", err)
	}
}

func testReadyOwnClose(t *testing.T, s *stand) {
	client, _ := s.open()
	client.Close()
	if ready, err := transport.Ready(client); !ready || !errors.Is(err, net.ErrClosed) {
		t.Errorf("Ready after Close = %v, %v, want net.ErrClosed", ready, err)
	}
}
