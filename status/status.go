package status

import (
	"iter"
	"strconv"
)

// Code is a status code (RFC 9110, section 15). Its methods are defined for
// every int: one that is no status code is merely neither valid nor registered.
type Code int

// Phrase returns the reason phrase that the code's defining document
// recommends, or "" when the code is not registered. Where RFC 9110 renamed a
// code the phrase is the new one: 413 is "Content Too Large". A phrase is no
// part of the protocol and a sender is free to use another (RFC 9110, section
// 15.1). The two codes that RFC 9110 reserves without a meaning have
// "(Unused)" for 306, as in the registry, and "I'm a Teapot" for 418, by which
// that code is known.
func (c Code) Phrase() string {
	if text := c.entry().text; text != "" {
		return text[phraseAt:]
	}
	return ""
}

// Description returns one sentence that says what the code tells the client, or
// "" when the code is not registered.
func (c Code) Description() string { return c.entry().description }

// Reference returns the document and the section that define the code, such as
// "RFC 9110, Section 15.3.1", or "" when the code is not registered.
func (c Code) Reference() string { return c.entry().reference }

// Registered reports whether the IANA registry lists the code, as assigned or,
// for 306 and 418, as reserved.
func (c Code) Registered() bool { return c.entry().text != "" }

// Valid reports whether the code is within 100 to 599, which is what RFC 9110,
// section 15 calls valid, registered or not.
func (c Code) Valid() bool { return c >= 100 && c <= 599 }

// Class returns the class of the code, which every client must understand even
// when it does not recognize the code. An unregistered code has the class of its
// first digit. Codes that are not [Code.Valid], be it 000 to 099, 600 to 999 or a
// number that does not fit three digits, are [ServerError]: RFC 9110, section 15
// has a client process a response with such a code as if it were a 5xx.
func (c Code) Class() Class {
	if !c.Valid() {
		return ServerError
	}
	return Class(c / 100)
}

// String returns the code and its phrase, "404 Not Found", or the digits alone
// when the code is not registered: "299". There are at least three digits, as in
// a status-line, so 7 gives "007".
func (c Code) String() string {
	if text := c.entry().text; text != "" {
		return text
	}
	digits := strconv.Itoa(int(c))
	if c >= 0 && len(digits) < 3 {
		return "000"[len(digits):] + digits
	}
	return digits
}

// entry returns the table's row for the code; the zero entry when there is none.
func (c Code) entry() *entry {
	if uint(c) < uint(len(table)) {
		return &table[c]
	}
	return &table[0] // no code is 0, so this row is empty
}

// All returns every registered code in ascending order, once each.
func All() iter.Seq[Code] {
	return func(yield func(Code) bool) {
		for i := range table {
			if table[i].text != "" && !yield(Code(i)) {
				return
			}
		}
	}
}
