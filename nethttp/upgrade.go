package nethttp

import (
	"errors"
	"io"
	"net"
	"net/http"
	"sync/atomic"

	"github.com/strata-http/strata/headers"
)

// switched is the body of a response that switched protocols: 101 (Switching Protocols), or 2xx to CONNECT. It is the connection,
// whose first octets may have come with the head. The context of the request has no say in it any more.
type switched struct {
	net.Conn
	x      *exchange
	closed atomic.Bool
}

// switched takes the connection out of the pool and makes it the body of the response.
func (x *exchange) switched() error {
	nc, err := x.answer.Hijack()
	if err != nil {
		return err
	}
	x.conn.Discard()
	s := &switched{Conn: nc, x: x}
	x.resp.Body = s
	if x.method != "CONNECT" {
		x.closeBody()
		return nil
	}
	x.resp.ContentLength, x.resp.Close = -1, true
	if x.body != nil {
		go s.send(x.body)
	} else {
		x.closeBody()
	}
	return nil
}

// send sends the body of a CONNECT request through the tunnel, and ends that direction behind it.
func (s *switched) send(b *requestBody) {
	_, err := io.Copy(s.Conn, b)
	b.Close()
	if half, ok := s.Conn.(interface{ CloseWrite() error }); ok && err == nil {
		half.CloseWrite()
	}
}

// Read reads what the peer sends.
func (s *switched) Read(p []byte) (int, error) {
	n, err := s.Conn.Read(p)
	if err != nil && s.closed.Load() && errors.Is(err, net.ErrClosed) {
		err = errClosedBody
	}
	return n, err
}

// Close closes the connection.
func (s *switched) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	err := s.Conn.Close()
	s.x.closeBody()
	s.x.finish()
	return err
}

// CloseWrite ends the sending direction, where the connection can.
func (s *switched) CloseWrite() error {
	if half, ok := s.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return http.ErrNotSupported
}

// NetConn returns the connection, which must not be read beside s.
func (s *switched) NetConn() net.Conn { return s.Conn }

func (s *switched) fields() *headers.Fields { return fieldsOf(s.x.record.lines) }

func (s *switched) trailers() *headers.Fields { return new(headers.Fields) }
