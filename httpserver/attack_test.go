package httpserver_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/wire"
)

const (
	continued = "HTTP/1.1 100 Continue\r\n\r\n"
	expecting = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
)

// A flood of expectations: each is met once where the handler reads, and ends the connection where it does not, since
// nobody knows whether the content comes (RFC 9110 section 10.1.1).
func TestExpectFlood(t *testing.T) {
	const n = 500
	t.Run("read", func(t *testing.T) {
		w := serve(t, handle(func(_ httpserver.ResponseWriter, r httpserver.Request) { io.Copy(io.Discard, r) }))
		go io.WriteString(w.client, strings.Repeat(expecting+"abc", n))
		for range n {
			w.expect(continued + none)
		}
	})
	t.Run("not read", func(t *testing.T) {
		var handled atomic.Int64
		w := serve(t, handle(func(httpserver.ResponseWriter, httpserver.Request) { handled.Add(1) }))
		go io.WriteString(w.client, strings.Repeat(expecting, n))
		if got, err := io.ReadAll(w.client); string(got) != last || err != nil || handled.Load() != 1 {
			t.Errorf("answered %q, %v; %d requests were handled", got, err, handled.Load())
		}
	})
	t.Run("unknown", func(t *testing.T) {
		w := serve(t, handle(func(httpserver.ResponseWriter, httpserver.Request) { t.Error("the handler was called") }))
		go io.WriteString(w.client, strings.Repeat(strings.Replace(expecting, "100-continue", "200-ok", 1), n))
		got, err := io.ReadAll(w.client)
		if strings.Count(string(got), "HTTP/1.1 ") != 1 || !strings.HasPrefix(string(got), "HTTP/1.1 417 ") || err != nil {
			t.Errorf("answered %q, %v", got, err)
		}
	})
}

// A handler that never reads is not made to by its client: the response comes at once, says that the connection
// closes, and what the client sends behind it is read for a while and no longer.
func TestNeverReads(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: a\r\n"
	for _, c := range []struct{ name, begin, again string }{
		{"Content-Length of 10^15", head + "Content-Length: 1000000000000000\r\n\r\n", "x"},
		{"a chunk of 10^15", head + "Transfer-Encoding: chunked\r\n\r\n38d7ea4c68000\r\n", "x"},
		{"chunks without end", head + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"},
		{"chunk extensions", head + "Transfer-Encoding: chunked\r\n\r\n", "1;" + strings.Repeat("e", 1000) + "\r\nx\r\n"},
		{"trailers without end", head + "Transfer-Encoding: chunked\r\n\r\n0\r\n", "T: x\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := serve(t, handle(func(w httpserver.ResponseWriter, _ httpserver.Request) { w.SetStatus(403) }))
				var pushed int
				pushing := make(chan struct{})
				go func() {
					defer close(pushing)
					again := strings.Repeat(c.again, (32<<10)/len(c.again))
					n, err := io.WriteString(w.client, c.begin)
					for pushed = n; err == nil; pushed += n {
						n, err = io.WriteString(w.client, again)
					}
				}()
				got, err := io.ReadAll(w.client)
				if !strings.HasPrefix(string(got), "HTTP/1.1 403 Forbidden\r\n") || !strings.HasSuffix(string(got), "\r\n\r\n") || err != nil {
					t.Errorf("answered %q, %v", got, err)
				}
				w.wait()
				<-pushing
				if pushed > 66<<20 {
					t.Errorf("%d octets were read", pushed)
				}
			})
		})
	}
}

// A client that ends its direction still waits for the response, however long that takes. A handler that asks is told
// that the client has ended.
func TestHalfClosed(t *testing.T) {
	for _, path := range []string{"/wait", "/gone"} {
		for _, content := range []string{"\r\n", "Content-Length: 2\r\n\r\nhi"} {
			synctest.Test(t, func(t *testing.T) {
				w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
					io.Copy(io.Discard, r)
					if r.Path() == "/gone" {
						<-r.Gone()
					} else {
						time.Sleep(time.Minute)
					}
					w.WriteString("late")
				}))
				w.send("POST " + path + " HTTP/1.1\r\nHost: a\r\n" + content)
				got := w.rest()
				if !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n") || !strings.HasSuffix(got, "\r\n\r\nlate") {
					t.Errorf("%s: answered %q", path, got)
				}
			})
		}
	}
}

