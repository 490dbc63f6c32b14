package httpserver_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/wire"
)

// BeforeHead is told the begin of the content, once, whatever sends the head.
func TestBeforeHead(t *testing.T) {
	long := strings.Repeat("0123456789abcdef", 1<<11)
	for _, c := range []struct {
		name string
		do   func(w httpserver.ResponseWriter)
		want []string
	}{
		{"nothing", func(httpserver.ResponseWriter) {}, []string{""}},
		{"small", func(w httpserver.ResponseWriter) { w.WriteString("a"); w.WriteString("b") }, []string{"ab"}},
		{"flush", func(w httpserver.ResponseWriter) { w.WriteString("a"); w.Flush(); w.WriteString("b") }, []string{"a"}},
		{"large", func(w httpserver.ResponseWriter) { w.Write([]byte(long)) }, []string{long}},
		{"large string", func(w httpserver.ResponseWriter) { w.WriteString(long) }, []string{long}},
		{"small, then large", func(w httpserver.ResponseWriter) { w.WriteString("ab"); w.Write([]byte(long)) }, []string{"ab" + long[:510]}},
		{"filled, then more", func(w httpserver.ResponseWriter) {
			w.WriteString(long[:16<<10])
			w.WriteString(long)
		}, []string{long[:512]}},
		{"page of the server's", func(w httpserver.ResponseWriter) { w.Error(404, "") }, nil},
		{"chunk", func(w httpserver.ResponseWriter) { w.WriteChunk([]byte("a"), ";b") }, []string{""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
				w.BeforeHead(func(fields *headers.Fields, start []byte) {
					got = append(got, string(start))
					fields.Add("X", "1")
				})
				c.do(w)
			}))
			w.send(get)
			answer := w.rest()
			w.wait()
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
			if strings.Contains(answer, "X: 1\r\n") != (c.want != nil) {
				t.Errorf("got %.200q", answer)
			}
		})
	}
}

func TestOmitDateAndChunked(t *testing.T) {
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		if r.Path() == "/no" {
			w.OmitDate()
		}
		before := w.Chunked()
		w.Flush()
		if before || !w.Chunked() {
			t.Errorf("Chunked: %v, then %v", before, w.Chunked())
		}
	})
	w := serve(t, s)
	s.NoDate = false
	w.send("GET /no HTTP/1.1\r\nHost: a\r\n\r\n" + get)
	if got := w.rest(); strings.Count(got, "\r\nDate: ") != 1 || strings.Index(got, "Date: ") < strings.Index(got, "0\r\n\r\n") {
		t.Errorf("got %q", got)
	}
}

// HijackBuffered keeps apart what came early, of content too.
func TestHijackBuffered(t *testing.T) {
	for _, c := range []struct{ name, send, want string }{
		{"nothing", get, ""},
		{"behind the head", get + "early", "early"},
		{"content half read", crlf("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhelloearly"), "lloearly"},
		{"chunk half read", crlf("POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n5\nhello\n0\n\n"), "llo\r\n0\r\n\r\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
				r.Read(make([]byte, 2))
				w.Flush()
				of := r.NetConn()
				nc, early, err := w.HijackBuffered()
				if err != nil || string(early) != c.want || nc != of {
					t.Errorf("%q, %v, want %q", early, err, c.want)
				}
				if _, _, err := w.HijackBuffered(); !errors.Is(err, httpserver.ErrHijacked) {
					t.Errorf("again: %v", err)
				}
				io.WriteString(nc, "0\r\n\r\n")
				nc.Close()
			}))
			w.send(c.send)
			if got := w.rest(); !strings.HasSuffix(got, "\r\n\r\n0\r\n\r\n") {
				t.Errorf("got %q", got)
			}
		})
	}
}

// Shutdown does not wait for a handler that has taken its connection over.
func TestShutdownLeavesTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
			nc, err := w.Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer nc.Close()
			io.Copy(nc, nc)
		})
		dial, served := listen(t, s)
		w := dial()
		w.send(get + "hello")
		w.expect("hello")
		if err := s.Shutdown(context.Background()); err != nil || s.Conns() != 0 {
			t.Errorf("%v, %d connections", err, s.Conns())
		}
		<-served
		w.send("more")
		w.expect("more")
		w.client.Close()
	})
}

// Interrupt ends a Read of another goroutine, and what was not read is drained as if nobody had asked for it.
func TestInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
			if r.ContentLength() == 0 {
				return
			}
			w.Duplex()
			done := make(chan struct{})
			go func() {
				defer close(done)
				if n, err := io.ReadFull(r, make([]byte, 10)); n != 2 || !errors.Is(err, httpserver.ErrInterrupted) {
					t.Errorf("%d, %v", n, err)
				}
				if n, err := r.Read(make([]byte, 10)); n != 0 || !errors.Is(err, httpserver.ErrInterrupted) {
					t.Errorf("again: %d, %v", n, err)
				}
			}()
			synctest.Wait()
			r.Interrupt()
			<-done
		}))
		w.send(crlf("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhe"))
		w.expect(none)
		time.Sleep(time.Second)
		w.send("llo" + get)
		w.expect(none)
		if got := w.reported(); len(got) > 0 {
			t.Errorf("told: %v", got)
		}
		w.client.Close()
		w.wait()
	})
}

