package advisories_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/transport/memory"
	"github.com/strata-http/strata/wire"
)

// served is a connection to the server façade, and what its handler was asked.
type served struct {
	t      *testing.T
	client *memory.Conn
	done   chan struct{}
	mu     sync.Mutex
	asked  []string
}

type handler = func(w httpserver.ResponseWriter, r httpserver.Request)

// facadeServer serves one connection by handle.
func facadeServer(t *testing.T, handle handler) *served {
	t.Helper()
	client, server := memory.Pipe()
	c := &served{t: t, client: client, done: make(chan struct{})}
	s := &httpserver.Server{NoDate: true, OnError: func(net.Addr, error) {}}
	s.Handler = httpserver.HandlerFunc(func(w httpserver.ResponseWriter, r httpserver.Request) {
		c.mu.Lock()
		c.asked = append(c.asked, r.Method()+" "+r.Target())
		c.mu.Unlock()
		handle(w, r)
	})
	go func() {
		defer close(c.done)
		s.ServeConn(context.Background(), server)
	}()
	t.Cleanup(func() {
		client.Close()
		<-c.done
	})
	return c
}

// say sends octets and returns all that the server sends until it closes: the client ends its direction.
func (c *served) say(octets string) string {
	c.t.Helper()
	go func() {
		io.WriteString(c.client, octets)
		c.client.CloseWrite()
	}()
	got, err := io.ReadAll(c.client)
	if err != nil {
		c.t.Errorf("behind %.60q: %v", octets, err)
	}
	<-c.done
	return string(got)
}

// wasAsked checks which requests the handler was called for.
func (c *served) wasAsked(want ...string) {
	c.t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	if fmt.Sprint(c.asked) != fmt.Sprint(want) {
		c.t.Errorf("the handler was asked %q, want %q", c.asked, want)
	}
}

// closing checks that got is one final response that says that the connection closes.
func closing(t *testing.T, got, status string) {
	t.Helper()
	if !strings.HasPrefix(got, "HTTP/1.1 "+status) || strings.Count(got, "HTTP/1.1 ") != 1 || !strings.Contains(got, "\r\nConnection: close\r\n") {
		t.Errorf("answered %q, want one %s that closes", got, status)
	}
}

// endlessServed: the request is refused, by a status and a text that names the rule, and the connection closed.
func endlessServed(t *testing.T, e *endless, s *stream) wire.Rule {
	nc := &servedConn{s: s}
	var reported error
	server := &httpserver.Server{
		Limits:  e.limits,
		OnError: func(_ net.Addr, err error) { reported = err },
		Handler: httpserver.HandlerFunc(func(_ httpserver.ResponseWriter, r httpserver.Request) { r.ReadAll(-1) }),
	}
	server.ServeConn(t.Context(), nc)
	refused := (*httpserver.RequestError)(nil)
	if !errors.As(reported, &refused) {
		t.Fatalf("reported: %v", reported)
	}
	rule := ruleOf(t, refused.Err)
	closing(t, nc.out.String(), fmt.Sprint(int(refused.Status)))
	if !strings.Contains(nc.out.String(), "\n"+rule.Name()+": ") || !nc.closed {
		t.Errorf("answered %q; closed %v", &nc.out, nc.closed)
	}
	return rule
}

// servedConn is a connection whose client sends a stream.
type servedConn struct {
	script
	s      *stream
	out    bytes.Buffer
	closed bool
}

func (c *servedConn) Read(p []byte) (int, error)  { return c.s.Read(p) }
func (c *servedConn) Write(p []byte) (int, error) { return c.out.Write(p) }

func (c *servedConn) Close() error {
	c.closed = true
	return nil
}

// dripServed: a client that sends an octet a minute, for ever, is cut to the second by the time for a head or for a
// body; one that reads so by the time that a handler has set.
func dripServed(t *testing.T) {
	const head = "POST / HTTP/1.1\r\nHost: h\r\n"
	for _, begin := range []string{"", head, head + "Content-Length: 100000\r\n\r\n", head + "Transfer-Encoding: chunked\r\n\r\n0\r\n"} {
		synctest.Test(t, func(t *testing.T) {
			client, server := memory.Pipe()
			s := &httpserver.Server{OnError: func(net.Addr, error) {}}
			s.Timeouts = httpserver.Timeouts{Head: time.Hour, Body: time.Hour, Between: 2 * time.Minute}
			s.Handler = httpserver.HandlerFunc(func(_ httpserver.ResponseWriter, r httpserver.Request) { r.ReadAll(-1) })
			began := time.Now()
			go func() {
				for octets := begin + "A"; ; octets = "a" {
					if _, err := io.WriteString(client, octets); err != nil {
						return
					}
					time.Sleep(time.Minute)
				}
			}()
			go s.ServeConn(context.Background(), server)
			got, err := io.ReadAll(client)
			if took := time.Since(began); took != time.Hour || err != nil {
				t.Errorf("%q: cut after %v, %v", begin, took, err)
			}
			closing(t, string(got), "408 ")
			client.Close()
			time.Sleep(2 * time.Minute) // whoever drips notices
		})
	}
	synctest.Test(t, func(t *testing.T) {
		client, server := memory.Pipe()
		s := &httpserver.Server{OnError: func(net.Addr, error) {}}
		s.Handler = httpserver.HandlerFunc(func(w httpserver.ResponseWriter, _ httpserver.Request) {
			w.SetWriteDeadline(time.Now().Add(time.Hour))
			for err := error(nil); err == nil; {
				_, err = w.Write(make([]byte, 1<<20))
			}
		})
		began := time.Now()
		go func() {
			io.WriteString(client, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
			for err := error(nil); err == nil; time.Sleep(30 * time.Second) {
				_, err = client.Read(make([]byte, 1))
			}
		}()
		s.ServeConn(context.Background(), server)
		if took := time.Since(began); took != time.Hour {
			t.Errorf("cut after %v", took)
		}
		client.Close()
		time.Sleep(time.Minute)
	})
}
