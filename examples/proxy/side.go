package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/status"
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
	chunked bool // the message that is sent is
}

func newSide(nc net.Conn, role conn.Role, idle time.Duration) *side {
	return &side{Conn: nc, idle: idle, machine: conn.New(role, conn.Config{})}
}

// next returns the next event, and reads where that takes more octets. Its views hold until the next call. What moves in
// one direction puts the end of patience off for the other too, since who sends a long request has no response yet.
func (s *side) next() (conn.Event, error) {
	for {
		s.mu.Lock()
		n, ev, err := s.machine.Next(s.in[s.at:], s.eof)
		s.mu.Unlock()
		s.at += n
		if err != nil || ev.Kind != conn.NeedData {
			return ev, err
		}
		s.in, s.at = slices.Grow(append(s.in[:0], s.in[s.at:]...), 16<<10), 0
		s.SetDeadline(time.Now().Add(s.idle))
		n, err = s.Read(s.in[len(s.in):cap(s.in)])
		s.in = s.in[:len(s.in)+n]
		if s.eof = err == io.EOF; err != nil && !s.eof {
			return ev, err
		}
	}
}

// send writes what the calls to the machine in f append.
func (s *side) send(f func(c *conn.Conn, dst []byte) ([]byte, error)) error {
	s.mu.Lock()
	out, err := f(s.machine, nil)
	s.mu.Unlock()
	if err != nil || len(out) == 0 {
		return err
	}
	s.SetDeadline(time.Now().Add(s.idle))
	_, err = s.Write(out)
	return err
}

// fault returns the rule that the peer broke, or nil.
func (s *side) fault() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.machine.Err()
}

// relay sends the content of the message that src receives as content of the one that dst sends, as it comes, and its
// trailer section. What is cut short here is cut short there.
func relay(dst, src *side) error {
	for {
		ev, err := src.next()
		if err != nil {
			dst.cut()
			return err
		}
		err = dst.send(func(c *conn.Conn, b []byte) ([]byte, error) {
			if ev.Kind != conn.End {
				return c.AppendContent(b, ev.Content)
			}
			var trailers *headers.Fields
			if dst.chunked && ev.Trailers != nil {
				trailers = endToEnd(ev.Trailers, nil)
			}
			return c.AppendEnd(b, trailers)
		})
		if err != nil || ev.Kind == conn.End {
			return err
		}
	}
}

// refusal is an error with a status of its own.
type refusal struct {
	code status.Code
	why  string
}

func (r refusal) Error() string { return r.why }

// refuse sends a response of the proxy's own, the last one on the connection, unless another one has begun. Its content
// is why. A rule that the client broke meanwhile is more than what became of the origin by that.
func (s *side) refuse(err error) {
	code := status.BadGateway
	if bad := s.fault(); bad != nil {
		code, err = httpserver.StatusOf(bad), bad
	} else if r, ok := errors.AsType[refusal](err); ok {
		code = r.code
	} else if errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) {
		code = status.GatewayTimeout
	}
	text := fmt.Sprintf("%v: %v\n", code, err)
	fields := new(headers.Fields)
	fields.Add("Date", httpserver.DateString(time.Now()))
	fields.Add("Content-Type", "text/plain; charset=utf-8")
	fields.Add("Content-Length", strconv.Itoa(len(text)))
	fields.Add("Connection", "close")
	s.send(func(c *conn.Conn, b []byte) ([]byte, error) {
		b, err := c.AppendResponse(b, int(code), code.Phrase(), fields)
		if err != nil {
			return b, err
		}
		b, _ = c.AppendContent(b, []byte(text)) // which in the response to HEAD is none
		return c.AppendEnd(b, nil)
	})
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

// pour moves octets of a tunnel until src ends, which it passes on as the end of that direction alone. When either
// fails, both connections are of no use any more.
func pour(dst, src net.Conn) {
	if _, err := io.Copy(dst, src); err != nil {
		dst.Close()
		src.Close()
		return
	}
	closeWrite(dst)
}

// closeWrite ends the direction to the peer, where the connection can do that.
func closeWrite(nc net.Conn) {
	if half, ok := nc.(interface{ CloseWrite() error }); ok {
		half.CloseWrite()
	}
}
