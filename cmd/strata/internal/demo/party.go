package demo

import (
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/conn"
)

// bufferSize is how many octets a party asks of the network at a time.
const bufferSize = 4096

// party is one end: a machine, a connection, and what lies between the two.
type party struct {
	page *page
	role conn.Role
	c    *conn.Conn
	nc   net.Conn
	// split is how many octets the network hands over in one Read at most, 0 for all that it has.
	split int

	out []byte // appended and not written yet
	in  []byte // read and not consumed yet
	eof bool
}

// step calls f and prints what that changed in the machine's view of both parties.
func (p *party) step(f func() error) error {
	before, inFlight := [2]conn.State{p.c.State(conn.Client), p.c.State(conn.Server)}, p.c.InFlight()
	err := f()
	for _, role := range []conn.Role{conn.Client, conn.Server} {
		if now := p.c.State(role); now != before[role] {
			p.page.state(p.role, role, before[role], now)
		}
	}
	if p.c.InFlight() < inFlight && p.c.Reusable() {
		p.page.note(p.role, "the exchange is over")
	}
	return err
}

// send appends something to be sent and prints it, each octet with the layer that made it.
func (p *party) send(call string, appendTo func(dst []byte) ([]byte, error), split func([]byte) ([]piece, error)) error {
	p.page.call(p.role, call)
	start := len(p.out)
	return p.step(func() (err error) {
		if p.out, err = appendTo(p.out); err != nil {
			return err
		}
		pieces, err := split(p.out[start:])
		for i := range pieces {
			p.page.octets(p.role, pieces[i].layer, pieces[i].spans())
		}
		if len(pieces) == 0 {
			p.page.note(p.role, "appends no octets")
		}
		return err
	})
}

// flush passes what was appended to the network in one Write.
func (p *party) flush() error {
	n, err := p.nc.Write(p.out)
	if err != nil {
		return err
	}
	p.page.arrow(p.role, fmt.Sprintf("Write %s", count(n, "octet")), "transport/memory")
	p.out = p.out[:0]
	return nil
}

// read asks the network for more.
func (p *party) read() error {
	buf := make([]byte, bufferSize)
	if p.split > 0 {
		buf = buf[:min(p.split, bufferSize)]
	}
	n, err := p.nc.Read(buf)
	p.in = append(p.in, buf[:n]...)
	if errors.Is(err, io.EOF) {
		p.page.call(p.role, "Read: end of the stream")
		p.eof = true
		return nil
	}
	p.page.call(p.role, "Read "+count(n, "octet"))
	if p.split > 0 {
		p.page.octets(p.role, networkLayer, octetSpans(buf[:n], console.Network))
	}
	return err
}

// next asks the machine what the octets in hand mean, and prints the answer. The event is a view of them,
// good until the next call.
func (p *party) next() (ev conn.Event, err error) {
	had := len(p.in)
	err = p.step(func() error {
		var n int
		n, ev, err = p.c.Next(p.in, p.eof)
		if err != nil {
			return err
		}
		p.in = p.in[n:]
		p.page.call(p.role, fmt.Sprintf("Next takes %d of %d: %s", n, had, ev.Kind))
		p.explain(&ev)
		return nil
	})
	return ev, err
}

// receive reads one message to its end and hands each event to seen.
func (p *party) receive(seen func(*conn.Event)) error {
	for {
		ev, err := p.next()
		if err != nil {
			return err
		}
		seen(&ev)
		switch {
		case ev.Kind == conn.NeedData && p.eof:
			return io.ErrUnexpectedEOF
		case ev.Kind == conn.NeedData:
			if err := p.read(); err != nil {
				return err
			}
		case ev.Kind == conn.End, ev.Kind == conn.Paused, ev.Kind == conn.Closed, p.c.Switched():
			return nil
		}
	}
}

// explain prints what an event brought, and which layer read it.
func (p *party) explain(ev *conn.Event) {
	plain := func(l layer, format string, args ...any) {
		p.page.label(p.role, l, words(console.Plain, fmt.Sprintf(format, args...))...)
	}
	switch ev.Kind {
	case conn.RequestHead:
		plain(wireLayer, "%s %s (%s)", console.Visible(ev.Head.Method), console.Visible(ev.Head.Target), ev.Head.Form)
		plain(headersLayer, "%s", count(ev.Head.Fields.Len(), "field line"))
		plain(bodyLayer, "%s", describe(ev.Head))
		plain(connLayer, "for host %s", console.Visible(ev.Head.Host))
	case conn.ResponseHead, conn.InterimHead:
		plain(wireLayer, "%d %s", ev.Head.Status, console.Visible(ev.Head.Reason))
		plain(headersLayer, "%s", count(ev.Head.Fields.Len(), "field line"))
		plain(bodyLayer, "%s", describe(ev.Head))
	case conn.Chunk:
		switch {
		case ev.Size == 0:
			plain(bodyLayer, "the last-chunk")
		case len(ev.Ext) == 0:
			plain(bodyLayer, "%s", count(int(ev.Size), "octet"))
		default:
			plain(bodyLayer, "%s, extension %s", count(int(ev.Size), "octet"), console.Visible(ev.Ext))
		}
	case conn.Content:
		p.page.octets(p.role, caller, octetSpans(ev.Content, console.Caller))
	case conn.End:
		if ev.Trailers != nil {
			for name, value := range ev.Trailers.All() {
				plain(headersLayer, "trailer %s: %s", console.Visible(name), console.Visible(value))
			}
		}
	}
}

// describe tells how the content of a message is framed.
func describe(h *conn.Head) string {
	switch {
	case h.Framing.Mode == body.LengthDelimited:
		return h.Framing.Mode.String() + ", " + count(int(h.Framing.Length), "octet")
	case h.Framing.Mode == body.NoBody && h.Status > 0 && (h.Control.ContentLength >= 0 || h.Control.Coded):
		// Step 1 of RFC 9112 section 6.3.
		return "no body behind this head, whatever its fields say"
	}
	return h.Framing.Mode.String()
}
