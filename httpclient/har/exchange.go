package har

import (
	"bytes"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// An exchange is a request in flight, and what has come of its response.
type exchange struct {
	tracer  *tracer
	dialled *dialling // nil on a connection that carried another exchange before

	raw    []byte // the head of the request
	skip   int    // octets of it that are still to be written
	parser *conn.Conn
	out    []byte // written and not consumed by parser
	sent   content
	sentOn int64 // octets on the wire behind the head

	line    requestLine
	fields  headers.Fields
	head    *conn.Head // of the final response; its slices are copies
	headEnd int64
	headLen int
	end     int64
	framing body.Framing
	got     content

	started, lastOut, first, last time.Time
}

type requestLine struct{ method, target, version string }

// A content is the part of one that is kept, and its whole length.
type content struct {
	kept []byte
	size int64
	max  int
}

func (c *content) add(b []byte) {
	c.size += int64(len(b))
	if c.max >= 0 {
		b = b[:min(len(b), max(0, c.max-len(c.kept)))]
	}
	c.kept = append(c.kept, b...)
}

func (c *content) whole() bool { return c.size == int64(len(c.kept)) }

func newExchange(t *tracer, raw []byte) *exchange {
	e := &exchange{
		tracer: t, raw: bytes.Clone(raw), skip: len(raw), started: time.Now(),
		sent: content{max: t.recorder.maxContent}, got: content{max: t.recorder.maxContent},
	}
	if !t.dialled.used && !t.dialled.start.IsZero() {
		t.dialled.used = true
		d := t.dialled
		e.dialled, e.started = &d, d.start
	}
	// A server's view of this request alone takes its framing off.
	e.parser = conn.New(conn.Server, conn.Config{Limits: noLimits, Lenient: lenient, Codings: true})
	_, ev, err := e.parser.Next(e.raw, false)
	if err == nil && ev.Kind == conn.RequestHead {
		e.line = requestLine{string(ev.Head.Method), string(ev.Head.Target), ev.Head.Version.String()}
		e.fields.CopyFrom(&ev.Head.Fields)
		return e
	}
	// Something that the Conn sends and no server would take; the line at least can be told.
	e.parser = nil
	first, _, _ := strings.Cut(string(e.raw), "\r\n")
	e.line.method, first, _ = strings.Cut(first, " ")
	e.line.target, e.line.version, _ = strings.Cut(first, " ")
	return e
}

func (e *exchange) method() string { return e.line.method }

// wrote takes octets of the request that were written.
func (e *exchange) wrote(octets []byte) {
	e.lastOut = time.Now()
	n := min(e.skip, len(octets))
	e.skip -= n
	octets = octets[n:]
	if len(octets) == 0 {
		return
	}
	e.sentOn += int64(len(octets))
	if e.parser == nil {
		return
	}
	e.out = append(e.out, octets...)
	used := 0
	for {
		n, ev, err := e.parser.Next(e.out[used:], false)
		used += n
		if err != nil {
			e.parser = nil
			break
		}
		if ev.Kind == conn.Content {
			e.sent.add(ev.Content)
		}
		if ev.Kind == conn.NeedData || ev.Kind == conn.Paused || ev.Kind == conn.Closed {
			break
		}
	}
	e.out = append(e.out[:0], e.out[used:]...)
}

// received takes an event of the response. offset is that of the connection behind it.
func (e *exchange) received(ev conn.Event, offset int64) {
	switch ev.Kind {
	case conn.ResponseHead:
		h := *ev.Head
		h.Reason, h.Raw = bytes.Clone(h.Reason), nil
		h.Fields = headers.Fields{}
		h.Fields.CopyFrom(&ev.Head.Fields)
		e.head, e.headEnd, e.headLen, e.framing = &h, offset, len(ev.Head.Raw), ev.Head.Framing
	case conn.Content:
		e.got.add(ev.Content)
	}
	e.end = offset
}

// entry makes an entry of the exchange.
func (e *exchange) entry() Entry {
	entry := Entry{
		Started:  e.started.Format("2006-01-02T15:04:05.000Z07:00"),
		Request:  e.request(),
		Response: e.response(),
		Timings:  e.timings(),
	}
	t := entry.Timings
	for _, ms := range []float64{t.DNS, t.Connect, t.Send, t.Wait, t.Receive} {
		entry.Time += max(ms, 0)
	}
	return entry
}

func (e *exchange) timings() Timings {
	t := Timings{DNS: -1, Connect: -1, SSL: -1}
	begin := e.started
	if d := e.dialled; d != nil {
		up := d.done
		if d.tlsEnd.After(up) {
			up = d.tlsEnd
		}
		connect := up.Sub(d.start)
		if !d.dnsStart.IsZero() {
			t.DNS = ms(d.dns)
			connect -= d.dns
		}
		t.Connect = ms(connect)
		if !d.tlsStart.IsZero() {
			t.SSL = ms(d.tlsEnd.Sub(d.tlsStart))
		}
		begin = up
	}
	sent, first := e.lastOut, e.first
	if sent.IsZero() {
		sent = begin
	}
	if first.IsZero() {
		first = e.last
	}
	// A response may begin before the request is complete.
	t.Send, t.Wait, t.Receive = ms(sent.Sub(begin)), ms(first.Sub(sent)), ms(e.last.Sub(first))
	return t
}

// ms is a duration in milliseconds, to the microsecond, and never negative.
func ms(d time.Duration) float64 { return float64(max(d, 0).Microseconds()) / 1000 }

func (e *exchange) request() Request {
	r := Request{
		Method: e.line.method, URL: e.url(), HTTPVersion: e.line.version,
		Cookies: requestCookies(&e.fields), Headers: pairs(&e.fields), QueryString: query(e.line.target),
		HeadersSize: int64(len(e.raw)), BodySize: e.sentOn,
	}
	if e.sentOn > 0 {
		r.PostData = postData(&e.fields, &e.sent)
	}
	return r
}

// url is the target URI of the request (RFC 9112 section 3.3).
func (e *exchange) url() string {
	target := e.line.target
	if strings.Contains(target, "://") {
		return target
	}
	scheme := "http"
	if e.tracer.secure {
		scheme = "https"
	}
	host := e.fields.GetString("Host")
	if host == "" {
		host = e.tracer.conn.Host()
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		if p := e.tracer.conn.Port(); p != httpPort(e.tracer.secure) {
			host = net.JoinHostPort(e.tracer.conn.Host(), strconv.Itoa(p))
		}
	}
	switch {
	case wire.EqualFold(e.line.method, "CONNECT") && !strings.HasPrefix(target, "/"):
		return scheme + "://" + target
	case target == "*":
		return scheme + "://" + host
	}
	return scheme + "://" + host + target
}

func httpPort(secure bool) int {
	if secure {
		return 443
	}
	return 80
}

func (e *exchange) response() Response {
	if e.head == nil {
		return Response{Cookies: []Cookie{}, Headers: []Pair{}, HeadersSize: -1, BodySize: -1,
			Content: Content{MimeType: unknownType}}
	}
	return Response{
		Status: e.head.Status, StatusText: text(e.head.Reason), HTTPVersion: e.head.Version.String(),
		Cookies: responseCookies(&e.head.Fields), Headers: pairs(&e.head.Fields),
		Content: responseContent(&e.head.Fields, &e.got), RedirectURL: text(e.head.Fields.Get("Location")),
		HeadersSize: int64(e.headLen), BodySize: e.end - e.headEnd,
	}
}
