package httpserver_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/strata-http/strata/httpserver"
)

// ledger counts exchanges at both ends.
type ledger struct {
	handled  atomic.Int64 // handlers that ran
	answered atomic.Int64 // responses that clients got whole
	cut      atomic.Int64 // requests that were not answered at all
}

// Shutdown in the middle of load loses nothing that was accepted: every request whose handler ran has its whole
// response, and the clients count as many. Neither a goroutine nor a descriptor is left.
func TestShutdownUnderLoad(t *testing.T) {
	rounds := sized(3, 2)
	for _, link := range links {
		t.Run(link.name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			had := descriptors(t)
			var handled, cut int64
			for round := range rounds {
				var book ledger
				shutdownUnderLoad(t, link, &book, 16*(round+1))
				handled, cut = handled+book.handled.Load(), cut+book.cut.Load()
				if book.handled.Load() != book.answered.Load() {
					t.Errorf("%d requests were handled and %d answered", book.handled.Load(), book.answered.Load())
				}
			}
			t.Logf("over %s, in %d shutdowns: %d requests handled, and each answered; %d connections closed before they were asked anything more",
				link.name, rounds, handled, cut)
			noneLeft(t, had)
		})
	}
}

// shutdownUnderLoad has a number of clients of each kind ask without end, and shuts the server down when enough of
// them were answered.
func shutdownUnderLoad(t *testing.T, link link, book *ledger, clients int) {
	t.Helper()
	enough, once := make(chan struct{}), sync.Once{}
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		n := book.handled.Add(1)
		content, _ := r.ReadAll(-1)
		switch n % 3 {
		case 0:
			w.Write(content)
		case 1:
			w.Write(content)
			w.Flush()
		default:
			w.Fields().Add("Content-Length", fmt.Sprint(len(content)))
			w.Write(content)
		}
		if n > int64(10*clients) {
			once.Do(func() { close(enough) })
		}
	})
	l, dial := link.listen(t)
	stop := start(t, s, l)
	var asking sync.WaitGroup
	for i := range clients {
		asking.Go(func() {
			nc, err := dial()
			if err != nil {
				return // the listener is closed already
			}
			defer nc.Close()
			if i%2 == 0 {
				book.oneByOne(t, nc)
			} else {
				book.pipelined(t, nc)
			}
		})
	}
	<-enough
	stop()
	asking.Wait()
	if got := s.Requests(); got != book.handled.Load() {
		t.Errorf("Requests = %d; %d were handled", got, book.handled.Load())
	}
}

// echoes are the requests of one batch and what comes back for each.
var echoes = [...]string{"", "x", strings.Repeat("small ", 20), strings.Repeat("large", 10_000)}

func echoRequest(content string) string {
	return fmt.Sprintf("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(content), content)
}

// oneByOne asks, and asks again when it was answered, until the server closes.
func (b *ledger) oneByOne(t *testing.T, nc net.Conn) {
	answers := bufio.NewReader(nc)
	for i := 0; ; i++ {
		content := echoes[i%len(echoes)]
		go io.WriteString(nc, echoRequest(content))
		if !b.answer(t, answers, content) {
			return
		}
	}
}

// pipelined asks without waiting, until the server closes.
func (b *ledger) pipelined(t *testing.T, nc net.Conn) {
	go func() {
		for i := 0; ; i++ {
			if _, err := io.WriteString(nc, echoRequest(echoes[i%len(echoes)])); err != nil {
				return
			}
		}
	}()
	answers := bufio.NewReader(nc)
	for i := 0; b.answer(t, answers, echoes[i%len(echoes)]); i++ {
	}
}

// answer reads one response, which is whole or not there at all. It reports whether another one may follow.
func (b *ledger) answer(t *testing.T, answers *bufio.Reader, content string) bool {
	head := ""
	for !strings.HasSuffix(head, "\r\n\r\n") {
		line, err := answers.ReadString('\n')
		if head += line; err != nil {
			if head != "" {
				t.Errorf("a head is cut: %q, %v", head, err)
			}
			b.cut.Add(1)
			return false
		}
	}
	var got []byte
	var err error
	if strings.Contains(head, "\r\nTransfer-Encoding: chunked\r\n") {
		got, err = readChunks(answers)
	} else {
		got = make([]byte, len(content))
		_, err = io.ReadFull(answers, got)
	}
	if err != nil || string(got) != content || !strings.HasPrefix(head, "HTTP/1.1 200 ") {
		t.Errorf("the response %q has %d octets of %d; %v", head, len(got), len(content), err)
		return false
	}
	b.answered.Add(1)
	return !strings.Contains(head, "\r\nConnection: close\r\n")
}

// readChunks reads content in chunks, without extensions or trailers.
func readChunks(r *bufio.Reader) (content []byte, err error) {
	for {
		var size int
		line, err := r.ReadString('\n')
		if err != nil {
			return content, err
		}
		if _, err := fmt.Sscanf(line, "%x\r\n", &size); err != nil {
			return content, fmt.Errorf("chunk-size %q: %w", line, err)
		}
		chunk := make([]byte, size+2)
		if _, err := io.ReadFull(r, chunk); err != nil {
			return content, err
		}
		if content = append(content, chunk[:size]...); size == 0 {
			return content, nil
		}
	}
}

// Requests that come as Shutdown is called are answered, or refused by a close, and Shutdown waits for what hangs.
func TestShutdownWaits(t *testing.T) {
	for _, link := range links {
		t.Run(link.name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			const n = 20
			inHandler, goOn := make(chan struct{}, n), make(chan struct{})
			s := handle(func(w httpserver.ResponseWriter, _ httpserver.Request) {
				inHandler <- struct{}{}
				<-goOn
			})
			l, dial := link.listen(t)
			stop := start(t, s, l)
			var conns []net.Conn
			for range n {
				nc, err := dial()
				if err != nil {
					t.Fatal(err)
				}
				defer nc.Close()
				if _, err := io.WriteString(nc, get); err != nil {
					t.Fatal(err)
				}
				conns = append(conns, nc)
			}
			for range n {
				<-inHandler
			}
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			if err := s.Shutdown(ctx); err != context.Canceled || s.Conns() != n {
				t.Errorf("Shutdown: %v; %d connections are left, want %d", err, s.Conns(), n)
			}
			close(goOn)
			for _, nc := range conns {
				if err := answered(nc, last); err != nil {
					t.Error(err)
				}
				nc.Close()
			}
			stop()
		})
	}
}
