package advisories_test

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// staleFacade: a Response that belongs to an earlier exchange reads nothing, shows nothing, and closes nothing of
// a later one.
func staleFacade(t *testing.T) {
	o := newOrigin(t, func(p *peer) {
		for i := 0; ; i++ {
			if _, _, _, err := p.request(); err != nil {
				return
			}
			content := fmt.Sprintf("content %d of connection %d", i, p.n)
			p.send(fmt.Sprintf("HTTP/1.1 20%d Reason%d\r\nX: %d\r\nContent-Length: %d\r\n\r\n%s", i%2, i, i, len(content), content))
		}
	})
	ways := map[string]func(c *httpclient.Conn, r httpclient.Response){
		"read to its end": func(_ *httpclient.Conn, r httpclient.Response) { io.Copy(io.Discard, r) },
		"closed":          func(_ *httpclient.Conn, r httpclient.Response) { r.Read(make([]byte, 3)); r.Close() },
		"Conn closed":     func(c *httpclient.Conn, r httpclient.Response) { r.Peek(3); c.Close() },
	}
	for name, end := range ways {
		c := facade(t, o)
		stale, err := c.Do(t.Context(), "GET", "/first", nil, body.None())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Request(t.Context(), "GET", "/too-early", nil, body.None()); !errors.Is(err, httpclient.ErrCannotSendRequest) {
			t.Errorf("%s: a request before the response was read: %v", name, err)
		}
		kept := stale.Clone()
		end(c, stale)
		current, err := c.Do(t.Context(), "GET", "/second", nil, body.None())
		if err != nil {
			t.Fatal(err)
		}
		reads := map[string]func() (int, error){
			"Read":     func() (int, error) { return stale.Read(make([]byte, 8)) },
			"ReadAll":  func() (int, error) { b, err := stale.ReadAll(); return len(b), err },
			"ReadN":    func() (int, error) { b, err := stale.ReadN(8); return len(b), err },
			"ReadLine": func() (int, error) { b, err := stale.ReadLine(0); return len(b), err },
			"Peek":     func() (int, error) { b, err := stale.Peek(0); return len(b), err },
			"WriteTo":  func() (int, error) { n, err := stale.WriteTo(io.Discard); return int(n), err },
			"Hijack":   func() (int, error) { _, err := stale.Hijack(); return 0, err },
		}
		for how, read := range reads {
			if n, err := read(); n != 0 || !errors.Is(err, httpclient.ErrResponseClosed) {
				t.Errorf("%s, %s: %d octets, %v", name, how, n, err)
			}
		}
		if stale.Status() != 0 || stale.Reason() != "" || stale.Fields().Len() != 0 || len(stale.RawHead()) != 0 || stale.URL() != "" || stale.Trailers().Len() != 0 || !stale.Closed() {
			t.Errorf("%s: shows %d %q %q %q", name, stale.Status(), stale.Reason(), stale.RawHead(), stale.URL())
		}
		stale.Close()
		if kept.Status() != 200 || kept.Field("X") != "0" || !strings.HasSuffix(kept.URL(), "/first") {
			t.Errorf("%s: the clone shows %d %q %q", name, kept.Status(), kept.Field("X"), kept.URL())
		}
		n := int(o.dials.Load())
		want := fmt.Sprintf("content %d of connection %d", map[bool]int{true: 1, false: 0}[name == "read to its end"], n)
		if content, err := current.ReadAll(); string(content) != want || err != nil {
			t.Errorf("%s: the current response has %q, %v; want %q", name, content, err, want)
		}
		c.Close()
	}
}

