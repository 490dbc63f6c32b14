package driver

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// errTooLong is the error for a source that goes on behind its Content-Length.
var errTooLong = &wire.SyntaxError{Rule: wire.RuleContentExcess, Element: wire.ElementContent, Offset: -1}

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
			return out, err
		}
	}
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
	if err := l.Conn.Sent(int64(len(s))); err != nil {
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

// run sends the body: content, then its end.
func (h *helper) run() error {
	var err error
	switch h.source.Kind() {
	case body.KindBytes:
		b, _ := h.source.Octets()
		err = h.sendBytes(b)
	case body.KindString:
		_, s := h.source.Octets()
		err = h.sendString(s)
	case body.KindSeq:
		err = h.sendSeq()
	case body.KindFile:
		err = h.sendFile()
	case body.KindReader:
		err = h.sendReader(sourceReader{r: h.source.Reader(), remain: -1})
	}
	if err != nil || h.open {
		return err
	}
	var trailers *headers.Fields
	if f := h.source.Trailers(); f != nil {
		if !h.enter() {
			return ErrStopped
		}
		trailers = f()
		if !h.leave() {
			return ErrStopped
		}
	}
	h.l.mu.Lock()
	h.out, err = h.l.Conn.AppendEnd(h.out[:0], trailers)
	h.l.mu.Unlock()
	if err != nil {
		return err
	}
	return h.write(h.out)
}

// enter is called before the source runs; false means that sending was given up.
func (h *helper) enter() bool {
	h.inSource.Store(true)
	if h.stop.Load() {
		h.inSource.Store(false)
		return false
	}
	return true
}

// leave is called behind it. When sending was given up meanwhile, nobody waits for this goroutine, and
// it must touch nothing any more.
func (h *helper) leave() bool {
	h.inSource.Store(false)
	return !h.stop.Load()
}

// write writes octets to the peer.
func (h *helper) write(b []byte) error {
	if len(b) == 0 {
		return nil
	}
	if err := h.arm(); err != nil {
		return err
	}
	_, err := h.nc.Write(b)
	return h.writeFailed(err)
}

// arm sets the deadline of the next write.
func (h *helper) arm() error {
	if t := h.limit(h.times); !t.IsZero() {
		h.nc.SetWriteDeadline(t)
	}
	if h.stop.Load() {
		return ErrStopped
	}
	return h.canceled()
}

func (h *helper) writeFailed(err error) error {
	if err == nil {
		return nil
	}
	if h.stop.Load() {
		return ErrStopped
	}
	return &writeError{h.explain(err, PhaseWrite)}
}

// content sends one run of content: framing and content in one write where they are small or the
// connection can gather.
func (h *helper) content(b []byte) error {
	if h.source.IsCoded() {
		return h.coded(b)
	}
	h.l.mu.Lock()
	out, err := h.l.Conn.AppendPrefix(h.out[:0], int64(len(b)))
	mid := len(out)
	if err == nil {
		if err = h.l.Conn.Sent(int64(len(b))); err == nil {
			out, err = h.l.Conn.AppendSuffix(out)
		}
	}
	h.l.mu.Unlock()
	h.out = out
	if err != nil {
		return err
	}
	if len(out) == 0 {
		return h.write(b)
	}
	if len(out)+len(b) <= cap(out) {
		// Small content is moved between its framing: one write, and one TLS record, instead of three.
		suffix := [2]byte(out[mid:]) // CRLF
		out = append(append(out[:mid], b...), suffix[:]...)
		return h.write(out)
	}
	if err := h.arm(); err != nil {
		return err
	}
	parts := net.Buffers{out[:mid:mid], b, out[mid:]}
	_, err = parts.WriteTo(h.nc)
	return h.writeFailed(err)
}

// coded sends content that the source has coded.
func (h *helper) coded(b []byte) (err error) {
	h.l.mu.Lock()
	h.out, err = h.l.Conn.AppendCoded(h.out[:0], b)
	h.l.mu.Unlock()
	if err != nil {
		return err
	}
	return h.write(h.out)
}

// segment is how much of content in memory goes out under one deadline, so that a limit on a write
// means a limit without progress.
const segment = 256 << 10

func (h *helper) sendBytes(b []byte) error {
	for len(b) > 0 {
		n := min(len(b), segment)
		if err := h.content(b[:n]); err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

func (h *helper) sendString(s string) error {
	block := getBuffer()
	defer putBuffer(block)
	for len(s) > 0 {
		n := copy(block, s)
		if err := h.content(block[:n]); err != nil {
			return err
		}
		s = s[n:]
	}
	return nil
}

func (h *helper) sendSeq() (err error) {
	if !h.enter() {
		return ErrStopped
	}
	for b, failed := range h.source.Seq() {
		if !h.leave() {
			return ErrStopped
		}
		if failed != nil {
			return failed
		}
		if len(b) > 0 {
			if err := h.content(b); err != nil {
				return err
			}
		}
		if !h.enter() {
			return ErrStopped
		}
	}
	if !h.leave() {
		return ErrStopped
	}
	return nil
}

func (h *helper) sendReader(r sourceReader) error {
	h.l.mu.Lock()
	if n := h.l.Conn.Remain(); n > 0 && r.remain < 0 {
		r.remain = n
	}
	h.l.mu.Unlock()
	block := make([]byte, h.block)
	for {
		if !h.enter() {
			return ErrStopped
		}
		n, err := r.next(block)
		if !h.leave() {
			return ErrStopped
		}
		if n > 0 {
			if err := h.content(block[:n]); err != nil {
				return err
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// kernelRun is how much of a file the kernel is asked to send under one deadline.
const kernelRun = 4 << 20

// sendFile sends a file, by the kernel where that is possible: a plain socket takes an *os.File so.
func (h *helper) sendFile() error {
	h.l.mu.Lock()
	remain := h.l.Conn.Remain()
	h.l.mu.Unlock()
	f, isFile := h.source.Reader().(*os.File)
	to, can := h.nc.(io.ReaderFrom)
	if remain == 0 || !isFile || !can {
		r := sourceReader{r: h.source.Reader(), remain: -1}
		if remain > 0 {
			r.remain, r.exact = remain, true
		}
		return h.sendReader(r)
	}
	for remain > 0 {
		if err := h.arm(); err != nil {
			return err
		}
		n, err := to.ReadFrom(io.LimitReader(f, min(remain, kernelRun)))
		h.l.mu.Lock()
		sentErr := h.l.Conn.Sent(n)
		h.l.mu.Unlock()
		if err != nil {
			return h.writeFailed(err)
		}
		if sentErr != nil {
			return sentErr
		}
		if n == 0 {
			return nil // the file shrank: the machine refuses the end
		}
		remain -= n
	}
	return nil
}
