package driver

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/transport"
)

// Loop drives one connection. One goroutine at a time uses it; what the helper shares with that one is
// guarded by mu. Set up with [Loop.Start].
type Loop struct {
	// Conn is the machine.
	Conn *conn.Conn
	// Times limit the steps; they may change between exchanges.
	Times Times
	// OnState, when it is set, is told each change of a party's state, and OnFirst when the first octets
	// of a message arrive.
	OnState func(party conn.Role, from, to conn.State)
	OnFirst func()
	// OnChunk, when it is set, is told each chunk that content is read through; ext holds for the call.
	OnChunk func(size int64, ext []byte)
	// Lazy waits for the octets of a message without a buffer, as a server does that has many connections on
	// which little happens.
	Lazy bool
	// Shared says that one goroutine reads while another sends, as with a handler in full duplex.
	Shared bool
	// ReadBy is when the part of a message that is being read has to be over, and ReadPhase what that part
	// is called; the zero time is never. Times.Between holds beside it.
	ReadBy    time.Time
	ReadPhase Phase
	// WriteBy is when every write has to be over; the zero time is never. Times.Write holds beside it.
	WriteBy time.Time
	// HeadBy is when the head of the final response has to be complete; the zero time is never.
	HeadBy time.Time
	// OnStage, when it is set, is told how far sending a message has come. The stages of a message that a
	// helper sends may be told by its goroutine, one at a time.
	OnStage func(stage Stage, err error)
	// Wrote tells that octets were given to the connection, Heard that octets came from it, since the caller
	// has last cleared them.
	Wrote, Heard bool
	// OnWait is called before each wait for the first octets of a message, behind the deadline that it is
	// under; an error ends the wait.
	OnWait func() error

	nc   net.Conn
	seen [2]conn.State // what OnState was told last

	// Octets received: in[r:w] are not consumed. in is nil while there are none.
	in      []byte
	r, w    int
	atEOF   bool
	readErr error  // what ended reading, once in[r:w] is used up
	content []byte // a view of in: content that Next told of and nobody took yet
	waiting bool   // no octet of the next message has come
	broken  bool   // something that was begun was not sent whole

	clock
	watch             *watch
	readSet, writeSet bool // a deadline is set that a step without one has to clear

	// mu guards Conn while the helper sends: reading and sending move the same machine. It is never
	// held across I/O.
	mu     sync.Mutex
	helper *helper
	// sending says that a read is made only until the helper is done, whose end interrupts it.
	sending bool
	stopped atomic.Bool // Interrupt was called
	awaited time.Time   // until when 100 (Continue) is waited for
	socket  bool        // the kernel takes a first write without a wait
	lazy    lazy
	ear     ear
}

// Start makes l drive nc with machine. What l did before is forgotten.
func (l *Loop) Start(nc net.Conn, machine *conn.Conn) {
	l.Conn, l.nc = machine, nc
	l.release()
	l.atEOF, l.readErr, l.content, l.waiting = false, nil, nil, true
	l.clock, l.readSet, l.writeSet, l.broken = clock{}, false, false, false
	l.helper = nil
	l.stopped.Store(false)
	l.socket = isSocket(nc)
	l.OnChunk = nil
	l.OnState, l.OnFirst, l.seen = nil, nil, [2]conn.State{conn.StateIdle, conn.StateIdle}
	l.Lazy, l.Shared, l.ReadBy, l.WriteBy, l.OnWait, l.lazy = false, false, time.Time{}, time.Time{}, nil, lazy{}
	l.HeadBy, l.OnStage, l.Wrote, l.Heard = time.Time{}, nil, false, false
}

// isSocket reports whether nc is a socket, or TLS over one.
func isSocket(nc net.Conn) bool {
	switch c := nc.(type) {
	case *net.TCPConn, *net.UnixConn:
		return true
	case *transport.TLSConn:
		return isSocket(c.NetConn())
	case *tls.Conn:
		return isSocket(c.NetConn())
	}
	return false
}

// NetConn returns the connection, or nil when there is none.
func (l *Loop) NetConn() net.Conn { return l.nc }

// AtEOF reports whether the end of what the peer sends was seen.
func (l *Loop) AtEOF() bool { return l.atEOF }

