package body_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// section makes a field section of lines such as "Content-Length: 5".
func section(lines ...string) *headers.Fields {
	f := new(headers.Fields)
	for _, line := range lines {
		if name, value, ok := strings.Cut(line, ": "); ok {
			f.Add(name, value)
		}
	}
	return f
}

// by is a framing for each kind of recipient. A framing is text: "none", "length 5", "chunked", "until
// close", "tunnel", each with "coded" or "last use" behind it, or "fault" with the name of the rule and the
// line of the field that broke it.
type by struct {
	v11, v11Codings string // in HTTP/1.1, and where codings other than chunked are taken
	v10, v10Codings string // the same in HTTP/1.0
}

func same(text string) by { return by{text, text, text, text} }

// What RFC 9112 section 6.3 says, written down a second time: for each set of fields the framing of a
// request, and of a response that can have a body.
var framings = []struct {
	fields            string
	request, response by
}{
	{"", same("none"), same("until close")},
	{"A: b|Content-Type: text/plain", same("none"), same("until close")},

	// Steps 5 and 6: Content-Length alone.
	{"Content-Length: 5", same("length 5"), same("length 5")},
	{"Content-Length: 0", same("length 0"), same("length 0")},
	{"Content-Length: 5, 5", same("length 5"), same("length 5")},
	{"Content-Length: 5|content-length: 5", same("length 5"), same("length 5")},
	{"Content-Length: 5, 6", same("fault content-length-differs 0"), same("fault content-length-differs 0")},
	{"Content-Length: 5|Content-Length: 6", same("fault content-length-differs 1"), same("fault content-length-differs 1")},
	{"A: b|Content-Length: +5", same("fault content-length 1"), same("fault content-length 1")},
	{"Content-Length: ", same("fault content-length 0"), same("fault content-length 0")},

	// Step 4: Transfer-Encoding alone. In HTTP/1.0 it is faulty: section 6.1.
	{"Transfer-Encoding: chunked",
		by{"chunked", "chunked", http10, http10},
		by{"chunked", "chunked", "chunked, last use", "chunked, last use"}},
	{"Transfer-Encoding: gzip, chunked",
		by{unknown, "chunked, coded", http10, http10},
		by{unknown, "chunked, coded", unknown, "chunked, coded, last use"}},
	{"Transfer-Encoding: gzip|Transfer-Encoding: chunked",
		by{unknown, "chunked, coded", http10, http10},
		by{unknown, "chunked, coded", unknown, "chunked, coded, last use"}},
	{"Transfer-Encoding: gzip", by{notFinal, notFinal, http10, http10}, untilClose},
	{"Transfer-Encoding: identity", by{notFinal, notFinal, http10, http10}, untilClose},
	{"Transfer-Encoding: xchunked", by{notFinal, notFinal, http10, http10}, untilClose},
	{"Transfer-Encoding: chunked, gzip", same(notFinal), untilClose},
	{"Transfer-Encoding: chunked, chunked", same("fault chunked-repeated 0"), same("fault chunked-repeated 0")},
	{"Transfer-Encoding: chunked, gzip, chunked", same("fault chunked-repeated 0"), same("fault chunked-repeated 0")},
	{"Transfer-Encoding: ", same(malformed), same(malformed)},
	{"Transfer-Encoding: chunked;q=1", same(malformed), same(malformed)},
	{"Transfer-Encoding: \"chunked\"", same(malformed), same(malformed)},
	{"Transfer-Encoding: \x0bchunked", same(malformed), same(malformed)},

	// Step 3: both. A request is refused; a response is framed by Transfer-Encoding and is the last one.
	{"Content-Length: 5|Transfer-Encoding: chunked", same("fault coding-and-length 0"), same("chunked, last use")},
	{"Transfer-Encoding: chunked|Content-Length: 5", same("fault coding-and-length 1"), same("chunked, last use")},
	{"Transfer-Encoding: chunked|Content-Length: x", same("fault coding-and-length 1"), same("chunked, last use")},
	{"Transfer-Encoding: gzip|Content-Length: 5", same("fault coding-and-length 1"),
		by{unknown, "until close, coded, last use", unknown, "until close, coded, last use"}},
	{"Transfer-Encoding: |Content-Length: 5", same(malformed), same(malformed)},
}

