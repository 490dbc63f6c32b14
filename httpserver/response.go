package httpserver

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/wire"
)

// ResponseWriter sends the response to one request. It is a small value that holds until the handler
// returns.
//
// The response is framed by what is known of it: what the handler says by Content-Length or
// Transfer-Encoding; else Content-Length, when the handler returns before the content has filled a buffer
// of 16 KiB; else chunks, or, to an HTTP/1.0 client, the end of the connection (RFC 9112 section 6.3). The
// answer to HEAD, and 204 and 304, never carry content.
type ResponseWriter struct {
	x   *exchange
	gen uint64
}

// lock guards the response while a method changes it.
func (w ResponseWriter) lock() (*exchange, error) {
	x := w.x
	if x == nil {
		return nil, ErrHandlerReturned
	}
	x.send.Lock()
	switch {
	case x.gen.Load() != w.gen:
		x.send.Unlock()
		return nil, ErrHandlerReturned
	case x.c.isHijacked():
		x.send.Unlock()
		return nil, ErrHijacked
	}
	return x, nil
}

// Fields returns the header section to send, to be filled before the head is. Content-Length,
// Transfer-Encoding, Connection, Date and Server are added to it unless they are there. Its order is kept.
func (w ResponseWriter) Fields() *headers.Fields {
	if w.x == nil || w.x.gen.Load() != w.gen {
		return new(headers.Fields)
	}
	return &w.x.out
}

// Trailers returns the trailer section to send behind the content. The response is chunked for it, so
// something must be in it, or be announced by a Trailer field, before the head is sent; to an HTTP/1.0
// client, which knows no chunks, it is not sent. A field that must not be a trailer (RFC 9110 section
// 6.5.1) closes the connection.
func (w ResponseWriter) Trailers() *headers.Fields {
	if w.x == nil || w.x.gen.Load() != w.gen {
		return new(headers.Fields)
	}
	return &w.x.end
}

// SetStatus sets the status code of the final response, from 200 to 999 or 101, and its reason phrase,
// where it is not the registered one. It is 200 by default. 101, and 2xx to CONNECT, end HTTP on the
// connection: [ResponseWriter.Hijack] must follow.
func (w ResponseWriter) SetStatus(code int, reason ...string) error {
	x, err := w.lock()
	if err != nil {
		return err
	}
	defer x.send.Unlock()
	if x.committed {
		return ErrHeadSent
	}
	if code < 200 && code != 101 || code > 999 {
		return fmt.Errorf("httpserver: %d is no status of a final response", code)
	}
	x.status, x.reason = code, ""
	if len(reason) > 0 {
		switch x.reason = reason[0]; x.reason {
		case "":
			x.reason = noReason
		case noReason:
			x.reason += noReason // the caller's own NUL, which is refused with the head
		}
	}
	return nil
}

// noReason stands for a reason phrase that is empty on purpose.
const noReason = "\x00"

// Status returns the status code set so far, and 0 where none is.
func (w ResponseWriter) Status() int {
	x, err := w.lock()
	if err != nil {
		return 0
	}
	defer x.send.Unlock()
	return x.status
}

// Committed reports whether the head was sent.
func (w ResponseWriter) Committed() bool {
	x, err := w.lock()
	if err != nil {
		return false
	}
	defer x.send.Unlock()
	return x.committed
}

// Write writes content. It is buffered up to 16 KiB, so that small content goes out with its head in one
// write when the handler returns, or at [ResponseWriter.Flush]. More than a Content-Length that the handler
// has set is wire.RuleContentExcess, and nothing of it is sent.
func (w ResponseWriter) Write(p []byte) (int, error) {
	x, err := w.lock()
	if err != nil {
		return 0, err
	}
	defer x.send.Unlock()
	return x.write(p)
}

// WriteString is [ResponseWriter.Write] for a string.
func (w ResponseWriter) WriteString(s string) (int, error) {
	x, err := w.lock()
	if err != nil {
		return 0, err
	}
	defer x.send.Unlock()
	if x.buf == nil {
		x.buf = x.c.loop.Out()
	}
	if len(x.buf)+len(s) <= cap(x.buf) && !x.committed {
		if drop, err := x.admit(len(s)); drop || err != nil {
			return countOr0(len(s), err), err
		}
		x.buf = append(x.buf, s...)
		return len(s), nil
	}
	return x.write([]byte(s))
}

