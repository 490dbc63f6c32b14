package pcapng_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/transport/tap"
	"github.com/strata-http/strata/transport/tap/pcapng"
)

// pair dials and accepts.
func pair(t *testing.T, d transport.Dialer, l net.Listener) (here, there net.Conn) {
	t.Helper()
	here, err := d.DialContext(context.Background(), "tcp", "example.org:80")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { here.Close() })
	if there, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { there.Close() })
	return here, there
}

// A segment is what the tests look at.
type segment struct {
	From, To, Flags string
	Seq, Ack        uint32 // from the first one of each side
	Payload         string
	At              time.Duration
}

// segments reads a capture back.
func segments(t *testing.T, capture []byte, start time.Time) []segment {
	t.Helper()
	r, err := pcapgo.NewNgReader(bytes.NewReader(capture), pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	var all []segment
	first := map[string]uint32{}
	for {
		data, ci, err := r.ReadPacketData()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		p := gopacket.NewPacket(data, layers.LinkTypeRaw, gopacket.Default)
		if p.ErrorLayer() != nil {
			t.Fatal(p.ErrorLayer().Error())
		}
		tcp := p.Layer(layers.LayerTypeTCP).(*layers.TCP)
		src, dst := p.NetworkLayer().NetworkFlow().Endpoints()
		s := segment{
			From: net.JoinHostPort(src.String(), tcp.TransportFlow().Src().String()),
			To:   net.JoinHostPort(dst.String(), tcp.TransportFlow().Dst().String()),
			Seq:  tcp.Seq, Ack: tcp.Ack, Payload: string(tcp.Payload), At: ci.Timestamp.Sub(start),
		}
		for _, f := range []struct {
			set  bool
			name string
		}{{tcp.SYN, "S"}, {tcp.FIN, "F"}, {tcp.RST, "R"}, {tcp.PSH, "P"}, {tcp.ACK, "."}} {
			if f.set {
				s.Flags += f.name
			}
		}
		if _, ok := first[s.From]; !ok {
			first[s.From] = s.Seq
		}
		s.Seq -= first[s.From]
		if tcp.ACK {
			s.Ack -= first[s.To]
		}
		all = append(all, s)
	}
}

type addr string

func (a addr) Network() string { return "test" }
func (a addr) String() string  { return string(a) }

func TestSegments(t *testing.T) {
	const c, s = "192.0.2.7:50000", "198.51.100.7:8080"
	start := time.Unix(1_700_000_000, 123)
	open := tap.Connection{ID: 1, Network: "tcp", Address: "example.org:8080", Local: addr(c), Remote: addr(s)}
	large := strings.Repeat("x", pcapng.SegmentSize) + "tail"
	var b bytes.Buffer
	w, err := pcapng.New(&b)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range []tap.Event{
		{Kind: tap.Dial}, {Kind: tap.Open},
		{Kind: tap.Data, Direction: tap.Out, Octets: []byte(large)},
		{Kind: tap.Data, Direction: tap.In, Octets: []byte("ok")},
		{Kind: tap.End, Direction: tap.Out}, {Kind: tap.Data, Direction: tap.In, Octets: []byte("!")},
		{Kind: tap.End, Direction: tap.In}, {Kind: tap.Close},
	} {
		e.Connection, e.Time = open, start.Add(time.Duration(i)*time.Millisecond)
		w.Event(e)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	const n = pcapng.SegmentSize
	ms := time.Millisecond
	want := []segment{
		{c, s, "S", 0, 0, "", ms}, {s, c, "S.", 0, 1, "", ms}, {c, s, ".", 1, 1, "", ms},
		{c, s, ".", 1, 1, large[:n], 2 * ms}, {c, s, "P.", n + 1, 1, "tail", 2 * ms}, {s, c, ".", 1, n + 5, "", 2 * ms},
		{s, c, "P.", 1, n + 5, "ok", 3 * ms}, {c, s, ".", n + 5, 3, "", 3 * ms},
		{c, s, "F.", n + 5, 3, "", 4 * ms}, {s, c, ".", 3, n + 6, "", 4 * ms},
		{s, c, "P.", 3, n + 6, "!", 5 * ms}, {c, s, ".", n + 6, 4, "", 5 * ms},
		{s, c, "F.", 4, n + 6, "", 6 * ms}, {c, s, ".", n + 6, 5, "", 6 * ms},
	}
	if diff := cmp.Diff(want, segments(t, b.Bytes(), start)); diff != "" {
		t.Errorf("segments (-want +got):\n%s", diff)
	}
}

// Ends that have no address of IP get one, each peer and each connection its own.
func TestMadeUpAddresses(t *testing.T) {
	var b bytes.Buffer
	w, err := pcapng.New(&b)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []tap.Connection{
		{ID: 1, Address: "one:8080", Local: memory.Addr("a:1"), Remote: memory.Addr("one:8080")},
		{ID: 2, Address: "two", Local: addr("[::1]:5"), Remote: addr("127.0.0.1:80")},
		{ID: 3, Address: "one:http"},
		{ID: 4, Address: "one:8080", Local: memory.Addr("one:8080"), Accepted: true},
		{ID: 5, Local: addr("[fe80::1%eth0]:5"), Remote: addr("[::ffff:127.0.0.1]:80"), Address: "[::1]:7"},
		{ID: 6, Local: addr("[fe80::1%eth0]:5"), Remote: addr("[::1]:80")},
		{ID: 7, Local: addr("[::ffff:192.0.2.9]:5"), Remote: addr("192.0.2.10:80")},
	} {
		w.Event(tap.Event{Kind: tap.Open, Connection: c, Time: time.Unix(int64(i), 0)})
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range segments(t, b.Bytes(), time.Time{}) {
		if s.Flags == "S" {
			got = append(got, s.From+" "+s.To)
		}
	}
	want := []string{
		"192.0.2.1:49152 198.51.100.1:8080", "192.0.2.1:49153 198.51.100.2:80", "192.0.2.1:49154 198.51.100.1:80",
		"192.0.2.1:49155 198.51.100.1:8080", "192.0.2.1:49156 198.51.100.3:7", "[fe80::1]:5 [::1]:80", "192.0.2.9:5 192.0.2.10:80",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("SYN from and to (-want +got):\n%s", diff)
	}
}

type full struct{ after int }

var errFull = errors.New("disk full")

func (f *full) Write(p []byte) (int, error) {
	if f.after -= len(p); f.after < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteError(t *testing.T) {
	w, err := pcapng.New(&full{after: 5000})
	if err != nil {
		t.Fatal(err)
	}
	c := tap.Connection{ID: 1, Address: "a:80"}
	for range 10 {
		w.Event(tap.Event{Kind: tap.Data, Direction: tap.Out, Connection: c, Octets: make([]byte, 2000), Time: time.Unix(1, 0)})
	}
	for range 2 {
		if err := w.Close(); !errors.Is(err, errFull) {
			t.Errorf("Close = %v", err)
		}
	}
}
