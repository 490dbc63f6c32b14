package parse

import (
	"errors"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Options are how the engine treats every case.
type Options struct {
	Limits  wire.Limits
	Lenient wire.Lenient
	Split   int  // octets that one read yields at the most; 0 for all
	Cut     int  // octets that the first read yields at the most; 0 for as many as Split says
	Codings bool // transfer codings other than chunked are taken, and left on the content
	// Scribble overwrites octets in Case.Octets once they are consumed, so that a view that is used for too long shows.
	Scribble bool
	Version  string // of the engine, for the first line of output
}

// errNoRequest is the error for a client that closes before it has sent anything: that breaks no rule, and yet there is
// no message.
var errNoRequest = errors.New("connection closed before a request")

// Run puts a case before the engine. An error tells that the engine failed its user, not that the peer did.
func Run(c Case, o Options) (*Result, error) {
	r := &replay{
		Conn:   conn.New(c.Side, conn.Config{Limits: o.Limits, Lenient: o.Lenient, Codings: o.Codings}),
		octets: c.Octets, closes: c.EOF, split: o.Split, cut: o.Cut, scribble: o.Scribble,
		result: Result{ID: c.ID, Verdict: Hang, More: []Later{}, Interim: []int{}, Leftover: []byte{}, Message: newMessage(nil)},
	}
	if c.Side == conn.Client {
		methods := c.Methods
		if len(methods) == 0 {
			methods = []string{"GET"}
		}
		// What a raw request says is not known, so the engine takes it for one that asks for an upgrade.
		if _, err := r.AppendRaw(nil, nil, methods...); err != nil {
			return nil, err
		}
	}
	if err := r.run(); err != nil {
		return nil, err
	}
	return &r.result, nil
}

// replay is a connection that yields the octets of a case.
type replay struct {
	*conn.Conn
	octets         []byte
	consumed, read int // octets of it
	closes, closed bool
	split, cut     int
	scribble       bool
	scribbled      int // octets that were overwritten

	current   *Message // under way, nil between messages
	keepAlive bool     // the request under way asks for it
	reusable  bool     // behind the first message the connection persists
	result    Result
}

// run goes on until nothing more can come of the octets.
func (r *replay) run() error {
	for {
		if r.scribble {
			for ; r.scribbled < r.consumed; r.scribbled++ {
				r.octets[r.scribbled] = '#'
			}
		}
		n, ev, err := r.Next(r.octets[r.consumed:r.read:r.read], r.closed)
		r.consumed += n
		if err != nil {
			r.fail(err)
			return nil
		}
		done := false
		switch ev.Kind {
		case conn.NeedData:
			done = !r.more()
		case conn.InterimHead:
			r.result.Interim = append(r.result.Interim, ev.Head.Status)
		case conn.RequestHead, conn.ResponseHead:
			done = r.begin(ev.Head)
		case conn.Content:
			r.current.Body = append(r.current.Body, ev.Content...)
		case conn.End:
			done, err = r.end(ev.Trailers)
		case conn.Paused:
			// What a client sends behind its last request is ignored (RFC 9112 section 9.6); behind a server's last
			// response there is to be nothing.
			done = r.Role() == conn.Server || !r.more()
		case conn.Closed:
			if done = true; r.result.Messages == 0 {
				r.fail(errNoRequest)
			}
		}
		if err != nil || done {
			r.result.Reusable = r.reusable && r.result.MoreError == ""
			return err
		}
	}
}

// more reads on, and reports whether there was anything: octets, or the end of the connection.
func (r *replay) more() bool {
	if rest := len(r.octets) - r.read; rest > 0 {
		if r.split > 0 {
			rest = min(rest, r.split)
		}
		if r.cut > r.read {
			rest = min(rest, r.cut-r.read)
		}
		r.read += rest
		return true
	}
	if r.closed {
		return false
	}
	r.closed = r.closes
	return r.closed
}

// begin takes the head of a final message. Behind one that switches protocols HTTP is over.
func (r *replay) begin(h *conn.Head) (over bool) {
	first := r.result.Messages == 0
	m := newMessage(h)
	if r.current = &m; first {
		r.result.Message = m
		r.current = &r.result.Message
	}
	r.keepAlive = h.Control.KeepAlive
	if h.Framing.Mode != body.Tunnel {
		return false
	}
	r.complete()
	return true
}

// end completes a message, and answers it if it is a request.
func (r *replay) end(trailers *headers.Fields) (over bool, err error) {
	if trailers != nil {
		r.current.Trailers = fields(trailers)
	}
	m := r.current
	if r.Role() == conn.Server {
		if err := r.answer(string(*m.Method)); err != nil {
			return false, err
		}
	}
	r.complete()
	return r.Switched(), nil
}

// complete counts the message under way as delivered whole.
func (r *replay) complete() {
	m := r.current
	r.current = nil
	if r.result.Messages++; r.result.Messages == 1 {
		r.result.Verdict = Accept
		r.reusable = !r.LastResponse() && !r.Switched()
	} else {
		r.result.More = append(r.result.More, Later{m.Status, m.Method, m.Target, m.Body})
	}
	if r.Switched() {
		r.result.Leftover = r.octets[r.consumed:]
	}
}

// answer sends a small 200, and lets the connection persist if the request does (RFC 9112 section 9.3).
func (r *replay) answer(method string) error {
	var f headers.Fields
	const content = "ok"
	if method != "CONNECT" {
		f.Add("Content-Length", "2")
	}
	if r.LastResponse() {
		f.Add("Connection", "close")
	} else if r.keepAlive {
		f.Add("Connection", "keep-alive") // without which HTTP/1.0 does not persist
	}
	if _, err := r.AppendResponse(nil, 200, "OK", &f); err != nil || method == "CONNECT" {
		return err
	}
	if method != "HEAD" {
		if _, err := r.AppendContent(nil, []byte(content)); err != nil {
			return err
		}
	}
	_, err := r.AppendEnd(nil, nil)
	return err
}

// fail notes what ended receiving.
func (r *replay) fail(err error) {
	r.result.Err = err
	rule, offset := wire.RuleIncompleteHead.Name(), r.Offset()
	var syntax *wire.SyntaxError
	if errors.As(err, &syntax) {
		rule, offset = syntax.Rule.Name(), syntax.Offset
	}
	if r.result.Messages > 0 {
		r.result.MoreError, r.result.MoreRule = err.Error(), rule
		r.result.Reusable = false
		return
	}
	r.result.Verdict = Reject
	r.result.Error, r.result.Rule = err.Error(), rule
	if offset >= 0 {
		r.result.Offset = &offset
	}
}
