package httpserver

import (
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/wire"
)

// finish completes the response when the handler has returned.
func (x *exchange) finish() error {
	x.send.Lock()
	defer x.send.Unlock()
	if x.failed != nil {
		if !x.committed && isSyntax(x.failed) {
			return x.ownFault(x.failed)
		}
		return x.failed
	}
	l := &x.c.loop
	if !x.committed && x.switches() {
		if x.status == 0 {
			x.last = true
			x.page(status.NotImplemented, "CONNECT is not served here") // the handler looked at no method
		} else {
			return x.ownFault(errNotTaken)
		}
	}
	var out []byte
	if x.committed {
		out = l.Out()
	} else {
		if x.declared >= 0 && x.written < x.declared && x.method != "HEAD" {
			return x.ownFault(&wire.SyntaxError{Rule: wire.RuleContentShort, Element: wire.ElementContent, Offset: -1, Sent: true})
		}
		whole := x.written
		if x.method == "HEAD" && x.written == 0 {
			whole = -1 // nobody said how long it would be
		}
		var err error
		if out, err = x.commit(whole); err != nil {
			return x.ownFault(err)
		}
	}
	defer func() { l.Drop(out) }()
	const framing = 64 // a chunk head and its end, and the last-chunk
	if len(x.buf) > 0 && len(out)+len(x.buf)+framing > cap(out) {
		if err := x.putWaiting(out); err != nil {
			return err
		}
		out = out[:0]
	}
	l.Lock()
	out, err := x.ending(out)
	l.Unlock()
	if len(out) > 0 {
		// Of a response that is too short, what there is.
		if failed := l.Write(out); err == nil {
			err = failed
		}
	}
	if err != nil {
		x.c.s.report(x.c.nc.RemoteAddr(), err)
		return x.fail(err)
	}
	x.wireOut += int64(len(x.buf))
	x.finished = true
	return nil
}

// errNotTaken is the fault of a handler that ends HTTP on the connection and leaves it to the server.
var errNotTaken = errors.New("httpserver: the protocol was switched and the connection not taken over")

// switches reports whether the response ends HTTP on the connection.
func (x *exchange) switches() bool {
	return x.code() == 101 || x.method == "CONNECT" && x.code()/100 == 2
}

// ending appends what content waits, and the end of the response.
func (x *exchange) ending(out []byte) ([]byte, error) {
	m := x.c.machine
	out, err := m.AppendContent(out, x.buf)
	if err != nil {
		return out, err
	}
	if x.end.Len() > 0 && x.speaks11() && x.method != "HEAD" && !isContentless(x.code()) {
		return m.AppendEnd(out, &x.end)
	}
	return m.AppendEnd(out, nil)
}

// ownFault answers a request whose handler made a response that cannot be sent.
func (x *exchange) ownFault(err error) error {
	x.c.s.report(x.c.nc.RemoteAddr(), err)
	x.failed, x.aborted, x.last = nil, false, true
	x.page(status.InternalServerError, "the response broke a rule of HTTP")
	out, bad := x.commit(x.written)
	if bad != nil {
		return bad
	}
	defer func() { x.c.loop.Drop(out) }()
	if out, bad = x.ending(out); bad == nil {
		bad = x.c.loop.Write(out)
	}
	x.wireOut = int64(len(x.buf))
	if bad != nil {
		return x.fail(bad)
	}
	x.finished = true
	return nil
}

// page makes the response a short text.
func (x *exchange) page(code status.Code, text string) {
	if text == "" {
		if text = code.Description(); text == "" {
			text = code.Phrase()
		}
	}
	x.out.Reset()
	x.end.Reset()
	x.onHead = nil
	if x.buf == nil {
		x.buf = x.c.loop.Out()
	}
	x.buf, x.written, x.declared = x.buf[:0], 0, -1
	x.status, x.reason = int(code), ""
	x.out.Add("Content-Type", "text/plain; charset=utf-8")
	x.out.Add("X-Content-Type-Options", "nosniff")
	line := fmt.Sprintf("%d %s\n%s\n", int(code), code.Phrase(), text)
	x.written = int64(len(line))
	if x.method != "HEAD" && !isContentless(int(code)) && len(line) <= cap(x.buf) {
		x.buf = append(x.buf, line...)
	}
}

// refusal answers a request that could not be read, by the status for the rule and a text that names it. The
// connection closes behind it.
func (x *exchange) refusal(r *RequestError) error {
	x.send.Lock()
	defer x.send.Unlock()
	if x.committed && !x.finished {
		return x.fail(r)
	}
	x.committed, x.failed, x.aborted, x.last = false, nil, false, true
	if x.c.machine.InFlight() == 0 {
		x.method = ""
	}
	x.page(r.Status, reasonOf(r.Err))
	out, err := x.commit(x.written)
	if err != nil {
		return err
	}
	defer func() { x.c.loop.Drop(out) }()
	if out, err = x.ending(out); err == nil {
		err = x.c.loop.Write(out)
	}
	x.wireOut, x.finished = int64(len(x.buf)), true
	return err
}

