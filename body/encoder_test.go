package body_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/wire"
)

// step is one call of an Encoder.
type step func(e *body.Encoder, dst []byte) ([]byte, error)

func content(s string) step {
	return func(e *body.Encoder, dst []byte) ([]byte, error) { return e.AppendContent(dst, []byte(s)) }
}

func chunk(s, ext string) step {
	return func(e *body.Encoder, dst []byte) ([]byte, error) { return e.AppendChunk(dst, []byte(s), ext) }
}

func prefix(n int64) step {
	return func(e *body.Encoder, dst []byte) ([]byte, error) { return e.AppendPrefix(dst, n) }
}

// past stands for content that goes on the wire by another way.
func past(s string) step {
	return func(e *body.Encoder, dst []byte) ([]byte, error) {
		if err := e.Skip(int64(len(s))); err != nil {
			return dst, err
		}
		return append(dst, s...), nil
	}
}

func skip(n int64) step {
	return func(e *body.Encoder, dst []byte) ([]byte, error) { return dst, e.Skip(n) }
}

func suffix(e *body.Encoder, dst []byte) ([]byte, error) { return e.AppendSuffix(dst) }

func end(trailers ...string) step {
	return func(e *body.Encoder, dst []byte) ([]byte, error) { return e.AppendEnd(dst, section(trailers...)) }
}

func coded(s string) step {
	return func(e *body.Encoder, dst []byte) ([]byte, error) { return e.AppendCoded(dst, []byte(s)) }
}

// encode runs steps that must succeed.
func encode(t *testing.T, f body.Framing, steps ...step) (*body.Encoder, []byte) {
	t.Helper()
	e, dst := new(body.Encoder), []byte(nil)
	e.Start(f)
	for i, s := range steps {
		var err error
		if dst, err = s(e, dst); err != nil {
			t.Fatalf("%v, step %d behind %q: %v", f.Mode, i, dst, err)
		}
	}
	return e, dst
}

func TestEncoder(t *testing.T) {
	for _, c := range []struct {
		framing body.Framing
		want    string
		steps   []step
	}{
		{body.Framing{}, "", []step{content(""), end()}},
		{body.Framing{Mode: body.Tunnel}, "", []step{end()}},
		{length(0), "", []step{content(""), prefix(0), past(""), suffix, end()}},
		{length(5), "hello", []step{content("hello"), end()}},
		{length(5), "hello", []step{content("hel"), content(""), content("lo"), end()}},
		{length(5), "hello", []step{prefix(3), past("he"), past("l"), suffix, content("l"), prefix(1), past("o"), suffix, end()}},
		{closeDelimit, "hello", []step{content("hel"), content(""), prefix(2), past("lo"), suffix, end()}},

		{chunked, "0\r\n\r\n", []step{end()}},
		// Empty content is no chunk: it would be the last one.
		{chunked, "0\r\n\r\n", []step{content(""), chunk("", ""), prefix(0), suffix, skip(0), end()}},
		{chunked, "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", []step{content("hel"), content(""), content("lo"), end()}},
		{chunked, "1a\r\n" + strings.Repeat("x", 26) + "\r\n0\r\n\r\n", []step{content(strings.Repeat("x", 26)), end()}},
		{chunked, "3;a=\"b c\";d\r\nhel\r\n0\r\n\r\n", []step{chunk("hel", `;a="b c";d`), end()}},
		// Prefix, content past the Encoder, suffix: the same octets.
		{chunked, "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", []step{prefix(3), past("he"), past(""), past("l"), suffix, suffix, content("lo"), end()}},
		{chunked, "0\r\nA: b\r\nC: \r\n\r\n", []step{end("A: b", "C: ")}},
	} {
		_, got := encode(t, c.framing, c.steps...)
		if string(got) != c.want {
			t.Errorf("%v: %q; want %q", c.framing.Mode, got, c.want)
		}
		e, _ := encode(t, c.framing, c.steps[:len(c.steps)-1]...)
		if got, err := e.AppendEnd([]byte("x"), nil); err != nil || string(got[:1]) != "x" {
			t.Errorf("%v: without trailers: %q, %v", c.framing.Mode, got, err)
		}
	}
}

