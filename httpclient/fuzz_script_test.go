package httpclient_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/strata-http/strata/transport"
)

// scripted is a server in a script: behind each request it sends the next of its answers, in the segments given, and
// behind the last of them it closes or falls silent. While a request is on its way it may be listened to, as it is when
// a write takes long.
type scripted struct {
	net.Conn                      // nil: what is not below is not called
	answers  func(n int) []string // the segments of answer n, nil behind the last
	closes   bool

	mu       sync.Mutex
	changed  sync.Cond
	asked    int    // requests that are sent, or will be
	sent     []byte // by the client
	segments []string
	answered int
	dials    int
	past     bool // the deadline for reading is over
}

var errOneConnection = errors.New("there is one connection only")

// DialContext is the dialer of one connection.
func (s *scripted) DialContext(context.Context, string, string) (net.Conn, error) {
	s.changed.L = &s.mu
	if s.dials++; s.dials > 1 {
		return nil, errOneConnection
	}
	return s, nil
}

var _ transport.Dialer = (*scripted)(nil)

// ask says that a request comes.
func (s *scripted) ask() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
}

// Write takes a request, or a part of one; the answer follows the empty line behind its head.
func (s *scripted) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, p...)
	for bytes.Count(s.sent, []byte("\r\n\r\n")) > s.answered {
		for _, segment := range s.answers(s.answered) {
			if segment != "" {
				s.segments = append(s.segments, segment)
			}
		}
		s.answered++
	}
	s.changed.Broadcast()
	return len(p), nil
}

// Read yields no more than what is left of one segment. A silent server makes it a time-out.
func (s *scripted) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.segments) == 0 && s.answered < s.asked && !s.past {
		s.changed.Wait()
	}
	switch {
	case s.past:
		return 0, os.ErrDeadlineExceeded
	case len(s.segments) == 0 && s.closes:
		return 0, io.EOF
	case len(s.segments) == 0:
		return 0, os.ErrDeadlineExceeded
	}
	n := copy(p, s.segments[0])
	if s.segments[0] = s.segments[0][n:]; s.segments[0] == "" {
		s.segments = s.segments[1:]
	}
	return n, nil
}

// Ready reports whether there is anything to read, as a socket does.
func (s *scripted) Ready() (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.segments) > 0, nil
}

// Close ends nothing.
func (s *scripted) Close() error { return nil }

// SetReadDeadline knows two deadlines: one that is over, and any other, which never comes.
func (s *scripted) SetReadDeadline(t time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.past = !t.IsZero() && t.Before(time.Now())
	s.changed.Broadcast()
	return nil
}

// SetDeadline is SetReadDeadline: a Write never waits.
func (s *scripted) SetDeadline(t time.Time) error { return s.SetReadDeadline(t) }

// SetWriteDeadline does nothing.
func (s *scripted) SetWriteDeadline(time.Time) error { return nil }
