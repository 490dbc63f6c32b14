package nethttp

import (
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"sync"

	"golang.org/x/net/http/httpguts"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/httpserver"
	"github.com/strata-http/strata/wire"
)

// errTarget is the error of a request-target that net/url does not understand. It does not repeat it.
var errTarget = errors.New("the request-target is malformed (RFC 9112 section 3.2)")

// noRequest is what requests are made from, since their context can be set only by making a copy.
var noRequest http.Request

// request makes the http.Request. The error is one of the request-target.
func (s *served) request() (*http.Request, error) {
	r := s.r
	s.ctx = servedContext{Context: r.Context(), server: s.bridge.server, local: r.NetConn().LocalAddr()}
	req := noRequest.WithContext(&s.ctx)
	s.req = req
	req.Method = r.Method()
	fields := r.Fields()
	req.RequestURI, req.Host = s.strings(fields)
	u, err := s.target(req.Method, req.RequestURI)
	if err != nil {
		return nil, errTarget
	}
	req.URL = u
	version := r.Version()
	req.ProtoMajor, req.ProtoMinor = int(version)/10, int(version)%10
	switch version {
	case wire.HTTP11:
		req.Proto = "HTTP/1.1"
	case wire.HTTP10:
		req.Proto = "HTTP/1.0"
	default:
		req.Proto = fmt.Sprintf("HTTP/%d.%d", req.ProtoMajor, req.ProtoMinor)
	}
	req.Close = closes(version, req.Header)
	req.RemoteAddr = r.Remote()
	req.TLS = r.TLS()
	return req, s.content(req)
}

// content fills what a request says of its content.
func (s *served) content(req *http.Request) error {
	framing := s.r.Framing()
	req.ContentLength = s.r.ContentLength()
	if framing.Mode == body.Chunked {
		req.TransferEncoding = []string{"chunked"}
		delete(req.Header, "Content-Length")
		if err := announced(req); err != nil {
			return err
		}
	}
	if framing.Mode == body.NoBody || framing.Mode == body.LengthDelimited && framing.Length == 0 {
		req.Body = http.NoBody
		s.body.closed.Store(true)
		return nil
	}
	s.body.r, s.body.req = s.r, req
	req.Body = &s.body
	return nil
}

// announced moves what Trailer announces to the request's Trailer.
func announced(req *http.Request) error {
	for _, value := range req.Header["Trailer"] {
		for element := range headers.Elements([]byte(value)) {
			name := textproto.CanonicalMIMEHeaderKey(string(element))
			switch name {
			case "Transfer-Encoding", "Trailer", "Content-Length":
				return fmt.Errorf("a %s field cannot be in the trailer section", name)
			}
			if req.Trailer == nil {
				req.Trailer = make(http.Header)
			}
			req.Trailer[name] = nil
		}
	}
	delete(req.Header, "Trailer")
	return nil
}

// closes reports whether a request asks for the end of its connection, as net/http reads it.
func closes(version wire.Version, h http.Header) bool {
	options := h["Connection"]
	if !version.AtLeast11() {
		return !httpguts.HeaderValuesContainsToken(options, "keep-alive") || httpguts.HeaderValuesContainsToken(options, "close")
	}
	return len(options) > 0 && httpguts.HeaderValuesContainsToken(options, "close")
}

// headScratch has memory in which the strings of a request are put together.
var headScratch = sync.Pool{New: func() any { b := make([]byte, 0, 2<<10); return &b }}

// strings fills the Header, and returns the request-target and the host. All values are parts of one string.
func (s *served) strings(fields *headers.Fields) (target, host string) {
	p := headScratch.Get().(*[]byte)
	b := (*p)[:0]
	b = append(b, s.r.TargetOctets()...)
	targetEnd := len(b)
	b = append(b, s.r.HostOctets()...)
	hostEnd := len(b)
	n := fields.Len()
	for i := range n {
		_, value := fields.At(i)
		b = append(b, value...)
	}
	all := string(b)
	if cap(b) <= 16<<10 {
		*p = b
		headScratch.Put(p)
	}
	h := make(http.Header, n)
	values := make([]string, n)
	at := hostEnd
	for i := range n {
		name, value := fields.At(i)
		values[i] = all[at : at+len(value)]
		at += len(value)
		key := canonicalName(name)
		switch key {
		case "Host", "Transfer-Encoding":
			continue
		}
		if before, ok := h[key]; !ok {
			h[key] = values[i : i+1 : i+1]
		} else if key != "Content-Length" { // of which there can be several if they are equal
			h[key] = append(before, values[i])
		}
	}
	if pragma, ok := h["Pragma"]; ok && len(pragma) > 0 && pragma[0] == "no-cache" {
		if _, ok := h["Cache-Control"]; !ok {
			h["Cache-Control"] = []string{"no-cache"} // RFC 9111 section 5.4
		}
	}
	s.req.Header = h
	return all[:targetEnd], all[targetEnd:hostEnd]
}

