package advisories_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// noCtx is for calls that fail before they wait for anything.
var noCtx = context.Background()

// appendix is where an element of a caller's goes into what a conn.Conn appends.
type appendix struct {
	what     string
	elements []string
	rules    []wire.Rule
	begin    func(t testing.TB) *conn.Conn // a Conn that is ready for it
	try      func(c *conn.Conn, dst []byte, element string) ([]byte, error)
	good     string // an element that is taken
}

// refusals tries appendices: an error that names the rule, nothing appended, and the same Conn takes what is
// good, which comes out as it does of a new one.
func refusals(appendices []appendix) func(*testing.T) {
	return func(t *testing.T) {
		for _, a := range appendices {
			c := a.begin(t)
			const before = "before"
			states := [2]conn.State{c.State(conn.Client), c.State(conn.Server)}
			for _, element := range a.elements {
				out, err := a.try(c, []byte(before), element)
				if err == nil {
					t.Fatalf("%s %q was appended: %q", a.what, element, out)
				}
				if rule := ruleOf(t, err); !slices.Contains(a.rules, rule) {
					t.Errorf("%s %q: %v", a.what, element, err)
				}
				if string(out) != before {
					t.Errorf("%s %q: %q was appended", a.what, element, out[len(before):])
				}
				if now := [2]conn.State{c.State(conn.Client), c.State(conn.Server)}; now != states {
					t.Fatalf("%s %q: states %v became %v", a.what, element, states, now)
				}
			}
			got, err := a.try(c, nil, a.good)
			want, wantErr := a.try(a.begin(t), nil, a.good)
			if err != nil || wantErr != nil || string(got) != string(want) || len(got) == 0 {
				t.Errorf("%s, then a good one: %q, %v; on a new Conn %q, %v", a.what, got, err, want, wantErr)
			}
		}
	}
}

func atClient(a ...appendix) func(*testing.T) { return refusals(a) }
func atServer(a ...appendix) func(*testing.T) { return refusals(a) }

func idleClient(testing.TB) *conn.Conn { return conn.New(conn.Client, conn.Config{}) }

// chunkedClient is a client within a request whose content is chunked.
func chunkedClient(t testing.TB) *conn.Conn {
	c := idleClient(t)
	if _, err := c.AppendRequest(nil, "POST", "/", fieldsOf("Host: h", "Transfer-Encoding: chunked")); err != nil {
		t.Fatal(err)
	}
	return c
}

// owingServer is a server that owes the response to a request which has those fields.
func owingServer(fields string) func(testing.TB) *conn.Conn {
	return func(t testing.TB) *conn.Conn {
		c := conn.New(conn.Server, conn.Config{})
		data := []byte("GET / HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n")
		for {
			n, ev, err := c.Next(data, false)
			if err != nil {
				t.Fatal(err)
			}
			if data = data[n:]; ev.Kind == conn.NeedData || ev.Kind == conn.Paused {
				return c
			}
		}
	}
}

// chunkedServer is a server within a response whose content is chunked.
func chunkedServer(t testing.TB) *conn.Conn {
	c := owingServer("")(t)
	if _, err := c.AppendResponse(nil, 200, "OK", fieldsOf("Transfer-Encoding: chunked")); err != nil {
		t.Fatal(err)
	}
	return c
}

func clientTarget(method, good string, rules []wire.Rule) appendix {
	return appendix{"target", within(good), rules, idleClient, func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
		return c.AppendRequest(dst, method, s, fieldsOf("Host: h"))
	}, good}
}

var clientMethod = appendix{"method", within("GET"), []wire.Rule{wire.RuleMethod}, idleClient, func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
	return c.AppendRequest(dst, s, "/", fieldsOf("Host: h"))
}, "GET"}

func clientField(c *conn.Conn, dst []byte, name, value string) ([]byte, error) {
	f := pair(name, value)
	if name != "Host" {
		f.Add("Host", "h")
	}
	return c.AppendRequest(dst, "GET", "/", f)
}

func clientValue(name string, rules []wire.Rule) appendix {
	return appendix{name, bad(within("spam")), rules, idleClient, func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
		return clientField(c, dst, name, s)
	}, "spam"}
}

func clientName(rules []wire.Rule) appendix {
	return appendix{"field name", within("X-Spam"), rules, idleClient, func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
		return clientField(c, dst, s, "eggs")
	}, "X-Spam"}
}

func respond(c *conn.Conn, dst []byte, f *headers.Fields) ([]byte, error) {
	f.Add("Content-Length", "0")
	return c.AppendResponse(dst, 200, "OK", f)
}

func serverValue(name string, rules []wire.Rule) appendix {
	return appendix{name, bad(within("spam")), rules, owingServer(""), func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
		return respond(c, dst, pair(name, s))
	}, "spam"}
}

