package conn

import (
	"bytes"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

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
	if string(h.Method) == "CONNECT" && (h.Framing.Mode == body.Chunked || h.Framing.Length > 0) {
		// It has no content (RFC 9110 section 9.3.6), and peers disagree on what such octets are.
		line := max(h.Control.LengthLine(), h.Control.CodingLine())
		return c.faultError(headers.Fault{Rule: wire.RuleFramingForbidden, Line: line})
	}
	if err := c.checkHost(); err != nil {
		return err
	}
	h.Host = nil
	switch {
	case target.Form == wire.AbsoluteForm || target.Form == wire.AuthorityForm:
		// Host is ignored, even where the target has no authority (RFC 9112 section 3.2.2).
		h.Host = h.Target[target.AuthorityStart:target.AuthorityEnd:target.AuthorityEnd]
	case h.Control.Host >= 0:
		_, h.Host = h.Fields.At(h.Control.Host)
	}
	if err := c.startDecoder(); err != nil {
		return err
	}
	c.beginDeviations(line.Admitted, skip)
	if h.Admitted&wire.AllowMissingHost != 0 {
		c.deviate(wire.AllowMissingHost, int64(skip))
	}
	c.begin(string(h.Method) == "HEAD", string(h.Method) == "CONNECT", &h.Control, h.Version, h.Framing)
	return c.input(Client, InputRequest)
}

// beginDeviations records the leniencies of a head that begins at offset at of data: those of its start-line,
// and those of its field section.
func (c *Conn) beginDeviations(line wire.Lenient, at int) {
	if c.interim == 0 {
		c.deviations, c.deviated = c.deviations[:0], 0
	}
	c.deviate(line, int64(at))
	for _, d := range c.parser.Deviations() {
		c.deviate(d.Lenient, int64(at)+d.Offset)
	}
}

// deviate records leniencies that octets at offset at of data have needed, as far as they are the first.
func (c *Conn) deviate(used wire.Lenient, at int64) {
	for fresh := used &^ c.deviated; fresh != 0; fresh &= fresh - 1 {
		c.deviations = append(c.deviations, wire.Deviation{Lenient: fresh & -fresh, Offset: c.offset + at})
	}
	c.deviated |= used
}

// admitControl lets the control fields of a response be what leniency makes of them.
func (c *Conn) admitControl() wire.Lenient {
	h := &c.head
	fault := h.Control.Length.Line
	used := h.Control.Admit(&h.Fields, c.parser.Lenient)
	if used == 0 {
		return 0 // and perhaps there is no field line at all
	}
	c.deviate(used&^wire.AllowCloseSubstring, int64(h.Fields.Offset(fault)))
	if used&wire.AllowCloseSubstring != 0 {
		line := 0
		for name := range h.Fields.All() {
			if wire.EqualFold(name, "Connection") {
				break
			}
			line++
		}
		c.deviate(wire.AllowCloseSubstring, int64(h.Fields.Offset(line)))
	}
	return used
}

// Deviations returns each leniency that the message under way has needed so far, in the order in which it
// needed them first, with the offset in the connection of the line, or of the field value, that was the first
// to need it. It holds until Next is called again.
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
	if n := len(c.queue); n == cap(c.queue) {
		// The queue has moved to the end of its memory, and goes back to where that begins. It moves again
		// no sooner than behind n more requests, so a long queue costs no more for each than a short one.
		if 2*n >= cap(c.memory) {
			c.memory = make([]exchange, 0, 2*n+1)
		}
		c.queue = append(c.memory[:0], c.queue...)
	}
	c.queue = append(c.queue, e)
	c.clientLast = c.clientLast || e.last
	if next, ok := Transition(Server, c.states[Server], InputBegin); ok {
		c.states[Server] = next
	}
}

// faultError is the error for a control field that breaks a rule.
func (c *Conn) faultError(f headers.Fault) error {
	_, value := c.head.Fields.At(f.Line)
	return &wire.SyntaxError{
		Rule: f.Rule, Element: wire.ElementFieldLine, Offset: int64(c.head.Fields.Offset(f.Line)),
		Firm: f.Rule == wire.RuleContentLength && len(bytes.Trim(value, "0123456789")) == 0 && len(value) > 0,
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
	c.beginDeviations(line.Admitted, 0)
	h.Admitted = line.Admitted | c.parser.Admitted() | c.admitControl()
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
	c.deviations, c.deviated = c.deviations[:0], 0
	c.deviate(h.Admitted, 0)
	if err := c.startDecoder(); err != nil {
		return 0, Event{}, err
	}
	c.queue[0].expect, c.serverLast = false, true
	return 0, Event{Kind: ResponseHead, Head: h}, c.input(Server, InputResponse)
}
