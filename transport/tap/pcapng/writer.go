package pcapng

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/gopacket/gopacket"
	"github.com/gopacket/gopacket/layers"
	"github.com/gopacket/gopacket/pcapgo"

	"github.com/strata-http/strata/transport/tap"
)

// SegmentSize is how many octets a segment carries at most, as on an Ethernet with some TCP options.
const SegmentSize = 1400

// A Writer is a [tap.Sink] that writes a capture. It may be given to several taps, one after the other or at once.
type Writer struct {
	port  uint16
	mu    sync.Mutex
	ng    *pcapgo.NgWriter
	flows map[key]*flow
	count int // of flows, those that are over included
	made  *addresses
	buf   gopacket.SerializeBuffer
	err   error
}

// A key tells flows apart. Connections of several taps may have the same number.
type key struct {
	id            int
	local, remote string
}

// An Option changes how a capture is written.
type Option func(*Writer)

// ServerPort shows this port for the side that was dialled, whatever it is. Wireshark knows protocols by port first:
// to a capture of plain text that was taken above TLS, ServerPort(80) gives a port at which it expects HTTP and not
// TLS.
func ServerPort(port uint16) Option { return func(w *Writer) { w.port = port } }

// New returns a Writer and writes the head of the capture to w.
func New(w io.Writer, options ...Option) (*Writer, error) {
	intf := pcapgo.DefaultNgInterface
	intf.Name, intf.LinkType = "strata", layers.LinkTypeRaw
	intf.Description = "octets seen by a tap; the packets around them are made up"
	info := pcapgo.DefaultNgWriterOptions
	info.SectionInfo.Application = "strata"
	ng, err := pcapgo.NewNgWriterInterface(w, intf, info)
	if err != nil {
		return nil, fmt.Errorf("pcapng: %w", err)
	}
	p := &Writer{ng: ng, flows: map[key]*flow{}, made: newAddresses(), buf: gopacket.NewSerializeBuffer()}
	for _, o := range options {
		o(p)
	}
	return p, nil
}

// Event writes the packets that show e. After an error nothing more is written.
//
// A connection that was opened is SYN, SYN-ACK and ACK; octets are segments with PSH on the last one, each run
// acknowledged; the end of a direction is FIN; a reset by the peer is RST; Close is FIN where the direction has
// not ended yet. A dial that failed, and other errors, leave no packet.
func (w *Writer) Event(e tap.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil || e.Kind == tap.Dial || e.Kind == tap.Fail {
		return
	}
	k := keyOf(e.Connection)
	f := w.flows[k]
	if f == nil {
		if e.Kind == tap.Close {
			return
		}
		f = w.open(e)
		w.flows[k] = f
	}
	switch e.Kind {
	case tap.Data:
		w.data(f, e)
	case tap.End:
		w.fin(f, e.Time, sender(e.Direction))
	case tap.Error:
		if isReset(e.Err) {
			w.send(f, e.Time, remote, layers.TCP{RST: true, ACK: true}, nil)
			f.over = true
		}
	case tap.Close:
		w.fin(f, e.Time, local)
		delete(w.flows, k)
	}
}

func keyOf(c tap.Connection) key {
	k := key{id: c.ID}
	if c.Local != nil && c.Remote != nil {
		k.local, k.remote = c.Local.String(), c.Remote.String()
	}
	return k
}

// Flush writes out what is buffered, so that the file can be read while the capture goes on.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.ng.Flush(); err != nil && w.err == nil {
		w.err = fmt.Errorf("pcapng: %w", err)
	}
	return w.err
}

// Close is [Writer.Flush], for the end of the capture. It does not close what New was given. The error is the first
// that occurred.
func (w *Writer) Close() error { return w.Flush() }

// open begins a flow with its handshake.
func (w *Writer) open(e tap.Event) *flow {
	w.count++
	f := newFlow(w.count, e.Connection, w.made, w.port)
	client, server := local, remote
	if e.Connection.Accepted {
		client, server = remote, local
	}
	mss := []layers.TCPOption{{OptionType: layers.TCPOptionKindMSS, OptionLength: 4, OptionData: []byte{SegmentSize >> 8, SegmentSize & 0xff}}}
	w.send(f, e.Time, client, layers.TCP{SYN: true, Options: mss}, nil)
	w.send(f, e.Time, server, layers.TCP{SYN: true, ACK: true, Options: mss}, nil)
	w.send(f, e.Time, client, layers.TCP{ACK: true}, nil)
	return f
}

// windowful is how much is sent before it is acknowledged: less than the window, or Wireshark would call it full.
const windowful = 32 << 10

func (w *Writer) data(f *flow, e tap.Event) {
	from := sender(e.Direction)
	since := 0
	for octets := e.Octets; len(octets) > 0; {
		part := octets[:min(len(octets), SegmentSize)]
		octets = octets[len(part):]
		w.send(f, e.Time, from, layers.TCP{ACK: true, PSH: len(octets) == 0}, part)
		if since += len(part); since >= windowful || len(octets) == 0 {
			w.send(f, e.Time, from.other(), layers.TCP{ACK: true}, nil)
			since = 0
		}
	}
}

func (w *Writer) fin(f *flow, at time.Time, from side) {
	if f.ended[from] || f.over {
		return
	}
	w.send(f, at, from, layers.TCP{FIN: true, ACK: true}, nil)
	w.send(f, at, from.other(), layers.TCP{ACK: true}, nil)
	f.ended[from] = true
}

// send writes one segment, whose flags and options are those of tcp.
func (w *Writer) send(f *flow, at time.Time, from side, tcp layers.TCP, payload []byte) {
	if w.err != nil || f.over {
		return
	}
	packet, err := f.packet(w.buf, from, &tcp, payload)
	if err == nil {
		err = w.ng.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: len(packet), Length: len(packet)}, packet)
	}
	if err != nil {
		w.err = fmt.Errorf("pcapng: connection %d: %w", f.id, err)
	}
}
