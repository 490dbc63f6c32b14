package httpserver

import (
	"fmt"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/status"
	"github.com/strata-http/strata/wire"
)

// Responses to requests that are well formed and not what a handler serves, whose status has a rule of its own. They
// close the connection, as every refusal of a request does: a client that is refused has misread what it talks to.

// refuses reports whether a status says that the request itself is refused, rather than what it asks for.
func refuses(code status.Code) bool {
	switch code {
	case status.BadRequest, status.MethodNotAllowed, status.RequestTimeout, status.LengthRequired, status.ContentTooLarge,
		status.URITooLong, status.ExpectationFailed, status.RequestHeaderFieldsTooLarge, status.NotImplemented,
		status.HTTPVersionNotSupported:
		return true
	}
	return false
}

// MethodNotAllowed answers with 405 (Method Not Allowed), a short text, and the Allow field that this status must
// have (RFC 9110 sections 10.2.1 and 15.5.6): the methods that the resource has, of which there may be none. A method
// that is no token is an error, and nothing is changed; after the head it is [ErrHeadSent]. What was buffered of
// another response is dropped, and the connection closes behind this one.
func (w ResponseWriter) MethodNotAllowed(allow ...string) error {
	for _, method := range allow {
		if !wire.IsToken(method) {
			return fmt.Errorf("httpserver: %q is no method", method)
		}
	}
	x, err := w.lock()
	if err != nil {
		return err
	}
	defer x.send.Unlock()
	if x.committed {
		return ErrHeadSent
	}
	x.last = true
	x.page(status.MethodNotAllowed, "the resource does not have this method (RFC 9110 section 15.5.6)")
	x.out.Add("Allow", strings.Join(allow, ", "))
	return nil
}

// RequireLength reports whether the request says by Content-Length how much content it has, and that this is at most
// limit octets; a negative limit is none. A request without content passes. Where it returns false the response is
// 411 (Length Required) to content in chunks (RFC 9110 section 15.5.12), or 413 (Content Too Large), with a short
// text, the connection closes behind it, and the handler has only to return; it is false too when the head was sent.
// No content is asked for.
func (w ResponseWriter) RequireLength(limit int64) bool {
	x, err := w.lock()
	if err != nil {
		return false
	}
	defer x.send.Unlock()
	switch {
	case x.framing.Mode == body.NoBody:
		return true
	case x.committed:
		return false
	case x.framing.Mode != body.LengthDelimited:
		x.page(status.LengthRequired, "content must have its length in Content-Length (RFC 9110 section 15.5.12)")
	case limit >= 0 && x.framing.Length > limit:
		x.page(status.ContentTooLarge, fmt.Sprintf("content must have at most %d octets (RFC 9110 section 15.5.14)", limit))
	default:
		return true
	}
	x.last = true
	return false
}
