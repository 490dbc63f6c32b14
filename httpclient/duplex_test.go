package httpclient_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httputil"
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

// TestFullDuplex: content is sent on behind the head of the final response, and the connection is kept when both are
// whole.
func TestFullDuplex(t *testing.T) {
	everywhere(t, allWorlds, func(t *testing.T, w *world) {
		got := make(chan string, 1)
		w.serve(func(p *peer) {
			for range 2 {
				p.head()
				p.send(okHello)
				b, _ := io.ReadAll(httputil.NewChunkedReader(p.br))
				p.br.Discard(2)
				got <- string(b)
			}
		})
		c := w.conn(httpclient.WithFullDuplex())
		for i := range 2 {
			pr, pw := io.Pipe()
			resp, err := c.Do(bounded(t), "POST", "/", nil, body.Reader(pr))
			if err != nil {
				t.Fatal(err)
			}
			if s := readAll(t, resp); s != "hello" || !c.Sending() {
				t.Errorf("content %q, sending %v", s, c.Sending())
			}
			io.WriteString(pw, "sent ")
			io.WriteString(pw, "later")
			pw.Close()
			if s := <-got; s != "sent later" {
				t.Errorf("exchange %d: the server got %q", i, s)
			}
			if _, err := resp.Read(make([]byte, 1)); err != io.EOF { // waits for the end of the request
				t.Error(err)
			}
			resp.Close()
		}
		if n := w.dials.Load(); n != 1 {
			t.Errorf("%d dials", n)
		}
	})
}

// TestFullDuplexClosed: Close ends what is still being sent.
func TestFullDuplexClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, &world{})
		w.serve(func(p *peer) { p.head(); p.send(okHello); p.hold() })
		c := w.conn(httpclient.WithFullDuplex())
		pr, pw := io.Pipe()
		resp, err := c.Do(t.Context(), "POST", "/", nil, body.Reader(pr))
		if err != nil {
			t.Fatal(err)
		}
		readAll(t, resp)
		resp.Close()
		if c.Connected() || c.Sending() {
			t.Error("the connection is kept")
		}
		if _, err := io.WriteString(pw, "x"); err == nil {
			t.Error("the source is still read")
		}
		w.shut()
	})
}

// TestFullDuplexSourceFails: a request that fails behind its response ends the connection, and not the response.
func TestFullDuplexSourceFails(t *testing.T) {
	w := newWorld(t, &world{})
	w.serve(func(p *peer) { p.head(); p.send(okHello); p.hold() })
	c := w.conn(httpclient.WithFullDuplex())
	pr, pw := io.Pipe()
	resp, err := c.Do(bounded(t), "POST", "/", nil, body.Reader(pr))
	if err != nil {
		t.Fatal(err)
	}
	pw.CloseWithError(errors.New("no more"))
	if s := readAll(t, resp); s != "hello" {
		t.Errorf("content %q", s)
	}
	if resp.Close(); c.Connected() {
		t.Error("the connection is kept")
	}
}

func TestWithoutAutomaticFields(t *testing.T) {
	w := newWorld(t, &world{})
	seen := make(chan string, 1)
	w.serve(func(p *peer) {
		raw, _, _ := p.request()
		seen <- raw
		p.send(okEmpty)
	})
	c := w.conn(httpclient.WithoutAutomaticFields())
	ctx := bounded(t)
	_, err := c.Do(ctx, "GET", "/", nil, body.None())
	wantError(t, err, wire.RuleHostMissing)
	_, err = c.Do(ctx, "POST", "/", fields("Host", "a"), body.String("x"))
	wantError(t, err, wire.RuleContentUnframed)
	if n := w.dials.Load(); n != 0 {
		t.Errorf("%d dials", n)
	}
	if _, err := c.Do(ctx, "POST", "/", fields("X", "1", "Host", "a"), body.None()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff("POST / HTTP/1.1\r\nX: 1\r\nHost: a\r\n\r\n", <-seen); diff != "" {
		t.Error(diff)
	}
}

// TestTimeoutHead: interim responses and single octets do not prolong it.
func TestTimeoutHead(t *testing.T) {
	for _, answer := range []string{"", "HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 200 OK\r\n"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, &world{})
			w.serve(func(p *peer) { p.request(); time.Sleep(time.Second); p.send(answer); p.hold() })
			c := w.conn(httpclient.WithTimeouts(httpclient.Timeouts{Head: time.Minute}))
			begun := time.Now()
			_, err := c.Do(t.Context(), "GET", "/", nil, body.None())
			var late *httpclient.TimeoutError
			if !errors.As(err, &late) || late.Phase != "response head" || time.Since(begun) != time.Minute {
				t.Errorf("%q: %v after %v", answer, err, time.Since(begun))
			}
			w.shut()
		})
	}
}

// TestTraceSending: what a Trace is told of sending, and that SetTrace and SetInterim change what is told.
func TestTraceSending(t *testing.T) {
	failed := errors.New("failed")
	reader := func(s string) body.Source { return body.Reader(io.MultiReader(strings.NewReader(s))) }
	for _, c := range []struct {
		name    string
		expect  bool
		content body.Source
		answer  string
		want    []string
	}{
		{"no content", false, body.None(), okEmpty, []string{"head", "written <nil>"}},
		{"small content", false, body.String("hello"), okEmpty, []string{"head", "written <nil>"}},
		{"a reader", false, reader("hello"), okEmpty, []string{"head", "written <nil>"}},
		{"a reader that fails", false, body.Reader(io.MultiReader(strings.NewReader("a"), &failingReader{failed})), "", []string{"head", "written failed"}},
		{"100", true, body.String("hello"), "HTTP/1.1 100 Continue\r\n\r\n", []string{"head", "await", "interim 100", "written <nil>"}},
		{"417", true, body.String("hello"), "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", []string{
			"head", "await", "written " + httpclient.ErrResponseBegun.Error(),
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, &world{})
			written := make(chan bool)
			w.serve(func(p *peer) {
				p.head()
				if c.expect {
					p.send(c.answer)
				}
				if <-written; !c.expect {
					p.send(c.answer)
				} else {
					p.send(okEmpty)
				}
				p.hold()
			})
			conn1 := w.conn(httpclient.WithTrace(&httpclient.Trace{HeadWritten: func() { t.Error("the Trace before") }}))
			var log []string
			conn1.SetInterim(func(h *conn.Head) error { log = append(log, fmt.Sprint("interim ", h.Status)); return nil })
			conn1.SetTrace(&httpclient.Trace{
				HeadWritten:   func() { log = append(log, "head") },
				AwaitContinue: func() { log = append(log, "await") },
				Written:       func(err error) { log = append(log, fmt.Sprint("written ", err)); close(written) },
			})
			with := fields("X", "1")
			if c.expect {
				with = fields("Expect", "100-continue")
			}
			ctx, cancel := context.WithCancel(bounded(t))
			defer cancel()
			conn1.Do(ctx, "POST", "/", with, c.content)
			<-written
			if diff := cmp.Diff(c.want, log); diff != "" {
				t.Errorf("told (-want +got):\n%s", diff)
			}
		})
	}
}

type failingReader struct{ err error }

func (f *failingReader) Read([]byte) (int, error) { return 0, f.err }
