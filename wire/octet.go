package wire

import "math/bits"

// Octets is what the grammar functions read: Go strings stand for their octets, as byte slices do.
type Octets interface{ ~string | ~[]byte }

// The classes of octets, as bits of octetClass. One table serves every scanner, so that one load
// answers each question of the grammar.
const (
	classToken  = 1 << iota // tchar, RFC 9110 section 5.6.2
	classValue              // field-vchar, SP and HTAB, RFC 9110 section 5.5
	classTarget             // what a request-target may hold, RFC 9112 section 3.2
	classHex                // HEXDIG, either case
	classDigit              // DIGIT
	className               // reg-name but for pct-encoded, RFC 3986 section 3.2.2
	classQdtext             // qdtext, RFC 9110 section 5.6.4
	classScheme             // scheme after its first letter, RFC 3986 section 3.1
)

var octetClass = makeOctetClass()

func makeOctetClass() (t [256]uint8) {
	set := func(class uint8, octets string) {
		for i := range len(octets) {
			t[octets[i]] |= class
		}
	}
	const (
		alpha = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		digit = "0123456789"
	)
	set(classToken, alpha+digit+"!#$%&'*+-.^_`|~")
	set(classHex, digit+"abcdefABCDEF")
	set(classDigit, digit)
	set(className, alpha+digit+"-._~!$&'()*+,;=")
	set(classScheme, alpha+digit+"+-.")
	for c := range 256 {
		visible := c >= 0x21 && c <= 0x7E
		if visible && c != '#' {
			t[c] |= classTarget
		}
		if visible || c == ' ' || c == '\t' || c >= 0x80 {
			t[c] |= classValue
			if c != '"' && c != '\\' {
				t[c] |= classQdtext
			}
		}
	}
	return t
}

// IsTokenOctet reports whether c is a tchar (RFC 9110 section 5.6.2).
func IsTokenOctet(c byte) bool { return octetClass[c]&classToken != 0 }

// IsToken reports whether s is a token: one tchar or more (RFC 9110 section 5.6.2). Methods, field
// names, connection options and names of transfer codings are tokens.
func IsToken[T Octets](s T) bool { return len(s) > 0 && indexNotClass(s, classToken) < 0 }

// IsFieldValue reports whether s is a field value as a sender may write it: visible octets, SP, HTAB
// and obs-text, without leading or trailing whitespace (RFC 9110 section 5.5). The empty value is one.
func IsFieldValue[T Octets](s T) bool {
	return indexNotValue(s) < 0 && !edgeSpace(s)
}

// edgeSpace reports whether s begins or ends with OWS, which a recipient would take off.
func edgeSpace[T Octets](s T) bool {
	return len(s) > 0 && (isSpace(s[0]) || isSpace(s[len(s)-1]))
}

// EqualFold reports whether a and b are the same token, ASCII letters compared without regard to
// case (field names, RFC 9110 section 5.1; connection options, section 7.6.1). Other octets compare
// as they are: there is no Unicode folding.
func EqualFold[A, B Octets](a A, b B) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if x, y := a[i], b[i]; x != y {
			// Letters of either case differ in bit 0x20 alone; the second test keeps '@' from '`'.
			if x|0x20 != y|0x20 || x|0x20 < 'a' || x|0x20 > 'z' {
				return false
			}
		}
	}
	return true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' }

// skipSpace returns the offset of the first octet of b from i on that is not OWS.
func skipSpace(b []byte, i int) int {
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	return i
}

func indexNotClass[T Octets](s T, class uint8) int {
	for i := range len(s) {
		if octetClass[s[i]]&class == 0 {
			return i
		}
	}
	return -1
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// load64 reads eight octets little-endian; the compiler makes one load of it.
func load64[T Octets](s T, i int) uint64 {
	_ = s[i+7]
	return uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
		uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
}

// controls marks (in the high bit of its octet) each octet of x below floor and each DEL. Borrows
// can mark octets above the lowest marked one wrongly, so only the lowest mark counts.
func controls(x uint64, floor uint64) uint64 {
	del := x ^ 0x7F*lowBits
	return ((x-floor*lowBits)&^x | (del-lowBits)&^del) & highBits
}

// firstMark returns the index of the octet that the lowest mark of controls stands for.
func firstMark(marks uint64) int { return bits.TrailingZeros64(marks) / 8 }

// indexNotValue returns the offset of the first octet of s that a field value cannot hold, or -1.
func indexNotValue[T Octets](s T) int {
	i := 0
	for ; i+8 <= len(s); i += 8 {
		if controls(load64(s, i), 0x20) != 0 {
			break // HTAB is marked too: the table decides below
		}
	}
	for ; i < len(s); i++ {
		if octetClass[s[i]]&classValue == 0 {
			return i
		}
	}
	return -1
}
