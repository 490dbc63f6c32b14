package wire

import "strings"

// Lenient is a set of deviations from the grammar that a recipient admits, one bit each. The zero
// value is strict. Each bit belongs to one [Rule] (see [Rule.Lenient]) and admits that deviation and
// no other; none of them reaches what is sent.
type Lenient uint64

const (
	// AllowBareLF takes a LF without CR for the end of a start-line, of a field line or of a field
	// section (RFC 9112 section 2.2). Lines of the chunked coding have [AllowChunkBareLF].
	AllowBareLF Lenient = 1 << iota
	// AllowBareCR takes a CR that no LF follows, inside a field value, for SP, as RFC 9112 section
	// 2.2 has it. In a start-line or a field name a bare CR is never admitted.
	AllowBareCR
	// AllowNUL takes a NUL inside a field value for SP, as RFC 9110 section 5.5 has it.
	AllowNUL
	// AllowControls keeps control characters other than CR, LF and NUL inside field values (RFC 9110
	// section 5.5).
	AllowControls
	// AllowObsFold takes a folded field line in a request, its line breaks for SP (RFC 9112 section
	// 5.2). In a response a fold is always taken, since that section asks it of a user agent.
	AllowObsFold
	// AllowLeadingSpace drops each line that begins with whitespace between the start-line and the
	// first field line (RFC 9112 section 2.2).
	AllowLeadingSpace
	// AllowSpaceBeforeColon takes whitespace between a field name and its colon for no part of the
	// name (RFC 9112 section 5.1).
	AllowSpaceBeforeColon
	// AllowMissingReason takes a status-line that ends right behind the status code, without the SP
	// that RFC 9112 section 4 requires there.
	AllowMissingReason
	// AllowObsTarget takes octets of 0x80 and above in a request-target (RFC 9112 section 3.2).
	AllowObsTarget
	// AllowMissingHost takes an HTTP/1.1 request without Host field (RFC 9112 section 3.2).
	AllowMissingHost
	// AllowChunkBareLF takes a LF without CR for the line end of the chunked coding: behind a
	// chunk-size and behind chunk-data (RFC 9112 section 7.1).
	AllowChunkBareLF
	// AllowChunkSpace takes whitespace between a chunk-size, or the last chunk extension, and its
	// line end (RFC 9112 section 7.1).
	AllowChunkSpace
	// AllowReasonControls keeps control characters other than CR, LF and NUL inside reason phrases
	// (RFC 9112 section 4).
	AllowReasonControls

	lenientEnd
)

// LenientAll is every bit there is: what a tool sets that wants to see as much as can be read at all.
const LenientAll = lenientEnd - 1

// lenientNames stand in the order of the bits.
var lenientNames = [...]string{
	"AllowBareLF", "AllowBareCR", "AllowNUL", "AllowControls", "AllowObsFold", "AllowLeadingSpace",
	"AllowSpaceBeforeColon", "AllowMissingReason", "AllowObsTarget", "AllowMissingHost",
	"AllowChunkBareLF", "AllowChunkSpace", "AllowReasonControls",
}

// String returns the names of the bits of l joined by "|", and "strict" for none.
func (l Lenient) String() string {
	if l == 0 {
		return "strict"
	}
	var names []string
	for i, name := range lenientNames {
		if l&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, "|")
}

// ParseLenient returns the bit with the name given ("AllowBareLF"), and false where there is none.
func ParseLenient(name string) (Lenient, bool) {
	for i, n := range lenientNames {
		if n == name {
			return 1 << i, true
		}
	}
	return 0, false
}
