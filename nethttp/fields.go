package nethttp

import (
	"fmt"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/strata-http/strata/headers"
)

// scratch is memory to put a request together in.
type scratch struct {
	lines, arranged []line
	names           []string
	fields          headers.Fields
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// drop gives s back, without what it holds of the caller's.
func (s *scratch) drop() {
	clear(s.lines)
	clear(s.arranged)
	clear(s.names)
	s.fields.Reset()
	scratches.Put(s)
}

// compose puts the field lines of a request together, as http.Transport orders them: Host, User-Agent, what frames
// the content, the others sorted, and last what a Transport adds.
func (x *exchange) compose(s *scratch, host string) error {
	lines := append(s.lines[:0], line{"Host", host})
	h := x.req.Header
	agent := DefaultUserAgent
	if set, ok := h["User-Agent"]; ok {
		agent = ""
		if len(set) > 0 {
			agent = textproto.TrimString(set[0])
		}
	}
	if agent != "" {
		lines = append(lines, line{"User-Agent", agent})
	}
	lines, err := x.composeFraming(lines)
	if err != nil {
		return err
	}
	s.names = s.names[:0]
	for name := range h {
		switch name {
		case "Host", "User-Agent", "Content-Length", "Transfer-Encoding", "Trailer":
		case "Proxy-Authorization":
			if !x.way.tunnel { // else it would pass to the origin
				s.names = append(s.names, name)
			}
		default:
			s.names = append(s.names, name)
		}
	}
	slices.Sort(s.names)
	for _, name := range s.names {
		for _, value := range h[name] {
			lines = append(lines, line{name, textproto.TrimString(value)})
		}
	}
	lines = x.composeExtra(lines)
	s.lines = lines
	if x.set != nil && len(x.set.order) > 0 {
		s.arranged = arrange(lines, x.set.order, x.req.Response != nil, s.arranged)
		lines = s.arranged
	}
	s.fields.Reset()
	for _, l := range lines {
		s.fields.Add(l.name, l.value)
	}
	return nil
}

// composeFraming adds what tells how the message is framed.
func (x *exchange) composeFraming(lines []line) ([]line, error) {
	if x.req.Close && !hasToken(x.req.Header["Connection"], "close") {
		lines = append(lines, line{"Connection", "close"})
	}
	switch {
	case x.chunked:
		lines = append(lines, line{"Transfer-Encoding", "chunked"})
	case x.length > 0, x.length == 0 && expectsContent(x.method):
		lines = append(lines, line{"Content-Length", strconv.FormatInt(x.length, 10)})
	}
	if len(x.req.Trailer) == 0 || !x.chunked {
		return lines, nil
	}
	names := make([]string, 0, len(x.req.Trailer))
	for name := range x.req.Trailer {
		name = http.CanonicalHeaderKey(name)
		switch name {
		case "Transfer-Encoding", "Trailer", "Content-Length":
			return nil, fmt.Errorf("invalid Trailer key %q", name)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return append(lines, line{"Trailer", strings.Join(names, ",")}), nil
}

func expectsContent(method string) bool {
	return method == "POST" || method == "PUT" || method == "PATCH"
}

// composeExtra adds what the Transport wants.
func (x *exchange) composeExtra(lines []line) []line {
	h := x.req.Header
	if !x.t.DisableCompression && x.method != "HEAD" && first(h["Accept-Encoding"]) == "" && first(h["Range"]) == "" {
		x.gzip = true
		lines = append(lines, line{"Accept-Encoding", "gzip"})
	}
	if x.t.DisableKeepAlives && !x.req.Close && !hasToken(h["Connection"], "close") && !isSwitch(h) {
		lines = append(lines, line{"Connection", "close"})
	}
	if x.way.auth != "" {
		lines = slices.DeleteFunc(lines, func(l line) bool { return l.name == "Proxy-Authorization" })
		lines = append(lines, line{"Proxy-Authorization", x.way.auth})
	}
	return lines
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// isSwitch reports whether a header asks for another protocol.
func isSwitch(h http.Header) bool {
	return first(h["Upgrade"]) != "" && hasToken(h["Connection"], "upgrade")
}

// hasToken reports whether one of the lists has a token, in any case.
func hasToken(lists []string, token string) bool {
	for _, list := range lists {
		for element := range strings.SplitSeq(list, ",") {
			if strings.EqualFold(textproto.TrimString(element), token) {
				return true
			}
		}
	}
	return false
}

// record is the head of a response, in memory of its own.
type record struct {
	status string // the status code and the reason phrase, as they came
	minor  int    // of the version
	lines  []line
}

// newRecord copies a head.
func newRecord(raw []byte, fields *headers.Fields) record {
	statusLine, _, _ := strings.Cut(string(raw[:min(len(raw), 1<<10)]), "\n")
	_, text, _ := strings.Cut(strings.TrimSuffix(statusLine, "\r"), " ")
	size := len(text)
	for name, value := range fields.All() {
		size += len(name) + len(value)
	}
	// One string for all, of which the others are parts.
	var all strings.Builder
	all.Grow(size)
	all.WriteString(text)
	for name, value := range fields.All() {
		all.Write(name)
		all.Write(value)
	}
	s := all.String()
	r := record{status: s[:len(text)], minor: minorOf(raw), lines: make([]line, 0, fields.Len())}
	s = s[len(text):]
	for name, value := range fields.All() {
		n, m := len(name), len(name)+len(value)
		r.lines = append(r.lines, line{s[:n], s[n:m]})
		s = s[m:]
	}
	return r
}

// minorOf returns the minor version of a response.
func minorOf(raw []byte) int {
	const name = "HTTP/1."
	if len(raw) > len(name) && string(raw[:len(name)]) == name && raw[len(name)] >= '0' && raw[len(name)] <= '9' {
		return int(raw[len(name)] - '0')
	}
	return 1
}

// header returns the lines in the form of package net/http.
func header(lines []line) http.Header {
	h := make(http.Header, len(lines))
	values := make([]string, len(lines))
	for i, l := range lines {
		name := textproto.CanonicalMIMEHeaderKey(l.name)
		if there, ok := h[name]; ok {
			h[name] = append(there, l.value)
			continue
		}
		values[i] = l.value
		h[name] = values[i : i+1 : i+1]
	}
	return h
}

// fields returns the lines as fields.
func fieldsOf(lines []line) *headers.Fields {
	f := new(headers.Fields)
	for _, l := range lines {
		f.Add(l.name, l.value)
	}
	return f
}
