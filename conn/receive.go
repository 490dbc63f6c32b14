package conn

import (
	"github.com/strata-http/strata/body"
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
	if e, ok := err.(*wire.SyntaxError); ok {
		if e.Offset >= 0 {
			e.Offset += c.offset
		}
		e.Firm = e.Firm || c.role == Server && forResponses(e.Rule)
	}
	c.err = err
	c.states[c.role.Peer()] = StateFailed
	c.settle()
	return err
}

// forResponses reports whether the leniency of r is for responses alone: to guess at the framing of a request
// helps only smuggling.
func forResponses(r wire.Rule) bool {
	return r == wire.RuleMissingColon || r == wire.RuleContentLength || r == wire.RuleContentLengths
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

// nextBody goes on with the body of the peer's message.
func (c *Conn) nextBody(data []byte, atEOF bool) (int, Event, error) {
	n, piece, err := c.decoder.Next(data, atEOF)
	for _, d := range c.decoder.Deviations() {
		c.deviate(d.Lenient, d.Offset)
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
		if c.role == Client && c.decoder.Admitted()&wire.AllowTrailerEOF != 0 {
			c.serverLast = true // the connection's end was the message's
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
