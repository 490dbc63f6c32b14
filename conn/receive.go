package conn

import (
	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Next looks at data, the octets received and not consumed yet, and tells what they mean. It consumes
// advance octets, which may be some with [NeedData] too; the rest must lead the data of the next call,
// with more behind it when the event was NeedData. atEOF says that no more will come. The event and its
// views hold until data changes or Next is called again. Next never writes to data.
//
// The outcome depends on the octets alone, not on how they are split over calls.
//
// An error is final and is returned by every later call: a [*wire.SyntaxError], whose offset counts
// from the first octet of the connection.
func (c *Conn) Next(data []byte, atEOF bool) (advance int, ev Event, err error) {
	if c.err != nil {
		return 0, Event{}, c.err
	}
	switch c.states[c.role.Peer()] {
	case StateBody:
		advance, ev, err = c.nextBody(data, atEOF)
	case StateIdle, StateOwed:
		if c.role == Client {
			advance, ev, err = c.nextResponse(data, atEOF)
		} else {
			advance, ev, err = c.nextRequest(data, atEOF)
		}
	default:
		ev, err = c.nextBetween(data, atEOF)
	}
	if err != nil {
		return advance, Event{}, c.fail(err)
	}
	c.offset += int64(advance)
	if ev.Kind == End {
		c.checkExcess(data[advance:])
	}
	return advance, ev, nil
}

// checkExcess notes octets behind a response that no request asked for, before another request could
// take them for its response. Next returns the error when it is called again.
func (c *Conn) checkExcess(rest []byte) {
	if c.role == Client && len(rest) > 0 && (c.states[Server] == StateIdle || c.states[Server] == StateDone) {
		_ = c.fail(unsolicited(rest))
	}
}

// fail makes err, whose offset counts from data, final.
func (c *Conn) fail(err error) error {
	if e, ok := err.(*wire.SyntaxError); ok && e.Offset >= 0 {
		e.Offset += c.offset
	}
	c.err = err
	c.states[c.role.Peer()] = StateFailed
	c.settle()
	return err
}

// nextBetween is Next where the peer's message is complete and no other may begin.
func (c *Conn) nextBetween(data []byte, atEOF bool) (Event, error) {
	peer := c.role.Peer()
	switch {
	case len(data) == 0 && atEOF && c.legal(peer, InputClose) == nil:
		return Event{Kind: Closed}, c.input(peer, InputClose)
	case len(data) == 0 || peer == Client || c.Switched():
		// More requests wait for their turn; behind a last one they are ignored (RFC 9112 section
		// 9.6), which is the same to whoever looks here.
		return Event{Kind: Paused}, nil
	}
	return Event{}, unsolicited(data)
}

func unsolicited(data []byte) error {
	return wire.NewSyntaxError(wire.RuleUnsolicited, wire.ElementMessage, data, 0)
}

// nextRequest reads the head of a request.
func (c *Conn) nextRequest(data []byte, atEOF bool) (int, Event, error) {
	skip, err := c.skipEmptyLines(data)
	if err != nil {
		return 0, Event{}, err
	}
	rest := data[skip:]
	if len(rest) == 0 && atEOF {
		return skip, Event{Kind: Closed}, c.input(Client, InputClose)
	}
	if len(rest) == 0 || len(rest) == 1 && rest[0] == '\r' {
		if atEOF {
			return 0, Event{}, incompleteHead(len(data))
		}
		return skip, Event{}, nil
	}
	n, err := c.readHead(rest, atEOF)
	if err != nil {
		rebase(err, skip)
		return 0, Event{}, err
	}
	if n == 0 {
		return skip, Event{}, nil
	}
	c.skipped = 0
	if err := c.acceptRequest(skip); err != nil {
		rebase(err, skip)
		return 0, Event{}, err
	}
	return skip + n, Event{Kind: RequestHead, Head: &c.head}, nil
}

func rebase(err error, by int) {
	if e, ok := err.(*wire.SyntaxError); ok && e.Offset >= 0 {
		e.Offset += int64(by)
	}
}

// skipEmptyLines passes over CRLFs before a request-line, as RFC 9112 section 2.2 asks of a server.
func (c *Conn) skipEmptyLines(data []byte) (n int, err error) {
	if c.lined || c.from > 0 {
		return 0, nil // within a head
	}
	for n < len(data) && (data[n] == '\r' || data[n] == '\n') {
		width := 2
		if data[n] == '\n' {
			width = 1
			if c.parser.Lenient&wire.AllowBareLF == 0 {
				return n, wire.NewSyntaxError(wire.RuleBareLF, wire.ElementRequestLine, data, n)
			}
		} else if n+1 == len(data) {
			return n, nil
		} else if data[n+1] != '\n' {
			return n, wire.NewSyntaxError(wire.RuleLineEnd, wire.ElementRequestLine, data, n)
		}
		if c.skipped += width; c.skipped > c.limits.Line {
			return n, wire.NewSyntaxError(wire.RuleLimitLine, wire.ElementRequestLine, data, n)
		}
		n += width
	}
	return n, nil
}

// nextResponse reads the head of a response.
func (c *Conn) nextResponse(data []byte, atEOF bool) (int, Event, error) {
	switch {
	case len(c.queue) == 0 && len(data) > 0:
		return 0, Event{}, unsolicited(data)
	case len(data) > 0:
	case !atEOF:
		return 0, Event{}, nil
	case len(c.queue) == 0:
		return 0, Event{Kind: Closed}, c.input(Server, InputClose)
	default:
		return 0, Event{}, &wire.SyntaxError{Rule: wire.RuleNoResponse, Element: wire.ElementMessage}
	}
	if c.parser.Lenient&wire.AllowHTTP09 != 0 && !c.lined && c.isHTTP09(data, atEOF) {
		return c.acceptHTTP09()
	}
	n, err := c.readHead(data, atEOF)
	if n == 0 || err != nil {
		return 0, Event{}, err
	}
	kind, err := c.acceptResponse()
	if err != nil {
		return 0, Event{}, err
	}
	return n, Event{Kind: kind, Head: &c.head}, nil
}

// isHTTP09 reports whether the response has shown that it does not begin with "HTTP/".
func (c *Conn) isHTTP09(data []byte, atEOF bool) bool {
	const begin = "HTTP/"
	n := min(len(data), len(begin))
	return string(data[:n]) != begin[:n] || atEOF && n < len(begin)
}

// acceptHTTP09 takes all that comes for the content of a response without head (RFC 1945 section 6).
func (c *Conn) acceptHTTP09() (int, Event, error) {
	h := &c.head
	fields := h.Fields
	fields.Reset()
	*h = Head{
		Status: 200, Version: 9, Fields: fields, Framing: body.Framing{Mode: body.CloseDelimited},
		Admitted: wire.AllowHTTP09,
	}
	h.Control = h.Fields.Control()
	if c.first().Head {
		h.Framing.Mode = body.NoBody
	}
	c.deviate(h.Admitted, 0, nil)
	if err := c.startDecoder(); err != nil {
		return 0, Event{}, err
	}
	c.queue[0].expect, c.serverLast = false, true
	return 0, Event{Kind: ResponseHead, Head: h}, c.input(Server, InputResponse)
}

// readHead reads a start-line and a field section at the front of data. n is 0 while they are
// incomplete.
func (c *Conn) readHead(data []byte, atEOF bool) (n int, err error) {
	if !c.lined {
		if err := c.readStartLine(data); err != nil {
			return 0, err
		}
	}
	if c.lined {
		next, ok, err := c.parser.Parse(&c.head.Fields, data)
		if err != nil {
			return 0, err
		}
		if ok {
			c.lined, c.from = false, 0
			c.head.Raw = data[:next:next]
			c.head.Control = c.head.Fields.Control()
			return next, nil
		}
	}
	if atEOF {
		return 0, incompleteHead(len(data))
	}
	return 0, nil
}

func incompleteHead(at int) error {
	return &wire.SyntaxError{Rule: wire.RuleIncompleteHead, Element: wire.ElementMessage, Offset: int64(at)}
}

// readStartLine goes on with the start-line. Only offsets are kept of it: data may move before the head
// is complete.
func (c *Conn) readStartLine(data []byte) error {
	window := data[:min(len(data), c.limits.Line)]
	next, ok, err := 0, false, error(nil)
	element := wire.ElementStatusLine
	if c.role == Client {
		var line wire.StatusLine
		line, next, ok, err = wire.ConsumeStatusLine(window, 0, c.from, c.parser.Lenient)
		if ok {
			c.status = line
		}
	} else {
		element = wire.ElementRequestLine
		var line wire.RequestLine
		line, next, ok, err = wire.ConsumeRequestLine(window, 0, c.from, c.parser.Lenient)
		if ok {
			c.request = line
			c.target, err = wire.ParseTarget(data[:line.MethodEnd], data[line.TargetStart:line.TargetEnd])
			rebase(err, line.TargetStart)
		}
	}
	switch {
	case err != nil:
		return err
	case ok:
		c.lined = true
		c.parser.Start(next)
	case len(window) < len(data):
		return wire.NewSyntaxError(wire.RuleLimitLine, element, data, len(window))
	}
	c.from = next
	return nil
}

// acceptRequest judges the head of a request that is complete, and begins its exchange.
func (c *Conn) acceptRequest(skip int) error {
	h := &c.head
	raw, line := h.Raw, &c.request
	h.Method, h.Target = raw[:line.MethodEnd:line.MethodEnd], raw[line.TargetStart:line.TargetEnd:line.TargetEnd]
	h.Status, h.Reason, h.Version = 0, nil, line.Version
	h.Admitted = line.Admitted | c.parser.Admitted()
	target := c.target
	h.Form = target.Form
	var fault headers.Fault
	if h.Framing, fault = body.RequestFraming(&h.Control, h.Version, c.config.Codings); fault.Rule != 0 {
		return c.faultError(fault)
	}
	if err := c.checkHost(); err != nil {
		return err
	}
	h.Host = nil
	if target.AuthorityEnd > 0 {
		h.Host = h.Target[target.AuthorityStart:target.AuthorityEnd:target.AuthorityEnd]
	} else if h.Control.Host >= 0 {
		_, h.Host = h.Fields.At(h.Control.Host)
	}
	if err := c.startDecoder(); err != nil {
		return err
	}
	c.deviate(h.Admitted, skip, c.parser.Deviations())
	c.begin(string(h.Method) == "HEAD", string(h.Method) == "CONNECT", &h.Control, h.Version, h.Framing)
	return c.input(Client, InputRequest)
}

// deviate records the leniencies of a head that begins at offset at of data: where the section knows it, at
// their line, else at the head's first octet.
func (c *Conn) deviate(used wire.Lenient, at int, section []wire.Deviation) {
	if c.interim == 0 {
		c.deviations = c.deviations[:0]
	}
	for _, d := range section {
		used &^= d.Lenient
		c.deviations = append(c.deviations, wire.Deviation{Lenient: d.Lenient, Offset: c.offset + int64(at) + d.Offset})
	}
	for ; used != 0; used &= used - 1 {
		c.deviations = append(c.deviations, wire.Deviation{Lenient: used & -used, Offset: c.offset + int64(at)})
	}
}

// Deviations returns each leniency that the message under way has needed so far, with the offset in the
// connection of the octets that needed it, or of their line. It holds until Next is called again.
func (c *Conn) Deviations() []wire.Deviation { return c.deviations }

// startDecoder gets ready for the content, unless that is known to be more than its limit: then the field
// that says so is at fault.
func (c *Conn) startDecoder() error {
	if err := c.decoder.Start(c.head.Framing, &c.limits, c.parser.Lenient); err != nil {
		return c.faultError(headers.Fault{Rule: wire.RuleLimitContent, Line: c.head.Control.LengthLine()})
	}
	return nil
}

// begin puts a request into the queue of those in flight, and lets its server owe an answer.
func (c *Conn) begin(head, connect bool, ctl *headers.Control, v wire.Version, f body.Framing) {
	e := exchange{
		Request: body.Request{Head: head, Connect: connect},
		upgrade: ctl.Upgrade && v.AtLeast11(),
		// An expectation means nothing without content, or from HTTP/1.0 (RFC 9110 section 10.1.1).
		expect:  ctl.Expect100 && v.AtLeast11() && (f.Mode == body.Chunked || f.Length > 0),
		last:    !persists(ctl, v),
		version: v,
	}
	c.push(e)
}

func (c *Conn) push(e exchange) {
	c.queue = append(c.queue, e)
	c.clientLast = c.clientLast || e.last
	if next, ok := Transition(Server, c.states[Server], InputBegin); ok {
		c.states[Server] = next
	}
}

// faultError is the error for a control field that breaks a rule.
func (c *Conn) faultError(f headers.Fault) error {
	return &wire.SyntaxError{
		Rule: f.Rule, Element: wire.ElementFieldLine, Offset: int64(c.head.Fields.Offset(f.Line)),
	}
}

// checkHost holds RFC 9112 section 3.2: an HTTP/1.1 request has exactly one valid Host.
func (c *Conn) checkHost() error {
	ctl := &c.head.Control
	if ctl.HostFault.Rule != 0 {
		return c.faultError(ctl.HostFault)
	}
	if ctl.Hosts == 0 && c.head.Version.AtLeast11() {
		if c.parser.Lenient&wire.AllowMissingHost == 0 {
			return &wire.SyntaxError{Rule: wire.RuleHostMissing, Element: wire.ElementFieldSection}
		}
		c.head.Admitted |= wire.AllowMissingHost
	}
	return nil
}

// acceptResponse judges the head of a response that is complete.
func (c *Conn) acceptResponse() (Kind, error) {
	h := &c.head
	raw, line := h.Raw, &c.status
	h.Method, h.Target, h.Form, h.Host = nil, nil, 0, nil
	h.Status, h.Version = line.Status, line.Version
	h.Reason = raw[line.ReasonStart:line.ReasonEnd:line.ReasonEnd]
	h.Admitted = line.Admitted | c.parser.Admitted() | h.Control.Admit(&h.Fields, c.parser.Lenient)
	c.deviate(h.Admitted, 0, c.parser.Deviations())
	if h.Status/100 == 1 && h.Status != 101 {
		return c.acceptInterim()
	}
	first := c.first()
	var fault headers.Fault
	if h.Framing, fault = body.ResponseFraming(first.Request, h.Status, &h.Control, h.Version, c.config.Codings); fault.Rule != 0 {
		return 0, c.faultError(fault)
	}
	c.queue[0].expect = false
	if h.Status == 101 || h.Status/100 == 2 && first.Connect {
		return c.acceptSwitch(first)
	}
	if err := c.startDecoder(); err != nil {
		return 0, err
	}
	c.serverLast = !persists(&h.Control, h.Version) || h.Framing.LastUse || h.Framing.Mode == body.CloseDelimited
	return ResponseHead, c.input(Server, InputResponse)
}

// acceptInterim judges an interim response: its framing fields mean nothing (RFC 9110 section 15.2).
func (c *Conn) acceptInterim() (Kind, error) {
	if c.interim++; c.interim > c.limits.Interim {
		return 0, &wire.SyntaxError{Rule: wire.RuleLimitInterim, Element: wire.ElementMessage}
	}
	if c.head.Status == 100 {
		c.queue[0].expect = false
	}
	c.head.Framing = body.Framing{}
	return InterimHead, c.input(Server, InputInterim)
}

// acceptSwitch judges 101, which must have been asked for, and 2xx to CONNECT. The switch takes place
// behind a complete request only.
func (c *Conn) acceptSwitch(first exchange) (Kind, error) {
	if c.states[Client] != StateMightSwitch || c.head.Status == 101 && !first.upgrade {
		return 0, &wire.SyntaxError{Rule: wire.RuleUpgradeUnasked, Element: wire.ElementStatusLine}
	}
	c.head.Framing.Mode = body.Tunnel
	return ResponseHead, c.input(Server, InputSwitch)
}

// nextBody goes on with the body of the peer's message.
func (c *Conn) nextBody(data []byte, atEOF bool) (int, Event, error) {
	n, piece, err := c.decoder.Next(data, atEOF)
	for _, d := range c.decoder.Deviations() {
		c.deviations = append(c.deviations, wire.Deviation{Lenient: d.Lenient, Offset: c.offset + d.Offset})
	}
	if err != nil {
		return 0, Event{}, err
	}
	ev := Event{}
	switch piece.Kind {
	case body.Chunk:
		ev = Event{Kind: Chunk, Size: piece.Size, Ext: piece.Ext}
	case body.Content:
		ev = Event{Kind: Content, Content: piece.Data}
	case body.End:
		ev = Event{Kind: End}
		if c.head.Framing.Mode == body.Chunked {
			ev.Trailers = &c.decoder.Trailers
		}
		return n, ev, c.input(c.role.Peer(), InputEnd)
	}
	if c.role == Server && n > 0 {
		c.queue[0].expect = false // the client no longer waits
	}
	return n, ev, nil
}

// Ahead returns how many octets of content come next on the wire with nothing between them: so many may
// be moved past [Conn.Next], which is then told by [Conn.Skip]. It is -1 when that is until the
// connection closes, and 0 when what comes next is for Next.
func (c *Conn) Ahead() int64 {
	if c.err != nil || c.states[c.role.Peer()] != StateBody {
		return 0
	}
	return c.decoder.Ahead()
}

// Skip records that n octets of content were moved past [Conn.Next]. More than [Conn.Ahead] allows is an
// error, and then nothing is recorded.
func (c *Conn) Skip(n int64) error {
	if n == 0 {
		return nil
	}
	if c.Ahead() == 0 || !c.decoder.Skip(n) {
		return &wire.SyntaxError{Rule: wire.RuleContentExcess, Element: wire.ElementContent, Offset: c.offset}
	}
	c.offset += n
	if c.role == Server {
		c.queue[0].expect = false
	}
	return nil
}
