package fault_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/transport"
	"github.com/strata-http/strata/transport/fault"
)

// faults are those that are tried at every octet.
const faults = "cut; stall 1s; stall; black hole; reset; close; half-close; truncate; xor 01"

func script(prefix string) fault.Script {
	s, err := fault.Parse(prefix + strings.ReplaceAll(faults, "; ", "; "+prefix))
	if err != nil {
		panic(err)
	}
	return s
}

func digits() body.Source { return body.String("0123456789") }

func chunks() body.Source {
	return body.Seq(func(yield func([]byte) bool) {
		_ = yield([]byte("01234")) && yield([]byte("56789"))
	})
}

// The last two are one exchange: a handshake takes ten times as long as the rest, and there are two processors.
var exchanges = []*exchange{
	{name: "GET", method: "GET", content: body.None, want: alphabet, script: script("")},
	{name: "POST", method: "POST", content: digits, want: "0123456789", script: script("")},
	{name: "Chunked POST", method: "POST", content: chunks, want: "0123456789", script: script("")},
	{name: "GET over TLS, sent octets", secure: true, method: "GET", content: body.None, want: alphabet,
		script: script("sent at 0: ")},
	{name: "GET over TLS, received octets", secure: true, method: "GET", content: body.None, want: alphabet,
		script: script("received at 0: ")},
}

// A trial is an exchange in its world, and what came of it last.
type trial struct {
	*exchange
	world *world
	t     *testing.T

	got    message
	octets []byte // of the response, as the client received them
	total  fault.Octets
}

func (r *trial) try(ctx context.Context, d transport.Dialer) (err error) {
	w := &witness{Dialer: d}
	r.got, err = r.run(ctx, r.world, w)
	r.octets = w.received()
	return err
}

// TestEverywhere is the claim of the page: with a fault at any octet the result is right, or an error of the right
// class. See also docs/faults.md.
func TestEverywhere(t *testing.T) {
	tables := make([]string, len(exchanges))
	t.Run("runs", func(t *testing.T) {
		for i, e := range exchanges {
			t.Run(e.name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) { tables[i] = everywhere(t, e) })
			})
		}
	})
	var page strings.Builder
	for i, e := range exchanges {
		fmt.Fprintf(&page, "## %s\n\n```\n%s```\n\n", e.name, tables[i])
	}
	if step == 1 {
		checkPage(t, page.String())
	}
}

func everywhere(t *testing.T, e *exchange) string {
	r := &trial{exchange: e, world: newWorld(t, e.secure), t: t}
	sweep := fault.Sweep{
		Dialer:   &r.world.network,
		Exchange: r.try,
		Faults:   e.script,
		Step:     step,
		Class:    class,
		Judge:    r.judge,
	}
	report, err := sweep.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\n%v", e.name, report)
	if err := report.Err(); err != nil {
		t.Error(err)
	}
	for _, c := range report.Cases {
		r.total = report.Conns[0]
		r.check(c)
	}
	return report.String()
}

// judge looks at changed octets. Without TLS nobody can tell changed content from other content. What can be promised is
// that the client makes of the octets that it received what they are: so it is compared with another
// reader of the same octets.
func (r *trial) judge(c *fault.Case) {
	if r.secure && c.Fault.Direction() == fault.SentOctets && (c.Class == tlsRefused || c.Class == disconnected) &&
		strings.HasPrefix(c.Fault.Action(), "xor") {
		// The server refuses the record with an alert and closes. Whether the client reads the alert, or writes to
		// the closed connection before, is chance.
		c.Class = tlsRefused + " or " + disconnected
		return
	}
	if !strings.HasPrefix(c.Fault.Action(), "xor") || r.secure || c.Outcome == fault.Failed && r.got.content == "" {
		return
	}
	// A response of HTTP/1.0 with a Transfer-Encoding has no sure framing (RFC 9112 section 6.1), and net/http reads
	// such a one until the connection closes.
	octets := bytes.Replace(r.octets, []byte("HTTP/1.0"), []byte("HTTP/1.1"), 1)
	other, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(octets)), &http.Request{Method: r.method})
	if err != nil {
		c.Outcome, c.Err = fault.Wrong, fmt.Errorf("%q was read as %+v, but: %w", r.octets, r.got, err)
		return
	}
	content, err := io.ReadAll(other.Body)
	if err != nil || string(content) != r.got.content || other.StatusCode != r.got.status {
		c.Outcome, c.Err = fault.Wrong, fmt.Errorf("%q was read as %+v, and by another reader as status %d, content %q, error %v",
			r.octets, r.got, other.StatusCode, content, err)
		return
	}
	if c.Outcome == fault.Wrong {
		c.Outcome, c.Class = fault.Failed, "what was received"
	}
}

// right are the classes that each fault may have, in the first row that fits.
var right = []struct{ fault, plain, secure string }{
	{`cut|stall 1s`, `correct`, `correct`},
	{`stall|black hole`, `time-out`, `time-out`},
	{`sent (reset|close)`, `ErrRemoteDisconnected`, `TLSError|ErrRemoteDisconnected`},
	{`sent (half-close|truncate)`, `ErrRemoteDisconnected|status 400`, `TLSError|ErrRemoteDisconnected|status 400`},
	{`received (reset|close|half-close|truncate)`, `ErrRemoteDisconnected|IncompleteReadError`, `TLSError|ErrRemoteDisconnected`},
	{`sent xor`, `correct|status 400|status 50[15]|what was received|time-out`,
		`TLSError|` + tlsRefused + ` or ` + disconnected + `|time-out`},
	{`received xor`, `.*`, `TLSError|tls error|time-out`},
}

// check compares the class of a case with those that are right for its fault.
func (r *trial) check(c fault.Case) {
	f := c.Fault
	name := f.Direction().String() + " " + f.Action()
	for _, row := range right {
		if !regexp.MustCompile(row.fault).MatchString(name) {
			continue
		}
		want := row.plain
		if r.secure {
			want = row.secure
		}
		if !regexp.MustCompile("^("+want+")$").MatchString(c.Class) && !r.harmless(c) {
			r.t.Errorf("%v: %s (%v), want %s", f, c.Class, c.Err, want)
		}
		return
	}
	r.t.Errorf("%v: no row says what is right", f)
}

// harmless reports whether a fault may have gone unnoticed: there was nothing behind it but, with TLS, the client's
// close_notify; or it changed the version of a record, which TLS 1.3 has the recipient ignore (RFC 8446 section 5.1).
func (r *trial) harmless(c fault.Case) bool {
	if c.Outcome != fault.Correct {
		return false
	}
	f, end := c.Fault, r.total.Received
	if f.Direction() == fault.SentOctets {
		end = r.total.Sent
		if r.secure {
			end -= closeNotify
		}
	}
	return f.Offset() >= end || strings.HasPrefix(f.Action(), "xor") && (f.Offset() == 1 || f.Offset() == 2)
}

// closeNotify is the length of the alert in a record of TLS 1.3 with a tag of 16 octets.
const closeNotify = 5 + 2 + 1 + 16
