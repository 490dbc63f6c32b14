package driver

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
)

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
		if h.first != nil {
			err = h.sendEmpty()
			break
		}
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
	return h.progress(func() (int64, bool, error) {
		n, err := h.nc.Write(b)
		if b = b[n:]; err == nil && len(b) > 0 {
			err = io.ErrShortWrite
		}
		return int64(n), len(b) == 0, err
	}, len(b) == 0)
}

// progress repeats a write until it is done, each time under a new deadline, so that a limit on a write is
// one on a write without progress.
func (h *helper) progress(write func() (n int64, done bool, err error), done bool) error {
	for !done {
		if err := h.arm(); err != nil {
			return err
		}
		var n int64
		var err error
		n, done, err = write()
		if err != nil && (n == 0 || !timedOut(err) || h.stop.Load() || h.canceled() != nil) {
			return h.writeFailed(err)
		}
	}
	return nil
}

// arm sets the deadline of the next write. That sending was given up, and that the context ended, are
// looked at behind it: they set a past deadline, which must not be undone here.
func (h *helper) arm() error {
	if t := h.limit(h.times); !t.IsZero() {
		h.nc.SetWriteDeadline(t)
	}
	if h.stop.Load() {
		return ErrStopped
	}
	if cause := h.canceled(); cause != nil {
		return &writeError{cause}
	}
	return nil
}

func (h *helper) writeFailed(err error) error {
	if err == nil {
		return nil
	}
	if h.stop.Load() {
		return ErrStopped
	}
	if file := ofFile(err); file != nil {
		return file
	}
	return &writeError{h.explain(err, PhaseWrite)}
}

// ofFile tells the errors of reading a file from those of writing: the kernel's copy does both.
func ofFile(err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return &CallerError{path}
	}
	return nil
}

// small is up to how many octets content is copied to go out in one write with its framing. Copying them is
// cheaper than another write, and than gathering.
const small = bufferSize

// content sends one run of content, in one write with its framing where that is small or the connection
// can gather.
func (h *helper) content(b []byte) error {
	if h.source.IsCoded() {
		return h.coded(b)
	}
	h.l.mu.Lock()
	out, err := h.l.Conn.AppendPrefix(h.out[:0], int64(len(b)))
	mid := len(out)
	if err == nil {
		if err = h.l.Conn.Sent(int64(len(b))); err == nil && mid > 0 && len(b) <= small {
			out = append(out, b...)
		}
		if err == nil {
			out, err = h.l.Conn.AppendSuffix(out)
		}
	}
	h.l.mu.Unlock()
	h.out = out
	switch {
	case err != nil:
		return err
	case mid == 0:
		return h.write(b)
	case len(b) <= small:
		return h.write(out)
	}
	parts := net.Buffers{out[:mid:mid], b, out[mid:]}
	return h.progress(func() (int64, bool, error) {
		n, err := parts.WriteTo(h.nc)
		return n, len(parts) == 0, err
	}, false)
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

// segment is how much of content in memory goes out at a time.
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

// sendSeq sends what an iterable yields. Where a length is promised, the element that reaches it is held
// back until the iterable has ended: so one that is too long is found before the message looks complete.
func (h *helper) sendSeq() error {
	h.l.mu.Lock()
	remain := h.l.Conn.Remain()
	h.l.mu.Unlock()
	if !h.enter() {
		return ErrStopped
	}
	var last []byte
	for b, failed := range h.source.Seq() {
		if remain > 0 && len(b) > 0 && failed == nil {
			if remain -= int64(len(b)); remain == 0 {
				last, b = append([]byte(nil), b...), nil
			}
		} else if last != nil && len(b) > 0 && failed == nil {
			failed = errTooLong
		}
		if err := h.element(b, failed); err != nil {
			h.retire(err) // what the iterable does to end may take for ever
			return err
		}
	}
	if !h.leave() {
		return ErrStopped
	}
	if last == nil {
		return nil
	}
	return h.content(last)
}

// element sends what an iterable has yielded.
func (h *helper) element(b []byte, failed error) error {
	if !h.leave() {
		return ErrStopped
	}
	if failed != nil {
		return ofCaller(failed)
	}
	if len(b) > 0 {
		if err := h.content(b); err != nil {
			return err
		}
	}
	if !h.enter() {
		return ErrStopped
	}
	return nil
}

// sendEmpty sends the head of a message whose content, by a reader, is to be of length 0.
func (h *helper) sendEmpty() error {
	if !h.enter() {
		return ErrStopped
	}
	r := sourceReader{r: h.source.Reader(), remain: -1}
	var probe [1]byte
	n, err := r.next(probe[:])
	if !h.leave() {
		return ErrStopped
	}
	if n > 0 {
		return errTooLong
	}
	if err != io.EOF {
		return ofCaller(err)
	}
	return h.write(h.first)
}

func (h *helper) sendReader(r sourceReader) error {
	h.l.mu.Lock()
	if n := h.l.Conn.Remain(); n > 0 && r.remain < 0 {
		r.remain = n
	}
	h.l.mu.Unlock()
	// Not from the pool: a reader that nobody waits for any more may still write to it.
	block := make([]byte, h.block)
	for !r.exact || r.remain != 0 {
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
			return ofCaller(err)
		}
	}
	return nil
}

// kernelRun is how much of a file the kernel is asked to send at a time.
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
	return h.progress(func() (int64, bool, error) {
		n, err := to.ReadFrom(io.LimitReader(f, min(remain, kernelRun)))
		remain -= n
		if sentErr := h.sentByKernel(n); sentErr != nil {
			return 0, false, sentErr
		}
		// A file that has shrunk gives nothing more: the machine refuses the end.
		return n, remain == 0 || n == 0 && err == nil, err
	}, false)
}

func (h *helper) sentByKernel(n int64) error {
	h.l.mu.Lock()
	defer h.l.mu.Unlock()
	return h.l.Conn.Sent(n)
}
