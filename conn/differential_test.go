package conn_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/wire"
)

// difference is a message that one side takes and the other does not, and why that is as it should be.
// It stands for all that are refused here by the same rule, or there by the same error.
type difference struct {
	asked  string // the method that a response answers; "" for a request
	octets string
	rule   wire.Rule // by which it is refused here, or
	text   string    // part of the error by which net/http refuses it
	why    string
}

const (
	hostLine = "GET / HTTP/1.1\r\nHost: h\r\n"
	chunks   = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
)

// stricter are messages that net/http takes.
var stricter = []difference{
	{octets: "GET / HTTP/1.1\nHost: h\r\n\r\n", rule: wire.RuleBareLF, why: "RFC 9112 section 2.2 lets a recipient take LF; AllowBareLF does"},
	{octets: "GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n", rule: wire.RuleTarget, why: "no URI has such octets, nor a fragment in a request; AllowObsTarget takes the first"},
	{octets: "GET * HTTP/1.1\r\nHost: h\r\n\r\n", rule: wire.RuleTargetForm, why: "asterisk-form is for OPTIONS alone"},
	{octets: "CONNECT h HTTP/1.1\r\nHost: h\r\n\r\n", rule: wire.RuleAuthority, why: "RFC 9110 section 9.3.6: a server must refuse CONNECT without a port"},
	{octets: "GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n", rule: wire.RuleUserinfo, why: "RFC 9110 section 4.2.4: it serves to deceive"},
	{octets: "GET / HTTP/2.0\r\nHost: h\r\n\r\n", rule: wire.RuleMajorVersion, why: "net/http leaves that to its server"},
	{octets: "GET / HTTP/1.1\r\n\r\n", rule: wire.RuleHostMissing, why: "net/http leaves that to its server"},
	{octets: "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", rule: wire.RuleHostInvalid, why: "net/http leaves that to its server"},
	{octets: hostLine + "X: a\r\n b\r\n\r\n", rule: wire.RuleObsFold, why: "RFC 9112 section 5.2 lets a server refuse; AllowObsFold unfolds"},
	{octets: hostLine + "X : a\r\n\r\n", rule: wire.RuleSpaceBeforeColon, why: "RFC 9112 section 5.1: a server must refuse"},
	{octets: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", rule: wire.RuleCodingAndLength,
		why: "RFC 9112 section 6.1 lets a server refuse, which leaves nothing to smuggle"},
	{octets: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", rule: wire.RuleCodingInHTTP10,
		why: "RFC 9112 section 6.1: its framing is faulty; net/http takes the chunks for the next request"},
	{octets: "POST / HTTP/1.0\r\nTransfer-Encoding: (\r\n\r\n", rule: wire.RuleTransferEncoding, why: "as RuleCodingInHTTP10"},
	{octets: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", rule: wire.RuleChunkedRepeated, why: "as RuleCodingInHTTP10"},
	{octets: "POST / HTTP/1.0\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", rule: wire.RuleChunkedNotFinal, why: "as RuleCodingInHTTP10"},
	{asked: "GET", octets: "HTTP/1.0 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", rule: wire.RuleUnknownCoding, why: "nobody would decode it"},
	{octets: chunks + "0 \r\n\r\n", rule: wire.RuleChunkSpace, why: "RFC 9112 section 7.1 has no such whitespace; AllowChunkSpace takes it"},
	{octets: chunks + "0;a=\"\x01\"\r\n\r\n", rule: wire.RuleChunkExt, why: "net/http drops extensions unread, where requests are smuggled"},
	{asked: "GET", octets: "HTTP/1.1  200 OK\r\n\r\n", rule: wire.RuleStatusLine, why: "RFC 9112 section 4 has one SP; AllowLooseStatusLine takes more"},
	{asked: "GET", octets: "HTTP/1.1 +20 OK\r\n\r\n", rule: wire.RuleStatusCode, why: "RFC 9112 section 4 has three digits"},
	{asked: "GET", octets: "HTTP/1.1 200\r\n\r\n", rule: wire.RuleMissingReason, why: "RFC 9112 section 4 has an SP; AllowMissingReason takes the line without"},
	{asked: "GET", octets: "HTTP/1.1 200 \x01\r\n\r\n", rule: wire.RuleReasonPhrase, why: "RFC 9112 section 4; AllowReasonControls takes it"},
	{asked: "GET", octets: "HTTP/1.1 200 \r\r\n\r\n", rule: wire.RuleLineEnd, why: "RFC 9112 section 2.2: a CR without LF is invalid"},
	{asked: "GET", octets: "HTTP/1.1 101 OK\r\n\r\n", rule: wire.RuleUpgradeUnasked, why: "net/http leaves that to its transport"},
	{asked: "GET", octets: strings.Repeat("HTTP/1.1 100 \r\n\r\n", 101) + "HTTP/1.1 200 \r\n\r\n", rule: wire.RuleLimitInterim,
		why: "net/http leaves that to its transport"},
}

// laxer are messages that net/http refuses.
var laxer = []difference{
	{octets: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\na", text: "bad Content-Length",
		why: "RFC 9112 section 6.3 lets a recipient take a list of equal values; and where it frames nothing it is not looked at"},
	{octets: "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\nContent-Length: 1\r\n\r\na", text: "cannot contain multiple Content-Length",
		why: "as above"},
	{asked: "HEAD", octets: "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n", text: "invalid empty Content-Length",
		why: "it frames nothing, as above"},
	{asked: "GET", octets: "HTTP/1.1 204 OK\r\nTransfer-Encoding: gzip\r\n\r\n", text: "unsupported transfer encoding",
		why: "there is no content to decode; and codings are a list, in which empty elements count for nothing"},
	{octets: "GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", text: "invalid URL escape", why: "a target is passed on as it is, for its handler to judge"},
	{octets: "GET x://a:b/ HTTP/1.1\r\nHost: h\r\n\r\n", text: "invalid port", why: "what an authority is, is for other schemes to say"},
	{octets: "GET x://[/ HTTP/1.1\r\nHost: h\r\n\r\n", text: "missing ']' in host", why: "as invalid port"},
	{octets: "GET http://[v1.a]/ HTTP/1.1\r\nHost: h\r\n\r\n", text: "invalid host", why: "IPvFuture is in the grammar"},
	{octets: "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: Content-Length\r\n\r\n0\r\n\r\n", text: "bad trailer key",
		why: "Trailer only announces; such a field means nothing in a trailer section"},
	{octets: chunks + "00000000000000000000\r\n\r\n", text: "http chunk length too large", why: "leading zeros are within the limit of a line"},
	{octets: chunks + "0\t;a\r\n\r\n", text: "invalid byte in chunk length", why: "RFC 9112 section 7.1.1: a recipient must take BWS before \";\""},
}

// compared is what both sides say of a message.
type compared struct {
	Start    string
	Fields   map[string][]string
	Content  string
	Trailers map[string][]string
}

var errNothing = errors.New("no message")

// ours returns what Next tells of the first message, interim responses left out.
func ours(t testing.TB, c *conn.Conn, octets string) (compared, error) {
	l := &listener{t: t, c: c, data: []byte(octets)}
	var m message
	for more, done := true, false; more && !done; {
		more = l.next(true)
		if n := len(l.heard.Messages); n > 0 {
			m = l.heard.Messages[n-1]
			done = !m.Partial && m.Status/100 != 1 || m.Status == 101
		}
		if done {
			l.err = nil // what is behind is not compared
		}
	}
	switch {
	case l.err != nil:
		return compared{}, l.err
	case len(l.heard.Messages) == 0:
		return compared{}, errNothing
	}
	got := compared{Start: fmt.Sprintf("%s %s %s", m.Method, m.Target, m.Version)}
	if m.Method == "" {
		got.Start = fmt.Sprintf("%s %03d %s", m.Version, m.Status, m.Reason)
	}
	got.Fields, got.Trailers = canonical(m.Fields), canonical(m.Trailers)
	for _, c := range m.Chunks {
		got.Content += c.Content
	}
	return got, nil
}

// canonical returns fields as net/http does.
func canonical(lines string) map[string][]string {
	h := map[string][]string{}
	for name, value := range parseFields(lines).All() {
		key := textproto.CanonicalMIMEHeaderKey(string(name))
		h[key] = append(h[key], string(value))
	}
	return plain(h)
}

// plain leaves out what net/http moves elsewhere or adds to, and makes one of the spaces that an
// obs-fold leaves: how many there are is the recipient's to choose (RFC 9112 section 5.2).
func plain(h map[string][]string) map[string][]string {
	out := map[string][]string{}
	for name, values := range h {
		switch name {
		case "Host", "Transfer-Encoding", "Trailer", "Content-Length", "Connection", "Cache-Control":
			continue
		}
		for _, v := range values {
			out[name] = append(out[name], strings.Join(strings.Fields(v), " "))
		}
	}
	return out
}

func theirs(start string, header http.Header, content io.Reader, trailer *http.Header) (compared, error) {
	octets, err := io.ReadAll(content)
	if err != nil {
		return compared{}, err
	}
	announced := maps.Clone(*trailer)
	maps.DeleteFunc(announced, func(_ string, values []string) bool { return len(values) == 0 })
	return compared{start, plain(header), string(octets), plain(announced)}, nil
}

// theirMessage returns what net/http makes of the same.
func theirMessage(asked, octets string) (compared, error) {
	in := bufio.NewReader(strings.NewReader(octets))
	if asked == "" {
		for next, _ := in.Peek(2); string(next) == "\r\n"; next, _ = in.Peek(2) {
			_, _ = in.Discard(2) // its server does the same
		}
		r, err := http.ReadRequest(in)
		if err != nil {
			return compared{}, err
		}
		return theirs(fmt.Sprintf("%s %s %s", r.Method, r.RequestURI, r.Proto), r.Header, r.Body, &r.Trailer)
	}
	r, err := http.ReadResponse(in, &http.Request{Method: asked})
	for err == nil && r.StatusCode/100 == 1 && r.StatusCode != 101 {
		r, err = http.ReadResponse(in, &http.Request{Method: asked})
	}
	if err != nil {
		return compared{}, err
	}
	if r.StatusCode == 101 || asked == "CONNECT" && r.StatusCode/100 == 2 {
		r.Body = http.NoBody // its transport does the same
	}
	reason := strings.TrimPrefix(strings.TrimPrefix(r.Status, fmt.Sprintf("%03d", r.StatusCode)), " ")
	return theirs(fmt.Sprintf("%s %03d %s", r.Proto, r.StatusCode, reason), r.Header, r.Body, &r.Trailer)
}

// bothRead returns what both sides make of octets.
func bothRead(t testing.TB, asked, octets string) (got, want compared, err, theirErr error) {
	t.Helper()
	c := conn.New(conn.Server, conn.Config{})
	if asked != "" {
		c, _ = asking(t, conn.Config{}, []ask{{method: asked}})
	}
	want, theirErr = theirMessage(asked, octets)
	got, err = ours(t, c, octets)
	return got, want, err, theirErr
}

// TestDifferences holds that each difference listed is one, so that the lists excuse nothing else.
func TestDifferences(t *testing.T) {
	for _, d := range append(stricter, laxer...) {
		_, _, err, theirErr := bothRead(t, d.asked, d.octets)
		if d.rule != 0 && (!errors.Is(err, d.rule) || theirErr != nil) {
			t.Errorf("%q: here %v, want %v; there %v, want nothing", d.octets, err, d.rule, theirErr)
		}
		if d.text != "" && (err != nil || theirErr == nil || !strings.Contains(theirErr.Error(), d.text)) {
			t.Errorf("%q: here %v, want nothing; there %v, want %s", d.octets, err, theirErr, d.text)
		}
	}
}

// FuzzDifferential compares what is told of a message here with what net/http makes of it. Where one side
// refuses what the other takes, the difference must be listed.
func FuzzDifferential(f *testing.F) {
	methods := []string{"", "GET", "HEAD", "CONNECT"}
	seed := func(asked, octets string) {
		for i, method := range methods {
			if method == asked {
				f.Add(octets, uint8(i))
			}
		}
	}
	for _, mc := range requestCases() {
		seed("", mc.wire)
	}
	for _, mc := range responseCases() {
		seed(mc.asked[0].method, mc.wire)
	}
	for _, d := range append(stricter, laxer...) {
		seed(d.asked, d.octets)
	}
	f.Fuzz(func(t *testing.T, octets string, which uint8) {
		octets = octets[:min(len(octets), maxFuzz)]
		asked := methods[int(which)%len(methods)]
		if asked != "" && strings.Contains(octets, "HTTP/1.0") && strings.Contains(strings.ToLower(octets), "transfer-encoding") {
			// Faulty framing (RFC 9112 section 6.1): here it is chunked all the same, and the connection is
			// not used again; there it goes on until the connection closes.
			t.Skip()
		}
		got, want, err, theirErr := bothRead(t, asked, octets)
		switch {
		case err != nil && theirErr != nil:
		case err != nil:
			for _, d := range stricter {
				if errors.Is(err, d.rule) {
					return
				}
			}
			t.Errorf("%q: %v; net/http takes it: %+v", octets, err, want)
		case theirErr != nil:
			for _, d := range laxer {
				if strings.Contains(theirErr.Error(), d.text) {
					return
				}
			}
			t.Errorf("%q: net/http says %v; here it is %+v", octets, theirErr, got)
		default:
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%q (-net/http +here)\n%s", octets, diff)
			}
		}
	})
}