// What is refused appends nothing, and leaves the Encoder and the octets beyond dst as they were.
func TestEncoderRefuses(t *testing.T) {
	none := body.Framing{}
	for _, c := range []struct {
		framing body.Framing
		before  []step
		call    step
		rule    wire.Rule
		at      int64
	}{
		{none, nil, content("x"), wire.RuleContentForbidden, 0},
		{none, nil, prefix(1), wire.RuleContentForbidden, 0},
		{none, nil, skip(1), wire.RuleContentForbidden, 0},
		{body.Framing{Mode: body.Tunnel}, nil, content("x"), wire.RuleContentForbidden, 0},
		{none, []step{end()}, end(), wire.RuleContentForbidden, 0},
		{length(0), nil, content("x"), wire.RuleContentExcess, 0},
		{length(5), nil, content("hello!"), wire.RuleContentExcess, 5},
		{length(5), []step{content("hel")}, content("lo!"), wire.RuleContentExcess, 2},
		{length(5), []step{content("hel")}, prefix(3), wire.RuleContentExcess, 2},
		{length(5), []step{prefix(2)}, skip(6), wire.RuleContentExcess, 5},
		{length(5), []step{content("hello"), end()}, content("x"), wire.RuleContentForbidden, 0},
		{length(5), []step{content("hello"), end()}, content(""), wire.RuleContentForbidden, 0},
		{length(5), nil, skip(-1), wire.RuleContentUnframed, 0},
		{length(5), nil, prefix(-1), wire.RuleContentShort, 0},
		{length(5), nil, end(), wire.RuleContentShort, 0},
		{length(5), []step{content("hell")}, end(), wire.RuleContentShort, 4},
		{length(5), []step{content("hello")}, end("A: b"), wire.RuleTrailerUnframed, 0},
		{closeDelimit, nil, end("A: b"), wire.RuleTrailerUnframed, 0},
		{none, nil, end("A: b"), wire.RuleTrailerUnframed, 0},
		{length(5), nil, chunk("hello", ";a"), wire.RuleChunkExt, 0},
		{closeDelimit, nil, chunk("hello", ";a"), wire.RuleChunkExt, 0},

		{chunked, nil, chunk("", ";a"), wire.RuleChunkExt, 0},
		{chunked, nil, chunk("x", "a"), wire.RuleChunkExt, 1},
		{chunked, nil, chunk("x", ";a\r\n"), wire.RuleChunkExt, 3},
		{chunked, nil, chunk("x", ";a\r\nx\r\n0\r\n\r\n"), wire.RuleChunkExt, 3},
		{chunked, nil, skip(1), wire.RuleContentUnframed, 0},
		{chunked, nil, prefix(-1), wire.RuleContentShort, 0},
		{chunked, []step{prefix(3)}, skip(4), wire.RuleContentExcess, 3},
		{chunked, []step{prefix(3), past("he")}, skip(2), wire.RuleContentExcess, 1},
		{chunked, []step{prefix(3), past("he")}, suffix, wire.RuleContentShort, 2},
		{chunked, []step{prefix(3), past("he")}, content("l"), wire.RuleContentShort, 2},
		{chunked, []step{prefix(3), past("he")}, prefix(1), wire.RuleContentShort, 2},
		{chunked, []step{prefix(3), past("he")}, end(), wire.RuleContentShort, 2},
		{chunked, []step{prefix(3), past("hel")}, end(), wire.RuleContentShort, 3}, // its line end is missing
		{chunked, []step{end()}, content("x"), wire.RuleContentForbidden, 0},
		{chunked, []step{end()}, prefix(1), wire.RuleContentForbidden, 0},
		{chunked, []step{end()}, end(), wire.RuleContentForbidden, 0},

		// Trailers: of several, the first that is refused, with where it would stand.
		{chunked, nil, end("A: b", "Content-Length: 5"), wire.RuleTrailerField, 6},
		{chunked, nil, end("A: b", "C: d\r\nE: f"), wire.RuleBareCR, 4},
		{chunked, nil, end("A: b\nC: d"), wire.RuleBareLF, 4},
		{chunked, nil, end("A: b\x00"), wire.RuleNUL, 4},
		{chunked, nil, end("A: b\x1b"), wire.RuleFieldValue, 4},
		{chunked, nil, end("A\r\n: b"), wire.RuleFieldName, 1},
		{chunked, nil, end("A: b "), wire.RuleEdgeSpace, 4},
	} {
		e, before := encode(t, c.framing, c.before...)
		state := *e
		memory := bytes.Repeat([]byte{'#'}, 128)
		copy(memory, before)
		want := bytes.Clone(memory)
		got, err := c.call(e, memory[:len(before)])
		var se *wire.SyntaxError
		if !errors.As(err, &se) || se.Rule != c.rule || se.Offset != c.at || !se.Sent {
			t.Errorf("%v behind %q: %v; want one by %q at %d", c.framing.Mode, before, err, c.rule.Name(), c.at)
		}
		if len(got) != len(before) || !bytes.Equal(memory, want) || *e != state {
			t.Errorf("%v behind %q: %v: changed: %q", c.framing.Mode, before, err, memory)
		}
	}
}

