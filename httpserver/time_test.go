package httpserver_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/strata-http/strata/httpserver"
)

var shortTimes = httpserver.Timeouts{
	Head: 5 * time.Second, Body: time.Minute, Between: 10 * time.Second, Write: 20 * time.Second, Idle: 30 * time.Second,
}

// Each phase has its own limit, on a clock that takes no time.
func TestTimeouts(t *testing.T) {
	head := crlf("POST / HTTP/1.1\nHost: a\nContent-Length: 1000000\n\n")
	for _, c := range []struct {
		name  string
		send  func(w *world)
		after time.Duration
		want  string // what the answer begins with
	}{
		{"idle", func(*world) {}, 30 * time.Second, ""},
		{"idle again", func(w *world) {
			w.send(crlf("GET / HTTP/1.1\nHost: a\n\n"))
			w.expect(crlf("HTTP/1.1 200 OK\nContent-Length: 0\n\n"))
		}, 30 * time.Second, ""},
		{"a head that stops", func(w *world) { w.send("GET / HT") }, 5 * time.Second, "HTTP/1.1 408 "},
		{"a head that drips", func(w *world) {
			go func() {
				for _, c := range strings.Repeat("GET", 100) {
					if _, err := io.WriteString(w.client, string(c)); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			}()
		}, 5 * time.Second, "HTTP/1.1 408 "},
		{"content that stops", func(w *world) { w.send(head + "abc") }, 10 * time.Second, "HTTP/1.1 408 "},
		{"content that drips", func(w *world) {
			go func() {
				for s := head; ; s = "x" {
					if _, err := io.WriteString(w.client, s); err != nil {
						return
					}
					time.Sleep(9 * time.Second)
				}
			}()
		}, time.Minute, "HTTP/1.1 408 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := handle(echo)
				s.Timeouts = shortTimes
				w := serve(t, s)
				began := time.Now()
				c.send(w)
				got, err := io.ReadAll(w.client)
				if !strings.HasPrefix(string(got), c.want) || c.want == "" && len(got) > 0 || err != nil {
					t.Errorf("answered %q, %v", got, err)
				}
				if took := time.Since(began); took < c.after || took > c.after+time.Second {
					t.Errorf("after %v, want %v", took, c.after)
				}
				w.client.Close()
				time.Sleep(time.Minute) // whoever drips notices
				if errs := w.reported(); len(errs) != min(len(c.want), 1) || len(errs) > 0 && !errors.Is(errs[0], os.ErrDeadlineExceeded) {
					t.Errorf("reported: %v", errs)
				}
			})
		})
	}
}

// A client that does not read is cut.
func TestWriteTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var failed error
		s := handle(func(w httpserver.ResponseWriter, _ httpserver.Request) {
			for failed == nil {
				_, failed = w.Write(make([]byte, 1<<20))
			}
		})
		s.Timeouts = shortTimes
		w := serve(t, s)
		began := time.Now()
		w.send(crlf("GET / HTTP/1.1\nHost: a\n\n"))
		err := <-w.done
		w.done <- err
		// The write that fills the buffers has made progress; the one behind it has not.
		if took := time.Since(began); !errors.Is(failed, os.ErrDeadlineExceeded) || took < shortTimes.Write || took > 2*shortTimes.Write {
			t.Errorf("after %v: %v", took, failed)
		}
	})
}
