package nethttp_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/nethttp"
)

// A parityCase is run on an http.Server and on Strata's with the same handler, and the same octets are sent.
type parityCase struct {
	name    string
	handler func(n *notes, w http.ResponseWriter, r *http.Request)
	// octets are what the client sends, with "\n" for CRLF. The last request closes the connection.
	octets string
	// differs is why the outcomes are not the same, and accept makes them the same.
	differs string
	accept  func(theirs, ours *outcome)
}

// notes are what a handler has seen.
type notes struct {
	mu    sync.Mutex
	lines []string
}

func (n *notes) add(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

// message is a response as the client sees it.
type message struct {
	Status  string
	Header  http.Header
	Coding  []string
	Length  int64
	Content string
	Trailer http.Header
	Err     string
}

type outcome struct {
	Messages []message
	Notes    []string
	Logged   []string
	Rest     string // what is no response
}

// first returns the first message, for accept.
func (o *outcome) first() *message {
	if len(o.Messages) == 0 {
		o.Messages = append(o.Messages, message{})
	}
	return &o.Messages[0]
}

// lockedBuffer is a log that two goroutines may use.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// lines returns the begin of each line: places in files differ.
func (l *lockedBuffer) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []string
	for line := range strings.Lines(l.b.String()) {
		if line, _, _ = strings.Cut(strings.TrimSpace(line), " from "); strings.HasPrefix(line, "http: ") {
			line, _, _ = strings.Cut(line, " 127.0.0.1:")
			lines = append(lines, line)
		}
	}
	return lines
}

// run sends the octets of c to a server, and returns what comes of it.
func (c *parityCase) run(t *testing.T, start func(t *testing.T, h http.Handler, l *log.Logger) net.Addr) outcome {
	t.Helper()
	var n notes
	var logged lockedBuffer
	idle := make(chan struct{}, 100)
	address := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { idle <- struct{}{} }()
		c.handler(&n, w, r)
	}), log.New(&logged, "", 0))
	nc, err := net.Dial("tcp", address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	octets := c.octets
	if head, content, ok := strings.Cut(octets, "\x00"); ok {
		octets = crlf(head) + content
	} else {
		octets = crlf(octets)
	}
	go io.WriteString(nc, octets)
	raw, err := io.ReadAll(nc)
	if err != nil {
		raw = fmt.Appendf(raw, "[%v]", err)
	}
	nc.Close()
	o := outcome{}
	methods := methodsOf(octets)
	in := bufio.NewReader(bytes.NewReader(raw))
	for {
		if _, err := in.Peek(1); err != nil {
			break
		}
		left, _ := in.Peek(in.Buffered())
		method := ""
		if len(methods) > 0 {
			method = methods[0]
		}
		resp, err := http.ReadResponse(in, &http.Request{Method: method})
		if err != nil {
			o.Rest = string(left)
			break
		}
		if resp.StatusCode >= 200 && len(methods) > 0 {
			methods = methods[1:]
		}
		content, err := io.ReadAll(resp.Body)
		m := message{Status: resp.Status, Header: resp.Header, Coding: resp.TransferEncoding, Length: resp.ContentLength, Content: string(content), Trailer: resp.Trailer}
		if err != nil {
			m.Err = err.Error()
		}
		if m.Header.Get("Date") != "" {
			m.Header.Set("Date", "now")
		}
		o.Messages = append(o.Messages, m)
	}
	n.mu.Lock()
	o.Notes = n.lines
	n.mu.Unlock()
	o.Logged = logged.lines()
	return o
}

// methodsOf finds the request-lines in what a client sends.
func methodsOf(octets string) (methods []string) {
	for line := range strings.Lines(octets) {
		if method, rest, ok := strings.Cut(line, " "); ok && strings.Contains(rest, " HTTP/1.") {
			methods = append(methods, method)
		}
	}
	return methods
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func startTheirs(t *testing.T, h http.Handler, l *log.Logger) net.Addr {
	s := httptest.NewUnstartedServer(h)
	s.Config.ErrorLog = l
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr()
}

func startOurs(t *testing.T, h http.Handler, l *log.Logger) net.Addr {
	return serveOurs(t, nethttp.NewServer(&http.Server{Handler: h, ErrorLog: l}))
}

// serveOurs serves on loopback, until the test ends, when everything must be over.
func serveOurs(t *testing.T, s *httpserver.Server) net.Addr {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-done; err != httpserver.ErrServerClosed {
			t.Errorf("Serve returned %v", err)
		}
	})
	return l.Addr()
}

// TestServeParity shows to a handler, and to its client, the same as http.Server does.
func TestServeParity(t *testing.T) {
	t.Logf("%d cases", len(parityCases))
	for i := range parityCases {
		c := &parityCases[i]
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			theirs, ours := c.run(t, startTheirs), c.run(t, startOurs)
			same := cmp.Equal(theirs, ours)
			if c.accept != nil {
				if same {
					t.Errorf("the accepted difference is none: %s", c.differs)
				}
				c.accept(&theirs, &ours)
			}
			if d := cmp.Diff(theirs, ours); d != "" {
				t.Errorf("http.Server (-), Strata (+), and %q:\n%s", c.differs, d)
			}
		})
	}
}
