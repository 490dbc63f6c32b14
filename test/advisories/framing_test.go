package advisories_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// framings are advisories about fields that two recipients frame a message by differently.
func framings() []advisory {
	const coded = "5\r\nhello\r\n0\r\n\r\n"
	// length is a Content-Length that is no number. A client can be told to take it for none, so that content goes
	// on until the connection closes.
	length := func(value string) deviant {
		return deviant{section: "Content-Length: " + value + "\r\n\r\n", body: "hello", rule: wire.RuleContentLength,
			client: &deviant{rule: wire.RuleContentLength, admits: wire.AllowBadLength, content: "hello"}}
	}
	coding := func(section string, request, response wire.Rule) deviant {
		return deviant{section: section + "\r\n\r\n", body: coded, rule: request, client: &deviant{rule: response}}
	}
	huge := deviant{section: "Content-Length: 100000000000000000000000000005\r\n\r\n", body: "hello", rule: wire.RuleContentLength}
	return []advisory{
		lineAdvisory("CVE-2022-1705", "Go", "Transfer-Encoding with other whitespace", "control octets around chunked passed over",
			deviant{section: "Transfer-Encoding: \x0bchunked\r\n\r\n", body: coded, rule: wire.RuleFieldValue, admits: wire.AllowControls, then: wire.RuleTransferEncoding},
			deviant{section: "Transfer-Encoding: chunked\x0c\r\n\r\n", body: coded, rule: wire.RuleFieldValue, admits: wire.AllowControls, then: wire.RuleTransferEncoding},
			deviant{section: "Transfer-Encoding: \rchunked\r\n\r\n", body: coded, rule: wire.RuleBareCR, admits: wire.AllowBareCR, content: "hello"}),
		lineAdvisory("issue 61679", "Go", "empty Content-Length", "an empty Content-Length taken for none", length("")),
		{"CVE-2020-35863", "hyper", "content that nothing frames", "content of a request that has neither Content-Length nor Transfer-Encoding",
			unframedFacade, unframedClient, unframedServer, nil},
		lineAdvisory("CVE-2021-21299", "hyper", "several Transfer-Encoding lines", "one of several Transfer-Encoding field lines taken for all",
			coding("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", wire.RuleChunkedNotFinal, wire.RuleUnknownCoding),
			coding("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", wire.RuleUnknownCoding, wire.RuleUnknownCoding),
			coding("Transfer-Encoding: \r\nTransfer-Encoding: chunked", wire.RuleTransferEncoding, wire.RuleTransferEncoding)),
		lineAdvisory("CVE-2021-32715", "hyper", "plus sign in Content-Length", "a sign in Content-Length", length("+5")),
		lineAdvisory("CVE-2018-7159", "Node", "space in Content-Length", "whitespace within Content-Length", length("5 5"), length("5\t5"), length("5 ;5")),
		lineAdvisory("CVE-2019-15605", "Node", "malformed Transfer-Encoding", "a Transfer-Encoding that one does not know and the other takes for chunked",
			coding("Transfer-Encoding: xchunked", wire.RuleChunkedNotFinal, wire.RuleUnknownCoding),
			coding("Transfer-Encoding: xchunked\r\nContent-Length: 5", wire.RuleCodingAndLength, wire.RuleUnknownCoding),
			coding("Transfer-Encoding: chunked;q=1", wire.RuleTransferEncoding, wire.RuleTransferEncoding),
			coding("Transfer-Encoding: \"chunked\"", wire.RuleTransferEncoding, wire.RuleTransferEncoding)),
		lineAdvisory("CVE-2020-8287", "Node", "Transfer-Encoding twice", "the second of two Transfer-Encoding field lines passed over",
			coding("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", wire.RuleChunkedRepeated, wire.RuleChunkedRepeated),
			coding("Transfer-Encoding: chunked\r\ntransfer-encoding: chunked-false", wire.RuleChunkedNotFinal, wire.RuleUnknownCoding)),
		lineAdvisory("CVE-2022-32213", "Node", "codings that contain chunked", "chunked seen where it is not the final coding",
			coding("Transfer-Encoding: chunked, identity", wire.RuleChunkedNotFinal, wire.RuleUnknownCoding),
			coding("Transfer-Encoding: chunked, chunked", wire.RuleChunkedRepeated, wire.RuleChunkedRepeated),
			coding("Transfer-Encoding: chunkedchunked", wire.RuleChunkedNotFinal, wire.RuleUnknownCoding)),
		{"CVE-2026-1525", "undici", "duplicates on send", "Content-Length sent more than once, in any case",
			duplicatesFacade, duplicatesClient, duplicatesServer, nil},
		lineAdvisory("issue 103204", "CPython", "numbers that are none", "Content-Length read as a programming language reads numbers",
			length("-0"), length("0x5"), length("1_0"), length("5.0"), length("5e0"), length("\xd9\xa5"), huge),
		lineAdvisory("CWE-444", "any", "Content-Length twice", "several Content-Length values",
			deviant{section: "Content-Length: 5,5\r\n\r\n", body: "hello", content: "hello"},
			deviant{section: "Content-Length: 5\r\ncontent-length: 5\r\n\r\n", body: "hello", content: "hello"},
			deviant{section: "Content-Length: 5,6\r\n\r\n", body: "hello", rule: wire.RuleContentLengths,
				client: &deviant{rule: wire.RuleContentLengths, admits: wire.AllowBadLength, content: "hello"}},
			deviant{section: "Content-Length: 5\r\nContent-Length: 4\r\n\r\n", body: "hello", rule: wire.RuleContentLengths,
				client: &deviant{rule: wire.RuleContentLengths, admits: wire.AllowManyLengths, content: "hello"}}),
		lineAdvisory("CWE-444", "any", "Transfer-Encoding and Content-Length", "both framings together",
			deviant{section: "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", body: coded, rule: wire.RuleCodingAndLength,
				client: &deviant{content: "hello", last: true}},
			deviant{section: "Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n", body: coded, rule: wire.RuleCodingAndLength,
				client: &deviant{content: "hello", last: true}}),
		lineAdvisory("CWE-444", "any", "Transfer-Encoding on HTTP/1.0", "chunked where one recipient does not know it",
			deviant{version: "HTTP/1.0", section: "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n", body: coded, rule: wire.RuleCodingInHTTP10,
				client: &deviant{content: "hello", last: true}}),
	}
}

const smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"

// unframedServer sees content that nothing frames for what it is: the next request, which is for who sent it.
func unframedServer(t *testing.T) {
	h := hearServer(t, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"+smuggled, conn.Config{})
	want := heard{Messages: []message{{Start: "GET /", Whole: true}, {Start: "GET /smuggled", Whole: true}}, Reusable: true}
	if diff := cmp.Diff(want, h); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// What a server itself sends without framing ends with the connection.
	c := owingServer("")(t)
	if _, err := c.AppendResponse(nil, 200, "OK", nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.AppendContent(nil, []byte("HTTP/1.1 200 OK\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := c.AppendEnd(nil, nil); err != nil || !c.LastResponse() || c.Reusable() {
		t.Errorf("%v, last %v, reusable %v", err, c.LastResponse(), c.Reusable())
	}
}

func unframedClient(t *testing.T) {
	for _, method := range []string{"GET", "POST", "DELETE"} {
		c := idleClient(t)
		if _, err := c.AppendRequest(nil, method, "/", fieldsOf("Host: h")); err != nil {
			t.Fatal(err)
		}
		for what, try := range map[string]func() ([]byte, error){
			"content": func() ([]byte, error) { return c.AppendContent(nil, []byte(smuggled)) },
			"chunk":   func() ([]byte, error) { return c.AppendChunk(nil, []byte(smuggled), "") },
			"coded":   func() ([]byte, error) { return c.AppendCoded(nil, []byte("1\r\nx\r\n0\r\n\r\n")) },
			"prefix":  func() ([]byte, error) { return c.AppendPrefix(nil, 5) },
		} {
			if out, err := try(); len(out) > 0 || !errors.Is(err, wire.RuleContentUnframed) {
				t.Errorf("%s, %s: %q, %v", method, what, out, err)
			}
		}
		if _, err := c.AppendEnd(nil, nil); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func unframedFacade(t *testing.T) {
	o := newOrigin(t, greet)
	c := facade(t, o)
	if err := c.PutRequest("GET", "/", 0); err != nil {
		t.Fatal(err)
	}
	if err := c.EndHeaders(t.Context(), body.None()); err != nil {
		t.Fatal(err)
	}
	octets := o.octets.Load()
	for _, source := range []body.Source{body.String(smuggled), body.Seq(func(yield func([]byte) bool) { yield([]byte(smuggled)) })} {
		if err := c.Send(t.Context(), source); !errors.Is(err, wire.RuleContentUnframed) && !errors.Is(err, httpclient.ErrCannotSendRequest) {
			t.Errorf("sent: %v", err)
		}
	}
	if o.octets.Load() != octets {
		t.Errorf("written: %q", o.written(1))
	}
	c.Close()
	// The automatic fields frame content of every method.
	if _, err := c.Do(t.Context(), "GET", "/", nil, body.String(smuggled)); err != nil {
		t.Fatal(err)
	}
	if head := o.written(2); !hasLine(head, "Content-Length: 35") {
		t.Errorf("%q", head)
	}
}

// misframed are fields that a sender must refuse.
var misframed = []struct {
	fields []string
	rule   wire.Rule
}{
	{[]string{"Content-Length: 5", "content-length: 5"}, wire.RuleContentLength},
	{[]string{"Content-Length: 5", "X: y", "CONTENT-LENGTH: 6"}, wire.RuleContentLengths},
	{[]string{"cOnTeNt-LeNgTh: 5", "Content-Length: 5"}, wire.RuleContentLength},
	{[]string{"Content-Length: 5, 5"}, wire.RuleContentLength},
	{[]string{"Content-Length: +5"}, wire.RuleContentLength},
	{[]string{"Content-Length: "}, wire.RuleContentLength},
	{[]string{"Content-Length: 5", "transfer-encoding: chunked"}, wire.RuleCodingAndLength},
	{[]string{"Transfer-Encoding: chunked", "TRANSFER-ENCODING: chunked"}, wire.RuleChunkedRepeated},
	{[]string{"Transfer-Encoding: chunked, identity"}, wire.RuleChunkedNotFinal},
}

func duplicatesFacade(t *testing.T) {
	o := newOrigin(t, greet)
	c := facade(t, o)
	for _, connected := range []bool{false, true} {
		if connected {
			get(t, c, "/", "hello")
		}
		octets := o.octets.Load()
		for _, m := range append(misframed, struct {
			fields []string
			rule   wire.Rule
		}{[]string{"Host: h", "HOST: h"}, wire.RuleHostRepeated}) {
			_, err := c.Do(t.Context(), "POST", "/", fieldsOf(m.fields...), body.String("hello"))
			if !errors.Is(err, m.rule) {
				t.Errorf("%q: %v", m.fields, err)
			}
		}
		if o.octets.Load() != octets {
			t.Error("octets were written")
		}
	}
	get(t, c, "/", "hello")
	if o.dials.Load() != 1 {
		t.Errorf("%d dials", o.dials.Load())
	}
}

func duplicatesClient(t *testing.T) {
	refuseMisframed(t, idleClient(t), func(c *conn.Conn, f *headers.Fields) ([]byte, error) {
		f.Add("Host", "h")
		return c.AppendRequest(nil, "POST", "/", f)
	})
}

func duplicatesServer(t *testing.T) {
	refuseMisframed(t, owingServer("")(t), func(c *conn.Conn, f *headers.Fields) ([]byte, error) {
		return c.AppendResponse(nil, 200, "OK", f)
	})
}

func refuseMisframed(t *testing.T, c *conn.Conn, try func(c *conn.Conn, f *headers.Fields) ([]byte, error)) {
	for _, m := range misframed {
		if out, err := try(c, fieldsOf(m.fields...)); len(out) > 0 || !errors.Is(err, m.rule) {
			t.Errorf("%q: %q, %v", m.fields, out, err)
		}
	}
	if out, err := try(c, fieldsOf("Content-Length: 0")); len(out) == 0 || err != nil {
		t.Errorf("then a good one: %q, %v", out, err)
	}
}
