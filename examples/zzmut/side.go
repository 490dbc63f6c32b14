package main

import (
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
)

// side is one of the proxy's two connections. One goroutine calls next and another one send; the conn.Conn is used by
// both, and so is locked, while neither the network nor a view of what was read is waited for under the lock.
type side struct {
	net.Conn
	idle    time.Duration
	mu      sync.Mutex
	machine *conn.Conn
	in      []byte // what was read
	at      int    // where in it the octets begin that were not consumed
	eof     bool
	out     []byte // memory for what is sent
	chunked bool   // the message that is sent is
}

func newSide(nc net.Conn, role conn.Role, idle time.Duration) *side {
	return &side{Conn: nc, idle: idle, machine: conn.New(role, conn.Config{})}
}

// next returns the next event, and reads where that takes more octets. Its views hold until the next call.
func (s *side) next() (conn.Event, error) {
	for {
		s.mu.Lock()
		n, ev, err := s.machine.Next(s.in[s.at:], s.eof)
		s.mu.Unlock()
		s.at += n
		if err != nil || ev.Kind != conn.NeedData {
			return ev, err
		}
		if s.eof {
			return ev, io.ErrUnexpectedEOF
		}
		if err := s.fill(); err != nil {
			return ev, err
		}
	}
}

// fill reads once.
func (s *side) fill() error {
	s.in, s.at = append(s.in[:0], s.in[s.at:]...), 0
	s.in = slices.Grow(s.in, 16<<10)
	s.touch()
	n, err := s.Read(s.in[len(s.in):cap(s.in)])
	s.in = s.in[:len(s.in)+n]
	s.eof = err == io.EOF
	if n > 0 || s.eof {
		return nil
	}
	return err
}

// touch puts the end of patience off: what moves in one direction counts for the other too, since who sends a long
// request has no response yet.
func (s *side) touch() { s.SetDeadline(time.Now().Add(s.idle)) }

// send writes what the calls to the machine in f append.
func (s *side) send(f func(c *conn.Conn, dst []byte) ([]byte, error)) error {
	s.mu.Lock()
	out, err := f(s.machine, s.out[:0])
	s.mu.Unlock()
	if err != nil || len(out) == 0 {
		return err
	}
	s.out = out
	_, err = s.Write(out)
	return err
}

// last reports whether the response that was sent is the last one on the connection.
func (s *side) last() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.LastResponse()
}

// awaits reports whether the client waits to be told to send its content, which it may never do then.
func (s *side) awaits() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.ExpectsContinue()
}

// relay sends the content of the message that src receives as content of the one that dst sends, as it comes, and its
// trailer section. blame is the side that failed.
func relay(dst, src *side) (blame *side, err error) {
	for {
		ev, err := src.next()
		if err != nil {
			return src, err
		}
		switch ev.Kind {
		case conn.Content:
			err = dst.send(func(c *conn.Conn, b []byte) ([]byte, error) { return c.AppendContent(b, ev.Content) })
		case conn.End:
			var trailers *headers.Fields
			if dst.chunked && ev.Trailers != nil {
				trailers = endToEnd(ev.Trailers)
			}
			return dst, dst.send(func(c *conn.Conn, b []byte) ([]byte, error) { return c.AppendEnd(b, trailers) })
		}
		if err != nil {
			return dst, err
		}
	}
}

// leave ends the connection so that the peer can read what it was sent: to close while octets wait to be read would be a
// reset, which may overtake the response (RFC 9112 section 9.6).
func (s *side) leave() {
	closeWrite(s.Conn)
	defer time.AfterFunc(time.Second, func() { s.Close() }).Stop()
	io.CopyN(io.Discard, s, 256<<10)
	s.Close()
}

// cut ends the connection inside a message. Content that ends where the connection does is cut short by a reset, since
// it would look whole otherwise.
func (s *side) cut() {
	if tcp, ok := s.Conn.(*net.TCPConn); ok && !s.chunked {
		tcp.SetLinger(0)
	}
	s.Close()
}

// closeWrite ends the direction to the peer, where the connection can do that.
func closeWrite(nc net.Conn) {
	if half, ok := nc.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}
