package conntest

import (
	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
)

// Pair is a client and a server coupled in memory. What one appends, the other is shown by
// [Pair.Next], in segments.
type Pair struct {
	Client, Server *conn.Conn
	// Segment is how many octets Next shows at a time at most; 0 shows all there is.
	Segment int

	streams [2]stream // by the party that reads it
}

// stream is one direction.
type stream struct {
	sent  []byte // all that was sent
	read  int    // what was consumed of it
	shown int    // what was shown of it
	eof   bool
}

// NewPair returns a coupled client and server.
func NewPair(client, server conn.Config) *Pair {
	return &Pair{Client: conn.New(conn.Client, client), Server: conn.New(conn.Server, server)}
}

// Conn returns the party of that role.
func (p *Pair) Conn(role conn.Role) *conn.Conn {
	if role == conn.Client {
		return p.Client
	}
	return p.Server
}

// Send lets the party of that role append something, and passes it on to the other:
//
//	err := p.Send(conn.Client, func(c *conn.Conn, dst []byte) ([]byte, error) {
//		return c.AppendRequest(dst, "GET", "/", fields)
//	})
func (p *Pair) Send(role conn.Role, appendTo func(c *conn.Conn, dst []byte) ([]byte, error)) error {
	to := &p.streams[role.Peer()]
	var err error
	to.sent, err = appendTo(p.Conn(role), to.sent)
	return err
}

// SendRaw passes octets on to the peer of that role, as if it had sent them.
func (p *Pair) SendRaw(role conn.Role, raw []byte) {
	to := &p.streams[role.Peer()]
	to.sent = append(to.sent, raw...)
}

// Close ends what the party of that role sends.
func (p *Pair) Close(role conn.Role) { p.streams[role.Peer()].eof = true }

// Sent returns all octets that the party of that role has sent.
func (p *Pair) Sent(role conn.Role) []byte { return p.streams[role.Peer()].sent }

// Unread returns the octets sent to the party of that role that it has not consumed: behind a switch
// they belong to the other protocol.
func (p *Pair) Unread(role conn.Role) []byte {
	s := &p.streams[role]
	return s.sent[s.read:]
}

// Next returns the next event of the party of that role. It is NeedData or Paused only when that party
// was shown all there is, so that Segment changes nothing but how content is cut. The event holds until
// the next call for the same party, or until more is sent to it.
func (p *Pair) Next(role conn.Role) (conn.Event, error) {
	s, c := &p.streams[role], p.Conn(role)
	for {
		atEOF := s.eof && s.shown == len(s.sent)
		n, ev, err := c.Next(s.sent[s.read:s.shown], atEOF)
		s.read += n
		waits := ev.Kind == conn.NeedData || ev.Kind == conn.Paused
		if err != nil || !waits || s.shown == len(s.sent) {
			return ev, err
		}
		step := len(s.sent) - s.shown
		if p.Segment > 0 {
			step = min(step, p.Segment)
		}
		s.shown += step
	}
}

// Exchange sends a request with its content and lets the server answer with a response and its content.
// It returns what the server read and then what the client read, or the first error. Both messages are
// framed by their fields; a server that has sent its last response closes.
func (p *Pair) Exchange(request, response Message) (served, got Received, err error) {
	if err = p.send(conn.Client, request); err != nil {
		return served, got, err
	}
	if served, err = p.receive(conn.Server); err != nil {
		return served, got, err
	}
	if err = p.send(conn.Server, response); err != nil {
		return served, got, err
	}
	if p.Server.State(conn.Server) == conn.StateMustClose {
		p.Close(conn.Server)
	}
	got, err = p.receive(conn.Client)
	return served, got, err
}

// Message is a message to send: a request when Method is set, else a response.
type Message struct {
	Method, Target string
	Status         int
	Reason         string
	Fields         *headers.Fields
	Content        [][]byte // a chunk each, where the message is chunked
	Trailers       *headers.Fields
}

// Received is a message that arrived, in copies.
type Received struct {
	Method, Target string
	Status         int
	Reason         string
	Fields         *headers.Fields
	Framing        body.Framing
	Content        []byte
	Trailers       *headers.Fields
	Interim        []int // statuses of interim responses before it
}

func (p *Pair) send(role conn.Role, m Message) error {
	return p.Send(role, func(c *conn.Conn, dst []byte) ([]byte, error) {
		var err error
		if m.Method != "" {
			dst, err = c.AppendRequest(dst, m.Method, m.Target, m.Fields)
		} else {
			dst, err = c.AppendResponse(dst, m.Status, m.Reason, m.Fields)
		}
		for _, content := range m.Content {
			if err == nil {
				dst, err = c.AppendContent(dst, content)
			}
		}
		if err == nil && !c.Switched() {
			dst, err = c.AppendEnd(dst, m.Trailers)
		}
		return dst, err
	})
}

func (p *Pair) receive(role conn.Role) (r Received, err error) {
	for {
		ev, err := p.Next(role)
		if err != nil {
			return r, err
		}
		switch ev.Kind {
		case conn.InterimHead:
			r.Interim = append(r.Interim, ev.Head.Status)
		case conn.RequestHead, conn.ResponseHead:
			h := ev.Head
			r.Method, r.Target, r.Status, r.Reason = string(h.Method), string(h.Target), h.Status, string(h.Reason)
			r.Fields, r.Framing = h.Fields.Clone(), h.Framing
		case conn.Content:
			r.Content = append(r.Content, ev.Content...)
		case conn.End:
			if ev.Trailers != nil {
				r.Trailers = ev.Trailers.Clone()
			}
			return r, nil
		case conn.NeedData, conn.Paused, conn.Closed:
			return r, nil
		}
	}
}