// Deadlines that a handler sets act on a read or a write that another goroutine is in.
func TestDeadlinesFromOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
			w.Duplex()
			errs := make(chan error, 2)
			go func() {
				_, err := r.Read(make([]byte, 1))
				errs <- err
			}()
			synctest.Wait()
			w.SetReadDeadline(time.Now().Add(time.Second))
			begin := time.Now()
			if err := <-errs; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != time.Second {
				t.Errorf("reading: %v after %v", err, time.Since(begin))
			}
			go func() {
				_, err := w.Write(make([]byte, 1<<20))
				errs <- err
			}()
			synctest.Wait()
			w.SetWriteDeadline(time.Now().Add(time.Second))
			begin = time.Now()
			if err := <-errs; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(begin) != time.Second {
				t.Errorf("writing: %v after %v", err, time.Since(begin))
			}
		}))
		w.send(crlf("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\n"))
		w.wait()
		w.client.Close()
	})
}

// A handler may end its goroutine, as the FailNow of a test does.
func TestGoexit(t *testing.T) {
	s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		if r.Path() == "/x" {
			runtime.Goexit()
		}
	})
	dial, served := listen(t, s)
	w := dial()
	w.send("GET /x HTTP/1.1\r\nHost: a\r\n\r\n")
	if got := w.rest(); got != "" {
		t.Errorf("got %q", got)
	}
	if err := s.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-served; err != httpserver.ErrServerClosed {
		t.Error(err)
	}
}

// Content that only the end of the connection delimits, and that is cut short, ends by a reset; other content keeps
// all that was sent.
func TestCutShort(t *testing.T) {
	for _, c := range []struct {
		version string
		reset   bool
	}{{"1.0", true}, {"1.1", false}} {
		w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
			w.WriteString("begun")
			w.Flush()
			panic(httpserver.ErrAbort)
		}))
		w.send("GET / HTTP/" + c.version + "\r\nHost: a\r\n\r\n")
		_, err := io.ReadAll(w.client)
		if errors.Is(err, syscall.ECONNRESET) != c.reset {
			t.Errorf("HTTP/%s: %v", c.version, err)
		}
	}
}

// A connection that closes does not wait for content that nobody wants.
func TestCloseBeforeContent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {}))
		w.send(crlf("POST / HTTP/1.1\nHost: a\nConnection: close\nContent-Length: 5\n\nhe"))
		begin := time.Now()
		got, err := io.ReadAll(w.client)
		if string(got) != last || err != nil || time.Since(begin) > 0 {
			t.Errorf("%q, %v after %v", got, err, time.Since(begin))
		}
		w.client.Close()
		w.wait()
	})
}

// ReadFrom of the request does not wait for itself when it sends 100 (Continue).
func TestReadFromRequest(t *testing.T) {
	w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		if n, err := w.ReadFrom(r); n != 5 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}))
	w.send(crlf("POST / HTTP/1.1\nHost: a\nExpect: 100-continue\nContent-Length: 5\n\n"))
	w.expect("HTTP/1.1 100 Continue\r\n\r\n")
	w.send("hello")
	w.expect(crlf("HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"))
}

// The end of content is noticed with its last octet, and behind it that the client is gone.
func TestGoneBehindLastOctet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
			if _, err := io.ReadFull(r, make([]byte, 5)); err != nil {
				t.Error(err)
			}
			ctx := r.Context()
			if ctx.Err() != nil {
				t.Error(ctx.Err())
			}
			<-ctx.Done()
			if ctx.Err() != context.Canceled || context.Cause(ctx) != httpserver.ErrGone {
				t.Errorf("%v, %v", ctx.Err(), context.Cause(ctx))
			}
		}))
		w.send(crlf("POST / HTTP/1.1\nHost: a\nContent-Length: 5\n\nhello"))
		synctest.Wait()
		w.client.Close()
		w.wait()
	})
}

// What a request's context says holds when its handler has returned, asked before or not.
func TestContextKept(t *testing.T) {
	type key struct{}
	for _, ask := range []bool{true, false} {
		var kept context.Context
		s := handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
			if kept = r.Context(); ask {
				kept.Done()
			}
		})
		s.ConnContext = func(ctx context.Context, _ net.Conn) context.Context { return context.WithValue(ctx, key{}, "v") }
		w := serve(t, s)
		w.send(get)
		w.expect(none)
		w.client.Close()
		w.wait()
		<-kept.Done()
		if kept.Err() != context.Canceled || kept.Value(key{}) != "v" {
			t.Errorf("asked %v: %v, %v", ask, kept.Err(), kept.Value(key{}))
		}
	}
}

// Remote is the address as text.
func TestRemote(t *testing.T) {
	w := serve(t, handle(func(w httpserver.ResponseWriter, r httpserver.Request) {
		if got := r.Remote(); got != r.RemoteAddr().String() || got == "" {
			t.Errorf("%q", got)
		}
		if string(r.HostOctets()) != "a" || r.TLS() != nil || r.Version() != wire.HTTP11 {
			t.Errorf("%q", r.HostOctets())
		}
	}))
	w.send(get)
	w.expect(none)
}
