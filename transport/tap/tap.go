package tap

import (
	"context"
	"net"
	"sync"
	"time"

	"github.com/strata-http/strata/transport"
)

// A Tap is a dialer that tells sinks what passes on the connections that it opens, and a wrapper for connections and
// listeners that are there already. It may be used by several goroutines at once.
type Tap struct {
	dialer transport.Dialer
	sinks  []Sink

	numbering sync.Mutex // the order of the IDs is that in which Dial is told
	last      int

	telling sync.Mutex // sinks are called one event at a time
}

// New returns a Tap that dials by d, nil being [transport.TCP], and tells each of sinks every event, in turn.
func New(d transport.Dialer, sinks ...Sink) *Tap {
	if d == nil {
		d = transport.TCP{}
	}
	return &Tap{dialer: d, sinks: sinks}
}

// DialContext dials and returns the connection that was opened, tapped. The error is that of the dialer below.
//
// The connection's Read, Write, deadlines and addresses are those of the base, and so are its errors. CloseWrite is
// passed on and returns [errors.ErrUnsupported] where the base has none; Ready asks the base; NetConn returns it.
// Reads, and likewise writes, take turns when several goroutines call them at once.
func (t *Tap) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	about := Connection{Network: network, Address: address}
	t.number(&about, Dial)
	base, err := t.dialer.DialContext(ctx, network, address)
	if err != nil {
		t.tell(Event{Kind: Fail, Connection: about, Time: time.Now(), Err: err})
		return nil, err
	}
	about.Local, about.Remote = base.LocalAddr(), base.RemoteAddr()
	t.tell(Event{Kind: Open, Connection: about, Time: time.Now()})
	return newConn(t, base, about), nil
}

// Conn returns base tapped, as a connection that this side dialled.
func (t *Tap) Conn(base net.Conn) net.Conn { return t.wrap(base, false) }

// Listener returns l with the connections that it accepts tapped.
func (t *Tap) Listener(l net.Listener) net.Listener { return &listener{Listener: l, tap: t} }

type listener struct {
	net.Listener
	tap *Tap
}

func (l *listener) Accept() (net.Conn, error) {
	base, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return l.tap.wrap(base, true), nil
}

func (t *Tap) wrap(base net.Conn, accepted bool) net.Conn {
	about := Connection{Local: base.LocalAddr(), Remote: base.RemoteAddr(), Accepted: accepted}
	named := about.Remote
	if accepted {
		named = about.Local
	}
	if named != nil {
		about.Network, about.Address = named.Network(), named.String()
	}
	t.number(&about, Open)
	return newConn(t, base, about)
}

// number gives a connection its ID and tells its first event.
func (t *Tap) number(about *Connection, first Kind) {
	t.numbering.Lock()
	defer t.numbering.Unlock()
	t.last++
	about.ID = t.last
	t.tell(Event{Kind: first, Connection: *about, Time: time.Now()})
}

func (t *Tap) tell(e Event) {
	t.telling.Lock()
	defer t.telling.Unlock()
	for _, s := range t.sinks {
		s.Event(e)
	}
}
