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

	// The rest is broad: what old clients take, and http.client among them.

	// AllowLooseStatusLine takes a status-line whose parts are separated by any whitespace, with
	// whitespace before and behind them, as RFC 9112 section 4 lets a recipient do.
	AllowLooseStatusLine
	// AllowAnyVersion takes HTTP/0.9 in a status-line for HTTP/1.0, and anything else that begins with
	// "HTTP/1." but HTTP/1.0 for HTTP/1.1 (RFC 9112 section 2.3).
	AllowAnyVersion
	// AllowHTTP09 takes a response that does not begin with "HTTP/" for one of HTTP/0.9: status 200, no
	// fields, all octets content (RFC 9112 section 4, and RFC 1945 section 6).
	AllowHTTP09
	// AllowLooseName takes visible ASCII octets but the colon for a field name (RFC 9110 section 5.1).
	AllowLooseName
	// AllowBadLineEnds lets the first line of a field section of a response that is no field line end the
	// section: what follows is dropped, up to the empty line (RFC 9112 section 5). Of a line that begins
	// with the colon, or with "From " as in a mailbox, only the line itself is dropped.
	AllowBadLineEnds
	// AllowBadLineSkipped drops a line of a field section of a response that is no field line, and no other.
	// Set together with AllowBadLineEnds it is the one that counts.
	AllowBadLineSkipped
	// AllowBadLength takes a Content-Length that is no number for none at all, in a response (RFC 9110
	// section 8.6). A number too large to count with is not admitted, a field line that lists several
	// different ones is.
	AllowBadLength
	// AllowManyLengths takes the first of several Content-Length field lines that differ, in a response
	// (RFC 9112 section 6.3).
	AllowManyLengths
	// AllowCloseSubstring takes "close" anywhere in the Connection of a response for the connection
	// option (RFC 9110 section 7.6.1). It belongs to no rule: nothing is refused without it.
	AllowCloseSubstring
	// AllowLooseChunkExt takes any octets behind the ";" of a chunk-size for chunk extensions (RFC 9112
	// section 7.1.1).
	AllowLooseChunkExt
	// AllowTrailerEOF takes the end of the connection for the end of a trailer section that has not come
	// to its own; what there was of it is dropped (RFC 9112 section 8).
	AllowTrailerEOF

	lenientEnd
)

// LenientHTTPClient is what Python's http.client tolerates in a response, but for what was published as a
// weakness of it. docs/http-client.md lists what differs.
const LenientHTTPClient = AllowBareLF | AllowChunkBareLF | AllowNUL | AllowControls | AllowReasonControls |
	AllowObsFold | AllowLeadingSpace | AllowMissingReason | AllowLooseStatusLine | AllowAnyVersion |
	AllowLooseName | AllowBadLineEnds | AllowBadLength | AllowManyLengths | AllowCloseSubstring |
	AllowChunkSpace | AllowLooseChunkExt | AllowTrailerEOF

// LenientAll is every bit there is: what a tool sets that wants to see as much as can be read at all.
const LenientAll = lenientEnd - 1

// lenientNames stand in the order of the bits.
var lenientNames = [...]string{
	"AllowBareLF", "AllowBareCR", "AllowNUL", "AllowControls", "AllowObsFold", "AllowLeadingSpace",
	"AllowSpaceBeforeColon", "AllowMissingReason", "AllowObsTarget", "AllowMissingHost",
	"AllowChunkBareLF", "AllowChunkSpace", "AllowReasonControls",
	"AllowLooseStatusLine", "AllowAnyVersion", "AllowHTTP09", "AllowLooseName", "AllowBadLineEnds",
	"AllowBadLineSkipped", "AllowBadLength", "AllowManyLengths", "AllowCloseSubstring",
	"AllowLooseChunkExt", "AllowTrailerEOF",
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

// Deviation is a leniency that was used.
type Deviation struct {
	Lenient Lenient // one bit
	Offset  int64   // of the octets that needed it, or of their line
}

// ParseLenient returns the bit with the name given ("AllowBareLF"), the preset for "http.client", and false
// where there is none.
func ParseLenient(name string) (Lenient, bool) {
	if name == "http.client" {
		return LenientHTTPClient, true
	}
	for i, n := range lenientNames {
		if n == name {
			return 1 << i, true
		}
	}
	return 0, false
}
