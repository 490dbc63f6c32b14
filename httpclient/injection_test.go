package httpclient_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/httpclient"
	"github.com/strata-http/strata/wire"
)

// TestInjection: what would make other messages of a request is refused, and nobody is dialled.
func TestInjection(t *testing.T) {
	w := newWorld(t, allWorlds[0])
	n := w.count()
	w.serve(answer(okHello))
	c := w.conn()
	tests := []struct {
		name, method, target string
		fields               []string
		rule                 wire.Rule
	}{
		{"CR LF in method", "GET / HTTP/1.1\r\nX:", "/", nil, wire.RuleMethod},
		{"SP in method", "GET /", "/", nil, wire.RuleMethod},
		{"empty method", "", "/", nil, wire.RuleMethod},
		{"CR LF in target", "GET", "/ HTTP/1.1\r\nX: y", nil, wire.RuleTarget},
		{"LF in target", "GET", "/\n", nil, wire.RuleTarget},
		{"SP in target", "GET", "/a b", nil, wire.RuleTarget},
		{"NUL in target", "GET", "/a\x00b", nil, wire.RuleTarget},
		{"obs-text in target", "GET", "/\xff", nil, wire.RuleTarget},
		{"CR LF in name", "GET", "/", []string{"A: b\r\nC", "d"}, wire.RuleFieldName},
		{"SP in name", "GET", "/", []string{"A ", "d"}, wire.RuleFieldName},
		{"colon in name", "GET", "/", []string{"A:", "d"}, wire.RuleFieldName},
		{"empty name", "GET", "/", []string{"", "d"}, wire.RuleFieldName},
		{"CR LF in value", "GET", "/", []string{"A", "b\r\nC: d"}, 0},
		{"CR in value", "GET", "/", []string{"A", "b\rC"}, 0},
		{"LF in value", "GET", "/", []string{"A", "b\nC"}, 0},
		{"obs-fold in value", "GET", "/", []string{"A", "b\r\n c"}, 0},
		{"NUL in value", "GET", "/", []string{"A", "b\x00"}, 0},
		{"CR LF in Host", "GET", "/", []string{"Host", "a\r\nB: c"}, 0},
		{"two Hosts", "GET", "/", []string{"Host", "a", "host", "b"}, wire.RuleHostRepeated},
		{"two lengths", "POST", "/", []string{"Content-Length", "0", "content-length", "0"}, wire.RuleContentLength},
		{"length and coding", "POST", "/", []string{"Content-Length", "0", "Transfer-Encoding", "chunked"}, wire.RuleCodingAndLength},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.Do(bounded(t), test.method, test.target, fields(test.fields...), body.None())
			wantError(t, err, httpclient.ErrHTTP)
			var syntax *wire.SyntaxError
			if !errors.As(err, &syntax) {
				t.Fatalf("%v has no *wire.SyntaxError", err)
			}
			if test.rule != 0 && syntax.Rule != test.rule {
				t.Errorf("rule %v, want %v", syntax.Rule.Name(), test.rule.Name())
			}
			if strings.ContainsAny(err.Error(), "\r\n\x00") {
				t.Errorf("control octets in the message %q", err)
			}
			if w.dials.Load() != 0 || n.octets.Load() != 0 {
				t.Error("something was dialled or written")
			}
		})
	}
	// On a connection that is open, too, and it stays fit for use.
	get(t, c)
	before := n.octets.Load()
	for _, test := range tests {
		if _, err := c.Do(context.Background(), test.method, test.target, fields(test.fields...), body.None()); err == nil {
			t.Errorf("%s was sent", test.name)
		}
	}
	if n.octets.Load() != before {
		t.Error("something was written")
	}
	get(t, c)
	if w.dials.Load() != 1 {
		t.Errorf("%d dials", w.dials.Load())
	}
}