// Close ends sending, closes the connection and gives the buffers back.
func (l *Loop) Close() error {
	if l.nc == nil {
		return nil
	}
	if l.watch != nil {
		l.unwatch()
	}
	broken := l.broken || l.canceled() != nil || l.helper != nil && !l.helper.over()
	if broken {
		abort(l.nc)
	}
	err := l.nc.Close()
	l.stopHelper()
	l.release()
	l.nc = nil
	if broken {
		return nil // there was no orderly end to fail
	}
	return err
}

// Abort closes the connection so that the peer sees that something is missing: by a reset where the
// connection can, and without the good-bye of TLS.
func (l *Loop) Abort() {
	if l.nc == nil {
		return
	}
	l.broken = true
	switch c := lowest(l.nc).(type) {
	case interface{ SetLinger(sec int) error }:
		c.SetLinger(0)
	case interface{ Reset() error }:
		c.Reset()
	}
	l.Close()
}

// lowest returns the connection that stands below all others.
func lowest(nc net.Conn) net.Conn {
	for {
		t, ok := nc.(interface{ NetConn() net.Conn })
		if !ok {
			return nc
		}
		nc = t.NetConn()
	}
}

// abort closes the connection below a TLS session, which would otherwise wait to say good-bye to a peer
// that may have stopped reading (RFC 9112 section 9.8 tells of such an incomplete close).
func abort(nc net.Conn) {
	t, ok := nc.(interface{ NetConn() net.Conn })
	if !ok {
		return
	}
	below := t.NetConn()
	abort(below)
	switch nc.(type) {
	case *transport.TLSConn, *tls.Conn:
		below.Close()
	}
}

// release gives the read buffer back. The machine must not keep it from being collected, which many idle
// connections that were busy together would feel.
func (l *Loop) release() {
	if l.in != nil {
		l.Conn.Release()
		putBuffer(l.in)
	}
	l.in, l.r, l.w, l.content = nil, 0, 0, nil
}

// Idle prepares l for a wait of unknown length between exchanges: without a buffer, when nothing is in
// it. It reports whether the connection may carry another exchange: that nothing was received beyond
// the last one.
func (l *Loop) Idle() bool {
	if l.r < l.w || l.atEOF || l.broken || l.helper != nil {
		return false
	}
	l.release()
	l.waiting = true
	return true
}

// Quiet looks without blocking whether the idle connection is still fit for use: no octet and no FIN
// wait on it.
func (l *Loop) Quiet() bool {
	if l.r < l.w || l.atEOF || l.broken {
		return false
	}
	ready, _ := transport.Ready(l.nc)
	return !ready
}

// Next returns the next event, reading as often as the machine needs data. The event holds until the
// next call of any method that reads.
func (l *Loop) Next() (conn.Event, error) {
	for {
		ev, err := l.step()
		if err != nil || ev.Kind != conn.NeedData {
			return ev, err
		}
		if err := l.fill(); err != nil {
			return conn.Event{}, err
		}
	}
}

// step lets the machine look at what there is.
func (l *Loop) step() (conn.Event, error) {
	l.lock()
	defer l.unlock()
	n, ev, err := l.Conn.Next(l.in[l.r:l.w], l.atEOF)
	if l.OnState != nil {
		l.reportStates()
	}
	l.r += n
	if n > 0 {
		l.waiting = false
	}
	if ev.Kind == conn.End || ev.Kind == conn.InterimHead {
		l.waiting = true
	}
	return ev, err
}

// reportStates tells OnState what has changed.
func (l *Loop) reportStates() {
	for _, party := range [...]conn.Role{conn.Client, conn.Server} {
		if now := l.Conn.State(party); now != l.seen[party] {
			l.OnState(party, l.seen[party], now)
			l.seen[party] = now
		}
	}
}

// lock guards the machine when a helper, or another goroutine of the caller's, may use it too.
func (l *Loop) lock() {
	if l.helper != nil || l.Shared {
		l.mu.Lock()
	}
}

func (l *Loop) unlock() {
	if l.helper != nil || l.Shared {
		l.mu.Unlock()
	}
}
