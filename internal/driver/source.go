package driver

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/wire"
)

// errTooLong is the error for a source that goes on behind its Content-Length.
var errTooLong = &wire.SyntaxError{Rule: wire.RuleContentExcess, Element: wire.ElementContent, Offset: -1, Sent: true}

// ErrNegativeRead is the error for a reader that returned a count it must not return.
var ErrNegativeRead = errors.New("driver: reader returned an impossible count")

// Size returns the length of the content that s describes, in octets, or -1 when it is not known. A
// file is asked by seeking, from its present offset to its end.
func Size(s *body.Source) (int64, error) {
	if s.Kind() != body.KindFile {
		return s.Len(), nil
	}
	f := s.Reader().(io.Seeker)
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return -1, err
	}
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return -1, err
	}
	_, err = f.Seek(at, io.SeekStart)
	return max(end-at, 0), err
}

// fits reports whether the content goes with the head in one write and is at hand, without a wait for
// anybody.
func (l *Loop) fits(head int, s *body.Source) bool {
	const framing = 64 // a chunk head, its end, and the last-chunk
	size := s.Len()
	switch r := s.Reader().(type) {
	case nil:
		if s.Seq() != nil {
			return false
		}
	case *bytes.Reader:
		size = int64(r.Len())
	case *bytes.Buffer:
		size = int64(r.Len())
	case *strings.Reader:
		size = int64(r.Len())
	case *os.File:
		size = -1
		if s.Kind() == body.KindFile && l.Conn.Remain() > 0 {
			size = l.Conn.Remain()
		}
	default:
		return false
	}
	return size >= 0 && s.Trailers() == nil && int64(head)+size+framing <= bufferSize
}

// appendWhole appends content and end of a message that fits.
func (l *Loop) appendWhole(out []byte, m Message) ([]byte, error) {
	out, err := l.appendAll(out, m)
	if err != nil || m.Open {
		return out, err
	}
	return l.Conn.AppendEnd(out, nil)
}

func (l *Loop) appendAll(out []byte, m Message) ([]byte, error) {
	s := m.Source
	switch s.Kind() {
	case body.KindBytes:
		b, _ := s.Octets()
		return l.appendContent(out, s, b)
	case body.KindString:
		_, str := s.Octets()
		if s.IsCoded() {
			return l.Conn.AppendCoded(out, []byte(str))
		}
		return l.appendString(out, str)
	case body.KindNone:
		return out, nil
	}
	block := getBuffer()
	defer putBuffer(block)
	read := block[:m.block()]
	r := sourceReader{r: s.Reader(), remain: -1}
	if n := l.Conn.Remain(); n > 0 {
		r.remain, r.exact = n, s.Kind() == body.KindFile
	}
	for {
		n, err := r.next(read)
		if n > 0 {
			var failed error
			if out, failed = l.appendContent(out, s, read[:n]); failed != nil {
				return out, failed
			}
		}
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			return out, ofCaller(err)
		}
	}
}

// ofCaller marks an error of a source, but for the one that this package found in it.
func ofCaller(err error) error {
	if err == error(errTooLong) {
		return err
	}
	return &CallerError{err}
}

// appendContent appends content, which the source may have coded already.
func (l *Loop) appendContent(out []byte, s *body.Source, b []byte) ([]byte, error) {
	if s.IsCoded() {
		return l.Conn.AppendCoded(out, b)
	}
	return l.Conn.AppendContent(out, b)
}

// block returns the size of one read from a source.
func (m *Message) block() int {
	if m.BlockSize <= 0 || m.BlockSize > bufferSize {
		return bufferSize
	}
	return m.BlockSize
}

// appendString is AppendContent for a string, without a copy in between.
func (l *Loop) appendString(out []byte, s string) ([]byte, error) {
	out, err := l.Conn.AppendPrefix(out, int64(len(s)))
	if err != nil {
		return out, err
	}
	if err = l.Conn.Sent(int64(len(s))); err != nil {
		return out, err
	}
	return l.Conn.AppendSuffix(append(out, s...))
}

// sourceReader reads blocks of a source.
type sourceReader struct {
	r      io.Reader
	remain int64 // octets still to come to reach Content-Length; -1 when there is none
	exact  bool  // what r has beyond remain is not content: a file that has grown
	empty  int   // reads in a row that gave nothing
}

// maxEmptyReads is how often a reader may return nothing and no error before that is an error.
const maxEmptyReads = 100

// next reads one block, with io.EOF behind the last one. Where a length is promised, the last block is
// given out only when the reader has ended with it: so a source that is too long is found before the
// message looks complete to the peer.
func (s *sourceReader) next(p []byte) (n int, err error) {
	if s.exact {
		if s.remain == 0 {
			return 0, io.EOF
		}
		p = p[:min(int64(len(p)), s.remain)]
	}
	n, err = s.read(p)
	if s.remain < 0 {
		return n, err
	}
	s.remain -= int64(n)
	if s.remain != 0 || err != nil || s.exact {
		if s.remain < 0 {
			s.remain = 0 // the machine refuses the block
		}
		return n, err
	}
	if n == len(p) {
		var probe [1]byte
		extra, err := s.read(probe[:])
		if extra > 0 {
			return 0, errTooLong
		}
		return n, err
	}
	extra, err := s.read(p[n:])
	if extra > 0 {
		return 0, errTooLong
	}
	return n, err
}

// read is one Read that returned something.
func (s *sourceReader) read(p []byte) (int, error) {
	for {
		n, err := s.r.Read(p)
		if n < 0 || n > len(p) {
			return 0, ErrNegativeRead
		}
		if n > 0 || err != nil {
			s.empty = 0
			return n, err
		}
		if s.empty++; s.empty > maxEmptyReads {
			return 0, io.ErrNoProgress
		}
	}
}