func serverName(rules []wire.Rule) appendix {
	return appendix{"field name", within("X-Spam"), rules, owingServer(""), func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
		return respond(c, dst, pair(s, "eggs"))
	}, "X-Spam"}
}

func serverInterim(rules []wire.Rule) appendix {
	return appendix{"field of an interim response", bad(within("</a>")), rules, owingServer(""), func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
		return c.AppendResponse(dst, 103, "Early Hints", pair("Link", s))
	}, "</a>"}
}

func serverSwitch(rules []wire.Rule) appendix {
	begin := owingServer("Connection: upgrade\r\nUpgrade: websocket\r\n")
	rules = append(rules[:len(rules):len(rules)], wire.RuleUpgradeMissing) // HTAB alone names no protocol
	return appendix{"upgrade", bad(within("websocket")), rules, begin, func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
		f := pair("Upgrade", s)
		f.Add("Connection", "upgrade")
		return c.AppendResponse(dst, 101, "Switching Protocols", f)
	}, "websocket"}
}

var serverReason = appendix{"reason phrase", reasons(), []wire.Rule{wire.RuleReasonPhrase}, owingServer(""), func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
	return c.AppendResponse(dst, 200, s, fieldsOf("Content-Length: 0"))
}, "All is well"}

// reasons leaves out HTAB, which a reason phrase may hold anywhere.
func reasons() []string {
	return slices.DeleteFunc(within("All is well"), func(s string) bool {
		return !strings.ContainsFunc(s, func(r rune) bool { return r != '\t' && (r < ' ' || r == 0x7f) })
	})
}

// behindHead are the elements that follow the head of a chunked message.
func behindHead(begin func(testing.TB) *conn.Conn, name, value []wire.Rule) []appendix {
	ext := []wire.Rule{wire.RuleChunkExt}
	chunk := func(c *conn.Conn, dst []byte, s string) ([]byte, error) { return c.AppendChunk(dst, []byte("x"), s) }
	inExt := func(before, behind string) (all []string) {
		for _, evil := range evils() {
			if evil == "\t" && strings.Contains(before, `"`) {
				continue // a quoted-string may hold it
			}
			all = append(all, before+evil+behind)
		}
		return all
	}
	return []appendix{
		{"trailer name", within("X-Spam"), name, begin, func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
			return c.AppendEnd(dst, pair(s, "eggs"))
		}, "X-Spam"},
		{"trailer value", bad(within("spam")), value, begin, func(c *conn.Conn, dst []byte, s string) ([]byte, error) {
			return c.AppendEnd(dst, pair("X-Spam", s))
		}, "spam"},
		{"chunk extension name", inExt(";a", "b"), ext, begin, chunk, ";ab"},
		{"chunk extension value", inExt(";a=b", "c"), ext, begin, chunk, ";a=bc"},
		{"quoted chunk extension", inExt(`;a="b`, `c"`), ext, begin, chunk, `;a="bc"`},
	}
}

func clientTrailer(name, value []wire.Rule) func(*testing.T) {
	return both(atClient(behindHead(chunkedClient, name, value)...), codedContent(chunkedClient))
}

func serverTrailer(name, value []wire.Rule) func(*testing.T) {
	return both(atServer(behindHead(chunkedServer, name, value)...), codedContent(chunkedServer))
}

func both(first, second func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) {
		first(t)
		second(t)
	}
}

// codedContent has content that its sender has put into the chunked coding himself: nothing of what is malformed
// is appended, and such a message cannot be completed.
func codedContent(begin func(testing.TB) *conn.Conn) func(*testing.T) {
	return func(t *testing.T) {
		for _, evil := range evils() {
			for _, format := range []string{"1;a%sb\r\nx\r\n0\r\n\r\n", "1%s\r\nx\r\n0\r\n\r\n", "1\r\nx%s0\r\n\r\n", "1\r\nx\r\n0\r\nX%sY: z\r\n\r\n", "0\r\n\r\n%s"} {
				octets := fmt.Sprintf(format, evil)
				if strings.Contains(octets, "x\r\n0\r\n\r\n") && strings.HasPrefix(octets, "1\r\nx") && !strings.Contains(octets, "X") {
					continue // the CRLF that belongs there
				}
				c := begin(t)
				out, err := c.AppendCoded([]byte("before"), []byte(octets))
				if err == nil {
					t.Errorf("%q was appended", octets)
					continue
				}
				ruleOf(t, err)
				if string(out) != "before" {
					t.Errorf("%q: %q was appended", octets, out)
				}
				if _, err := c.AppendEnd(nil, nil); err == nil {
					t.Errorf("%q: the message was ended", octets)
				}
			}
		}
	}
}

