package body_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
)

func TestSource(t *testing.T) {
	r := strings.NewReader("hello")
	seq := slices.Values([][]byte{[]byte("hel"), nil, []byte("lo")})
	for _, c := range []struct {
		name   string
		source body.Source
		kind   string
		len    int64
		octets string
		reader io.Reader
	}{
		{"zero", body.Source{}, "none", 0, "", nil},
		{"None", body.None(), "none", 0, "", nil},
		{"Bytes of nil", body.Bytes(nil), "none", 0, "", nil},
		{"Bytes of none", body.Bytes([]byte{}), "bytes", 0, "", nil},
		{"Bytes", body.Bytes([]byte("hello")), "bytes", 5, "hello", nil},
		{"String of none", body.String(""), "string", 0, "", nil},
		{"String", body.String("h\u00e9llo"), "string", 6, "h\u00e9llo", nil},
		{"File", body.File(r), "file", -1, "", r},
		{"Reader", body.Reader(r), "reader", -1, "", r},
		{"FileChunked", body.FileChunked(r), "reader", -1, "", r},
		{"SizedReader", body.SizedReader(r, 5), "reader", 5, "", r},
		{"SizedReader of none", body.SizedReader(r, 0), "reader", 0, "", r},
		{"SizedReader without size", body.SizedReader(r, -7), "reader", -1, "", r},
		{"Seq", body.Seq(seq), "iterable", -1, "", nil},
	} {
		s := c.source
		b, text := s.Octets()
		if fmt.Sprint(s.Kind()) != c.kind || s.Len() != c.len || string(b)+text != c.octets || s.Reader() != c.reader ||
			(s.Seq() != nil) != (c.kind == "iterable") || s.Trailers() != nil || s.IsCoded() {
			t.Errorf("%s: %v, length %d, octets %q, reader %v", c.name, s.Kind(), s.Len(), string(b)+text, s.Reader())
		}
		coded := s.Coded()
		if !coded.IsCoded() || coded.Kind() != s.Kind() || s.IsCoded() {
			t.Errorf("%s, coded: %v", c.name, coded.IsCoded())
		}
	}
}

func TestSourceWithTrailers(t *testing.T) {
	f := section("A: b")
	s := body.String("x")
	with := s.WithTrailers(func() *headers.Fields { return f })
	if s.Trailers() != nil || with.Trailers()() != f || with.Len() != 1 || with.Kind() != body.KindString {
		t.Errorf("%v, %v", s.Trailers() != nil, with.Kind())
	}
}

func TestSourceSeq(t *testing.T) {
	broken := errors.New("broken")
	collect := func(s body.Source, stop int) (got []string) {
		for b, err := range s.Seq() {
			got = append(got, fmt.Sprintf("%s %v", b, err))
			if len(got) == stop {
				break
			}
		}
		return got
	}
	plain := body.Seq(slices.Values([][]byte{[]byte("a"), {}, []byte("b")}))
	var failing iter.Seq2[[]byte, error] = func(yield func([]byte, error) bool) {
		_ = yield([]byte("a"), nil) && yield(nil, broken)
	}
	for _, c := range []struct {
		source body.Source
		stop   int
		want   []string
	}{
		{plain, 0, []string{"a <nil>", " <nil>", "b <nil>"}},
		{plain, 2, []string{"a <nil>", " <nil>"}},
		{body.Seq2(failing), 0, []string{"a <nil>", " broken"}},
		{body.Seq2(failing), 1, []string{"a <nil>"}},
	} {
		if diff := cmp.Diff(c.want, collect(c.source, c.stop)); diff != "" {
			t.Errorf("stop at %d (-want +got):\n%s", c.stop, diff)
		}
	}
}