// staleClient: the events of one response tell nothing of the one before: content, trailers, fields.
func staleClient(t *testing.T) {
	c := conn.New(conn.Client, conn.Config{})
	rich := "HTTP/1.1 200 Rich\r\nX: y\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: z\r\n\r\n"
	poor := "HTTP/1.1 204 \r\n\r\n"
	for i, response := range []string{rich, poor, rich, poor} {
		ask(t, c, "GET")
		data := []byte(response)
		for more := true; more; {
			n, ev, err := c.Next(data, false)
			if err != nil {
				t.Fatal(err)
			}
			if response == poor {
				if ev.Kind == conn.Content || ev.Kind == conn.Chunk || ev.Trailers.Len() > 0 {
					t.Errorf("response %d: %v %q", i, ev.Kind, ev.Content)
				}
				if ev.Head != nil && (ev.Head.Fields.Len() > 0 || len(ev.Head.Reason) > 0) {
					t.Errorf("response %d: %q %v", i, ev.Head.Reason, &ev.Head.Fields)
				}
			}
			data = data[n:]
			more = ev.Kind != conn.End
		}
	}
}

// staleServer is staleClient for requests.
func staleServer(t *testing.T) {
	c := conn.New(conn.Server, conn.Config{})
	rich := "POST http://rich/a HTTP/1.1\r\nHost: rich\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nT: z\r\n\r\n"
	poor := "GET /poor HTTP/1.1\r\nHost:\r\n\r\n"
	for i, request := range []string{rich, poor, rich, poor} {
		data := []byte(request)
		for more := true; more; {
			n, ev, err := c.Next(data, false)
			if err != nil {
				t.Fatal(err)
			}
			if request == poor && (ev.Kind == conn.Content || ev.Trailers.Len() > 0 || c.ExpectsContinue()) {
				t.Errorf("request %d: %v %q", i, ev.Kind, ev.Content)
			}
			if request == poor && ev.Head != nil && (len(ev.Head.Host) > 0 || ev.Head.Fields.Len() != 1) {
				t.Errorf("request %d: %q %v", i, ev.Head.Host, &ev.Head.Fields)
			}
			data = data[n:]
			more = ev.Kind != conn.End
		}
		answer204(t, c)
	}
}

// marked is content that shows whose it is.
func marked(owner, size int) string {
	return strings.Repeat(fmt.Sprintf("<owner %04d>", owner), size/12+1)[:size]
}

var marks = regexp.MustCompile(`<owner (\d{4})`)

// foreign returns a mark in octets that is not owner's.
func foreign(octets []byte, owner int) string {
	for _, mark := range marks.FindAllSubmatch(octets, -1) {
		if string(mark[1]) != fmt.Sprintf("%04d", owner) {
			return string(mark[0])
		}
	}
	return ""
}

