package httpserver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/transport/memory"
)

// listen serves s on a network in memory.
func listen(t *testing.T, s *httpserver.Server) (dial func() *world, served chan error) {
	t.Helper()
	network := new(memory.Network)
	l, err := network.Listen("a:80")
	if err != nil {
		t.Fatal(err)
	}
	s.NoDate = true
	served = make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	return func() *world {
		t.Helper()
		nc, err := network.DialContext(context.Background(), "tcp", "a:80")
		if err != nil {
			t.Fatal(err)
		}
		return &world{t: t, client: nc.(*memory.Conn)}
	}, served
}

const (
	get  = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	none = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
	last = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)

// Shutdown lets what was begun end, and closes what waits.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
			if r.Path() == "/slow" {
				time.Sleep(5 * time.Second)
			}
		})
		dial, served := listen(t, s)
		idle, busy, half, fresh := dial(), dial(), dial(), dial()
		idle.send(get)
		idle.expect(none)
		busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
		half.send(get[:10])
		synctest.Wait()
		ended := make(chan error, 1)
		go func() { ended <- s.Shutdown(context.Background()) }()
		synctest.Wait()
		if err := <-served; err != httpserver.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
		for name, w := range map[string]*world{"idle": idle, "fresh": fresh} {
			if got := w.rest(); got != "" {
				t.Errorf("%s: %q", name, got)
			}
		}
		half.send(get[10:])
		half.expect(last)
		busy.expect(last)
		if err := <-ended; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if n := s.Conns(); n != 0 {
			t.Errorf("%d connections left", n)
		}
		if err := s.ListenAndServe("127.0.0.1:0"); err != httpserver.ErrServerClosed {
			t.Errorf("serving again: %v", err)
		}
	})
}

// Shutdown gives up when its context ends, and Close ends the rest.
func TestShutdownGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := handle(func(_ httpserver.ResponseWriter, r httpserver.Request) { <-r.Gone() })
		dial, served := listen(t, s)
		w := dial()
		w.send(get)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != context.DeadlineExceeded {
			t.Errorf("Shutdown: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		if got, err := io.ReadAll(w.client); len(got) > 0 {
			t.Errorf("%q, %v", got, err)
		}
		if err := s.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown behind Close: %v", err)
		}
		<-served
	})
}

// A request that arrives as the server shuts down is answered when its first octet was there.
func TestShutdownRace(t *testing.T) {
	for range 200 {
		synctest.Test(t, func(t *testing.T) {
			s := handle(func(httpserver.ResponseWriter, httpserver.Request) {})
			dial, served := listen(t, s)
			w := dial()
			w.send(get)
			w.expect(none)
			synctest.Wait()
			w.send(get) // it is in the server's buffer before Shutdown is called
			if err := s.Shutdown(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got := w.rest(); got != last && got != none {
				t.Fatalf("%q", got)
			}
			<-served
		})
	}
}

// A panic closes its connection, is told, and takes nothing else down.
func TestPanic(t *testing.T) {
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		switch r.Path() {
		case "/":
			return
		case "/abort":
			panic(httpserver.ErrAbort)
		case "/late":
			w.WriteString("begun")
			w.Flush()
		}
		panic("oh")
	})
	var mu sync.Mutex
	var told []error
	s.OnError = func(_ net.Addr, err error) {
		mu.Lock()
		told = append(told, err)
		mu.Unlock()
	}
	dial, served := listen(t, s)
	other := dial()
	for _, path := range []string{"/now", "/late", "/abort"} {
		w := dial()
		w.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")
		got, err := io.ReadAll(w.client)
		if strings.Contains(string(got), "\r\n0\r\n") || path != "/late" && (len(got) > 0 || err != nil) || path == "/late" && !strings.HasSuffix(string(got), "\r\n5\r\nbegun\r\n") {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	other.send(get)
	other.expect(none)
	other.client.Close()
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	<-served
	var p *httpserver.PanicError
	if len(told) != 2 || !errors.As(told[0], &p) || p.Value != "oh" || !strings.Contains(string(p.Stack), "TestPanic") {
		t.Errorf("told: %v", told)
	}
}

// Connections beyond MaxConns wait; a connection carries MaxRequests.
func TestCaps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := handle(func(httpserver.ResponseWriter, httpserver.Request) {})
		s.MaxConns, s.MaxRequests = 2, 2
		dial, served := listen(t, s)
		a, b, c := dial(), dial(), dial()
		for _, w := range []*world{a, b, c} {
			w.send(get)
		}
		a.expect(none)
		b.expect(none)
		synctest.Wait()
		if n := s.Conns(); n != 2 {
			t.Errorf("%d connections", n)
		}
		a.send(get + get)
		a.expect(last)
		if got := a.rest(); got != "" {
			t.Errorf("behind the last: %q", got)
		}
		c.expect(none)
		for _, w := range []*world{b, c} {
			w.client.Close()
		}
		s.Shutdown(context.Background())
		<-served
	})
}