// inRequestLine shows a server a request with each control octet between before and behind: what an injection
// of one octet would have made of it.
func inRequestLine(before, behind string) func(*testing.T) {
	return func(t *testing.T) {
		for _, evil := range evils() {
			if evil == "\t" && strings.Contains(before, "Host: ") && strings.HasPrefix(behind, "\r") || strings.HasPrefix(evil, "\r\n") || strings.HasSuffix(evil, "\r\n\r\n") {
				continue // OWS, and what is a line end wherever it stands
			}
			h := hearServer(t, before+evil+behind, conn.Config{})
			if h.Rule == 0 || len(h.Messages) > 0 {
				t.Errorf("%q: %v", before+evil+behind, &h)
			}
		}
	}
}

// facadeTrailers has a trailer that is found bad when the content is sent: nothing of it is written, no
// last-chunk either, and the connection is closed.
func facadeTrailers(names, values []wire.Rule) func(*testing.T) {
	return func(t *testing.T) {
		try := func(name, value string, rules []wire.Rule) {
			o := newOrigin(t, greet)
			c := facade(t, o)
			source := body.Reader(strings.NewReader("content")).WithTrailers(func() *headers.Fields { return pair(name, value) })
			_, err := c.Do(t.Context(), "POST", "/", nil, source)
			if err == nil || !slices.Contains(rules, ruleOf(t, err)) {
				t.Fatalf("%q: %q: error %v", name, value, err)
			}
			if c.Connected() {
				t.Errorf("%q: %q: the connection is kept", name, value)
			}
			_, sent, _ := strings.Cut(o.written(1), "\r\n\r\n")
			if sent != "7\r\ncontent\r\n" {
				t.Errorf("%q: %q: %q was sent behind the head", name, value, sent)
			}
			get(t, c, "/", "hello")
			c.Close()
		}
		for _, name := range within("X-Spam") {
			try(name, "eggs", names)
		}
		for _, value := range bad(within("spam")) {
			try("X-Spam", value, values)
		}
	}
}

// facadeReason has control octets in a reason phrase and a field value that the client receives.
func facadeReason(t *testing.T) {
	for _, evil := range controls() {
		for _, response := range []string{
			"HTTP/1.1 200 O" + evil + "K\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nLocation: /a" + evil + "b\r\nContent-Length: 0\r\n\r\n",
		} {
			if h := hearFacade(t, response, conn.Config{}); h.Rule == 0 {
				t.Errorf("%q: %v", response, &h)
			}
		}
	}
}

// clientReason is facadeReason for package conn.
func clientReason(t *testing.T) {
	for _, evil := range controls() {
		for _, response := range []string{
			"HTTP/1.1 200 O" + evil + "K\r\nContent-Length: 0\r\n\r\n",
			"HTTP/1.1 200 OK\r\nLocation: /a" + evil + "b\r\nContent-Length: 0\r\n\r\n",
		} {
			if h := hearClient(t, response, conn.Config{}); h.Rule == 0 {
				t.Errorf("%q: %v", response, &h)
			}
		}
	}
}

// controls are the control octets that neither a reason phrase nor a field value may hold.
func controls() []string {
	return slices.DeleteFunc(evils(), func(s string) bool { return len(s) > 1 || s == "\t" })
}

// TestRawPasses is the other side of TestInjection: the raw path, and it alone, lets all of it through.
func TestRawPasses(t *testing.T) {
	for _, evil := range evils() {
		raw := fmt.Sprintf("GE%[1]sT /%[1]s HTTP/1.1\r\nA%[1]s: b%[1]s\r\n\r\n", evil)
		for _, role := range []conn.Role{conn.Client, conn.Server} {
			if out, err := conn.New(role, conn.Config{}).AppendRaw([]byte("before"), []byte(raw)); err != nil || string(out) != "before"+raw {
				t.Errorf("%v: %q, %v", role, out, err)
			}
		}
		o := newOrigin(t, func(p *peer) {
			if _, err := io.ReadFull(p.br, make([]byte, len(raw))); err == nil {
				p.send(hello)
			}
			p.hold()
		})
		c := facade(t, o)
		err := c.SendRaw(t.Context(), []byte(raw), "GET")
		var r httpclient.Response
		if err == nil {
			r, err = c.Response(t.Context())
		}
		if err != nil || r.Status() != 200 || o.written(1) != raw {
			t.Errorf("%q was written: %v", o.written(1), err)
		}
		c.Close()
	}
}

// TestRawIsApart: no option makes the safe path what the raw one is.
func TestRawIsApart(t *testing.T) {
	o := newOrigin(t, greet)
	c := facade(t, o, httpclient.WithLenient(wire.LenientAll), httpclient.WithObsTarget(), httpclient.WithLimits(wire.Limits{Line: -1, Section: -1}))
	for _, element := range bad(within("spam")) {
		if _, err := c.Do(t.Context(), "GET", "/", pair("X-Spam", element), body.None()); !errors.Is(err, httpclient.ErrHTTP) {
			t.Errorf("%q: %v", element, err)
		}
	}
	if o.dials.Load() != 0 {
		t.Error("somebody was dialled")
	}
}
