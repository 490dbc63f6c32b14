package httpserver

import (
	"io"
	"os"
	"strconv"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/wire"
)

// What the methods of ResponseWriter do, with x.send held.

func countOr0(n int, err error) int {
	if err != nil {
		return 0
	}
	return n
}

// admit counts content in that is about to be sent. drop says that it is not to be: in answer to HEAD.
func (x *exchange) admit(n int) (drop bool, err error) {
	if x.failed != nil {
		return false, x.failed
	}
	if isContentless(x.code()) || x.status == 205 {
		if n == 0 {
			return true, nil
		}
		return false, ErrNoContent
	}
	if x.written == 0 && !x.committed {
		x.declared = x.out.Control().ContentLength
	}
	if x.declared >= 0 && x.written+int64(n) > x.declared && x.method != "HEAD" {
		return false, excess
	}
	x.written += int64(n)
	return x.method == "HEAD", nil
}

// code returns the status of the response.
func (x *exchange) code() int {
	if x.status == 0 {
		return 200
	}
	return x.status
}

func (x *exchange) write(p []byte) (int, error) {
	if drop, err := x.admit(len(p)); drop || err != nil {
		return countOr0(len(p), err), err
	}
	if x.buf == nil {
		x.buf = x.c.loop.Out()
	}
	if len(x.buf)+len(p) <= cap(x.buf) {
		x.buf = append(x.buf, p...)
		return len(p), nil
	}
	if err := x.flushBefore(p); err != nil {
		return 0, err
	}
	if len(p) < cap(x.buf) {
		x.buf = append(x.buf, p...)
		return len(p), nil
	}
	if err := x.put(nil, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// flush sends the head, where it was not, and the content that waits.
func (x *exchange) flush() error {
	if x.failed != nil {
		return x.failed
	}
	var out []byte
	if !x.committed {
		var err error
		if out, err = x.commit(-1); err != nil {
			return err
		}
		defer x.c.loop.Drop(out)
	}
	return x.putWaiting(out)
}

// flushBefore is flush when next does not fit behind what waits.
func (x *exchange) flushBefore(next []byte) error {
	if x.onHead == nil {
		return x.flush()
	}
	if x.first = next; len(x.buf) > 0 {
		// What is told of the content is contiguous.
		x.first = append(append(make([]byte, 0, sniffed), x.buf[:min(len(x.buf), sniffed)]...), next[:min(len(next), max(sniffed-len(x.buf), 0))]...)
	}
	defer func() { x.first = nil }()
	return x.flush()
}

// sniffed is how much of the content [ResponseWriter.BeforeHead] tells of at least, where there is as much: what
// the Web's rules for guessing a media type look at.
const sniffed = 512

// tellHead calls what BeforeHead was given.
func (x *exchange) tellHead() {
	f, start := x.onHead, x.first
	if x.onHead = nil; f == nil {
		return
	}
	if start == nil {
		start = x.buf
	}
	f(&x.out, start)
	x.declared = x.out.Control().ContentLength
}

// putWaiting sends out and what is in the buffer.
func (x *exchange) putWaiting(out []byte) error {
	if len(out) == 0 && len(x.buf) == 0 {
		return nil
	}
	err := x.put(out, x.buf)
	x.buf = x.buf[:0]
	return err
}

// put sends out and content behind it.
func (x *exchange) put(out, content []byte) error {
	l := &x.c.loop
	var err error
	if len(content) == 0 {
		err = l.Write(out)
	} else if out == nil {
		out = l.Out()
		out, err = l.Put(out, content)
		l.Drop(out)
	} else {
		_, err = l.Put(out, content)
	}
	if err != nil {
		return x.fail(err)
	}
	x.wireOut += int64(len(content))
	return nil
}

// fail keeps the first error of sending; the connection cannot go on.
func (x *exchange) fail(err error) error {
	if x.failed == nil {
		x.failed = err
	}
	x.aborted = true
	if !isSyntax(err) {
		x.endContext(ErrGone, false)
	}
	return err
}

// commit appends the head to a pooled slice, which is the caller's to give back. whole is how many octets of
// content there are in all, or -1 where that is not known yet. A head that breaks a rule leaves all as it was.
func (x *exchange) commit(whole int64) ([]byte, error) {
	x.tellHead()
	x.frame(whole)
	c := x.c
	out := c.loop.Out()
	reason := x.reason
	switch reason {
	case "":
		reason = status.Code(x.code()).Phrase()
	case noReason:
		reason = ""
	}
	c.loop.Lock()
	out, err := c.machine.AppendResponse(out, x.code(), reason, &x.out)
	c.loop.Unlock()
	if err != nil {
		c.loop.Drop(out)
		if x.failed == nil {
			x.failed = err // nothing was sent: the connection can still carry the answer to that
		}
		return nil, err
	}
	x.committed = true
	return out, nil
}

// writeChunk sends content as one chunk with extensions.
func (x *exchange) writeChunk(p []byte, ext string) error {
	if x.declared >= 0 || !x.speaks11() {
		return &wire.SyntaxError{Rule: wire.RuleChunkExt, Element: wire.ElementChunk, Offset: -1, Sent: true}
	}
	if drop, err := x.admit(len(p)); drop || err != nil {
		return err
	}
	if err := x.flush(); err != nil {
		return err
	}
	out := x.c.loop.Out()
	x.c.loop.Lock()
	out, err := x.c.machine.AppendChunk(out, p, ext)
	x.c.loop.Unlock()
	if err == nil {
		if err = x.c.loop.Write(out); err != nil {
			x.fail(err)
		}
		x.wireOut += int64(len(p))
	}
	x.c.loop.Drop(out)
	return err
}

// interim sends an interim response.
func (x *exchange) interim(code int, fields *headers.Fields) error {
	c := x.c
	if c.s.Protocol == wire.HTTP10 {
		return &wire.SyntaxError{Rule: wire.RuleInterimToHTTP10, Element: wire.ElementStatusLine, Offset: -1, Sent: true}
	}
	out := c.loop.Out()
	defer func() { c.loop.Drop(out) }()
	c.loop.Lock()
	out, err := c.machine.AppendResponse(out, code, status.Code(code).Phrase(), fields)
	c.loop.Unlock()
	if err != nil {
		return err
	}
	if err := c.loop.Write(out); err != nil {
		return x.fail(err)
	}
	return nil
}

// sendFile sends a regular file by the kernel, where its length frames the content. handled is false where
// that is not so and nothing was done.
func (x *exchange) sendFile(f *os.File, limit int64) (n int64, handled bool, err error) {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return 0, false, nil
	}
	at, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, false, nil
	}
	size := max(info.Size()-at, 0)
	if limit >= 0 {
		size = min(size, limit)
	}
	if size == 0 {
		return 0, false, nil // or a file that does not know its size, as those in /proc
	}
	if x.written == 0 && !x.committed {
		ctl := x.out.Control()
		if ctl.Coded || x.end.Len() > 0 {
			return 0, false, nil
		}
		if x.declared = ctl.ContentLength; x.declared < 0 {
			x.declared = size
			x.out.Add("Content-Length", strconv.FormatInt(size, 10))
		}
	}
	if x.declared < 0 {
		return 0, false, nil
	}
	if x.method == "HEAD" {
		// Its length is all that is sent of it, so it is not read.
		if _, err := f.Seek(size, io.SeekCurrent); err != nil {
			return 0, true, err
		}
		x.written += size
		return size, true, nil
	}
	if x.written+size > x.declared {
		return 0, true, excess
	}
	var out []byte
	if x.committed {
		err = x.flush()
	} else if out, err = x.commit(-1); err == nil {
		defer func() { x.c.loop.Drop(out) }()
		if len(x.buf) > 0 {
			err = x.putWaiting(out)
			out = out[:0]
		}
	}
	if err != nil {
		return 0, true, err
	}
	n, err = x.c.loop.PutFile(out, f, size)
	x.written += n
	x.wireOut += n
	if err != nil {
		x.fail(err)
	}
	return n, true, err
}