// A storm of panics, in every stage of an exchange, closes the connections that they are on, is told one by one, and
// leaves nothing behind.
func TestPanicStorm(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	n := sized(300, 60)
	had := descriptors(t)
	var told atomic.Int64
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		switch r.Path() {
		case "/":
			return
		case "/read":
			r.Read(make([]byte, 2))
		case "/written":
			w.WriteString("some")
		case "/flushed":
			w.Write(make([]byte, 100_000))
		case "/watched":
			r.Gone()
		}
		panic(fmt.Sprint("in ", r.Path()))
	})
	s.OnError = func(_ net.Addr, err error) {
		if p := (*httpserver.PanicError)(nil); errors.As(err, &p) {
			told.Add(1)
		}
	}
	l, dial := listenTCP(t)
	stop := start(t, s, l)
	witness, err := dial()
	if err != nil {
		t.Fatal(err)
	}
	var storm sync.WaitGroup
	stages := [...]string{"/at-once", "/read", "/written", "/flushed", "/watched"}
	for i := range n {
		storm.Go(func() {
			nc, err := dial()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			stage := stages[i%len(stages)]
			io.WriteString(nc, "POST "+stage+" HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nhihi"+get)
			got, err := io.ReadAll(nc)
			if stage == "/flushed" && (len(got) == 0 || strings.Contains(string(got), "\r\n0\r\n")) || stage != "/flushed" && len(got) > 0 {
				t.Errorf("%s: answered %d octets, %v; they end with %.40q", stage, len(got), err, tail(got, 40))
			}
		})
	}
	storm.Wait()
	if err := exchanged(witness, get, none); err != nil {
		t.Error(err)
	}
	witness.Close()
	stop()
	if got := told.Load(); got != int64(n) {
		t.Errorf("%d panics were told, of %d", got, n)
	}
	noneLeft(t, had)
}

// Handlers that take their connections over and leave: the server forgets them, waits for none of them, and they go
// on until whoever has them closes.
func TestHijackAndLeave(t *testing.T) {
	for _, link := range links {
		t.Run(link.name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			const n = 50
			had := descriptors(t)
			taken := make(chan net.Conn, n)
			s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
				if r.Path() == "/watched" {
					r.Gone()
				}
				nc, err := w.Hijack()
				if err != nil {
					t.Error(err)
				}
				taken <- nc
			})
			l, dial := link.listen(t)
			stop := start(t, s, l)
			var clients, ours []net.Conn
			for i := range n {
				nc, err := dial()
				if err != nil {
					t.Fatal(err)
				}
				path := [...]string{"/", "/watched"}[i%2]
				if _, err := io.WriteString(nc, "GET "+path+" HTTP/1.1\r\nHost: a\r\n\r\nearly"); err != nil {
					t.Fatal(err)
				}
				clients, ours = append(clients, nc), append(ours, <-taken)
			}
			stop()
			for i, nc := range ours {
				if err := answered(nc, "early"); err != nil {
					t.Fatal(err)
				}
				if err := exchangedBetween(nc, clients[i], "down"); err != nil {
					t.Fatal(err)
				}
				if err := exchangedBetween(clients[i], nc, "up"); err != nil {
					t.Fatal(err)
				}
				clients[i].Close()
				nc.Close()
			}
			noneLeft(t, had)
		})
	}
}

// Whatever octet is in the wrong place: the answer has a status, names a rule, and is visible ASCII. Of the request
// no more than that octet comes back, quoted.
func TestNothingReflected(t *testing.T) {
	for _, place := range []string{
		"GE%cT / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /secret%csecret HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HT%cTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: secret%csecret\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nsecret%csecret: x\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nX: secret%csecret\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1%c2\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: secret%csecret\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1%c2\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;secret%csecret\r\nx\r\n0\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nsecret%csecret: x\r\n\r\n",
	} {
		before, behind, _ := strings.Cut(place, "%c")
		for c := range 256 {
			w := serve(t, handle(func(_ httpserver.ResponseWriter, r httpserver.Request) { io.Copy(io.Discard, r) }))
			w.send(before + string([]byte{byte(c)}) + behind)
			got := w.rest()
			if !strings.HasPrefix(got, "HTTP/1.1 ") || strings.Contains(got, "secret") {
				t.Errorf("%q with %q is answered %q", place, byte(c), got)
			}
			for _, o := range []byte(got) {
				if (o < ' ' || o > '~') && o != '\r' && o != '\n' {
					t.Errorf("%q with %q: the answer has %q", place, byte(c), o)
					break
				}
			}
		}
	}
}

// A head that breaks a rule is answered by 500 in its place, also where the handler has flushed it and goes on.
func TestBadHeadFlushed(t *testing.T) {
	w := serve(t, handle(func(w httpserver.ResponseWriter, _ httpserver.Request) {
		w.Fields().Add("X", "a\r\nEvil: b")
		w.WriteString("secret")
		if err := w.Flush(); !errors.Is(err, wire.RuleFieldValue) && !errors.Is(err, wire.RuleBareCR) {
			t.Errorf("Flush: %v", err)
		}
		if _, err := w.WriteString("secret"); err == nil {
			t.Error("content is taken behind a head that was refused")
		}
	}))
	w.send(get)
	got := w.rest()
	if !strings.HasPrefix(got, "HTTP/1.1 500 ") || !strings.Contains(got, "\r\nConnection: close\r\n") || strings.Contains(got, "Evil") || strings.Contains(got, "secret") {
		t.Errorf("answered %q", got)
	}
}