// target parses the request-target as net/http does: that of CONNECT is an authority.
func (s *served) target(method, target string) (*url.URL, error) {
	if isPlainPath(target) {
		s.url.Path, s.url.RawQuery, _ = strings.Cut(target, "?")
		return &s.url, nil
	}
	if method != http.MethodConnect || strings.HasPrefix(target, "/") {
		return url.ParseRequestURI(target)
	}
	u, err := url.ParseRequestURI("http://" + target)
	if err == nil {
		u.Scheme = ""
	}
	return u, err
}

// isPlainPath reports whether a request-target is a path, and perhaps a query, that means what it says, without any
// escape.
func isPlainPath(target string) bool {
	if target == "" || target[0] != '/' {
		return false
	}
	for i := range len(target) {
		switch c := target[i]; {
		case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9':
		case c == '/' || c == '-' || c == '_' || c == '.' || c == '~':
		case c == '?':
			query := target[i+1:]
			for j := range len(query) {
				if query[j] <= ' ' || query[j] >= 0x7f {
					return false
				}
			}
			return query != ""
		default:
			return false
		}
	}
	return true
}

// canonicalNames has the names that are so common that they need not be made each time.
var canonicalNames = func() map[string]string {
	m := make(map[string]string)
	for name := range strings.FieldsSeq(`Accept Accept-Charset Accept-Encoding Accept-Language Access-Control-Request-Headers
		Access-Control-Request-Method Authorization Cache-Control Connection Content-Disposition Content-Encoding
		Content-Length Content-Type Cookie Date Dnt Expect Forwarded From Host If-Match If-Modified-Since If-None-Match
		If-Range If-Unmodified-Since Keep-Alive Origin Pragma Priority Proxy-Authorization Proxy-Connection Range Referer
		Sec-Ch-Ua Sec-Ch-Ua-Mobile Sec-Ch-Ua-Platform Sec-Fetch-Dest Sec-Fetch-Mode Sec-Fetch-Site Sec-Fetch-User Sec-Gpc
		Sec-Websocket-Extensions Sec-Websocket-Key Sec-Websocket-Protocol Sec-Websocket-Version Te Traceparent Tracestate
		Trailer Transfer-Encoding Upgrade Upgrade-Insecure-Requests User-Agent Via X-Forwarded-For X-Forwarded-Host
		X-Forwarded-Proto X-Real-Ip X-Request-Id X-Requested-With`) {
		m[name] = name
	}
	return m
}()

// canonicalName returns a field name as textproto.CanonicalMIMEHeaderKey does, mostly without making a string.
func canonicalName(name []byte) string {
	if known, ok := canonicalNames[string(name)]; ok {
		return known
	}
	var room [40]byte
	if len(name) <= len(room) {
		upper := true
		for i, c := range name {
			switch {
			case upper && 'a' <= c && c <= 'z':
				c -= 'a' - 'A'
			case !upper && 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
			}
			room[i] = c
			upper = c == '-'
		}
		if known, ok := canonicalNames[string(room[:len(name)])]; ok {
			return known
		}
	}
	return textproto.CanonicalMIMEHeaderKey(string(name))
}

// fillTrailers fills the request's Trailer, when the content has ended.
func fillTrailers(r httpserver.Request, req *http.Request) {
	fields := r.Trailers()
	for name, value := range fields.All() {
		if req.Trailer == nil {
			req.Trailer = make(http.Header)
		}
		req.Trailer.Add(string(name), string(value))
	}
}
