package wire_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/strata-http/strata/wire"
)

// refuses checks that an Append function breaks off with the rule at that offset, says that it was about
// sending, and leaves dst as it was, with the octets beyond its length.
func refuses(t *testing.T, rule wire.Rule, at int64, appendTo func(dst []byte) ([]byte, error)) {
	t.Helper()
	memory := bytes.Repeat([]byte{'#'}, 256)
	dst := memory[:10]
	got, err := appendTo(dst)
	var e *wire.SyntaxError
	if !errors.As(err, &e) || e.Rule != rule || e.Offset != at || !e.Sent {
		t.Errorf("error %v; want one by %q at %d", err, rule.Name(), at)
	}
	if len(got) != len(dst) || &got[0] != &dst[0] {
		t.Errorf("%v: dst is not as it was: %q", err, got)
	}
	if i := bytes.IndexFunc(memory, func(r rune) bool { return r != '#' }); i >= 0 {
		t.Errorf("%v: memory was written to at %d: %q", err, i, memory)
	}
}

// injections are octets that break out of an element, or are read differently by different recipients.
var injections = []string{
	"\r\n", "\n", "\r", "\x00", "\x01", "\x08", "\v", "\f", "\x1b", "\x1f", "\x7f",
	"\r\nSet-Cookie: a=b", "\r\n\r\nGET /x HTTP/1.1\r\n\r\n", "\r\n folded", "\n\n",
}

// around puts an injection everywhere in an ordinary text.
func around(injection string) []string {
	const text = "abcdefghijklmnopqrstu"
	all := []string{injection}
	for i := range len(text) + 1 {
		all = append(all, text[:i]+injection+text[i:])
	}
	return all
}
