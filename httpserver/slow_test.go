package httpserver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/httpserver"
)

// drip writes octets one at a time, with a pause behind each, until there are none left or the server has had enough.
func drip(nc net.Conn, octets string, pause time.Duration) {
	for i := range len(octets) {
		if _, err := io.WriteString(nc, octets[i:i+1]); err != nil {
			return
		}
		time.Sleep(pause)
	}
}

// A flood of requests that begin and never end is cut by the time for a head, each with 408. Meanwhile others are
// served, and each of the flood costs less than a buffer.
func TestHalfOpenFlood(t *testing.T) {
	n := sized(2_000, 400)
	whole := get[:len(get)-2] + "Cookie: " + strings.Repeat("c", 150) + "\r\n"
	synctest.Test(t, func(t *testing.T) {
		clients, servers := pipes(t, n)
		witnesses, theirs := pipes(t, 1)
		s := handle(func(httpserver.ResponseWriter, httpserver.Request) {})
		s.OnError = func(_ net.Addr, err error) {
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("reported: %v", err)
			}
		}
		s.Timeouts = shortTimes
		l := newReadyMade()
		before := measureMemory()
		stop := start(t, s, l)
		began := time.Now()
		for i, nc := range servers {
			l.conns <- nc
			if _, err := io.WriteString(clients[i], whole[:1+i%len(whole)]); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		use := measureMemory().per(n, before)
		t.Logf("%d connections over memory with a part of a head; each takes %v", n, use)
		use.within(t, mostIdle)
		l.conns <- theirs[0]
		if err := exchanged(witnesses[0], get, none); err != nil {
			t.Error(err)
		}
		for i, nc := range clients {
			got, err := io.ReadAll(nc)
			if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 408 ") {
				t.Fatalf("connection %d is answered %q, %v", i, got, err)
			}
			nc.Close()
		}
		if took := time.Since(began); took < shortTimes.Head || took > shortTimes.Head+time.Second {
			t.Errorf("cut after %v, want %v", took, shortTimes.Head)
		}
		if err := exchanged(witnesses[0], get, none); err != nil {
			t.Error(err)
		}
		witnesses[0].Close()
		stop()
	})
}

// A flood of contents and of trailer sections that drip is cut by the time for a body, each with 408, which the
// handler is told as well.
func TestSlowBodies(t *testing.T) {
	n := sized(300, 60)
	const head = "POST / HTTP/1.1\r\nHost: a\r\n"
	bodies := []string{
		head + "Content-Length: 1000000\r\n\r\n",
		head + "Transfer-Encoding: chunked\r\n\r\nfffff\r\n",
		head + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n1;",
		head + "Transfer-Encoding: chunked\r\n\r\n0\r\nT: ",
	}
	synctest.Test(t, func(t *testing.T) {
		clients, servers := pipes(t, n)
		s := handle(func(_ httpserver.ResponseWriter, r httpserver.Request) {
			_, err := io.Copy(io.Discard, r)
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("the handler was told %v", err)
			}
		})
		s.OnError = func(_ net.Addr, err error) {
			if refused := (*httpserver.RequestError)(nil); !errors.As(err, &refused) || refused.Status != 408 {
				t.Errorf("reported: %v", err)
			}
		}
		s.Timeouts = shortTimes
		l := newReadyMade()
		before := measureMemory()
		stop := start(t, s, l)
		began := time.Now()
		var dripping sync.WaitGroup
		for i, nc := range servers {
			l.conns <- nc
			if _, err := io.WriteString(clients[i], bodies[i%len(bodies)]); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		use := measureMemory().per(n, before)
		t.Logf("%d connections over memory with a part of a body; each takes %v", n, use)
		use.within(t, 64<<10) // io.Copy has a buffer of its own
		for _, nc := range clients {
			dripping.Go(func() { drip(nc, strings.Repeat("a", 1000), 9*time.Second) })
		}
		for i, nc := range clients {
			got, err := io.ReadAll(nc)
			if err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 408 ") {
				t.Fatalf("connection %d is answered %q, %v", i, got, err)
			}
			nc.Close()
		}
		if took := time.Since(began); took < shortTimes.Body || took > shortTimes.Body+time.Second {
			t.Errorf("cut after %v, want %v", took, shortTimes.Body)
		}
		dripping.Wait()
		stop()
	})
}

// Over sockets a request that is under way and does not go on holds no buffer, wherever in it that is.
func TestStalledHoldsNoBuffer(t *testing.T) {
	n := sized(200, 50)
	for _, c := range []struct{ name, part string }{
		{"within a head", get[:20]},
		{"before content", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"},
		{"within content", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"},
		{"within a chunk-size", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1"},
		{"within trailers", "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			var begun sync.WaitGroup
			begun.Add(n)
			s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
				if begun.Done(); c.part == get[:20] {
					t.Error("the handler was called")
				}
				var small [16]byte
				for err := error(nil); err == nil; {
					_, err = r.Read(small[:])
				}
			})
			if c.part == get[:20] {
				s.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
					begun.Done()
					return ctx
				}
			}
			l, dial := listenTCP(t)
			before := measureMemory()
			stop := start(t, s, l)
			var conns []net.Conn
			for range n {
				nc, err := dial()
				if err != nil {
					t.Fatal(err)
				}
				defer nc.Close()
				if _, err := io.WriteString(nc, c.part); err != nil {
					t.Fatal(err)
				}
				conns = append(conns, nc)
			}
			begun.Wait()
			use := measureMemory().per(n, before)
			t.Logf("%d connections over TCP, both ends; each takes %v", n, use)
			use.within(t, mostIdle)
			for _, nc := range conns {
				nc.Close()
			}
			stop()
		})
	}
}

// A request that comes octet by octet is read as one that comes whole.
func TestOctetByOctet(t *testing.T) {
	content := strings.Repeat("content", 100)
	request := crlf("POST /x HTTP/1.1\nHost: a\nCookie: "+strings.Repeat("c", 400)+"\nTransfer-Encoding: chunked\n\n1;e=f\nx\n2bc\n") +
		content + crlf("\n0\nTrailer: "+strings.Repeat("t", 300)+"\n\n")
	for _, link := range links {
		t.Run(link.name, func(t *testing.T) {
			s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
				got, err := r.ReadAll(-1)
				trailer := r.Trailers().GetString("Trailer")
				if string(got) != "x"+content || err != nil || len(r.Field("Cookie")) != 400 || len(trailer) != 300 {
					t.Errorf("read %d octets, %v; %d and %d octets of fields", len(got), err, len(r.Field("Cookie")), len(trailer))
				}
			})
			l, dial := link.listen(t)
			stop := start(t, s, l)
			defer stop()
			nc, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			for range 2 {
				for i := range len(request) {
					if _, err := io.WriteString(nc, request[i:i+1]); err != nil {
						t.Fatal(err)
					}
				}
				if err := answered(nc, none); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
