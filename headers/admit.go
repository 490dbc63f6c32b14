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
	if lenient&wire.AllowBadLength != 0 && c.Length.Rule == wire.RuleContentLength {
		used |= wire.AllowBadLength
		c.Length = Fault{}
		if c.ContentLength < 0 {
			c.lengthLine = -1
		}
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
