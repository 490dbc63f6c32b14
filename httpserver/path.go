package httpserver

import "strings"

// PathError says why a path of a request names no file.
type PathError struct {
	// Path is the path as it came.
	Path string
	// Why is what is wrong with it.
	Why string
}

func (e *PathError) Error() string {
	return "httpserver: path " + quote(e.Path) + ": " + e.Why
}

func quote(s string) string { return `"` + string(appendQuoted(nil, s)) + `"` }

// TranslatePath returns the name, below the directory that is served, of the file that the path of a
// request-target means: "." for "/", "a b/c" for "/a%20b/c?d". What is behind "?" or "#" is left out, and a
// slash at the end too. The name is in the form that the system has, for [os.Root].
//
// Percent-encoding is taken off once, segment by segment. A path is a [*PathError], which is to be answered by
// 400, when it is not absolute, its encoding is broken, or a segment is "." or "..", is empty and not the
// last, or has in it, encoded or not, a slash, a backslash or NUL, or what the system's names cannot have.
// Clients resolve "." and ".." before they send a path (RFC 3986 section 5.2.4).
func TranslatePath(path string) (name string, err error) {
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	bad := func(why string) (string, error) { return "", &PathError{path, why} }
	if path == "" || path[0] != '/' {
		return bad("it does not begin with a slash")
	}
	if path == "/" {
		return ".", nil
	}
	var b strings.Builder
	rest := strings.TrimSuffix(path[1:], "/")
	for segment := range strings.SplitSeq(rest, "/") {
		if b.Len() > 0 {
			b.WriteByte('/')
		}
		segment, why := decodeSegment(segment)
		if why != "" {
			return bad(why)
		}
		b.WriteString(segment)
	}
	name, err = localize(b.String())
	if err != nil {
		return bad("a segment is no name on this system")
	}
	return name, nil
}

// decodeSegment takes off the percent-encoding of one segment, or says why that is no name of a file.
func decodeSegment(s string) (segment, why string) {
	var b []byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) || hexDigit(s[i+1]) < 0 || hexDigit(s[i+2]) < 0 {
				return "", "an escape is not % and two hexadecimal digits"
			}
			c = byte(hexDigit(s[i+1])<<4 | hexDigit(s[i+2]))
			i += 2
		}
		switch c {
		case '/':
			return "", "a segment has an encoded slash"
		case '\\':
			return "", "a segment has a backslash"
		case 0:
			return "", "a segment has a NUL"
		}
		b = append(b, c)
	}
	return string(b), badSegment(string(b))
}

// badSegment says why a segment that was decoded is no name, or "".
func badSegment(s string) string {
	switch s {
	case "":
		return "a segment is empty"
	case ".", "..":
		return "a segment is . or .."
	}
	return ""
}

func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// escapeSegment percent-encodes all of a name but what RFC 3986 section 2.3 calls unreserved, so that it is one
// segment wherever it stands: a colon in it makes no scheme.
func escapeSegment(name string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
		} else {
			b.Write([]byte{'%', digits[c>>4], digits[c&15]})
		}
	}
	return b.String()
}
