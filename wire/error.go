package wire

import (
	"strconv"
	"strings"
)

// Element is the grammar element in which a rule was broken, in the RFCs' words.
type Element string

// The elements that errors name.
const (
	ElementRequestLine    Element = "request-line"
	ElementStatusLine     Element = "status-line"
	ElementFieldLine      Element = "field line"
	ElementFieldSection   Element = "field section"
	ElementTrailerSection Element = "trailer section"
	ElementChunk          Element = "chunk"
	ElementContent        Element = "content"
	ElementMessage        Element = "message"
)

// SyntaxError is the error for octets that break a rule. errors.Is(err, rule) holds for its Rule.
type SyntaxError struct {
	// Rule is what was broken.
	Rule Rule
	// Element is where in the grammar.
	Element Element
	// Offset is the offending octet's place: counted from the start of the octets given, for the
	// functions of this package; from the first octet of the connection, for those of package conn;
	// and from the first octet of the element for what a caller wanted to send. It is -1 where the
	// error has no place.
	Offset int64
	// Found is the offending octet, and empty where the error is about what is missing. It is one
	// octet alone: so an error carries no secret, and is the same for every segmentation.
	Found string
	// Field is the name of the field line that a caller wanted to send, where the error is about one.
	Field string
	// Sent tells that a caller wanted to send what breaks the rule, and that nothing of it was: no
	// leniency reaches that. Otherwise the peer sent it.
	Sent bool
	// Firm tells that no leniency admits what the peer sent, though one admits something else that breaks
	// the rule: in a request, some that responses have; and a number that is too large is one all the same.
	Firm bool
}

// NewSyntaxError returns the error for rule broken in element at b[at]. It keeps a copy of that
// octet.
func NewSyntaxError[T Octets](rule Rule, element Element, b T, at int) *SyntaxError {
	e := &SyntaxError{Rule: rule, Element: element, Offset: int64(at)}
	if at >= 0 && at < len(b) {
		e.Found = string(b[at : at+1])
	}
	return e
}

// unsendable is NewSyntaxError for what a caller wanted to send: b[at] stands base octets further on in
// the element.
func unsendable[T Octets](rule Rule, element Element, b T, at, base int) error {
	e := NewSyntaxError(rule, element, b, at)
	e.Offset += int64(base)
	e.Sent = true
	return e
}

// Error returns a message such as
//
//	field line at byte 37: bare CR in field value (RFC 9112 section 2.2); wire.AllowBareCR would admit it; found "\r"
//
// Octets of the peer stand in it only quoted.
func (e *SyntaxError) Error() string {
	b := make([]byte, 0, 160)
	b = append(b, e.Element...)
	if e.Field != "" {
		b = append(b, ' ')
		b = strconv.AppendQuoteToASCII(b, e.Field)
	}
	if e.Offset >= 0 {
		b = append(b, " at byte "...)
		b = strconv.AppendInt(b, e.Offset, 10)
	}
	b = append(b, ": "...)
	if e.Sent && e.Rule == RuleBareLF {
		b = append(b, "LF in field value ("+e.Rule.Section()+")"...)
	} else {
		b = append(b, e.Rule.Error()...)
	}
	if l := e.Rule.Lenient(); l != 0 && e.admissible() {
		b = append(b, "; wire."...)
		b = append(b, strings.ReplaceAll(l.String(), "|", " or wire.")...)
		b = append(b, " would admit it"...)
	}
	if e.Found != "" {
		b = append(b, "; found "...)
		b = strconv.AppendQuoteToASCII(b, e.Found)
	}
	return string(b)
}

// admissible reports whether the rule's leniency would admit this very deviation: that for
// request-targets admits obs-text alone, that for reason phrases no NUL, and so on; none admits what is
// sent.
func (e *SyntaxError) admissible() bool {
	switch {
	case e.Sent || e.Firm:
		return false
	case e.Rule == RuleTarget:
		return e.Found != "" && e.Found[0] >= 0x80
	case e.Rule == RuleReasonPhrase:
		return e.Found != "\x00"
	case e.Rule == RuleFieldName:
		return e.Found > " " && e.Found <= "~" && e.Found != ":"
	case e.Rule == RuleVersion:
		return e.Element == ElementStatusLine
	case e.Rule == RuleStatusLine:
		return e.Found != "" && isWhitespace(e.Found[0]) && e.Found != "\r"
	case e.Rule == RuleIncompleteContent:
		return e.Element == ElementTrailerSection
	}
	return true
}

// Unwrap returns the rule.
func (e *SyntaxError) Unwrap() error { return e.Rule }
