package parity

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

// closedPort is an address at which nobody listens.
func closedPort() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// soon waits for something that has no other sign, and reports whether it came before the case is over.
func (r *run) soon(happens func() bool) bool {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !happens() {
		select {
		case <-tick.C:
		case <-r.ctx.Done():
			return false
		}
	}
	return true
}

// connectionCases: which connections are kept, what ends them, and how much time something may take.
func connectionCases() []parityCase {
	twice := func(name string, t *http.Transport, first func(*run, *http.Client, string)) parityCase {
		return parityCase{"connection: " + name, func(r *run) {
			url := r.answers("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", okay, okay)
			if t == nil {
				t = &http.Transport{}
			}
			c := r.client(t.Clone())
			first(r, c, url)
			r.get(c, url+"/second")
		}}
	}
	begin := func(r *run, c *http.Client, url string) *http.Response {
		res, err := c.Do(r.request("GET", url, nil))
		if err != nil {
			r.sees("error %s", class(err))
			panic(errEnd)
		}
		r.head(res)
		return res
	}
	return []parityCase{
		twice("kept when the content was read", nil, func(r *run, c *http.Client, url string) { r.get(c, url) }),
		twice("kept when the body was only closed at its end", nil, func(r *run, c *http.Client, url string) {
			res := begin(r, c, url)
			io.ReadFull(res.Body, make([]byte, 5))
			r.sees("close %s", class(res.Body.Close()))
		}),
		twice("closed with the body before its end", nil, func(r *run, c *http.Client, url string) {
			res := begin(r, c, url)
			res.Body.Read(make([]byte, 2))
			r.sees("close %s", class(res.Body.Close()))
			_, err := res.Body.Read(make([]byte, 2))
			r.sees("read %s", class(err))
			r.sees("close again %s", class(res.Body.Close()))
		}),
		twice("not kept when that is disabled", &http.Transport{DisableKeepAlives: true}, func(r *run, c *http.Client, url string) { r.get(c, url) }),
		twice("closed by CloseIdleConnections", nil, func(r *run, c *http.Client, url string) {
			r.get(c, url)
			c.CloseIdleConnections()
		}),
		twice("none idle is allowed", &http.Transport{MaxIdleConnsPerHost: -1}, func(r *run, c *http.Client, url string) { r.get(c, url) }),
		twice("not kept when the request says so by its header", nil, func(r *run, c *http.Client, url string) {
			r.get(c, url, "Connection", "close")
		}),
		twice("not kept when the request says so", nil, func(r *run, c *http.Client, url string) {
			req := r.request("GET", url, nil)
			req.Close = true
			r.do(c, req)
		}),
		{"connection: not kept behind content too much", func(r *run) {
			url := r.answers(okay+"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", okay)
			c := r.client(nil)
			r.get(c, url)
			r.get(c, url+"/second")
		}},
		{"connection: not kept behind content to HEAD", func(r *run) {
			url := r.answers("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", okay)
			c := r.client(nil)
			r.do(c, r.request("HEAD", url, nil))
			r.get(c, url+"/second")
		}},
		{"connection: another one when the kept one is gone", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				p.request()
				p.say(okay)
				if p.n > 1 {
					p.request()
				}
			})
			c := r.client(nil)
			r.get(c, url)
			r.get(c, url)
		}},
		{"connection: a GET is sent again when a kept one ends without a word", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				p.request()
				p.say(okay)
				if p.n == 1 {
					p.requestHead()
					return
				}
				p.request()
			})
			c := r.client(nil)
			r.get(c, url)
			r.get(c, url)
		}},
		{"connection: a POST with Idempotency-Key is sent again", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				p.request()
				p.say(okay)
				if p.n == 1 {
					p.requestHead()
					return
				}
				p.request()
			})
			c := r.client(nil)
			r.get(c, url)
			r.do(c, r.request("POST", url, strings.NewReader("content"), "Idempotency-Key", "1"))
		}},
		{"connection: a fresh one that ends without a word is no reason to try again", func(r *run) {
			_, err := r.client(nil).Do(r.request("GET", "http://"+r.peers(func(p *peer) { p.requestHead() }), nil))
			r.sees("EOF %t", errors.Is(err, io.EOF))
		}},
		{"connection: reset in place of a response", func(r *run) {
			_, err := r.client(nil).Do(r.request("GET", "http://"+r.peers(func(p *peer) { p.requestHead(); p.reset() }), nil))
			r.sees("error %s", class(err))
		}},
		{"connection: reset in the content", func(r *run) {
			next := make(chan struct{})
			res, err := r.client(nil).Do(r.request("GET", "http://"+r.peers(func(p *peer) {
				p.requestHead()
				p.say("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello")
				<-next
				p.reset()
			}), nil))
			if err != nil {
				r.sees("error %s", class(err))
				close(next)
				return
			}
			io.ReadFull(res.Body, make([]byte, 5))
			close(next)
			_, err = io.ReadAll(res.Body)
			r.sees("error %s", class(err))
			res.Body.Close()
		}},
		{"connection: refused", func(r *run) { r.get(r.client(nil), "http://"+closedPort()) }},
		{"connection: no such host", func(r *run) {
			t := &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "nowhere", IsNotFound: true}}
			}}
			_, err := r.client(t).Do(r.request("GET", "http://nowhere/", nil))
			var dns *net.DNSError
			r.sees("error %s, DNSError %t", class(err), errors.As(err, &dns))
		}},
		{"connection: DialContext gets network and address", func(r *run) {
			t := &http.Transport{DialContext: func(_ context.Context, network, address string) (net.Conn, error) {
				r.sees("dial %s %s", network, address)
				return nil, errOfHook
			}}
			c := r.client(t)
			for _, url := range []string{"http://a.example", "http://a.example:81/", "https://a.example", "http://[::1]/", "http://BÜCHER.example/"} {
				r.get(c, url)
			}
		}},
		{"connection: four requests at a time over four, two of which stay", func(r *run) {
			var all sync.WaitGroup
			all.Add(4)
			addr := r.peers(func(p *peer) {
				if p.requestQuiet() {
					all.Done()
					all.Wait()
					p.say(okay)
				}
				p.requestQuiet()
			})
			c := r.client(nil)
			r.sorted = true
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() { r.get(c, "http://"+addr) })
			}
			wg.Wait()
		}},
		{"connection: MaxConnsPerHost makes requests wait", func(r *run) {
			url := r.answers(okay, okay, okay)
			c := r.client(&http.Transport{MaxConnsPerHost: 1})
			r.sorted = true
			var wg sync.WaitGroup
			for range 3 {
				wg.Go(func() { r.get(c, url) })
			}
			wg.Wait()
		}},
		{"connection: a request that waits for another ends with its context", func(r *run) {
			url := r.answers(okay)
			c := r.client(&http.Transport{MaxConnsPerHost: 1})
			res := begin(r, c, url)
			ctx, cancel := context.WithTimeout(r.ctx, 20*time.Millisecond)
			defer cancel()
			_, err := c.Do(r.request("GET", url, nil).WithContext(ctx))
			r.sees("error %s", class(err))
			res.Body.Close()
		}},
	}
}

