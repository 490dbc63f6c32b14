package transporttest

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// streamTests are about octets in order.
var streamTests = []subtest{
	{"BothWriteAtOnce", testBothWriteAtOnce},
	{"ReadWhileWriteBlocks", testReadWhileWriteBlocks},
	{"WriteWhileReadBlocks", testWriteWhileReadBlocks},
	{"SmallReads", testSmallReads},
	{"Copy", testCopy},
	{"ZeroLength", testZeroLength},
	{"Addresses", testAddresses},
	{"HalfCloseByClient", testHalfCloseByClient},
	{"HalfCloseByServer", testHalfCloseByServer},
}

const (
	// large is more than the buffers of a connection in memory hold.
	large = 300_000

	// stuck is more than anybody between the ends should take of a peer who does not read; the kernel might.
	stuck = 1 << 20
)

// Both ends send more than fits anywhere, and read at the same time.
func testBothWriteAtOnce(t *testing.T, s *stand) {
	client, server := s.open()
	want := noise(large)
	for _, end := range []struct {
		name string
		c    net.Conn
	}{{"client", client}, {"server", server}} {
		s.wg.Go(func() {
			if n, err := end.c.Write(want); n != len(want) || err != nil {
				t.Errorf("%s: Write = %d, %v", end.name, n, err)
			}
		})
	}
	got := make([]byte, len(want))
	done := make(chan struct{})
	s.wg.Go(func() {
		defer close(done)
		received := make([]byte, len(want))
		if n, err := io.ReadFull(server, received); err != nil || !bytes.Equal(received, want) {
			t.Errorf("server: %d octets of %d came, then %v, or they differ", n, len(want), err)
		}
	})
	if n, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("client: %d octets of %d came, then %v, or they differ", n, len(want), err)
	}
	<-done
}

// A server that sends everything before it reads anything: the client's Write waits meanwhile, and its reads must not.
func testReadWhileWriteBlocks(t *testing.T, s *stand) {
	client, server := s.open()
	want := noise(stuck)
	s.wg.Go(func() {
		if n, err := client.Write(want); n != len(want) || err != nil {
			t.Errorf("Write = %d, %v", n, err)
		}
	})
	done := make(chan struct{})
	s.wg.Go(func() {
		defer close(done)
		// The first octet tells that the client's Write is under way.
		got := make([]byte, len(want))
		if _, err := io.ReadFull(server, got[:1]); err != nil {
			t.Errorf("server: the first octet: %v", err)
		}
		if _, err := server.Write(want); err != nil {
			t.Errorf("server: Write = %v", err)
		}
		if n, err := io.ReadFull(server, got[1:]); err != nil || !bytes.Equal(got, want) {
			t.Errorf("server: %d octets of %d came, then %v, or they differ", n+1, len(want), err)
		}
	})
	got := make([]byte, len(want))
	if n, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("client: %d octets of %d came, then %v, or they differ", n, len(want), err)
	}
	<-done
}

// A client that waits for what its next Write asks for.
func testWriteWhileReadBlocks(t *testing.T, s *stand) {
	client, server := s.open()
	s.echo(server)
	const rounds = 20
	echoed := make(chan error, rounds+1)
	s.wg.Go(func() {
		defer close(echoed)
		for octet := make([]byte, 1); ; {
			_, err := client.Read(octet)
			echoed <- err
			if err != nil {
				return
			}
		}
	})
	for i := range rounds {
		if _, err := client.Write([]byte("x")); err != nil {
			t.Fatalf("Write %d during a Read = %v", i, err)
		}
		if err := <-echoed; err != nil {
			t.Fatalf("Read %d = %v", i, err)
		}
	}
	client.Close()
	if err := <-echoed; !errors.Is(err, net.ErrClosed) {
		t.Errorf("Read during Close = %v, want net.ErrClosed", err)
	}
}

// What was written at once can be read in any pieces, and the other way round.
func testSmallReads(t *testing.T, s *stand) {
	client, server := s.open()
	want := "the octets keep their order, whatever the pieces"
	s.wg.Go(func() { io.WriteString(server, want) })
	var got []byte
	for len(got) < len(want) {
		p := make([]byte, 1+len(got)%3)
		n, err := client.Read(p[:min(len(p), len(want)-len(got))])
		got = append(got, p[:n]...)
		if err != nil {
			t.Fatalf("after %q: Read = %v", got, err)
		}
	}
	if string(got) != want {
		t.Errorf("read %q, want %q", got, want)
	}
	s.wg.Go(func() {
		for i := range want {
			if n, err := client.Write([]byte(want[i : i+1])); n != 1 || err != nil {
				t.Errorf("Write of an octet = %d, %v", n, err)
				return
			}
		}
	})
	received := make([]byte, len(want))
	if n, err := io.ReadFull(server, received); string(received) != want {
		t.Errorf("server: read %q, then %v", received[:n], err)
	}
}

