package lines

import (
	"slices"
	"strings"
)

// FirstFinal returns the head and the octets behind it of the first response that is not interim.
func FirstFinal(sent []byte) (head, rest string) {
	rest = string(sent)
	for {
		var found bool
		head, rest, found = strings.Cut(rest, "\r\n\r\n")
		if !found || !strings.HasPrefix(head, "HTTP/1.1 1") {
			return head, rest
		}
	}
}

// Persists reports whether the first final response among what a server has sent lets the connection persist (RFC 9112
// section 9.3), and nil where there is none.
func Persists(sent []byte) *bool {
	head, _ := FirstFinal(sent)
	if !strings.HasPrefix(head, "HTTP/1.") {
		return nil
	}
	all := strings.Split(strings.ToLower(head), "\r\n")
	persists := !slices.Contains(all, "connection: close") &&
		(!strings.HasPrefix(head, "HTTP/1.0") || slices.Contains(all, "connection: keep-alive"))
	return &persists
}
