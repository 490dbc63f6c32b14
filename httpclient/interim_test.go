package httpclient_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// interims collects what the callback is told.
type interims struct {
	got    []string
	failAt int // 0 is never
	err    error
}

func (i *interims) option() httpclient.Option {
	return httpclient.WithInterim(func(h *conn.Head) error {
		i.got = append(i.got, fmt.Sprint(h.Status, " ", string(h.Reason), " ", h.Fields.GetString("link")))
		if len(i.got) == i.failAt {
			return i.err
		}
		return nil
	})
}

const (
	continue100   = "HTTP/1.1 100 Continue\r\n\r\n"
	processing102 = "HTTP/1.1 102 Processing\r\n\r\n"
	hints103      = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
)

func TestInterimResponses(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(answer(continue100 + processing102 + hints103 + hints103 + okHello))
		var i interims
		c := w.conn(i.option())
		for range 2 {
			i.got = nil
			if got := get(t, c); got != "hello" {
				t.Errorf("content %q", got)
			}
			want := []string{"100 Continue ", "102 Processing ", "103 Early Hints </a>", "103 Early Hints </a>"}
			if diff := cmp.Diff(want, i.got); diff != "" {
				t.Errorf("interim responses (-want +got):\n%s", diff)
			}
		}
		if w.dials.Load() != 1 {
			t.Errorf("%d dials", w.dials.Load())
		}
	})
}

// TestInterimResponsesWithoutCallback are skipped.
func TestInterimResponsesWithoutCallback(t *testing.T) {
	w := newWorld(t, allWorlds[0])
	w.serve(answer(processing102 + hints103 + okHello))
	if got := get(t, w.conn()); got != "hello" {
		t.Errorf("content %q", got)
	}
}

// TestInterimWhileSending: the source goes on only when the interim response was told.
func TestInterimWhileSending(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(func(p *peer) {
			if _, err := p.head(); err != nil {
				return
			}
			p.send(hints103)
			for {
				line, err := p.br.ReadString('\n')
				if err != nil {
					return
				}
				if line == "0\r\n" {
					break
				}
			}
			p.send(okHello)
			p.hold()
		})
		told := make(chan bool, 1)
		c := w.conn(httpclient.WithInterim(func(h *conn.Head) error {
			told <- true
			return nil
		}))
		source := body.Seq(func(yield func([]byte) bool) {
			_ = yield([]byte("a")) && <-told && yield([]byte("b"))
		})
		resp, err := c.Do(bounded(t), "POST", "/", nil, source)
		if err != nil {
			t.Fatal(err)
		}
		if got := readAll(t, resp); got != "hello" {
			t.Errorf("content %q", got)
		}
	})
}

// TestInterimCallbackFails: its error, of whatever type, ends the exchange and is returned.
func TestInterimCallbackFails(t *testing.T) {
	errs := []error{errors.New("enough"), &wire.SyntaxError{Rule: wire.RuleBareCR}, io.ErrUnexpectedEOF}
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(func(p *peer) {
			p.head()
			p.send(hints103 + hints103 + okHello)
			p.hold()
		})
		for name, source := range map[string]func() (body.Source, func()){
			"waiting": func() (body.Source, func()) { return body.None(), func() {} },
			"sending": func() (body.Source, func()) {
				b := newBlocking("some")
				return body.Reader(b), func() { close(b.release) }
			},
		} {
			for _, want := range errs {
				i := interims{failAt: 2, err: want}
				c := w.conn(i.option())
				s, release := source()
				_, err := c.Do(bounded(t), "POST", "/", nil, s)
				if err != want {
					t.Errorf("%s: error %v, want %v", name, err, want)
				}
				if len(i.got) != 2 || c.Connected() {
					t.Errorf("%s: %d told, connected %v", name, len(i.got), c.Connected())
				}
				release()
			}
		}
	})
}

// TestInterimCallbackCloses: a callback may close the Conn.
func TestInterimCallbackCloses(t *testing.T) {
	w := newWorld(t, allWorlds[0])
	w.serve(func(p *peer) {
		p.head()
		p.send(hints103)
		p.hold()
	})
	for _, source := range []body.Source{body.None(), body.Bytes(hugeBytes())} {
		var c *httpclient.Conn
		c = w.conn(httpclient.WithInterim(func(*conn.Head) error { return c.Close() }))
		if _, err := c.Do(bounded(t), "POST", "/", nil, source); err == nil {
			t.Error("no error")
		}
	}
}

func TestTooManyInterimResponses(t *testing.T) {
	w := newWorld(t, allWorlds[0])
	w.serve(func(p *peer) {
		p.head()
		for {
			if _, err := io.WriteString(p, hints103); err != nil {
				return
			}
		}
	})
	for _, source := range []body.Source{body.None(), body.Bytes(hugeBytes())} {
		c := w.conn()
		_, err := c.Do(bounded(t), "POST", "/", nil, source)
		wantError(t, err, wire.RuleLimitInterim, httpclient.ErrHTTP)
	}
}

