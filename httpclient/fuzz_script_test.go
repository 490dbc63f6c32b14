package httpclient_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/strata-http/strata/transport"
)

// scripted is a server in a script: behind each request it sends the next of its answers, in the segments given, and
// behind the last of them it closes or falls silent.
type scripted struct {
	net.Conn                      // nil: what is not below is not called
	answers  func(n int) []string // the segments of answer n, nil behind the last
	closes   bool

	sent     []byte // by the client
	segments []string
	answered int
	dials    int
}

var errOneConnection = errors.New("there is one connection only")

// DialContext is the dialer of one connection.
func (s *scripted) DialContext(context.Context, string, string) (net.Conn, error) {
	if s.dials++; s.dials > 1 {
		return nil, errOneConnection
	}
	return s, nil
}

var _ transport.Dialer = (*scripted)(nil)

// Write takes a request, or a part of one; the answer follows the empty line behind its head.
func (s *scripted) Write(p []byte) (int, error) {
	s.sent = append(s.sent, p...)
	for bytes.Count(s.sent, []byte("\r\n\r\n")) > s.answered {
		for _, segment := range s.answers(s.answered) {
			if segment != "" {
				s.segments = append(s.segments, segment)
			}
		}
		s.answered++
	}
	return len(p), nil
}

// Read yields no more than what is left of one segment. A silent server makes it a time-out.
func (s *scripted) Read(p []byte) (int, error) {
	if len(s.segments) == 0 {
		if s.closes {
			return 0, io.EOF
		}
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(p, s.segments[0])
	if s.segments[0] = s.segments[0][n:]; s.segments[0] == "" {
		s.segments = s.segments[1:]
	}
	return n, nil
}

// Ready reports whether there is anything to read, as a socket does.
func (s *scripted) Ready() (bool, error) { return len(s.segments) > 0, nil }

// Close ends nothing.
func (s *scripted) Close() error { return nil }

// SetDeadline does nothing, as the others do: there is no time here.
func (s *scripted) SetDeadline(time.Time) error      { return nil }
func (s *scripted) SetReadDeadline(time.Time) error  { return nil }
func (s *scripted) SetWriteDeadline(time.Time) error { return nil }
