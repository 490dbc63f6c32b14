package httpserver

import (
	"bytes"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/status"
)

// BaseHTTPRequestHandler is one request and the response to it, with the attributes and methods of the
// Python class of that name. [Dispatch] makes one for each request; it holds until the method that it is
// given to returns.
//
// A response is a call of SendResponse, of SendHeader for each field, of EndHeaders, and content written to
// Wfile. It is framed as [ResponseWriter] does it, so a length need not be told, and a connection of HTTP/1.1
// is kept without one.
type BaseHTTPRequestHandler struct {
	// ClientAddress is the address of the client.
	ClientAddress net.Addr
	// Server serves the connection.
	Server *Server
	// CloseConnection says that the connection closes behind the response. It is set by what the request
	// says and by SendHeader, and setting it before EndHeaders makes the response say so. Clearing it keeps no
	// connection that the client wants closed.
	CloseConnection bool
	// RequestLine is the request-line as it came, without its line end.
	RequestLine string
	// Command is the method, in its case: "GET".
	Command string
	// Path is the request-target as it came, percent-encoded, with its query. Of several slashes at its
	// begin all but one are left out, since a redirect to "//host/" leads to another origin; the octets that
	// came are in Request.Target.
	Path string
	// RequestVersion is the version of the request: "HTTP/1.1".
	RequestVersion string
	// Headers are the field lines of the request, in order and case.
	Headers *headers.Fields
	// Rfile reads the content of the request, to its end and no further.
	Rfile Request
	// Wfile writes the content of the response.
	Wfile ContentWriter
	// Request and Response are what a [Handler] has, for what they can beyond Python's class. Fields and
	// status are better set by one of the two than by both.
	Request  Request
	Response ResponseWriter

	dispatch *Dispatch
	began    bool            // a response was begun: SendResponse was called
	ended    bool            // EndHeaders was called for the final response
	interim  int             // the status of the interim response that was begun, or 0
	hints    *headers.Fields // its fields
}

func newBase(d *Dispatch, w ResponseWriter, r Request) *BaseHTTPRequestHandler {
	x := r.x
	line, _, _ := bytes.Cut(x.raw, []byte("\n"))
	h := &BaseHTTPRequestHandler{
		ClientAddress:   r.RemoteAddr(),
		Server:          x.c.s,
		CloseConnection: x.control.Close || !x.speaks11() && !x.control.KeepAlive,
		RequestLine:     string(bytes.TrimSuffix(line, []byte("\r"))),
		Command:         r.Method(),
		Path:            oneSlash(r.Target()),
		RequestVersion:  r.Version().String(),
		Headers:         r.Fields(),
		Rfile:           r,
		Request:         r,
		Response:        w,
		dispatch:        d,
	}
	h.Wfile.h = h
	return h
}

// oneSlash returns path with one slash in the place of several at its begin.
func oneSlash(path string) string {
	for len(path) > 1 && path[0] == '/' && path[1] == '/' {
		path = path[1:]
	}
	return path
}

// SendResponse begins a response with Server and Date, and logs the request. message is the reason phrase,
// by default the registered one. A response that was begun before, and of which nothing was sent, is
// dropped, and [ErrHeadSent] returned where something was. With a code from 100 to 199, but 101, it is an interim response,
// which EndHeaders sends, and which has no other fields than those of SendHeader.
func (h *BaseHTTPRequestHandler) SendResponse(code int, message ...string) error {
	if err := h.SendResponseOnly(code, message...); err != nil {
		return err
	}
	h.LogRequest(code)
	if h.interim == 0 {
		h.SendHeader("Server", h.VersionString())
		h.SendHeader("Date", h.DateTimeString())
	}
	return nil
}

// SendResponseOnly is [BaseHTTPRequestHandler.SendResponse] without Server and Date, which the Server adds
// unless it is told not to, and without a log message.
func (h *BaseHTTPRequestHandler) SendResponseOnly(code int, message ...string) error {
	if code >= 100 && code < 200 && code != 101 {
		if !h.Request.current() {
			return ErrHandlerReturned
		}
		if h.ended || h.Response.Committed() {
			return ErrHeadSent
		}
		h.interim, h.hints = code, new(headers.Fields)
		return nil
	}
	if err := h.Response.restart(); err != nil {
		return err
	}
	h.interim, h.hints, h.began, h.ended = 0, nil, true, false
	return h.Response.SetStatus(code, message...)
}