// reasonOf returns the rule that was broken, and what it says. What the client sent is not in it but for one
// octet, quoted.
func reasonOf(err error) string {
	var e *wire.SyntaxError
	if errors.As(err, &e) {
		return e.Rule.Name() + ": " + e.Error()
	}
	return err.Error()
}

func isSyntax(err error) bool { return errors.As(err, new(*wire.SyntaxError)) }

func isTimeout(err error) bool { return errors.As(err, new(*TimeoutError)) }

// refusedExpectation answers a request that expects what this server does not know by 417 (RFC 9110 section
// 10.1.1).
func (x *exchange) refusedExpectation() bool {
	if !x.control.ExpectOther || !x.version.AtLeast11() {
		return false
	}
	x.last = true
	x.page(status.ExpectationFailed, "the server knows no expectation but 100-continue (RFC 9110 section 10.1.1)")
	return true
}

// frame adds to the header section what frames the content and steers the connection. whole is how long the
// content is, or -1.
func (x *exchange) frame(whole int64) {
	ctl := x.out.Control()
	code := x.code()
	contentless := isContentless(code)
	if code == 205 {
		whole = 0 // RFC 9110 section 15.3.6
	}
	switched := x.switches()
	if contentless && code != 304 || switched {
		x.out.Del("Content-Length")
		x.out.Del("Transfer-Encoding")
	}
	if ctl.Coded && !x.version.AtLeast11() {
		x.out.Del("Transfer-Encoding") // to a client that knows no chunks the content is what it is (RFC 9112 section 6.1)
		ctl.Coded, ctl.Chunked = false, false
	}
	x.chunked, x.delimited = ctl.Chunked, ctl.Chunked || ctl.ContentLength >= 0
	trailers := x.end.Len() > 0 || x.out.Has("Trailer")
	closing := x.last || ctl.Close || x.closes()
	if !contentless && !switched && ctl.ContentLength < 0 && !ctl.Coded {
		switch {
		case whole >= 0 && !(trailers && x.speaks11()):
			x.out.AddBytes(contentLength, strconv.AppendInt(x.digits[:0], whole, 10))
			x.delimited = true
		case x.method == "HEAD":
		case x.speaks11():
			x.out.AddBytes(transferEncoding, chunked)
			x.chunked, x.delimited = true, true
		default:
			closing = true
		}
	}
	x.last = closing
	switch {
	case switched || ctl.Close || ctl.KeepAlive:
	case closing:
		x.out.AddBytes(connection, closeOption)
	case !x.speaks11():
		x.out.AddBytes(connection, keepAlive)
	}
	if !x.c.s.NoDate && !x.noDate && !x.out.Has("Date") {
		x.out.Add("Date", dateNow())
	}
	if x.c.s.Name != "" && !x.out.Has("Server") {
		x.out.Add("Server", x.c.s.Name)
	}
}

var (
	contentLength    = []byte("Content-Length")
	transferEncoding = []byte("Transfer-Encoding")
	chunked          = []byte("chunked")
	connection       = []byte("Connection")
	closeOption      = []byte("close")
	keepAlive        = []byte("keep-alive")
)

// closes reports whether the connection ends with this exchange, for a reason that is known before the head.
func (x *exchange) closes() bool {
	c := x.c
	if x.control.Close || !x.speaks11() && !x.control.KeepAlive {
		return true
	}
	if c.s.shutting.Load() || c.s.MaxRequests > 0 && c.n >= c.s.MaxRequests || x.readErr.Load() != nil {
		return true
	}
	if x.ended.Load() {
		return false
	}
	c.loop.Lock()
	defer c.loop.Unlock()
	// Content that nobody read: is it worth reading to keep the connection?
	return c.machine.ExpectsContinue() || c.drainLimit() < 0 || c.machine.Ahead() > c.drainLimit()
}

// date is the value of Date for one second.
type date struct {
	second int64
	text   string
}

var lastDate atomic.Pointer[date]

// DateString returns t as an HTTP-date, in its IMF-fixdate form (RFC 9110 section 5.6.7).
func DateString(t time.Time) string { return t.UTC().Format(httpDate) }

const httpDate = "Mon, 02 Jan 2006 15:04:05 GMT"

// dateNow is DateString of now, made once a second.
func dateNow() string {
	now := time.Now()
	if d := lastDate.Load(); d != nil && d.second == now.Unix() {
		return d.text
	}
	d := &date{second: now.Unix(), text: DateString(now)}
	lastDate.Store(d)
	return d.text
}

// hijack takes the connection out of the server's hands. even says that it may be inside of a response.
func (x *exchange) hijack(even bool) error {
	c := x.c
	switching := x.status != 0 && x.switches()
	switch {
	case x.failed != nil:
		return x.failed
	case x.committed && !switching && !even:
		return ErrHeadSent
	case switching && !x.committed:
		out, err := x.commit(-1)
		if err != nil {
			return err
		}
		err = c.loop.Write(out)
		c.loop.Drop(out)
		if err != nil {
			return x.fail(err)
		}
	}
	x.stopWatch()
	c.loop.Resume()
	c.mu.Lock()
	c.hijacked.Store(true)
	c.mu.Unlock()
	c.s.leave(c)
	x.finished = true
	return nil
}