// TestExpectContinue in all its outcomes. The clock is that of a bubble.
func TestExpectContinue(t *testing.T) {
	const limit = 3 * time.Second
	tests := []struct {
		name    string
		serve   func(p *peer)
		status  int
		content string        // that the server got
		after   time.Duration // when it got it
		keeps   bool
		took    time.Duration // how long Do was; 0 is as long as after
		asked   time.Duration // when the source was asked for content; 0 is never
	}{
		{name: "100", serve: func(p *peer) {
			time.Sleep(time.Second)
			p.send(continue100)
		}, status: 200, content: "hello", after: time.Second, asked: time.Second, keeps: true},
		{name: "102, then 100", serve: func(p *peer) {
			p.send(processing102)
			time.Sleep(time.Second)
			p.send(hints103 + continue100)
		}, status: 200, content: "hello", after: time.Second, asked: time.Second, keeps: true},
		{name: "silence", serve: func(p *peer) {}, status: 200, content: "hello", after: limit, asked: limit, keeps: true},
		{name: "interim responses that never end", serve: func(p *peer) {
			for range 5 {
				time.Sleep(limit - time.Second)
				p.send(processing102)
			}
		}, status: 200, content: "hello", after: 5 * (limit - time.Second), asked: limit, keeps: true},
		{name: "a head that never ends", serve: func(p *peer) {
			for _, octet := range processing102 {
				time.Sleep(limit / 3)
				p.send(string(octet))
			}
		}, status: 200, content: "hello", after: time.Duration(len(processing102)) * limit / 3, asked: limit, keeps: true},
		{name: "final response", serve: func(p *peer) {
			time.Sleep(time.Second)
			p.send("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno")
		}, status: 417, took: time.Second},
	}
	for _, test := range tests {
		for _, name := range []string{"small", "stream"} {
			t.Run(test.name+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					asked := &askedReader{Reader: strings.NewReader("hello")}
					source := body.String("hello")
					if name == "stream" {
						source = body.SizedReader(asked, 5)
					}
					w := newWorld(t, allWorlds[0])
					defer w.shut()
					start := time.Now()
					content, when := make(chan string, 1), time.Duration(0)
					sent := make(chan time.Duration, 1)
					w.serve(func(p *peer) {
						head, _ := p.head()
						if !strings.HasSuffix(head, "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n") || p.br.Buffered() > 0 {
							t.Errorf("head %q and %d octets", head, p.br.Buffered())
						}
						test.serve(p)
						if test.status != 200 {
							p.hold()
							return
						}
						var b [5]byte
						io.ReadFull(p.br, b[:])
						content <- string(b[:])
						when = time.Since(start)
						sent <- when
						p.send(okEmpty)
						p.hold()
					})
					c := w.conn(httpclient.WithTimeouts(httpclient.Timeouts{Continue: limit}))
					defer c.Close()
					resp, err := c.Do(t.Context(), "POST", "/", fields("Expect", "100-continue"), source)
					if err != nil {
						t.Fatal(err)
					}
					took := time.Since(start)
					readAll(t, resp)
					wantStatus := test.status
					if wantStatus == 200 {
						wantStatus = 204
						if got := <-content; got != test.content {
							t.Errorf("the server got %q", got)
						}
						if when := <-sent; when != test.after {
							t.Errorf("content after %v, want %v", when, test.after)
						}
					}
					if name == "stream" && !(asked.at.IsZero() && test.asked == 0) && asked.at.Sub(start) != test.asked {
						t.Errorf("the source was asked after %v, want %v", asked.at.Sub(start), test.asked)
					}
					if int(resp.Status()) != wantStatus {
						t.Errorf("status %d", resp.Status())
					}
					if want := max(test.took, test.after); took != want {
						t.Errorf("took %v, want %v", took, want)
					}
					if c.Connected() != test.keeps {
						t.Errorf("connected %v", c.Connected())
					}
				})
			})
		}
	}
}

// askedReader notes when it is first read.
type askedReader struct {
	io.Reader
	at time.Time
}

func (a *askedReader) Read(p []byte) (int, error) {
	if a.at.IsZero() {
		a.at = time.Now()
	}
	return a.Reader.Read(p)
}

// TestExpectContinueEverywhere: over every transport, with the peer saying go on.
func TestExpectContinueEverywhere(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		content := noise(100_000)
		w.serve(func(p *peer) {
			for {
				if _, err := p.head(); err != nil {
					return
				}
				if p.br.Buffered() > 0 {
					t.Error("content before 100 (Continue)")
				}
				p.send(continue100)
				b := make([]byte, len(content))
				if _, err := io.ReadFull(p.br, b); err != nil || string(b) != content {
					t.Error("other content arrived")
				}
				p.send(okHello)
			}
		})
		c := w.conn(httpclient.WithTimeouts(httpclient.Timeouts{Continue: time.Minute}))
		for range 3 {
			resp, err := c.Do(bounded(t), "POST", "/", fields("Expect", "100-continue"), body.String(content))
			if err != nil {
				t.Fatal(err)
			}
			readAll(t, resp)
		}
		if w.dials.Load() != 1 {
			t.Errorf("%d dials", w.dials.Load())
		}
	})
}

// TestTrailers are there when the content was read to its end, by whatever means.
func TestTrailers(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		w.serve(answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n0\r\nSum: 1\r\nsum: 2\r\n\r\n"))
		c := w.conn()
		read := map[string]func(httpclient.Response) (string, error){
			"Read": func(r httpclient.Response) (string, error) {
				b, err := io.ReadAll(onlyReader{r})
				return string(b), err
			},
			"WriteTo": func(r httpclient.Response) (string, error) {
				var b strings.Builder
				_, err := r.WriteTo(&b)
				return b.String(), err
			},
			"ReadAll": func(r httpclient.Response) (string, error) {
				b, err := r.ReadAll()
				return string(b), err
			},
		}
		for name, f := range read {
			resp, err := c.Do(bounded(t), "GET", "/", nil, body.None())
			if err != nil {
				t.Fatal(err)
			}
			if got, err := f(resp); got != "hello" || err != nil {
				t.Errorf("%s: %q, %v", name, got, err)
			}
			if got := resp.Trailers().String(); got != "Sum: 1\nsum: 2\n" {
				t.Errorf("%s: trailers %q", name, got)
			}
		}
		if w.dials.Load() != 1 {
			t.Errorf("%d dials", w.dials.Load())
		}
	})
}