// requestQuiet reads a request and does not note it, where the order is not certain.
func (p *peer) requestQuiet() bool {
	for {
		line, err := p.b.ReadString('\n')
		if err != nil {
			return false
		}
		if line == "\r\n" {
			return true
		}
	}
}

// silent is a peer that reads a request and answers no more than a beginning.
func (r *run) silent(beginning string) string {
	return "http://" + r.peers(func(p *peer) {
		p.requestHead()
		p.say(beginning)
		io.Copy(io.Discard, p.b)
	})
}

// timeCases: what ends with the time, and with a context.
func timeCases() []parityCase {
	const brief = 30 * time.Millisecond
	canceled := func(name, beginning string, read bool) parityCase {
		return parityCase{"time: canceled " + name, func(r *run) {
			ctx, cancel := context.WithCancel(r.ctx)
			defer cancel()
			url := "http://" + r.peers(func(p *peer) {
				p.requestHead()
				p.say(beginning)
				if !read {
					cancel()
				}
				io.Copy(io.Discard, p.b)
			})
			res, err := r.client(nil).Do(r.request("GET", url, nil).WithContext(ctx))
			if !read || err != nil {
				r.sees("error %s", class(err))
				return
			}
			cancel()
			_, err = io.ReadAll(res.Body)
			r.sees("error %s, close %s", class(err), class(res.Body.Close()))
		}}
	}
	return []parityCase{
		canceled("before the response", "", false),
		canceled("in the head", "HTTP/1.1 200 OK\r\nA: b", false),
		canceled("in the content", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", true),
		canceled("in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", true),
		{"time: canceled with a cause", func(r *run) {
			ctx, cancel := context.WithCancelCause(r.ctx)
			url := "http://" + r.peers(func(p *peer) {
				p.requestHead()
				cancel(errOfHook)
				io.Copy(io.Discard, p.b)
			})
			res, err := r.trip(nil).RoundTrip(r.request("GET", url, nil).WithContext(ctx))
			r.response(res, err)
		}},
		{"time: the context is over before", func(r *run) {
			ctx, cancel := context.WithCancel(r.ctx)
			cancel()
			_, err := r.client(nil).Do(r.request("GET", r.silent(""), nil).WithContext(ctx))
			r.sees("error %s", class(err))
		}},
		{"time: a deadline of the context", func(r *run) {
			ctx, cancel := context.WithTimeout(r.ctx, brief)
			defer cancel()
			_, err := r.client(nil).Do(r.request("GET", r.silent(""), nil).WithContext(ctx))
			r.sees("error %s", class(err))
		}},
		{"time: a deadline while dialling", func(r *run) {
			ctx, cancel := context.WithTimeout(r.ctx, brief)
			defer cancel()
			t := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}}
			_, err := r.client(t).Do(r.request("GET", "http://a.example", nil).WithContext(ctx))
			r.sees("error %s", class(err))
		}},
		{"time: Client.Timeout before the response", func(r *run) {
			c := r.client(nil)
			c.Timeout = brief
			_, err := c.Do(r.request("GET", r.silent(""), nil))
			r.sees("error %s", class(err))
		}},
		{"time: Client.Timeout in the content", func(r *run) {
			c := r.client(nil)
			c.Timeout = 200 * time.Millisecond
			res, err := c.Do(r.request("GET", r.silent("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"), nil))
			r.response(res, err)
		}},
		{"time: ResponseHeaderTimeout", func(r *run) {
			_, err := r.client(&http.Transport{ResponseHeaderTimeout: brief}).Do(r.request("GET", r.silent(""), nil))
			r.sees("error %s", class(err))
		}},
		{"time: ResponseHeaderTimeout with content to send", func(r *run) {
			_, err := r.client(&http.Transport{ResponseHeaderTimeout: brief}).Do(r.request("POST", r.silent(""), strings.NewReader("content")))
			r.sees("error %s", class(err))
		}},
		{"time: ResponseHeaderTimeout is not of the content", func(r *run) {
			more := make(chan struct{})
			url := "http://" + r.peers(func(p *peer) {
				p.requestHead()
				p.say("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")
				<-more
				p.say("llo")
			})
			res, err := r.client(&http.Transport{ResponseHeaderTimeout: brief}).Do(r.request("GET", url, nil))
			time.AfterFunc(3*brief, func() { close(more) })
			r.response(res, err)
		}},
		{"time: Expect waits for 100", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				lines, ok := p.requestHead()
				if !ok {
					return
				}
				p.say("HTTP/1.1 100 Continue\r\n\r\n")
				content, _, err := p.content(lines)
				p.sees("content %q, %s", content, class(err))
				p.say(okay)
			})
			c := r.client(&http.Transport{ExpectContinueTimeout: time.Hour})
			r.do(c, r.request("POST", url, strings.NewReader("content"), "Expect", "100-continue"))
		}},
		{"time: Expect does not wait for long", func(r *run) {
			c := r.client(&http.Transport{ExpectContinueTimeout: brief})
			r.do(c, r.request("POST", r.answers(okay), strings.NewReader("content"), "Expect", "100-continue"))
		}},
		{"time: Expect without a time does not wait", func(r *run) {
			r.do(r.client(nil), r.request("POST", r.answers(okay), strings.NewReader("content"), "Expect", "100-continue"))
		}},
		{"time: Expect is answered by 417", func(r *run) {
			url := "http://" + r.peers(func(p *peer) {
				p.requestHead()
				p.say("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
				_, err := p.b.ReadByte()
				p.sees("the next octet: %s", class(err))
			})
			c := r.client(&http.Transport{ExpectContinueTimeout: time.Hour})
			body := &watched{Reader: strings.NewReader("content")}
			r.do(c, r.request("POST", url, body, "Expect", "100-continue"))
			r.sees("closed %t", r.soon(func() bool { return body.closes.Load() > 0 }))
		}},
		{"time: IdleConnTimeout", func(r *run) {
			gone := make(chan struct{})
			url := "http://" + r.peers(func(p *peer) {
				p.request()
				p.say(okay)
				p.b.ReadByte()
				close(gone)
			})
			r.get(r.client(&http.Transport{IdleConnTimeout: brief}), url)
			select {
			case <-gone:
				r.sees("the idle connection is closed")
			case <-r.ctx.Done():
				r.sees("the idle connection stays")
			}
		}},
	}
}