// SendHeader adds a field to the response that was begun. "Connection: close" and "Connection: keep-alive"
// set CloseConnection too. A name or value that cannot be sent is an error, with which the response is
// answered by 500, so that nothing of it reaches the client (RFC 9110 section 5.5).
func (h *BaseHTTPRequestHandler) SendHeader(keyword, value string) error {
	if !h.Request.current() {
		return ErrHandlerReturned
	}
	var one headers.Fields
	one.Add(keyword, value)
	err := one.Check()
	if h.interim != 0 {
		h.hints.Add(keyword, value)
		return err
	}
	if h.ended {
		return ErrHeadSent
	}
	ctl := one.Control()
	switch {
	case ctl.Close:
		h.CloseConnection = true
	case ctl.KeepAlive:
		h.CloseConnection = false
	}
	h.Response.Fields().Add(keyword, value)
	return err
}

// EndHeaders ends the head of the response that was begun. An interim response is sent at once; the head of
// a final one with the first content, or when the method returns, as the length of the content may be known
// by then. FlushHeaders sends it before.
func (h *BaseHTTPRequestHandler) EndHeaders() error {
	if !h.Request.current() {
		return ErrHandlerReturned
	}
	if code := h.interim; code != 0 {
		hints := h.hints
		h.interim, h.hints = 0, nil
		return h.Response.Interim(code, hints)
	}
	if h.ended {
		return ErrHeadSent
	}
	if d, ok := h.dispatch.Do.(onEndHeaders); ok {
		d.OnEndHeaders(h)
	}
	h.ended = true
	if h.CloseConnection {
		h.Response.CloseAfter()
	}
	return nil
}

// FlushHeaders sends the head now, and content that was written. What the response's length is must be said
// by Content-Length before, or else it is chunked.
func (h *BaseHTTPRequestHandler) FlushHeaders() error {
	if !h.ended {
		if err := h.EndHeaders(); err != nil {
			return err
		}
	}
	return h.Response.Flush()
}

// HandleExpect100 sends 100 (Continue) to a client that waits for it, which the first Read from Rfile does
// as well, and reports whether the client may send content. See [Dispatch] for refusing it.
func (h *BaseHTTPRequestHandler) HandleExpect100() bool {
	if !h.Request.ExpectsContinue() {
		return true
	}
	return h.Response.Interim(100, nil) == nil
}

// SendError sends a whole response with a status of 400 or more, and logs it: text is the message, by default the
// reason phrase, and the explanation, by default the description of the status. Both stand in a page, escaped, and
// the message is the reason phrase too where it can be one. Content that was written and not sent is dropped; after the head it
// is [ErrHeadSent]. The connection closes behind a status that refuses the request itself: 400, 405, 408, 411, 413, 414,
// 417, 431, 501 and 505. It is kept behind others where it can be, unlike Python's.
func (h *BaseHTTPRequestHandler) SendError(code int, text ...string) error {
	var message, explain string
	if len(text) > 0 {
		message = text[0]
	}
	if len(text) > 1 {
		explain = text[1]
	}
	return h.sendError(code, message, explain)
}

// sendError is SendError with further fields, names and values in turn.
func (h *BaseHTTPRequestHandler) sendError(code int, message, explain string, fields ...string) error {
	e := ErrorMessage{code, status.Code(code).Phrase(), status.Code(code).Description()}
	if e.Message == "" {
		e.Message, e.Explain = "???", "???" // as Python has it for a code that nobody knows
	}
	if message != "" {
		e.Message = message
	}
	if explain != "" {
		e.Explain = explain
	}
	h.LogError("code %d, message %s", code, e.Message)
	if refuses(status.Code(code)) {
		h.Response.CloseAfter()
	}
	var reason []string
	if isReason(e.Message) {
		reason = []string{e.Message}
	}
	if err := h.SendResponse(code, reason...); err != nil {
		return err
	}
	for i := 0; i+1 < len(fields); i += 2 {
		h.SendHeader(fields[i], fields[i+1])
	}
	if isContentless(code) || code == 205 {
		return h.EndHeaders()
	}
	page, contentType := h.errorPage(e)
	h.SendHeader("Content-Type", contentType)
	h.SendHeader("Content-Length", itoa(int64(len(page))))
	if err := h.EndHeaders(); err != nil {
		return err
	}
	_, err := h.Wfile.Write(page)
	return err
}

