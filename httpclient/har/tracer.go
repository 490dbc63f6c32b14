package har

import (
	"crypto/tls"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/wire"
)

// A tracer takes the octets of one Conn apart. Its machines are observers: what they are given was sent and
// received by the Conn already, which has judged it; so they admit what any Conn could have admitted.
type tracer struct {
	recorder *Recorder
	conn     *httpclient.Conn

	mu      sync.Mutex // hooks of a request that is being sent come from a goroutine of its own
	id      int        // of the connection, 0 when there is none
	secure  bool
	ip      string
	dialled dialling

	machine  *conn.Conn // the client's view of the response that the oldest exchange in flight awaits
	in       []byte     // what came and was not consumed yet
	lost     bool       // what comes cannot be taken apart any more
	sending  *exchange
	inFlight []*exchange
}

// dialling are the times of the connection's beginning; the first exchange on it has them.
type dialling struct {
	start, done      time.Time
	dnsStart         time.Time
	dns              time.Duration
	tlsStart, tlsEnd time.Time
	used             bool
}

// lenient is what an observer admits: all but what changes where a message ends or takes anything for a response.
const lenient = ^wire.Lenient(0) &^ (wire.AllowHTTP09 | wire.AllowBadLineEnds)

var noLimits = wire.Limits{Line: -1, Section: -1, Fields: -1, Trailer: -1, Content: -1, ChunkOverhead: -1, Interim: -1}

// hooks is the Trace that feeds t.
func (t *tracer) hooks() *httpclient.Trace {
	locked := func(f func()) func() {
		return func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			f()
		}
	}
	octets := func(f func([]byte)) func([]byte) {
		return func(b []byte) {
			t.mu.Lock()
			defer t.mu.Unlock()
			f(b)
		}
	}
	return &httpclient.Trace{
		Trace: transport.Trace{
			DialStart: func(string, string) { locked(t.dialStart)() },
			DialDone:  t.dialDone,
			TLSStart:  func(string) { locked(func() { t.dialled.tlsStart = time.Now() })() },
			TLSDone: func(_ tls.ConnectionState, err error) {
				locked(func() { t.tlsDone(err) })()
			},
		},
		// What was TLS before a proxy's reply was with the proxy.
		ProxyHead:   func([]byte) { locked(func() { t.secure = false })() },
		RequestHead: octets(t.requestHead),
		BytesOut:    octets(t.bytesOut),
		BytesIn:     octets(t.bytesIn),
		LastByte:    locked(t.lastByte),
		Closed: func(reason string) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.closed(reason)
		},
	}
}

// dialStart begins a connection, unless a step of one has begun: a tunnel dials in several.
func (t *tracer) dialStart() {
	if t.dialled.start.IsZero() || t.dialled.used {
		t.dialled = dialling{start: time.Now()}
		t.secure, t.ip = false, ""
	}
}

func (t *tracer) dialDone(c net.Conn, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dialled.done = time.Now()
	if err != nil {
		t.dialled = dialling{}
		return
	}
	if a := c.RemoteAddr(); a != nil && t.ip == "" {
		if ap, err := netip.ParseAddrPort(a.String()); err == nil {
			t.ip = ap.Addr().Unmap().WithZone("").String()
		}
	}
}

func (t *tracer) tlsDone(err error) {
	t.dialled.tlsEnd, t.secure = time.Now(), err == nil
	if err != nil {
		t.dialled = dialling{}
	}
}

// resolving notes the time of name resolution.
func (t *tracer) resolving(begins bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case begins:
		t.dialled.dnsStart = time.Now()
	case !t.dialled.dnsStart.IsZero():
		t.dialled.dns = time.Since(t.dialled.dnsStart)
	}
}

// requestHead begins an exchange. The octets of the head come once more by bytesOut, when they are written.
func (t *tracer) requestHead(raw []byte) {
	if t.id == 0 {
		t.id = t.recorder.connection()
		t.machine, t.in, t.lost = nil, nil, false
	}
	e := newExchange(t, raw)
	t.sending = e
	t.inFlight = append(t.inFlight, e)
}

// await makes a machine for the response to the oldest exchange in flight: one of its own, since what else is in
// flight has no part in where this one ends.
func (t *tracer) await() *conn.Conn {
	m := conn.New(conn.Client, conn.Config{Limits: noLimits, Lenient: lenient, Codings: true})
	if _, err := m.AppendRaw(nil, nil, t.inFlight[0].method()); err != nil {
		t.lost = true
	}
	return m
}

func (t *tracer) bytesOut(octets []byte) {
	if t.sending != nil {
		t.sending.wrote(octets)
	}
}

// bytesIn takes apart what came. Without an exchange in flight it belongs to a proxy's reply, or to nobody.
func (t *tracer) bytesIn(octets []byte) {
	if len(t.inFlight) == 0 || t.lost {
		return
	}
	if e := t.inFlight[0]; e.first.IsZero() {
		e.first = time.Now()
	}
	t.in = append(t.in, octets...)
	t.consume(false)
}

func (t *tracer) consume(atEOF bool) {
	used := 0
	for len(t.inFlight) > 0 {
		if t.machine == nil {
			t.machine = t.await()
		}
		n, ev, err := t.machine.Next(t.in[used:], atEOF)
		used += n
		if err != nil {
			t.lost = true
			break
		}
		if ev.Kind == conn.NeedData || ev.Kind == conn.Paused || ev.Kind == conn.Closed {
			break
		}
		e := t.inFlight[0]
		if e.first.IsZero() {
			e.first = time.Now()
		}
		e.received(ev, t.machine.Offset())
		if ev.Kind == conn.End {
			t.finish("")
		}
	}
	t.in = append(t.in[:0], t.in[used:]...)
}

// lastByte ends a response that the end of the connection delimits, of which no octet tells that it is over.
func (t *tracer) lastByte() {
	if len(t.inFlight) > 0 && t.inFlight[0].framing.Mode == body.CloseDelimited && !t.lost {
		t.consume(true)
	}
}

// closed ends whatever is in flight.
func (t *tracer) closed(reason string) {
	for len(t.inFlight) > 0 {
		e := t.inFlight[0]
		what := "no response was received: "
		if e.head != nil {
			what = "the response was not received to its end: "
			if e.framing.Mode == body.Tunnel {
				what = "the protocol was switched: "
			}
		}
		t.finish(what + "the connection was closed: " + reason)
	}
	t.id, t.machine, t.sending, t.in = 0, nil, nil, nil
	t.dialled = dialling{}
}

// finish makes an entry of the oldest exchange in flight.
func (t *tracer) finish(comment string) {
	e := t.inFlight[0]
	t.inFlight, t.machine = t.inFlight[1:], nil
	e.last = time.Now()
	entry := e.entry()
	entry.ServerIP, entry.Connection = t.ip, strconv.Itoa(t.id)
	entry.Comment = comment
	t.recorder.keep(entry, e.started)
}
