package stdlib

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/strata-http/strata/test/differential/internal/lines"
	"github.com/strata-http/strata/test/differential/internal/script"
)

// seen is a request as the handler saw it.
type seen struct {
	method, target, host, version string
	headers, trailers             []lines.Field
	body                          []byte
	err                           error // of the body
	whole                         bool
}

// session is one connection of the server.
type session struct {
	conn     *script.Conn
	over     chan struct{}
	overOnce sync.Once

	mu       sync.Mutex
	requests []*seen
	waits    bool // the engine reads on, and nothing comes
	leftover []byte
	tunnel   bool
}

type sessionKey struct{}

// server answers every request with a small 200.
type server struct {
	conns   chan net.Conn
	session *session // of the case under way
}

// newServer starts a server that lives as long as the program.
func newServer() *server {
	s := &server{conns: make(chan net.Conn)}
	h := &http.Server{
		Handler: http.HandlerFunc(handle),
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, sessionKey{}, s.session)
		},
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateClosed {
				s.session.end()
			}
		},
		// It would answer "OPTIONS *" by itself.
		DisableGeneralOptionsHandler: true,
	}
	go h.Serve(s)
	return s
}

// Accept returns the connection of the next case.
func (s *server) Accept() (net.Conn, error) { return <-s.conns, nil }

// Close does nothing: the server ends with the program.
func (s *server) Close() error { return nil }

// Addr returns an address that means nothing.
func (s *server) Addr() net.Addr { return &net.TCPAddr{} }

func (s *session) end() { s.overOnce.Do(func() { close(s.over) }) }

// run puts one case before the server.
func (s *server) run(c lines.Case) lines.Result {
	ses := &session{conn: script.New(c.Octets, false), over: make(chan struct{})}
	ses.conn.Starved = func(size int) bool {
		// With one octet to read the server only watches, while a handler runs, whether the client is still there.
		if size == 1 {
			return false
		}
		if !c.EOF {
			ses.mu.Lock()
			ses.waits = true
			ses.mu.Unlock()
			ses.conn.Close()
		}
		return c.EOF
	}
	s.session = ses
	s.conns <- ses.conn
	<-ses.over
	ses.mu.Lock()
	defer ses.mu.Unlock()
	return ses.result(c.Octets)
}

// handle notes a request and answers it.
func handle(w http.ResponseWriter, r *http.Request) {
	s := r.Context().Value(sessionKey{}).(*session)
	q := &seen{method: r.Method, target: r.RequestURI, host: r.Host, version: r.Proto, headers: fieldsOf(r.Header)}
	s.mu.Lock()
	s.requests = append(s.requests, q)
	s.mu.Unlock()
	if r.Method == "CONNECT" {
		s.hijack(w, q)
		return
	}
	content, err := io.ReadAll(r.Body)
	s.mu.Lock()
	q.body, q.err, q.whole = content, err, err == nil
	q.trailers = fieldsOf(r.Trailer)
	s.mu.Unlock()
	if err == nil {
		w.Header().Set("Content-Length", "2")
		io.WriteString(w, "ok")
	}
}

// hijack takes the connection, as a proxy does behind CONNECT, and what was sent behind the head.
func (s *session) hijack(w http.ResponseWriter, q *seen) {
	defer s.end()
	_, buffered, err := w.(http.Hijacker).Hijack()
	s.mu.Lock()
	defer s.mu.Unlock()
	if q.err = err; err != nil {
		return
	}
	ahead, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	s.leftover = append(bytes.Clone(ahead), s.conn.Rest()...)
	q.whole, s.tunnel = true, true
	s.conn.Close()
}

// result tells what the handler saw. The caller holds mu.
func (s *session) result(octets []byte) lines.Result {
	r := lines.Result{Verdict: lines.Reject, More: []lines.Later{}}
	if s.waits {
		r.Verdict = lines.Hang
	}
	sent := s.conn.Sent()
	if len(s.requests) == 0 || !s.requests[0].whole {
		r.Reason = refusal(sent, octets)
		if len(s.requests) > 0 && s.requests[0].err != nil {
			r.Reason = words(s.requests[0].err.Error())
		}
		if len(sent) > 0 && len(s.requests) == 0 {
			r.Verdict = lines.Reject
		}
		return r
	}
	first := s.requests[0]
	r.Verdict = lines.Accept
	r.Method, r.Target, r.Host, r.Version = lines.Of(first.method), lines.Of(first.target), lines.Of(first.host), first.version
	r.Headers, r.Trailers, r.Body = first.headers, first.trailers, lines.Octets(first.body)
	messages := 0
	for i, q := range s.requests {
		if !q.whole {
			break
		}
		messages++
		if i > 0 {
			r.More = append(r.More, lines.Later{Method: lines.Of(q.method), Target: lines.Of(q.target), Body: q.body})
		}
	}
	r.Messages = &messages
	r.Reusable = lines.Persists(sent)
	if s.tunnel {
		r.Reusable = new(bool)
		if messages == 1 {
			r.Leftover = lines.Octets(s.leftover)
		}
	}
	return r
}

// refusal returns why the server refused a request, in few words: by what it sent, or, where that is less than it knows,
// by what it knows.
func refusal(sent, octets []byte) string {
	head, rest := lines.FirstFinal(sent)
	if len(head) < len("HTTP/1.1 400") {
		return "nothing said"
	}
	if rest == "400 Bad Request" {
		if _, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(octets))); err != nil {
			return words(err.Error())
		}
	}
	if code, err := strconv.Atoi(head[9:12]); err == nil && strings.HasPrefix(rest, strconv.Itoa(code)) {
		return words(rest)
	}
	return head[9:12]
}
