package nethttp

import (
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/net/http/httpguts"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
)

// sniffLen is how much of the content [http.DetectContentType] looks at.
const sniffLen = 512

// fix makes the header section that is sent of what the handler has set. It does not change behind that.
func (s *served) fix() {
	h := s.header
	s.length = s.said()
	contentless := !s.bodyAllowed() && s.status != http.StatusResetContent
	coding := h["Transfer-Encoding"]
	if len(coding) > 0 && coding[0] != "" && s.length >= 0 && coding[0] != "identity" {
		s.bridge.logf("http: WriteHeader called with both Transfer-Encoding of %q and a Content-Length of %d", coding[0], s.length)
		s.length = -1
	}
	if values, ok := h["Date"]; ok && len(values) == 0 {
		s.w.OmitDate()
	}
	names := sortedNames(h)
	fields := s.w.Fields()
	for _, name := range *names {
		switch name {
		case "Content-Length":
			if s.length < 0 || contentless || s.status == http.StatusResetContent {
				continue
			}
			fields.Add(name, strconv.FormatInt(s.length, 10))
			continue
		case "Transfer-Encoding":
			continue
		case "Content-Type":
			if s.status == http.StatusNotModified {
				continue
			}
		case "Trailer":
			s.announce(h[name])
		}
		if !strings.HasPrefix(name, http.TrailerPrefix) {
			addField(fields, name, h[name])
		}
	}
	putNames(names)
	if contentless || s.status == http.StatusResetContent {
		return
	}
	if _, ok := h["Content-Type"]; !ok && h.Get("Content-Encoding") == "" && (len(coding) == 0 || coding[0] == "") {
		s.sniffs = true
		s.w.BeforeHead(s.sniff)
	}
}

// sniff adds the media type that the content seems to have.
func (s *served) sniff(fields *headers.Fields, start []byte) {
	s.sniffs = false
	if s.req.Method == http.MethodHead {
		start = s.start
	}
	if len(start) > 0 {
		fields.Add("Content-Type", http.DetectContentType(start))
	}
}

// interim sends an interim response with what is in the header by now.
func (s *served) interim(code int) {
	var fields headers.Fields
	names := sortedNames(s.header)
	for _, name := range *names {
		if name != "Content-Length" && name != "Transfer-Encoding" {
			addField(&fields, name, s.header[name])
		}
	}
	putNames(names)
	s.w.Interim(code, &fields) // an error of the connection comes back with the next write
}

// announce notes the names of trailers to be sent.
func (s *served) announce(values []string) {
	for _, value := range values {
		for element := range headers.Elements([]byte(value)) {
			name := textproto.CanonicalMIMEHeaderKey(string(element))
			if httpguts.ValidTrailerHeader(name) && body.AllowedInTrailer(name) {
				s.trailers = append(s.trailers, name)
			}
		}
	}
}

// sendTrailers hands the trailer section to the engine, where one can be sent.
func (s *served) sendTrailers() {
	prefixed := false
	for name := range s.header {
		if strings.HasPrefix(name, http.TrailerPrefix) {
			prefixed = true
			break
		}
	}
	if !prefixed && len(s.trailers) == 0 || s.w.Committed() && !s.w.Chunked() {
		return
	}
	fields := s.w.Trailers()
	names := sortedNames(s.header)
	for _, name := range *names {
		if bare, ok := strings.CutPrefix(name, http.TrailerPrefix); ok && body.AllowedInTrailer(bare) {
			addField(fields, bare, s.header[name])
		}
	}
	putNames(names)
	for _, name := range s.trailers {
		addField(fields, name, s.header[name])
	}
}

// addField adds values of one name. A name that is no token is left out, as there is no way to tell the handler.
func addField(fields *headers.Fields, name string, values []string) {
	if !httpguts.ValidHeaderFieldName(name) {
		return
	}
	for _, value := range values {
		if name == "Connection" && strings.EqualFold(value, "keep-alive") {
			continue // the engine says that where it is so and needs to be said
		}
		fields.Add(name, cleanValue(value))
	}
}

// cleanValue takes white space off, and makes spaces of octets that no field value can have (RFC 9110 section 5.5).
func cleanValue(value string) string {
	for i := range len(value) {
		if c := value[i]; c < ' ' && c != '\t' || c == 0x7f || c == ' ' && (i == 0 || i == len(value)-1) {
			spaced := []byte(value)
			for i, c := range spaced {
				if c < ' ' && c != '\t' || c == 0x7f {
					spaced[i] = ' '
				}
			}
			return textproto.TrimString(string(spaced))
		}
	}
	return textproto.TrimString(value)
}

var nameLists = sync.Pool{New: func() any { return new([]string) }}

// sortedNames returns the names of h in order, so that equal responses are equal octets. putNames takes the list
// back.
func sortedNames(h http.Header) *[]string {
	names := nameLists.Get().(*[]string)
	for name := range h {
		*names = append(*names, name)
	}
	slices.Sort(*names)
	return names
}

func putNames(names *[]string) {
	clear(*names)
	*names = (*names)[:0]
	nameLists.Put(names)
}
