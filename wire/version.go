package wire

// Version is an HTTP-version, its major and minor digit as tens and units: 10 for HTTP/1.0, 11 for
// HTTP/1.1 (RFC 9112 section 2.3).
type Version uint8

// The versions that this module sends.
const (
	HTTP10 Version = 10
	HTTP11 Version = 11
)

// Major returns the digit before the dot.
func (v Version) Major() int { return int(v / 10) }

// Minor returns the digit behind the dot.
func (v Version) Minor() int { return int(v % 10) }

// AtLeast11 reports whether the sender of v understands what HTTP/1.1 brought: a minor version above
// 1 is treated as 1 (RFC 9110 section 2.5).
func (v Version) AtLeast11() bool { return v >= HTTP11 && v < 20 }

// String returns "HTTP/1.1" and the like.
func (v Version) String() string { return string(AppendVersion(nil, v)) }

// AppendVersion appends v as it goes on the wire.
func AppendVersion(dst []byte, v Version) []byte {
	return append(dst, 'H', 'T', 'T', 'P', '/', '0'+byte(v.Major()%10), '.', '0'+byte(v.Minor()))
}

const (
	versionLen = len("HTTP/1.1")
	majorAt    = len("HTTP/") // where the major version stands in it
)

// versionText is HTTP-version as far as it is fixed; '0' stands for any digit.
const versionText = "HTTP/0.0"

// consumeVersion reads the HTTP-version at b[i:]. It returns bad = -1 when what is there begins a
// version (whole when len(b) allows), else the offset of the first octet that does not fit.
func consumeVersion(b []byte, i int) (v Version, bad int) {
	if len(b)-i >= versionLen {
		const text11 = 0x312e312f50545448 // "HTTP/1.1", little-endian
		if load64(b, i) == text11 {
			return HTTP11, -1
		}
	}
	for k := 0; k < versionLen && i+k < len(b); k++ {
		c, want := b[i+k], versionText[k]
		if want == '0' && octetClass[c]&classDigit != 0 {
			continue
		}
		if c != want {
			return 0, i + k
		}
	}
	if len(b)-i < versionLen {
		return 0, -1
	}
	return Version(10*(b[i+5]-'0') + b[i+7] - '0'), -1
}
