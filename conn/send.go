package conn

import (
	"bytes"
	"errors"
	"strconv"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// AppendRequest appends the head of a request. Its fields go out as they are, in their order and case;
// nothing is added, and so they must frame the content that is to follow, by Content-Length or
// Transfer-Encoding, and an HTTP/1.1 request must have a Host (RFC 9112 sections 3.2 and 6.3). The
// request is then ended by [Conn.AppendEnd], with or without content.
//
// A rule broken by method, target or fields is a [*wire.SyntaxError]; a request that cannot be sent
// now is a [*StateError]. Either way dst is returned as it was and nothing has changed.
func (c *Conn) AppendRequest(dst []byte, method, target string, fields *headers.Fields) ([]byte, error) {
	if err := c.mayRequest(); err != nil {
		return dst, err
	}
	ctl := fields.Control()
	framing, err := c.checkRequest(method, target, fields, &ctl)
	if err != nil {
		return dst, err
	}
	var lenient wire.Lenient
	if c.config.ObsTarget {
		lenient = wire.AllowObsTarget
	}
	out, err := wire.AppendRequestLine(dst, method, target, c.config.Version, lenient)
	if err != nil {
		return dst, err
	}
	if out, err = fields.AppendTo(out); err != nil {
		return dst, err
	}
	out = append(out, '\r', '\n')
	c.begin(method == "HEAD", method == "CONNECT", &ctl, c.config.Version, framing)
	c.encoder.Start(framing)
	return out, c.input(Client, InputRequest)
}

// mayRequest returns the error for a request now.
func (c *Conn) mayRequest() error {
	if c.role != Client {
		return &StateError{Party: c.role, State: c.states[c.role], Input: InputRequest, Why: "a server sends responses"}
	}
	if err := c.legal(Client, InputRequest); err != nil {
		if c.err != nil {
			err.(*StateError).Why = c.err.Error()
		} else if c.clientLast || c.serverLast {
			err.(*StateError).Why = "the connection does not persist"
		}
		return err
	}
	if n := len(c.queue); n >= c.config.Pipeline {
		return &StateError{Party: Client, State: c.states[Client], Input: InputRequest,
			Why: strconv.Itoa(n) + " in flight already"}
	} else if n > 0 && c.queue[n-1].switches() {
		return &StateError{Party: Client, State: c.states[Client], Input: InputRequest,
			Why: "the request in flight may switch protocols"}
	}
	return nil
}

// checkRequest returns the framing of a request to be sent.
func (c *Conn) checkRequest(method, target string, fields *headers.Fields, ctl *headers.Control) (body.Framing, error) {
	if !wire.IsToken(method) {
		_, err := wire.AppendRequestLine(nil, method, "/", c.config.Version, 0)
		return body.Framing{}, err
	}
	if _, err := wire.ParseTarget(method, target); err != nil {
		return body.Framing{}, unsent(err)
	}
	framing, fault := body.RequestFraming(ctl, c.config.Version, true)
	switch {
	case fault.Rule != 0:
		return framing, senderFault(fault.Rule)
	case ctl.HostFault.Rule != 0:
		return framing, senderFault(ctl.HostFault.Rule)
	case ctl.Hosts == 0 && c.config.Version.AtLeast11():
		return framing, senderFault(wire.RuleHostMissing)
	case repeatsLength(fields, ctl):
		return framing, senderFault(wire.RuleContentLength)
	case method == "CONNECT" && framing.Mode != body.NoBody:
		return framing, senderFault(wire.RuleFramingForbidden)
	}
	return framing, nil
}

// repeatsLength reports whether the fields have Content-Length more than once, be it in one line. A
// recipient may take equal values for one; a sender has no business with them (RFC 9110 section 8.6).
func repeatsLength(fields *headers.Fields, ctl *headers.Control) bool {
	first := ctl.LengthLine()
	if first < 0 {
		return false
	}
	if _, value := fields.At(first); bytes.IndexByte(value, ',') >= 0 {
		return true
	}
	for i := first + 1; i < fields.Len(); i++ {
		if name, _ := fields.At(i); wire.EqualFold(name, "content-length") {
			return true
		}
	}
	return false
}

// senderFault is the error for fields that a sender may not send together.
func senderFault(rule wire.Rule) error {
	return &wire.SyntaxError{Rule: rule, Element: wire.ElementFieldSection, Offset: -1, Sent: true}
}

// unsent marks an error as one about what a caller wanted to send.
func unsent(err error) error {
	if e, ok := err.(*wire.SyntaxError); ok {
		e.Sent = true
	}
	return err
}

// AppendResponse appends the head of a response: with status 100 to 199, but 101, that of an interim
// one, which is whole with that; else that of the final one, which is ended by [Conn.AppendEnd]. 101,
// and 2xx to CONNECT, switch: what follows is not HTTP. Fields go out as they are and nothing is added:
// where they frame nothing, the content ends with the connection.
//
// Where no request was read, only an error can be sent, 400 or above, and it is the last message: to a client
// that sent what is no request, or that sent nothing in time (RFC 9112 sections 9.2 and 9.5).
//
// Errors are those of [Conn.AppendRequest]. Content-Length or Transfer-Encoding where the response can
// have neither is [wire.RuleFramingForbidden]; Transfer-Encoding, and interim responses, to an HTTP/1.0
// client are errors too, as are 101 without Upgrade and 205 with content.
func (c *Conn) AppendResponse(dst []byte, status int, reason string, fields *headers.Fields) ([]byte, error) {
	if c.role != Server {
		return dst, &StateError{Party: c.role, State: c.states[c.role], Input: InputResponse, Why: "a client sends requests"}
	}
	in, first := c.responseInput(status)
	if err := c.legal(Server, in); err != nil {
		return dst, err
	}
	if len(c.queue) == 0 && status < 400 {
		return dst, &StateError{Party: Server, State: c.states[Server], Input: in, Why: "no request is owed an answer"}
	}
	ctl := fields.Control()
	framing, err := c.checkResponse(status, in, first, fields, &ctl)
	if err != nil {
		return dst, err
	}
	out, err := wire.AppendStatusLine(dst, c.config.Version, status, reason)
	if err != nil {
		return dst, err
	}
	if out, err = fields.AppendTo(out); err != nil {
		return dst, err
	}
	out = append(out, '\r', '\n')
	if len(c.queue) > 0 && (in != InputInterim || status == 100) {
		c.queue[0].expect = false
	}
	if in == InputResponse {
		c.encoder.Start(framing)
		if status == 205 {
			c.encoder.StartEmpty(framing)
		}
		c.serverLast = len(c.queue) == 0 || framing.Mode == body.CloseDelimited || !persists(&ctl, c.config.Version) ||
			!first.version.AtLeast11() && !ctl.KeepAlive
	}
	return out, c.input(Server, in)
}

// responseInput tells what a response of that status is to the machine.
func (c *Conn) responseInput(status int) (Input, exchange) {
	first := c.first()
	switch {
	case status == 101, status/100 == 2 && first.Connect:
		return InputSwitch, first
	case status/100 == 1:
		return InputInterim, first
	}
	return InputResponse, first
}

// checkResponse returns the framing of a response to be sent.
func (c *Conn) checkResponse(
	status int, in Input, first exchange, fields *headers.Fields, ctl *headers.Control,
) (body.Framing, error) {
	framed := ctl.Coded || ctl.LengthLine() >= 0
	framing, fault := body.ResponseFraming(first.Request, status, ctl, c.config.Version, true)
	switch {
	case in == InputSwitch && (c.states[Client] != StateMightSwitch || status == 101 && !first.upgrade):
		return framing, senderFault(wire.RuleUpgradeUnasked)
	case status == 101 && !ctl.Upgrade:
		return framing, senderFault(wire.RuleUpgradeMissing)
	case in == InputInterim && !first.version.AtLeast11():
		return framing, senderFault(wire.RuleInterimToHTTP10)
	case framed && (in != InputResponse || status == 204):
		return framing, senderFault(wire.RuleFramingForbidden)
	case ctl.Coding.Rule != 0:
		return framing, senderFault(ctl.Coding.Rule)
	case ctl.Length.Rule != 0:
		return framing, senderFault(ctl.Length.Rule)
	case fault.Rule != 0:
		return framing, senderFault(fault.Rule)
	case repeatsLength(fields, ctl):
		return framing, senderFault(wire.RuleContentLength)
	case status == 205 && framing.Length > 0:
		return framing, senderFault(wire.RuleContentForbidden) // RFC 9110 section 15.3.6
	case ctl.Coded && ctl.LengthLine() >= 0:
		return framing, senderFault(wire.RuleCodingAndLength)
	case ctl.Coded && !(first.version.AtLeast11() && c.config.Version.AtLeast11()):
		return framing, senderFault(wire.RuleCodingInHTTP10)
	}
	return framing, nil
}

// AppendContent appends content of the message under way, as one chunk where that is chunked. Empty
// content appends nothing. More than Content-Length allows, or any where there can be none, is a
// [*wire.SyntaxError]; in a request that frames none it is [wire.RuleContentUnframed].
func (c *Conn) AppendContent(dst, content []byte) ([]byte, error) {
	if err := c.legal(c.role, InputContent); err != nil {
		return dst, err
	}
	out, err := c.encoder.AppendContent(dst, content)
	return out, c.wroteContent(len(content), err)
}

// wroteContent is what there is to do behind an attempt to send n octets of content.
func (c *Conn) wroteContent(n int, err error) error {
	if c.role != Client {
		return err
	}
	if errors.Is(err, wire.RuleContentForbidden) {
		return &wire.SyntaxError{Rule: wire.RuleContentUnframed, Element: wire.ElementContent, Sent: true}
	}
	if err == nil && n > 0 {
		c.queue[len(c.queue)-1].expect = false // it no longer waits
	}
	return err
}

// AppendChunk is [Conn.AppendContent] with chunk extensions: see [body.Encoder.AppendChunk].
func (c *Conn) AppendChunk(dst, content []byte, ext string) ([]byte, error) {
	if err := c.legal(c.role, InputContent); err != nil {
		return dst, err
	}
	out, err := c.encoder.AppendChunk(dst, content, ext)
	return out, c.wroteContent(len(content), err)
}

// AppendCoded appends octets that are in the chunked coding already, once they are found to be: see
// [body.Encoder.AppendCoded].
func (c *Conn) AppendCoded(dst, octets []byte) ([]byte, error) {
	if err := c.legal(c.role, InputContent); err != nil {
		return dst, err
	}
	out, err := c.encoder.AppendCoded(dst, octets)
	return out, c.wroteContent(len(octets), err)
}

// AppendPrefix appends what goes on the wire before n octets of content that do not pass through
// memory here: a chunk head, or nothing. When they are sent, [Conn.Sent] is told, once or in pieces, and
// [Conn.AppendSuffix] appends what goes behind them.
func (c *Conn) AppendPrefix(dst []byte, n int64) ([]byte, error) {
	if err := c.legal(c.role, InputContent); err != nil {
		return dst, err
	}
	out, err := c.encoder.AppendPrefix(dst, n)
	return out, c.wroteContent(int(min(n, 1)), err)
}

// Sent records that n octets of content were sent behind what [Conn.AppendPrefix] appended.
func (c *Conn) Sent(n int64) error {
	if err := c.legal(c.role, InputContent); err != nil {
		return err
	}
	return c.encoder.Skip(n)
}

// AppendSuffix appends what goes behind content that did not pass through memory here.
func (c *Conn) AppendSuffix(dst []byte) ([]byte, error) {
	if err := c.legal(c.role, InputContent); err != nil {
		return dst, err
	}
	return c.encoder.AppendSuffix(dst)
}

// Remain returns how many octets of content the message being sent still needs to reach its
// Content-Length, and 0 where it has none.
func (c *Conn) Remain() int64 { return c.encoder.Remain() }

// AppendEnd ends the message under way; where it is chunked it appends the last-chunk and the trailer
// section, else trailers must be nil or empty. A Content-Length that was not reached is a
// [*wire.SyntaxError] with [wire.RuleContentShort], and a field that must not be a trailer one with
// [wire.RuleTrailerField]; the caller mends it or closes the connection.
func (c *Conn) AppendEnd(dst []byte, trailers *headers.Fields) ([]byte, error) {
	if err := c.legal(c.role, InputEnd); err != nil {
		return dst, err
	}
	out, err := c.encoder.AppendEnd(dst, trailers)
	if err != nil {
		return dst, err
	}
	if c.role == Client {
		c.queue[len(c.queue)-1].expect = false // nothing is left to wait with
	}
	return out, c.input(c.role, InputEnd)
}

// AppendRaw appends raw as it is, unchecked: the path for whoever wants to send what is malformed. It
// is possible between messages only. A client names the method of each request that raw completes, and
// as many responses are awaited, beyond [Config].Pipeline if need be; what raw says about itself is not
// looked at, so a response of any kind is taken. With no method, raw is a part of what a later call
// completes.
//
// A server's response may be sent so too, and then the connection can only be closed: no state changes.
func (c *Conn) AppendRaw(dst, raw []byte, methods ...string) ([]byte, error) {
	if c.role == Server {
		if len(methods) > 0 {
			return dst, &StateError{Party: Server, State: c.states[Server], Input: InputRequest, Why: "a server awaits no response"}
		}
		return append(dst, raw...), nil
	}
	if err := c.legal(Client, InputRequest); err != nil {
		return dst, err
	}
	for _, method := range methods {
		c.push(exchange{
			Request: body.Request{Head: method == "HEAD", Connect: method == "CONNECT"},
			upgrade: true, version: c.config.Version,
		})
	}
	if len(methods) > 0 {
		c.states[Client] = StateDone
		c.settle()
	}
	return append(dst, raw...), nil
}
