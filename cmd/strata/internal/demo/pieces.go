package demo

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/strata-http/strata/cmd/strata/internal/console"
	"github.com/strata-http/strata/headers"
	"github.com/strata-http/strata/wire"
)

// layer is who made some octets, or read them.
type layer uint8

const (
	caller layer = iota
	wireLayer
	headersLayer
	bodyLayer
	connLayer
	networkLayer
)

var layers = [...]struct {
	name  string
	style console.Style
	does  string
}{
	caller:       {"caller", console.Caller, "gives method, target, status, fields and content"},
	wireLayer:    {"wire", console.Wire, "makes the request-line and the status-line"},
	headersLayer: {"headers", console.Headers, "makes the field lines, of head and trailer section"},
	bodyLayer:    {"body", console.Body, "frames the content: by length, in chunks, or not at all"},
	connLayer:    {"conn", console.Conn, "ends a head by an empty line; keeps, at each end, both states (●)"},
	networkLayer: {"network", console.Network, "carries octets and knows no HTTP: it is transport/memory"},
}

func (l layer) label() span {
	return span{layers[l].style, fmt.Sprintf("%-*s", labelWidth, layers[l].name)}
}

// blank takes the place of a label.
func blank() span { return span{console.Plain, strings.Repeat(" ", labelWidth)} }

// piece is a run of octets and the layer that made it. The parts in given, in this order, came from the caller.
type piece struct {
	layer  layer
	octets []byte
	given  []string
}

// spans shows the octets of a piece.
func (p *piece) spans() []span {
	style := layers[p.layer].style
	rest := p.octets
	var spans []span
	for _, given := range p.given {
		at := bytes.Index(rest, []byte(given))
		if at < 0 {
			break
		}
		spans = append(spans, octetSpans(rest[:at], style)...)
		spans = append(spans, octetSpans(rest[at:at+len(given)], console.Caller)...)
		rest = rest[at+len(given):]
	}
	return append(spans, octetSpans(rest, style)...)
}

// splitter takes octets that a conn.Conn has appended apart, by asking the layers below for theirs.
type splitter struct {
	rest   []byte
	pieces []piece
	err    error
}

// take gives the octets at the front to a layer; it is an error when they are others.
func (s *splitter) take(l layer, octets []byte, given ...string) {
	rest, ok := bytes.CutPrefix(s.rest, octets)
	if !ok && s.err == nil {
		s.err = fmt.Errorf("demo: package %s makes %q, but the message goes on with %q", layers[l].name, octets, s.rest)
	}
	if len(octets) > 0 {
		s.pieces = append(s.pieces, piece{l, octets, given})
	}
	s.rest = rest
}

// crlf gives a line end to a layer.
func (s *splitter) crlf(l layer) { s.take(l, []byte("\r\n")) }

// made is take for what an append function returned.
func (s *splitter) made(l layer, octets []byte, err error, given ...string) {
	if s.err == nil {
		s.err = err
	}
	s.take(l, octets, given...)
}

func (s *splitter) fields(f *headers.Fields) {
	for name, value := range f.All() {
		line, err := wire.AppendFieldLine(nil, name, value)
		s.made(headersLayer, line, err, string(name), string(value))
	}
}

// done returns the pieces, once every octet has its layer.
func (s *splitter) done() ([]piece, error) {
	if len(s.rest) > 0 && s.err == nil {
		s.err = fmt.Errorf("demo: no layer claims %q", s.rest)
	}
	return s.pieces, s.err
}

func splitRequest(octets []byte, method, target string, f *headers.Fields) ([]piece, error) {
	s := splitter{rest: octets}
	line, err := wire.AppendRequestLine(nil, method, target, wire.HTTP11, 0)
	s.made(wireLayer, line, err, method, target)
	s.fields(f)
	s.crlf(connLayer)
	return s.done()
}

func splitResponse(octets []byte, code int, reason string, f *headers.Fields) ([]piece, error) {
	s := splitter{rest: octets}
	line, err := wire.AppendStatusLine(nil, wire.HTTP11, code, reason)
	s.made(wireLayer, line, err, fmt.Sprint(code), reason)
	s.fields(f)
	s.crlf(connLayer)
	return s.done()
}

func splitContent(octets []byte, content, ext string, chunked bool) ([]piece, error) {
	s := splitter{rest: octets}
	if chunked {
		head, err := wire.AppendChunkHead(nil, int64(len(content)), ext)
		s.made(bodyLayer, head, err, ext)
	}
	s.take(caller, []byte(content))
	if chunked {
		s.crlf(bodyLayer)
	}
	return s.done()
}

func splitEnd(octets []byte, trailers *headers.Fields, chunked bool) ([]piece, error) {
	s := splitter{rest: octets}
	if chunked {
		s.take(bodyLayer, []byte("0\r\n"))
		s.fields(trailers)
		s.crlf(bodyLayer)
	}
	return s.done()
}

// count returns "1 octet" or "7 octets".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", n, noun))
}
