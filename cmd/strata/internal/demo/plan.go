package demo

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/status"
)

const (
	host      = "strata.example"
	chunkExt  = ";part="
	trailer   = "Chunk-Count"
	tunnelled = host + ":443"
)

// message is what the caller gives for one message.
type message struct {
	method, target string
	code           int
	reason         string
	fields         *headers.Fields
	content        []string // a chunk each where the message is chunked
	chunked        bool
	trailers       *headers.Fields
}

// request returns what the client's caller gives.
func (o *Options) request() message {
	m := message{method: o.Method, target: "/hello", fields: new(headers.Fields)}
	if m.method == "CONNECT" {
		m.target = tunnelled
		m.fields.Add("Host", tunnelled)
		return m
	}
	m.fields.Add("Host", host)
	if o.Chunked {
		// The server may send a trailer section that matters only to who asks for it (RFC 9110 section 10.1.4).
		m.fields.Add("TE", "trailers")
		m.fields.Add("Connection", "TE")
	}
	if o.Chunked || sendsContent(m.method) {
		m.frame(o.Chunked, "name=Strata", "&layers=5")
	}
	return m
}

// sendsContent reports whether requests with the method give a meaning to content (RFC 9110 section 9.3).
func sendsContent(method string) bool {
	return method == "POST" || method == "PUT" || method == "PATCH"
}

// response returns what the server's caller answers to a request with so many octets of content.
func (o *Options) response(received int) message {
	m := message{code: 200, fields: new(headers.Fields)}
	m.reason = status.Code(m.code).Phrase()
	if o.Method == "CONNECT" {
		return m
	}
	m.fields.Add("Content-Type", "text/plain")
	if received > 0 {
		m.frame(o.Chunked, "Got", fmt.Sprintf(" %d octets.\n", received))
	} else {
		m.frame(o.Chunked, "Hello,", " layers!\n")
	}
	if o.Method == "HEAD" {
		// The fields are those of GET; the content is left out (RFC 9110 section 9.3.2), and with it the trailers.
		m.content, m.trailers = nil, nil
	}
	return m
}

// frame gives m content, whose parts are a chunk each if it is chunked, and the fields by which its recipient will find
// the end of it.
func (m *message) frame(chunked bool, parts ...string) {
	if !chunked {
		content := strings.Join(parts, "")
		m.fields.Add("Content-Length", strconv.Itoa(len(content)))
		m.content = []string{content}
		return
	}
	m.chunked, m.content = true, parts
	m.fields.Add("Transfer-Encoding", "chunked")
	m.fields.Add("Trailer", trailer)
	m.trailers = new(headers.Fields)
	m.trailers.Add(trailer, strconv.Itoa(len(parts)))
}