// io.Copy takes the ways of its own that a connection or a file offers, sendfile and splice among them.
func testCopy(t *testing.T, s *stand) {
	client, server := s.open()
	want := noise(large)
	path := filepath.Join(t.TempDir(), "octets")
	if err := os.WriteFile(path, want, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	arrived := make(chan []byte, 1)
	s.wg.Go(func() {
		got := make([]byte, len(want))
		n, _ := io.ReadFull(server, got)
		arrived <- got[:n]
		server.Write(got[:n])
		server.Close()
	})
	if n, err := io.Copy(client, f); n != int64(len(want)) || err != nil {
		t.Fatalf("io.Copy from a file = %d, %v, want %d", n, err, len(want))
	}
	if got := <-arrived; !bytes.Equal(got, want) {
		t.Fatalf("%d octets of %d came from the file, or they differ", len(got), len(want))
	}
	var back bytes.Buffer
	if n, err := io.Copy(&back, client); err != nil || !bytes.Equal(back.Bytes(), want) {
		t.Errorf("io.Copy to a buffer = %d, %v, or the octets differ", n, err)
	}
}

func testZeroLength(t *testing.T, s *stand) {
	client, server := s.open()
	for _, p := range [][]byte{nil, {}} {
		if n, err := client.Read(p); n != 0 || err != nil {
			t.Errorf("Read into nothing = %d, %v", n, err)
		}
		if n, err := client.Write(p); n != 0 || err != nil {
			t.Errorf("Write of nothing = %d, %v", n, err)
		}
	}
	s.echo(server)
	roundTrip(t, client, "after nothing")
}

func testAddresses(t *testing.T, s *stand) {
	client, _ := s.open()
	for name, addr := range map[string]net.Addr{"LocalAddr": client.LocalAddr(), "RemoteAddr": client.RemoteAddr()} {
		if addr == nil || addr.Network() == "" {
			t.Errorf("%s = %v, want an address of a named network", name, addr)
		}
	}
	client.Close()
	if client.LocalAddr() == nil || client.RemoteAddr() == nil {
		t.Error("the addresses are gone after Close")
	}
}

// halfCloser is what a connection that can end one direction has.
type halfCloser interface{ CloseWrite() error }

// The client says that it has said all, and still hears the answer.
func testHalfCloseByClient(t *testing.T, s *stand) {
	client, server := s.open()
	half, ok := client.(halfCloser)
	if s.NoHalfClose {
		if ok {
			if err := half.CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
				t.Errorf("CloseWrite = %v, want errors.ErrUnsupported of a stack without half-close", err)
			}
		}
		return
	}
	if !ok {
		t.Fatalf("%T has no CloseWrite", client)
	}
	s.wg.Go(func() {
		question, err := io.ReadAll(server)
		if err != nil {
			t.Errorf("server: reading to the half-close: %v", err)
		}
		io.WriteString(server, "the answer to "+string(question))
		server.Close()
	})
	if _, err := io.WriteString(client, "a question"); err != nil {
		t.Fatal(err)
	}
	if err := half.CloseWrite(); err != nil {
		t.Fatalf("CloseWrite = %v", err)
	}
	if n, err := client.Write([]byte("x")); n != 0 || err == nil {
		t.Errorf("Write after CloseWrite = %d, %v, want an error", n, err)
	}
	if got, err := io.ReadAll(client); string(got) != "the answer to a question" || err != nil {
		t.Errorf("read %q, %v after CloseWrite", got, err)
	}
}

// The server has said all; the client can still talk.
func testHalfCloseByServer(t *testing.T, s *stand) {
	client, server := s.open()
	half, ok := server.(halfCloser)
	if s.NoHalfClose || !ok {
		t.Skipf("%T has no half-close", server)
	}
	if _, err := io.WriteString(server, "all"); err != nil {
		t.Fatal(err)
	}
	if err := half.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(client); string(got) != "all" || err != nil {
		t.Fatalf("read %q, %v", got, err)
	}
	for range 2 {
		if n, err := client.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			t.Errorf("Read at the end = %d, %v, want io.EOF again", n, err)
		}
	}
	if _, err := io.WriteString(client, "still here"); err != nil {
		t.Fatalf("Write after the end of the other direction = %v", err)
	}
	got := make([]byte, len("still here"))
	if _, err := io.ReadFull(server, got); string(got) != "still here" {
		t.Errorf("the server read %q, %v", got, err)
	}
}
