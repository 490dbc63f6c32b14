package body_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/wire"
)

const codedBody = "3;a=\"b\"\r\nhel\r\n2\r\nlo\r\n0\r\nA: b\r\n\r\n"

// Content that its sender has put into the chunked coding goes out as it is, however it is cut.
func TestAppendCoded(t *testing.T) {
	for first := range len(codedBody) + 1 {
		for second := first; second <= len(codedBody); second++ {
			_, got := encode(t, chunked, coded(codedBody[:first]), coded(codedBody[first:second]), coded(codedBody[second:]), end())
			if string(got) != codedBody {
				t.Fatalf("cut at %d and %d: %q", first, second, got)
			}
		}
		if first == len(codedBody) {
			break
		}
		// It cannot be ended before its own end.
		e, _ := encode(t, chunked, coded(codedBody[:first]))
		if got, err := e.AppendEnd(nil, nil); !errors.Is(err, wire.RuleContentShort) || got != nil {
			t.Errorf("%q: ended: %q, %v", codedBody[:first], got, err)
		}
	}
	var steps []step
	for i := range len(codedBody) {
		steps = append(steps, coded(codedBody[i:i+1]))
	}
	if _, got := encode(t, chunked, append(steps, end())...); string(got) != codedBody {
		t.Errorf("octet by octet: %q", got)
	}
	if _, got := encode(t, chunked, content("hello"), coded("0\r\n\r\n"), end()); string(got) != "5\r\nhello\r\n0\r\n\r\n" {
		t.Errorf("behind a chunk: %q", got)
	}
}

func TestAppendCodedRefuses(t *testing.T) {
	for _, c := range []struct {
		framing body.Framing
		before  []step
		call    step
		rule    wire.Rule
	}{
		{length(5), nil, coded("0\r\n\r\n"), wire.RuleContentUnframed},
		{body.Framing{}, nil, coded("0\r\n\r\n"), wire.RuleContentUnframed},
		{chunked, []step{end()}, coded("0\r\n\r\n"), wire.RuleContentUnframed},
		{chunked, []step{prefix(1)}, coded("0\r\n\r\n"), wire.RuleContentUnframed},
		{chunked, nil, coded("x"), wire.RuleChunkSize},
		{chunked, nil, coded("2\nhi"), wire.RuleChunkBareLF},
		{chunked, []step{coded("2\r\nhi")}, coded("XX"), wire.RuleChunkEnd},
		{chunked, nil, coded("0\r\n\r\nGET / HTTP/1.1\r\n"), wire.RuleContentExcess},
		{chunked, []step{coded("0\r\n\r\n")}, coded("x"), wire.RuleContentExcess},
		{chunked, nil, coded("0\r\nContent-Length: 5\r\n\r\n"), wire.RuleTrailerField},
		{chunked, []step{coded("2\r\nhi\r\n")}, content("x"), wire.RuleContentForbidden},
		{chunked, []step{coded("2\r\nhi\r\n")}, prefix(1), wire.RuleContentForbidden},
		{chunked, []step{coded("0\r\n\r\n")}, end("A: b"), wire.RuleTrailerUnframed},
	} {
		e, before := encode(t, c.framing, c.before...)
		memory := append(bytes.Clone(before), "##########################################"...)
		want := bytes.Clone(memory)
		got, err := c.call(e, memory[:len(before)])
		var se *wire.SyntaxError
		if !errors.As(err, &se) || se.Rule != c.rule || !se.Sent || len(got) != len(before) || !bytes.Equal(memory, want) {
			t.Errorf("%v behind %q: %q, %v; want one by %q", c.framing.Mode, before, got, err, c.rule.Name())
		}
	}
}

// Octets that were refused are missing on the wire: what would complete them must not be taken.
func TestAppendCodedErrorStays(t *testing.T) {
	e, _ := encode(t, chunked)
	if _, err := e.AppendCoded(nil, []byte("5\r\nhelloXX")); !errors.Is(err, wire.RuleChunkEnd) {
		t.Fatal(err)
	}
	if got, err := e.AppendCoded(nil, []byte("\r\n0\r\n\r\n")); !errors.Is(err, wire.RuleChunkEnd) || got != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := e.AppendEnd(nil, nil); !errors.Is(err, wire.RuleChunkEnd) || got != nil {
		t.Errorf("%q, %v", got, err)
	}
	e.Start(chunked)
	if got, err := e.AppendCoded(nil, []byte("0\r\n\r\n")); err != nil || string(got) != "0\r\n\r\n" {
		t.Errorf("the next message: %q, %v", got, err)
	}
}
