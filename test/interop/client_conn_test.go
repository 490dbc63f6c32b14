package interop

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/test/peers"
	"github.com/strata-http/strata/transport"
)

// clientKeepAlive has a thousand requests on one connection.
func clientKeepAlive(t *testing.T, p *peers.Peer, url string) {
	reused := 0
	s := open(t, p, url, httpclient.WithTrace(&httpclient.Trace{Reuse: func() { reused++ }}))
	want := string(peers.Content(t, "f-13"))
	for i := range 1000 {
		method, content := "GET", want
		if i%10 == 9 {
			method, content = "HEAD", ""
		}
		resp, got := s.do(t, method, s.target, body.None())
		if resp.Status() != 200 || string(got) != content {
			t.Fatalf("request %d: status %d, content %q", i, resp.Status(), got)
		}
	}
	equal(t, "connections", 1, s.dials)
	equal(t, "requests on a connection that had one", 999, reused)
}

// clientExpect waits for 100 (Continue) before it sends.
func clientExpect(t *testing.T, p *peers.Peer, url string) {
	var interim []int
	s := open(t, p, url,
		// Far beyond what any peer takes: content that is sent unbidden would come late.
		httpclient.WithTimeouts(httpclient.Timeouts{Continue: patience}),
		httpclient.WithInterim(func(h *conn.Head) error {
			interim = append(interim, h.Status)
			return nil
		}))
	requests := 0
	for _, name := range []string{"f-13", "f-1048576"} {
		l := loadOf(t, name)
		for _, tt := range bodySources {
			interim = nil
			s.stored(t, p, "PUT", l, tt.make(t, l.content), "Expect", "100-continue")
			equal(t, tt.name+" interim responses", []int{100}, interim)
			requests++
		}
	}
	s.checkDials(t, p, requests)
}

// unread is a source that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("content was read that the server refused")
	return 0, io.EOF
}

// TestClientExpectRefused has Apache answer a request by its head: the content stays here.
func TestClientExpectRefused(t *testing.T) {
	t.Parallel()
	p := peers.Apache(t)
	for _, url := range p.URLs(peers.PathRedirect) {
		s := open(t, p, url, httpclient.WithTimeouts(httpclient.Timeouts{Continue: patience}))
		resp, _ := s.do(t, "PUT", s.target, body.SizedReader(unread{t}, 1<<20), "Expect", "100-continue")
		equal(t, "status", 301, int(resp.Status()))
		readings[0].fetch(t, s, "/f-13", peers.Lookup(t, "f-13"))
		equal(t, "connections", 2, s.dials)
	}
}

// endless is a source without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// TestClientAnsweredEarly has nginx answer a request by its head whose content never ends: the answer is heard, and
// sending stops. The others read on, or close in a way that may destroy what they have said.
func TestClientAnsweredEarly(t *testing.T) {
	t.Parallel()
	p := peers.Nginx(t)
	for _, url := range p.URLs("/f-13") {
		for _, source := range []body.Source{body.Reader(endless{}), body.SizedReader(endless{}, 1<<40)} {
			s := open(t, p, url)
			resp, content := s.do(t, "PUT", s.target, source)
			equal(t, "status", 405, int(resp.Status()))
			equal(t, "has content", true, len(content) > 0)
			readings[0].fetch(t, s, s.target, peers.Lookup(t, "f-13"))
			equal(t, "connections", 2, s.dials)
		}
	}
}

