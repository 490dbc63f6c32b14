package headers

import "strconv"

// appendText appends the field lines for a person to read.
func (f *Fields) appendText(dst []byte) []byte {
	for name, value := range f.All() {
		dst = appendPrintable(dst, name)
		dst = append(dst, ": "...)
		dst = appendPrintable(dst, value)
		dst = append(dst, '\n')
	}
	return dst
}

func appendPrintable(dst, b []byte) []byte {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return strconv.AppendQuoteToASCII(dst, string(b))
		}
	}
	return append(dst, b...)
}