// WriteChunk writes content as one chunk with chunk extensions, such as ";a=b" (RFC 9112 section 7.1.1). The
// response must be chunked: by version, and by no Content-Length that was set.
func (w ResponseWriter) WriteChunk(p []byte, ext string) error {
	x, err := w.lock()
	if err != nil {
		return err
	}
	defer x.send.Unlock()
	return x.writeChunk(p, ext)
}

// Flush sends what is buffered, with the head where it was not sent.
func (w ResponseWriter) Flush() error {
	x, err := w.lock()
	if err != nil {
		return err
	}
	defer x.send.Unlock()
	return x.flush()
}

// ReadFrom writes the content that src yields, to its end. A file whose length is known, or that a
// Content-Length frames, is sent by the kernel where the connection is a socket.
func (w ResponseWriter) ReadFrom(src io.Reader) (int64, error) {
	n, handled, err := w.sendFile(src)
	if handled || err != nil {
		return n, err
	}
	var block []byte
	defer func() {
		if block != nil {
			w.x.c.loop.Drop(block)
		}
	}()
	for {
		if block == nil {
			block = w.x.c.loop.Out()
		}
		// The response is not locked while src is read: src may be the request.
		k, err := src.Read(block[:cap(block)])
		if k < 0 || k > cap(block) {
			return n, errors.New("httpserver: the reader returned an impossible count")
		}
		if k > 0 {
			m, err := w.Write(block[:k])
			if n += int64(m); err != nil {
				return n, err
			}
		}
		if err == io.EOF {
			return n, nil
		}
		if err != nil {
			return n, err
		}
	}
}

// sendFile sends what src yields by the kernel, where it can.
func (w ResponseWriter) sendFile(src io.Reader) (n int64, handled bool, err error) {
	x, err := w.lock()
	if err != nil {
		return 0, false, err
	}
	defer x.send.Unlock()
	f, limit := isFile(src)
	if f == nil || isContentless(x.code()) || x.status == 205 {
		return 0, false, nil
	}
	n, handled, err = x.sendFile(f, limit)
	if l, ok := src.(*io.LimitedReader); ok {
		l.N -= n
	}
	return n, handled, err
}

// Interim sends an interim response, such as 103 with Link fields (RFC 8297); fields may be nil. It is an
// error after the head of the final response, for 101 and every code that is no 1xx, and wire.RuleInterimToHTTP10 to
// an HTTP/1.0 client.
func (w ResponseWriter) Interim(code int, fields *headers.Fields) error {
	x, err := w.lock()
	if err != nil {
		return err
	}
	defer x.send.Unlock()
	if x.committed {
		return ErrHeadSent
	}
	switch {
	case code == 101:
		return errors.New("httpserver: 101 is not interim here: set it as the status and take the connection over")
	case code/100 != 1:
		return fmt.Errorf("httpserver: %d is no status of an interim response", code) // its head would be the final one
	}
	return x.interim(code, fields)
}

// CloseAfter closes the connection behind the response, which says so where its head was not sent yet.
func (w ResponseWriter) CloseAfter() {
	if x, err := w.lock(); err == nil {
		x.last = true
		x.send.Unlock()
	}
}

// Duplex lets one goroutine of the handler read the request while another writes the response.
func (w ResponseWriter) Duplex() {
	if x, err := w.lock(); err == nil {
		x.c.loop.Shared = true
		x.send.Unlock()
	}
}

// SetReadDeadline sets until when the content may be read; the zero time takes that off. It holds beside
// [Timeouts], until the handler returns.
func (w ResponseWriter) SetReadDeadline(t time.Time) error {
	if err := w.usable(); err != nil {
		return err
	}
	x := w.x
	if !x.bodyBy.IsZero() && (t.IsZero() || x.bodyBy.Before(t)) {
		t = x.bodyBy
	}
	x.watch.mu.Lock()
	defer x.watch.mu.Unlock()
	if !x.ended.Load() {
		x.c.loop.SetReadBy(t, phaseBody)
	}
	return nil
}

