package httpserver_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/wire"
)

// What cannot be read as a request is answered by the status for the rule, with a text that names the rule,
// and the connection closes. No handler is called, and nothing of the request comes back unquoted.
func TestRefused(t *testing.T) {
	const evil = "<script>alert(1)</script>"
	for _, c := range []struct {
		octets string
		status int
		rule   wire.Rule
	}{
		{"GET / HTTP/1.1\n\n", 400, wire.RuleHostMissing},
		{"GET / HTTP/1.1\nHost: a\nHost: a\n\n", 400, wire.RuleHostRepeated},
		{"GET / HTTP/1.1\nHost: a b\n\n", 400, wire.RuleHostInvalid},
		{"GET  / HTTP/1.1\nHost: a\n\n", 400, wire.RuleRequestLine},
		{"G<T / HTTP/1.1\nHost: a\n\n", 400, wire.RuleMethod},
		{"GET /" + evil + "\x01 HTTP/1.1\nHost: a\n\n", 400, wire.RuleTarget},
		{"GET " + evil + " HTTP/1.1\nHost: a\n\n", 400, wire.RuleTargetForm},
		{"GET / HTTP/1.1\nHost: a\n" + evil + ": x\n\n", 400, wire.RuleFieldName},
		{"GET / HTTP/1.1\nHost : a\n\n", 400, wire.RuleSpaceBeforeColon},
		{"GET / HTTP/1.1\nHost: a\nX: a\n b\n\n", 400, wire.RuleObsFold},
		{"GET / HTTP/1.1\nHost: a\nX: " + evil + "\x00\n\n", 400, wire.RuleNUL},
		{"GET / HTTP/2.0\nHost: a\n\n", 505, wire.RuleMajorVersion},
		{"CONNECT a HTTP/1.1\nHost: a\n\n", 400, wire.RuleAuthority},
		{"POST / HTTP/1.1\nHost: a\nContent-Length: 1\nTransfer-Encoding: chunked\n\n0\n\n", 400, wire.RuleCodingAndLength},
		{"POST / HTTP/1.1\nHost: a\nContent-Length: x\n\n", 400, wire.RuleContentLength},
		{"POST / HTTP/1.1\nHost: a\nContent-Length: 1\nContent-Length: 2\n\n", 400, wire.RuleContentLengths},
		{"POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip, chunked\n\n", 501, wire.RuleUnknownCoding},
		{"POST / HTTP/1.1\nHost: a\nTransfer-Encoding: gzip\n\n", 400, wire.RuleChunkedNotFinal},
		{"POST / HTTP/1.0\nTransfer-Encoding: chunked\n\n0\n\n", 400, wire.RuleCodingInHTTP10},
		{"POST / HTTP/1.1\nHost: a\nContent-Length: 100\n\n", 413, wire.RuleLimitContent},
		{"GET /" + strings.Repeat("a", 200) + " HTTP/1.1\nHost: a\n\n", 414, wire.RuleLimitLine},
		{"GET / HTTP/1.1\nHost: a\nX: " + strings.Repeat("a", 200) + "\n\n", 431, wire.RuleLimitLine},
		{"GET / HTTP/1.1\nHost: a\n" + strings.Repeat("X: a\n", 20) + "\n", 431, wire.RuleLimitFields},
		{"GET / HTTP/1.1\nHost: a\n" + strings.Repeat("X: "+strings.Repeat("a", 90)+"\n", 6) + "\n", 431, wire.RuleLimitSection},
		{"GET / HTTP/1.1\nHo", 400, wire.RuleIncompleteHead},
	} {
		t.Run(fmt.Sprint(c.status, " ", c.rule.Name()), func(t *testing.T) {
			s := handle(func(httpserver.ResponseWriter, httpserver.Request) { t.Error("the handler was called") })
			s.Limits = wire.Limits{Line: 128, Section: 512, Fields: 16, Content: 99}
			w := serve(t, s)
			w.send(crlf(c.octets))
			got := w.rest()
			head, text, _ := strings.Cut(got, "\r\n\r\n")
			if !strings.HasPrefix(head, fmt.Sprintf("HTTP/1.1 %d ", c.status)) || !strings.Contains(head, "\r\nConnection: close") ||
				!strings.Contains(head, "\r\nContent-Type: text/plain") || !strings.Contains(text, "\n"+c.rule.Name()+": ") {
				t.Errorf("answered %q", got)
			}
			if strings.Contains(got, "script") {
				t.Errorf("the request comes back: %q", got)
			}
			if errs := w.reported(); len(errs) != 1 || !errors.Is(errs[0], c.rule) {
				t.Errorf("reported: %v", errs)
			}
		})
	}
}

// A connection on which nothing was asked ends without a word.
func TestNothingAsked(t *testing.T) {
	for _, octets := range []string{"", "\r\n"} {
		w := serve(t, handle(echo))
		w.send(octets)
		if got := w.rest(); got != "" {
			t.Errorf("%q is answered with %q", octets, got)
		}
		if errs := w.reported(); len(errs) != 0 {
			t.Errorf("%q: reported: %v", octets, errs)
		}
	}
}
