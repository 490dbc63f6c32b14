package nethttp

import (
	"io"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"

	"github.com/strata-http/strata/body"
	"github.com/strata-http/strata/wire"
)

// fill makes resp of a head: what does not depend on its framing.
func (r *record) fill(resp *http.Response, status int, v wire.Version) {
	resp.Status, resp.StatusCode = r.status, status
	resp.Proto, resp.ProtoMajor, resp.ProtoMinor = "HTTP/1.1", 1, 1
	switch {
	case !v.AtLeast11():
		resp.Proto, resp.ProtoMinor = "HTTP/1.0", 0
	case r.minor > 1:
		resp.Proto, resp.ProtoMinor = "HTTP/1."+strconv.Itoa(r.minor), r.minor
	}
	if r.status == "" {
		resp.Status = strconv.Itoa(status)
	}
	resp.Header = header(r.lines)
	if len(resp.Header["Pragma"]) > 0 && resp.Header["Pragma"][0] == "no-cache" {
		if _, there := resp.Header["Cache-Control"]; !there {
			resp.Header["Cache-Control"] = []string{"no-cache"} // RFC 9111 section 5.4
		}
	}
}

// receive makes the http.Response of the response whose head was read.
func (x *exchange) receive() error {
	r, resp := x.answer, &x.resp
	x.record = newRecord(r.RawHead(), r.Fields())
	x.record.fill(resp, int(r.Status()), r.Version())
	resp.Request = x.req
	if tls := x.conn.Conn().TLS(); tls != nil {
		resp.TLS = tls
	}
	x.keepReceived()
	if r.Switched() {
		return x.switched()
	}
	x.fillFraming(r.Framing())
	resp.Close = x.closes(r.Framing())
	hasContent := x.method != "HEAD" && resp.ContentLength != 0 && r.Framing().Mode != body.NoBody
	x.content.x = x
	if !hasContent {
		if _, err := r.Read(nil); err != io.EOF && err != nil {
			return err
		}
		if c := x.conn.Conn(); !c.Sending() {
			x.release()
			resp.Body = &noContent{record: &x.record}
			return nil
		}
	}
	resp.Body = &x.content
	if x.gzip && hasContent && strings.EqualFold(first(resp.Header["Content-Encoding"]), "gzip") {
		resp.Body = &gzipContent{content: &x.content}
		delete(resp.Header, "Content-Encoding")
		delete(resp.Header, "Content-Length")
		resp.ContentLength, resp.Uncompressed = -1, true
	}
	return nil
}

// keepReceived fills in what [WithReceived] has given.
func (x *exchange) keepReceived() {
	if x.set == nil || x.set.received == nil {
		return
	}
	to := x.set.received
	to.resp = &x.resp
	to.Head = append([]byte(nil), x.answer.RawHead()...)
	to.Fields.CopyFrom(x.answer.Fields())
	to.Trailers.Reset()
}

// fillFraming sets what a http.Response says about its framing, and takes it off the header where package net/http
// does.
func (x *exchange) fillFraming(f body.Framing) {
	resp := &x.resp
	length := int64(-1)
	if values := resp.Header["Content-Length"]; len(values) > 0 {
		if n, err := strconv.ParseInt(textproto.TrimString(values[0]), 10, 64); err == nil {
			length = n
		}
		if len(values) > 1 && f.Mode == body.LengthDelimited {
			resp.Header["Content-Length"] = values[:1] // they are equal
		}
	}
	switch {
	case f.Mode == body.Chunked:
		length = -1
		resp.TransferEncoding = []string{"chunked"}
		delete(resp.Header, "Transfer-Encoding")
		delete(resp.Header, "Content-Length")
		x.announceTrailers()
	case f.Mode == body.LengthDelimited:
		length = f.Length
	case f.Mode == body.CloseDelimited:
		length = -1
	case x.method != "HEAD":
		length = 0
	default:
		if _, coded := resp.Header["Transfer-Encoding"]; coded {
			length = -1
			resp.TransferEncoding = []string{"chunked"}
			delete(resp.Header, "Transfer-Encoding")
			delete(resp.Header, "Content-Length")
		}
	}
	resp.ContentLength = length
}

// announceTrailers puts the names of a Trailer field into Response.Trailer.
func (x *exchange) announceTrailers() {
	announced := x.resp.Header["Trailer"]
	if len(announced) == 0 {
		return
	}
	delete(x.resp.Header, "Trailer")
	trailer := make(http.Header)
	for _, list := range announced {
		for name := range strings.SplitSeq(list, ",") {
			if name = textproto.TrimString(name); body.AllowedInTrailer(name) && wire.IsToken(name) {
				trailer[http.CanonicalHeaderKey(name)] = nil
			}
		}
	}
	if len(trailer) > 0 {
		x.resp.Trailer = trailer
	}
}

// closes reports what http.Response.Close says: that the header, or the framing, ends the connection.
func (x *exchange) closes(f body.Framing) bool {
	options := x.resp.Header["Connection"]
	switch {
	case x.resp.ProtoMinor == 0:
		return f.Mode == body.CloseDelimited || hasToken(options, "close") || !hasToken(options, "keep-alive")
	case hasToken(options, "close"):
		delete(x.resp.Header, "Connection")
		return true
	}
	return f.Mode == body.CloseDelimited
}
