package httpserver_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/transport/memory"
)

// numbered answers by the number that the request-target is.
func numbered(w httpserver.ResponseWriter, r httpserver.Request) {
	io.Copy(io.Discard, r)
	w.WriteString(r.Target())
}

// numberedRequests are n requests, of which some have content that is not read as a request.
func numberedRequests(from, n int) string {
	var b strings.Builder
	for i := from; i < from+n; i++ {
		switch i % 3 {
		case 0:
			fmt.Fprintf(&b, "GET /%d HTTP/1.1\r\nHost: a\r\n\r\n", i)
		case 1:
			fmt.Fprintf(&b, "POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", i, len(get), get)
		default:
			fmt.Fprintf(&b, "POST /%d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", i, len(get), get)
		}
	}
	return b.String()
}

// numberedAnswer is the answer to request i.
func numberedAnswer(i int, closing string) string {
	target := "/" + strconv.Itoa(i)
	return fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%s\r\n%s", len(target), closing, target)
}

// A flood of pipelined requests is answered in order, however many there are (RFC 9112 section 9.3.2).
func TestPipelineFlood(t *testing.T) {
	n := sized(5_000, 1_000)
	for _, link := range links {
		t.Run(link.name, func(t *testing.T) {
			s := handle(numbered)
			l, dial := link.listen(t)
			stop := start(t, s, l)
			defer stop()
			nc, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			sent := make(chan error, 1)
			go func() {
				_, err := io.WriteString(nc, numberedRequests(0, n))
				sent <- err
			}()
			answers := bufio.NewReader(nc)
			for i := range n {
				want := numberedAnswer(i, "")
				got := make([]byte, len(want))
				if _, err := io.ReadFull(answers, got); err != nil || string(got) != want {
					t.Fatalf("request %d is answered %q, %v", i, got, err)
				}
			}
			if err := <-sent; err != nil {
				t.Error(err)
			}
			if got := s.Requests(); got != int64(n) {
				t.Errorf("%d requests were handled, want %d", got, n)
			}
		})
	}
}

// A flood is cut at the cap: what is below it is answered whole, the last answer says so, and what is behind it
// reaches no handler.
func TestPipelineCut(t *testing.T) {
	const most = 100
	for _, link := range links {
		t.Run(link.name, func(t *testing.T) {
			s := handle(numbered)
			s.MaxRequests = most
			l, dial := link.listen(t)
			stop := start(t, s, l)
			defer stop()
			nc, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			sent := make(chan error, 1)
			go func() {
				_, err := io.WriteString(nc, numberedRequests(0, 1_000))
				sent <- err
			}()
			var want strings.Builder
			for i := range most - 1 {
				want.WriteString(numberedAnswer(i, ""))
			}
			want.WriteString(numberedAnswer(most-1, "Connection: close\r\n"))
			got, err := io.ReadAll(nc)
			if string(got) != want.String() || err != nil {
				t.Errorf("answered %d octets, want %d; %v; they end with %.200q", len(got), want.Len(), err, tail(got, 200))
			}
			nc.Close()
			<-sent
			if got := s.Requests(); got != most {
				t.Errorf("%d requests were handled, want %d", got, most)
			}
		})
	}
}

func tail(b []byte, n int) []byte { return b[max(len(b)-n, 0):] }

// A client that pipelines requests without end, for large responses, and never reads, is not read from either: one
// request is in work, memory is bounded, and the time for writing ends it.
func TestPipelineUnread(t *testing.T) {
	const clients, large = 200, 1 << 20
	synctest.Test(t, func(t *testing.T) {
		before := measureMemory()
		page := make([]byte, large)
		s := handle(func(w httpserver.ResponseWriter, _ httpserver.Request) { w.Write(page) })
		s.Timeouts.Write = 10 * time.Second
		l := newReadyMade()
		stop := start(t, s, l)
		pushed := make(chan int, clients)
		for range clients {
			client, server := memory.PipeSize(4 << 10)
			l.conns <- server
			go func() {
				defer client.Close()
				n := 0
				for {
					k, err := io.WriteString(client, get)
					if n += k; err != nil {
						pushed <- n
						return
					}
				}
			}()
		}
		synctest.Wait()
		if got := s.Requests(); got != clients {
			t.Errorf("%d requests are in work on %d connections", got, clients)
		}
		use := measureMemory().per(clients, before)
		t.Logf("%d connections over memory that flood and do not read; each takes %v", clients, use)
		use.within(t, 96<<10)
		for range clients {
			if n := <-pushed; n > 64<<10 {
				t.Errorf("%d octets of requests were taken", n)
			}
		}
		stop()
		if got := s.Requests(); got != clients {
			t.Errorf("%d requests were handled", got)
		}
	})
}

// What a client does in the middle of a pipeline: it ends its direction, and still gets every answer.
func TestPipelineHalfClosed(t *testing.T) {
	const n = 50
	for _, link := range links {
		t.Run(link.name, func(t *testing.T) {
			s := handle(numbered)
			l, dial := link.listen(t)
			stop := start(t, s, l)
			defer stop()
			nc, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			if _, err := io.WriteString(nc, numberedRequests(0, n)); err != nil {
				t.Fatal(err)
			}
			if err := nc.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			var want strings.Builder
			for i := range n {
				want.WriteString(numberedAnswer(i, ""))
			}
			got, err := io.ReadAll(nc)
			if string(got) != want.String() || err != nil {
				t.Errorf("answered %d octets, want %d; %v", len(got), want.Len(), err)
			}
		})
	}
}

// A client that resets the connection, or closes it, in the middle of whatever is under way takes nothing with it.
func TestResetInTheMiddle(t *testing.T) {
	requests := numberedRequests(0, 6)
	s := handle(numbered)
	had := descriptors(t)
	l, dial := listenTCP(t)
	stop := start(t, s, l)
	witness, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	step := max(len(requests)/sized(60, 20), 1)
	for cut := 0; cut < len(requests); cut += step {
		for _, reset := range []bool{false, true} {
			nc, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(nc, requests[:cut]); err != nil && !gone(err) {
				t.Fatal(err)
			}
			if reset {
				nc.(*net.TCPConn).SetLinger(0)
			}
			nc.Close()
		}
		if err := exchanged(witness, "GET /9 HTTP/1.1\r\nHost: a\r\n\r\n", numberedAnswer(9, "")); err != nil {
			t.Fatalf("behind a cut at %d: %v", cut, err)
		}
	}
	witness.Close()
	stop()
	noneLeft(t, had)
}

// gone reports whether a write failed because the peer has closed.
func gone(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}