// A handler that asks is told when its client goes away, and only then.
func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := make(chan error, 1)
		s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
			gone := r.Gone() // before the content was read
			io.Copy(io.Discard, r)
			select {
			case <-gone:
				told <- context.Cause(r.Context())
			case <-time.After(5 * time.Second):
				told <- nil
			}
		})
		w := serve(t, s)
		w.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi" + get)
		w.expect(none) // the pipelined request did not count as going away
		if err := <-told; err != nil {
			t.Error(err)
		}
		w.client.Close()
		if err := <-told; err == nil {
			t.Error("not told that the client went away")
		}
	})
}

// A handler takes the connection over, with what came behind the head.
func TestHijack(t *testing.T) {
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		if r.Method() != "CONNECT" {
			w.SetStatus(101)
			w.Fields().Add("Connection", "Upgrade")
			w.Fields().Add("Upgrade", "echo")
		} else {
			w.SetStatus(200)
		}
		nc, err := w.Hijack()
		if err != nil {
			panic(err)
		}
		if _, err := w.Write([]byte("x")); err != httpserver.ErrHijacked {
			panic(err)
		}
		go func() {
			io.Copy(nc, nc)
			nc.Close()
		}()
	})
	for _, c := range []struct{ request, head string }{
		{"GET / HTTP/1.1\nHost: a\nConnection: upgrade\nUpgrade: echo\n\n",
			"HTTP/1.1 101 Switching Protocols\nConnection: Upgrade\nUpgrade: echo\n\n"},
		{"CONNECT a:80 HTTP/1.1\nHost: a\n\n", "HTTP/1.1 200 OK\n\n"},
	} {
		w := serve(t, s)
		w.send(crlf(c.request) + "early")
		w.expect(crlf(c.head) + "early")
		w.send(" and late")
		w.expect(" and late")
		if got := w.rest(); got != "" {
			t.Errorf("%q", got)
		}
		if n := s.Conns(); n != 0 {
			t.Errorf("%d connections", n)
		}
	}
}

// What a handler keeps is of no use when it has returned, and never shows another request.
func TestStale(t *testing.T) {
	var kept httpserver.Request
	var writer httpserver.ResponseWriter
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		if r.Path() != "/secret" {
			kept, writer = r, w
			return
		}
		_, err := kept.Read(make([]byte, 1))
		_, werr := writer.WriteString("x")
		w.WriteString(fmt.Sprintln(kept.Target(), kept.Fields().Len(), len(kept.RawHead()), err == httpserver.ErrHandlerReturned,
			werr == httpserver.ErrHandlerReturned, kept.Context().Err(), writer.Fields().Len()))
	})
	w := serve(t, s)
	w.send(get)
	w.expect(none)
	w.send("GET /secret HTTP/1.1\r\nHost: a\r\n\r\n")
	w.expect("HTTP/1.1 200 OK\r\nContent-Length: 34\r\n\r\n 0 0 true true context canceled 0\n")
}

// A port that is taken says so.
func TestTakenPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := httpserver.ListenAndServe(l.Addr().String(), nil); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("%v", err)
	}
}
