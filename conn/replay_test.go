package conn_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/conn"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// message is one message, as the case table has it, as it is sent and as it was heard.
type message struct {
	Method, Target string
	Form           wire.TargetForm
	Host           string // what the request is routed by
	Status         int
	Reason         string
	Version        wire.Version // 0 in tables: HTTP/1.1
	Fields         string       // lines "Name: value"
	Mode           body.Mode
	Chunks         []chunk // the content; one chunk without extensions where it is not chunked
	Trailers       string  // as Fields
	Admitted       wire.Lenient
	Partial        bool // its end was not heard
}

type chunk struct{ Ext, Content string }

// parseFields makes fields of lines "Name: value".
func parseFields(lines string) *headers.Fields {
	f := new(headers.Fields)
	for line := range strings.Lines(lines) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		f.Add(name, value)
	}
	return f
}

// fieldLines is the reverse of parseFields.
func fieldLines(f *headers.Fields) string {
	var lines []string
	for name, value := range f.All() {
		lines = append(lines, string(name)+": "+string(value))
	}
	return strings.Join(lines, "\n")
}

// heard is all that a Conn was told by Next, in copies that do not depend on how data was split.
type heard struct {
	Messages []message
	Ends     string // the kind of the last event, or the text of the error
}

func (h *heard) note(ev conn.Event) {
	switch ev.Kind {
	case conn.RequestHead, conn.InterimHead, conn.ResponseHead:
		h.Messages = append(h.Messages, message{
			Method: string(ev.Head.Method), Target: string(ev.Head.Target), Form: ev.Head.Form, Host: string(ev.Head.Host),
			Status: ev.Head.Status, Reason: string(ev.Head.Reason), Version: ev.Head.Version,
			Fields: fieldLines(&ev.Head.Fields), Mode: ev.Head.Framing.Mode, Admitted: ev.Head.Admitted,
			Partial: ev.Kind != conn.InterimHead && ev.Head.Framing.Mode != body.Tunnel,
		})
		return
	case conn.NeedData, conn.Paused, conn.Closed:
		h.Ends = ev.Kind.String()
		return
	}
	m := &h.Messages[len(h.Messages)-1]
	switch ev.Kind {
	case conn.Chunk:
		if ev.Size > 0 || len(ev.Ext) > 0 { // a last-chunk that says nothing is left out
			m.Chunks = append(m.Chunks, chunk{Ext: string(ev.Ext)})
		}
	case conn.Content:
		if len(m.Chunks) == 0 {
			m.Chunks = []chunk{{}}
		}
		m.Chunks[len(m.Chunks)-1].Content += string(ev.Content)
	case conn.End:
		m.Partial = false
		if ev.Trailers != nil {
			m.Trailers = fieldLines(ev.Trailers)
		}
	}
}

// listener shows a Conn what arrives, as a driver does, and takes down what it tells. Every octet that
// was shown once is overwritten when Next is called again, so that a view which outlives its event, or
// a Conn that keeps one, is seen.
type listener struct {
	t     testing.TB
	c     *conn.Conn
	data  []byte
	heard heard
	err   error
	size  int64 // what is left of the chunk that was begun
}

const scribble = 0xA5

// show shows data with segment behind it, until no more can be told of that.
func (l *listener) show(segment string, eof bool) {
	l.t.Helper()
	l.move(0, segment)
	for calls := 0; ; calls++ {
		if calls > 4*len(l.data)+len(segment)*4+16 {
			l.t.Fatalf("%d calls of Next and no end; data %q", calls, l.data)
		}
		if !l.next(eof) {
			return
		}
	}
}

// next calls Next once and reports whether there may be more to hear of the same data.
func (l *listener) next(eof bool) bool {
	l.t.Helper()
	before := bytes.Clone(l.data)
	n, ev, err := l.c.Next(l.data, eof)
	if !bytes.Equal(before, l.data) {
		l.t.Fatalf("Next wrote to data: %q became %q", before, l.data)
	}
	if err != nil {
		l.err, l.heard.Ends = err, err.Error()
		if n != 0 || ev.Kind != conn.NeedData || ev.Head != nil || ev.Content != nil || ev.Trailers != nil {
			l.t.Fatalf("error with %d octets and event %v", n, ev.Kind)
		}
		if _, _, again := l.c.Next(l.data, eof); again != err || l.c.Err() != err {
			l.t.Fatalf("error %v, then %v, Err %v", err, again, l.c.Err())
		}
		return false
	}
	l.heard.note(ev)
	l.checkSize(ev)
	if ev.Kind == conn.NeedData && eof {
		l.t.Fatalf("needs data behind the end; data %q", l.data)
	}
	l.move(n, "")
	return ev.Kind != conn.NeedData && ev.Kind != conn.Paused && ev.Kind != conn.Closed
}

// checkSize holds the content that comes against the size that was told of its chunk.
func (l *listener) checkSize(ev conn.Event) {
	l.t.Helper()
	switch last := l.heard.Messages; {
	case ev.Kind == conn.Content && last[len(last)-1].Mode == body.Chunked:
		l.size -= int64(len(ev.Content))
	case ev.Kind == conn.Chunk && l.size == 0:
		l.size = ev.Size
		return
	}
	if l.size < 0 || l.size > 0 && (ev.Kind == conn.Chunk || ev.Kind == conn.End) {
		l.t.Fatalf("%v with %d octets of the chunk before to come", ev.Kind, l.size)
	}
}

// move consumes n octets of data and takes the rest to other memory.
func (l *listener) move(n int, more string) {
	old := l.data
	l.data = append(bytes.Clone(old[n:]), more...)
	for i := range old {
		old[i] = scribble
	}
}

// hear shows c the segments, and the end behind them if eof is set, and returns what it told.
func hear(t testing.TB, c *conn.Conn, eof bool, segments ...string) *listener {
	t.Helper()
	l := &listener{t: t, c: c}
	for i, s := range segments {
		l.show(s, eof && i == len(segments)-1)
		if l.err != nil {
			break
		}
	}
	return l
}

// splits returns octets cut in every way that replays use: whole, in two at every place, and octet by
// octet.
func splits(octets string) [][]string {
	all := [][]string{{octets}}
	for i := 1; i < len(octets); i++ {
		all = append(all, []string{octets[:i], octets[i:]})
	}
	return append(all, octetwise(octets))
}

func octetwise(octets string) []string {
	single := make([]string, len(octets))
	for i := range len(octets) {
		single[i] = octets[i : i+1]
	}
	return single
}
