package parity

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"testing/iotest"
	"time"
)

// bye ends the connection behind the response.
const bye = "Host: a.example\r\nConnection: close\r\n\r\n"

// sees notes what the handler is given.
func (r *run) handlerSees(q *http.Request) {
	content, err := io.ReadAll(q.Body)
	r.note("handler", "%s %q %s, host %q, length %d coding %v close %t, path %q raw %q query %q, uri of itself %t", q.Method, q.RequestURI, q.Proto,
		q.Host, q.ContentLength, q.TransferEncoding, q.Close, q.URL.Path, q.URL.RawPath, q.URL.RawQuery, q.URL.IsAbs())
	r.note("handler", "header %s, content %s %s, trailer %s", fieldsOf(q.Header), short(content), class(err), fieldsOf(q.Trailer))
}

// arriving are requests and their like, put before a server.
var arriving = []struct{ name, octets string }{
	{"GET", "GET /a%2Fb/c?d=e HTTP/1.1\r\n" + bye},
	{"HTTP/1.0", "GET / HTTP/1.0\r\n\r\n"},
	{"HTTP/1.0 with Host", "GET / HTTP/1.0\r\nHost: a.example\r\n\r\n"},
	{"HTTP/1.0 keep-alive", "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n"},
	{"pipelined", "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET /3 HTTP/1.1\r\n" + bye},
	{"an empty line in front", "\r\nGET / HTTP/1.1\r\n" + bye},
	{"length", "POST / HTTP/1.1\r\nContent-Length: 5\r\n" + bye + "hello"},
	{"length 0", "POST / HTTP/1.1\r\nContent-Length: 0\r\n" + bye},
	{"chunked", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + bye + "5\r\nhello\r\n0\r\n\r\n"},
	{"chunked with trailers", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTrailer: A\r\n" + bye + "5;x=y\r\nhello\r\n0\r\nA: 1\r\nB: 2\r\n\r\n"},
	{"chunked in upper case", "POST / HTTP/1.1\r\nTransfer-Encoding: CHUNKED\r\n" + bye + "0\r\n\r\n"},
	{"GET with content", "GET / HTTP/1.1\r\nContent-Length: 5\r\n" + bye + "hello"},
	{"absolute-form", "GET http://b.example/c?d HTTP/1.1\r\n" + bye},
	{"absolute-form without path", "GET http://b.example HTTP/1.1\r\n" + bye},
	{"OPTIONS *", "OPTIONS * HTTP/1.1\r\n" + bye},
	{"OPTIONS of a path", "OPTIONS /a HTTP/1.1\r\n" + bye},
	{"GET *", "GET * HTTP/1.1\r\n" + bye},
	{"a method of its own", "FROB / HTTP/1.1\r\n" + bye},
	{"a method in lower case", "get / HTTP/1.1\r\n" + bye},
	{"fields of one name", "GET / HTTP/1.1\r\nA: 1\r\na: 2\r\nX-Empty:\r\n" + bye},
	{"cookies", "GET / HTTP/1.1\r\nCookie: a=1; b=2\r\nCookie: c=3\r\n" + bye},
	{"obs-text in a value", "GET / HTTP/1.1\r\nA: \xe9t\xe9\r\n" + bye},
	{"a path with //", "GET //a//b HTTP/1.1\r\n" + bye},
	{"a path with dots", "GET /a/../b/./c HTTP/1.1\r\n" + bye},
	{"a query with odd octets", "GET /?a=b|c&d[]='e' HTTP/1.1\r\n" + bye},
	{"an empty query", "GET /? HTTP/1.1\r\n" + bye},
	{"a broken percent-encoding", "GET /%zz HTTP/1.1\r\n" + bye},
	{"UTF-8 in the target", "GET /\xc3\xa4 HTTP/1.1\r\n" + bye},
	{"a fragment in the target", "GET /a#b HTTP/1.1\r\n" + bye},
	{"Host with port", "GET / HTTP/1.1\r\nHost: a.example:8080\r\nConnection: close\r\n\r\n"},
	{"empty Host", "GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n"},
	{"no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"},
	{"two Hosts", "GET / HTTP/1.1\r\nHost: b\r\n" + bye},
	{"Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n"},
	{"lengths that differ", "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n" + bye + "hello!"},
	{"lengths that are the same", "POST / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 5\r\n" + bye + "hello"},
	{"a length that is no number", "POST / HTTP/1.1\r\nContent-Length: five\r\n" + bye},
	{"a length with a sign", "POST / HTTP/1.1\r\nContent-Length: +5\r\n" + bye + "hello"},
	{"length and chunked", "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n" + bye + "5\r\nhello\r\n0\r\n\r\n"},
	{"an unknown coding", "POST / HTTP/1.1\r\nTransfer-Encoding: odd\r\n" + bye},
	{"chunked twice", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, chunked\r\n" + bye + "0\r\n\r\n"},
	{"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
	{"a chunk-size that is none", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + bye + "x\r\nhello\r\n0\r\n\r\n"},
	{"content cut", "POST / HTTP/1.1\r\nContent-Length: 50\r\n" + bye + "hello"},
	{"a chunk cut", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + bye + "50\r\nhello"},
	{"a head cut", "GET / HTTP/1.1\r\nHo"},
	{"nothing", ""},
	{"no HTTP", "hello\r\n\r\n"},
	{"HTTP/0.9", "GET /\r\n\r\n"},
	{"HTTP/2.0", "GET / HTTP/2.0\r\n" + bye},
	{"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
	{"HTTP/1.2", "GET / HTTP/1.2\r\n" + bye},
	{"http in lower case", "GET / http/1.1\r\n" + bye},
	{"two spaces", "GET  / HTTP/1.1\r\n" + bye},
	{"a tab", "GET\t/ HTTP/1.1\r\n" + bye},
	{"a space before the colon", "GET / HTTP/1.1\r\nA : b\r\n" + bye},
	{"no colon", "GET / HTTP/1.1\r\nA\r\n" + bye},
	{"a name that is no token", "GET / HTTP/1.1\r\nA(: b\r\n" + bye},
	{"obs-fold", "GET / HTTP/1.1\r\nA: b\r\n c\r\n" + bye},
	{"bare LF", "GET / HTTP/1.1\nHost: a\nConnection: close\n\n"},
	{"NUL in a value", "GET / HTTP/1.1\r\nA: b\x00\r\n" + bye},
	{"a large head", "GET / HTTP/1.1\r\nA: " + strings.Repeat("a", 2<<20) + "\r\n" + bye},
	{"a head of 20 KiB", "GET / HTTP/1.1\r\nA: " + strings.Repeat("a", 20<<10) + "\r\n" + bye},
	{"an unknown expectation", "POST / HTTP/1.1\r\nExpect: something\r\nContent-Length: 0\r\n" + bye},
	{"Expect of HTTP/1.0", "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"},
	{"Upgrade that nobody takes", "GET / HTTP/1.1\r\nUpgrade: odd\r\nConnection: Upgrade, close\r\nHost: a\r\n\r\n"},
	{"CONNECT", "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nConnection: close\r\n\r\n"},
}

// arrivalCases: a server gets each of arriving.
func arrivalCases() (cases []parityCase) {
	for _, row := range arriving {
		cases = append(cases, parityCase{"arrival: " + row.name, func(r *run) {
			c := r.dial(r.handler(func(w http.ResponseWriter, q *http.Request) {
				r.handlerSees(q)
				io.WriteString(w, "hello")
			}))
			c.refusals = true
			go func() {
				c.say(row.octets)
				c.half()
			}()
			method, _, _ := strings.Cut(row.octets, " ")
			c.all(method, "POST", "GET")
		}})
	}
	return cases
}

// responding are handlers; what a client gets of them is noted. A second request tells whether the connection was kept.
var responding = []struct {
	name string
	do   http.HandlerFunc
}{
	{"nothing", func(http.ResponseWriter, *http.Request) {}},
	{"a string", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") }},
	{"an empty string", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "") }},
	{"HTML", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "<!DOCTYPE html><p>hello") }},
	{"several writes", func(w http.ResponseWriter, _ *http.Request) {
		for range 3 {
			fmt.Fprintf(w, "%d ", 1)
		}
	}},
	{"3 KiB", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("a", 3<<10)) }},
	{"100 KiB", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("a", 100<<10)) }},
	{"100 KiB in pieces", func(w http.ResponseWriter, _ *http.Request) {
		for range 100 {
			io.WriteString(w, strings.Repeat("a", 1<<10))
		}
	}},
	{"Content-Length", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "5")
		io.WriteString(w, "hello")
	}},
	{"Content-Length that is too large", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "50")
		io.WriteString(w, strings.Repeat("a", 5))
		w.(http.Flusher).Flush()
	}},
	{"Content-Length that is too small", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "3")
		n, err := io.WriteString(w, "hello")
		w.Header().Set("X", fmt.Sprint(n, class(err)))
	}},
	{"Content-Length that is no number", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "many")
		io.WriteString(w, "hello")
	}},
	{"404", func(w http.ResponseWriter, q *http.Request) { http.NotFound(w, q) }},
	{"a redirect", func(w http.ResponseWriter, q *http.Request) { http.Redirect(w, q, "/there?a=b", http.StatusFound) }},
	{"http.Error", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "odd", 500) }},
	{"204", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }},
	{"204 with content", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(204)
		_, err := io.WriteString(w, "hello")
		if !errors.Is(err, http.ErrBodyNotAllowed) {
			panic("it was taken")
		}
	}},
	{"304", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("ETag", `"a"`)
		w.WriteHeader(304)
	}},
	{"205", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(205) }},
	{"status 299", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(299) }},
	{"WriteHeader twice", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(201)
		w.WriteHeader(500)
	}},
	{"fields set too late", func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(200)
		w.Header().Set("A", "b")
	}},
	{"fields of one name", func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["A"] = []string{"1", "2"}
		w.Header()["b-c"] = []string{"3"}
		w.Header()["Nothing"] = nil
	}},
	{"no Date", func(w http.ResponseWriter, _ *http.Request) { w.Header()["Date"] = nil }},
	{"no Content-Type", func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		io.WriteString(w, "hello")
	}},
	{"an own Content-Type", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "a/b")
		io.WriteString(w, "hello")
	}},
	{"Content-Encoding without a type", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "odd")
		io.WriteString(w, "hello")
	}},
	{"CR LF in a value", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("A", "b\r\nC: d") }},
	{"a name that is no token", func(w http.ResponseWriter, _ *http.Request) { w.Header()["A B"] = []string{"c"} }},
	{"Connection: close", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") }},
	{"Transfer-Encoding: chunked", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Transfer-Encoding", "chunked")
		io.WriteString(w, "hello")
	}},
	{"Transfer-Encoding: identity", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Transfer-Encoding", "identity")
		io.WriteString(w, "hello")
	}},
	{"Flush", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hel")
		w.(http.Flusher).Flush()
		io.WriteString(w, "lo")
	}},
	{"Flush before anything", func(w http.ResponseWriter, _ *http.Request) { w.(http.Flusher).Flush() }},
	{"FlushError", func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).Flush(); err != nil {
			panic(err)
		}
	}},
	{"103 and 200", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(103)
		w.Header().Set("B", "c")
		io.WriteString(w, "hello")
	}},
	{"trailers that were announced", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Trailer", "A, B")
		io.WriteString(w, "hello")
		w.Header().Set("A", "1")
		w.Header().Set("C", "no trailer")
	}},
	{"trailers by prefix", func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush()
		io.WriteString(w, "hello")
		w.Header().Set(http.TrailerPrefix+"A", "1")
	}},
	{"trailers by prefix that nobody waits for", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
		w.Header().Set(http.TrailerPrefix+"A", "1")
	}},
	{"ReadFrom", func(w http.ResponseWriter, _ *http.Request) {
		n, err := w.(io.ReaderFrom).ReadFrom(strings.NewReader("hello"))
		if n != 5 || err != nil {
			panic(err)
		}
	}},
	{"ReadFrom of a reader that fails", func(w http.ResponseWriter, _ *http.Request) {
		io.Copy(w, io.MultiReader(strings.NewReader("hello"), iotest.ErrReader(errOfBody)))
	}},
	{"a panic", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }},
	{"a panic behind a write", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
		panic(http.ErrAbortHandler)
	}},
	{"a panic behind Flush", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "hello")
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}},
	{"a panic of another value", func(w http.ResponseWriter, _ *http.Request) { panic("odd") }},
	{"ServeContent", func(w http.ResponseWriter, q *http.Request) {
		http.ServeContent(w, q, "a.txt", time.Unix(1e9, 0), strings.NewReader("hello"))
	}},
	{"TimeoutHandler", func(w http.ResponseWriter, q *http.Request) {
		http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() }), time.Millisecond, "late").ServeHTTP(w, q)
	}},
	{"SetCookie", func(w http.ResponseWriter, _ *http.Request) { http.SetCookie(w, &http.Cookie{Name: "a", Value: "b c"}) }},
	{"deadlines", func(w http.ResponseWriter, _ *http.Request) {
		c := http.NewResponseController(w)
		fmt.Fprint(w, class(c.SetReadDeadline(time.Now().Add(time.Hour))), class(c.SetWriteDeadline(time.Now().Add(time.Hour))), class(c.EnableFullDuplex()))
	}},
	{"values of the context", func(w http.ResponseWriter, q *http.Request) {
		_, server := q.Context().Value(http.ServerContextKey).(*http.Server)
		addr, _ := q.Context().Value(http.LocalAddrContextKey).(net.Addr)
		_, _, err := net.SplitHostPort(q.RemoteAddr)
		fmt.Fprint(w, server, addr.Network(), q.Context().Err(), err, q.TLS == nil, q.Pattern)
	}},
	{"a ServeMux", func(w http.ResponseWriter, q *http.Request) {
		mux := http.NewServeMux()
		mux.HandleFunc("GET /{name}", func(w http.ResponseWriter, q *http.Request) { fmt.Fprint(w, q.PathValue("name"), q.Pattern) })
		mux.ServeHTTP(w, q)
	}},
	{"a form", func(w http.ResponseWriter, q *http.Request) { fmt.Fprint(w, q.FormValue("b"), class(q.ParseForm())) }},
}

// handlerCases: a client gets the responses of each handler, by GET, HEAD, and in HTTP/1.0.
func handlerCases() (cases []parityCase) {
	quiet := log.New(io.Discard, "", 0)
	for _, row := range responding {
		for _, how := range []struct{ name, octets, method string }{
			{"GET", "GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\n" + bye, "GET"},
			{"HEAD", "HEAD /a?b=c HTTP/1.1\r\nHost: a\r\n\r\nHEAD /second HTTP/1.1\r\n" + bye, "HEAD"},
			{"1.0", "GET /a?b=c HTTP/1.0\r\n\r\n", "GET"},
		} {
			cases = append(cases, parityCase{"handler: " + row.name + ", " + how.name, func(r *run) {
				c := r.dial(r.listen(&http.Server{ErrorLog: quiet, Handler: row.do}))
				c.old = how.name == "1.0"
				c.say(how.octets)
				c.all(how.method)
			}})
		}
	}
	return cases
}

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
				http.Error(w, "too much", 413)
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
				http.Error(w, "late", 408)
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
