package nethttp_test

import (
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/nethttp"
)

// careless does with a request what handlers do when they are not careful: several goroutines of which some are left
// behind, each with something else.
func careless(w http.ResponseWriter, r *http.Request) {
	c := http.NewResponseController(w)
	dice := rand.IntN(64)
	var own sync.WaitGroup
	reading := func() { io.Copy(io.Discard, r.Body) }
	if dice&1 != 0 {
		go reading() // left behind
	} else {
		own.Go(reading)
	}
	if dice&2 != 0 {
		go func() { <-r.Context().Done() }()
	}
	if dice&4 != 0 {
		own.Go(func() { c.SetReadDeadline(time.Now().Add(time.Hour)) })
		own.Go(func() { c.SetWriteDeadline(time.Now().Add(time.Hour)) })
	}
	if dice&8 != 0 {
		own.Go(func() { r.Body.Close() })
	}
	for i := range 3 {
		fmt.Fprintf(w, "line %d\n", i)
		if dice&16 != 0 {
			c.Flush()
		}
	}
	own.Wait()
	if dice == 63 {
		panic(http.ErrAbortHandler)
	}
}

// Whatever handlers and clients do, a shutdown ends in order and nothing is left; the race detector looks on.
func TestServedStress(t *testing.T) {
	s := nethttp.NewServer(&http.Server{Handler: http.HandlerFunc(careless), ErrorLog: log.New(io.Discard, "", 0)})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			for range 20 {
				client(t, l.Addr())
			}
		})
	}
	clients.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("Shutdown: %v, %d connections", err, s.Conns())
	}
	if err := <-served; err != httpserver.ErrServerClosed {
		t.Error(err)
	}
}

// client asks a few times on one connection, and goes away at any moment.
func client(t *testing.T, address net.Addr) {
	nc, err := net.Dial("tcp", address.String())
	if err != nil {
		t.Error(err)
		return
	}
	defer nc.Close()
	go func() {
		for range 3 {
			body := strings.Repeat("x", rand.IntN(100_000))
			if rand.IntN(4) == 0 {
				fmt.Fprintf(nc, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", len(body)+1, body)
				return // and the last octet never comes
			}
			fmt.Fprintf(nc, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", max(len(body), 1), body+strings.Repeat("x", max(1-len(body), 0)))
		}
	}()
	nc.SetReadDeadline(time.Now().Add(time.Duration(rand.IntN(20)) * time.Millisecond))
	io.Copy(io.Discard, nc)
}