// await returns when f says true.
func await(t *testing.T, what string, f func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for ; !f(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// awaitClosed returns when the end of an idle connection has arrived, unless the client has closed it already.
func (s *session) awaitClosed(t *testing.T) {
	t.Helper()
	await(t, "the server closes the connection", func() bool {
		if !s.Connected() {
			return true
		}
		ready, _ := transport.Ready(s.NetConn())
		return ready
	})
}

// settled returns the request-lines that the server has logged, when it has logged all that s has sent.
func settled(t *testing.T, p *peers.Peer, s *session) []string {
	t.Helper()
	last := fmt.Sprintf("GET /f-1?last=%d", time.Now().UnixNano())
	s.get(t, strings.TrimPrefix(last, "GET "))
	var log []string
	await(t, "the last request is in the server's log", func() bool {
		log = p.RequestLines(t)
		return indexOf(log, last+" HTTP/1.1") >= 0
	})
	return log
}

// indexOf returns where a line stands first, or -1.
func indexOf(lines []string, line string) int {
	for i, l := range lines {
		if l == line {
			return i
		}
	}
	return -1
}

// checkClosing sends requests, some with content, each with a target of its own, to a peer that closes the connection
// behind every so many of them, and has its log say that none came twice. Where the end is not announced, it is awaited,
// since a request that meets it under way fails, and rightly so.
func checkClosing(t *testing.T, p *peers.Peer, url string, requests, each int, announced bool) {
	s := open(t, p, url)
	scheme, _, _ := strings.Cut(url, ":")
	var want []string
	for i := range requests {
		method, content, path := "GET", body.None(), "/f-13"
		if i%2 == 1 && p.Has(peers.EchoLength) {
			method, content, path = "POST", body.String("content"), peers.PathEcho
		}
		target := fmt.Sprintf("%s?%s=%d", path, scheme, i)
		resp, _ := s.do(t, method, target, content)
		equal(t, "status", 200, int(resp.Status()))
		want = append(want, method+" "+target+" HTTP/1.1")
		if last := (i+1)%each == 0; last && announced {
			equal(t, "left connected", false, s.Connected())
		} else if last {
			s.awaitClosed(t)
		}
	}
	equal(t, "connections", requests/each, s.dials)
	// A server of several threads logs in the order in which they come to it, so the last request may stand there before
	// another.
	log := settled(t, p, s)
	var got []string
	await(t, "every request is in the server's log", func() bool {
		got = nil
		for _, line := range log {
			if strings.Contains(line, "?"+scheme+"=") {
				got = append(got, line)
			}
		}
		log = p.RequestLines(t)
		return len(got) >= len(want)
	})
	slices.Sort(want)
	slices.Sort(got)
	equal(t, "requests that the server has logged", want, got)
}

// TestClientKeepaliveRequests has servers that serve two requests on a connection.
func TestClientKeepaliveRequests(t *testing.T) {
	t.Parallel()
	peers.Each(t, func(t *testing.T, p *peers.Peer) {
		t.Parallel()
		p.Require(t, peers.KeepAlive)
		for _, url := range p.URLs("") {
			checkClosing(t, p, url, 8, 2, p.Name != "python")
		}
	}, peers.KeepaliveRequests(2))
}

// idle is how long servers keep an idle connection in the tests that have them close it: longer than a busy machine
// keeps a client from its next request on a new connection, to which the limit applies too.
const idle = 200 * time.Millisecond

// TestClientKeepaliveTimeout has servers that close a connection that is idle for a moment.
func TestClientKeepaliveTimeout(t *testing.T) {
	t.Parallel()
	peers.Each(t, func(t *testing.T, p *peers.Peer) {
		t.Parallel()
		p.Require(t, peers.KeepAlive)
		for _, url := range p.URLs("") {
			checkClosing(t, p, url, 4, 1, false)
		}
	}, peers.KeepaliveTimeout(idle))
}

// TestClientNoReconnect closes like the above, for a client that is told not to dial on its own.
func TestClientNoReconnect(t *testing.T) {
	t.Parallel()
	p := peers.Nginx(t, peers.KeepaliveTimeout(idle))
	for _, url := range p.URLs("/f-13") {
		s := open(t, p, url, httpclient.WithoutReconnect())
		if err := s.Connect(s.ctx); err != nil {
			t.Fatal(err)
		}
		s.get(t, s.target)
		s.awaitClosed(t)
		if err := s.Request(s.ctx, "GET", s.target, nil, body.None()); !errors.Is(err, httpclient.ErrNotConnected) {
			t.Errorf("request on a connection that the server has closed: %v", err)
		}
		if err := s.Connect(s.ctx); err != nil {
			t.Fatal(err)
		}
		s.get(t, s.target)
		equal(t, "connections", 2, s.dials)
	}
}

// TestClientUnix goes to nginx by a Unix socket.
func TestClientUnix(t *testing.T) {
	t.Parallel()
	p := peers.Nginx(t)
	s := openBy(t, transport.Unix{Path: p.Socket}, p, "http://localhost/")
	for _, f := range peers.Files(t) {
		readings[0].fetch(t, s, "/"+f.Name, f)
	}
	l := loadOf(t, "f-1048576")
	s.target = peers.PathUpload + "by-socket"
	for _, tt := range bodySources {
		s.stored(t, p, "PUT", l, tt.make(t, l.content))
	}
	equal(t, "connections", 1, s.dials)
}

// TestClientVerifies has the peer's certificate refused: by a client that does not know who signed it, and by
// one that dials a name which is not in it.
func TestClientVerifies(t *testing.T) {
	t.Parallel()
	peers.Each(t, func(t *testing.T, p *peers.Peer) {
		p.Require(t, peers.TLS)
		for _, config := range []*tls.Config{
			{},
			{RootCAs: p.RootCAs, ServerName: "example.org"},
		} {
			s := open(t, p, p.TLSURL("/f-13"), httpclient.WithTLSConfig(config))
			_, err := s.Do(s.ctx, "GET", s.target, nil, body.None())
			var refused *transport.TLSError
			var verification *tls.CertificateVerificationError
			if !errors.As(err, &refused) || !errors.As(err, &verification) {
				t.Errorf("certificate with the authority known %v: %v", config.RootCAs != nil, err)
			}
			equal(t, "connected", false, s.Connected())
		}
	})
}