// pooledFacade: many clients at once fill pooled buffers with what marks them, each with fields and content of
// all sizes, responses that are cut short, that claim more than they have, and that are given up. None ever sees,
// or sends, another's octets.
func pooledFacade(t *testing.T) {
	sizes := []int{0, 1, 11, 100, 4000, 16 << 10, 16<<10 + 1, 40_000}
	o := newOrigin(t, func(p *peer) {
		for {
			_, target, content, err := p.request()
			if err != nil {
				return
			}
			var owner, size, what int
			fmt.Sscanf(target, "/%d/%d/%d", &owner, &size, &what)
			if mark := foreign([]byte(content), owner); mark != "" {
				t.Errorf("the request of %d has %s", owner, mark)
			}
			mine := marked(owner, size)
			switch what {
			case 0:
				p.send(fmt.Sprintf("HTTP/1.1 200 OK\r\nX: %s\r\nContent-Length: %d\r\n\r\n%s", marked(owner, 200), size, mine))
			case 1:
				p.send(fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nT: %s\r\n\r\n", max(size, 1), marked(owner, max(size, 1)), marked(owner, 50)))
			case 2: // cut short
				p.send(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", size+1000, mine))
				return
			case 3: // more than was asked for
				p.send(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s%s", size, mine, marked(owner, 500)))
			default: // no response
				p.send(marked(owner, size))
				return
			}
		}
	})
	var clients sync.WaitGroup
	for owner := range 8 {
		c := facade(t, o)
		clients.Go(func() {
			defer c.Close()
			for i := range 40 {
				if !pooledExchange(t, c, owner, sizes[i%len(sizes)], i%5, i) {
					return
				}
			}
		})
	}
	clients.Wait()
}

func pooledExchange(t *testing.T, c *httpclient.Conn, owner, size, what, i int) bool {
	mine := marked(owner, size)
	sources := []body.Source{body.String(mine), body.Bytes([]byte(mine)), body.Reader(strings.NewReader(mine)), body.SizedReader(strings.NewReader(mine), int64(size))}
	r, err := c.Do(t.Context(), "POST", fmt.Sprintf("/%d/%d/%d", owner, size, what), pair("X", marked(owner, 100)), sources[i%len(sources)])
	if err != nil {
		if what != 4 {
			t.Errorf("owner %d, %d octets, response %d: %v", owner, size, what, err)
		}
		if mark := foreign([]byte(err.Error()), owner); mark != "" {
			t.Errorf("an error of %d shows %s", owner, mark)
		}
		return what == 4
	}
	var content []byte
	if i%7 == 3 {
		content, err = r.ReadN(size / 2) // the rest is given up
	} else {
		content, err = r.ReadAll()
	}
	var cut *httpclient.IncompleteReadError
	if (err != nil) != (what == 2 && i%7 != 3) || err != nil && !errors.As(err, &cut) {
		t.Errorf("owner %d, %d octets, response %d: %v", owner, size, what, err)
	}
	shown := append(content, r.RawHead()...)
	shown = append(append(shown, lines(r.Trailers())...), r.Field("X")...)
	if mark := foreign(shown, owner); mark != "" {
		t.Errorf("the response to %d has %s", owner, mark)
	}
	if want := marked(owner, len(content)); string(content) != want {
		t.Errorf("owner %d: content differs", owner)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	return true
}

// pooledClient: a machine that is used again, for another connection, tells nothing of the one before, and
// appends nothing of it.
func pooledClient(t *testing.T) { reset(t, conn.Client) }
func pooledServer(t *testing.T) { reset(t, conn.Server) }

func reset(t *testing.T, role conn.Role) {
	c := conn.New(role, conn.Config{})
	const secret = "<owner 0001>"
	for _, cut := range []int{0, 1, 20, 60, 120, 1 << 20} {
		first := "HTTP/1.1 200 " + secret + "\r\nX: " + secret + "\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n" + secret + "\r\n0\r\nT: " + secret + "\r\n\r\n"
		if role == conn.Server {
			first = "POST /" + strings.Trim(secret, "<>")[:5] + " HTTP/1.1\r\nHost: h\r\nX: " + secret + "\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n" + secret + "\r\n0\r\nT: " + secret + "\r\n\r\n"
		} else {
			ask(t, c, "GET")
		}
		data := []byte(first[:min(cut, len(first))])
		for {
			n, ev, err := c.Next(data, false)
			if err != nil {
				t.Fatal(err)
			}
			if data = data[n:]; ev.Kind == conn.NeedData || ev.Kind == conn.End || ev.Kind == conn.Paused {
				break
			}
		}
		c.Reset(role, conn.Config{})
		fresh := conn.New(role, conn.Config{})
		if c.Reusable() != fresh.Reusable() || c.InFlight() != 0 || c.Offset() != 0 || c.Err() != nil || c.ExpectsContinue() || c.Ahead() != 0 || len(c.Deviations()) != 0 {
			t.Errorf("cut at %d: reset is not as new", cut)
		}
		var h heard
		if role == conn.Client {
			ask(t, c, "GET")
			h = hear(t, c, []string{"HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"}, false)
		} else {
			h = hear(t, c, []string{"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"}, false)
		}
		if len(h.Messages) != 1 || h.content() != "x" || h.Messages[0].Trailers != "" || h.Rule != 0 || strings.Contains(h.String(), "owner") {
			t.Errorf("cut at %d: %v", cut, &h)
		}
		c.Reset(role, conn.Config{})
	}
}

// mismatchFacade: content that is cut short is an error and never passes for whole, nothing is asked for again by
// itself, and whoever passes it on is not let end the message.
func mismatchFacade(t *testing.T) {
	const partial = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"
	const resumed = "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 4\r\n\r\nworl"
	o := newOrigin(t, func(p *peer) {
		_, _, content, err := p.request()
		switch {
		case err != nil:
		case p.n == 1:
			p.send(partial)
		case p.n == 2:
			p.send(resumed)
			p.hold()
		default:
			t.Errorf("the origin got %q", content)
		}
	})
	c := facade(t, o)
	r, err := c.Do(t.Context(), "GET", "/", nil, body.None())
	if err != nil {
		t.Fatal(err)
	}
	// Passed on, as content of the length that the response has claimed.
	to := newOrigin(t, func(p *peer) {
		if _, _, content, err := p.request(); err == nil {
			t.Errorf("a whole request came of it: %q", content)
		}
	})
	other := facade(t, to)
	_, err = other.Do(t.Context(), "PUT", "/", nil, body.SizedReader(r, r.Remaining()))
	if !errors.Is(err, io.ErrUnexpectedEOF) || other.Connected() {
		t.Errorf("passed on: %v", err)
	}
	if c.Connected() || o.dials.Load() != 1 {
		t.Errorf("connected %v, %d dials", c.Connected(), o.dials.Load())
	}
	// Asked for again by the caller, the rest is what that response says it is.
	r, err = c.Do(t.Context(), "GET", "/", fieldsOf("Range: bytes=5-"), body.None())
	if err != nil {
		t.Fatal(err)
	}
	if content, err := r.ReadAll(); string(content) != "worl" || err != nil || r.Status() != 206 || r.Field("Content-Length") != "4" {
		t.Errorf("%q, %v", content, err)
	}
}

func mismatchClient(t *testing.T) {
	c := idleClient(t)
	if _, err := c.AppendRequest(nil, "PUT", "/", fieldsOf("Host: h", "Content-Length: 10")); err != nil {
		t.Fatal(err)
	}
	mismatched(t, c)
	for _, content := range []string{"", "hello", "hello wor"} {
		if h := hearClient(t, "HTTP/1.1 206 Partial Content\r\nContent-Length: 10\r\n\r\n"+content, conn.Config{}); h.Rule != wire.RuleIncompleteContent || h.content() != content || h.Messages[0].Whole {
			t.Errorf("%v", &h)
		}
	}
}

func mismatchServer(t *testing.T) {
	c := owingServer("")(t)
	if _, err := c.AppendResponse(nil, 206, "Partial Content", fieldsOf("Content-Length: 10")); err != nil {
		t.Fatal(err)
	}
	mismatched(t, c)
}

// mismatched has a message of ten octets: it takes no more, and does not end with less.
func mismatched(t *testing.T, c *conn.Conn) {
	t.Helper()
	for _, ends := range []*headers.Fields{nil, new(headers.Fields)} {
		if out, err := c.AppendEnd(nil, ends); len(out) > 0 || !errors.Is(err, wire.RuleContentShort) {
			t.Errorf("ended: %q, %v", out, err)
		}
	}
	if out, err := c.AppendContent(nil, []byte("hello worlds")); len(out) > 0 || !errors.Is(err, wire.RuleContentExcess) {
		t.Errorf("more at once: %q, %v", out, err)
	}
	if out, err := c.AppendContent(nil, []byte("hello")); string(out) != "hello" || err != nil {
		t.Errorf("%q, %v", out, err)
	}
	if out, err := c.AppendContent(nil, []byte("worlds")); len(out) > 0 || !errors.Is(err, wire.RuleContentExcess) {
		t.Errorf("more in the end: %q, %v", out, err)
	}
	if out, err := c.AppendEnd(nil, nil); len(out) > 0 || !errors.Is(err, wire.RuleContentShort) {
		t.Errorf("ended: %q, %v", out, err)
	}
	if c.Reusable() {
		t.Error("reusable")
	}
}