// A 205 is framed like others and has no content: RFC 9110 section 15.3.6.
func TestEncoderEmpty(t *testing.T) {
	for _, f := range []body.Framing{length(0), chunked, closeDelimit} {
		e := new(body.Encoder)
		e.StartEmpty(f)
		want := wire.RuleContentForbidden
		if f.Mode == body.LengthDelimited {
			want = wire.RuleContentExcess
		}
		state := *e
		for name, call := range map[string]step{"content": content("x"), "prefix": prefix(1)} {
			if out, err := call(e, nil); !errors.Is(err, want) || len(out) > 0 || *e != state {
				t.Errorf("%v: %s: %q, %v; want %q", f.Mode, name, out, err, want.Name())
			}
		}
		wanted := ""
		if f.Mode == body.Chunked {
			wanted = "0\r\n\r\n"
		}
		out, err := content("")(e, nil)
		if err == nil {
			out, err = end()(e, out)
		}
		if string(out) != wanted || err != nil {
			t.Errorf("%v: %q, %v; want %q", f.Mode, out, err, wanted)
		}
	}
	for octets, ok := range map[string]bool{"1\r\nx\r\n0\r\n\r\n": false, "0\r\n\r\n": true} {
		e := new(body.Encoder)
		e.StartEmpty(chunked)
		if out, err := e.AppendCoded(nil, []byte(octets)); (err == nil) != ok || ok != (len(out) > 0) ||
			!ok && !errors.Is(err, wire.RuleContentForbidden) {
			t.Errorf("coded %q: %q, %v", octets, out, err)
		}
	}
}

// Fields that a recipient needs before the content: RFC 9110 section 6.5.1.
func TestAllowedInTrailer(t *testing.T) {
	for _, name := range []string{
		"Content-Length", "transfer-encoding", "HOST", "Connection", "TE", "Trailer", "Upgrade", "Expect", "Range", "If-Match",
		"Cache-Control", "Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie", "WWW-Authenticate", "Age", "Date",
		"Location", "Vary", "Content-Encoding", "Content-Type", "Content-Range", "Max-Forwards",
	} {
		_, err := encode1(chunked, end(name+": x"))
		if body.AllowedInTrailer(name) || body.AllowedInTrailer([]byte(name)) || !errors.Is(err, wire.RuleTrailerField) {
			t.Errorf("%s in a trailer section: %v", name, err)
		}
	}
	for _, name := range []string{"ETag", "Server-Timing", "Content-MD5", "X-Checksum", "Digest", "Content-Lengthy", "Hos"} {
		if _, err := encode1(chunked, end(name+": x")); !body.AllowedInTrailer(name) || err != nil {
			t.Errorf("%s in a trailer section: %v", name, err)
		}
	}
}

func encode1(f body.Framing, s step) ([]byte, error) {
	e := new(body.Encoder)
	e.Start(f)
	return s(e, nil)
}

func TestEncoderRemain(t *testing.T) {
	for _, c := range []struct {
		framing body.Framing
		steps   []step
		want    int64
	}{
		{length(5), nil, 5}, {length(5), []step{content("he")}, 3}, {length(5), []step{prefix(3), past("he")}, 3},
		{chunked, nil, 0}, {chunked, []step{content("x")}, 0}, {chunked, []step{prefix(3)}, 3},
		{chunked, []step{prefix(3), past("he")}, 1}, {closeDelimit, []step{content("x")}, 0}, {body.Framing{}, nil, 0},
	} {
		if e, dst := encode(t, c.framing, c.steps...); e.Remain() != c.want {
			t.Errorf("%v behind %q: %d; want %d", c.framing.Mode, dst, e.Remain(), c.want)
		}
	}
}

// What an Encoder writes a Decoder reads back, however it is cut.
func TestRoundTrip(t *testing.T) {
	pieces := []string{"", "a", "\r\n", "0\r\n\r\n", strings.Repeat("0123456789abcdef", 5), "\x00\xff"}
	all := strings.Join(pieces, "")
	for _, f := range []body.Framing{length(int64(len(all))), chunked, closeDelimit} {
		steps := make([]step, 0, 10)
		for i, p := range pieces {
			if i%2 == 0 {
				steps = append(steps, content(p))
			} else {
				steps = append(steps, prefix(int64(len(p))), past(p), suffix)
			}
		}
		var trailers []string
		if f == chunked {
			trailers = []string{"A: b", "c: "}
		}
		steps = append(steps, end(trailers...))
		_, wire := encode(t, f, steps...)
		got := replay(t, stream{framing: f, in: string(wire), eof: true})
		if strings.Join(got.of("content"), "") != all || !slices.Equal(got.of("trailer"), trailers) || got.Used != len(wire) {
			t.Errorf("%v: %q read back: %v", f.Mode, wire, got)
		}
	}
}
