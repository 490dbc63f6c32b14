package headers

import (
	"iter"

	"github.com/strata-http/strata/wire"
)

// Elements returns views of the elements of a comma-separated list, OWS around them taken off. Empty
// elements are left out, as RFC 9110 section 5.6.1.2 requires of a recipient; a comma in a
// quoted-string separates nothing. A quote that no other closes is an octet like others.
func Elements(value []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		quotes := true
		for len(value) > 0 {
			var element []byte
			element, value, quotes = cutElement(value, quotes)
			if len(element) > 0 && !yield(element) {
				return
			}
		}
	}
}

// cutElement returns the element at the front of list, which may be empty, and what stands behind its
// comma. quotes says whether list may still have quoted-strings: behind a quote that no other closes
// there are none, and to look again at each quote would take quadratic time.
func cutElement(list []byte, quotes bool) (element, rest []byte, _ bool) {
	end := 0
	for end < len(list) && list[end] != ',' {
		n := 1
		if quotes && list[end] == '"' {
			if n = wire.ConsumeQuotedString(list[end:]); n == 0 {
				n, quotes = 1, false
			}
		}
		end += n
	}
	return trimSpace(list[:end]), list[min(end+1, len(list)):], quotes
}

func trimSpace(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}

// HasElement reports whether a field line of that name, in any case, lists element, in any case:
// HasElement("Connection", "close").
func (f *Fields) HasElement(name, element string) bool {
	for value := range f.Values(name) {
		for e := range Elements(value) {
			if wire.EqualFold(e, element) {
				return true
			}
		}
	}
	return false
}

// CutParameters splits a list element, or a whole value such as that of Content-Type, into what stands
// before its first ";" and its parameters.
func CutParameters(element []byte) (head, params []byte) {
	for i := range element {
		if element[i] == ';' {
			return trimSpace(element[:i]), element[i:]
		}
	}
	return trimSpace(element), nil
}

// Parameters returns names and values of the parameters in params, each behind a ";" (RFC 9110 section
// 5.6.6), as [CutParameters] returns them. A value is as it was sent, a quoted-string with its quotes
// (see [wire.AppendUnquoted]). Empty parameters are left out. The sequence ends before a parameter
// that is malformed; [ValidParameters] tells.
func Parameters(params []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		for len(params) > 0 {
			name, value, rest, ok := cutParameter(params)
			if !ok || name != nil && !yield(name, value) {
				return
			}
			params = rest
		}
	}
}

// ValidParameters reports whether the whole of params is parameters as RFC 9110 section 5.6.6 has them.
func ValidParameters(params []byte) bool {
	for len(params) > 0 {
		_, _, rest, ok := cutParameter(params)
		if !ok {
			return false
		}
		params = rest
	}
	return true
}

// cutParameter reads OWS ";" OWS [ name "=" value ] at the front of params. An empty parameter has a
// nil name.
func cutParameter(params []byte) (name, value, rest []byte, ok bool) {
	params = trimSpace(params)
	if len(params) == 0 {
		return nil, nil, nil, true
	}
	if params[0] != ';' {
		return nil, nil, nil, false
	}
	params = trimSpace(params[1:])
	if len(params) == 0 || params[0] == ';' {
		return nil, nil, params, true
	}
	n := tokenLen(params)
	if n == 0 || n == len(params) || params[n] != '=' {
		return nil, nil, nil, false
	}
	name, params = params[:n], params[n+1:]
	if n = wire.ConsumeQuotedString(params); n == 0 {
		n = tokenLen(params)
	}
	if n == 0 {
		return nil, nil, nil, false
	}
	return name, params[:n], params[n:], true
}

func tokenLen(b []byte) int {
	n := 0
	for n < len(b) && wire.IsTokenOctet(b[n]) {
		n++
	}
	return n
}