// errorPage makes the page of an error; where the caller's format fails, the default one.
func (h *BaseHTTPRequestHandler) errorPage(e ErrorMessage) (page []byte, contentType string) {
	var b bytes.Buffer
	contentType = h.dispatch.ErrorContentType
	if contentType == "" {
		contentType = DefaultErrorContentType
	}
	if f := h.dispatch.ErrorMessageFormat; f != nil {
		err := f.Execute(&b, e)
		if err == nil {
			return b.Bytes(), contentType
		}
		h.LogMessage("the error page of code %d cannot be made: %v", e.Code, err)
		b.Reset()
		contentType = DefaultErrorContentType
	}
	DefaultErrorMessage(&b, e)
	return b.Bytes(), contentType
}

// isReason reports whether a text can be a reason phrase (RFC 9112 section 4) of a sensible length.
func isReason(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return len(s) <= 512
}

// ContentWriter writes the content of a response. The zero value is not for use.
type ContentWriter struct{ h *BaseHTTPRequestHandler }

func (w ContentWriter) begin() error {
	if w.h == nil {
		return ErrHandlerReturned
	}
	if w.h.interim != 0 || !w.h.ended {
		w.h.interim = 0
		return w.h.EndHeaders()
	}
	return nil
}

// Write writes content, as [ResponseWriter.Write] does. Where EndHeaders was not called it is called first.
func (w ContentWriter) Write(p []byte) (int, error) {
	if err := w.begin(); err != nil {
		return 0, err
	}
	return w.h.Response.Write(p)
}

// WriteString is [ContentWriter.Write] for a string.
func (w ContentWriter) WriteString(s string) (int, error) {
	if err := w.begin(); err != nil {
		return 0, err
	}
	return w.h.Response.WriteString(s)
}

// ReadFrom writes what src yields, a file by the kernel where it can; see [ResponseWriter.ReadFrom].
func (w ContentWriter) ReadFrom(src io.Reader) (int64, error) {
	if err := w.begin(); err != nil {
		return 0, err
	}
	return w.h.Response.ReadFrom(src)
}

// Flush sends what was written.
func (w ContentWriter) Flush() error {
	if err := w.begin(); err != nil {
		return err
	}
	return w.h.Response.Flush()
}

// restart drops the response that was prepared, of which nothing was sent.
func (w ResponseWriter) restart() error {
	x, err := w.lock()
	if err != nil {
		return err
	}
	defer x.send.Unlock()
	if x.committed {
		return ErrHeadSent
	}
	x.out.Reset()
	x.end.Reset()
	x.buf, x.written, x.declared = x.buf[:0], 0, -1
	x.status, x.reason = 0, ""
	return nil
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// logMu keeps the messages of several requests apart on a writer that does not.
var logMu sync.Mutex

// VersionString returns the value of the Server field: the ServerVersion and SysVersion of [Dispatch].
func (h *BaseHTTPRequestHandler) VersionString() string {
	version := h.dispatch.ServerVersion
	if version == "" {
		version = h.Server.Name
	}
	if version == "" {
		version = "Strata"
	}
	if h.dispatch.SysVersion != "" {
		version += " " + h.dispatch.SysVersion
	}
	return version
}

// DateTimeString returns a time, by default now, as an HTTP-date; see [DateString].
func (h *BaseHTTPRequestHandler) DateTimeString(timestamp ...time.Time) string {
	if len(timestamp) > 0 {
		return DateString(timestamp[0])
	}
	return dateNow()
}
