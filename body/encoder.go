package body

import (
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// Encoder puts a message body together. Set up with [Encoder.Start], it appends what goes on the wire
// to the caller's slice. A call that fails changes neither the slice nor the Encoder.
type Encoder struct {
	mode   Mode
	remain int64 // octets still to come of a length-delimited body, or of the chunk begun by AppendPrefix
	inside bool  // between AppendPrefix and AppendSuffix
	length int64 // what remain began with
	done   bool
	empty  bool   // there is to be no content, however the body is framed
	coded  *coded // set when the sender does the chunked coding himself
}

// Start sets e up for one message body.
func (e *Encoder) Start(f Framing) { *e = Encoder{mode: f.Mode, remain: f.Length, length: f.Length} }

// StartEmpty is [Encoder.Start] for a message whose sender must not generate content, though a recipient would
// read what its framing says: 205 (RFC 9110 section 15.3.6). Any content is an error with
// [wire.RuleContentForbidden].
func (e *Encoder) StartEmpty(f Framing) {
	e.Start(f)
	e.empty = true
}

// Remain returns how many octets a length-delimited body still needs; else, inside a chunk whose
// prefix was appended, how many that chunk needs; else 0.
func (e *Encoder) Remain() int64 { return e.remain }

// allow returns the error for n more octets of content, if they may not be sent.
func (e *Encoder) allow(n int64) error {
	switch {
	case n == 0 && !e.done:
		return nil
	case e.done || e.mode == NoBody || e.mode == Tunnel || e.coded != nil:
		return senderError(wire.RuleContentForbidden, 0)
	case (e.mode == LengthDelimited || e.inside) && n > e.remain:
		return senderError(wire.RuleContentExcess, e.remain)
	case e.empty:
		return senderError(wire.RuleContentForbidden, 0)
	}
	return nil
}

// sent returns how many octets of the body, or of the chunk, have been sent.
func (e *Encoder) sent() int64 { return max(e.length-e.remain, 0) }

func senderError(rule wire.Rule, at int64) error {
	return &wire.SyntaxError{Rule: rule, Element: wire.ElementContent, Offset: at, Sent: true}
}

// AppendContent appends content, as one chunk where the body is chunked. Empty content appends nothing:
// an empty chunk would be the last one. More than a Content-Length allows is an error with
// [wire.RuleContentExcess], and content where there can be none one with [wire.RuleContentForbidden].
func (e *Encoder) AppendContent(dst, content []byte) ([]byte, error) {
	return e.AppendChunk(dst, content, "")
}

// AppendChunk is [Encoder.AppendContent] with chunk extensions, which begin with ";" (RFC 9112 section
// 7.1.1). They are an error with [wire.RuleChunkExt] when they are malformed, when the body is not
// chunked, and when there is no content to go with them.
func (e *Encoder) AppendChunk(dst, content []byte, ext string) ([]byte, error) {
	if e.inside {
		return dst, senderError(wire.RuleContentShort, e.sent())
	}
	if err := e.allow(int64(len(content))); err != nil {
		return dst, err
	}
	if ext != "" && (e.mode != Chunked || len(content) == 0) {
		return dst, &wire.SyntaxError{Rule: wire.RuleChunkExt, Element: wire.ElementChunk, Sent: true}
	}
	if len(content) == 0 {
		return dst, nil
	}
	if e.mode != Chunked {
		e.count(int64(len(content)))
		return append(dst, content...), nil
	}
	dst, err := wire.AppendChunkHead(dst, int64(len(content)), ext)
	if err != nil {
		return dst, err
	}
	dst = append(dst, content...)
	return append(dst, '\r', '\n'), nil
}

func (e *Encoder) count(n int64) {
	if e.mode == LengthDelimited || e.inside {
		e.remain -= n
	}
}

// AppendPrefix appends what goes before n octets of content that do not pass through memory here: a
// chunk head, or nothing. The octets themselves are told by [Encoder.Skip], in any pieces; then
// [Encoder.AppendSuffix] ends the run. With n == 0 there is nothing to send, not even a suffix.
func (e *Encoder) AppendPrefix(dst []byte, n int64) ([]byte, error) {
	if e.inside {
		return dst, senderError(wire.RuleContentShort, e.sent())
	}
	if n < 0 {
		return dst, senderError(wire.RuleContentShort, 0)
	}
	if err := e.allow(n); err != nil || n == 0 || e.mode != Chunked {
		return dst, err
	}
	dst, err := wire.AppendChunkHead(dst, n, "")
	if err == nil {
		e.inside, e.remain, e.length = true, n, n
	}
	return dst, err
}

// Skip records that n octets of content were sent without passing through memory here.
func (e *Encoder) Skip(n int64) error {
	if n < 0 || e.mode == Chunked && !e.inside && n > 0 {
		return senderError(wire.RuleContentUnframed, 0)
	}
	if err := e.allow(n); err != nil {
		return err
	}
	e.count(n)
	return nil
}

// AppendSuffix appends what goes behind the octets that AppendPrefix announced: the CRLF of a chunk,
// or nothing. It is an error with [wire.RuleContentShort] when some of them are missing.
func (e *Encoder) AppendSuffix(dst []byte) ([]byte, error) {
	if !e.inside {
		return dst, nil
	}
	if e.remain > 0 {
		return dst, senderError(wire.RuleContentShort, e.sent())
	}
	e.inside = false
	return append(dst, '\r', '\n'), nil
}

// AppendEnd ends the body: it appends the last-chunk and the trailer section where the body is
// chunked. A Content-Length that was not reached is an error with [wire.RuleContentShort]; trailers
// without chunked framing one with [wire.RuleTrailerUnframed]; a field that must not be a trailer one
// with [wire.RuleTrailerField]. The caller who gives up on such an error must close the connection.
func (e *Encoder) AppendEnd(dst []byte, trailers *headers.Fields) ([]byte, error) {
	switch {
	case e.done:
		return dst, senderError(wire.RuleContentForbidden, 0)
	case e.remain > 0 || e.inside:
		return dst, senderError(wire.RuleContentShort, e.sent())
	case e.mode != Chunked:
		if trailers.Len() > 0 {
			return dst, &wire.SyntaxError{Rule: wire.RuleTrailerUnframed, Element: wire.ElementTrailerSection, Sent: true}
		}
		e.done = true
		return dst, nil
	}
	if e.coded != nil {
		if err := e.coded.end(trailers); err != nil {
			return dst, err
		}
		e.done = true
		return dst, nil
	}
	if err := checkTrailers(trailers); err != nil {
		return dst, err
	}
	dst = append(dst, '0', '\r', '\n')
	dst, _ = trailers.AppendTo(dst) // they were checked
	e.done = true
	return append(dst, '\r', '\n'), nil
}

// checkTrailers returns an error for a field line that a sender must not write, or not into a trailer
// section.
func checkTrailers(trailers *headers.Fields) error {
	at := 0
	for i := range trailers.Len() {
		name, value := trailers.At(i)
		if !AllowedInTrailer(name) {
			e := wire.NewSyntaxError(wire.RuleTrailerField, wire.ElementTrailerSection, name, 0)
			e.Offset, e.Sent = int64(at), true
			return e
		}
		at += len(name) + len(": ") + len(value) + len("\r\n")
	}
	return trailers.Check()
}

// AllowedInTrailer reports whether a field of that name, in any case, may stand in a trailer section.
// RFC 9110 section 6.5.1 forbids fields that are needed before the content: those for framing, routing,
// request modifiers, authentication, response control, and those that say how to process the content.
func AllowedInTrailer[T wire.Octets](name T) bool {
	for _, forbidden := range notInTrailer {
		if wire.EqualFold(name, forbidden) {
			return false
		}
	}
	return true
}

var notInTrailer = [...]string{
	// framing, routing and the connection
	"Content-Length", "Transfer-Encoding", "Host", "Connection", "Keep-Alive", "Proxy-Connection",
	"TE", "Trailer", "Upgrade",
	// request modifiers
	"Cache-Control", "Expect", "Max-Forwards", "Pragma", "Range", "If-Match", "If-None-Match",
	"If-Modified-Since", "If-Unmodified-Since", "If-Range",
	// authentication and state
	"Authorization", "Proxy-Authenticate", "Proxy-Authorization", "WWW-Authenticate", "Cookie", "Set-Cookie",
	// response control
	"Age", "Date", "Expires", "Location", "Retry-After", "Vary", "Warning",
	// how to process the content
	"Content-Encoding", "Content-Type", "Content-Range",
}
