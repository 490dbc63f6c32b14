package headers

import (
	"github.com/strata-http/strata/wire"
)

// Admit makes of c, which f.Control returned for a response, what the leniencies that concern control fields
// make of it: [wire.AllowBadLength], [wire.AllowManyLengths] and [wire.AllowCloseSubstring]. It returns those
// that were needed. Requests have no such leniency: there, to guess at the framing helps only smuggling.
func (c *Control) Admit(f *Fields, lenient wire.Lenient) (used wire.Lenient) {
	if lenient&wire.AllowManyLengths != 0 && c.severalLengths(f) {
		first := *c
		first.ContentLength, first.Length = -1, Fault{}
		_, value := f.At(c.lengthLine)
		first.length(c.lengthLine, value, nil)
		if first.ContentLength != c.ContentLength || first.Length != c.Length {
			used |= wire.AllowManyLengths
		}
		*c = first
	}
	if lenient&wire.AllowBadLength != 0 {
		used |= c.admitBadLength(f)
	}
	if lenient&wire.AllowCloseSubstring != 0 && !c.Close {
		for value := range f.Values("Connection") {
			if containsFold(value, "close") {
				c.Close = true
				used |= wire.AllowCloseSubstring
			}
		}
	}
	return used
}

// admitBadLength makes a Content-Length that is no number none at all. A number that is too large stays what
// it is: content that ends too soon would pass for whole. A list of different numbers in one field line is no
// number either.
func (c *Control) admitBadLength(f *Fields) wire.Lenient {
	switch c.Length.Rule {
	case wire.RuleContentLength:
		if _, value := f.At(c.Length.Line); isDigits(value) {
			return 0
		}
		if !c.severalLengths(f) {
			c.ContentLength = -1 // a number that is an element of the list says nothing
		}
	case wire.RuleContentLengths:
		if c.severalLengths(f) {
			return 0
		}
		c.ContentLength = -1
	default:
		return 0
	}
	c.Length = Fault{}
	if c.ContentLength < 0 {
		c.lengthLine = -1
	}
	return wire.AllowBadLength
}

// isDigits reports whether b is 1*DIGIT.
func isDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0
}

// severalLengths reports whether there is more than one Content-Length field line.
func (c *Control) severalLengths(f *Fields) bool {
	return c.lengthLine >= 0 && f.index("Content-Length", c.lengthLine+1) >= 0
}

// containsFold reports whether s has word in it, in any case.
func containsFold(s []byte, word string) bool {
	for i := 0; i+len(word) <= len(s); i++ {
		if wire.EqualFold(s[i:i+len(word)], word) {
			return true
		}
	}
	return false
}