// usable is lock for what does not change the response, and so need not wait for a write that is under way.
func (w ResponseWriter) usable() error {
	switch {
	case w.x == nil || w.x.gen.Load() != w.gen:
		return ErrHandlerReturned
	case w.x.c.isHijacked():
		return ErrHijacked
	}
	return nil
}

// SetWriteDeadline sets until when the response may be sent; the zero time takes that off. It holds beside
// [Timeouts], until the handler returns.
func (w ResponseWriter) SetWriteDeadline(t time.Time) error {
	if err := w.usable(); err != nil {
		return err
	}
	w.x.c.loop.SetWriteBy(t)
	return nil
}

// BeforeHead has f called once, when the head of the final response is about to be sent: the last moment to
// change its fields. f must not use w, which may be locked, or over. start is the begin of the content as far as it is
// known: 512 octets of it or more, unless that is all there is yet. Of
// the content in answer to HEAD nothing is kept or told. f is not called for a response of the server's own.
func (w ResponseWriter) BeforeHead(f func(fields *headers.Fields, start []byte)) {
	if x, err := w.lock(); err == nil {
		if !x.committed {
			x.onHead = f
		}
		x.send.Unlock()
	}
}

// OmitDate leaves out the Date field of this response.
func (w ResponseWriter) OmitDate() {
	if x, err := w.lock(); err == nil {
		x.noDate = true
		x.send.Unlock()
	}
}

// Chunked reports whether the head was sent and content is sent in chunks, so that a trailer section can follow.
func (w ResponseWriter) Chunked() bool {
	x, err := w.lock()
	if err != nil {
		return false
	}
	defer x.send.Unlock()
	return x.committed && x.chunked
}

// Error sends a short plain text with a status: text, or the description of the status where that is empty.
// Nothing that the client sent should be in it but quoted. What was buffered of another response is dropped;
// after the head it only returns [ErrHeadSent].
func (w ResponseWriter) Error(code int, text string) error {
	x, err := w.lock()
	if err != nil {
		return err
	}
	defer x.send.Unlock()
	if x.committed {
		return ErrHeadSent
	}
	x.page(status.Code(code), text)
	return nil
}

// Hijack gives the connection to the handler: the first that it reads is what the client sent behind the
// head. Where the status is 101, or 2xx to CONNECT, that response is sent first. Otherwise nothing is sent,
// and whatever the client is told is the handler's to write. After the head of any other response it is
// [ErrHeadSent]. Deadlines are taken off, and the server forgets the connection, which the handler closes; it
// may go on using it when it has returned.
func (w ResponseWriter) Hijack() (net.Conn, error) {
	x, err := w.lock()
	if err != nil {
		return nil, err
	}
	defer x.send.Unlock()
	if err := x.hijack(false); err != nil {
		return nil, err
	}
	return x.c.loop.Detach(), nil
}

// HijackBuffered is [ResponseWriter.Hijack] for whoever has a buffer: it returns the connection as the listener
// gave it, and apart from it what the client has sent behind the head and was received already. It is possible
// inside of a response too, whose rest is then the handler's to frame and to write; what waits in the buffer of
// w is not sent.
func (w ResponseWriter) HijackBuffered() (nc net.Conn, early []byte, err error) {
	x, err := w.lock()
	if err != nil {
		return nil, nil, err
	}
	defer x.send.Unlock()
	if err := x.hijack(true); err != nil {
		return nil, nil, err
	}
	nc, early = x.c.loop.Release()
	return nc, early, nil
}

// isFile returns the file that r reads, and how many octets of it at most.
func isFile(r io.Reader) (f *os.File, n int64) {
	switch r := r.(type) {
	case *os.File:
		return r, -1
	case *io.LimitedReader:
		if f, ok := r.R.(*os.File); ok {
			return f, r.N
		}
	}
	return nil, 0
}

// isContentless reports whether a response of that status has no content whatever its fields say.
func isContentless(code int) bool { return code < 200 || code == 204 || code == 304 }

// excess is the error for content beyond its Content-Length.
var excess = &wire.SyntaxError{Rule: wire.RuleContentExcess, Element: wire.ElementContent, Offset: -1, Sent: true}