// Text as ISO-8859-1, whole and from a reader that cuts it within characters.
func TestLatin1(t *testing.T) {
	long := strings.Repeat("\u00e9a\u00ff", 3000)
	for _, c := range []struct {
		in   string
		want string
		char rune
		at   int64
	}{
		{"", "", 0, 0},
		{"hello", "hello", 0, 0},
		{"\u00e9\u0080\u00ff", "\xe9\x80\xff", 0, 0},
		{long, strings.Repeat("\xe9a\xff", 3000), 0, 0},
		{"a\u0100", "", '\u0100', 1},
		{"\u00e9\u20ac", "", '\u20ac', 2},
		{"a\U0001f600b", "", '\U0001f600', 1},
		{"a\xff", "", '\ufffd', 1}, // no UTF-8
		{"a\xe2\x82", "", '\ufffd', 1},
		{long + "\u20ac", "", '\u20ac', 15000},
	} {
		want := &body.Latin1Error{Char: c.char, Offset: c.at}
		check := func(how string, got []byte, err error) {
			t.Helper()
			var e *body.Latin1Error
			if c.char != 0 && (!errors.As(err, &e) || *e != *want) || c.char == 0 && (err != nil || string(got) != c.want) {
				t.Errorf("%.20q, %s: %.20q, %v; want %.20q, %v", c.in, how, got, err, c.want, want)
			}
		}
		s, err := body.Latin1(c.in)
		got, _ := s.Octets()
		check("whole", got, err)
		if err == nil && (s.Kind() != body.KindBytes && c.in != "" || s.Len() != int64(len(c.want))) {
			t.Errorf("%.20q: %v, length %d", c.in, s.Kind(), s.Len())
		}
		for how, r := range map[string]io.Reader{
			"at once": strings.NewReader(c.in), "octet by octet": iotest.OneByteReader(strings.NewReader(c.in)),
			"EOF with the data": iotest.DataErrReader(strings.NewReader(c.in)),
		} {
			s := body.Latin1Reader(r)
			got, err := io.ReadAll(s.Reader())
			check(how, got, err)
			s = body.Latin1Reader(strings.NewReader(c.in))
			got, err = io.ReadAll(iotest.OneByteReader(s.Reader()))
			check(how+", read octet by octet", got, err)
		}
	}
	broken := errors.New("broken")
	s := body.Latin1Reader(io.MultiReader(strings.NewReader("a\u00e9"), iotest.ErrReader(broken)))
	if got, err := io.ReadAll(s.Reader()); string(got) != "a\xe9" || !errors.Is(err, broken) {
		t.Errorf("%q, %v", got, err)
	}
	if got, want := (&body.Latin1Error{Char: '\u20ac', Offset: 2}).Error(), `'\u20ac' at byte 2`; !strings.Contains(got, want) {
		t.Errorf("%q says nothing of %q", got, want)
	}
}

func TestLatin1ReaderCloses(t *testing.T) {
	closed := false
	s := body.Latin1Reader(closer{bytes.NewReader(nil), &closed})
	if err := s.Reader().(io.Closer).Close(); err != nil || !closed {
		t.Errorf("%v, closed: %v", err, closed)
	}
	s = body.Latin1Reader(strings.NewReader(""))
	if err := s.Reader().(io.Closer).Close(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("a reader that cannot be closed: %v", err)
	}
}

type closer struct {
	io.Reader
	closed *bool
}

func (c closer) Close() error {
	*c.closed = true
	return nil
}

// A source of nothing is none; one that promises octets and has no reader is too short.
func TestSourceOfNothing(t *testing.T) {
	for name, s := range map[string]body.Source{
		"bytes": body.Bytes(nil), "file": body.File(nil), "reader": body.Reader(nil), "sized": body.SizedReader(nil, 0),
		"iterable": body.Seq(nil), "iterable with errors": body.Seq2(nil),
	} {
		if s.Kind() != body.KindNone || s.Len() != 0 {
			t.Errorf("%s: %v of %d octets", name, s.Kind(), s.Len())
		}
	}
	s := body.SizedReader(nil, 3)
	if n, err := s.Reader().Read(make([]byte, 1)); s.Len() != 3 || n != 0 || err != io.EOF {
		t.Errorf("%d octets, %d read, %v", s.Len(), n, err)
	}
}
