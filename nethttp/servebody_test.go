package nethttp_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/transport/memory"
)

// A handler may read and write at the same time, each in its own goroutine.
func TestServedDuplex(t *testing.T) {
	client := serveHandler(t, func(w http.ResponseWriter, r *http.Request) {
		lines := make(chan string)
		go func() {
			defer close(lines)
			s := bufio.NewScanner(r.Body)
			for s.Scan() {
				lines <- s.Text()
			}
		}()
		for line := range lines {
			fmt.Fprintf(w, "%s!\n", line)
			w.(http.Flusher).Flush()
		}
	})
	io.WriteString(client, crlf("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n"))
	var answers *bufio.Scanner
	for i := range 100 {
		line := fmt.Sprintf("line %d\n", i)
		fmt.Fprintf(client, "%x\r\n%s\r\n", len(line), line)
		if answers == nil {
			resp, err := http.ReadResponse(bufio.NewReader(client), nil)
			if err != nil {
				t.Fatal(err)
			}
			answers = bufio.NewScanner(resp.Body)
		}
		if !answers.Scan() || answers.Text() != strings.TrimSpace(line)+"!" {
			t.Fatalf("%q, %v", answers.Text(), answers.Err())
		}
	}
	io.WriteString(client, "0\r\n\r\n")
	if answers.Scan() || answers.Err() != nil {
		t.Errorf("%q, %v", answers.Text(), answers.Err())
	}
}

// A goroutine that reads content when the handler returns, or closes the Body, is sent away, and the connection
// carries on.
func TestServedBodyAfterReturn(t *testing.T) {
	for _, closing := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			read := make(chan error, 1)
			client := serveHandler(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == "GET" {
					return
				}
				go func() {
					_, err := io.ReadAll(r.Body)
					read <- err
				}()
				synctest.Wait()
				if closing {
					r.Body.Close()
				}
			})
			in := bufio.NewReader(client)
			io.WriteString(client, crlf("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhe"))
			answer(t, in)
			if err := <-read; err != http.ErrBodyReadAfterClose {
				t.Errorf("reading: %v", err)
			}
			io.WriteString(client, crlf("lloGET / HTTP/1.1\nHost: a\n\n"))
			answer(t, in)
		})
	}
}

// A connection can be taken over while a goroutine reads content, which is sent away.
func TestServedHijackDuringRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read := make(chan error, 1)
		client := serveHandler(t, func(w http.ResponseWriter, r *http.Request) {
			go func() {
				_, err := io.ReadAll(r.Body)
				read <- err
			}()
			synctest.Wait()
			nc, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			if rw.Reader.Buffered() > 0 {
				t.Errorf("%d octets are buffered", rw.Reader.Buffered())
			}
			io.Copy(nc, rw)
		})
		io.WriteString(client, crlf("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhe"))
		if err := <-read; err != http.ErrBodyReadAfterClose {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		io.WriteString(client, "hello")
		client.CloseWrite()
		if got, err := io.ReadAll(client); string(got) != "hello" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// What came while the end of the client was looked out for is the first that whoever takes the connection over reads.
func TestServedHijackWhileWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := serveHandler(t, func(w http.ResponseWriter, r *http.Request) {
			r.Context().Done()
			time.Sleep(time.Second)
			nc, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			io.Copy(nc, rw)
		})
		io.WriteString(client, crlf("GET / HTTP/1.1\nHost: a\n\n"))
		synctest.Wait()
		io.WriteString(client, "hello")
		client.CloseWrite()
		if got, err := io.ReadAll(client); string(got) != "hello" || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	})
}

// The errors of a Body are those that users of net/http look for.
func TestServedBodyErrors(t *testing.T) {
	for _, c := range []struct {
		name   string
		octets string
		do     func(t *testing.T, w http.ResponseWriter, client *memory.Conn)
		check  func(err error) bool
	}{
		{"cut short", "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhe",
			func(_ *testing.T, _ http.ResponseWriter, client *memory.Conn) { client.CloseWrite() },
			func(err error) bool { return err == io.ErrUnexpectedEOF }},
		{"late", "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhe",
			func(t *testing.T, w http.ResponseWriter, _ *memory.Conn) {
				if err := http.NewResponseController(w).SetReadDeadline(time.Now().Add(time.Second)); err != nil {
					t.Error(err)
				}
			},
			func(err error) bool {
				late, ok := err.(net.Error)
				return ok && late.Timeout() && errors.Is(err, os.ErrDeadlineExceeded)
			}},
		{"reset", "POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhe",
			func(_ *testing.T, _ http.ResponseWriter, client *memory.Conn) { client.Reset() },
			func(err error) bool { return errors.Is(err, syscall.ECONNRESET) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var client *memory.Conn
				ready, done := make(chan struct{}), make(chan struct{})
				client = serveHandler(t, func(w http.ResponseWriter, r *http.Request) {
					defer close(done)
					<-ready
					c.do(t, w, client)
					if content, err := io.ReadAll(r.Body); !c.check(err) {
						t.Errorf("%q, %T %v", content, err, err)
					}
				})
				io.WriteString(client, crlf(c.octets))
				close(ready)
				<-done
			})
		})
	}
}
