package nethttp_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/nethttp"
	"github.com/strata-http/strata/transport/memory"
)

// serveMemory serves one connection in memory, and returns the client's end.
func serveMemory(t *testing.T, s *httpserver.Server) (client *memory.Conn, done chan error) {
	t.Helper()
	client, server := memory.Pipe()
	done = make(chan error, 1)
	go func() { done <- s.ServeConn(context.Background(), server) }()
	t.Cleanup(func() {
		client.Close()
		<-done
	})
	return client, done
}

func serveHandler(t *testing.T, h http.HandlerFunc) *memory.Conn {
	t.Helper()
	client, _ := serveMemory(t, nethttp.NewServer(&http.Server{Handler: h, ErrorLog: log.New(io.Discard, "", 0)}))
	return client
}

// answer reads a response and its content.
func answer(t *testing.T, r *bufio.Reader) (*http.Response, string) {
	t.Helper()
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(content)
}

// The context of a request ends when the client goes away, even if the handler has not asked for the end of the
// content, and when the handler returns.
func TestServedContext(t *testing.T) {
	for _, c := range []struct {
		name, octets string
		wait         func(w http.ResponseWriter, r *http.Request)
	}{
		{"Done", "GET / HTTP/1.1\nHost: a\n\n", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{"a context below", "GET / HTTP/1.1\nHost: a\n\n", func(_ http.ResponseWriter, r *http.Request) {
			ctx, cancel := context.WithTimeout(r.Context(), time.Hour)
			defer cancel()
			<-r.WithContext(ctx).Context().Done()
		}},
		{"Err", "GET / HTTP/1.1\nHost: a\n\n", func(_ http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				time.Sleep(time.Second)
			}
		}},
		{"AfterFunc", "GET / HTTP/1.1\nHost: a\n\n", func(_ http.ResponseWriter, r *http.Request) {
			done := make(chan struct{})
			context.AfterFunc(r.Context(), func() { close(done) })
			<-done
		}},
		{"CloseNotify", "GET / HTTP/1.1\nHost: a\n\n", func(w http.ResponseWriter, r *http.Request) {
			<-w.(interface{ CloseNotify() <-chan bool }).CloseNotify() // http.CloseNotifier, which is deprecated
		}},
		{"behind a JSON value", "POST / HTTP/1.1\nHost: a\nContent-Length: 2\n\n{}", func(_ http.ResponseWriter, r *http.Request) {
			if err := json.NewDecoder(r.Body).Decode(new(any)); err != nil {
				t.Error(err)
			}
			<-r.Context().Done()
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				returned := make(chan struct{})
				client := serveHandler(t, func(w http.ResponseWriter, r *http.Request) {
					defer close(returned)
					c.wait(w, r)
					if ctx := r.Context(); ctx.Err() != context.Canceled || context.Cause(ctx) != httpserver.ErrGone {
						t.Errorf("%v, %v", ctx.Err(), context.Cause(ctx))
					}
				})
				io.WriteString(client, crlf(c.octets))
				synctest.Wait()
				select {
				case <-returned:
					t.Error("the handler has not waited")
				default:
				}
				client.Close()
				<-returned
			})
		})
	}
}

// What a handler keeps of a request stays as it was while others are served, and its context has ended.
func TestServedRequestKept(t *testing.T) {
	var kept []*http.Request
	client := serveHandler(t, func(w http.ResponseWriter, r *http.Request) { kept = append(kept, r) })
	in := bufio.NewReader(client)
	for i := range 3 {
		fmt.Fprintf(client, "GET /%d?q=%d HTTP/1.1\r\nHost: h%d\r\nX-Number: n%d\r\n\r\n", i, i, i, i)
		answer(t, in)
	}
	for i, r := range kept {
		got := fmt.Sprint(r.RequestURI, r.URL, r.Host, r.Header)
		if want := fmt.Sprintf("/%d?q=%d/%d?q=%dh%dmap[X-Number:[n%d]]", i, i, i, i, i, i); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		<-r.Context().Done()
	}
}

// NewServer takes the time-outs of an http.Server.
func TestNewServerTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stuck := make(chan error, 1)
		client, done := serveMemory(t, nethttp.NewServer(&http.Server{
			Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, err := w.Write(make([]byte, 1<<20))
				stuck <- err
			}),
			WriteTimeout: 5 * time.Second, ReadHeaderTimeout: 3 * time.Second,
		}))
		begin := time.Now()
		io.WriteString(client, crlf("GET / HTTP/1.1\nHost: a\n\n"))
		if err := <-stuck; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		client.Close()
		<-done
		done <- nil

		client, done = serveMemory(t, nethttp.NewServer(&http.Server{ReadHeaderTimeout: 3 * time.Second}))
		begin = time.Now()
		io.WriteString(client, "GET")
		if resp, _ := answer(t, bufio.NewReader(client)); resp.StatusCode != 408 || time.Since(begin) != 3*time.Second {
			t.Errorf("%s after %v", resp.Status, time.Since(begin))
		}
		client.Close()
		<-done
		done <- nil

		client, _ = serveMemory(t, nethttp.NewServer(&http.Server{MaxHeaderBytes: 100}))
		io.WriteString(client, crlf("GET / HTTP/1.1\nHost: a\nX: "+strings.Repeat("x", 100)+"\n\n"))
		if resp, _ := answer(t, bufio.NewReader(client)); resp.StatusCode != 431 {
			t.Error(resp.Status)
		}
	})
}

// A panic is logged as net/http does.
func TestNewServerLogsPanics(t *testing.T) {
	var logged lockedBuffer
	client, done := serveMemory(t, nethttp.NewServer(&http.Server{
		Handler:  http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") }),
		ErrorLog: log.New(&logged, "", 0),
	}))
	io.WriteString(client, crlf("GET / HTTP/1.1\nHost: a\n\n"))
	<-done
	done <- nil
	if got := logged.b.String(); !strings.HasPrefix(got, "http: panic serving pipe:") || !strings.Contains(got, "oh\ngoroutine ") || !strings.Contains(got, "TestNewServerLogsPanics") {
		t.Errorf("%q", got)
	}
}
