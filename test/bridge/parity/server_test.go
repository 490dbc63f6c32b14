package parity

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"
)

// serverCases: what a handler and its server can do beyond writing.
func serverCases() []parityCase {
	quiet := log.New(io.Discard, "", 0)
	return []parityCase{
		{"server: content that is not read", func(r *run) {
			r.send(r.handler(func(http.ResponseWriter, *http.Request) {}),
				"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\n"+bye)
		}},
		{"server: much content that is not read", func(r *run) {
			c := r.dial(r.handler(func(http.ResponseWriter, *http.Request) {}))
			go c.say("POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("a", 1000000))
			c.response()
		}},
		{"server: 100 when the content is read", func(r *run) {
			c := r.dial(r.handler(func(w http.ResponseWriter, q *http.Request) {
				all, err := io.ReadAll(q.Body)
				r.note("handler", "%q %s, Expect %q", all, class(err), q.Header.Get("Expect"))
			}))
			c.say("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n" + bye)
			c.head()
			c.say("hello")
			c.all()
		}},
		{"server: no 100 when the content is not read", func(r *run) {
			c := r.dial(r.handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(403) }))
			c.say("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
			c.response()
			c.half()
			c.all()
		}},
		{"server: 100 by hand", func(r *run) {
			r.send(r.handler(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(100); io.WriteString(w, "hello") }),
				"GET / HTTP/1.1\r\n"+bye)
		}},
		{"server: MaxBytesReader", func(r *run) {
			r.send(r.handler(func(w http.ResponseWriter, q *http.Request) {
				_, err := io.ReadAll(http.MaxBytesReader(w, q.Body, 3))
				r.note("handler", "%s", class(err))
				http.Error(w, "too much", http.StatusRequestEntityTooLarge)
			}), "POST / HTTP/1.1\r\nContent-Length: 5\r\n"+bye+"hello")
		}},
		{"server: a body is closed", func(r *run) {
			r.send(r.handler(func(_ http.ResponseWriter, q *http.Request) {
				r.note("handler", "close %s", class(q.Body.Close()))
				_, err := q.Body.Read(make([]byte, 1))
				r.note("handler", "read %s", class(err))
			}), "POST / HTTP/1.1\r\nContent-Length: 5\r\n"+bye+"hello")
		}},
		{"server: a body is used after the handler", func(r *run) {
			var body io.Reader
			r.send(r.handler(func(_ http.ResponseWriter, q *http.Request) { body = q.Body }),
				"POST / HTTP/1.1\r\nContent-Length: 5\r\n"+bye+"hello")
			_, err := body.Read(make([]byte, 1))
			r.sees("read %s", class(err))
		}},
		{"server: the context ends when the client goes", func(r *run) {
			done := make(chan struct{})
			c := r.dial(r.handler(func(_ http.ResponseWriter, q *http.Request) {
				defer close(done)
				r.note("handler", "begins, %s", class(q.Context().Err()))
				<-q.Context().Done()
				r.note("handler", "ends, %s", class(q.Context().Err()))
			}))
			c.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			c.Close()
			select {
			case <-done:
			case <-r.ctx.Done():
			}
		}},
		{"server: the context ends with the handler", func(r *run) {
			var ctx context.Context
			r.send(r.handler(func(_ http.ResponseWriter, q *http.Request) { ctx = q.Context() }), "GET / HTTP/1.1\r\n"+bye)
			<-ctx.Done()
			r.sees("%s", class(ctx.Err()))
		}},
		{"server: BaseContext and ConnContext", func(r *run) {
			type key struct{ int }
			s := &http.Server{
				BaseContext: func(net.Listener) context.Context { return context.WithValue(r.ctx, key{1}, "base") },
				ConnContext: func(ctx context.Context, _ net.Conn) context.Context { return context.WithValue(ctx, key{2}, "conn") },
				Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
					fmt.Fprint(w, q.Context().Value(key{1}), q.Context().Value(key{2}))
				}),
			}
			r.send(r.listen(s), "GET / HTTP/1.1\r\n"+bye)
		}},
		{"server: Hijack", func(r *run) {
			c := r.dial(r.handler(func(w http.ResponseWriter, _ *http.Request) {
				nc, b, err := w.(http.Hijacker).Hijack()
				if err != nil {
					r.note("handler", "error %s", class(err))
					return
				}
				defer nc.Close()
				early := make([]byte, 5)
				io.ReadFull(b, early)
				fmt.Fprintf(b, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n%s", early)
				b.Flush()
				line, err := b.ReadString('\n')
				fmt.Fprintf(nc, "%q %s", line, class(err))
				_, err = w.Write([]byte("no more"))
				r.note("handler", "write %s", class(err))
				_, _, err = w.(http.Hijacker).Hijack()
				r.note("handler", "again %s", class(err))
			}))
			c.say("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nearlylate\n")
			c.response()
			all, err := io.ReadAll(c.b)
			r.sees("%q %s", all, class(err))
		}},
		{"server: Hijack behind a write", func(r *run) {
			r.send(r.handler(func(w http.ResponseWriter, _ *http.Request) {
				io.WriteString(w, "hello")
				nc, _, err := http.NewResponseController(w).Hijack()
				r.note("handler", "error %s", class(err))
				if err == nil {
					nc.Close()
				}
			}), "GET / HTTP/1.1\r\n"+bye)
		}},
		{"server: full duplex", func(r *run) {
			c := r.dial(r.handler(func(w http.ResponseWriter, q *http.Request) {
				rc := http.NewResponseController(w)
				rc.EnableFullDuplex()
				b := bufio.NewReader(q.Body)
				for {
					line, err := b.ReadString('\n')
					if err != nil {
						r.note("handler", "end %s", class(err))
						return
					}
					io.WriteString(w, line)
					rc.Flush()
				}
			}))
			c.say("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + bye + "2\r\na\n\r\n")
			c.head()
			for _, line := range []string{"b", "c"} {
				size, _ := c.b.ReadString('\n')
				text, _ := c.b.ReadString('\n')
				c.b.ReadString('\n')
				r.sees("%q %q", size, text)
				c.say("2\r\n" + line + "\n\r\n")
			}
			c.say("0\r\n\r\n")
			all, err := io.ReadAll(c.b)
			r.sees("%q %s", all, class(err))
		}},
		{"server: ReadHeaderTimeout", func(r *run) {
			c := r.dial(r.listen(&http.Server{ReadHeaderTimeout: 20 * time.Millisecond}))
			c.say("GET / HT")
			c.all()
		}},
		{"server: ReadTimeout", func(r *run) {
			c := r.dial(r.listen(&http.Server{ReadTimeout: 50 * time.Millisecond, Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				_, err := io.ReadAll(q.Body)
				r.note("handler", "%s", class(err))
				http.Error(w, "late", http.StatusRequestTimeout)
			})}))
			c.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
			c.all()
		}},
		{"server: IdleTimeout", func(r *run) {
			c := r.dial(r.listen(&http.Server{IdleTimeout: 20 * time.Millisecond, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}))
			c.say("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
			c.all()
		}},
		{"server: a read deadline of the handler", func(r *run) {
			c := r.dial(r.handler(func(w http.ResponseWriter, q *http.Request) {
				http.NewResponseController(w).SetReadDeadline(time.Now().Add(20 * time.Millisecond))
				_, err := io.ReadAll(q.Body)
				r.note("handler", "%s", class(err))
			}))
			c.say("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe")
			c.response()
		}},
		{"server: MaxHeaderBytes", func(r *run) {
			c := r.dial(r.listen(&http.Server{MaxHeaderBytes: 1000, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})}))
			c.refusals = true
			go c.say("GET / HTTP/1.1\r\nA: " + strings.Repeat("a", 10000) + "\r\n" + bye)
			c.all()
		}},
		{"server: no handler", func(r *run) { r.send(r.listen(&http.Server{ErrorLog: quiet}), "GET /nothing/here HTTP/1.1\r\n"+bye) }},
	}
}