const (
	unknown   = "fault unknown-coding 0"
	notFinal  = "fault chunked-not-final 0"
	http10    = "fault coding-in-http10 0"
	malformed = "fault transfer-encoding 0"
)

var untilClose = by{unknown, "until close, coded", unknown, "until close, coded, last use"}

// Steps 1 and 2: what a response is whatever its fields say, by method and status. "" means that the
// fields decide.
var bodiless = []struct {
	method string
	status []int
	want   string
}{
	{"GET", []int{100, 101, 102, 103, 199, 204, 304}, "none"},
	{"GET", []int{200, 201, 203, 205, 206, 299, 300, 301, 303, 305, 400, 404, 417, 426, 500, 599, 600, 999, 99, 0}, ""},
	{"HEAD", []int{100, 101, 199, 200, 204, 206, 301, 304, 404, 500, 999}, "none"},
	{"CONNECT", []int{200, 201, 204, 205, 206, 299}, "tunnel"},
	{"CONNECT", []int{100, 103, 304}, "none"},
	{"CONNECT", []int{300, 400, 407, 502, 999}, ""},
}

func framingText(f body.Framing, fault headers.Fault) string {
	if fault.Rule != 0 {
		return fmt.Sprintf("fault %s %d", fault.Rule.Name(), fault.Line)
	}
	text := map[body.Mode]string{
		body.NoBody: "none", body.LengthDelimited: fmt.Sprint("length ", f.Length), body.Chunked: "chunked",
		body.CloseDelimited: "until close", body.Tunnel: "tunnel",
	}[f.Mode]
	if f.Coded {
		text += ", coded"
	}
	if f.LastUse {
		text += ", last use"
	}
	if f.Length != 0 && f.Mode != body.LengthDelimited {
		text += ", and yet a length"
	}
	return text
}

// each calls f for each kind of recipient with the framing that is wanted.
func (b by) each(f func(v wire.Version, codings bool, want string)) {
	f(wire.HTTP11, false, b.v11)
	f(wire.HTTP11, true, b.v11Codings)
	f(19, false, b.v11) // HTTP/1.9 is treated as HTTP/1.1
	f(wire.HTTP10, false, b.v10)
	f(wire.HTTP10, true, b.v10Codings)
}

func TestRequestFraming(t *testing.T) {
	for _, c := range framings {
		ctl := section(strings.Split(c.fields, "|")...).Control()
		c.request.each(func(v wire.Version, codings bool, want string) {
			if got := framingText(body.RequestFraming(&ctl, v, codings)); got != want {
				t.Errorf("%v request with %q, codings %v: %s; want %s", v, c.fields, codings, got, want)
			}
		})
	}
}

func TestResponseFraming(t *testing.T) {
	for _, b := range bodiless {
		req := body.Request{Head: b.method == "HEAD", Connect: b.method == "CONNECT"}
		for _, status := range b.status {
			for _, c := range framings {
				ctl := section(strings.Split(c.fields, "|")...).Control()
				c.response.each(func(v wire.Version, codings bool, want string) {
					if b.want != "" {
						want = b.want
					}
					if b.want == "none" && v == wire.HTTP10 && strings.Contains(c.fields, "Transfer-Encoding") {
						want = "none, last use" // section 6.1: closed behind any HTTP/1.0 message with the field
					}
					got := framingText(body.ResponseFraming(req, status, &ctl, v, codings))
					if got != want {
						t.Errorf("%v %d to %s with %q, codings %v: %s; want %s", v, status, b.method, c.fields, codings, got, want)
					}
				})
			}
		}
	}
}

func TestModeString(t *testing.T) {
	got := fmt.Sprint(body.NoBody, ", ", body.LengthDelimited, ", ", body.Chunked, ", ", body.CloseDelimited, ", ", body.Tunnel)
	if want := "no body, length-delimited, chunked, close-delimited, tunnel"; got != want {
		t.Errorf("%s; want %s", got, want)
	}
}
