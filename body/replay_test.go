package body_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/wire"
)

// stream is a message body to decode and how.
type stream struct {
	in      string
	eof     bool
	framing body.Framing
	limits  wire.Limits
	lenient wire.Lenient
}

var (
	chunked      = body.Framing{Mode: body.Chunked}
	closeDelimit = body.Framing{Mode: body.CloseDelimited}
)

func length(n int64) body.Framing { return body.Framing{Mode: body.LengthDelimited, Length: n} }

// outcome is what became of a body: a log with a line for each chunk head, each run of content, each field
// line of the trailer section and the end, so that it is the same however the content was cut.
type outcome struct {
	Log      []string
	Used     int // octets consumed when it was over
	Admitted wire.Lenient
	Err      wire.SyntaxError // its offset counts from the first octet of the body
	Over     bool
}

func (o outcome) String() string {
	if o.Err.Rule != 0 {
		return fmt.Sprintf("%q, error %q", o.Log, o.Err.Error())
	}
	return fmt.Sprintf("%q, used %d, over %v, admitted %v", o.Log, o.Used, o.Over, o.Admitted)
}

func (o *outcome) content(b []byte) {
	if n := len(o.Log); n > 0 && strings.HasPrefix(o.Log[n-1], "content ") {
		o.Log[n-1] += string(b)
		return
	}
	o.Log = append(o.Log, "content "+string(b))
}

// of returns what stands in the lines of the log of that kind.
func (o *outcome) of(kind string) (texts []string) {
	for _, line := range o.Log {
		if text, ok := strings.CutPrefix(line, kind+" "); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// piece logs a Piece, and reports whether it was the last.
func (o *outcome) piece(p body.Piece, d *body.Decoder) bool {
	switch p.Kind {
	case body.Chunk:
		o.Log = append(o.Log, fmt.Sprintf("chunk %d%s", p.Size, p.Ext))
	case body.Content:
		o.content(p.Data)
	case body.End:
		for name, value := range d.Trailers.All() {
			o.Log = append(o.Log, fmt.Sprintf("trailer %s: %s", name, value))
		}
		o.Log = append(o.Log, "end")
		o.Over = true
	}
	return o.Over
}

// decode shows d the body, cut at the lengths given and then whole. With skip, up to so many octets of
// content at a time go past Next, where Ahead allows it.
func decode(t *testing.T, d *body.Decoder, s stream, skip int, cuts ...int) (o outcome) {
	t.Helper()
	limits := s.limits.Resolved()
	if err := d.Start(s.framing, &limits, s.lenient); err != nil {
		return o.failed(t, err)
	}
	for _, cut := range append(cuts, len(s.in)) {
		for {
			// Other memory for every call, and the old memory scribbled over behind it.
			data := append(make([]byte, 0, cut-o.Used+8), s.in[o.Used:cut]...)
			if a := d.Ahead(); skip > 0 && a != 0 && len(data) > 0 {
				n := min(skip, len(data))
				if a > 0 {
					n = int(min(int64(n), a))
				}
				if !d.Skip(int64(n)) {
					t.Fatalf("%q: Ahead is %d, and yet Skip(%d) is refused", s.in, a, n)
				}
				o.content(data[:n])
				o.Used += n
				continue
			}
			n, p, err := d.Next(data, s.eof && cut == len(s.in))
			if string(data) != s.in[o.Used:cut] || n < 0 || n > len(data) {
				t.Fatalf("%q at %d: advance %d; data is now %q", s.in, o.Used, n, data)
			}
			if err != nil {
				return o.failed(t, err)
			}
			o.Used += n
			over := o.piece(p, d)
			for i := range data {
				data[i] = '!'
			}
			if over {
				if o.Admitted = d.Admitted(); !d.Done() {
					t.Fatalf("%q: End, and yet not Done", s.in)
				}
				if n, p, err := d.Next([]byte("more"), true); n != 0 || p.Kind != body.NeedData || err != nil {
					t.Fatalf("%q: behind the end: %d, %v, %v", s.in, n, p.Kind, err)
				}
				return o
			}
			if p.Kind == body.NeedData {
				break
			}
		}
	}
	return o
}

func (o outcome) failed(t *testing.T, err error) outcome {
	t.Helper()
	var e *wire.SyntaxError
	if !errors.As(err, &e) || e.Sent {
		t.Fatalf("error %#v", err)
	}
	o.Err = *e
	o.Err.Offset += int64(o.Used)
	o.Used = 0 // an error consumes what it likes
	return o
}

// replay decodes s whole, cut once at every place, octet by octet and with octets behind, each with and
// without content that goes past Next, and returns the one outcome of all of them.
func replay(t *testing.T, s stream) outcome {
	t.Helper()
	d := new(body.Decoder) // one for all of them, as a connection has it
	whole := decode(t, d, s, 0)
	same := func(got outcome, how string) {
		t.Helper()
		if diff := cmp.Diff(whole, got); diff != "" {
			t.Fatalf("%q %s (-whole +got):\n%s", s.in, how, diff)
		}
	}
	var all []int
	for cut := range len(s.in) {
		all = append(all, cut)
		same(decode(t, d, s, 0, cut), fmt.Sprintf("cut at %d", cut))
		same(decode(t, d, s, 1+cut, cut), fmt.Sprintf("cut at %d, skipping", cut))
	}
	same(decode(t, d, s, 0, all...), "octet by octet")
	for _, n := range []int{1, 3, 1 << 20} {
		same(decode(t, d, s, n), fmt.Sprintf("skipping %d", n))
		same(decode(t, d, s, n, all...), fmt.Sprintf("octet by octet, skipping %d", n))
	}
	byEOF := s.framing.Mode == body.CloseDelimited || whole.Admitted&wire.AllowTrailerEOF != 0
	if whole.Over && !byEOF {
		more := s
		more.in += "GET / HTTP/1.1\r\n"
		same(decode(t, d, more, 0), "with octets behind")
	}
	return whole
}
